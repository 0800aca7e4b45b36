"""diversity.similarity and diversity.vendi: how alike in meaning the texts are among themselves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...contracts import Score
from ...registry import register
from ._corpus import FEWEST, Sample, Texts
from ._scores import sampled

__all__ = ["Similarity", "vendi"]

MOST = 500
DRAWS = 8


@register("text_metric")
class Similarity:
    """How alike the texts are, at equal numbers of texts, by their vectors.

    diversity.similarity : mean cosine of two different texts, -1..1; lower is more varied.
    diversity.vendi : Vendi score by the number of texts, the share of truly different ones, 0..1; higher is better.
    Floor: as many real texts. Sees: sameness in other words. Does not see: what the vectors do not tell apart (without
    an embedder they come from the words that occur together). At most 500 texts a draw.
    Source: Friedman and Dieng 2023 (Vendi score), cosine kernel.
    """

    name = "diversity.vendi"
    family = "diversity"
    scores = ("diversity.vendi", "diversity.similarity")

    def __call__(self, texts: Texts) -> list[Score]:
        """Return the scores; without real texts they have no floor."""
        made = texts.vectors.get("synthetic", (None, np.zeros((0, 1), dtype=np.float32)))[1]
        real = [texts.vectors[side][1] for side in ("real", "holdout") if side in texts.vectors]
        pool = np.concatenate(real) if real else None
        size = min(MOST, *(len(part) // 2 for part in ([made] if pool is None else [made, pool])))
        if size < FEWEST // 2:
            return [sampled(self.scores[0], None, ""), sampled(self.scores[1], None, "", better="lower")]
        rng = texts.rng("similarity")
        found = [_halves(part, size, rng) for part in ([made] if pool is None else [made, pool])]
        return [
            sampled(self.scores[0], _sample(found, 0, size), "{value} of the texts would do if they shared nothing"),
            sampled(self.scores[1], _sample(found, 1, size), "the mean cosine of two texts is {value}", better="lower"),
        ]  # fmt: skip


def vendi(vectors: NDArray[np.float32]) -> float:
    """Return the Vendi score of (n, width) rows of length 1: 1 if all are the same, n if none share anything.

    >>> round(vendi(np.eye(4, dtype=np.float32)), 6), round(vendi(np.ones((4, 1), dtype=np.float32)), 6)
    (4.0, 1.0)
    """
    square = vectors.T if len(vectors) > vectors.shape[1] else vectors
    values = np.linalg.eigvalsh((square @ square.T).astype(np.float64) / len(vectors))
    values = values[values > 1e-12]
    return float(np.exp(-(values * np.log(values)).sum()))


def _halves(vectors: NDArray[np.float32], size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return (draws, 2, 2): Vendi score and mean cosine of two disjoint sets."""
    found = np.empty((DRAWS, 2, 2))
    for draw in range(DRAWS):
        order = rng.permutation(len(vectors))
        for half in (0, 1):
            part = vectors[order[half * size : (half + 1) * size]]
            total = float(np.square(part.sum(axis=0, dtype=np.float64)).sum())
            own = float(np.square(part.astype(np.float64)).sum())
            found[draw, half] = vendi(part) / size, (total - own) / (size * (size - 1))
    return found


def _sample(found: list[NDArray[np.float64]], which: int, size: int) -> Sample:
    own = found[0][:, :, which]
    spread = float(np.std(own[:, 0] - own[:, 1])) / 2**0.5
    floor = noise = None
    if len(found) > 1:
        real = found[1][:, :, which]
        floor, noise = float(real.mean()), float(np.std(real[:, 0] - real[:, 1]))
        spread = max(spread, noise / 2**0.5)
    value = float(own.mean())
    return Sample(value, value - 1.96 * spread, value + 1.96 * spread, floor, noise, size)
