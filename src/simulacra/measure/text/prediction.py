"""utility.prediction: does a model of language that learned the synthetic texts know what real texts say?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...contracts import Part, Score
from ...registry import register
from ._corpus import FEWEST, Corpus, Texts
from ._scores import NO_HOLDOUT, NO_REAL, missing

__all__ = ["Prediction", "bits_per_word"]

MOST_TOKENS = 100_000
WEIGHTS = (0.1, 0.4, 0.5)


@register("text_metric")
class Prediction:
    """A small model of language (pairs of words, single words, any word) asked about real texts never seen.

    utility.prediction : bits per word after learning from synthetic texts less bits after learning from real texts of
        equal length; lower is better, 0 as good as real. Floor 0.
    Sees: missing words and phrases, collapse (it rises while synthetic texts themselves look ever likelier). Needs no
    labels. Does not see: what goes beyond pairs of words. At most 100,000 words.
    Source: Jelinek and Mercer 1980, interpolation with fixed weights.
    """

    name = "utility.prediction"
    family = "utility"

    def __call__(self, texts: Texts) -> list[Score]:
        """Return the score, undefined without a hold-out."""
        if texts.real is None or texts.holdout is None:
            return [missing(self.name, NO_REAL if texts.real is None else NO_HOLDOUT, "lower")]
        if min(map(len, (texts.synthetic, texts.real, texts.holdout))) < FEWEST:
            return [missing(self.name, f"too few texts ({FEWEST} of each needed)", "lower")]
        budget = min(MOST_TOKENS, texts.synthetic.tokens, texts.real.tokens)
        rows = texts.sample("holdout", 2000, "prediction")
        bits = [
            bits_per_word(_first(corpus, budget, texts), texts.holdout, rows)
            for corpus in (texts.synthetic, texts.real)
        ]
        words = texts.holdout.hashes.sizes()[rows]
        kept = words > 0
        gaps = (bits[0] - bits[1])[kept]
        total = float(words[kept].sum())
        value = float(gaps.sum()) / max(total, 1.0)
        spread = float(np.std(gaps - value * words[kept])) * kept.sum() ** 0.5 / max(total, 1.0)
        levels = [float(part[kept].sum()) / max(total, 1.0) for part in bits]
        # Two real samples differ by what they hold, which the hold-out texts do not show: half as much again.
        noise = max(2 * spread, 0.02)
        return [Score(
            self.name, self.family, value=value, low=value - 1.96 * spread, high=value + 1.96 * spread, floor=0.0,
            noise=noise, better="lower", n=len(rows),
            reason=f"after the synthetic texts a word of an unseen real one takes {levels[0]:.2f} bits, after as much "
            f"real text {levels[1]:.2f}",
            parts=(Part("bits per word", levels[0], levels[1]),),
        )]  # fmt: skip


def bits_per_word(learned: Corpus, asked: Corpus, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (rows,) the bits that each text takes in all under the model of `learned`; 0 for a text without words."""
    single, alone = np.unique(learned.hashes.values, return_counts=True)
    pairs, joint = np.unique(learned.grams(2).values, return_counts=True)
    known, uniform = max(len(learned.hashes.values), 1), 1.0 / (len(single) + 10_000)
    found = np.zeros(len(rows))
    for place, row in enumerate(rows.tolist()):
        words, grams = asked.hashes[row], asked.grams(2)[row]
        if not len(words):
            continue
        counts = _counts(single, alone, words)
        chance = WEIGHTS[0] * uniform + WEIGHTS[1] * counts / known
        before = counts[:-1]
        follow = np.divide(_counts(pairs, joint, grams), before, out=np.zeros(len(grams)), where=before > 0)
        chance[1:] += WEIGHTS[2] * np.minimum(follow, 1.0)
        found[place] = -np.log2(chance).sum()
    return found


def _counts(values: NDArray[np.uint64], counts: NDArray[np.int64], wanted: NDArray[np.uint64]) -> NDArray[np.float64]:
    if not len(values):
        return np.zeros(len(wanted))
    places = np.minimum(np.searchsorted(values, wanted), len(values) - 1)
    return np.where(values[places] == wanted, counts[places], 0).astype(np.float64)


def _first(corpus: Corpus, budget: int, texts: Texts) -> Corpus:
    order = texts.rng("prediction").permutation(len(corpus))
    filled = np.cumsum(corpus.hashes.sizes()[order])
    return Corpus([corpus.texts[place] for place in order[: int(np.searchsorted(filled, budget)) + 1].tolist()])
