"""fidelity.trend: do pairs of columns go together as the real ones do?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ..contracts import Part, Score
from ..registry import register
from ._chance import NOISE_ROWS, coarser
from ._tables import Coded, Side, Tables
from .association import correlations, joint_cells

__all__ = ["Trend"]

MOST_ROWS = 12_000
MOST_PAIRS = 500
MOST_PARTS = 30
FEWEST_A_CELL = 5
PAIR_BINS = 10
DRAWS = 24

Floats = NDArray[np.float64]
Pair = tuple[Coded, Coded]


@dataclass(frozen=True, slots=True)
class Draws:
    """Rows to compare of each side, and pairs of samples of real rows of the same sizes: what real rows show."""

    rows: dict[Side, NDArray[np.int64]]
    samples: tuple[tuple[NDArray[np.int64], NDArray[np.int64]], ...]


@dataclass(frozen=True, slots=True)
class Joint:
    """A pair's contingency distance, the same between samples of real rows, and the distance in noise units."""

    pair: Pair
    distance: float
    null: Floats
    unit: float

    @property
    def place(self) -> str:
        """The pair as people read it."""
        return f"{self.pair[0].name} × {self.pair[1].name}"

    @property
    def units(self) -> float:
        """The distance above what real rows show."""
        return (self.distance - float(self.null.mean())) / self.unit


@register("metric")
class Trend:
    """Pairs of columns, synthetic against the rows learned from.

    Sees: broken or invented relations between two columns. Does not see: relations of three columns that no pair shows.
    Bins are common to all tables: 10 of equal real mass for ordered columns; cells with fewer than 5 rows count
    together. At most 12,000 rows a table and 500 pairs (drawn at random, those with the target first).

    fidelity.trend : mean over pairs of 1 - |difference of correlations| / 2 (both ordered) or 1 - total variation of
        the contingency table (else); 0..1, higher is better. Floor: two samples of these sizes, drawn from real rows.
    fidelity.worst_pair : the largest contingency distance of a pair above its floor, in standard deviations of that
        floor; 0 is as good as real on average, lower is better.
    Source: CorrelationSimilarity and ContingencySimilarity of SDMetrics, with common bins.
    """

    name = "fidelity.trend"
    family = "fidelity"
    scores = ("fidelity.trend", "fidelity.worst_pair")

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        pairs, left = _choose(tables)
        if not pairs:
            why = "there are fewer than two columns to compare"
            return [Score(name, self.family, "undefined", reason=why) for name in self.scores]
        draws = _draw(tables)
        joints = [_joint(tables, pair, draws) for pair in pairs]
        return [_mean(joints, draws, left), _worst(joints, draws)]


_SIDES: tuple[Side, ...] = ("synthetic", "real", "holdout")


def _draw(tables: Tables) -> Draws:
    """Return the rows to compare; samples are drawn with replacement from the real and hold-out rows, in that order."""
    rows = {side: tables.sample(side, MOST_ROWS, "trend") for side in _SIDES}
    n, m, pool = len(rows["synthetic"]), len(rows["real"]), len(rows["real"]) + len(rows["holdout"])
    rng = tables.rng("trend", "samples")
    return Draws(rows, tuple((rng.integers(pool, size=n), rng.integers(pool, size=m)) for _ in range(DRAWS)))


def _choose(tables: Tables) -> tuple[list[Pair], int]:
    """Return the pairs to look at, and how many are left out."""
    columns = [column for column in tables.columns if column.width > 2]
    pairs = list(combinations(columns, 2))
    if len(pairs) <= MOST_PAIRS:
        return pairs, 0
    rank = tables.rng("trend", "pairs").random(len(pairs))
    first = np.array([tables.target not in (a.name, b.name) for a, b in pairs])
    chosen = np.sort(np.lexsort((rank, first))[:MOST_PAIRS])
    return [pairs[place] for place in chosen], len(pairs) - MOST_PAIRS


def _joint(tables: Tables, pair: Pair, draws: Draws) -> Joint:
    n, m = len(draws.rows["synthetic"]), len(draws.rows["real"])
    bins = int(np.clip((min(n, m) / FEWEST_A_CELL) ** 0.5, 2, PAIR_BINS))
    cells, width = joint_cells(tables, pair, draws.rows, bins)
    synthetic, real = (np.bincount(cells[side], minlength=width) for side in ("synthetic", "real"))
    # Cells are chosen by both tables: chosen by the real one alone, it would show more in them than any other.
    common = (synthetic / n + real / m) / 2 * min(n, m) >= FEWEST_A_CELL
    lut = np.where(common, np.cumsum(common), 0)
    pool = lut[np.concatenate([cells["real"], cells["holdout"]])]
    distance = _distance(lut[cells["synthetic"]], lut[cells["real"]])
    null = np.array([_distance(pool[first], pool[second]) for first, second in draws.samples])
    unit = max(float(null.std(ddof=1)) * coarser(n, m), 0.5 / min(n, m, NOISE_ROWS))
    return Joint(pair, distance, null, unit)


def _distance(first: NDArray[np.int64], second: NDArray[np.int64]) -> float:
    """Return the total variation between two samples of cells."""
    width = 1 + int(max(first.max(), second.max()))
    gap = np.bincount(first, minlength=width) / len(first) - np.bincount(second, minlength=width) / len(second)
    return float(np.abs(gap).sum() / 2)


def _mean(joints: list[Joint], draws: Draws, left: int) -> Score:
    distances = np.array([joint.distance for joint in joints])
    null = np.stack([joint.null for joint in joints])
    both = [place for place, joint in enumerate(joints) if joint.pair[0].ordered and joint.pair[1].ordered]
    if both:
        distances[both], null[both] = _correlation_gaps([joints[place].pair for place in both], draws)
    value, floors = 1 - float(distances.mean()), 1 - null.mean(axis=0)
    floor, noise = float(floors.mean()), float(floors.std(ddof=1))
    ranked = np.argsort(null.mean(axis=1) - distances)[:MOST_PARTS]
    reason = (
        f"pair by pair the columns go together as in the real rows to {100 * value:.1f} %; "
        f"fresh real rows would agree to {100 * floor:.1f} %"
    )
    reason += f" ({len(joints)} pairs drawn from {len(joints) + left})" if left else ""
    return Score(
        "fidelity.trend", "fidelity", value=value, low=value - 1.96 * noise, high=min(1.0, value + 1.96 * noise),
        floor=floor, noise=noise, n=len(draws.rows["synthetic"]), reason=reason,
        parts=tuple(Part(joints[i].place, 1 - float(distances[i]), 1 - float(null[i].mean())) for i in ranked),
    )  # fmt: skip


def _correlation_gaps(pairs: list[Pair], draws: Draws) -> tuple[Floats, Floats]:
    """Return (pairs,) half differences of correlations, and (pairs, DRAWS) of them between samples of real rows."""
    columns = {column.name: column for pair in pairs for column in pair}
    where = {name: place for place, name in enumerate(columns)}
    a, b = np.array([[where[pair[0].name], where[pair[1].name]] for pair in pairs]).T
    values = {
        side: np.stack([column.numbers(side)[draws.rows[side]] for column in columns.values()], axis=1)
        for side in _SIDES
    }
    gaps = _gap(correlations(values["real"]), correlations(values["synthetic"]))[a, b]
    pool = np.concatenate([values["real"], values["holdout"]])
    null = [_gap(correlations(pool[first]), correlations(pool[second]))[a, b] for first, second in draws.samples]
    return gaps, np.stack(null, axis=1)


def _gap(first: Floats, second: Floats) -> Floats:
    """Return half the difference of correlations; undefined in both is no difference, in one half of the range."""
    gap = np.abs(first - second) / 2
    missing = np.isnan(first).astype(int) + np.isnan(second).astype(int)
    return np.where(missing == 0, gap, np.where(missing == 1, 0.5, 0.0))


def _worst(joints: list[Joint], draws: Draws) -> Score:
    ranked = sorted(joints, key=lambda joint: -joint.units)
    null = np.max([(joint.null - joint.null.mean()) / joint.unit for joint in joints], axis=0)
    worst = ranked[0]
    reason = (
        f"{worst.place!r} is the pair furthest from real: {100 * worst.distance:.1f} % of the rows would have to "
        f"change, of fresh real rows {100 * float(worst.null.mean()):.1f} %"
    )
    return Score(
        "fidelity.worst_pair", "fidelity", value=worst.units, floor=float(null.mean()), noise=float(null.std(ddof=1)),
        better="lower", n=len(draws.rows["synthetic"]), reason=reason,
        parts=tuple(Part(joint.place, joint.units, 0.0) for joint in ranked[:MOST_PARTS]),
    )  # fmt: skip
