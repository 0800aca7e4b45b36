"""fidelity.outcome, .gap, .representation and .amplification: groups, their size, their outcomes, gaps between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ..contracts import Score
from ..registry import register
from ._changes import Change, change_of_shares, score_changes
from ._groups import MOST_CLASSES, bin_name, opposite_groups, outcomes, protected_columns
from ._tables import Coded, Side, Tables

__all__ = ["Outcome"]

PARTS = 5
MOST_COLUMNS = 60
SIDES: tuple[Side, Side] = ("synthetic", "real")
UNNAMED = "no protected columns were named, and no column sounds like one"

Bins = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """A way to divide people: bins of the synthetic and of the real rows, and the names of the bins."""

    bins: tuple[Bins, Bins]
    names: list[str]

    def rows(self, side: int, chosen: NDArray[np.bool_] | None = None) -> Bins:
        """Return (groups,) how many rows of a side, or of the chosen ones among them, are in each group."""
        bins = self.bins[side] if chosen is None else self.bins[side][chosen]
        return np.bincount(bins, minlength=len(self.names))


@register("metric")
class Outcome:
    """Groups of people against groups of people, synthetic against real; all 0..1, lower is better.

    fidelity.outcome : the largest change of an outcome's rate within a group, over all columns taken for groups.
        Sees: an outcome gap widened or lost, label noise, groups swapped.
    fidelity.gap : the largest change of the distance between the outcome's rates of the two largest groups of a column
        (of an ordered one also the lowest and the highest part): few places, so that smaller changes show.
    fidelity.representation : the largest change of the share of a protected group or of an intersection of two.
    fidelity.amplification : the largest growth of the distance between a protected group's outcome rate and the rate of
        all, groups and intersections of two. A gap that is in the real data is no growth: parity is another question.
    Outcomes: the target (its classes, or above the real median), or else up to three columns of two levels. Protected
    columns are those named, or those whose names say sex, race, age ... Ordered columns count as five groups. Floors:
    the largest change that chance explains (one in a thousand clean tables); groups of which fewer than five hits are
    to be expected are not judged. Does not see: causes; groups that no column names.
    Source: demographic parity difference (Dwork et al. 2012), real against synthetic.
    """

    name = "fidelity.outcome"
    family = "fidelity"
    scores = ("fidelity.outcome", "fidelity.gap", "fidelity.representation", "fidelity.amplification")

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        protected, _ = protected_columns(tables)
        results = list(_results(outcomes(tables, protected)))
        n = tables.synthetic.height
        everywhere, gaps = list[Change](), list[Change]()
        for column in tables.columns[:MOST_COLUMNS]:
            for owner, name, hit in results:
                if column is not owner and column.width > 2:
                    groups = _groups(tables, column)
                    rates = _rates(groups, name, hit)
                    everywhere += [change for change in rates if change is not None]
                    gaps += _gap(groups, rates, ordered=column.ordered)
        guarded = list(_protected_groups(tables, protected))
        shares = [change for groups in guarded for change in _shares(groups)]
        growth = [
            change for groups in guarded for owner, name, hit in results
            if owner not in protected for change in _growth(groups, name, hit)
        ]  # fmt: skip
        why = UNNAMED if not protected else "no group is large enough, or there is no outcome to compare"
        none = "there is no target, and no column of two levels to take for an outcome"
        return [
            score_changes(
                self.scores[0], everywhere, n=n, told="{place}: {synthetic} of the synthetic rows, {real} of the real",
                nothing=none,
            ),
            score_changes(
                self.scores[1], gaps, n=n, nothing=none,
                told="{place}: the gap is {synthetic} in the synthetic rows, {real} in the real ones",
            ),
            score_changes(
                self.scores[2], shares, n=n, nothing=why,
                told="{place} makes up {synthetic} of the synthetic rows and {real} of the real ones",
            ),
            score_changes(
                self.scores[3], growth, n=n, nothing=why,
                told="{place}: the distance to the rate of all is {synthetic}, in the real rows {real}",
            ),
        ]  # fmt: skip


def _groups(tables: Tables, column: Coded) -> Groups:
    bins = [tables.binned(column, side, PARTS) for side in SIDES]
    names = [f"{column.name} {bin_name(tables, column, place, PARTS)}" for place in range(bins[0][1])]
    return Groups((bins[0][0].astype(np.int64), bins[1][0].astype(np.int64)), names)


def _protected_groups(tables: Tables, protected: list[Coded]) -> Iterator[Groups]:
    """Yield the groups of each protected column, then those of each two of them."""
    single = [_groups(tables, column) for column in protected[:6]]
    yield from single
    for first, second in combinations(single, 2):
        width = len(second.names)
        names = [f"{a} and {b}" for a in first.names for b in second.names]
        yield Groups((first.bins[0] * width + second.bins[0], first.bins[1] * width + second.bins[1]), names)


def _results(columns: list[Coded]) -> Iterator[tuple[Coded, str, tuple[NDArray[np.bool_], NDArray[np.bool_]]]]:
    """Yield outcome columns, what counts as a hit, and the hits among synthetic and real rows."""
    for column in columns:
        if column.ordered and (column.counts("real")[1:] > 0).sum() > 2:
            middle = float(np.nanmedian(column.numbers("real")))
            made, real = (column.numbers(side) > middle for side in SIDES)
            yield column, f"{column.name} above the median", (made, real)
            continue
        often = np.argsort(-column.counts("real")[1:], kind="stable") + 1
        # Of two classes one says all: the rarer.
        for code in often[1:2] if len(often) == 2 else often[:MOST_CLASSES]:
            label = column.labels[code - 1] if column.labels else f"{column.values[code - 1]:g}"
            made, real = (column.codes[side] == code for side in SIDES)
            yield column, f"{column.name} = {label}", (made, real)


def _rates(groups: Groups, name: str, hit: tuple[NDArray[np.bool_], NDArray[np.bool_]]) -> list[Change | None]:
    """Return the change of the outcome's rate in each group; None where too few hits are to be expected."""
    hits, rows = [groups.rows(side, hit[side]) for side in (0, 1)], [groups.rows(side) for side in (0, 1)]
    return [
        change_of_shares(
            f"{name} where {group}", (float(hits[0][place]), float(hits[1][place])),
            (int(rows[0][place]), int(rows[1][place])),
        )
        for place, group in enumerate(groups.names)
    ]  # fmt: skip


def _gap(groups: Groups, rates: list[Change | None], *, ordered: bool) -> Iterator[Change]:
    """Yield the change of the gap between the two largest groups, and between the lowest and the highest part."""
    for a, b in opposite_groups(groups.rows(0) + groups.rows(1), ordered=ordered):
        first, second = rates[a], rates[b]
        if first is not None and second is not None:
            noise = (first.noise**2 + second.noise**2) ** 0.5
            place = f"{first.place} against {groups.names[b]}"
            yield Change(place, first.synthetic - second.synthetic, first.real - second.real, noise)


def _shares(groups: Groups) -> Iterator[Change]:
    rows = [groups.rows(side) for side in (0, 1)]
    for place, group in enumerate(groups.names):
        counts = float(rows[0][place]), float(rows[1][place])
        change = change_of_shares(group, counts, (int(rows[0].sum()), int(rows[1].sum())))
        if change is not None:
            yield change


def _growth(groups: Groups, name: str, hit: tuple[NDArray[np.bool_], NDArray[np.bool_]]) -> Iterator[Change]:
    """Yield how much further from the rate of all a group's rate lies than in the real rows; 0 where it lies nearer."""
    overall = [float(part.mean()) for part in hit]
    for change in _rates(groups, name, hit):
        if change is None:
            continue
        made, real = change.synthetic - overall[0], change.real - overall[1]
        grown = abs(made - real) if made * real < 0 else max(0.0, abs(made) - abs(real))
        yield Change(change.place, abs(real) + grown, abs(real), change.noise)
