"""privacy.passages and privacy.identifiers: what can be pointed at, beside what a test can prove."""

from __future__ import annotations

import numpy as np

from ...contracts import Score
from ...registry import register
from ._corpus import Texts
from ._leaks import PASSAGE, Chance, chance_of, identifiers, look_up, passages, things
from ._scores import missing
from .exposed import lacks_holdout

__all__ = ["Passages"]


@register("text_metric")
class Passages:
    """Texts learned from of which a long passage, or an identifier, stands among the synthetic ones.

    privacy.passages : texts learned from of which 13 words in a row (the whole, for texts of 5 to 12 words), that no
        other real text has, are met; lower is better. Floor: what fresh real texts would meet by chance, the larger of
        two guesses: by passages that two real texts share, and by the texts held out that are met.
    privacy.identifiers : the same for identifiers (e-mails, numbers of six digits and more, codes), however formatted.
    Sees: five copied passages among hundreds of texts. Does not see: passages changed every few words, what several
    real texts share (boilerplate, by design).
    Source: Good 1953; Carlini et al. 2021 (memorised spans), with a hold-out as control.
    """

    name = "privacy.passages"
    family = "privacy"
    scores = ("privacy.passages", "privacy.identifiers")

    def __call__(self, texts: Texts) -> list[Score]:
        """Return the scores, undefined without a hold-out."""
        lacking = lacks_holdout(texts)
        if lacking:
            return [missing(name, lacking, "lower") for name in self.scores]
        pool = texts.pool
        assert texts.real is not None
        assert pool is not None
        made = np.unique(things(texts.synthetic.texts, identifiers).values)
        named = look_up("identifiers", things(pool.texts, identifiers), made)
        sizes = len(texts.real), len(texts.synthetic)
        return [
            _score(self.scores[0], chance_of(passages(texts, pool), *sizes), f"passages of {PASSAGE} words", sizes[0]),
            _score(self.scores[1], chance_of(named, *sizes), "identifiers", sizes[0]),
        ]  # fmt: skip


def _score(name: str, chance: Chance, what: str, learned: int) -> Score:
    most = chance.floor + 3.5 * chance.noise
    reason = (
        f"of {chance.found:,} of {learned:,} texts learned from {what} are met again, of texts never seen "
        f"{chance.control:,}; chance explains up to {most:,.0f}"
    )
    return Score(
        name, "privacy", value=float(chance.found), floor=chance.floor, noise=chance.noise, better="lower", n=learned,
        reason=reason,
    )  # fmt: skip
