"""OpenAI-compatible endpoints, chat and raw completions: OpenAI, OpenRouter, Ollama, vLLM, llama.cpp and their like.

`openai:gpt-5-mini`, `openrouter:vendor/model`, `ollama:llama3.2`, or an address: `http://127.0.0.1:8000/v1#name`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from ...contracts.models import Answer, Call, Capabilities, Message, ToolCall, Usage
from ...registry import register
from .._http import LOOPBACK, check_address
from .._http import Endpoint as _Endpoint
from ..errors import Faulty, KeyRefused, ModelUnknown
from ..limits import Limits
from ..naming import look_up

__all__ = ["Endpoint", "Ollama", "OpenAI", "OpenRouter"]

_FINISH = {
    "stop": "stop", "eos": "stop", "stop_sequence": "stop", "end_turn": "stop",
    "length": "length", "max_tokens": "length", "max_output_tokens": "length", "model_length": "length",
    "tool_calls": "tools", "function_call": "tools", "tool_use": "tools",
    "content_filter": "refusal", "safety": "refusal",
}  # fmt: skip
_BROKEN = {"error", "abort", "aborted", "cancelled"}


@register("model")
class OpenAI:
    """OpenAI's own endpoint; key from OPENAI_API_KEY, another address from OPENAI_BASE_URL."""

    name: ClassVar[str] = "openai"
    address: ClassVar[str] = "https://api.openai.com/v1"
    address_variable: ClassVar[str] = "OPENAI_BASE_URL"
    key_variable: ClassVar[str] = "OPENAI_API_KEY"
    needs_key: ClassVar[bool] = True
    limit_word: ClassVar[str] = "max_completion_tokens"
    schema_modes: ClassVar[tuple[str, ...]] = ("json_schema", "tools", "json")

    def __init__(self, rest: str) -> None:
        address = look_up(self.address_variable) if self.address_variable else None
        self._begin(rest, check_address(address or self.address))

    def _begin(self, model: str, base: str) -> None:
        self.model, self._base = model, base
        self.identity = f"{self.name}:{model}"
        self.width = 64
        self.capabilities = Capabilities(
            schema=self.schema_modes, completions=True, logprobs=True, tools=True, seed=True, local=_is_here(base)
        )
        self._endpoint: _Endpoint | None = None
        self._last: tuple[Any, bool] = (None, False)

    @property
    def announced(self) -> Limits | None:
        """The limits that the server named last."""
        return self._endpoint.announced if self._endpoint is not None else None

    async def send(self, call: Call) -> Answer:
        """Send the call once."""
        endpoint = self._open()
        if call.prompt is not None:
            return _completion(await endpoint.post("/completions", self._payload(call)), call, self.identity)
        return _chat(await endpoint.post("/chat/completions", self._payload(call)), call, self.identity)

    async def models(self) -> list[str]:
        """Return the names of the models that the endpoint offers."""
        found = (await self._open().get("/models")).get("data") or []
        return [str(one["id"]) for one in found if isinstance(one, dict) and "id" in one]

    async def close(self) -> None:
        """Close the connections."""
        if self._endpoint is not None:
            await self._endpoint.close()

    def _open(self) -> _Endpoint:
        if self._endpoint is None:
            key = look_up(self.key_variable)
            if key is None and self.needs_key:
                hint = f"set {self.key_variable} in the environment or in .env"
                raise KeyRefused("there is no key for this model", where=self.identity, hint=hint)
            headers = {"Authorization": f"Bearer {key}"} if key else {}
            self._endpoint = _Endpoint(self._base, self.identity, headers=headers, secrets=(key or "",))
        return self._endpoint

    def _payload(self, call: Call) -> dict[str, Any]:
        payload: dict[str, Any] = {"model": self.model}
        if call.prompt is not None:
            payload["prompt"] = call.prompt
        else:
            payload["messages"] = [_turn(message) for message in call.messages]
        if call.seed is not None:
            payload["seed"] = call.seed
        for name, value in call.parameters.items():
            payload.update(self._parameter(name, value, raw=call.prompt is not None))
        if call.schema is not None:
            shape = {"name": "answer", "schema": call.schema, "strict": self._strict(call.schema)}
            payload["response_format"] = {"type": "json_schema", "json_schema": shape}
        if call.tools:
            payload["tools"] = [{"type": "function", "function": tool} for tool in call.tools]
        return payload

    def _strict(self, schema: Any) -> bool:
        # Most calls of a run have one and the same schema.
        if self._last[0] is not schema:
            self._last = (schema, _is_strict(schema))
        return self._last[1]

    def _parameter(self, name: str, value: Any, *, raw: bool) -> dict[str, Any]:
        if name == "max_tokens":
            return {"max_tokens" if raw else self.limit_word: value}
        if name == "top_logprobs":
            return {"logprobs": value} if raw else {"logprobs": True, "top_logprobs": value}
        if name == "tool_choice" and value not in ("auto", "none", "required"):
            return {"tool_choice": {"type": "function", "function": {"name": value}}}
        if name == "response_format" and value == "json":
            return {"response_format": {"type": "json_object"}}
        return {name: value}


@register("model")
class OpenRouter(OpenAI):
    """OpenRouter, `openrouter:vendor/model`; key from OPENROUTER_API_KEY."""

    name = "openrouter"
    address = "https://openrouter.ai/api/v1"
    address_variable = ""
    key_variable = "OPENROUTER_API_KEY"
    limit_word = "max_tokens"


@register("model")
class Ollama(OpenAI):
    """A local Ollama server, `ollama:llama3.2`; another address from OLLAMA_HOST."""

    name = "ollama"
    address = "http://127.0.0.1:11434/v1"
    address_variable = ""
    key_variable = "OLLAMA_API_KEY"
    needs_key = False
    limit_word = "max_tokens"

    def __init__(self, rest: str) -> None:
        host = look_up("OLLAMA_HOST")
        self._begin(rest, check_address(_ollama(host) if host else self.address))


def _ollama(host: str) -> str:
    """Return the address behind OLLAMA_HOST, which may lack scheme and port, and may be what a server listens on."""
    if "://" in host:
        return host.rstrip("/") + "/v1"
    name, _, port = host.rstrip("/").partition(":")
    return f"http://{'127.0.0.1' if name in ('0.0.0.0', '') else name}:{port or 11434}/v1"


@register("model")
class Endpoint(OpenAI):
    """Any OpenAI-compatible address, `http://127.0.0.1:8000/v1#name`; key, if any, from SIMULACRA_API_KEY.

    Without `#name` it asks for the model that the server offers first.
    """

    name = "endpoint"
    key_variable = "SIMULACRA_API_KEY"
    needs_key = False
    limit_word = "max_tokens"

    def __init__(self, rest: str) -> None:
        base, _, model = rest.partition("#")
        self._begin(model or "default", check_address(base))
        self._named = bool(model)

    async def send(self, call: Call) -> Answer:
        """Send the call once."""
        if not self._named:
            try:
                self.model = next(iter(await self.models()), "default")
            except ModelUnknown as error:
                hint = f"name the model behind the address: {self._base}#NAME"
                raise ModelUnknown("the server does not list its models", where=self.identity, hint=hint) from error
            self._named = True
        return await super().send(call)


def _turn(message: Message) -> dict[str, Any]:
    turn: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tools:
        turn["tool_calls"] = [
            {"id": tool.identity, "type": "function", "function": {"name": tool.name, "arguments": tool.arguments}}
            for tool in message.tools
        ]
    if message.answers:
        turn["tool_call_id"] = message.answers
    return turn


def _chat(body: Mapping[str, Any], call: Call, where: str) -> Answer:
    choice = _choice(body, where)
    message = choice.get("message")
    if not isinstance(message, dict):
        raise Faulty("the answer has no message", where=where, charged=True)
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    tools = tuple(
        ToolCall(str(one["function"].get("name", "")), _arguments(one["function"]), str(one.get("id", "")))
        for one in message.get("tool_calls") or ()
        if isinstance(one, dict) and isinstance(one.get("function"), dict)
    )
    refused = message.get("refusal")
    finish = "refusal" if refused else _finish(choice, where)
    text = str(content or refused or "")
    if not text and not tools and finish == "stop":
        raise Faulty("the answer is empty", where=where, charged=True)
    if tools and finish == "stop":
        finish = "tools"
    return Answer(text, finish=finish, tools=tools, usage=_usage(body, call, text), logprobs=_logprobs(choice))


def _completion(body: Mapping[str, Any], call: Call, where: str) -> Answer:
    choice = _choice(body, where)
    text = str(choice.get("text") or "")
    finish = _finish(choice, where)
    return Answer(text, finish=finish, usage=_usage(body, call, text), logprobs=_logprobs(choice))


def _finish(choice: Mapping[str, Any], where: str) -> str:
    """Return why the answer ended; Faulty if the server says that it broke off. Unknown words count as its end."""
    word = str(choice.get("finish_reason") or "stop").lower()
    if word in _BROKEN:
        raise Faulty(f"the server broke the answer off ({word})", where=where, charged=True)
    return _FINISH.get(word, "stop")


def _choice(body: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise Faulty("the answer has no choices", where=where, charged=True)
    choice: Mapping[str, Any] = choices[0]
    return choice


def _arguments(function: Mapping[str, Any]) -> str:
    value = function.get("arguments", "")
    if isinstance(value, str):
        return value
    import json

    return json.dumps(value, ensure_ascii=False)


def _usage(body: Mapping[str, Any], call: Call, text: str) -> Usage:
    usage = body.get("usage")
    if isinstance(usage, dict) and isinstance(usage.get("prompt_tokens"), int):
        written = usage.get("completion_tokens")
        return Usage(usage["prompt_tokens"], written if isinstance(written, int) else 0)
    # A server that does not count is counted for: four characters a token.
    asked = sum(len(turn.content) for turn in call.messages) + len(call.prompt or "")
    return Usage(asked // 4 + 1, len(text) // 4 + 1)


def _logprobs(choice: Mapping[str, Any]) -> tuple[tuple[str, float, Mapping[str, float]], ...]:
    given = choice.get("logprobs")
    if not isinstance(given, dict):
        return ()
    if isinstance(content := given.get("content"), list):
        return tuple(
            (one["token"], one["logprob"], {other["token"]: other["logprob"] for other in one.get("top_logprobs", ())})
            for one in content
        )
    tokens, values = given.get("tokens") or (), given.get("token_logprobs") or ()
    others = given.get("top_logprobs") or [{}] * len(tokens)
    return tuple((token, value, other or {}) for token, value, other in zip(tokens, values, others, strict=False))


def _is_strict(schema: Any) -> bool:
    """Whether OpenAI's strict mode takes it: every object closed, every property required."""
    if isinstance(schema, Mapping):
        if "properties" in schema and (
            schema.get("additionalProperties") is not False
            or set(schema.get("required", ())) != set(schema["properties"])
        ):
            return False
        return all(_is_strict(value) for value in schema.values())
    return all(map(_is_strict, schema)) if isinstance(schema, list | tuple) else True


def _is_here(base: str) -> bool:
    return urlsplit(base).hostname in LOOPBACK
