"""What the collapse monitor looks at in texts: words that occur once, the vocabulary, pairs of words, long texts.

Each at an equal number of words, against real texts kept aside (the anchor). They move before anything else does: a
generation that was sampled lacks what the one before had once, and nothing brings it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..seeds import Seeds
from ..text.tokens import words
from ._support import Floor, Sign

__all__ = ["TEXT_SIGNS", "TextAnchor"]

TEXT_SIGNS = (
    Sign("once", "Rare words kept", "Share of the words the anchor has once or twice that appear.", widen=1.5),
    Sign("words", "Vocabulary", "Number of different words, relative to the anchor."),
    Sign("hapax", "Words that occur once", "Share of the different words that occur once, relative to the anchor."),
    Sign("pairs", "Pairs of words", "Number of different pairs of neighbouring words, relative to the anchor."),
    Sign(
        "long",
        "Long texts kept",
        "Texts beyond the anchor's 95 % point of length, relative to the anchor, at most 1.",
        widen=1.5,
    ),
    Sign("same", "Repeated texts", "Share of the texts that repeat an earlier one.", better="lower", widen=1.5),
)
"""Signs of texts; names differ from those of tables."""
DRAWS = 100
_BUDGET = 0.8  # of the anchor's words are compared, so that a generation of somewhat shorter texts still fills it
_RARE = 2

Tokens = NDArray[np.int64]


class TextAnchor:
    """Real texts kept aside, and others that say what chance alone does. texts : of each side that are compared."""

    def __init__(self, anchor: Sequence[str], others: Sequence[str], seeds: Seeds, texts: int) -> None:
        self.texts = min(texts, len(anchor))
        self._ids: dict[str, int] = {}
        self._seeds = seeds
        self._anchor = self._read(anchor)
        self._others = self._read(others)

    def measure(self, made: Sequence[str]) -> dict[str, float]:
        """Return sign -> value for the first `texts` texts, which must be in no order."""
        return self._compare(self._read(made[: self.texts]), self._anchor[: self.texts])

    @cached_property
    def floors(self) -> Mapping[str, Floor]:
        """Sign -> what one random half of the real texts shows against the other, over 100 splits."""
        pooled, rng = [*self._anchor, *self._others], self._seeds.child("floors").rng()
        size = min(self.texts, len(pooled) // 2)
        drawn: list[dict[str, float]] = []
        for _ in range(DRAWS):
            order = rng.permutation(len(pooled))[: 2 * size].tolist()
            drawn.append(self._compare([pooled[k] for k in order[:size]], [pooled[k] for k in order[size:]]))
        return {sign.name: self._floor(sign, [one[sign.name] for one in drawn]) for sign in TEXT_SIGNS}

    def _floor(self, sign: Sign, drawn: list[float]) -> Floor:
        spread = max(sign.widen * float(np.std(drawn, ddof=1)), 1 / self.texts)
        return Floor(float(np.mean(drawn)), spread, min(drawn) if sign.better == "higher" else max(drawn))

    def _read(self, texts: Sequence[str]) -> list[Tokens]:
        ids = self._ids
        return [
            np.array([ids.setdefault(word, len(ids)) for word in words(text.casefold())], dtype=np.int64)
            for text in texts
        ]

    def _compare(self, made: list[Tokens], real: list[Tokens]) -> dict[str, float]:
        budget = round(_BUDGET * sum(map(len, real)))
        left, right = _counts(made, budget, len(self._ids)), _counts(real, budget, len(self._ids))
        rare = (right > 0) & (right <= _RARE)
        sizes = np.array([len(text) for text in real])
        bound = float(np.quantile(sizes, 0.95)) if len(sizes) else 0.0
        beyond = max(float((sizes >= bound).mean()), 1e-9) if len(sizes) else 1.0
        long = float(np.mean([len(text) >= bound for text in made])) if made else 0.0
        unlike = len({text.tobytes() for text in made})
        return {
            "once": float((left[rare] > 0).mean()) if rare.any() else 1.0,
            "words": _ratio(int(np.count_nonzero(left)), int(np.count_nonzero(right))),
            "hapax": _ratio(_once(left), _once(right)),
            "pairs": _ratio(_pairs(made, budget), _pairs(real, budget)),
            "long": min(1.0, long / beyond),
            "same": 1 - unlike / len(made) if made else 1.0,
        }


def _first(texts: list[Tokens], budget: int) -> Tokens:
    flat = np.concatenate([*texts, np.empty(0, dtype=np.int64)])
    return flat[:budget]


def _counts(texts: list[Tokens], budget: int, size: int) -> Tokens:
    return np.bincount(_first(texts, budget), minlength=size)


def _once(counts: Tokens) -> float:
    return float((counts == 1).sum() / max(np.count_nonzero(counts), 1))


def _pairs(texts: list[Tokens], budget: int) -> int:
    flat = _first(texts, budget)
    return len(np.unique(flat[:-1] * (1 << 31) + flat[1:]))


def _ratio(made: float, real: float) -> float:
    return float(made / real) if real else 1.0
