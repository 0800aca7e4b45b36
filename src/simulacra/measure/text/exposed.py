"""privacy.documents_exposed, privacy.documents_exchangeability: are texts learned from known better than others?"""

from __future__ import annotations

from ...contracts import Part, Score
from ...registry import register
from .._exchange import excess, joint_p_value, visible
from ._corpus import FEWEST, Texts
from ._leaks import battery
from ._scores import NO_HOLDOUT, NO_REAL, missing

__all__ = ["Exposed", "lacks_holdout"]

ALPHA = 0.00025  # as rare as the 3.5 standard deviations that other gates allow for
CONFIDENCE = 0.05


@register("text_metric")
class Exposed:
    """The null of privacy: given the synthetic texts, those learned from and those held out are exchangeable.

    privacy.documents_exchangeability : p-value of all tests together, 0..1, higher is better.
    privacy.documents_exposed : a lower bound, 95 % sure, on the texts learned from that give themselves away, 0 unless
        the p-value is below 0.00025; lower is better. Parts: by what.
    Sees: copied texts, passages, names and numbers of about twelve texts and more. Does not see: fewer (other measures
    of privacy may: passages, identifiers, canaries); what is said in other words.
    Source: as privacy.exposed of tables: Besag and Clifford 1991, Clopper and Pearson 1934.
    """

    name = "privacy.documents_exposed"
    family = "privacy"
    scores = ("privacy.documents_exposed", "privacy.documents_exchangeability")

    def __call__(self, texts: Texts) -> list[Score]:
        """Return the scores, undefined without a hold-out."""
        lacking = lacks_holdout(texts)
        if lacking:
            return [missing(self.scores[0], lacking, "lower"), missing(self.scores[1], lacking)]
        assert texts.real is not None
        assert texts.pool is not None
        tests, pool = battery(texts, texts.pool)
        p = joint_p_value(tests, pool, texts.rng("documents exposed"))
        learned, held_out = pool.counts(inner=False)
        power = visible(learned, held_out, ALPHA / len(tests))
        bounds = []
        if p <= ALPHA:
            levels = [
                (excess(*test.split(pool), (learned, held_out), CONFIDENCE * test.weight), test) for test in tests
            ]
            bounds = sorted(((n, test.place) for n, test in levels if n), reverse=True)
        value = float(bounds[0][0]) if bounds else 0.0
        seen = f"{power:,} or more texts given away whole would have shown"
        if bounds:
            reason = f"at least {value:,.0f} of {learned:,} texts learned from can be found again, by {bounds[0][1]}"
        elif p <= ALPHA:
            reason = "texts learned from can be told from texts never seen, though not which"
        else:
            reason = f"no text learned from shows beyond chance; {seen}"
        odds = f"{100 * p:.2g} of 100 cases"
        test = f"if nothing had leaked, texts learned from would look this well known in {odds}; {seen}"
        return [
            Score(self.scores[0], self.family, value=value, floor=0.0, better="lower", n=learned, reason=reason,
                  parts=tuple(Part(place, float(count), 0.0) for count, place in bounds[:5])),
            Score(self.scores[1], self.family, value=float(f"{p:.2g}"), n=learned + held_out, reason=test),
        ]  # fmt: skip


def lacks_holdout(texts: Texts) -> str:
    """Return why privacy cannot be judged, "" if it can."""
    if texts.real is None:
        return NO_REAL
    if texts.holdout is None or len(texts.holdout) < FEWEST:
        return NO_HOLDOUT if texts.holdout is None else f"the hold-out has {len(texts.holdout)} texts ({FEWEST} needed)"
    return "" if len(texts.synthetic) else "there are no synthetic texts"
