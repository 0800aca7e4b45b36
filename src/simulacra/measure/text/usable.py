"""validity.usable: texts that hold words, in the language that is wanted, whole."""

from __future__ import annotations

from collections import Counter

from ...contracts import Part, Score
from ...data.shares import wilson
from ...registry import register
from ...text.language import UNKNOWN, identify_language
from .._chance import binomial_noise
from ._corpus import MOST_TEXTS, Corpus, Texts
from ._scores import missing

__all__ = ["Usable"]

USUAL = 0.02


@register("text_metric")
class Usable:
    """Share of the texts that are not empty, not damaged, and in a language that real texts are in.

    validity.usable : 0..1, higher is better. Floor: the share among real texts; without them 1. A language is real
    if 2 % of the real texts (without them: of these texts) are in it; where the language cannot be told the text
    counts as usable. Parts: what is wrong. Does not see: sense. At most 4,000 texts.
    """

    name = "validity.usable"
    family = "validity"

    def __call__(self, texts: Texts) -> list[Score]:
        """Return the score, undefined without texts."""
        if not len(texts.synthetic):
            return [missing(self.name, "there are no synthetic texts")]
        rows = texts.sample("synthetic", MOST_TEXTS, "usable").tolist()
        made = [texts.synthetic.texts[place] for place in rows]
        real = None if texts.real is None or not len(texts.real) else _drawn(texts)
        usual = _usual(made if real is None else real)
        wrong = Counter(reason for text in made if (reason := _wrong(text, usual)))
        bad, floor, noise = sum(wrong.values()), 1.0, 0.0
        if real is not None:
            control = sum(bool(_wrong(text, usual)) for text in real)
            floor, noise = 1 - control / len(real), binomial_noise(bad, len(made), control, len(real))
        low, high = wilson(len(made) - bad, len(made))
        told = ", ".join(f"{count:,} {reason}" for reason, count in wrong.most_common(3))
        return [Score(
            self.name, self.family, value=1 - bad / len(made), low=low, high=high, floor=floor, noise=noise,
            n=len(made),
            reason=f"of {len(made):,} texts {told}" if bad else f"all {len(made):,} texts can be read",
            parts=tuple(Part(reason, count / len(made), 0.0) for reason, count in wrong.most_common()),
        )]  # fmt: skip


def _drawn(texts: Texts) -> list[str]:
    assert texts.real is not None
    return _texts(texts.real, texts.sample("real", MOST_TEXTS, "usable").tolist())


def _texts(corpus: Corpus, rows: list[int]) -> list[str]:
    return [corpus.texts[place] for place in rows]


def _usual(texts: list[str]) -> frozenset[str]:
    counts = Counter(map(identify_language, texts))
    return frozenset(language for language, count in counts.items() if count >= USUAL * len(texts))


def _wrong(text: str, usual: frozenset[str]) -> str:
    if not any(char.isalnum() for char in text):
        return "without a word"
    if "\ufffd" in text or "\x00" in text:
        return "with damaged characters"
    language = identify_language(text)
    return "" if language == UNKNOWN or language in usual else f"in another language ({language})"
