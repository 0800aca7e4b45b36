"""Distances between rows of mixed columns, and new points between vectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Mend", "MixedRows", "Row", "draw_rows", "fields_fit", "is_number", "smote_vectors"]

Floats = NDArray[np.float64]
Row = dict[str, Any]
Mend = Callable[[Sequence[Row]], Sequence[Row | None]]
"""Rows as the rules of their table have them, what follows from other cells computed anew; None for what breaks one.
"""
T = TypeVar("T")


def draw_rows(
    own: Sequence[Mapping[str, Any]], draw: Callable[[int], tuple[Row, T] | None], mend: Mend | None, tries: int
) -> list[tuple[Row, T] | None]:
    """Return for each of the rows `own` another one that keeps the rules, None where `tries` draws gave none.

    draw : place -> a row and what is to be told of it, None if there is no use in trying. All that is still open is
    drawn and looked at together.
    """
    found: list[tuple[Row, T] | None] = [None] * len(own)
    open_ = list(range(len(own)))
    for _ in range(tries):
        drawn = [(place, one) for place in open_ if (one := draw(place)) is not None]
        rows = [row for _, (row, _) in drawn]
        kept = mend(rows) if mend is not None and rows else rows
        for (place, (_, told)), row in zip(drawn, kept, strict=True):
            if row is not None and row != dict(own[place]):
                found[place] = row, told
        open_ = [place for place, _ in drawn if found[place] is None]
    return found


def is_number(value: Any) -> bool:
    """Whether a cell is a number (true and false are not)."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def fields_fit(value: Any, like: Any) -> Any:
    """Return a number as a whole one if `like` is, else with the decimals of `like`."""
    if isinstance(like, int):
        return round(value)
    decimals = len(repr(float(like)).partition(".")[2]) if "e" not in repr(float(like)) else 12
    return round(float(value), decimals)


class MixedRows:
    """A pool of rows as points: numbers by their standard deviation, other cells as same or not.

    Two different categories lie as far apart as the median standard deviation of the numbers, as in SMOTENC.
    Source: Chawla et al., "SMOTE: synthetic minority over-sampling technique" (2002), section 6.1.
    """

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.names = list(dict.fromkeys(name for row in rows for name in row))
        self.numeric = [name for name in self.names if _is_numeric(rows, name)]
        self.other = [name for name in self.names if name not in self.numeric]
        raw = np.array([[_float(row.get(name)) for name in self.numeric] for row in rows], dtype=np.float64)
        raw = raw.reshape(len(rows), len(self.numeric))
        known = ~np.isnan(raw)
        counts = np.maximum(known.sum(axis=0), 1)
        means = np.where(known, raw, 0.0).sum(axis=0) / counts
        deviations = np.sqrt(np.where(known, (raw - means) ** 2, 0.0).sum(axis=0) / counts)
        self.deviations = np.where(deviations > 0, deviations, 1.0)
        self._points = np.where(known, (raw - means) / self.deviations, 0.0)
        self._codes = np.array(
            [[hash_of(row.get(name)) for name in self.other] for row in rows], dtype=np.int64
        ).reshape(len(rows), len(self.other))  # fmt: skip

    def neighbours(self, place: int, pool: NDArray[np.int64], count: int) -> NDArray[np.int64]:
        """Return the `count` nearest rows of `pool` to the row at `place`, nearest first, the row itself left out."""
        pool = pool[pool != place]
        numbers = ((self._points[pool] - self._points[place]) ** 2).sum(axis=1)
        others = (self._codes[pool] != self._codes[place]).sum(axis=1)
        order = np.argsort(numbers + others, kind="stable")
        return pool[order[:count]]


def _is_numeric(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    values = [row.get(name) for row in rows if row.get(name) is not None]
    return bool(values) and all(is_number(value) for value in values)


def _float(value: Any) -> float:
    return float(value) if is_number(value) else float("nan")


def hash_of(value: Any) -> int:
    """Return a number that is the same for the same cell in every process."""
    import hashlib

    return int.from_bytes(hashlib.blake2b(repr(value).encode(), digest_size=7).digest(), "little")


def smote_vectors(
    vectors: Floats, labels: Sequence[str], count: int, rng: np.random.Generator, *, neighbours: int = 5
) -> tuple[Floats, list[str], NDArray[np.int64]]:
    """Return `count` new vectors for each given one, their labels and the place of the vector each came from.

    vectors : (n, width). A new vector lies between one and one of its nearest of the same label, at a share drawn
    evenly from [0, 1]. A label with one vector gives copies of it.
    Source: Chawla et al. (2002).
    """
    kinds = np.asarray(labels)
    parents = np.tile(np.arange(len(vectors)), count)
    made = np.empty((len(parents), vectors.shape[1]))
    for label in dict.fromkeys(labels):
        places = np.flatnonzero(kinds == label)
        near = _nearest(vectors[places], neighbours)
        own = np.flatnonzero(kinds[parents] == label)
        at = np.searchsorted(places, parents[own])
        partner = near[at, rng.integers(0, near.shape[1], len(own))] if near.shape[1] else at
        share = rng.random((len(own), 1))
        made[own] = vectors[parents[own]] * (1 - share) + vectors[places[partner]] * share
    return made, [labels[place] for place in parents], parents


def _nearest(points: Floats, count: int) -> NDArray[np.int64]:
    squares = (points**2).sum(axis=1)
    distances = squares[:, None] + squares[None, :] - 2 * points @ points.T
    np.fill_diagonal(distances, np.inf)
    return np.argsort(distances, axis=1, kind="stable")[:, : min(count, len(points) - 1)]
