"""fidelity.dependence and .adjusted_gap: what a column owes to all others, by one linear model of the real rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contracts import Score
from ..registry import register
from ._additive import Expected, expect_from_others
from ._changes import AGREE, Change, score_changes
from ._groups import bin_name, opposite_groups, outcomes, protected_columns
from ._tables import Side, Tables

__all__ = ["Dependence"]

FEWEST = 200
FEWEST_A_GROUP = 30
FEWEST_HITS = 10
PARTS = 5
LEAST_NOISE = 0.002

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over the rows of a side, its squared standard error, and how many rows."""

    value: float
    error: float
    n: int


@register("metric")
class Dependence:
    """What the other columns say of a column, synthetic against real; 0..1, lower is better.

    A linear model on the bins of all other columns learns from two thirds of the real rows what to expect of each
    column, and is asked about the other third, and about as much of the synthetic and of the hold-out rows: fresh real
    rows would be expected as well as they are.

    fidelity.dependence : the largest change of the correlation between a column (numbers as ranks, levels as 0 and 1)
        and what is expected of it. Sees: label noise, a column loosened from the rest or tied to it too closely, also
        where each pair changes little.
    fidelity.adjusted_gap : the largest change of the outcome's gap between the two largest groups of a column (of an
        ordered one also its lowest and highest part), both less what is expected of their rows. Sees: a gap widened or
        lost, with two thirds of the noise of fidelity.gap. Does not see: a gap that follows from other changed columns.
    Does not see: interactions (fidelity.interaction, .worst_triple); levels of fewer than 3 % of the rows. A hold-out
    that agrees with the rows learned from counts with them. 12,000 rows of each table. Floors: the largest change that
    chance explains (one in a thousand clean tables). Parts: columns; groups.
    Source: regression-adjusted differences (Lin 2013); cross-fitting (Chernozhukov et al. 2018).
    """

    name = "fidelity.dependence"
    family = "fidelity"
    scores = ("fidelity.dependence", "fidelity.adjusted_gap")

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; undefined where there are fewer than two columns, or fewer than 200 rows of either."""
        n = min(tables.rows("synthetic"), tables.rows("real"))
        found = expect_from_others(tables) if n >= FEWEST else None
        few = f"fewer than two columns to compare, or fewer than {FEWEST} rows"
        return [
            score_changes(
                self.scores[0], list(_correlations(found)) if found else [], n=n, nothing=f"there are {few}",
                told="{place} agrees with what the other columns say of it to {synthetic} in the synthetic rows, to "
                "{real} in the real ones",
            ),
            score_changes(
                self.scores[1], list(_gaps(tables, found)) if found else [], n=n,
                nothing=f"there is no outcome to compare, no two groups that are large enough, or there are {few}",
                told="{place}: among people alike in all else the gap is {synthetic} off what real rows lead to "
                "expect, in the real rows {real}",
            ),
        ]  # fmt: skip


def _correlations(found: Expected) -> Iterator[Change]:
    """Yield the change of the correlation of each column with what is expected of it."""
    for place, name in enumerate(found.names):
        sides = {side: _correlation(found.truth[side][:, place], found.guess[side][:, place]) for side in found.truth}
        yield _change(name, sides)


def _correlation(truth: Floats, guess: Floats) -> Mean:
    """Return the correlation of two centred columns, and its squared standard error whatever their law."""
    spreads = float(truth.std()), float(guess.std())
    if min(spreads) <= 1e-9:
        return Mean(0.0, 1 / max(len(truth), 1), len(truth))
    a, b = truth / spreads[0], guess / spreads[1]
    value = float((a * b).mean())
    influence = a * b - value / 2 * (a**2 + b**2)
    # One row more than seen may lie apart, so that few exceptions in few rows are not taken for certainty.
    apart = float(np.abs(a).max() * np.abs(b).max()) / len(a)
    return Mean(value, float(influence.var()) / len(a) + apart**2, len(a))


def _gaps(tables: Tables, found: Expected) -> Iterator[Change]:
    """Yield the change of the gap between two groups in what is not expected, for each outcome and column."""
    results = outcomes(tables, protected_columns(tables)[0])
    chosen = [(place, owner) for place, owner in enumerate(found.owners) if owner in results]
    for column in tables.columns:
        bins = {side: tables.binned(column, side, PARTS)[0][rows] for side, rows in found.rows.items()}
        pairs = opposite_groups(np.bincount(bins["real"]), ordered=column.ordered)
        for place, owner in chosen if pairs else ():
            if owner is column:
                continue
            away = {side: found.truth[side][:, place] - found.guess[side][:, place] for side in bins}
            for a, b in pairs:
                named = [bin_name(tables, column, part, PARTS) for part in (a, b)]
                sides = {side: _contrast(away[side], bins[side], (a, b)) for side in bins}
                if sides["synthetic"] and sides["real"]:
                    told = f"{found.names[place]} where {column.name} {named[0]} against {named[1]}"
                    yield _change(told, {side: mean for side, mean in sides.items() if mean})


def _contrast(away: Floats, bins: NDArray[Any], groups: tuple[int, int]) -> Mean | None:
    """Return the difference of two groups' means; None where one is too small for the normal law."""
    parts = [away[bins == group] for group in groups]
    if min(map(len, parts)) < FEWEST_A_GROUP or min(_weight(part) for part in parts) < FEWEST_HITS:
        return None
    error = sum(float(part.var()) / len(part) for part in parts)
    return Mean(float(parts[0].mean() - parts[1].mean()), error, min(map(len, parts)))


def _weight(values: Floats) -> float:
    """Return how many rows weigh as much as all: one far row must not decide (of n like rows, n / 1.8 or more)."""
    squares = (values - values.mean()) ** 2
    return float(squares.sum() ** 2 / max(float((squares**2).sum()), 1e-30))


def _change(place: str, sides: dict[Side, Mean]) -> Change:
    """Return a change, against the real rows and the hold-out where the two agree."""
    made, real, kept = sides["synthetic"], sides["real"], sides.get("holdout")
    if kept is not None and abs(kept.value - real.value) <= AGREE * (kept.error + real.error) ** 0.5:
        share = real.n / (real.n + kept.n)
        real = Mean(
            share * real.value + (1 - share) * kept.value,
            share**2 * real.error + (1 - share) ** 2 * kept.error,
            real.n + kept.n,
        )
    noise = (made.error + real.error) ** 0.5 + 0.25 / min(made.n, real.n)
    return Change(place, made.value, real.value, max(noise, LEAST_NOISE))
