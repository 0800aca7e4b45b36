"""An assistant behind an address of its own making: what is posted and where the reply stands, in a small YAML file.

url: http://127.0.0.1:9000/chat
headers: {X-Key: "{env:CHAT_KEY}"}
body: {text: "{message}", history: "{messages}", session: "{session}"}
reply: answer.text
tools: answer.calls
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ...contracts.models import Answer, Call, Capabilities, ToolCall
from ...errors import RecipeError
from ...models._http import LOOPBACK, Endpoint
from ...models.errors import Declined
from ...models.naming import look_up

__all__ = ["HttpTemplate", "read_template"]

_ENTRIES = {"url", "headers", "body", "reply", "tools"}
_HINT = "docs/redteam.md shows one"


class HttpTemplate:
    """A model backend that fills a template; `{message}` is the last turn, `{messages}` all, `{session}` a talk's id.

    reply, tools : dotted paths in the answer's JSON; numbers are places in lists. Tools are {name, arguments}.
    """

    name = "http"
    capabilities = Capabilities(tools=True)
    width = 8

    def __init__(self, told: Mapping[str, Any], identity: str) -> None:
        parts = urlsplit(str(told["url"]))
        self.identity = f"http:{identity}"
        self.is_local = parts.hostname in LOOPBACK
        self._body, self._reply, self._tools = told["body"], str(told["reply"]), str(told.get("tools", ""))
        headers = {str(name): _with_keys(str(value)) for name, value in dict(told.get("headers", {})).items()}
        base = f"{parts.scheme}://{parts.netloc}"
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._endpoint = Endpoint(base, self.identity, headers=headers, secrets=tuple(headers.values()))

    async def send(self, call: Call) -> Answer:
        """Post the template once."""
        turns = [{"role": turn.role, "content": turn.content} for turn in call.messages]
        first = f"{turns[0]['content']}\x1f{call.sample}"
        session = hashlib.blake2b(first.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        values = {"message": turns[-1]["content"], "messages": turns, "session": session}
        said = await self._endpoint.post(self._path, _filled(self._body, values))
        text = _at(said, self._reply)
        if text is None:
            raise Declined(f"the answer has nothing at {self._reply!r}", where=self.identity)
        calls = (_at(said, self._tools) or []) if self._tools else []
        tools = tuple(ToolCall(str(one["name"]), _as_json(one.get("arguments", {}))) for one in calls)
        return Answer(
            text if isinstance(text, str) else json.dumps(text), finish="tools" if tools else "stop", tools=tools
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._endpoint.close()


def read_template(path: Path) -> HttpTemplate:
    """Return the target that a YAML file describes; RecipeError if it does not."""
    import yaml

    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        seen = f"the target's file cannot be read ({str(error).splitlines()[0]})"
        raise RecipeError(seen, where=str(path), hint=_HINT) from error
    if not isinstance(told, Mapping) or not {"url", "body", "reply"} <= set(told) <= _ENTRIES:
        raise RecipeError(
            "a target has url, body and reply, and may have headers and tools", where=str(path), hint=_HINT
        )
    if urlsplit(str(told["url"])).scheme not in ("http", "https"):
        raise RecipeError("the target's url is none", where=str(path), hint="e.g. http://127.0.0.1:9000/chat")
    return HttpTemplate(told, path.stem)


def _filled(body: Any, values: Mapping[str, Any]) -> Any:
    """Return the template with its places filled; a text that is one place alone becomes the value itself."""
    if isinstance(body, Mapping):
        return {key: _filled(one, values) for key, one in body.items()}
    if isinstance(body, list):
        return [_filled(one, values) for one in body]
    if not isinstance(body, str):
        return body
    if (whole := re.fullmatch(r"\{(\w+)\}", body)) and whole[1] in values:
        return values[whole[1]]
    return re.sub(r"\{(message|session)\}", lambda place: str(values[place[1]]), body)


def _at(value: Any, path: str) -> Any:
    for step in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, Sequence) and not isinstance(value, str) and step.lstrip("-").isdigit():
            value = value[int(step)] if -len(value) <= int(step) < len(value) else None
        else:
            return None
    return value


def _as_json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _with_keys(text: str) -> str:
    """Return a header with {env:NAME} replaced from the environment; RecipeError if it is not set."""

    def found(place: re.Match[str]) -> str:
        value = look_up(place[1])
        if value is None:
            raise RecipeError(
                f"the variable {place[1]} is not set", where="headers", hint="set it, or write it in .env"
            )
        return value

    return re.sub(r"\{env:(\w+)\}", found, text)
