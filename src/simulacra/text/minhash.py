"""MinHash: short signatures whose agreement estimates the Jaccard similarity of two sets of n-grams.

Source: Broder 1997; banding after Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, 3.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .ngrams import Ragged

__all__ = ["Bands", "choose_bands", "jaccard", "jaccards", "signatures"]

Signatures = NDArray[np.uint32]

MOST_HASHES = 400
RECALL = 0.998
_BLOCK = 1 << 21
_FEW = 4096


class Bands:
    """How a signature is cut: `count` bands of `rows` hashes; two sets meet if one band agrees whole.

    >>> choose_bands(0.8).chance(0.8) > 0.99, choose_bands(0.8).chance(0.3) < 0.05
    (True, True)
    """

    __slots__ = ("count", "rows")

    def __init__(self, count: int, rows: int) -> None:
        self.count, self.rows = count, rows

    @property
    def hashes(self) -> int:
        """Length of a signature."""
        return self.count * self.rows

    def chance(self, agreement: float) -> float:
        """Return the chance that two sets meet whose hashes agree with the given probability."""
        return 1 - (1 - agreement**self.rows) ** self.count

    def keys(self, parts: NDArray[np.uint32]) -> NDArray[np.uint64]:
        """Return (texts, count) one key per band for (texts, hashes) parts."""
        cut = parts.reshape(len(parts), self.count, self.rows).astype(np.uint64)
        keys = cut[:, :, 0].copy()
        for row in range(1, self.rows):
            keys *= np.uint64(0x9E3779B97F4A7C15)
            keys ^= (keys >> np.uint64(31)) + cut[:, :, row]
        keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        return np.asarray(keys ^ (keys >> np.uint64(27)))


def choose_bands(agreement: float, most: int = MOST_HASHES) -> Bands:
    """Return the sharpest bands of at most `most` hashes by which 99.8 % of what agrees at that level meets.

    Sharp ones are worth their hashes: texts that share a tenth of their n-grams meet once in 1,000 pairs or less, and a
    look costs what it meets.
    """
    fitting = [Bands(most // rows, rows) for rows in range(1, 33)]
    return max((bands for bands in fitting if bands.chance(agreement) >= RECALL or bands.rows == 1),
               key=lambda bands: bands.rows)  # fmt: skip


def signatures(grams: Ragged, hashes: int) -> Signatures:
    """Return (texts, hashes) the smallest value of each hash function over each text's grams.

    A text without grams gives the largest value everywhere. O(grams x hashes).
    """
    factors, offsets = _functions(hashes)
    values = (grams.values >> np.uint64(32)).astype(np.uint32) | np.uint32(1)
    out = np.full((len(grams), hashes), 0xFFFFFFFF, dtype=np.uint32)
    filled = np.flatnonzero(grams.sizes())
    if len(values) * hashes <= _FEW * MOST_HASHES and len(filled) == 1:
        out[filled[0]] = (values[:, None] * factors + offsets).min(axis=0)
        return out
    begins = grams.starts[filled]
    for first in range(0, len(filled), _FEW):
        part = filled[first : first + _FEW]
        low, high = begins[first], grams.starts[part[-1] + 1]
        block, edges = values[low:high], begins[first : first + _FEW] - low
        spare = np.empty_like(block)
        for place in range(hashes):
            np.multiply(block, factors[place], out=spare)
            spare += offsets[place]
            out[part, place] = np.minimum.reduceat(spare, edges)
    return out


def jaccard(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> float:
    """Return the share of two sorted sets' union that both hold; 0 if both are empty.

    >>> jaccard(np.array([1, 2, 3], dtype=np.uint64), np.array([2, 3, 4], dtype=np.uint64))
    0.5
    """
    return float(jaccards(first, [second])[0])


def jaccards(first: NDArray[np.uint64], others: Sequence[NDArray[np.uint64]]) -> NDArray[np.float64]:
    """Return (others,) the `jaccard` of a sorted set with each of some others, which need not be sorted; one at least.

    >>> one, two, three = (np.array(values, dtype=np.uint64) for values in ([1, 2, 3], [2, 3, 4], []))
    >>> jaccards(one, [two, one, three]).tolist()
    [0.5, 1.0, 0.0]
    """
    sizes = np.fromiter(map(len, others), dtype=np.int64, count=len(others))
    if not len(first):
        return np.zeros(len(others))
    flat = np.concatenate(others)
    places = np.searchsorted(first, flat)
    places[places == len(first)] = 0
    held = np.concatenate([[0], np.cumsum(first.take(places) == flat)])
    ends = np.cumsum(sizes)
    shared = held[ends] - held[ends - sizes]
    return np.asarray(shared / (len(first) + sizes - shared))


@lru_cache(maxsize=8)
def _functions(hashes: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return the odd factors and the offsets of the hash functions x -> a x + b modulo 2**32: always the same."""
    rng = np.random.Generator(np.random.PCG64(0x51D))
    factors = rng.integers(0, 2**32, size=hashes, dtype=np.uint32) | np.uint32(1)
    return factors, rng.integers(0, 2**32, size=hashes, dtype=np.uint32)
