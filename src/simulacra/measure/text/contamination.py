"""validity.contamination: do texts that must not be known stand among the synthetic ones?"""

from __future__ import annotations

import numpy as np

from ...contracts import Part, Score
from ...data.shares import wilson
from ...registry import register
from ...text.near import NearDuplicates
from ._corpus import Corpus, Texts
from ._scores import missing

__all__ = ["Contamination"]

GRAM = 8
SHARE = 0.5
NEAR = 0.8
MEANING = 0.95


@register("text_metric")
class Contamination:
    """Texts of files that a person names (benchmarks, test sets), found again.

    validity.contamination : share of the named texts of which half of the 8-grams, or the whole to 80 % (character
    5-grams, Jaccard), or with an embedder the meaning (cosine .95), is met; 0..1, lower is better. Floor: the share
    when they are looked for among as many real texts that the generator never saw (learned from, without a hold-out):
    texts of one field share phrases. Parts: the files. Does not see: translations.
    Source: Brown et al. 2020 (n-gram contamination), with a control.
    """

    name = "validity.contamination"
    family = "validity"

    def __call__(self, texts: Texts) -> list[Score]:
        """Return the score, undefined where no file is named."""
        if not texts.files or not any(texts.files.values()):
            return [missing(self.name, "no file of texts was named that must not be found again", "lower")]
        control = texts.holdout if texts.holdout is not None and len(texts.holdout) else texts.real
        found, floors, parts = 0, 0.0, []
        total = sum(len(part) for part in texts.files.values())
        for name, named in sorted(texts.files.items()):
            if not named:
                continue
            hits = int(_met(Corpus(named), texts.synthetic, texts).sum())
            control_hits = 0 if control is None else int(_met(Corpus(named), control, texts).sum())
            found, floors = found + hits, floors + control_hits
            parts.append(Part(name, hits / len(named), None if control is None else control_hits / len(named)))
        low, high = wilson(found, total)
        floor = floors / total
        more = "" if control is None else f"; among real texts {floors:,.0f}"
        return [Score(
            self.name, self.family, value=found / total, low=low, high=high, floor=floor,
            noise=((found + floors + 0.1) / total**2) ** 0.5 if control is not None else 0.0, better="lower", n=total,
            reason=f"{found:,} of {total:,} named texts are found again{more}",
            parts=tuple(sorted(parts, key=lambda part: -part.value)),
        )]  # fmt: skip


def _met(named: Corpus, among: Corpus, texts: Texts) -> np.ndarray:
    """Return (named,) whether each is found."""
    known = np.unique(among.grams(GRAM).values)
    grams = named.grams(GRAM).distinct()
    met = np.array(
        [
            bool(len(own)) and float(np.isin(own, known).mean()) >= SHARE
            for own in map(grams.__getitem__, range(len(named)))
        ]
    )
    index = NearDuplicates(threshold=NEAR)
    index.add(among.texts)
    met |= np.array([match is not None for match in index.nearest(named.texts)])
    if texts.embedder is not None and len(among):
        ours, theirs = texts.embedder.embed(named.texts), texts.embedder.embed(among.texts)
        for start in range(0, len(ours), 500):
            met[start : start + 500] |= (ours[start : start + 500] @ theirs.T).max(axis=1) >= MEANING
    return met
