"""privacy.reemission: do values that belong to one person come out again?"""

from __future__ import annotations

import numpy as np

from ..contracts import Part, Score
from ..data.shares import wilson
from ..registry import register
from ._chance import binomial_noise
from ._rows import fingerprints, singled_out
from ._tables import Coded, Tables
from .copies import NO_HOLDOUT

__all__ = ["Reemission"]

NEARLY_UNIQUE = 0.5


@register("metric")
class Reemission:
    """Values that occur once among the real rows, in nearly unique columns, found again in the synthetic rows.

    Value: share of such training values found, over all such columns; floor: the same share of hold-out values, which
    only chance can meet. 0..1, lower is better. Sees: generators that resample observed values. Does not see: values
    that many share; columns made up by design. A column is nearly unique if more than half its real values differ.
    Parts: columns, by share found and floor. Source: exchangeability of training and hold-out rows.
    """

    name = "privacy.reemission"
    family = "privacy"
    scores = ("privacy.reemission",)

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        if tables.holdout is None or not tables.holdout.height:
            return [Score(self.name, self.family, "undefined", better="lower", reason=NO_HOLDOUT)]
        counted = {column.name: _count(tables, column) for column in tables.columns if _nearly_unique(column)}
        total = np.sum(list(counted.values()), axis=0) if counted else np.zeros(4)
        hits, n, control, m = (int(number) for number in total)
        if not n or not m:
            why = "no column holds nearly unique values that could point to one person"
            return [Score(self.name, self.family, "undefined", better="lower", reason=why)]
        low, high = wilson(hits, n)
        parts = [Part(name, a / max(b, 1), c / max(d, 1)) for name, (a, b, c, d) in counted.items()]
        reason = (
            f"of values that belong to one real row, {100 * hits / n:.2f} % of those learned from come out again, "
            f"and {100 * control / m:.2f} % of those never seen (columns: {', '.join(sorted(counted))})"
        )
        return [Score(
            self.name, self.family, value=hits / n, low=low, high=high, floor=control / m,
            noise=binomial_noise(hits, n, control, m), better="lower", n=n, reason=reason,
            parts=tuple(sorted(parts, key=lambda part: (part.floor or 0.0) - part.value)),
        )]  # fmt: skip


def _nearly_unique(column: Coded) -> bool:
    real = column.counts("real")[1:]
    return bool(real.sum() >= 10 and np.count_nonzero(real) > NEARLY_UNIQUE * real.sum())


def _count(tables: Tables, column: Coded) -> tuple[int, int, int, int]:
    """Return training values found again, of how many; hold-out values found again, of how many."""
    found = singled_out(fingerprints(tables, [column]))
    often = column.counts("real") + column.counts("holdout")
    once = often == 1
    once[0] = False
    real, holdout = once[column.codes["real"]], once[column.codes["holdout"]]
    return int((found[0] & real).sum()), int(real.sum()), int((found[1] & holdout).sum()), int(holdout.sum())
