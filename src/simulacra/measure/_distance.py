"""Distances between rows of mixed columns, and the nearest row.

Gower's: the mean over columns of |difference| / range (ordered; the range is that of all real rows, so that no side has
a scale of its own) or 0/1 (levels, missing against known). Blocked, single precision, O(n m k).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._tables import Coded, Side, Tables

__all__ = ["Encoded", "encode", "nearest", "nearest_without", "neighbours"]

CELLS = 1 << 18


class Encoded:
    """Rows ready to be compared: numbers (rows, ordered) in [0, 1] of the real range, levels (rows, others).

    owners : the columns that the numbers, then the levels, belong to.
    """

    __slots__ = ("levels", "numbers", "owners")

    def __init__(self, numbers: NDArray[np.float32], levels: NDArray[np.int32], owners: tuple[str, ...]) -> None:
        self.numbers, self.levels, self.owners = numbers, levels, owners

    def __len__(self) -> int:
        return len(self.levels)

    def __add__(self, other: Encoded) -> Encoded:
        return Encoded(
            np.concatenate([self.numbers, other.numbers]), np.concatenate([self.levels, other.levels]), self.owners
        )

    def every(self, step: int) -> Encoded:
        """Return every so many-th row."""
        return Encoded(self.numbers[::step], self.levels[::step], self.owners)


def encode(tables: Tables, side: Side, rows: NDArray[np.int64], names: Sequence[str] | None = None) -> Encoded:
    """Return some rows of a side as points; a column that holds missing values counts also as a level: known or not.

    names : the columns to compare on; None for all.
    """
    numbers, levels = dict[str, NDArray[np.float64]](), list[tuple[str, NDArray[np.int32]]]()
    for column in tables.columns:
        if names is not None and column.name not in names:
            continue
        codes = column.codes[side][rows]
        if not column.ordered:
            levels.append((column.name, codes))
            continue
        numbers[column.name] = _scaled(column)[codes]
        if any((part == 0).any() for part in column.codes.values()):
            levels.append((column.name, (codes == 0).astype(np.int32)))
    empty = np.empty((len(rows), 0))
    return Encoded(
        np.stack(list(numbers.values()), axis=1).astype(np.float32) if numbers else empty.astype(np.float32),
        np.stack([codes for _, codes in levels], axis=1) if levels else empty.astype(np.int32),
        (*numbers, *(name for name, _ in levels)),
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
    columns = max(len(points.owners), 1)
    distance = np.full(len(points), np.inf, dtype=np.float32)
    index = np.zeros(len(points), dtype=np.int64)
    for block, terms in _blocks(points, among):
        total = np.zeros((len(distance[block]), len(among)), dtype=np.float32)
        for _, term in terms:
            total += term
        best = np.argpartition(total, skip, axis=1)[:, skip] if skip else total.argmin(axis=1)
        index[block], distance[block] = best, total[np.arange(len(best)), best] / columns
    return distance, index


def neighbours(points: Encoded, among: Encoded, number: int) -> NDArray[np.int64]:
    """Return (points, number) indices of the nearest rows of `among`, in no order. O(n m k)."""
    number = min(number, len(among))
    index = np.zeros((len(points), number), dtype=np.int64)
    for block, terms in _blocks(points, among):
        total = np.zeros((len(index[block]), len(among)), dtype=np.float32)
        for _, term in terms:
            total += term
        index[block] = np.argpartition(total, number - 1, axis=1)[:, :number]
    return index


def nearest_without(points: Encoded, among: Encoded, names: Sequence[str]) -> NDArray[np.int64]:
    """Return (points, names) the nearest row of `among` when that one column is not looked at. O(n m k)."""
    index = np.zeros((len(points), len(names)), dtype=np.int64)
    for block, terms in _blocks(points, among):
        total = np.zeros((len(index[block]), len(among)), dtype=np.float32)
        own = dict[str, NDArray[Any]]()
        for name, term in terms:
            total += term
            own[name] = own[name] + term if name in own else term
        for place, name in enumerate(names):
            index[block, place] = (total - own[name]).argmin(axis=1)
    return index


def _blocks(points: Encoded, among: Encoded) -> Iterator[tuple[slice, Iterator[tuple[str, NDArray[Any]]]]]:
    """Yield blocks of points, each with the (block, among) difference in one column after the other."""
    numbers, levels = np.ascontiguousarray(among.numbers.T), np.ascontiguousarray(_small(among.levels).T)
    asked = _small(points.levels)
    step = max(1, CELLS // max(len(among), 1))
    for start in range(0, len(points) if len(among) else 0, step):
        block = slice(start, start + step)
        yield block, _terms(points, (numbers, levels, asked), block)


def _terms(
    points: Encoded, sides: tuple[NDArray[Any], NDArray[Any], NDArray[Any]], block: slice
) -> Iterator[tuple[str, NDArray[Any]]]:
    numbers, levels, asked = sides
    for place in range(len(numbers)):
        yield points.owners[place], np.abs(points.numbers[block, place, None] - numbers[place])
    for place in range(len(levels)):
        yield points.owners[len(numbers) + place], asked[block, place, None] != levels[place]


def _small(levels: NDArray[np.int32]) -> NDArray[np.int32] | NDArray[np.uint8]:
    return levels.astype(np.uint8) if levels.size and levels.max() < 256 else levels
