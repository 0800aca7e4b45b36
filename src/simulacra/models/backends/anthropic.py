"""Anthropic's messages endpoint: `anthropic:claude-sonnet-4-5`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from ...contracts.models import Answer, Call, Capabilities, Message, ToolCall, Usage
from ...registry import register
from .._http import Endpoint, check_address
from ..errors import Faulty, KeyRefused
from ..limits import Limits
from ..naming import look_up

__all__ = ["Anthropic"]

_FINISH = {"max_tokens": "length", "model_context_window_exceeded": "length", "tool_use": "tools", "refusal": "refusal"}
_WRITTEN = 4096  # the endpoint insists on a bound


@register("model")
class Anthropic:
    """Anthropic's own endpoint; key from ANTHROPIC_API_KEY, another address from ANTHROPIC_BASE_URL."""

    name: ClassVar[str] = "anthropic"
    key_variable: ClassVar[str] = "ANTHROPIC_API_KEY"
    needs_key: ClassVar[bool] = True

    def __init__(self, rest: str) -> None:
        self.model, self.identity = rest, f"anthropic:{rest}"
        base = check_address(look_up("ANTHROPIC_BASE_URL") or "https://api.anthropic.com")
        self._base = base.removesuffix("/v1")
        self.width = 32
        self.capabilities = Capabilities(schema=("tools",), tools=True)
        self._endpoint: Endpoint | None = None

    @property
    def announced(self) -> Limits | None:
        """The limits that the server named last."""
        return self._endpoint.announced if self._endpoint is not None else None

    async def send(self, call: Call) -> Answer:
        """Send the call once."""
        return _answer(await self._open().post("/v1/messages", self._payload(call)), self.identity)

    async def close(self) -> None:
        """Close the connections."""
        if self._endpoint is not None:
            await self._endpoint.close()

    def _open(self) -> Endpoint:
        if self._endpoint is None:
            key = look_up(self.key_variable)
            if key is None:
                hint = f"set {self.key_variable} in the environment or in .env"
                raise KeyRefused("there is no key for this model", where=self.identity, hint=hint)
            headers = {"x-api-key": key, "anthropic-version": "2023-06-01"}
            self._endpoint = Endpoint(self._base, self.identity, headers=headers, secrets=(key,))
        return self._endpoint

    def _payload(self, call: Call) -> dict[str, Any]:
        turns = [_turn(message) for message in call.messages if message.role != "system"]
        payload: dict[str, Any] = {"model": self.model, "max_tokens": _WRITTEN, "messages": _joined(turns)}
        if system := "\n\n".join(turn.content for turn in call.messages if turn.role == "system"):
            payload["system"] = system
        for name, value in call.parameters.items():
            payload.update(_parameter(name, value))
        if call.tools:
            payload["tools"] = [
                {
                    "name": tool["name"],
                    "description": tool.get("description", ""),
                    "input_schema": tool.get("parameters", {"type": "object"}),
                }
                for tool in call.tools
            ]
        return payload


def _parameter(name: str, value: Any) -> dict[str, Any]:
    if name == "stop":
        return {"stop_sequences": [value] if isinstance(value, str) else list(value)}
    if name == "tool_choice":
        words = {"auto": {"type": "auto"}, "none": {"type": "none"}, "required": {"type": "any"}}
        return {"tool_choice": words.get(value, {"type": "tool", "name": value})}
    return {} if name == "response_format" else {name: value}


def _turn(message: Message) -> dict[str, Any]:
    if message.role == "tool":
        result = {"type": "tool_result", "tool_use_id": message.answers, "content": message.content}
        return {"role": "user", "content": [result]}
    parts: list[dict[str, Any]] = [{"type": "text", "text": message.content}] if message.content else []
    parts += [
        {"type": "tool_use", "id": tool.identity, "name": tool.name, "input": _object(tool.arguments)}
        for tool in message.tools
    ]
    return {"role": message.role, "content": parts}


def _joined(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the turns with neighbours of one role as one: the endpoint wants them to alternate."""
    joined: list[dict[str, Any]] = []
    for turn in turns:
        if joined and joined[-1]["role"] == turn["role"]:
            joined[-1] = {"role": turn["role"], "content": [*joined[-1]["content"], *turn["content"]]}
        else:
            joined.append(turn)
    return joined


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _answer(body: Mapping[str, Any], where: str) -> Answer:
    parts = body.get("content")
    if not isinstance(parts, list):
        raise Faulty("the answer has no content", where=where, charged=True)
    parts = [part for part in parts if isinstance(part, dict)]
    text = "".join(str(part.get("text", "")) for part in parts if part.get("type") == "text")
    tools = tuple(
        ToolCall(
            str(part.get("name", "")), json.dumps(part.get("input") or {}, ensure_ascii=False), str(part.get("id"))
        )
        for part in parts
        if part.get("type") == "tool_use"
    )
    finish = _FINISH.get(str(body.get("stop_reason")), "stop")
    if not text and not tools and finish == "stop":
        raise Faulty("the answer is empty", where=where, charged=True)
    usage = body.get("usage") or {}
    read = sum(
        int(usage.get(name) or 0) for name in ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    )
    return Answer(text, finish=finish, tools=tools, usage=Usage(read, int(usage.get("output_tokens") or 0)))
