"""Texts as rows of numbers for a student: TF-IDF and embeddings. What a text is made of is looked up once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...text.tokens import normalise, words

if TYPE_CHECKING:
    from ...contracts import Embedder

__all__ = ["Encode", "Remembered", "Terms"]

Floats = NDArray[np.float64]
Encode = Callable[[Sequence[str]], Any]
"""Texts -> (texts, width) numbers, dense or sparse."""

_MOST = 50_000


class Terms:
    """Texts as TF-IDF of words and pairs of words; the terms of a text are looked up once.

    Source: sublinear counts, smoothed idf, rows of length 1, as scikit-learn's TfidfVectorizer has them.
    """

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._known: dict[str, tuple[NDArray[np.int64], Floats]] = {}

    def _of(self, text: str) -> tuple[NDArray[np.int64], Floats]:
        found = self._known.get(text)
        if found is None:
            parts = words(normalise(text)) or ["\x00"]
            terms = [*parts, *(f"{one} {two}" for one, two in itertools.pairwise(parts))]
            places, counts = np.unique(
                [self._places.setdefault(term, len(self._places)) for term in terms], return_counts=True
            )
            found = self._known[text] = places, 1.0 + np.log(counts)
        return found

    def encoder(self, texts: Sequence[str]) -> Callable[[Sequence[str]], Any]:
        """Return a function from texts to (texts, terms) sparse rows; terms that none of `texts` has are left out, and
        the rarest where there are more than 50,000.
        """
        terms = [self._of(text)[0] for text in texts]
        columns, frequency = np.unique(np.concatenate(terms), return_counts=True)
        if len(columns) > _MOST:
            kept = np.sort(np.argsort(-frequency, kind="stable")[:_MOST])
            columns, frequency = columns[kept], frequency[kept]
        weight = np.log((1 + len(texts)) / (1 + frequency)) + 1

        def encode(rows: Sequence[str]) -> Any:
            from scipy.sparse import csr_matrix  # type: ignore[import-untyped,unused-ignore]

            found = [self._of(text) for text in rows]
            owners = np.repeat(np.arange(len(rows)), [len(places) for places, _ in found])
            places = np.concatenate([places for places, _ in found]) if found else np.empty(0, dtype=np.int64)
            values = np.concatenate([counts for _, counts in found]) if found else np.empty(0)
            at = np.minimum(np.searchsorted(columns, places), len(columns) - 1)
            known = columns[at] == places
            owners, at, values = owners[known], at[known], values[known] * weight[at[known]]
            lengths = np.sqrt(np.bincount(owners, values**2, minlength=len(rows)))
            return csr_matrix((values / lengths[owners], (owners, at)), shape=(len(rows), len(columns)))

        return encode


class Remembered:
    """An embedder that keeps what it has embedded."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder, self._known = embedder, dict[str, NDArray[np.float32]]()
        self.name, self.identity, self.width = embedder.name, embedder.identity, embedder.width

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return vectors : (n_texts, width)."""
        fresh = list(dict.fromkeys(text for text in texts if text not in self._known))
        if fresh:
            self._known.update(zip(fresh, self._embedder.embed(fresh), strict=True))
        return np.array([self._known[text] for text in texts], dtype=np.float32).reshape(len(texts), self.width)
