"""privacy.personal: personal values among synthetic texts, by where they come from."""

from __future__ import annotations

from collections import Counter

from ...contracts import Part, Score
from ...registry import register
from ...text.personal import canonical, find_personal
from ._corpus import Corpus, Texts
from ._scores import missing
from .exposed import lacks_holdout

__all__ = ["Personal"]


@register("text_metric")
class Personal:
    """E-mails, IBANs, cards, phones, social security numbers and IP addresses, told by shape and checksum.

    privacy.personal : how many different ones stand in the texts learned from and not in those held out; lower is
    better. Floor: how many stand in the hold-out only, scaled to equal numbers: what is met by chance. Parts: kinds,
    and those that both have, and those that no real text has (invented, which is no leak).
    Does not see: names, postal addresses, values in another spelling.
    """

    name = "privacy.personal"
    family = "privacy"

    def __call__(self, texts: Texts) -> list[Score]:
        """Return the score, undefined without a hold-out."""
        lacking = lacks_holdout(texts)
        if lacking:
            return [missing(self.name, lacking, "lower")]
        made, real, kept = (_values(corpus) for corpus in (texts.synthetic, texts.real, texts.holdout))
        leaked = {value: kind for value, kind in made.items() if value in real and value not in kept}
        common = sum(value in kept and value in real for value in made)
        control = sum(value in kept and value not in real for value in made)
        invented = len(made) - len(leaked) - common - control
        assert texts.real is not None
        assert texts.holdout is not None
        ratio = len(texts.real) / len(texts.holdout)
        floor = control * ratio
        parts = [Part(kind, float(count), 0.0) for kind, count in Counter(leaked.values()).most_common()]
        parts += [Part("in the hold-out too", float(common + control)), Part("invented", float(invented))]
        return [Score(
            self.name, self.family, value=float(len(leaked)), floor=floor,
            noise=float(((control + 0.5) * ratio * (1 + ratio)) ** 0.5), better="lower", n=len(texts.synthetic),
            reason=f"of {len(made):,} personal values {len(leaked):,} are from the texts learned from alone, "
            f"{common + control:,} are in the hold-out too, {invented:,} are invented",
            parts=tuple(parts),
        )]  # fmt: skip


def _values(corpus: Corpus | None) -> dict[str, str]:
    """Return canonical value -> kind."""
    found: dict[str, str] = {}
    for text in () if corpus is None else corpus.texts:
        for span in find_personal(text):
            found[canonical(text[span.start : span.end])] = span.name
    return found
