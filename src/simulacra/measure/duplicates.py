"""diversity.duplicates: does the data repeat itself?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..contracts import Score
from ..data.shares import wilson
from ..registry import register
from ._rows import fingerprints
from ._tables import Tables

__all__ = ["Duplicates"]


@register("metric")
class Duplicates:
    """The share of rows that repeat an earlier row in every compared column; 0..1, lower is better.

    Floor: the same share of as many real rows; both are taken at the size of the smaller table. Sees: floods of
    repeated rows, a generator stuck in a mode. Does not see: near repeats.
    Source: findings on model collapse: repeats rise before utility falls.
    """

    name = "diversity.duplicates"
    family = "diversity"
    scores = ("diversity.duplicates",)

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        if not tables.columns:
            why = "every column is made up by design"
            return [Score(self.name, self.family, "undefined", better="lower", reason=why)]
        rows = fingerprints(tables, tables.columns)
        size = min(tables.synthetic.height, tables.real.height)
        mine = rows["synthetic"][tables.sample("synthetic", size, "duplicates")]
        real = rows["real"][tables.sample("real", size, "duplicates")]
        value, floor = _repeats(mine) / size, _repeats(real) / size
        low, high = wilson(value * size, size)
        reason = f"{100 * value:.2f} % of rows repeat another row; of as many real rows {100 * floor:.2f} % do"
        return [Score(
            self.name, self.family, value=value, low=low, high=high, floor=floor, noise=_noise(mine, real) / size,
            better="lower", n=size, reason=reason,
        )]  # fmt: skip


def _repeats(rows: NDArray[np.int64]) -> int:
    return len(rows) - len(np.unique(rows))


def _noise(first: NDArray[np.int64], second: NDArray[np.int64]) -> float:
    """Return the standard deviation of the difference of two counts of repeats: each row's group varies as a whole."""
    total = 1.0
    for rows in (first, second):
        often = np.unique(rows, return_counts=True)[1].astype(np.float64)
        total += float(np.minimum((often - 1) ** 2, often).sum())
    return float(total**0.5)
