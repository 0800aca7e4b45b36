"""How near each real text is to the synthetic ones, against how near it is to other real texts.

Vectors are words and pairs of words, rare ones weighted up (TF-IDF), as sparse rows of length 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...text.ngrams import Ragged

if TYPE_CHECKING:
    from ._corpus import Corpus

__all__ = ["nearness"]

Floats = NDArray[np.float64]
_BLOCK = 500


def nearness(pool: Corpus, made: Corpus) -> tuple[Floats, Floats]:
    """Return (pool,) the largest cosine to a synthetic text, and to another text of the pool."""
    ours, theirs = _weighted([_both(pool), _both(made)])
    return _largest(ours, theirs, own=False), _largest(ours, ours, own=True)


def _both(corpus: Corpus) -> Ragged:
    """Return words and pairs of words of each text, once each."""
    parts = [corpus.grams(1), corpus.grams(2)]
    owners = np.concatenate([part.owners() for part in parts])
    order = np.argsort(owners, kind="stable")
    values = np.concatenate([part.values for part in parts])[order]
    sizes = sum(part.sizes() for part in parts)
    return Ragged(values, np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)])).distinct()


def _weighted(parts: list[Ragged]) -> list[Any]:
    from scipy.sparse import csr_array  # type: ignore[import-untyped]

    # Weights are those of the pool: what synthetic texts repeat must not become common by that.
    values, counts = np.unique(parts[0].values, return_counts=True)
    weights = np.log((1 + len(parts[0])) / (1 + counts)) + 0.1
    rows = []
    for part in parts:
        places = np.minimum(np.searchsorted(values, part.values), max(len(values) - 1, 0))
        known = values[places] == part.values if len(values) else np.zeros(len(part.values), dtype=np.bool_)
        data = np.where(known, weights[places], np.log(1 + len(parts[0])) + 0.1)
        lengths = np.sqrt(np.bincount(part.owners(), data**2, minlength=len(part)))
        data = data / np.maximum(lengths, 1e-12)[part.owners()]
        kept = csr_array((data[known], (part.owners()[known], places[known])), shape=(len(part), len(values)))
        rows.append(kept.astype(np.float32))
    return rows


def _largest(first: Any, second: Any, *, own: bool) -> Floats:
    """Return (first,) the largest product with a row of `second`; own: not with itself."""
    turned, found = second.T.tocsr(), np.zeros(first.shape[0])
    for start in range(0, first.shape[0], _BLOCK):
        block = (first[start : start + _BLOCK] @ turned).toarray()
        if own:
            block[np.arange(len(block)), np.arange(start, start + len(block))] = 0.0
        if block.size:
            found[start : start + _BLOCK] = block.max(axis=1)
    return found
