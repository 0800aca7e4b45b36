"""fidelity.trend: do pairs of columns go together as the real ones do?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ..contracts import Part, Score
from ..registry import register
from ._chance import null_distances
from ._tables import Coded, Side, Tables, rare_below
from .association import correlations, joint_counts
from .shape import NOISE_ROWS

__all__ = ["Trend"]

MOST_ROWS = 20_000
MOST_PAIRS = 500
MOST_PARTS = 30
PAIR_BINS = 10
DRAWS = 30
RESAMPLES = 12

Floats = NDArray[np.float64]
Pair = tuple[Coded, Coded]


@dataclass(frozen=True, slots=True)
class Joint:
    """A pair's contingency distance, its null draws, and the distance in noise units."""

    pair: Pair
    distance: float
    null: Floats
    units: float

    @property
    def place(self) -> str:
        """The pair as people read it."""
        return f"{self.pair[0].name} × {self.pair[1].name}"


@register("metric")
class Trend:
    """Pairs of columns, synthetic against the rows learned from.

    Sees: broken or invented relations between two columns. Does not see: relations of three columns that no pair shows.
    Bins are common to all tables: 10 of equal real mass for ordered columns; cells with fewer than 5 real rows count
    together. At most 20,000 rows a table and 500 pairs (drawn at random, those with the target first).

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
        rows = {side: tables.sample(side, MOST_ROWS, "trend") for side in _SIDES}
        joints = [_joint(tables, pair, rows) for pair in pairs]
        return [_mean(tables, joints, rows, left), _worst(joints, rows)]


_SIDES: tuple[Side, ...] = ("synthetic", "real", "holdout")


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


def _joint(tables: Tables, pair: Pair, rows: dict[Side, NDArray[np.int64]]) -> Joint:
    synthetic, real, holdout = (joint_counts(tables, pair, side, rows[side], most=PAIR_BINS).ravel() for side in _SIDES)
    pool = real + holdout
    rare = pool < rare_below(int(pool.sum()))
    synthetic, real, pool = (np.append(part[~rare], part[rare].sum()) for part in (synthetic, real, pool))
    n, m = max(int(synthetic.sum()), 1), max(int(real.sum()), 1)
    distance = float(np.abs(synthetic / n - real / m).sum() / 2)
    rng = tables.rng("trend", pair[0].name, pair[1].name)
    null = null_distances(pool, (n, m), DRAWS, rng, ordered=False)
    stretch = ((1 / min(n, NOISE_ROWS) + 1 / min(m, NOISE_ROWS)) / (1 / n + 1 / m)) ** 0.5
    unit = max(float(null.std(ddof=1)) * stretch, 0.5 / min(n, m, NOISE_ROWS))
    return Joint(pair, distance, null, (distance - float(null.mean())) / unit)


def _mean(tables: Tables, joints: list[Joint], rows: dict[Side, NDArray[np.int64]], left: int) -> Score:
    distances = np.array([joint.distance for joint in joints])
    null = np.stack([joint.null[:RESAMPLES] for joint in joints])
    both = [place for place, joint in enumerate(joints) if joint.pair[0].ordered and joint.pair[1].ordered]
    if both:
        distances[both], null[both] = _correlation_gaps(tables, [joints[place].pair for place in both], rows)
    value, floor = 1 - float(distances.mean()), 1 - float(null.mean())
    noise = float(null.std(axis=1, ddof=1).mean())  # pairs move together; averaged as if they all did
    ranked = np.argsort(null.mean(axis=1) - distances)[:MOST_PARTS]
    reason = (
        f"pair by pair the columns go together as in the real rows to {100 * value:.1f} %; "
        f"fresh real rows would agree to {100 * floor:.1f} %"
    )
    reason += f" ({len(joints)} pairs drawn from {len(joints) + left})" if left else ""
    return Score(
        "fidelity.trend", "fidelity", value=value, low=value - 1.96 * noise, high=min(1.0, value + 1.96 * noise),
        floor=floor, noise=noise, n=len(rows["synthetic"]), reason=reason,
        parts=tuple(Part(joints[i].place, 1 - float(distances[i]), 1 - float(null[i].mean())) for i in ranked),
    )  # fmt: skip


def _correlation_gaps(tables: Tables, pairs: list[Pair], rows: dict[Side, NDArray[np.int64]]) -> tuple[Floats, Floats]:
    """Return (pairs,) half differences of correlations, and (pairs, RESAMPLES) of them between samples of real rows."""
    columns = {column.name: column for pair in pairs for column in pair}
    where = {name: place for place, name in enumerate(columns)}
    a, b = np.array([[where[pair[0].name], where[pair[1].name]] for pair in pairs]).T
    values = {
        side: np.stack([column.numbers(side)[rows[side]] for column in columns.values()], axis=1) for side in _SIDES
    }
    real = correlations(values["real"])
    gaps = _gap(real, correlations(values["synthetic"]))[a, b]
    pool = np.concatenate([values["real"], values["holdout"]])
    rng = tables.rng("trend", "correlations")
    null = []
    for _ in range(RESAMPLES):
        first, second = (
            correlations(pool[rng.integers(len(pool), size=len(rows[side]))]) for side in ("synthetic", "real")
        )
        null.append(_gap(first, second)[a, b])
    return gaps, np.stack(null, axis=1)


def _gap(first: Floats, second: Floats) -> Floats:
    """Return half the difference of correlations; undefined in both is no difference, in one half of the range."""
    gap = np.abs(first - second) / 2
    missing = np.isnan(first).astype(int) + np.isnan(second).astype(int)
    return np.where(missing == 0, gap, np.where(missing == 1, 0.5, 0.0))


def _worst(joints: list[Joint], rows: dict[Side, NDArray[np.int64]]) -> Score:
    ranked = sorted(joints, key=lambda joint: -joint.units)
    scaled = [(joint.null - joint.null.mean()) / max(float(joint.null.std(ddof=1)), 1e-12) for joint in joints]
    null = np.max(scaled, axis=0)
    worst = ranked[0]
    reason = (
        f"{worst.place} is the pair furthest from real: distance {worst.distance:.3f} "
        f"where fresh real rows show {float(worst.null.mean()):.3f} on average"
    )
    return Score(
        "fidelity.worst_pair", "fidelity", value=worst.units, floor=float(null.mean()), noise=float(null.std(ddof=1)),
        better="lower", n=len(rows["synthetic"]), reason=reason,
        parts=tuple(Part(joint.place, joint.units, 0.0) for joint in ranked[:MOST_PARTS]),
    )  # fmt: skip
