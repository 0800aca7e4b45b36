"""What a run in which models write would cost, as a plan tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..contracts.models import Call
from ..models.estimate import Estimate, estimate_calls
from ..models.prices import Prices

__all__ = ["estimate_for", "is_local", "tell_cost"]

_LOCAL = ("embedded", "echo", "gguf", "python")


def is_local(model: str) -> bool:
    """Say whether a model runs on this machine and costs nothing, by its name."""
    return model.partition(":")[0] in _LOCAL


def estimate_for(
    calls: Sequence[Call],
    count: int,
    *,
    width: int | None = None,
    prices: Mapping[str, Any] | None = None,
) -> Estimate:
    """Return what `count` calls like these come to. width : calls at once, None: as many as is usual."""
    free = {call.model for call in calls if is_local(call.model)}
    return estimate_calls(calls, count=count, prices=Prices(prices), free=free, width=width or (8 if free else 64))


def tell_cost(found: Estimate, budget: float | None = None) -> dict[str, Any]:
    """Return the entries of a plan that say what is asked and what it costs."""
    return {
        "model_calls": found.calls,
        "tokens_read": found.tokens_in,
        "tokens_written": found.tokens_out,
        "dollars": "a price is not known" if found.dollars is None else found.dollars,
        "budget": budget,
        "seconds": round(found.seconds),
    }
