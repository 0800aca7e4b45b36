"""Embeddings of spelling: character n-grams hashed into 512 places. Always there, deterministic, blind to meaning."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING
from zlib import crc32

from ...registry import register

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Hashing"]

_WORD = re.compile(r"\w+|[^\w\s]")
_GRAM = 3


@register("embedder")
class Hashing:
    """Hashed character trigrams and words: tells how alike two texts are spelled, not what they mean.

    Each n-gram adds the square root of its count, with a sign, at one of 512 places.

    Source: Weinberger et al. 2009, Feature hashing for large scale multitask learning.
    Not handled: synonyms, word order, languages written without spaces (their trigrams alone count).
    """

    name = "hashing"
    identity = "hashing:trigrams-512"
    width = 512

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return vectors : (n_texts, 512), rows of length 1; a text without a word or sign gives a row of zeros."""
        import numpy as np

        vectors = np.zeros((len(texts), self.width), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            grams = Counter(gram for word in _WORD.findall(text.lower()) for gram in _grams(word))
            if not grams:
                continue
            codes = np.fromiter(grams, dtype=np.int64, count=len(grams))
            counts = np.fromiter(grams.values(), dtype=np.float32, count=len(grams))
            signs = np.where(codes & self.width, np.float32(1), np.float32(-1))
            np.add.at(row, codes % self.width, signs * np.sqrt(counts))
            # Signs can cancel; then the text is as alike to everything.
            length = np.sqrt(np.square(row).sum())
            row /= length if length > 0 else 1
        return vectors


@lru_cache(maxsize=50_000)
def _grams(word: str) -> tuple[int, ...]:
    """Return a code for the word and for each trigram of it, its ends marked."""
    marked = f"<{word}>"
    parts = [marked, *(marked[start : start + _GRAM] for start in range(len(marked) - _GRAM + 1))]
    return tuple(crc32(part.encode("utf-8", "surrogatepass")) for part in parts)
