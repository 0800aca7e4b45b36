"""Vectors of texts without an embedder: latent semantic analysis of the words that these texts share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .._learn import one_thread

if TYPE_CHECKING:
    from ._corpus import Side

__all__ = ["cluster", "latent_vectors"]

WIDTH = 64
Vectors = NDArray[np.float32]


def latent_vectors(texts: Mapping[Side, Sequence[str]]) -> dict[Side, Vectors]:
    """Return per side (texts, <= 64) vectors of length 1, a row of zeros for a text without a shared word.

    The space is that of the real texts where there are some, else of the synthetic ones.
    Source: Deerwester et al. 1990; TF-IDF, truncated singular value decomposition.
    """
    with one_thread():
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        from ...text.tokens import normalise, words

        every = [text for part in texts.values() for text in part]
        terms = TfidfVectorizer(
            tokenizer=lambda text: words(normalise(text)) or ["\x00"], token_pattern=None, lowercase=False,
            sublinear_tf=True, min_df=2 if len(every) > 50 else 1, max_df=0.5 if len(every) > 50 else 1.0,
            max_features=20_000,
        )  # fmt: skip
        try:
            matrix = terms.fit_transform(every)
        except ValueError:  # no word is shared by any two texts
            return {side: np.zeros((len(part), 1), dtype=np.float32) for side, part in texts.items()}
        width = min(WIDTH, min(matrix.shape) - 1)
        with np.errstate(divide="ignore", invalid="ignore"):  # texts that are all the same have no variance to share
            whole = TruncatedSVD(width, random_state=0).fit_transform(matrix) if width > 0 else matrix.toarray()
    lengths = np.linalg.norm(whole, axis=1, keepdims=True)
    whole = np.divide(whole, lengths, out=np.zeros_like(whole), where=lengths > 1e-9).astype(np.float32)
    ends = np.cumsum([0, *(len(part) for part in texts.values())])
    return {side: whole[ends[place] : ends[place + 1]] for place, side in enumerate(texts)}


def cluster(vectors: Vectors, count: int, seed: int) -> Vectors:
    """Return (<= count, width) centres of the vectors' clusters, by k-means."""
    with one_thread():
        from sklearn.cluster import MiniBatchKMeans

        count = min(count, len(np.unique(vectors, axis=0)))
        model = MiniBatchKMeans(count, random_state=seed % 2**32, n_init=3, batch_size=1024, max_iter=50)
        return np.asarray(model.fit(vectors).cluster_centers_, dtype=np.float32)
