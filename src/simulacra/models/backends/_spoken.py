"""Between a call and llama.cpp's own words: the request that says a call, the answer that the pieces say."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...contracts.models import Answer, Call, Capabilities, Usage
from ..errors import Declined, RequestRefused
from ._llama import Llama, Refused, Settings, plain

__all__ = ["InProcess", "answer", "request", "seed_of"]

MAX_TOKENS = 256
"""How long an answer may be if the call does not say: a weak model does not always stop by itself."""
_SAMPLERS = ("top_k", "top_p", "min_p", "temperature")
_PENALTIES = ("repeat_penalty", "presence_penalty", "frequency_penalty")
_TAKEN = {*_SAMPLERS, *_PENALTIES, "max_tokens", "stop", "top_logprobs", "logprobs", "ignore_eos", "grammar"}
_FINISH = {"stop": "stop", "length": "length", "tool_calls": "tools", None: "stop"}


class InProcess:
    """A model of llama.cpp in this process. path : gives its file when it is needed, or raises what is missing."""

    def __init__(self, identity: str, path: Callable[[], Path], settings: Settings) -> None:
        self.identity, self.llama, self.width = identity, Llama(path, settings), settings.slots
        self.capabilities = Capabilities(
            schema=("json_schema",), completions=True, logprobs=True, seed=True, local=True, deterministic=True,
            context=settings.context,
        )  # fmt: skip

    async def send(self, call: Call) -> Answer:
        """Answer the call in a free slot. Raises MissingError, ModelFileError, or Declined if it is too long."""
        return await answer(self.llama, call, request(call))

    async def close(self) -> None:
        """Stop what runs and free the model's memory."""
        await self.llama.close()


def request(call: Call) -> dict[str, Any]:
    """Return the body that asks `call`. Raises RequestRefused for parameters that are not known, and for tools."""
    given = dict(call.parameters)
    if strange := sorted(set(given) - _TAKEN):
        hint = f"known are {', '.join(sorted(_TAKEN))}"
        raise RequestRefused(f"the embedded model has no parameter {strange[0]!r}", where=call.model, hint=hint)
    if call.tools:
        raise RequestRefused("the embedded model calls no tools", where=call.model, hint="ask for JSON by a schema")
    wanted = int(given.pop("top_logprobs", 0) or 0) or int(bool(given.pop("logprobs", 0)))
    given.pop("logprobs", None)
    if "temperature" not in given:
        given["temperature"] = 0.8
    if not any(name in given for name in _SAMPLERS[:3]):
        given["min_p"] = 0.05
    # Only what is asked for is computed: sampling over 49,152 words takes a tenth of the time of a token.
    samplers = [name for name in _SAMPLERS if name in given]
    penalties = ["penalties"] if any(name in given for name in _PENALTIES) else []
    body = {"max_tokens": MAX_TOKENS, **given, "samplers": [*penalties, *samplers], "seed": seed_of(call)}
    if call.prompt is None:
        turns = [{"role": turn.role, "content": turn.content} for turn in call.messages]
        body |= {"messages": turns, **({"logprobs": True, "top_logprobs": wanted} if wanted else {})}
    else:
        body |= {"prompt": call.prompt, **({"logprobs": wanted} if wanted else {})}
    if call.schema is not None:
        body["json_schema"] = call.schema
    whole: dict[str, Any] = plain(body)
    return whole


def seed_of(call: Call) -> int:
    """Return the model's seed, in [0, 2**32 - 1): of the call's seed and sample, or of its whole content.

    >>> seed_of(Call("m", prompt="a", seed=1)) == seed_of(Call("m", prompt="b", seed=1))
    True
    >>> seed_of(Call("m", prompt="a", seed=1)) == seed_of(Call("m", prompt="a", seed=1, sample=1))
    False
    """
    text = call.key() if call.seed is None else f"{call.seed} {call.sample}"
    number = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
    return number % 0xFFFF_FFFF  # 2**32 - 1 means "by chance" to the library


async def answer(llama: Llama, call: Call, body: Mapping[str, Any]) -> Answer:
    """Return what the model says to a body. Raises Declined (too long, a schema it cannot hold to), RequestRefused."""
    try:
        pieces = await llama.ask("text" if call.prompt is not None else "chat", body)
    except Refused as refusal:
        if "context" in refusal.kind or "context size" in str(refusal):
            raise Declined(f"the question is too long ({refusal})", where=call.model) from refusal
        if "schema" in str(refusal) or "grammar" in str(refusal):
            raise Declined(f"the schema cannot be held to ({refusal})", where=call.model) from refusal
        raise RequestRefused(f"llama.cpp refused the request ({refusal})", where=call.model) from refusal
    return _read(pieces)


def _read(pieces: Sequence[Mapping[str, Any]]) -> Answer:
    text: list[str] = []
    tokens: list[Mapping[str, Any]] = []
    finish, usage = None, Usage()
    for piece in pieces:
        for choice in piece.get("choices") or ():
            said = choice.get("delta", {}).get("content") if "delta" in choice else choice.get("text")
            text.append(said or "")
            tokens += (choice.get("logprobs") or {}).get("content") or ()
            finish = choice.get("finish_reason") or finish
        if piece.get("usage"):
            usage = Usage(int(piece["usage"]["prompt_tokens"]), int(piece["usage"]["completion_tokens"]))
    logprobs = tuple(
        (token["token"], float(token["logprob"]), {t["token"]: float(t["logprob"]) for t in token["top_logprobs"]})
        for token in tokens
    )
    return Answer("".join(text), finish=_FINISH.get(finish, "stop"), usage=usage, logprobs=logprobs)
