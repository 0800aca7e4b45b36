"""A growing index of meanings: which text before is nearest, by the cosine of embeddings.

Few texts are all compared; of many only those that share a bucket of random hyperplanes, so that a look hardly costs
more with 100,000 texts than with 10,000. The hyperplanes go through the middle of the first texts: texts on one subject
lie on one side of the origin, and buckets cut there would hold them all. Of those in a bucket only the ones whose
sketches agree as near texts do are compared. Of pairs at the threshold about 99 of 100 are found, more above it.
Source: Charikar 2002, Similarity estimation techniques from rounding algorithms; tables that sample the bits of one
sketch after Indyk and Motwani 1998.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ...models.embedders import open_embedder

if TYPE_CHECKING:
    from ...contracts.models import Embedder

__all__ = ["Meanings"]

Vectors: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float32]]
Sides: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
Places: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.int32]]

_ALL = 1024
"""So many texts are compared one by one; by their middle the hyperplanes are laid."""
_NEWEST = 256
"""So many texts of a bucket are compared: a heap of look-alikes must not cost its square."""
_TABLES, _SIDES, _MISSED, _MOST_BITS = 64, 512, 0.005, 20
_SKETCH = 128  # of the sides: few bytes a text, so that those of 100,000 texts stay near the processor
_MARGIN = 4.0  # standard errors by which two sketches may agree less than the angle between the texts has it
_PLACE = np.dtype(np.int32)
_ONES = np.ones(_SKETCH // 64, dtype=np.float32)
_BLOCK = 1000
_NEAR_MIDDLE = 0.05  # so many texts lie so near to the middle that pairs of them are found less often


class Meanings:
    """Embeddings of texts in the order they came.

    threshold : cosine from which on two texts say the same, in (0, 1]; ValueError outside. embedder : its name, None
    for the usual one, opened at the first text.
    """

    def __init__(self, threshold: float, embedder: str | None = None) -> None:
        if not 0 < threshold <= 1:
            raise ValueError(f"a cosine of {threshold} is not in (0, 1]")
        self._threshold, self._named = threshold, embedder
        self._embedder: Embedder | None = None
        self._rows: Vectors = np.empty((0, 0), dtype=np.float32)
        self._count = 0
        self._buckets: _Buckets | None = None
        self._last: tuple[str, Vectors] | None = None

    def __len__(self) -> int:
        return self._count

    def nearest(self, text: str) -> int | None:
        """Return the position of the nearest text, None if none is near enough."""
        vector = self._embed([text])[0]
        self._last = (text, vector)
        if not self._count:
            return None
        if self._buckets is None:
            return self._best(self._rows[: self._count] @ vector)
        places = self._buckets.lookup(vector)
        found = self._best(self._rows.take(places, axis=0) @ vector)
        return None if found is None else int(places[found])

    def add(self, texts: Sequence[str]) -> None:
        """Put texts in, whatever is there already."""
        if not texts:
            return
        same = len(texts) == 1 and self._last is not None and self._last[0] == texts[0]
        vectors = self._last[1][None, :] if same and self._last is not None else self._embed(texts)
        wanted = self._count + len(vectors)
        if wanted > len(self._rows):
            grown = np.empty((max(1024, 2 * wanted), vectors.shape[1]), dtype=np.float32)
            grown[: self._count] = self._rows[: self._count] if self._count else 0
            self._rows = grown
        self._rows[self._count : wanted] = vectors
        if self._buckets is not None:
            self._buckets.insert(self._count, vectors)
        elif wanted > _ALL:
            self._buckets = _Buckets(self._rows[:_ALL], self._threshold)
            self._buckets.insert(0, self._rows[:wanted])
        self._count = wanted

    def _best(self, cosines: Vectors) -> int | None:
        best = int(np.argmax(cosines)) if len(cosines) else 0
        return best if len(cosines) and cosines[best] >= self._threshold - 1e-6 else None

    def _embed(self, texts: Sequence[str]) -> Vectors:
        if self._embedder is None:
            self._embedder = open_embedder(self._named)
        return self._embedder.embed(list(texts))


class _Buckets:
    """Tables of buckets: a text is under a key of each table, the sides of some hyperplanes on which it lies.

    first : (n, width) the texts through whose middle the hyperplanes go.
    """

    def __init__(self, first: Vectors, threshold: float) -> None:
        rng = np.random.Generator(np.random.PCG64(20_02))
        self._middle = first.mean(axis=0)
        apart = np.square(first - self._middle).sum(axis=1)
        bits = _bits_for(1 - (1 - threshold) / max(float(np.quantile(apart, _NEAR_MIDDLE)), 1e-9))
        self._farthest = (2 - 2 * threshold) ** 0.5
        self._planes = rng.standard_normal((first.shape[1], _SIDES)).astype(np.float32)
        self._sampled = np.array([rng.choice(_SIDES, bits, replace=False) for _ in range(_TABLES)])
        self._weights = 1 << np.arange(bits)
        self._tables: list[dict[int, bytearray]] = [{} for _ in range(_TABLES)]
        self._sketches = np.empty((0, _SKETCH // 64), dtype=np.uint64)

    def insert(self, first: int, vectors: Vectors) -> None:
        """Put in vectors : (n, width) as members first, first + 1 ..."""
        last = first + len(vectors)
        if last > len(self._sketches):
            grown = np.empty((2 * last, self._sketches.shape[1]), dtype=np.uint64)
            grown[:first] = self._sketches[:first]
            self._sketches = grown
        for start in range(0, len(vectors), _BLOCK):
            sides = self._sides(vectors[start : start + _BLOCK])
            self._sketches[first + start : first + start + len(sides)] = _sketch(sides)
            for place, keys in enumerate(self._keys(sides), first + start):
                written = place.to_bytes(_PLACE.itemsize, sys.byteorder)
                for table, key in zip(self._tables, keys, strict=True):
                    if key in table:
                        table[key] += written
                    else:
                        table[key] = bytearray(written)

    def lookup(self, vector: Vectors) -> Places:
        """Return the members that share a bucket with a vector : (width,) and may be near it, each once, sorted."""
        sides, newest = self._sides(vector[None, :]), -_NEWEST * _PLACE.itemsize
        keys = self._keys(sides)[0]
        met = [table[key][newest:] for table, key in zip(self._tables, keys, strict=True) if key in table]
        places = np.frombuffer(b"".join(met), dtype=_PLACE)
        apart = np.bitwise_count(self._sketches.take(places, axis=0) ^ _sketch(sides)).astype(np.float32) @ _ONES
        return np.unique(places[apart <= self._most_apart(vector)])

    def _most_apart(self, vector: Vectors) -> float:
        """Return by how many sides of its sketch a near text may differ.

        Seen from the middle, two texts a distance of d apart lie at most arcsin(d / distance to the middle) apart.
        """
        distance = float(np.linalg.norm(vector - self._middle))
        if distance <= self._farthest:
            return _SKETCH
        share = float(np.arcsin(self._farthest / distance)) / np.pi
        return _SKETCH * share + _MARGIN * float(np.sqrt(_SKETCH * share * (1 - share)))

    def _sides(self, vectors: Vectors) -> Sides:
        return np.asarray((vectors - self._middle) @ self._planes > 0)

    def _keys(self, sides: Sides) -> list[list[int]]:
        """Return for each vector a number a table."""
        found: list[list[int]] = (sides[:, self._sampled] @ self._weights).tolist()
        return found


def _sketch(sides: Sides) -> np.ndarray[tuple[int, ...], np.dtype[np.uint64]]:
    """Return (n, _SKETCH / 64) the first sides as bits."""
    return np.packbits(sides[:, :_SKETCH], axis=1).view(np.uint64)


def _bits_for(cosine: float) -> int:
    """Return the hyperplanes a table: as many as let pairs of a cosine meet in one of the tables, but for `_MISSED`."""
    same = 1 - np.arccos(np.clip(cosine, -1.0, 1.0)) / np.pi
    least = 1 - _MISSED ** (1 / _TABLES)
    return int(min(_MOST_BITS, max(1, np.log(least) // np.log(same)))) if 0 < same < 1 else _MOST_BITS
