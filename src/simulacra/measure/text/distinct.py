"""diversity.distinct and diversity.vocabulary: how many different words and pairs of words there are."""

from __future__ import annotations

import numpy as np

from ...contracts import Score
from ...registry import register
from ._corpus import Corpus, Rows, Texts, compare_samples
from ._scores import sampled

__all__ = ["Distinct", "gather"]


@register("text_metric")
class Distinct:
    """How rich the wording is, at equal numbers of words.

    diversity.distinct : distinct-2, different pairs of neighbouring words by all pairs, 0..1, higher is richer.
    diversity.vocabulary : distinct-1, different words by all words, 0..1; higher is richer.
    diversity.hapax : share of the different words that occur once only: what model collapse takes first.
    Floor: real texts at the same number of words. Sees: repetition, a small vocabulary. Does not see: whether the words
    are the right ones; nonsense is rich. At most 30,000 words a draw.
    Source: Li et al. 2016 (distinct-n), at equal budgets since it falls with length.
    """

    name = "diversity.distinct"
    family = "diversity"
    scores = ("diversity.distinct", "diversity.vocabulary", "diversity.hapax")

    def __call__(self, texts: Texts) -> list[Score]:
        """Return the scores; without real texts they have no floor."""
        pairs = compare_samples(texts, _distinct_pairs, "distinct")
        vocabulary = compare_samples(texts, _vocabulary, "vocabulary")
        hapax = compare_samples(texts, _hapax, "hapax")
        return [
            sampled(self.scores[0], pairs, "{value} of the pairs of neighbouring words are different ones"),
            sampled(self.scores[1], vocabulary, "{value} of the words are different ones"),
            sampled(self.scores[2], hapax, "{value} of the different words occur only once"),
        ]


def gather(corpus: Corpus, rows: Rows, size: int) -> np.ndarray:
    """Return the n-grams of some texts end to end."""
    grams = corpus.grams(size)
    return np.concatenate([grams[place] for place in rows.tolist()] or [grams.values[:0]])


def _distinct_pairs(corpus: Corpus, rows: Rows) -> float:
    found = gather(corpus, rows, 2)
    return len(np.unique(found)) / max(len(found), 1)


def _vocabulary(corpus: Corpus, rows: Rows) -> float:
    found = gather(corpus, rows, 1)
    return len(np.unique(found)) / max(len(found), 1)


def _hapax(corpus: Corpus, rows: Rows) -> float:
    counts = np.unique(gather(corpus, rows, 1), return_counts=True)[1]
    return float((counts == 1).mean()) if len(counts) else 0.0
