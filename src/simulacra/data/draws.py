"""Many choices from one uniform number a row, and permutations of row numbers: what made-up values are made from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["Draws", "Rows", "permute"]

Rows = npt.NDArray[np.uint64]


def _mix(values: Rows) -> Rows:
    """Scramble 64-bit integers. Source: splitmix64 (Steele, Lea, Flood 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


class Draws:
    """A stream of independent-looking choices per row, all from that row's one uniform number.

    >>> draws = Draws(np.array([0.25, 0.25]), key=1).below(1000)
    >>> bool(draws[0] == draws[1])
    True
    """

    def __init__(self, uniforms: npt.NDArray[np.float64], *, key: int) -> None:
        self._state = _mix((uniforms * 2.0**53).astype(np.uint64) + np.uint64(key % 2**64))

    def __len__(self) -> int:
        return len(self._state)

    def _next(self) -> Rows:
        self._state = self._state + np.uint64(0x9E3779B97F4A7C15)
        return _mix(self._state)

    def uniform(self) -> npt.NDArray[np.float64]:
        """Return one number in [0, 1) per row."""
        return (self._next() >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def below(self, size: int) -> npt.NDArray[np.int64]:
        """Return one integer in [0, size) per row; size at most 2**53."""
        return (self.uniform() * size).astype(np.int64)


def permute(rows: Rows, size: int, key: int) -> Rows:
    """Return where a keyed permutation of [0, size) sends each row number (all below size <= 2**62).

    Source: balanced Feistel network with cycle walking (Black, Rogaway 2002); four rounds, not meant as cryptography.

    >>> sorted(permute(np.arange(10, dtype=np.uint64), 10, key=3).tolist()) == list(range(10))
    True
    """
    if size <= 1:
        return np.zeros_like(rows)
    half = np.uint64(max(1, ((size - 1).bit_length() + 1) // 2))
    values = _feistel(rows, half, key)
    outside = np.flatnonzero(values >= size)
    while len(outside):
        values[outside] = _feistel(values[outside], half, key)
        outside = outside[values[outside] >= size]
    return values


def _feistel(values: Rows, half: np.uint64, key: int) -> Rows:
    mask = (np.uint64(1) << half) - np.uint64(1)
    left, right = values >> half, values & mask
    for turn in range(4):
        salt = np.uint64((key + turn * 0x9E3779B97F4A7C15) % 2**64)
        left, right = right, left ^ (_mix(right + salt) & mask)
    return (left << half) | right
