"""diversity.range and diversity.tails: do the numbers reach as far, and as often, as the real ones?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contracts import Part, Score
from ..registry import register
from ._changes import ALPHA
from ._tables import Coded, Tables

__all__ = ["Extent"]

TAIL = 0.01
BEYOND = 5
FEWEST = 50
DRAWS = 50
DEPTHS = (0.005, 0.01, 0.02)
ENOUGH = 20

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@register("metric")
class Extent:
    """How far ordered columns reach: the first sign of collapse is that the extremes go missing.

    diversity.range : mean over columns of the share of the real range between the 1 % and the 99 % quantile that lies
        between those quantiles of the synthetic rows; 0..1, higher is better.
    diversity.tails : share of synthetic rows at or beyond the .5, 1 and 2 % quantile at either end relative to real
        rows, at most 1: the one furthest below its floor; 0..1, higher is better. Floor: the least that chance explains
        there, below which any of them lies in one of a thousand clean tables.
    Floor of the range: samples of the synthetic size drawn from the real rows. Needs 50 rows a side. Does not see:
    tails too heavy (fidelity.shape does), gaps in the middle. In small tables the quantiles move inwards until five
    rows lie beyond (for the tails, 20). Parts: columns (and ends), the shortest first.
    Source: RangeCoverage of SDMetrics, by quantiles instead of single extreme values; tails as counts by their square
    roots (Anscombe 1948).
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
        covered = np.array([_reach(tables, column) for column in columns])
        null = np.stack([_null(tables, column) for column in columns])
        return [_range(tables, columns, covered, null), _tails(tables, columns)]


def _range(tables: Tables, columns: list[Coded], found: Floats, null: Floats) -> Score:
    value, floor, noise = float(found.mean()), *_floor(null.mean(axis=0))
    parts = [Part(c.name, float(v), float(f)) for c, v, f in zip(columns, found, null.mean(axis=1), strict=True)]
    # The real quantiles stray as those of the synthetic rows do, by their own number.
    half = 1.96 * noise * (1 + tables.synthetic.height / tables.real.height) ** 0.5
    reason = (
        f"the numbers cover {100 * value:.0f} % of the real range (without the outer {_percent(_tail(tables))}) "
        f"on average; "
        f"fresh real rows {100 * floor:.0f} %"
    )
    return Score(
        "diversity.range", "diversity", value=value, low=max(0.0, value - half),
        high=min(1.0, value + half), floor=floor, noise=noise, n=tables.synthetic.height, reason=reason,
        parts=tuple(sorted(parts, key=lambda part: part.value - (part.floor or 0.0))),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class End:
    """One end of a column at one depth: rows beyond it, and the numbers of rows, of the synthetic and the real side."""

    place: str
    depth: float
    beyond: tuple[int, int]
    rows: tuple[int, int]

    @property
    def kept(self) -> float:
        """The share of its rows that the end keeps, relative to the real rows."""
        return self.beyond[0] / self.rows[0] / (self.beyond[1] / self.rows[1])

    def shifted(self, deviations: float, *, kept: bool) -> float:
        """Return the share kept that lies so many deviations from what is kept, or from all of it.

        Square roots of counts have a deviation of one half whatever the count.
        """
        root = (self.beyond[0 if kept else 1] + 0.375) ** 0.5 / self.rows[0 if kept else 1] ** 0.5
        moved = max(0.0, root + deviations * 0.5 * (1 / self.rows[0] + 1 / self.rows[1]) ** 0.5)
        return float(moved**2 * self.rows[1] / self.beyond[1])


def _tails(tables: Tables, columns: list[Coded]) -> Score:
    """Return the score of the end that keeps least beyond what chance explains."""
    ends = [end for column in columns for end in _all_ends(column)]
    if not ends:
        why = f"no end of a column holds {ENOUGH} rows by itself"
        return Score("diversity.tails", "diversity", "undefined", reason=why)
    z = NormalDist().inv_cdf(ALPHA / len(ends))
    floors = {end: min(1.0, end.shifted(z, kept=False)) for end in ends}
    ranked = sorted(ends, key=lambda end: min(1.0, end.kept) - floors[end])
    worst = ranked[0]
    reason = (
        f"the outer {_percent(worst.depth)} of {worst.place} keeps {100 * min(1.0, worst.kept):.0f} % of its rows; "
        f"of fresh real rows chance leaves {100 * floors[worst]:.0f} % or more (the worst of {len(ends)} places)"
    )
    parts = {end.place: Part(end.place, min(1.0, end.kept), floors[end]) for end in reversed(ranked)}
    return Score(
        "diversity.tails", "diversity", value=min(1.0, worst.kept), low=min(1.0, worst.shifted(-1.96, kept=True)),
        high=min(1.0, worst.shifted(1.96, kept=True)), floor=floors[worst], n=tables.synthetic.height, reason=reason,
        parts=tuple(reversed(parts.values())),
    )  # fmt: skip


def _all_ends(column: Coded) -> Iterator[End]:
    """Yield both ends of a column at each depth at which 20 real rows, but no heap, lie beyond."""
    made, real = column.counts("synthetic")[1:], column.counts("real")[1:]
    rows = int(made.sum()), int(real.sum())
    if not rows[0]:
        return
    least = ENOUGH / min(rows)
    for depth in sorted({max(depth, least) for depth in DEPTHS}):
        low, high = _ends(real, depth)
        for end, part in (("low", slice(None, low + 1)), ("high", slice(high, None))):
            beyond = int(made[part].sum()), int(real[part].sum())
            if beyond[1] < rows[1] / 2:
                yield End(f"{column.name} ({end} end)", beyond[1] / rows[1], beyond, rows)


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"


def _floor(draws: Floats) -> tuple[float, float]:
    """Return mean and noise of draws from real rows.

    Quantiles of few rows stray far to one side: the lowest of 50 draws lies 2.25 deviations down if they do not.
    """
    mean = float(draws.mean())
    return mean, max(float(draws.std()), (mean - float(draws.min())) / 2.25)


def _null(tables: Tables, column: Coded) -> Floats:
    """Return (DRAWS,) covered ranges of samples of the synthetic size, drawn from the real rows.

    The quantiles of a sample are drawn as order statistics (Beta).
    """
    rng = tables.rng("extent", column.name)
    real = column.counts("real")[1:]
    m = int(real.sum())
    n = max(2, round(tables.synthetic.height * m / column.counts("real").sum()))
    below, share = np.cumsum(real) / m, _tail(tables)
    return np.asarray(_covered(column, _draw_ends(below, m, share, rng), _draw_ends(below, n, share, rng)))


def _tail(tables: Tables) -> float:
    """Return the share of rows beyond a quantile: 1 %, or what leaves `BEYOND` rows of the smaller table there."""
    return min(0.1, max(TAIL, BEYOND / min(tables.synthetic.height, tables.real.height)))


def _draw_ends(below: Floats, n: int, share: float, rng: np.random.Generator) -> tuple[Any, Any]:
    """Return (DRAWS,) places of the quantiles in samples of n rows that leave `share` on either side."""
    k = max(1, math.ceil(share * n))
    start, stop = rng.beta(k, n - k + 1, size=DRAWS), rng.beta(n - k + 1, k, size=DRAWS)
    return np.searchsorted(below, start), np.minimum(np.searchsorted(below, stop), len(below) - 1)


def _reach(tables: Tables, column: Coded) -> float:
    """Return the covered share of the range."""
    real, counts, tail = column.counts("real")[1:], column.counts("synthetic"), _tail(tables)
    if not counts[1:].sum():
        return 0.0
    return float(_covered(column, _ends(real, tail), _ends(counts[1:], tail)))


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
