"""fidelity.association and .interaction: what two, and three, columns do together beyond what fewer of them do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contracts import Score
from ..registry import register
from ._changes import Change, score_changes
from ._tables import Coded, Side, Tables

__all__ = ["Interaction"]

MOST_ROWS = 20_000
ERROR_ROWS = 2_500
MOST_HALVES = 40
FEWEST = 100
SMALLEST = {"pairs": 0.03, "triples": 0.15}

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Halves:
    """Columns cut in two, each +1 or -1 less its mean within its table.

    made, real : (rows, halves). owners : the column of each half. even : whether either side holds 15 % of the rows.
    """

    made: Floats
    real: Floats
    owners: tuple[str, ...]
    even: NDArray[np.bool_]

    def partners(self, after: int, others: tuple[int, ...] = (), *, even: bool = False) -> Indices:
        """Return the halves behind one that belong to another column than it and some others."""
        taken = {self.owners[place] for place in (after, *others)}
        behind = range(after + 1, len(self.owners))
        return np.array([k for k in behind if self.owners[k] not in taken and (self.even[k] or not even)], dtype=int)


@register("metric")
class Interaction:
    """Changes of what halves of columns do together; 0..1, lower is better.

    Each column is cut in two: an ordered one at its median, one of levels at the middle of their written order, by its
    most frequent level, and by its second one.

    fidelity.association : the largest change of the share of rows in which two halves hold both or neither, less what
        each explains by itself (half their covariance as +1 and -1). Sees: a pair loosened, where the distance over all
        its cells (fidelity.worst_pair) drowns it.
    fidelity.interaction : the same of three halves, the share of rows in which all three or exactly one hold, less what
        margins and pairs explain. Sees: an exclusive or, from a tenth of the rows on.
    Does not see: relations within a half, or of four columns; halves of fewer than 3 % (of three: 15 %) of the rows. At
    most 40 halves (drawn at random), 20,000 rows a table. Floors: the largest change that chance explains (one in a
    thousand clean tables). Parts: pairs and triples, the most telling first.
    Source: second and third-order interactions of a contingency table (Bartlett 1935), as moments (Lancaster 1969).
    """

    name = "fidelity.interaction"
    family = "fidelity"
    scores = ("fidelity.association", "fidelity.interaction")

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; undefined where there are too few columns to cut in two, or fewer than 100 rows."""
        size = min(tables.rows("synthetic"), tables.rows("real"))
        halves = _cut(tables) if size >= FEWEST else None
        told = (
            "{place} hold together otherwise than in the real rows: {synthetic} of the synthetic rows, {real} of the "
            "real ones, are more than "
        )
        few = f"to cut in two, or fewer than {FEWEST} rows"
        return [
            score_changes(
                self.scores[0], list(_pairs(halves)) if halves else [], n=size, told=f"{told}each explains alone",
                nothing=f"there are fewer than two columns {few}",
            ),
            score_changes(
                self.scores[1], list(_triples(halves)) if halves else [], n=size, told=f"{told}their pairs explain",
                nothing=f"there are fewer than three columns {few}",
            ),
        ]  # fmt: skip


_SIDES: tuple[Side, Side] = ("synthetic", "real")


def _cut(tables: Tables) -> Halves | None:
    """Return the halves of all columns; each centred within its own table, so that margins do not count."""
    found = [(column.name, lut, even) for column in tables.columns for lut, even in _luts(column)]
    if len(found) > MOST_HALVES:
        chosen = tables.rng("interaction").choice(len(found), size=MOST_HALVES, replace=False)
        found = [found[place] for place in np.sort(chosen)]
    if not found:
        return None
    sides = []
    for side in _SIDES:
        rows = tables.sample(side, MOST_ROWS, "interaction")
        bits = [lut[tables.by_name[name].codes[side][rows]] for name, lut, _ in found]
        signs = 2 * np.stack(bits, axis=1).astype(np.float32) - 1
        sides.append(signs - signs.mean(axis=0))
    return Halves(sides[0], sides[1], tuple(name for name, *_ in found), np.array([even for *_, even in found]))


def _luts(column: Coded) -> Iterator[tuple[NDArray[np.bool_], bool]]:
    """Yield (width,) code -> half, and whether it is even, for each way to cut a column."""
    counts = column.counts("real")
    ways = [_upper(counts)]
    if not column.ordered and (counts > 0).sum() > 2:  # of two levels one says all
        codes = np.arange(column.width)
        ways += [codes == code for code in np.argsort(-counts, kind="stable")[:2]]
    for way in ways:
        share = float(counts[way].sum() / max(int(counts.sum()), 1))
        least = min(share, 1 - share)
        if least >= SMALLEST["pairs"]:
            yield way, least >= SMALLEST["triples"]


def _upper(counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return (width,) which codes lie above the cut that is nearest to the middle of the rows.

    Levels stand in their written order, which many have by meaning: a grade, a year, "10 to 19".
    """
    middle = int(np.argmin(np.abs(np.cumsum(counts) / max(int(counts.sum()), 1) - 0.5)))
    return np.arange(len(counts)) > middle


def _pairs(halves: Halves) -> Iterator[Change]:
    """Yield the change of each pair of halves of two different columns."""
    for first in range(len(halves.owners)):
        rest = halves.partners(first)
        if len(rest):
            sides = [_moments(side, side[:, first], rest) for side in (halves.made, halves.real)]
            yield from _compare(halves, (first,), rest, sides)


def _triples(halves: Halves) -> Iterator[Change]:
    """Yield the change of each triple of even halves of three different columns."""
    even = np.flatnonzero(halves.even).tolist()
    for first in even:
        for second in (k for k in even if k > first and halves.owners[k] != halves.owners[first]):
            rest = halves.partners(second, (first,), even=True)
            if len(rest):
                sides = [_moments_of_three(side, first, second, rest) for side in (halves.made, halves.real)]
                yield from _compare(halves, (first, second), rest, sides)


def _compare(
    halves: Halves, given: tuple[int, ...], rest: Indices, sides: list[tuple[Floats, Floats]]
) -> Iterator[Change]:
    (made, made_error), (real, real_error) = sides
    noise = np.sqrt(made_error + real_error) + 0.25 / min(len(halves.made), len(halves.real))
    for place, last in enumerate(rest):
        name = " × ".join(halves.owners[k] for k in (*given, last))
        yield Change(name, float(made[place]), float(real[place]), float(noise[place]))


def _moments(side: Floats, given: Floats, rest: Indices) -> tuple[Floats, Floats]:
    """Return (rest,) half the covariances with a given half, and their squared standard errors."""
    others = side[:, rest]
    moments = np.asarray((given @ others) / len(side) / 2, dtype=np.float32)
    step = _step(len(side))
    return moments, _error((given[::step, None] * others[::step]) / 2, len(side))


def _moments_of_three(side: Floats, first: int, second: int, rest: Indices) -> tuple[Floats, Floats]:
    """Return (rest,) half the third central moments with two given halves, and their squared standard errors.

    The error is that of the product less what single halves and pairs explain of it, as the centring within a table
    takes that away.
    """
    pair = side[:, first] * side[:, second]
    moments = np.asarray((pair @ side[:, rest]) / len(side) / 2, dtype=np.float32)
    step = _step(len(side))
    some, others = side[::step], side[::step, rest]
    with_first, with_second = ((some[:, [place]] * others).mean(axis=0) for place in (first, second))
    residual = (pair[::step, None] - pair.mean()) * others
    residual -= with_first * some[:, [second]] + with_second * some[:, [first]]
    return moments, _error(residual / 2, len(side))


def _step(rows: int) -> int:
    return max(1, rows // ERROR_ROWS)


def _error(products: NDArray[Any], rows: int) -> Floats:
    return np.asarray(products.var(axis=0) / rows, dtype=np.float32)
