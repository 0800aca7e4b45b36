"""What is believed of a candidate: what it gained in cross-validation, weighed with what its like gained elsewhere.

With a few dozen examples a cross-validation hardly says which augmentation helps: over seven sets of texts its gains
and those on a thousand held-out texts hardly went along (`bench/augment.py DATA_DIR texts-decide`). What the same
augmentation gained on other data says more. Both are weighed by how sure they are, so choosing the best of several
needs no further allowance (Efron, "Tweedie's formula and selection bias", 2011).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from .field import Field
from .trials import Candidate

__all__ = ["UNKNOWN", "Evidence", "Prior", "mean_gain", "prior_of", "standard_error", "weigh"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Prior:
    """What an augmentation gained on other data, in the metric (0.01 is a point): mean over cells (a data set and a
    number of examples, some draws each), and their spread. measured : False for a guess at what nobody measured.
    """

    mean: float
    spread: float
    measured: bool = True

    def weighed(self, gain: float, error: float) -> tuple[float, float]:
        """Return what is to be expected, with a gain seen here and its error: mean and standard deviation.

        What is surer counts more, by inverse variances.
        """
        sure, known = 1 / error**2, 1 / self.spread**2
        return (gain * sure + self.mean * known) / (sure + known), 1 / sqrt(sure + known)


UNKNOWN = Prior(-0.005, 0.03, measured=False)
"""Of what was not measured: most augmentation does a little harm; as far spread what was measured at its widest."""
_MEASURED: dict[str, dict[str, Prior]] = {
    "tfidf": {
        "keyboard": Prior(0.0084, 0.0227),
        "mix": Prior(0.0027, 0.0173),
        "rewrite": Prior(0.0007, 0.0175),
    },
    "embedding": {
        "keyboard": Prior(-0.0001, 0.0056),
        "mix": Prior(0.0001, 0.0050),
        "rewrite": Prior(0.0009, 0.0050),
    },
    "boosting, auc": {
        "taught": Prior(0.0410, 0.0312),
        "twin": Prior(0.0023, 0.0163),
        "row_mix": Prior(0.0013, 0.0242),
        "class weights": Prior(-0.0001, 0.0050),
    },
    "boosting, balanced": {
        "taught and threshold": Prior(0.1193, 0.0663),
        "twin": Prior(0.0877, 0.0746),
        "perturb": Prior(0.0671, 0.0569),
        "smote": Prior(0.0616, 0.0550),
        "threshold": Prior(0.0606, 0.0370),
        "row_mix": Prior(0.0493, 0.0277),
        "row_mix, light": Prior(0.0378, 0.0242),
        "class weights": Prior(0.0335, 0.0247),
    },
}


def prior_of(candidate: Candidate, student: str, metric: str) -> Prior:
    """Return what is known of a candidate with students of a kind, `UNKNOWN` if nothing was measured.

    Texts were varied one and all (goal "more"), tables for AUC so, and for balanced accuracy at one row in fifty to
    balance; for texts right answers count alike, whether classes are balanced or not. Measured with `bench/augment.py`,
    modes `texts-decide`, `tables-decide` and `rare-decide`; docs/augment.md tells on what.
    """
    known = _MEASURED.get(f"{student}, {metric}")
    if known is None:
        known = _MEASURED.get(student, {}) if candidate.goal == "more" else {}
    return known.get(candidate.name, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a candidate is worth against none, in the metric.

    gain, error : in cross-validation, and its standard error. prior : what its like gained elsewhere. belief, doubt :
    both weighed together, and the standard deviation of that.
    """

    candidate: Candidate
    gain: float
    error: float
    prior: Prior
    belief: float
    doubt: float


def weigh(candidate: Candidate, gain: float, error: float, prior: Prior, *, folds: int) -> Evidence:
    """Return the evidence of a gain, weighed with the prior.

    error : standard error over examples. Students of the folds share most of their examples, so it is widened by
    sqrt(1 + folds / (folds - 1)).
    Source: Nadeau and Bengio, "Inference for the generalization error" (2003).

    >>> told = weigh(Candidate("mix"), 0.10, 0.1, Prior(0.0, 0.15), folds=5)
    >>> round(told.error, 3), round(told.belief, 3), round(told.doubt, 3)
    (0.15, 0.05, 0.106)
    """
    error *= sqrt(1 + folds / (folds - 1))
    return Evidence(candidate, gain, error, prior, *prior.weighed(gain, error))


def mean_gain(gains: Floats, field: Field) -> float:
    """Return the gain of the metric; of an AUC the mean over both classes, whose parts are the same."""
    if field.metric != "auc":
        return float(gains.mean())
    return float(np.mean([gains[field.truth == label].mean() for label in (0, 1)]))


def standard_error(gains: Floats, field: Field) -> float:
    """Return the error of the mean gain over groups of examples; of an AUC, over both classes (DeLong). Never below
    what one example in all would move: that nothing changed on these does not say that nothing can.
    """
    least = 1 / len(gains)
    if field.metric == "auc":
        parts = [gains[field.truth == label] for label in (0, 1)]
        return max(least, sqrt(sum(float(part.var(ddof=1)) / len(part) for part in parts if len(part) > 1)))
    groups, place = np.unique(field.groups, return_inverse=True)
    sums = np.bincount(place, gains - gains.mean())
    count = len(groups)
    return max(least, sqrt(float((sums**2).sum()) * count / max(count - 1, 1)) / len(gains))
