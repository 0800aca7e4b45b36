"""Distances between rows of mixed columns, and the nearest row.

Gower's: the mean over columns of |difference| / range (ordered; the range is that of all real rows, so that no side has
a scale of its own) or 0/1 (levels, missing against known). Blocked, single precision, O(n m k).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ._tables import Coded, Side, Tables

__all__ = ["Encoded", "encode", "nearest"]

CELLS = 1 << 18


class Encoded:
    """Rows ready to be compared: numbers (rows, ordered) in [0, 1] of the real range, levels (rows, others)."""

    __slots__ = ("levels", "numbers")

    def __init__(self, numbers: NDArray[np.float32], levels: NDArray[np.int32]) -> None:
        self.numbers, self.levels = numbers, levels

    def __len__(self) -> int:
        return len(self.levels)

    def __add__(self, other: Encoded) -> Encoded:
        return Encoded(np.concatenate([self.numbers, other.numbers]), np.concatenate([self.levels, other.levels]))


def encode(tables: Tables, side: Side, rows: NDArray[np.int64]) -> Encoded:
    """Return some rows of a side as points; a column that holds missing values counts also as a level: known or not."""
    numbers, levels = [], []
    for column in tables.columns:
        codes = column.codes[side][rows]
        if not column.ordered:
            levels.append(codes)
            continue
        numbers.append(_scaled(column)[codes])
        if any((part == 0).any() for part in column.codes.values()):
            levels.append((codes == 0).astype(np.int32))
    empty = np.empty((len(rows), 0))
    return Encoded(
        np.stack(numbers, axis=1).astype(np.float32) if numbers else empty.astype(np.float32),
        np.stack(levels, axis=1) if levels else empty.astype(np.int32),
    )


def _scaled(column: Coded) -> NDArray[np.float64]:
    """Return (width,) code -> place in the range of the real rows; missing lies in the middle."""
    real = column.counts("real") + column.counts("holdout")
    seen = column.values[real[1:] > 0]
    low, high = (float(seen[0]), float(seen[-1])) if len(seen) else (0.0, 1.0)
    return np.concatenate(([0.5], (column.values - low) / ((high - low) or 1.0)))


def nearest(points: Encoded, among: Encoded, *, skip: int = 0) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return for each point the smallest distance to a row of `among`, and that row's index (the first of equals).

    skip : leave out this many nearer rows; with a point among the rows, 5 gives its fifth neighbour. O(n m k).
    """
    columns = max(points.numbers.shape[1] + points.levels.shape[1], 1)
    distance = np.full(len(points), np.inf, dtype=np.float32)
    index = np.zeros(len(points), dtype=np.int64)
    numbers, levels = np.ascontiguousarray(among.numbers.T), np.ascontiguousarray(_small(among.levels).T)
    asked = _small(points.levels)
    step = max(1, CELLS // max(len(among), 1))
    for start in range(0, len(points) if len(among) else 0, step):
        block = slice(start, start + step)
        total = np.zeros((len(distance[block]), len(among)), dtype=np.float32)
        for place in range(numbers.shape[0]):
            total += np.abs(points.numbers[block, place, None] - numbers[place])
        for place in range(levels.shape[0]):
            total += asked[block, place, None] != levels[place]
        best = np.argpartition(total, skip, axis=1)[:, skip] if skip else total.argmin(axis=1)
        index[block], distance[block] = best, total[np.arange(len(best)), best] / columns
    return distance, index


def _small(levels: NDArray[np.int32]) -> NDArray[np.int32] | NDArray[np.uint8]:
    return levels.astype(np.uint8) if levels.size and levels.max() < 256 else levels
