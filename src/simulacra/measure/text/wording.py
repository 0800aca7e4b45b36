"""fidelity.wording: are the words used as often as in real texts?"""

from __future__ import annotations

from collections import Counter

import numpy as np

from ...contracts import Part, Score
from ...registry import register
from ...text.tokens import normalise, words
from ._corpus import DRAWS, FEWEST, MOST_TOKENS, Corpus, Rows, Texts
from ._scores import missing, too_few
from .distinct import gather

__all__ = ["Wording"]

SHOWN = 10
LEAST_TEXTS = 10


@register("text_metric")
class Wording:
    """How often each word is used, against real texts, at equal numbers of words.

    fidelity.wording : 1 - total variation between the frequencies of words, 0..1, higher is better. Floor: real texts
        against other real ones. Parts: words that at least ten texts have on one side, whose share differs most.
    fidelity.known_words : share of the synthetic words that real texts have at all; higher is better.
    Sees: another register, another subject, made-up words. Does not see: the order of words. At most 30,000 words.
    """

    name = "fidelity.wording"
    family = "fidelity"
    scores = ("fidelity.wording", "fidelity.known_words")

    def __call__(self, texts: Texts) -> list[Score]:
        """Return the scores, undefined without real texts."""
        lacking = too_few(texts.synthetic, texts.real)
        if lacking or texts.pool is None:
            return [missing(name, lacking) for name in self.scores]
        pool = texts.pool
        budget = min(MOST_TOKENS, texts.synthetic.tokens // 2, pool.tokens // 2)
        if budget < FEWEST:
            return [missing(name, "there are hardly any words") for name in self.scores]
        rng = texts.rng("wording")
        found, nulls = np.empty((DRAWS, 2)), np.empty((DRAWS, 2))
        for draw in range(DRAWS):
            first, second = (_draw(pool, half, budget) for half in np.array_split(rng.permutation(len(pool)), 2))
            made = _draw(texts.synthetic, rng.permutation(len(texts.synthetic)), budget)
            found[draw], nulls[draw] = _compare(made, first), _compare(second, first)
        parts = _telling(texts.synthetic, pool)
        reasons = (
            "{:.0f} of 100 words would have to change for the frequencies to match",
            "{:.0f} of 100 words are not among as many words of real texts",
        )
        return [
            _score(name, found[:, place], nulls[:, place], (budget, reasons[place]), () if place else parts)
            for place, name in enumerate(self.scores)
        ]


def _score(name: str, found: np.ndarray, nulls: np.ndarray, told: tuple[int, str], parts: tuple[Part, ...]) -> Score:
    # The draws of a small corpus share texts; the difference of two disjoint halves does not.
    value, floor, noise = float(found.mean()), float(nulls.mean()), max(float(nulls.std()), 1e-3)
    low, high = max(0.0, value - 1.96 * noise), min(1.0, value + 1.96 * noise)
    reason = f"{told[1].format(100 * (1 - value))} (real texts: {100 * (1 - floor):.0f})"
    return Score(
        name, "fidelity", value=value, low=low, high=high, floor=floor, noise=noise, n=told[0], reason=reason,
        parts=parts,
    )  # fmt: skip


def _draw(corpus: Corpus, order: Rows, budget: int) -> np.ndarray:
    filled = np.cumsum(corpus.hashes.sizes()[order])
    return gather(corpus, order[: int(np.searchsorted(filled, budget)) + 1], 1)[:budget]


def _compare(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    values, inverse = np.unique(np.concatenate([first, second]), return_inverse=True)
    ours = np.bincount(inverse[: len(first)], minlength=len(values)) / max(len(first), 1)
    theirs = np.bincount(inverse[len(first) :], minlength=len(values)) / max(len(second), 1)
    return 1 - float(np.abs(ours - theirs).sum() / 2), float(ours[theirs > 0].sum())


def _telling(made: Corpus, real: Corpus) -> tuple[Part, ...]:
    """Return the words whose share of texts differs most, in standard errors."""
    counts = [Counter(word for text in corpus.texts for word in set(words(normalise(text)))) for corpus in (made, real)]
    ranked = []
    for word in counts[0].keys() | counts[1].keys():
        hits = [counts[0][word], counts[1][word]]
        if max(hits) < LEAST_TEXTS or 0 < hits[1] < LEAST_TEXTS:
            continue
        shares = hits[0] / len(made), hits[1] / len(real)
        spread = (sum(hits) / (len(made) + len(real)) * (1 / len(made) + 1 / len(real))) ** 0.5
        ranked.append((-abs(shares[0] - shares[1]) / spread, word, shares))
    return tuple(Part(word, *shares) for _, word, shares in sorted(ranked)[:SHOWN])
