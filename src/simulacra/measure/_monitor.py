"""The alarm for model collapse: below what real rows show is a warning, falling again and again is a collapse.

A generator that smooths loses some of the real support at once and then keeps the rest: that is a level, and warns. A
collapse is a slope: each generation loses more of what the one before had left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ._support import SIGNS, Floor
from ._support_text import TEXT_SIGNS

__all__ = ["DEVIATIONS", "FALL", "STEP", "collapsing", "falls", "warnings"]

DEVIATIONS = 4.0
"""So many standard deviations of the real-against-real floor are more than chance."""
STEP = 2.0
"""So many in each of two steps in a row: fresh real rows do that once in a thousand runs or less."""
FALL = 0.03
"""A smaller share lost from one generation to the next is no fall, however many rows make it certain."""

_BETTER = {sign.name: sign.better for sign in (*SIGNS, *TEXT_SIGNS)}

Values = Mapping[str, float]


def warnings(values: Values, floors: Mapping[str, Floor]) -> tuple[str, ...]:
    """Return the signs that are worse than any of the splits of real rows showed, and by more than 4 deviations."""
    return tuple(
        name
        for name, value in values.items()
        if (gap := _worse(name, value, floors[name].mean)) > DEVIATIONS * floors[name].spread
        and gap > _worse(name, floors[name].worst, floors[name].mean)
    )


def falls(before: Values, after: Values, floors: Mapping[str, Floor]) -> tuple[str, ...]:
    """Return the signs that got worse from one generation to the next by more than 3 % and more than 2 deviations.

    A split's spread holds the chance of two samples, as the difference of two generations does.
    """
    return tuple(
        name
        for name in after
        if name in before
        and (loss := _worse(name, after[name], before[name])) > STEP * floors[name].spread
        and loss > FALL * (abs(before[name]) if _BETTER[name] == "higher" else 1.0)
    )


def collapsing(history: Sequence[Values], floors: Mapping[str, Floor]) -> tuple[str, ...]:
    """Return the signs that fell twice in a row at the end of a history of generations; none of fewer than three.

    Two steps of 2 deviations are 4 in all; that chance takes both, one after the other, is rarer still.
    """
    if len(history) < 3:
        return ()
    again = falls(history[-2], history[-1], floors)
    return tuple(name for name in falls(history[-3], history[-2], floors) if name in again)


def _worse(name: str, value: float, reference: float) -> float:
    return value - reference if _BETTER[name] == "lower" else reference - value
