"""diversity.categories: are all the levels still there?"""

from __future__ import annotations

import numpy as np

from ..contracts import Part, Score
from ..registry import register
from ._tables import Coded, Tables

__all__ = ["Categories"]

ENOUGH = 20


@register("metric")
class Categories:
    """The share of the real levels that the synthetic rows still hold, over all columns; 0..1, higher is better.

    Counted are levels with at least 20 real rows that at least 20 synthetic rows should show: a fresh real sample would
    miss one in a million of them, so the floor is 1. Missing counts as a level. Sees: a lost minority. Does not see: a
    minority that shrank (fidelity.shape does), levels too rare to expect. Parts: columns, by share kept.
    Source: CategoryCoverage of SDMetrics, made certain.
    """

    name = "diversity.categories"
    family = "diversity"
    scores = ("diversity.categories",)

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        kept: dict[str, tuple[int, int]] = {}
        lost: list[str] = []
        for column in tables.columns:
            if column.ordered:
                continue
            found, missed = _count(column, tables.synthetic.height / max(tables.real.height, 1))
            if found or missed:
                kept[column.name] = (found, found + len(missed))
            lost.extend(f"{column.name} = {label}" for label in missed)
        expected = sum(total for _, total in kept.values())
        if not expected:
            why = f"no column has levels frequent enough to expect ({ENOUGH} rows)"
            return [Score(self.name, self.family, "undefined", reason=why)]
        value = 1 - len(lost) / expected
        reason = f"{expected - len(lost)} of {expected} levels that should appear do"
        reason += f"; lost: {', '.join(lost[:5])}{' ...' if len(lost) > 5 else ''}" if lost else ""
        parts = sorted((Part(name, a / b, 1.0) for name, (a, b) in kept.items()), key=lambda part: part.value)
        n = tables.synthetic.height
        return [Score(self.name, self.family, value=value, floor=1.0, n=n, reason=reason, parts=tuple(parts))]


def _count(column: Coded, ratio: float) -> tuple[int, list[str]]:
    """Return how many expected levels are there, and the names of those that are not."""
    real, synthetic = column.counts("real"), column.counts("synthetic")
    expected = (real >= ENOUGH) & (real * ratio >= ENOUGH)
    gone = np.flatnonzero(expected & (synthetic == 0))
    names = [column.labels[code - 1] if code else "missing" for code in gone]
    return int(expected.sum()) - len(gone), names
