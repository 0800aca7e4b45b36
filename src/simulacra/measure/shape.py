"""fidelity.shape: does each column by itself look like the real one?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contracts import Part, Score
from ..registry import register
from ._chance import NOISE_ROWS, coarser, null_distances
from ._tables import Coded, Tables, rare_below

__all__ = ["Shape"]

DRAWS = 100
FINE = 256
FEWEST = 5
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Margin:
    """Distance of one column, what real rows show (mean, sd), the null draws, and the unit of noise."""

    name: str
    distance: float
    floor: float
    noise: float
    null: NDArray[np.float64]
    unit: float

    @property
    def units(self) -> float:
        """The distance above what real rows show."""
        return (self.distance - self.floor) / self.unit


@register("metric")
class Shape:
    """Each column's distribution, synthetic against the rows learned from.

    Sees: wrong margins: shifted or squeezed numbers, wrong shares of levels, wrong missing share (a missing value
    counts as a value below all others, or a level of its own). Levels with fewer than 5 real rows count together.
    Does not see: how columns go together; rows; single rare values.

    fidelity.shape : mean over columns of 1 - Kolmogorov-Smirnov distance (ordered) or 1 - total variation (levels);
        0..1, higher is better. Floor: two samples of these sizes drawn from the real rows.
    fidelity.worst_column : the largest distance of a column above its floor, in standard deviations of that floor;
        0 is as good as real on average, lower is better.
    Source: KSComplement and TVComplement of SDMetrics; noise units after `docs/architecture.md`.
    """

    name = "fidelity.shape"
    family = "fidelity"
    scores = ("fidelity.shape", "fidelity.worst_column")

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        fewest = min(tables.rows("synthetic"), tables.rows("real"))
        margins = [_margin(tables, column) for column in tables.columns] if fewest >= FEWEST else []
        if not margins:
            why = "every column is free text, an identifier or personal, made up by design"
            why = f"only {fewest} rows a side show no distribution ({FEWEST} needed)" if tables.columns else why
            return [Score(name, self.family, "undefined", reason=why) for name in self.scores]
        return [_mean(tables, margins), _worst(tables, margins)]


def _margin(tables: Tables, column: Coded) -> Margin:
    real, synthetic, holdout = (column.counts(side) for side in ("real", "synthetic", "holdout"))
    if not column.ordered:
        real, synthetic, holdout = _pool_rare([real, synthetic, holdout])
    n, m = max(int(synthetic.sum()), 1), max(int(real.sum()), 1)
    gap = synthetic / n - real / m
    distance = float(np.abs(np.cumsum(gap)).max() if column.ordered else np.abs(gap).sum() / 2)
    pool = real + holdout
    if column.ordered:
        pool = _coarse(pool)
    rng = tables.rng("shape", column.name)
    null = null_distances(pool, (n, m), DRAWS, rng, ordered=column.ordered)
    floor, noise = float(null.mean()), float(null.std())
    unit = max(noise * coarser(n, m), 0.5 / min(n, m, NOISE_ROWS))
    return Margin(column.name, distance, floor, noise, null, unit)


def _pool_rare(counts: list[Counts]) -> list[Counts]:
    """Return the counts with all levels that are rare in the real rows added up in one."""
    real = counts[0] + counts[2]
    rare = real < rare_below(int(real.sum()))
    rare[0] = False
    return [np.append(part[~rare], part[rare].sum()) for part in counts]


def _coarse(counts: Counts) -> Counts:
    """Return the counts of an ordered column in at most `FINE` bins of equal mass: enough for its null distribution."""
    if len(counts) <= FINE:
        return counts
    below = np.cumsum(counts) - counts
    return np.bincount((below * FINE) // max(int(counts.sum()), 1), weights=counts, minlength=FINE).astype(np.int64)


def _mean(tables: Tables, margins: list[Margin]) -> Score:
    value = 1 - float(np.mean([margin.distance for margin in margins]))
    null = 1 - np.mean([margin.null for margin in margins], axis=0)
    # Columns move together; their noise is averaged as if they all did.
    floor, noise = float(null.mean()), float(np.mean([margin.noise for margin in margins]))
    ranked = sorted(margins, key=lambda margin: margin.floor - margin.distance)
    reason = (
        f"column by column the distributions agree to {100 * value:.1f} %; "
        f"fresh real rows would agree to {100 * floor:.1f} %"
    )
    return Score(
        "fidelity.shape", "fidelity", value=value, low=value - 1.96 * noise, high=min(1.0, value + 1.96 * noise),
        floor=floor, noise=noise, n=tables.synthetic.height, reason=reason,
        parts=tuple(Part(margin.name, 1 - margin.distance, 1 - margin.floor) for margin in ranked),
    )  # fmt: skip


def _worst(tables: Tables, margins: list[Margin]) -> Score:
    ranked = sorted(margins, key=lambda margin: -margin.units)
    null = np.max([(margin.null - margin.floor) / margin.unit for margin in margins], axis=0)
    worst = ranked[0]
    reason = (
        f"{worst.name!r} is furthest from real: at least {100 * worst.distance:.1f} % of the rows would have to "
        f"change, of fresh real rows {100 * worst.floor:.1f} %"
    )
    return Score(
        "fidelity.worst_column", "fidelity", value=worst.units, floor=float(null.mean()), noise=float(null.std()),
        better="lower", n=tables.synthetic.height, reason=reason,
        parts=tuple(Part(margin.name, margin.units, 0.0) for margin in ranked),
    )  # fmt: skip
