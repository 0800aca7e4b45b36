"""diversity.range and diversity.tails: do the numbers reach as far, and as often, as the real ones?"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contracts import Part, Score
from ..registry import register
from ._tables import Coded, Tables

__all__ = ["Extent"]

TAIL = 0.01
BEYOND = 5
FEWEST = 50
DRAWS = 50

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@register("metric")
class Extent:
    """How far ordered columns reach: the first sign of collapse is that the extremes go missing.

    diversity.range : mean over columns of the share of the real range between the 1 % and the 99 % quantile that lies
        between those quantiles of the synthetic rows; 0..1, higher is better.
    diversity.tails : share of synthetic rows at or beyond the 2 % and 98 % quantile relative to real rows, at most 1:
        the least over all columns and both ends; 0..1, higher is better.
    Floors: samples of the synthetic size drawn from the real rows. Needs 50 rows a side. Does not see: tails too heavy
    (fidelity.shape does), gaps in the middle. In tables of fewer than 500 rows the quantiles move inwards until five
    rows lie beyond. Parts: columns (and ends), the shortest first.
    Source: RangeCoverage of SDMetrics, by quantiles instead of single extreme values.
    """

    name = "diversity.range"
    family = "diversity"
    scores = ("diversity.range", "diversity.tails")

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        columns = [
            column for column in tables.columns
            if column.ordered and np.count_nonzero(column.counts("real")[1:]) > 2
            and column.counts("real")[1:].sum() >= FEWEST
        ]  # fmt: skip
        if not columns or tables.synthetic.height < FEWEST:
            why = f"no ordered column with more than two values, or fewer than {FEWEST} rows"
            return [Score(name, self.family, "undefined", reason=why) for name in self.scores]
        found = np.array([_reach(tables, column) for column in columns])
        null = np.stack([_null(tables, column) for column in columns])
        return [
            _range(tables, columns, found[:, 0], null[:, :, 0]),
            _tails(tables, columns, found[:, 1:], null[:, :, 1:]),
        ]


def _range(tables: Tables, columns: list[Coded], found: Floats, null: Floats) -> Score:
    value, floor, noise = float(found.mean()), *_floor(null.mean(axis=0))
    parts = [Part(c.name, float(v), float(f)) for c, v, f in zip(columns, found, null.mean(axis=1), strict=True)]
    reason = (
        f"the numbers cover {100 * value:.0f} % of the real range (without the outer {_percent(_tail(tables))}) "
        f"on average; "
        f"fresh real rows {100 * floor:.0f} %"
    )
    return Score(
        "diversity.range", "diversity", value=value, low=max(0.0, value - 1.96 * noise),
        high=min(1.0, value + 1.96 * noise), floor=floor, noise=noise, n=tables.synthetic.height, reason=reason,
        parts=tuple(sorted(parts, key=lambda part: part.value - (part.floor or 0.0))),
    )  # fmt: skip


def _tails(tables: Tables, columns: list[Coded], found: Floats, null: Floats) -> Score:
    value, floor, noise = float(found.min()), *_floor(null.min(axis=(0, 2)))
    parts = [
        Part(f"{column.name} ({end} end)", float(found[i, j]), float(null[i, :, j].mean()))
        for i, column in enumerate(columns)
        for j, end in enumerate(("low", "high"))
    ]
    parts.sort(key=lambda part: part.value - (part.floor or 0.0))
    reason = (
        f"the outer {_percent(2 * _tail(tables))} of {parts[0].place} keeps {100 * parts[0].value:.0f} % of its rows; "
        f"of fresh real rows the weakest tail keeps {100 * floor:.0f} %"
    )
    return Score(
        "diversity.tails", "diversity", value=value, floor=floor, noise=noise, n=tables.synthetic.height,
        reason=reason, parts=tuple(parts),
    )  # fmt: skip


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _floor(draws: Floats) -> tuple[float, float]:
    """Return mean and noise of draws from real rows.

    Quantiles of few rows stray far to one side: the lowest of 50 draws lies 2.25 deviations down if they do not.
    """
    mean = float(draws.mean())
    return mean, max(float(draws.std()), (mean - float(draws.min())) / 2.25)


def _null(tables: Tables, column: Coded) -> Floats:
    """Return (DRAWS, 3) range and both tails of samples of the synthetic size, drawn from the real rows.

    The quantiles of a sample are drawn as order statistics (Beta), the rows in a tail as a binomial count.
    """
    rng = tables.rng("extent", column.name)
    real = column.counts("real")[1:]
    m = int(real.sum())
    n = max(2, round(tables.synthetic.height * m / column.counts("real").sum()))
    below = np.cumsum(real) / m
    share = _tail(tables)
    covered = _covered(column, _draw_ends(below, m, share, rng), _draw_ends(below, n, share, rng))
    low, high = _ends(real, 2 * share)
    tails = []
    for rows in (int(real[: low + 1].sum()), int(real[high:].sum())):
        truth = rng.beta(rows + 0.5, m - rows + 0.5, size=DRAWS)
        tails.append(np.minimum(rng.binomial(n, truth) / n * m / rows, 1.0))
    return np.stack([covered, *tails], axis=1)


def _tail(tables: Tables) -> float:
    """Return the share of rows beyond a quantile: 1 %, or what leaves `BEYOND` rows of the smaller table there."""
    return min(0.1, max(TAIL, BEYOND / min(tables.synthetic.height, tables.real.height)))


def _draw_ends(below: Floats, n: int, share: float, rng: np.random.Generator) -> tuple[Any, Any]:
    """Return (DRAWS,) places of the quantiles in samples of n rows that leave `share` on either side."""
    k = max(1, math.ceil(share * n))
    start, stop = rng.beta(k, n - k + 1, size=DRAWS), rng.beta(n - k + 1, k, size=DRAWS)
    return np.searchsorted(below, start), np.minimum(np.searchsorted(below, stop), len(below) - 1)


def _reach(tables: Tables, column: Coded) -> tuple[float, float, float]:
    """Return the covered share of the range, and the kept share of the low and of the high tail."""
    real, counts, tail = column.counts("real")[1:], column.counts("synthetic"), _tail(tables)
    low, high = _ends(real, 2 * tail)
    if not counts[1:].sum():
        return 0.0, 0.0, 0.0
    covered = _covered(column, _ends(real, tail), _ends(counts[1:], tail))
    share, want = counts[1:] / counts[1:].sum(), real / real.sum()
    tails = (share[: low + 1].sum() / want[: low + 1].sum(), share[high:].sum() / want[high:].sum())
    return float(covered), min(1.0, float(tails[0])), min(1.0, float(tails[1]))


def _covered(column: Coded, real: tuple[int, int], found: tuple[Any, Any]) -> Any:
    """Return the share of the range between two values that lies between two others, given by their places."""
    left, right = (column.values[place] for place in real)
    start, stop = (column.values[place] for place in found)
    both = np.maximum(0.0, np.minimum(stop, right) - np.maximum(start, left))
    return np.where(right > left, both / np.where(right > left, right - left, 1.0), 1.0)


def _ends(counts: Counts, share: float) -> tuple[int, int]:
    """Return the places in counts per value of the quantiles that leave `share` on either side."""
    below = np.cumsum(counts)
    return int(np.searchsorted(below, share * below[-1])), int(np.searchsorted(below, (1 - share) * below[-1]))
