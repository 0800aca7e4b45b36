"""Which column is learned after which, and from which: chosen by mutual information on coarse codes.

Complexity: pairs of columns times at most `MOST_ROWS` rows, once; afterwards each column looks at a bounded number of
others, so the whole fit grows with the number of columns, not with its square.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import kernels

__all__ = ["associations", "choose_order", "choose_predictors", "coarsen"]

BINS = 15
MOST_ROWS = 5_000


def coarsen(codes: NDArray[np.uint8], size: int, ordered: bool) -> NDArray[np.uint8]:
    """Return codes below `BINS`: ordered codes by equal shares of rows, categories the most frequent and the rest."""
    if size <= BINS:
        return codes
    counts = np.bincount(codes, minlength=size)
    if ordered:
        place = (np.cumsum(counts) - counts / 2) / len(codes)
        return np.minimum(place * BINS, BINS - 1).astype(np.uint8)[codes]
    ranks = np.empty(size, np.int64)
    ranks[np.argsort(-counts, kind="stable")] = np.arange(size)
    return np.minimum(ranks, BINS - 1).astype(np.uint8)[codes]


def associations(
    codes: NDArray[np.uint8], sizes: NDArray[np.int32], ordered: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return (n_columns, n_columns) nats of mutual information, less what chance alone would show, zero diagonal."""
    n_rows, n_columns = codes.shape
    rows = np.sort(rng.choice(n_rows, MOST_ROWS, replace=False)) if n_rows > MOST_ROWS else np.arange(n_rows)
    coarse = np.empty((n_columns, len(rows)), np.uint8)
    for j in range(n_columns):
        coarse[j] = coarsen(codes[:, j], int(sizes[j]), bool(ordered[j]))[rows]
    bins = np.minimum(sizes, BINS).astype(np.int32)
    seen = np.array([len(np.unique(column)) for column in coarse], np.float64)
    information = kernels.mutual_information(coarse, bins)
    chance = np.outer(seen - 1, seen - 1) / (2 * max(1, len(rows)))  # Miller & Madow 1955
    information = np.maximum(information - chance, 0)
    np.fill_diagonal(information, 0)
    return np.asarray(information)


def choose_order(information: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return the columns in learning order: first the one that says most of all others, then always the one of
    which those already there say most.
    """
    n = len(information)
    order: list[int] = []
    known = np.zeros(n)
    left = np.ones(n, bool)
    for _ in range(n):
        value = (known if order else information.sum(1)) + 1e-9 * information.sum(1)
        best = int(np.argmax(np.where(left, value, -1.0)))
        order.append(best)
        left[best] = False
        known += information[best]
    return np.array(order, np.int32)


def choose_predictors(
    information: NDArray[np.float64], order: NDArray[np.int32], *, all_up_to: int, most: int
) -> list[NDArray[np.int32]]:
    """Return, per place in the order, the earlier columns to learn from: all in a narrow table, else the `most` that
    say most of it.
    """
    chosen = []
    for place, column in enumerate(order):
        earlier = order[:place]
        if len(order) > all_up_to and place > most:
            earlier = earlier[np.argsort(-information[column, earlier], kind="stable")[:most]]
        chosen.append(np.asarray(earlier, np.int32))
    return chosen
