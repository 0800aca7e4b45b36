"""The early signs of model collapse: what of the real table's support and dependence a generation still has.

Lost support (rare values, combinations, distinct values, tails) moves several generations before utility does, while
means, variances and entropies say nothing; a copula loses dependence first. All statistics are taken against an anchor
of real rows kept aside, at equal numbers of rows, and stand beside what fresh real rows show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..data.schema import Schema
from ..seeds import Seeds
from ._tables import Coded, Side, Tables

__all__ = ["SIGNS", "Anchor", "Floor", "Sign", "signs_of"]

RARE = 0.01
TAIL = 0.01
MOST_ROWS = 10_000
MOST_PAIRS = 200
PAIR_BINS = 10
COMBINED_BINS = 5
FEW_LEVELS = 50
DRAWS = 100

Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Sign:
    """One statistic of the monitor: its name, what it is in a sentence, and which way is better.

    widen : how much more it varies between fresh samples than between the halves of one pool, which share its rare
    values, extremes and repeats; measured 1.15 to 1.6 where a few rows decide, 0.9 to 1.05 elsewhere.
    """

    name: str
    title: str
    meaning: str
    better: str = "higher"
    widen: float = 1.0


SIGNS = (
    Sign(
        "rare",
        "Rare values kept",
        "Share of the values behind less than 1 % of the anchor's rows that appear.",
        widen=1.5,
    ),
    Sign(
        "combinations",
        "Number of combinations",
        "Number of combinations of levels against the anchor's, as the smaller over the larger.",
    ),
    Sign("distinct", "Distinct numbers", "Different values of columns of numbers, relative to as many anchor rows."),
    Sign(
        "tails",
        "Tails",
        "Share of rows beyond the anchor's 1 % and 99 % points, relative to the anchor, at most 1.",
        widen=1.5,
    ),
    Sign("dependence", "Weakest pair", "1 − total variation distance of the pair of columns that differs most."),
    Sign("repeats", "Repeated rows", "Share of rows that repeat an earlier row.", "lower", 1.5),
)


@dataclass(frozen=True, slots=True)
class Floor:
    """What fresh real rows show of a statistic: mean, standard deviation and the worst of all draws."""

    mean: float
    spread: float
    worst: float


@dataclass(frozen=True, eq=False)
class Anchor:
    """Real rows kept aside, and other real rows that say what chance alone does.

    anchor, others : real rows with the same columns; no generator has seen `anchor`.
    rows : rows of each side that are compared, the same for all: at most 10,000.
    """

    anchor: pl.DataFrame
    others: pl.DataFrame
    schema: Schema
    seeds: Seeds
    rows: int

    def measure(self, synthetic: pl.DataFrame) -> dict[str, float]:
        """Return name -> value of the statistics of one generation; those without an answer here are left out.

        rare, distinct, combinations : 1 is as much as the anchor has. tails, dependence : 0..1. repeats : 0..1.
        Read are the first `rows` rows, which must be in no order. O(rows x (columns log rows + pairs)).
        """
        tables = Tables(synthetic.head(self.rows), self.anchor.head(self.rows), None, self.schema, None, self.seeds)
        return signs_of(tables.columns, self._pairs)

    @cached_property
    def floors(self) -> Mapping[str, Floor]:
        """Name -> what one random half of the real rows shows against the other, over 100 splits.

        Both halves are drawn anew, so the spread holds the anchor's own chance too, as it must for fresh rows judged
        against one anchor.
        """
        pooled = Tables(self.others, self.anchor, None, self.schema, None, self.seeds).columns
        joined = {column.name: _joined(column) for column in pooled}
        total, rng = self.anchor.height + self.others.height, self.seeds.child("floors").rng()
        draws: dict[str, list[float]] = {}
        for _ in range(DRAWS):
            order = rng.permutation(total)[: 2 * self.rows]
            half = [_dealt(column, joined[column.name], order) for column in pooled]
            for name, value in signs_of(half, self._pairs).items():
                draws.setdefault(name, []).append(value)
        return {sign.name: self._floor(sign, draws[sign.name]) for sign in SIGNS if sign.name in draws}

    def _floor(self, sign: Sign, drawn: list[float]) -> Floor:
        # One row more or less is chance, also of a sign that all draws agree on.
        spread = max(sign.widen * float(np.std(drawn, ddof=1)), 1 / self.rows)
        return Floor(float(np.mean(drawn)), spread, min(drawn) if sign.better == "higher" else max(drawn))

    @cached_property
    def _pairs(self) -> list[tuple[str, str]]:
        """The pairs of columns that hang together most: what there is to lose. At most 200."""
        real = self.anchor.head(self.rows)
        columns = Tables(real.clear(), real, None, self.schema, None, self.seeds).columns
        bins = [_binned(column, "real", PAIR_BINS) for column in columns]
        strength = {
            (columns[i].name, columns[j].name): _dependence(*bins[i], *bins[j])
            for i in range(len(columns))
            for j in range(i)
        }
        return sorted(strength, key=lambda pair: -strength[pair])[:MOST_PAIRS]


def _joined(column: Coded) -> Codes:
    return np.concatenate([column.codes["synthetic"], column.codes["real"]])


def _dealt(column: Coded, codes: Codes, order: NDArray[np.int64]) -> Coded:
    """Return a column whose two sides are the two halves of a random order."""
    half = len(order) // 2
    sides: dict[Side, Codes] = {
        "synthetic": codes[order[:half]],
        "real": codes[order[half:]],
        "holdout": np.empty(0, dtype=np.int32),
    }
    return replace(column, codes=sides)


def signs_of(columns: Sequence[Coded], pairs: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Return name -> value of the statistics of coded columns whose synthetic and real side are equally many rows."""
    wide = [column for column in columns if column.ordered and _distinct(column, "real") > FEW_LEVELS]
    found = {
        "rare": _rare(columns),
        "combinations": _combinations(columns),
        "distinct": _mean([_distinct(c, "synthetic") / _distinct(c, "real") for c in wide]),
        "tails": _mean([_tail(column, high) for column in wide for high in (False, True)]),
        "dependence": _weakest(columns, pairs),
        "repeats": 1 - _different([column.codes["synthetic"] for column in columns]),
    }
    return {name: value for name, value in found.items() if value is not None}


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _distinct(column: Coded, side: Side) -> int:
    return int(np.count_nonzero(column.counts(side)[1:]))


def _rare(columns: Sequence[Coded]) -> float | None:
    """Return the share kept of the values behind less than 1 % of the real rows, where values are few.

    In a column of nearly unique numbers every value is rare and none is expected again.
    """
    kept = total = 0
    for column in columns:
        real, made = column.counts("real")[1:], column.counts("synthetic")[1:]
        if column.ordered and np.count_nonzero(real) > max(FEW_LEVELS, real.sum() // 20):
            continue
        rare = (real > 0) & (real < RARE * len(column.codes["real"]))
        kept, total = kept + int((made[rare] > 0).sum()), total + int(rare.sum())
    return kept / total if total else None


def _combinations(columns: Sequence[Coded]) -> float | None:
    """Return how near the number of combinations of all columns of levels is to the real one; 1 is as many.

    Fewer: support is lost. More: dependence is lost, what never went together does. Of tables with fewer than three
    columns of levels all columns count, numbers in five bins.
    """
    levels = [column for column in columns if not column.ordered]
    if len(levels) >= 3:
        sides = [[column.codes[side] for column in levels] for side in ("synthetic", "real")]
    else:
        sides = [[_binned(c, side, COMBINED_BINS)[0] for c in columns] for side in ("synthetic", "real")]
    if len(sides[0]) < 2:
        return None
    ratio = _different(sides[0]) / _different(sides[1])
    return min(ratio, 1 / ratio)


def _different(codes: Sequence[Codes]) -> float:
    """Return the share of rows that are the first of their kind."""
    joined = np.zeros(len(codes[0]) if codes else 0, dtype=np.int64)
    for column in codes:
        joined = joined * (int(column.max(initial=0)) + 1) + column
        if joined.size and int(joined.max()) > 2**31:
            joined = np.unique(joined, return_inverse=True)[1]
    return len(np.unique(joined)) / max(len(joined), 1)


def _tail(column: Coded, high: bool) -> float:
    """Return the share of rows in the outer 1 % of the real rows, relative to the real rows, at most 1."""
    real, made = column.counts("real")[1:], column.counts("synthetic")[1:]
    if high:
        real, made = real[::-1], made[::-1]
    place = int(np.searchsorted(np.cumsum(real), TAIL * real.sum())) + 1
    expected = real[:place].sum() / real.sum()
    return min(1.0, float(made[:place].sum() / max(made.sum(), 1) / expected))


def _binned(column: Coded, side: Side, most: int) -> tuple[Codes, int]:
    """Return (rows,) bins of one side by the real rows' quantiles, and their number."""
    lut, width = column.bins(most)
    return lut[column.codes[side]], width


def _joint(first: Codes, second: Codes, widths: tuple[int, int]) -> NDArray[np.float64]:
    counts = np.bincount(first.astype(np.int64) * widths[1] + second, minlength=widths[0] * widths[1])
    return counts.reshape(widths) / max(len(first), 1)


def _dependence(first: Codes, width: int, second: Codes, other: int) -> float:
    """Return the total variation distance of two columns from independence, less what chance gives about."""
    joint = _joint(first, second, (width, other))
    apart = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    chance = np.sqrt(apart / max(len(first), 1)).sum() * 0.4
    return float(np.abs(joint - apart).sum() / 2 - chance)


def _weakest(columns: Sequence[Coded], pairs: Sequence[tuple[str, str]]) -> float | None:
    """Return 1 − the largest total variation distance between the joint tables of a pair, over the pairs."""
    by_name = {column.name: column for column in columns}
    bins = {
        (name, side): _binned(by_name[name], side, PAIR_BINS)
        for name in {name for pair in pairs for name in pair}
        for side in ("synthetic", "real")
    }
    worst = None
    for first, second in pairs:
        widths = (bins[first, "real"][1], bins[second, "real"][1])
        made, real = (_joint(bins[first, side][0], bins[second, side][0], widths) for side in ("synthetic", "real"))
        worst = max(worst or 0.0, float(np.abs(made - real).sum() / 2))
    return None if worst is None else 1 - worst
