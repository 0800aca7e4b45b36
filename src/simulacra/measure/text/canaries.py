"""privacy.canaries: strings hidden among the texts learned from, looked for in every format."""

from __future__ import annotations

import re

from ...contracts import Part, Score
from ...registry import register
from ...text.personal import canonical
from ._corpus import Texts
from ._scores import missing

__all__ = ["Canaries", "hidden_forms"]

_DIGITS = dict(
    zip(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], "0123456789", strict=True)
)
_DIGIT_WORD = re.compile(rf"\b(?:{'|'.join(_DIGITS)})\b", re.IGNORECASE)
SHORTEST = 5


@register("text_metric")
class Canaries:
    """Strings that were hidden among the real texts before learning, to see whether they come back.

    privacy.canaries : how many of them are met, lower is better; none should be. Found as written, with other
    separators, case or spacing, digits in words, reversed. Does not see: a canary in parts, or paraphrased.
    Source: Carlini et al. 2019, The secret sharer.
    """

    name = "privacy.canaries"
    family = "privacy"

    def __call__(self, texts: Texts) -> list[Score]:
        """Return the score, undefined where no canaries were hidden."""
        if not texts.canaries:
            return [missing(self.name, "no canaries were hidden among the real texts", "lower")]
        made = "\n".join(form for text in texts.synthetic.texts for form in (canonical(text), canonical(_digits(text))))
        met = [
            place for place, canary in enumerate(texts.canaries) if any(form in made for form in hidden_forms(canary))
        ]
        total = len(texts.canaries)
        return [Score(
            self.name, self.family, value=float(len(met)), floor=0.0, better="lower", n=len(texts.synthetic),
            reason=f"{len(met)} of {total} hidden strings came back, in whatever format",
            parts=tuple(Part(f"canary {place + 1}", 1.0, 0.0) for place in met[:20]),
        )]  # fmt: skip


def hidden_forms(canary: str) -> list[str]:
    """Return the forms in which a canary is looked for: without separators, forwards and backwards.

    A canary with fewer than five letters and digits has none: it would be met by chance.
    """
    plain = canonical(canary)
    return [plain, plain[::-1]] if len(plain) >= SHORTEST else []


def _digits(text: str) -> str:
    return _DIGIT_WORD.sub(lambda found: _DIGITS[found[0].lower()], text)
