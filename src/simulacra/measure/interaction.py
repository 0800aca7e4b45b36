"""fidelity.interaction: what three columns do together beyond what their pairs do, as an exclusive or."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contracts import Score
from ..registry import register
from ._changes import Change, score_changes
from ._tables import Coded, Side, Tables

__all__ = ["Interaction"]

MOST_ROWS = 20_000
MOST_HALVES = 40
FEWEST = 100
SMALLEST = 0.15

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Halves:
    """Columns cut in two: (rows, halves) +1 or -1 less its mean, the column of each, and its name."""

    made: Floats
    real: Floats
    owners: tuple[str, ...]


@register("metric")
class Interaction:
    """The largest change of a three-way interaction; 0..1, lower is better.

    Each column is cut in two: an ordered one at its median, one of levels at the middle of their written order, by its
    most frequent level, and by its second one. The interaction of three halves is the share of rows in which all three,
    or exactly one, hold, less what margins and pairs explain (half the third central moment of +1 and -1). Sees: an
    exclusive or of three columns, from a tenth of the rows on, where distances over all cells drown it. Does not see:
    interactions within a half, or of four columns. All triples of at most 40 halves (drawn at random), 20,000 rows a
    table. Floor: the largest change that chance explains (one in a thousand clean tables). Parts: triples, the most
    telling first.
    Source: third-order interactions of a contingency table (Bartlett 1935), as moments (Lancaster 1969).
    """

    name = "fidelity.interaction"
    family = "fidelity"
    scores = ("fidelity.interaction",)

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the score; undefined where there are no three columns to cut in two, or fewer than 100 rows."""
        size = min(tables.rows("synthetic"), tables.rows("real"))
        halves = _cut(tables) if size >= FEWEST else None
        changes = _changes(halves) if halves is not None and len(set(halves.owners)) > 2 else []
        return [
            score_changes(
                self.name, changes, n=size, told="{place} hold together otherwise than in the real rows: {synthetic} "
                "of the synthetic rows, {real} of the real ones, are more than margins and pairs explain",
                nothing=f"there are fewer than three columns to cut in two, or fewer than {FEWEST} rows",
            )
        ]  # fmt: skip


_SIDES: tuple[Side, Side] = ("synthetic", "real")


def _cut(tables: Tables) -> Halves:
    """Return the halves of all columns; each centred within its own table, so that margins do not count."""
    rows = {side: tables.sample(side, MOST_ROWS, "interaction") for side in _SIDES}
    found = [(column.name, lut) for column in tables.columns for lut in _luts(column)]
    if len(found) > MOST_HALVES:
        chosen = tables.rng("interaction").choice(len(found), size=MOST_HALVES, replace=False)
        found = [found[place] for place in np.sort(chosen)]
    sides = []
    for side in _SIDES:
        bits = [lut[tables.by_name[name].codes[side][rows[side]]] for name, lut in found]
        signs = 2 * np.stack(bits, axis=1).astype(np.float32) - 1 if bits else np.empty((0, 0), dtype=np.float32)
        sides.append(signs - signs.mean(axis=0))
    return Halves(sides[0], sides[1], tuple(name for name, _ in found))


def _luts(column: Coded) -> list[NDArray[np.bool_]]:
    """Return (width,) code -> half, for each way to cut a column that leaves 15 % of the real rows on either side."""
    counts = column.counts("real")
    total = max(int(counts.sum()), 1)
    codes = np.arange(column.width)
    if column.ordered:
        ways = [_upper(counts)]
    else:
        ways = [codes == code for code in np.argsort(-counts, kind="stable")[:2]]
        # Of two levels one says all; many have an order in which they are written (a grade, a year, "10 to 19").
        ways = ways[:1] if (counts > 0).sum() == 2 else [*ways, _upper(counts)]
    return [way for way in ways if SMALLEST <= counts[way].sum() / total <= 1 - SMALLEST]


def _upper(counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return (width,) which codes lie above the cut that is nearest to the middle of the rows."""
    middle = int(np.argmin(np.abs(np.cumsum(counts) / max(int(counts.sum()), 1) - 0.5)))
    return np.arange(len(counts)) > middle


def _changes(halves: Halves) -> list[Change]:
    """Return the change of each triple of halves of three different columns."""
    changes = []
    owners = np.array(halves.owners)
    for first in range(len(owners)):
        for second in range(first + 1, len(owners)):
            rest = np.flatnonzero((np.arange(len(owners)) > second) & (owners != owners[first]))
            rest = rest[owners[rest] != owners[second]]
            if owners[first] == owners[second] or not len(rest):
                continue
            made, real = (_moments(side, first, second, rest) for side in (halves.made, halves.real))
            noise = np.sqrt(made[1] + real[1]) + 0.25 / min(len(halves.made), len(halves.real))
            for place, third in enumerate(rest):
                names = " × ".join((owners[first], owners[second], owners[third]))
                changes.append(Change(names, float(made[0][place]), float(real[0][place]), float(noise[place])))
    return changes


def _moments(side: Floats, first: int, second: int, rest: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return (rest,) half the third central moments with two given halves, and their squared standard errors.

    The error is that of a mean of products from which what single halves and pairs explain is taken: centring within a
    table makes its moment as sure as that of the residual.
    """
    pair = side[:, first] * side[:, second]
    middle = pair.mean()
    others = side[:, rest]
    moments = np.asarray((pair @ others) / len(side) / 2, dtype=np.float32)
    # Residual of the product: minus cov(pair) * third, cov(first, third) * second, cov(second, third) * first.
    with_first, with_second = ((side[:, [place]] * others).mean(axis=0) for place in (first, second))
    residual = (pair[:, None] - middle) * others - with_first * side[:, [second]] - with_second * side[:, [first]]
    return moments, np.asarray((residual / 2).var(axis=0) / len(side), dtype=np.float32)
