"""A growing index of meanings: which text before is nearest, by the cosine of embeddings.

Few texts are all compared; of many only those that share a bucket of random hyperplanes, so that a look costs the same
with 10,000 and with 100,000 texts. Of pairs at the threshold 99 of 100 are found, more above it.
Source: Charikar 2002, Similarity estimation techniques from rounding algorithms.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ...models.embedders import open_embedder

if TYPE_CHECKING:
    from ...contracts.models import Embedder

__all__ = ["Meanings"]

Vectors: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float32]]

_ALL = 4096
"""So many texts are compared one by one; of the texts in the same buckets the last so many."""
_TABLES, _MISSED, _MOST_BITS = 24, 0.01, 18


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
        self._planes: Vectors = np.empty((0, 0), dtype=np.float32)
        self._tables: list[dict[int, list[int]]] = [{} for _ in range(_TABLES)]
        self._bits = _bits_for(threshold)
        self._count = 0
        self._last: tuple[str, Vectors] | None = None

    def __len__(self) -> int:
        return self._count

    def nearest(self, text: str) -> int | None:
        """Return the position of the nearest text, None if none is near enough."""
        vector = self._embed([text])[0]
        self._last = (text, vector)
        places = self._candidates(vector)
        if not len(places):
            return None
        cosines = self._rows[places] @ vector
        best = int(np.argmax(cosines))
        return int(places[best]) if cosines[best] >= self._threshold - 1e-6 else None

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
        for place, keys in enumerate(self._keys(vectors), self._count):
            for table, key in zip(self._tables, keys, strict=True):
                table.setdefault(int(key), []).append(place)
        self._count = wanted

    def _candidates(self, vector: Vectors) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        if self._count <= _ALL:
            return np.arange(self._count)
        found: set[int] = set()
        for table, key in zip(self._tables, self._keys(vector[None, :])[0], strict=True):
            found.update(table.get(int(key), ())[-_ALL:])
        return np.array(sorted(found)[-_ALL:], dtype=np.int64)

    def _keys(self, vectors: Vectors) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        """Return (n, tables): on which side of its hyperplanes each vector lies, as one number a table."""
        if not self._planes.size:
            rng = np.random.Generator(np.random.PCG64(20_02))
            self._planes = rng.standard_normal((vectors.shape[1], _TABLES * self._bits)).astype(np.float32)
        sides = (vectors @ self._planes > 0).reshape(len(vectors), _TABLES, self._bits)
        return np.asarray(sides @ (1 << np.arange(self._bits)))

    def _embed(self, texts: Sequence[str]) -> Vectors:
        if self._embedder is None:
            self._embedder = open_embedder(self._named)
        return self._embedder.embed(list(texts))


def _bits_for(threshold: float) -> int:
    """Return the hyperplanes a table: as many as find 99 of 100 pairs at the threshold over all tables."""
    same = 1 - np.arccos(min(threshold, 1.0)) / np.pi
    least = 1 - _MISSED ** (1 / _TABLES)
    return int(min(_MOST_BITS, max(1, np.log(least) // np.log(same)))) if same < 1 else _MOST_BITS
