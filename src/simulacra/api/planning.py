"""What a run in which models write would cost, as a plan tells it."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from pathlib import Path
from typing import Any

from ..contracts.models import Call
from ..models.estimate import Estimate, estimate_calls
from ..models.naming import identity_named
from ..models.prices import LISTED, Prices, PriceTable
from ..models.profile import profile_of

__all__ = ["estimate_for", "is_local", "tell_cost", "tell_rework"]

_LOCAL = ("embedded", "echo", "gguf", "python")
_EMBEDDED, _BYTES = profile_of("embedded:smollm2-135m"), 145e6
"""What is known of the embedded model; the length of its weights, in whose ratio another one is slower."""


def is_local(model: str) -> bool:
    """Say whether a model runs on this machine and costs nothing, by its name."""
    return model.partition(":")[0] in _LOCAL


def estimate_for(
    calls: Sequence[Call],
    count: int,
    *,
    width: int | None = None,
    prices: PriceTable | None = None,
) -> Estimate:
    """Return what `count` calls like these come to. width : calls at once, None: as many as is usual."""
    free = {call.model for call in calls if is_local(call.model)}
    speeds = {model: speed for model in free if (speed := _speed(model)) is not None}
    return estimate_calls(
        calls, count=count, prices=Prices(prices), free=free, speeds=speeds, rework=_EMBEDDED.rework,
        width=width or (8 if free else 64),
    )  # fmt: skip


def _speed(model: str) -> tuple[float, float] | None:
    """Return tokens read and written a second of a model on this machine, None where nothing is known of it."""
    kind, _, rest = model.partition(":")
    if kind == "echo":
        return inf, inf
    if kind == "gguf" and (path := Path(rest).expanduser()).is_file():
        times = _BYTES / max(1, path.stat().st_size)
        return None if _EMBEDDED.speed is None else (_EMBEDDED.speed[0] * times, _EMBEDDED.speed[1] * times)
    return profile_of(identity_named(model)).speed


def tell_cost(found: Estimate, budget: float | None = None) -> dict[str, Any]:
    """Return the entries of a plan that say what is asked and what it costs."""
    return {
        "model_calls": found.calls,
        "tokens_read": found.tokens_in,
        "tokens_written": found.tokens_out,
        "dollars": "a price is not known" if found.dollars is None else found.dollars,
        **({"prices": LISTED} if found.listed else {}),
        "budget": budget,
        "seconds": dict(zip(("from", "to"), map(round, found.seconds), strict=True)),
    }


def tell_rework(calls: Sequence[Call]) -> str:
    """Return what a plan leaves out of its calls and has in its time."""
    told = "calls, tokens and dollars are those of first attempts; rows that are refused are written again"
    if not any(is_local(call.model) for call in calls):
        return told
    return f"{told}: the time reaches up to {_EMBEDDED.rework:.0f} times that of first attempts"
