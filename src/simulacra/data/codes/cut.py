"""Cutting a line of numbers into atoms and bins, so that neither an edge nor a knot is anybody's own value.

Three steps: values that many rows share become atoms; the stretches between atoms are cut at quantiles into bins of at
least `FLOOR` rows, with narrower bins in the tails; each bin gets a smoothed quantile function. Stretches of fewer
than `FLOOR` rows get no bin: their values go to the nearest atom.

Source: quantile binning with exact atoms; the knots are L-estimates (means of neighbouring order statistics).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .axis import PIECES, Axis, Floats
from .endings import Endings, find_endings

__all__ = ["FLOOR", "cut"]

FLOOR = 5
"""No atom and no bin stands for fewer rows."""

FEW = 200
"""With at most so many distinct values each value of at least FLOOR rows is an atom."""

BINS = 128
"""About so many bins at most, so that atoms, tails and a code for missing fit into 256 codes beside them."""

ROWS_A_BIN = 20
"""Small tables get fewer bins: one for so many rows."""

PIECE_ROWS = 10
"""Rows behind a linear piece. With 20 skewed columns begin to show (a discriminator's AUC of .527 instead of .513)."""

MOST_ATOMS = 110
TAIL = (0.125, 0.333)
"""Where the outermost bin of a stretch is cut again, as shares of its rows."""

WINDOW = 3
"""Order statistics on each side of a rank that an edge or knot is the mean of."""


@dataclass(frozen=True, slots=True)
class _Rest:
    """What is not an atom. values : sorted, ties spread over their cell; rare : values of fewer than FLOOR rows."""

    values: Floats
    rare: Floats
    grid: float


def cut(values: Floats, decimals: int | None = None) -> Axis:
    """Return the axis for these numbers (finite, already rounded to `decimals` if that is given).

    ValueError for fewer than `FLOOR` numbers: any axis would show whose they are, so callers withhold the column.
    """
    if len(values) < FLOOR:
        raise ValueError(f"cut takes at least {FLOOR} numbers and got {len(values)}")
    distinct, counts = np.unique(values, return_counts=True)
    step = _step(distinct, decimals)
    grid = 0.0 if decimals is None else step * 10.0**-decimals
    atom = _choose_atoms(counts)
    atoms = distinct[atom]
    stretch = np.cumsum(atom)[~atom]
    rows = np.bincount(stretch, weights=counts[~atom], minlength=len(atoms) + 1).astype(np.int64)
    kept = rows >= FLOOR
    inside = kept[stretch]
    rest = _Rest(
        _spread(distinct[~atom][inside], counts[~atom][inside], grid), distinct[~atom][counts[~atom] < FLOOR], grid
    )
    ends = np.cumsum(np.where(kept, rows, 0))
    starts = ends - np.where(kept, rows, 0)
    wanted = _share_bins(rows, kept, int(counts.sum()), 255 - len(atoms))
    ranks = [
        _bin_starts(rest, int(starts[k]), int(ends[k]), int(wanted[k])) if kept[k] else [] for k in range(len(rows))
    ]
    room = 255 - len(atoms) - sum(len(group) for group in ranks)
    for k, group in enumerate(ranks):
        if len(group):
            ranks[k] = _at_gaps(rest.values, group, int(ends[k]), room)
            room -= len(ranks[k]) - len(group)
    axis = replace(_assemble(atoms, ranks, ends, rest), decimals=decimals, step=step)
    return replace(axis, endings=_endings(axis, distinct[~atom][inside], counts[~atom][inside], grid))


def _endings(axis: Axis, distinct: Floats, counts: npt.NDArray[np.int64], grid: float) -> Endings | None:
    """Return how the values within bins end."""
    rows = np.bincount(axis.encode(distinct), weights=counts, minlength=axis.size)[~axis.atom]
    bins = axis.knots[~axis.atom]
    first, last = (knots[~axis.atom] for knots in axis.stretches())
    code, piece = np.nonzero(first == np.arange(PIECES))
    last = last[code, piece]
    pieces = (bins[code, piece], bins[code, last], rows[code] * (last - piece) / PIECES)
    return find_endings(distinct, counts, grid, pieces)


def _step(distinct: Floats, decimals: int | None) -> int:
    """Return the largest step that all values are multiples of, in units of the last decimal (halves, hundreds ...)."""
    if decimals is None:
        return 1
    whole = np.rint(np.abs(distinct) * 10.0**decimals)
    return max(1, int(np.gcd.reduce(whole.astype(np.int64)))) if whole.max() < 2**53 else 1


def _choose_atoms(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Values of 15 rows and .2 % of all rows at least (fewer in small tables); of FLOOR rows where few are distinct."""
    rows = int(counts.sum())
    least = FLOOR if len(counts) <= FEW else max(FLOOR, min(15, rows // 64), int(np.ceil(0.002 * rows)))
    atom: npt.NDArray[np.bool_] = counts >= least
    if len(counts) > FEW and atom.sum() > MOST_ATOMS:
        atom = np.zeros(len(counts), bool)
        atom[np.argsort(-counts, kind="stable")[:MOST_ATOMS]] = True
    return atom


def _spread(distinct: Floats, counts: npt.NDArray[np.int64], grid: float) -> Floats:
    """Return all rows' values in order, ties spread evenly over the grid cell that rounding collapsed them from."""
    values = np.repeat(distinct, counts)
    if not grid:
        return values
    first = np.repeat(np.cumsum(counts) - counts, counts)
    share = (np.arange(len(values)) - first + 0.5) / np.repeat(counts, counts) - 0.5
    return values + grid * 0.998 * share


def _share_bins(
    rows: npt.NDArray[np.int64], kept: npt.NDArray[np.bool_], total: int, room: int
) -> npt.NDArray[np.int64]:
    """Return how many bins each stretch gets: about `BINS` in all, by its rows, one at least."""
    number = int(kept.sum())
    loose = int(rows[kept].sum())
    a_bin = max(ROWS_A_BIN, total / (2 * BINS))
    wish = min(BINS, int(loose / a_bin), room - 4 * int((rows >= 7 * a_bin).sum()))
    extra = max(0, min(wish, room) - number)
    return np.where(kept, 1 + (extra * rows / max(1, loose)).astype(np.int64), 0)


def _bin_starts(rest: _Rest, start: int, end: int, wanted: int) -> list[int]:
    """Return the ranks at which the bins of the stretch [start, end) begin, each bin of at least FLOOR rows."""
    shares = np.arange(1, wanted) / wanted
    if wanted >= 8:
        tail = np.array(TAIL) / wanted
        shares = np.concatenate([tail, shares, 1 - tail])
    ranks = start + np.unique(np.round(shares * (end - start))).astype(np.int64)
    inner = np.unique(np.searchsorted(rest.values, [_edge(rest, int(rank), start, end) for rank in ranks]))
    starts = [start]
    for rank in inner.tolist():
        if rank - starts[-1] >= FLOOR and end - rank >= FLOOR:
            starts.append(rank)
    return starts


def _at_gaps(values: Floats, starts: list[int], end: int, room: int) -> list[int]:
    """Return the bins' starts so that none bridges a gap wider than all else in it: nothing lies between two towns.

    A bin is cut at its gap if `room` codes are left and both sides keep `FLOOR` rows, else its few rows beyond the gap
    go to the bin on their side.
    """
    moved = set(starts)
    for first, last in zip(starts, [*starts[1:], end], strict=True):
        gaps = np.diff(values[first:last])
        widest = int(gaps.argmax())
        if gaps[widest] <= values[last - 1] - values[first] - gaps[widest]:
            continue
        rank = first + widest + 1
        if rank - first >= FLOOR and last - rank >= FLOOR:
            moved |= {rank} if room > len(moved) - len(starts) else set()
        elif rank - first < FLOOR and first != starts[0]:
            moved = (moved - {first}) | {rank}
        elif last - rank < FLOOR and last != end:
            moved = (moved - {last}) | {rank}
    kept = [starts[0]]
    for rank in sorted(moved)[1:]:
        if rank - kept[-1] >= FLOOR and end - rank >= FLOOR:
            kept.append(rank)
    return kept


def _edge(rest: _Rest, rank: int, start: int, end: int) -> float:
    """Return a bound near that rank: between grid points, or a mean of neighbours that is no rare value itself."""
    near = rest.values[max(start, rank - WINDOW) : min(end, rank + WINDOW)]
    edge = float((near / len(near)).sum())
    if rest.grid:
        return float((np.floor(edge / rest.grid) + 0.5) * rest.grid)
    return edge


def _assemble(atoms: Floats, ranks: list[list[int]], ends: npt.NDArray[np.int64], rest: _Rest) -> Axis:
    """Put atoms and bins in order of value and find the bound between each two."""
    first = np.array([rank for group in ranks for rank in group], np.int64)
    last = np.array([rank for k, g in enumerate(ranks) if g for rank in (*g[1:], int(ends[k]))], np.int64)
    quantiles = _quantile_functions(rest, first, last) if len(first) else np.empty((0, PIECES + 1))
    # Atoms and bins in one table, sorted by the lowest row of each.
    lowest = np.concatenate([rest.values[first], atoms])
    highest = np.concatenate([rest.values[last - 1], atoms])
    order = np.argsort(lowest, kind="stable")
    table = np.concatenate([quantiles, np.repeat(atoms[:, None], PIECES + 1, axis=1)])[order]
    atom = (np.arange(len(order)) >= len(first))[order]
    return Axis(_bounds(highest[order][:-1], lowest[order][1:], atom, rest), table, atom, None)


def _bounds(left: Floats, right: Floats, atom: npt.NDArray[np.bool_], rest: _Rest) -> Floats:
    """Return the upper bound of each code but the last, between its last row and the first row of the next."""
    middle = left / 2 + right / 2
    if rest.grid:
        half = rest.grid / 2
        middle = (np.floor(middle / rest.grid) + 0.5) * rest.grid
        middle = np.where(atom[:-1] & ~atom[1:], left + half, np.where(~atom[:-1] & atom[1:], right - half, middle))
        return np.minimum(middle, np.nextafter(right, -np.inf))  # beyond 2^53 half a grid step is lost in rounding
    # An atom takes its own value alone from a bin beside it.
    middle = np.where(np.isin(middle, rest.rare), middle + (right - middle) * 0.382, middle)
    below = np.nextafter(right, -np.inf)
    bounds: Floats = np.where(atom[:-1] & ~atom[1:], left, np.where(~atom[:-1] & atom[1:], below, middle))
    return bounds


def _quantile_functions(rest: _Rest, first: npt.NDArray[np.int64], last: npt.NDArray[np.int64]) -> Floats:
    """Return (bins, PIECES + 1) smoothed quantiles of the rows [first, last) of each bin.

    A piece holds at least PIECE_ROWS rows, so small bins have 1, 2 or 4 pieces, written as 8.
    """
    rows = last - first
    pieces = np.select([rows >= count * PIECE_ROWS for count in (8, 4, 2)], [8, 4, 2], 1)
    place = np.arange(PIECES + 1)[None, :] * (pieces[:, None] / PIECES)
    below = np.minimum(place.astype(np.int64), pieces[:, None] - 1)
    knots = np.empty((len(first), PIECES + 1))
    for j in range(PIECES + 1):
        rank = first + np.round(rows * j / pieces).astype(np.int64)
        knots[:, j] = _window_mean(rest.values, rank, first, last)
    knots[:, 0] = -_outer_end(-rest.values[::-1], len(rest.values) - first, len(rest.values) - last)
    high = _outer_end(rest.values, last, first)
    knots[np.arange(len(first)), pieces] = high
    knots = np.clip(knots, knots[:, :1], high[:, None])
    at = np.arange(len(first))[:, None]
    share = place - below
    table = knots[at, below] * (1 - share) + knots[at, below + 1] * share
    centres = np.add.reduceat(rest.values, first) / rows
    return _not_rare(np.maximum.accumulate(table, axis=1), centres, rest)


def _window_mean(
    values: Floats, rank: npt.NDArray[np.int64], first: npt.NDArray[np.int64], last: npt.NDArray[np.int64]
) -> Floats:
    index = rank[:, None] + np.arange(-WINDOW, WINDOW)[None, :]
    mean: Floats = values[np.clip(index, first[:, None], last[:, None] - 1)].mean(axis=1)
    return mean


def _outer_end(values: Floats, last: npt.NDArray[np.int64], first: npt.NDArray[np.int64]) -> Floats:
    """Return where a bin's last rows seem to end, from its last five rows and always inside the outermost one.

    The least of: mean plus two and a half spacings (exact for even spacing), the middle of the two outermost, and three
    times the median excess, so that one far outlier does not show.
    """
    index = np.clip(last[:, None] - np.arange(FLOOR, 0, -1)[None, :], first[:, None], last[:, None] - 1)
    five = values[index]
    spacing = (five[:, 3:].sum(axis=1) - five[:, :2].sum(axis=1)) / 6
    even = five.mean(axis=1) + 2.5 * spacing
    robust = five[:, 0] + 3 * (five[:, 2] - five[:, 0])
    end: Floats = np.minimum(np.minimum(even, robust), five[:, 3:].mean(axis=1))
    return end


def _not_rare(knots: Floats, centres: Floats, rest: _Rest) -> Floats:
    """Return the knots, moved towards their bin's mean where one equals a value of fewer than FLOOR rows."""
    for _ in range(4):
        hit = np.isin(knots, rest.rare)
        if not hit.any():
            break
        other = np.where(knots == knots[:, :1], knots[:, -1:], knots[:, :1])
        inward = np.where(centres[:, None] == knots, other, centres[:, None]) - knots
        step = np.where(inward < 0, -rest.grid / 4, rest.grid / 4) if rest.grid else inward * 0.382
        knots = np.maximum.accumulate(np.where(hit, knots + step, knots), axis=1)
    return knots
