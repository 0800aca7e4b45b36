"""The embedded model: SmolLM2-135M-Instruct in this process; no key, no network, the same answer to the same call.

A weak writer: `models.profile` says which forms of question suit it, `docs/embedded.md` what it is good for.
Needs the extra `[local]` and the weights (`simulacra models install`).
"""

from __future__ import annotations

from ...errors import RecipeError
from ...registry import register
from ..weights import locate
from ._llama import Settings
from ._spoken import InProcess

__all__ = ["Embedded"]

WEIGHTS = "smollm2-135m"


@register("model")
class Embedded(InProcess):
    """SmolLM2-135M-Instruct inside this process: offline, free, deterministic, weak."""

    name = "embedded"
    usual = WEIGHTS
    """The model of a name that names none."""

    def __init__(self, model: str = "", *, settings: Settings | None = None) -> None:
        """`model` : empty or "smollm2-135m", the only one. Nothing is loaded before the first call."""
        if model not in ("", WEIGHTS):
            hint = f"there is {WEIGHTS}; your own model by path: gguf:/path/to/model.gguf"
            raise RecipeError(f"no embedded model is called {model!r}", where="model", hint=hint)
        super().__init__(f"{self.name}:{WEIGHTS}", lambda: locate(WEIGHTS)[0], settings or Settings())
