"""The contracts of language models: what is asked, what is answered, who answers, and embeddings.

A `Call` is the unit of payment and of durability. Its key says what was asked of whom, never where or with which key:
the same call is paid once, whatever the address, the concurrency or the number of runs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Answer", "Backend", "Call", "Capabilities", "Embedder", "Message", "ToolCall", "Usage"]

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a tool that a model asked for; `arguments` is JSON text as the model wrote it."""

    name: str
    arguments: str
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. `tools` : what an assistant's turn asked for; `answers` : the identity of the tool call it answers."""

    role: Role
    content: str
    tools: tuple[ToolCall, ...] = ()
    answers: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One question to a model.

    model : the model's identity, e.g. "openai:gpt-5-mini", "embedded:smollm2-135m".
    messages : the turns of a chat; or `prompt`, raw text to be continued. Exactly one of them is given.
    parameters : "temperature", "top_p", "max_tokens", "stop", "top_logprobs" ...: plain JSON values.
    schema : JSON schema that the answer must satisfy. tools : JSON schemas of functions the model may call.
    sample : which of several answers to one question. seed : the model's seed, if it takes one.
    """

    model: str
    messages: tuple[Message, ...] = ()
    prompt: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    schema: Mapping[str, Any] | None = None
    tools: tuple[Mapping[str, Any], ...] = ()
    sample: int = 0
    seed: int | None = None

    def key(self) -> str:
        """Return the call's digest, 32 hexadecimal digits, a function of its content alone."""
        turns = [
            [turn.role, turn.content, [[tool.name, tool.arguments, tool.identity] for tool in turn.tools], turn.answers]
            for turn in self.messages
        ]
        content = [
            self.model, turns, self.prompt, dict(self.parameters), self.schema, self.tools, self.sample, self.seed
        ]  # fmt: skip
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=dict)
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer took: tokens read and written, money in US dollars (0 for a model that costs none)."""

    tokens_in: int = 0
    tokens_out: int = 0
    dollars: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said.

    text : the words. data : the JSON value, if the call had a schema. tools : the calls of tools it asks for.
    finish : "stop", "length" (cut off: never accepted as a whole answer), "tools", "refusal".
    logprobs : per generated token (text, log probability, alternatives {text: log probability}), if asked for.
    repaired : the JSON had slips of syntax that were mended without loss. stored : it was paid for before.
    """

    text: str
    data: Any = None
    finish: str = "stop"
    tools: tuple[ToolCall, ...] = ()
    usage: Usage = Usage()
    logprobs: tuple[tuple[str, float, Mapping[str, float]], ...] = ()
    repaired: bool = False
    stored: bool = False


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a backend can do by itself.

    schema : native modes of structured output, best first, of "json_schema", "tools", "json".
    local : runs on this machine, costs nothing, needs no network. deterministic : the same call gives the same answer.
    """

    schema: tuple[str, ...] = ()
    completions: bool = False
    logprobs: bool = False
    tools: bool = False
    seed: bool = False
    local: bool = False
    deterministic: bool = False
    context: int | None = None


class Backend(Protocol):
    """Who answers: one endpoint, one embedded model, one script. It sends a call once; retries, limits, money,
    repair and storing are the engine's.
    """

    name: str
    """What comes before the first colon in a model's name, e.g. "openai"."""
    identity: str
    """The model's full identity, that of its calls; holds no address and no key."""
    capabilities: Capabilities
    width: int
    """How many calls it takes at once unless the user says otherwise."""

    async def send(self, call: Call) -> Answer:
        """Send the call once. Raises the errors of `models.errors`, which say whether it may be tried again."""

    async def close(self) -> None:
        """Release connections or the model; safe to call twice."""


class Embedder(Protocol):
    """Turns texts into vectors whose dot product tells how alike they are in meaning."""

    name: str
    identity: str
    width: int
    """Length of a vector."""

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return vectors : (n_texts, width), rows of length 1; an empty text gives a row of zeros."""
