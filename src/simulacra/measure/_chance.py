"""What chance does: intervals, noise, and resampling of counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..data.shares import Z95, wilson

__all__ = [
    "NOISE_ROWS",
    "auc",
    "binomial_noise",
    "chance_error",
    "coarser",
    "mean_interval",
    "null_distances",
    "share_interval",
]

NOISE_ROWS = 1000
"""Noise units are those of a table of at most this many rows: what a thousand rows could hardly show (2.5 units) is not
held against a larger table, what they show plainly (5 units) is, whatever its size."""


def binomial_noise(hits: float, trials: int, other_hits: float, other_trials: int) -> float:
    """Return the standard deviation of the difference of two shares that are equal in truth.

    One hit more than seen is added, so that none in few rows is not taken for certainty.
    """
    share = (hits + other_hits + 1) / (trials + other_trials + 2)
    return float((share * (1 - share) * (1 / max(trials, 1) + 1 / max(other_trials, 1))) ** 0.5)


_FEW = (0.0, 0.0253, 0.2422, 0.6187)
"""Lower 2.5 % points of the mean of a Poisson count of 1, 2, 3."""


def share_interval(hits: float, trials: float) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share, exact where one to three rows decide: there it is too short.

    Source: Brown, Cai, DasGupta 2001, section 4.1.1 (modified Wilson interval).

    >>> low, high = share_interval(1, 500)
    >>> (round(low, 5), round(high, 4))
    (5e-05, 0.0112)
    """
    low, high = wilson(hits, trials)
    if 1 <= hits < len(_FEW):
        low = min(low, _FEW[int(hits)] / trials)
    if 1 <= trials - hits < len(_FEW):
        high = max(high, 1 - _FEW[int(trials - hits)] / trials)
    return low, high


def mean_interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the 95 % normal interval of a mean."""
    half = Z95 * float(values.std()) / max(len(values), 1) ** 0.5
    return float(values.mean()) - half, float(values.mean()) + half


def auc(high: NDArray[np.float64], low: NDArray[np.float64]) -> tuple[float, float]:
    """Return P(a score of `high` exceeds one of `low`), ties half, and its standard error (0.5 is chance).

    Source: DeLong, DeLong, Clarke-Pearson 1988, by ranks (Sun and Xu 2014). O(n log n).

    >>> auc(np.array([2.0, 3.0]), np.array([1.0, 2.0]))[0]
    0.875
    """
    a, b = np.sort(high), np.sort(low)
    above = (np.searchsorted(b, a, "left") + np.searchsorted(b, a, "right")) / (2 * len(b))
    below = 1 - (np.searchsorted(a, b, "left") + np.searchsorted(a, b, "right")) / (2 * len(a))
    value = float(above.mean())
    spread = _variance(above) / len(a) + _variance(below) / len(b)
    # A perfect split shows no spread; the rule of three keeps its error above zero.
    return value, max(spread**0.5, 1 / (3 * min(len(a), len(b))))


def chance_error(n: int, m: int) -> float:
    """Return the standard deviation of the AUC of n against m scores that differ by chance alone.

    Source: Mann and Whitney 1947.
    """
    return float(((n + m + 1) / (12 * n * m)) ** 0.5)


def _variance(values: NDArray[np.float64]) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else 0.25


def coarser(n: int, m: int) -> float:
    """Return how much larger than between n and m rows the noise would be in tables of at most `NOISE_ROWS` rows."""
    return float(((1 / min(n, NOISE_ROWS) + 1 / min(m, NOISE_ROWS)) / (1 / n + 1 / m)) ** 0.5)


def null_distances(
    pool: NDArray[np.int64], sizes: tuple[int, int], draws: int, rng: np.random.Generator, *, ordered: bool
) -> NDArray[np.float64]:
    """Return (draws,) distances between two samples of the given sizes drawn from one pool of counted rows.

    ordered : Kolmogorov-Smirnov, otherwise total variation. This is the distance of real rows to other real rows.
    """
    if not pool.sum():
        return np.zeros(draws)
    share = pool / pool.sum()
    first = rng.multinomial(sizes[0], share, size=draws) / max(sizes[0], 1)
    second = rng.multinomial(sizes[1], share, size=draws) / max(sizes[1], 1)
    gap = first - second
    distances = np.abs(np.cumsum(gap, axis=1)).max(axis=1) if ordered else np.abs(gap).sum(axis=1) / 2
    return np.asarray(distances, dtype=np.float64)
