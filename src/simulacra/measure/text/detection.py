"""fidelity.text_detection: can a classifier tell synthetic texts from real ones?"""

from __future__ import annotations

import numpy as np

from ...contracts import Score
from ...registry import register
from .._chance import auc, chance_error
from ._corpus import FEWEST, Side, Texts
from ._scores import NO_HOLDOUT, missing, too_few
from ._students import train_student

__all__ = ["TextDetection"]

MOST = 1500
FOLDS = 3


@register("text_metric")
class TextDetection:
    """The classifier two-sample test on texts: logistic regression on words and pairs of words, cross-fitted.

    fidelity.text_detection : 2 * (1 - max(0.5, AUC)) against the texts learned from; 1 cannot be told apart, 0 always.
    fidelity.text_detection_unseen : the same against texts never seen, which copying cannot win.
    Floor: chance, unless texts held out can be told from those learned from. Sees: words, spelling of words, marks of
    the writer. Does not see: order beyond pairs, copies. At most 1,500 texts a side.
    Source: Lopez-Paz and Oquab 2017 (C2ST); interval by DeLong 1988.
    """

    name = "fidelity.text_detection"
    family = "fidelity"
    scores = ("fidelity.text_detection", "fidelity.text_detection_unseen")

    def __call__(self, texts: Texts) -> list[Score]:
        """Return the scores, undefined without real texts."""
        lacking = too_few(texts.synthetic, texts.real)
        if lacking:
            return [missing(name, lacking) for name in self.scores]
        unseen = texts.holdout is not None and len(texts.holdout) >= FEWEST
        drift = 0.5
        if unseen:
            area, error, _ = _tell_apart(texts, "holdout", "real")
            drift = max(0.5, area - 3 * error)
        first = _score(self.scores[0], _tell_apart(texts, "synthetic", "real"), "learned from", drift)
        if not unseen:
            return [first, missing(self.scores[1], NO_HOLDOUT)]
        return [first, _score(self.scores[1], _tell_apart(texts, "synthetic", "holdout"), "never seen", drift)]


def _tell_apart(texts: Texts, first: Side, second: Side) -> tuple[float, float, int]:
    """Return AUC, its standard error, and the texts a side."""
    size = min(MOST, *(len(getattr(texts, side)) for side in (first, second)))
    rows = [texts.sample(side, size, f"detection {first} {second}") for side in (first, second)]
    parts = [
        [getattr(texts, side).texts[place] for place in places]
        for side, places in zip((first, second), rows, strict=True)
    ]
    rng = texts.rng("detection", first, second)
    folds = [rng.permutation(len(part)) % FOLDS for part in parts]
    areas, errors = [], []
    for fold in range(FOLDS):
        learn = [
            [text for text, own in zip(part, mine, strict=True) if own != fold]
            for part, mine in zip(parts, folds, strict=True)
        ]
        ask = [
            [text for text, own in zip(part, mine, strict=True) if own == fold]
            for part, mine in zip(parts, folds, strict=True)
        ]
        student = train_student([*learn[0], *learn[1]], ["a"] * len(learn[0]) + ["b"] * len(learn[1]))
        area, error = auc(*(student.score(part)[:, 0] for part in ask))
        areas.append(area)
        errors.append(error)
    return float(np.mean(areas)), float(np.sqrt(np.square(errors).sum())) / FOLDS, size


def _score(name: str, found: tuple[float, float, int], kind: str, drift: float) -> Score:
    area, error, size = found
    value, low, high = (_indistinct(x) for x in (area, area + 1.96 * error, area - 1.96 * error))
    return Score(
        name, "fidelity", value=value, low=low, high=high, floor=_indistinct(drift) - 0.8 * error,
        noise=2 * max(error, chance_error(size, size)), n=2 * size,
        reason=f"shown a synthetic text and a real one {kind}, a classifier picks the synthetic one "
        f"{100 * area:.0f} % of the time (50 % is a coin toss)",
    )  # fmt: skip


def _indistinct(area: float) -> float:
    return float(2 * (1 - np.clip(area, 0.5, 1.0)))
