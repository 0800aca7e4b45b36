"""diversity.openers and diversity.templates: texts that begin, or are built, alike."""

from __future__ import annotations

from collections import Counter

import numpy as np

from ...contracts import Part, Score
from ...registry import register
from ...text.tokens import words
from ._corpus import Corpus, Rows, Texts, compare_samples
from ._scores import sampled

__all__ = ["Openers"]

OPENING = 4
PHRASE = 5
SHOWN = 10
LEAST_SHOWN = 10


@register("text_metric")
class Openers:
    """Monotony: how many texts begin with the commonest openings, and how much of them is stock phrases.

    diversity.openers : share of the texts that begin with one of the ten commonest openings of four words, 0..1; lower
        is better. Parts: the openings ten texts and more begin with.
    diversity.templates : share of the words that stand in a phrase of five words which another text has too; lower is
        better. Floor: real texts, at equal numbers of words. Does not see: the same build in other words.
    """

    name = "diversity.openers"
    family = "diversity"
    scores = ("diversity.openers", "diversity.templates")

    def __call__(self, texts: Texts) -> list[Score]:
        """Return the scores; without real texts they have no floor."""
        openers = compare_samples(texts, _openers, "openers")
        templates = compare_samples(texts, _templates, "templates")
        return [
            sampled(self.scores[0], openers, "{value} of the texts begin with one of the ten commonest openings",
                    better="lower", parts=_commonest(texts.synthetic)),
            sampled(self.scores[1], templates, "{value} of the words stand in phrases of five that another text has",
                    better="lower"),
        ]  # fmt: skip


def _first_grams(corpus: Corpus, rows: Rows) -> np.ndarray:
    grams = corpus.grams(OPENING)
    starts, sizes = grams.starts[:-1][rows], grams.sizes()[rows]
    return grams.values[starts[sizes > 0]]


def _openers(corpus: Corpus, rows: Rows) -> float:
    counts = np.sort(np.unique(_first_grams(corpus, rows), return_counts=True)[1])[::-1][:10]
    return float(counts[counts > 1].sum()) / max(len(rows), 1)


def _templates(corpus: Corpus, rows: Rows) -> float:
    grams, sizes = corpus.grams(PHRASE), corpus.hashes.sizes()[rows]
    counts = grams.sizes()[rows]
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    values, place = np.unique(grams.values[within + np.repeat(grams.starts[rows], counts)], return_inverse=True)
    owners = np.repeat(np.arange(len(rows)), counts)
    pairs = np.unique(place * len(rows) + owners)
    stock = np.bincount(pairs // max(len(rows), 1), minlength=len(values))[place] > 1
    # Each stock phrase covers five words: its begin and its end are counted, and summed up.
    begins = within[stock] + np.repeat(np.cumsum(sizes) - sizes, counts)[stock]
    total = int(sizes.sum())
    edges = np.bincount(begins, minlength=total + PHRASE) - np.bincount(begins + PHRASE, minlength=total + PHRASE)
    return float((np.cumsum(edges) > 0).sum()) / max(total, 1)


def _commonest(corpus: Corpus) -> tuple[Part, ...]:
    openings = Counter(" ".join(found[:OPENING]) for text in corpus.texts if len(found := words(text)) >= OPENING)
    top = [(opening, count) for opening, count in openings.most_common(SHOWN) if count >= LEAST_SHOWN]
    return tuple(Part(f"“{opening} …”", count / len(corpus)) for opening, count in top)
