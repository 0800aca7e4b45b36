"""What a judge's mean is worth: corrected by the few rows that people have judged, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...data.shares import Z95

__all__ = ["CorrectedMean", "corrected_mean"]


@dataclass(frozen=True, slots=True)
class CorrectedMean:
    """A mean of human verdicts over all rows, most of which only a judge saw.

    value, low, high : with the 95 % interval. judged : the judge's own mean, biased as the judge is. people : the mean
    of people's verdicts alone, with its interval. power : how much use was made of the judge, 0 to 1.
    """

    value: float
    low: float
    high: float
    judged: float
    people: float
    people_low: float
    people_high: float
    power: float


def corrected_mean(judge_elsewhere: Sequence[float], judge: Sequence[float], people: Sequence[float]) -> CorrectedMean:
    """Return the mean of what people would say, by prediction-powered inference.

    judge_elsewhere : the judge's scores of rows that people did not see. judge, people : both on the same rows.
    The interval is never much wider than that of people's verdicts alone, and holds whatever the judge's bias.
    Source: Angelopoulos et al. 2023, PPI++ (arXiv 2311.01453), equations (2) and (7) for a mean.
    Errors: ValueError for fewer than two rows that people judged, or other many verdicts.

    >>> found = corrected_mean([1.0] * 500, [1.0, 1.0, 1.0, 1.0], [1.0, 0.0, 1.0, 0.0])
    >>> found.judged, found.value, found.power
    (1.0, 0.5, 0.0)
    """
    other, said, told = (np.asarray(one, dtype=np.float64) for one in (judge_elsewhere, judge, people))
    if len(said) != len(told):
        raise ValueError(f"there are {len(said)} verdicts of the judge and {len(told)} of people")
    n, more = len(told), len(other)
    if n < 2:
        raise ValueError("people must have judged at least two rows")
    every = np.concatenate([other, said])
    power = 0.0
    if more and every.var() > 0:
        covariance = float(np.cov(told, said)[0, 1])
        power = min(1.0, max(0.0, covariance / ((1 + n / more) * float(every.var(ddof=1)))))
    rest = told - power * said
    value = float(rest.mean()) + (power * float(other.mean()) if more else 0.0)
    variance = float(rest.var(ddof=1)) / n + (power**2 * float(other.var()) / more if more else 0.0)
    half, alone = Z95 * variance**0.5, Z95 * (float(told.var(ddof=1)) / n) ** 0.5
    mean = float(told.mean())
    return CorrectedMean(
        value, value - half, value + half, float(every.mean()), mean, mean - alone, mean + alone, power
    )
