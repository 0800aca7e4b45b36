"""diversity.near_duplicates: texts that repeat another one, word for word or nearly."""

from __future__ import annotations

import numpy as np

from ...contracts import Score
from ...data.shares import wilson
from ...registry import register
from ...text.near import group_near_duplicates
from ...text.ngrams import compare_form
from .._chance import binomial_noise
from ._corpus import MOST_TEXTS, Corpus, Texts
from ._scores import missing

__all__ = ["Repeats"]


@register("text_metric")
class Repeats:
    """Texts that say what an earlier one said.

    diversity.near_duplicates : share of the texts whose character 5-grams are those of another one to 80 % and more
        (Jaccard), 0..1; lower is better. diversity.exact_duplicates : the same but for case and punctuation.
    Floor: as many real texts. Sees: copies, changed words. Does not see: paraphrase (diversity.vendi does). At most
    4,000 texts.
    """

    name = "diversity.near_duplicates"
    family = "diversity"
    scores = ("diversity.near_duplicates", "diversity.exact_duplicates")

    def __call__(self, texts: Texts) -> list[Score]:
        """Return the scores; without real texts they have no floor."""
        if len(texts.synthetic) < 2:
            return [missing(name, "there is only one text", "lower") for name in self.scores]
        pool = texts.pool
        size = min(MOST_TEXTS, len(texts.synthetic), *(() if pool is None or len(pool) < 2 else (len(pool),)))
        made = _repeats(texts.synthetic, size, texts.rng("repeats", "synthetic"))
        real = None if pool is None or len(pool) < 2 else _repeats(pool, size, texts.rng("repeats", "real"))
        told = ("repeat another one, nearly word for word", "repeat another one but for case and punctuation")
        return [_score(name, made[place], None if real is None else real[place], (size, told[place]))
                for place, name in enumerate(self.scores)]  # fmt: skip


def _repeats(corpus: Corpus, size: int, rng: np.random.Generator) -> tuple[int, int]:
    chosen = [corpus.texts[place] for place in np.sort(rng.permutation(len(corpus))[:size]).tolist()]
    near = int((group_near_duplicates(chosen) != np.arange(size)).sum())
    return near, size - len(set(map(compare_form, chosen)))


def _score(name: str, hits: int, control: int | None, told: tuple[int, str]) -> Score:
    size, what = told
    low, high = wilson(hits, size)
    floor = noise = None
    more = ""
    if control is not None:
        floor, noise = control / size, 1.5 * binomial_noise(hits, size, control, size)  # repeats come in heaps
        more = f"; of as many real texts {control:,}"
    return Score(
        name, "diversity", value=hits / size, low=low, high=high, floor=floor, noise=noise, better="lower", n=size,
        reason=f"{hits:,} of {size:,} texts {what}{more}",
    )  # fmt: skip
