"""Rows that a table holds several times: all of them are learned from, or none.

Held-out rows stop the learning. In a table of repeats (a bootstrap, one person many times, tables joined) each of them
has a twin among the rows learned from, so they would never stop it. Rows that are equal by chance, as in a table of few
categories, are left alone: to hold them out together would hide whole combinations.

Source: grouped cross-validation, with equal rows as the groups.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["find_repeats", "shuffle"]

LEAST_SHARE = 0.1  # of rows that are repeats, for them to matter
MOST_OF_ONE = 0.01  # share of rows that may be equal: more is a common combination, not a repeat
CHANCE = 0.001  # most rows, as a share, that would have a twin if columns were independent


def find_repeats(codes: NDArray[np.uint8], sizes: NDArray[np.int32]) -> NDArray[np.int64] | None:
    """Return (n_rows,) a number for each row, the same for equal rows; None if there are few repeats or they are what
    chance makes.
    """
    n = len(codes)
    meeting = 0.0  # log of the chance that two rows are equal
    for column, size in enumerate(sizes):
        shares = np.bincount(codes[:, column], minlength=int(size)) / n
        meeting += np.log(np.square(shares).sum())
    if np.log(n) + meeting > np.log(CHANCE):
        return None
    _, groups, counts = np.unique(_digest(codes), return_inverse=True, return_counts=True)
    if len(counts) > (1 - LEAST_SHARE) * n or counts.max() > max(MOST_OF_ONE * n, 1):
        return None
    return np.asarray(groups, np.int64)


def shuffle(n_rows: int, groups: NDArray[np.int64] | None, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the rows in random order, equal rows beside each other."""
    if groups is None:
        return rng.permutation(n_rows)
    return np.argsort(rng.permutation(int(groups.max()) + 1)[groups], kind="stable")


def _digest(codes: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return (n_rows,) 64 bits of each row: a polynomial in its codes, so different rows meet once in 10^19 pairs."""
    digest = np.zeros(len(codes), np.uint64)
    for column in range(codes.shape[1]):
        digest = (digest ^ codes[:, column]) * np.uint64(0x9E3779B97F4A7C15)
        digest ^= digest >> np.uint64(29)
    return digest
