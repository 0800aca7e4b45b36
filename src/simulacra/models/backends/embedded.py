"""The embedded model: SmolLM2-135M-Instruct in this process; no key, no network, the same answer to the same call.

A weak writer: `models.profile` says which forms of question suit it, `docs/embedded.md` what it is good for.
Needs the extra `[local]` and the weights (`simulacra models install`).
"""

from __future__ import annotations

from ...contracts.models import Answer, Call, Capabilities
from ...errors import RecipeError
from ...registry import register
from ..weights import locate
from ._llama import Llama, Settings
from ._spoken import answer, request

__all__ = ["Embedded"]

WEIGHTS = "smollm2-135m"


@register("model")
class Embedded:
    """SmolLM2-135M-Instruct inside this process: offline, free, deterministic, weak."""

    name = "embedded"

    def __init__(self, model: str = "", *, settings: Settings | None = None) -> None:
        """`model` : empty or "smollm2-135m", the only one. Nothing is loaded before the first call."""
        if model not in ("", WEIGHTS):
            hint = f"there is {WEIGHTS}; your own model by path: gguf:/path/to/model.gguf"
            raise RecipeError(f"no embedded model is called {model!r}", where="model", hint=hint)
        self.identity = f"{self.name}:{WEIGHTS}"
        self.llama = Llama(lambda: locate(WEIGHTS)[0], settings or Settings())
        self.width = self.llama.settings.slots
        self.capabilities = Capabilities(
            schema=("json_schema",), completions=True, logprobs=True, seed=True, local=True, deterministic=True,
            context=self.llama.settings.context,
        )  # fmt: skip

    async def send(self, call: Call) -> Answer:
        """Answer the call in a free slot. Raises MissingError, ModelFileError, or Declined if it is too long."""
        return await answer(self.llama, call, request(call))

    async def close(self) -> None:
        """Stop what runs and free the model's memory."""
        await self.llama.close()
