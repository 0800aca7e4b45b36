"""What a candidate's trials say: its gain, its gain in log-likelihood, and what choosing the best of several adds.

With a few dozen examples an accuracy moves in steps of one text, the log-likelihood of a calibrated student with every
text. So that decides where the metric counts right answers. This is a reason, not a finding: what deciding by accuracy
would give, `bench/augment.py DATA_DIR decides` says, which was not run; docs/augment.md tells what was measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .field import Field
from .trials import Candidate

__all__ = ["Evidence", "log_likelihood", "mean_gain", "optimism", "standard_error"]

Floats = NDArray[np.float64]
_PARTS, _PARTINGS = 5, 4
_LEAST = 1e-6
_TEMPERATURES = (-2.0, 3.5)  # natural logarithms


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a candidate was found to be worth against none.

    gain, error : of the metric, its mean and standard error. belief : the gain in what decides, the log-likelihood of
    an example's class in nats; of an AUC, the gain itself. low : its lower bound. repeats : of the cross-validation.
    """

    candidate: Candidate
    gain: float
    error: float
    belief: float
    low: float
    repeats: int


def log_likelihood(field: Field, scores: Sequence[Floats]) -> Floats:
    """Return (examples,) the mean log of the calibrated probability of each example's class; for the metric "balanced"
    weighted so that classes count alike.

    scores : for each repeat (examples, classes) probabilities. They are sharpened or flattened by one temperature, the
    best for all of them: more training rows make a student surer, which is not what is asked.
    Source: temperature scaling, Guo et al. (2017).

    >>> from .field import make_field
    >>> from ...contracts.rows import Record
    >>> rows = make_field([Record(str(i), str(i), "ab"[i % 2]) for i in range(4)], "accuracy", np.arange(4))
    >>> right = np.eye(2)[[0, 1, 0, 1]]
    >>> bool(log_likelihood(rows, [0.4 + right / 5]).mean() > log_likelihood(rows, [0.5 + 0 * right]).mean())
    True
    """
    from scipy.optimize import minimize_scalar  # type: ignore[import-untyped]

    logs = np.log(np.clip(np.asarray(scores), _LEAST, 1.0))
    weights = np.ones(len(field.truth))
    if field.metric == "balanced":
        counts = np.bincount(field.truth, minlength=len(field.classes))
        weights = len(field.truth) / (np.count_nonzero(counts) * counts[field.truth])

    def told(sharpness: float) -> Floats:
        sharp = logs * np.exp(sharpness)
        own = sharp[:, np.arange(len(field.truth)), field.truth]
        return np.asarray((own - np.logaddexp.reduce(sharp, axis=2)).mean(axis=0) * weights)

    best = minimize_scalar(lambda sharpness: -float(told(sharpness).mean()), bounds=_TEMPERATURES, method="bounded")
    return told(float(best.x))


def optimism(gains: Floats, field: Field, caution: float, rng: np.random.Generator) -> float:
    """Return by how much the gain of the best of several candidates is too high because it was chosen.

    gains : (candidates, examples). The examples are parted by group, some times over; for each part the best is chosen
    on the others and looked at on this one. The mean of what is then seen is free of the choice; the difference to the
    gain of the best of all is the answer, 0 if that is below zero. So candidates count as what they are worth: many
    that say the same cost nothing.
    """
    groups, place = np.unique(field.groups, return_inverse=True)

    def best(seen: NDArray[np.bool_]) -> int:
        lows = [mean_gain(one, field, seen) - caution * standard_error(one, field, seen) for one in gains]
        return int(np.argmax(lows))

    everyone = np.ones(gains.shape[1], dtype=bool)
    honest = np.zeros(gains.shape[1])
    for _ in range(_PARTINGS):
        part = rng.permutation(np.arange(len(groups)) % _PARTS)[place]
        for number in range(_PARTS):
            held = part == number
            if held.any():
                honest[held] += gains[best(~held)][held] / _PARTINGS
    return max(0.0, mean_gain(gains[best(everyone)], field, everyone) - mean_gain(honest, field, everyone))


def mean_gain(gains: Floats, field: Field, seen: NDArray[np.bool_] | None = None) -> float:
    """Return the gain of the metric; of an AUC the mean over both classes, whose parts are the same if all are seen."""
    seen = np.ones(len(gains), dtype=bool) if seen is None else seen
    if field.metric != "auc":
        return float(gains[seen].mean())
    parts = [gains[seen & (field.truth == label)] for label in (0, 1)]
    return float(np.mean([part.mean() for part in parts if len(part)]))


def standard_error(gains: Floats, field: Field, seen: NDArray[np.bool_] | None = None) -> float:
    """Return the error of the mean gain over groups of examples; of an AUC, over both classes (DeLong)."""
    seen = np.ones(len(gains), dtype=bool) if seen is None else seen
    if field.metric == "auc":
        parts = [gains[seen & (field.truth == label)] for label in (0, 1)]
        return float(np.sqrt(sum(part.var(ddof=1) / len(part) for part in parts if len(part) > 1)))
    gains, own = gains[seen], field.groups[seen]
    groups, place = np.unique(own, return_inverse=True)
    sums = np.bincount(place, gains - gains.mean())
    count = len(groups)
    return float(np.sqrt((sums**2).sum() * count / max(count - 1, 1)) / len(gains))
