"""Rows out of a stream of candidates with weights: each is kept with probability min(1, weight / cap).

A candidate is used once or not at all, so no row repeats, and what is kept depends on the candidate alone: the first
rows of a long sample are a short sample. What the cap cuts off is the only bias; `choose_cap` bounds it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["choose_cap"]


def choose_cap(weights: NDArray[np.float64], *, lost: float, least_kept: float) -> float:
    """Return the smallest cap that cuts off at most a share `lost` of all weight, lowered where needed to keep at
    least a share `least_kept` of the candidates.

    >>> choose_cap(np.array([1.0, 1.0, 1.0, 1.0]), lost=0.0, least_kept=0.1)
    1.0
    >>> round(choose_cap(np.array([0.0, 0.0, 0.0, 8.0]), lost=0.5, least_kept=0.1), 6)
    4.0
    """
    mean = float(np.mean(weights))
    cap = _largest(lambda cap: np.maximum(weights - cap, 0).mean() >= lost * mean, float(np.max(weights)))
    return min(cap, _largest(lambda cap: np.minimum(1, weights / cap).mean() >= least_kept, cap))


def _largest(holds: Callable[[float], np.bool_], high: float) -> float:
    """Return the largest cap up to `high` that holds a bound which all smaller caps hold too."""
    if holds(high):
        return high
    low = 0.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return high
