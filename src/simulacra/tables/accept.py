"""Rows out of a stream of candidates with weights: each is kept with probability min(1, weight / cap).

A candidate is used once or not at all, so no row repeats, and what is kept depends on the candidate alone: the first
rows of a long sample are a short sample. What the cap cuts off is the only bias; `choose_cap` bounds it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["choose_cap"]


def choose_cap(weights: NDArray[np.float64], *, lost: float, least_kept: float) -> float:
    """Return the smallest cap that cuts off at most a share `lost` of all weight, lowered where needed to keep at
    least a share `least_kept` of the candidates.

    >>> choose_cap(np.array([1.0, 1.0, 1.0, 1.0]), lost=0.0, least_kept=0.1)
    1.0
    >>> choose_cap(np.array([0.0, 0.0, 0.0, 8.0]), lost=0.5, least_kept=0.1)
    4.0
    """
    ascending = np.sort(np.asarray(weights, np.float64))
    n, total = len(ascending), ascending.sum()
    # at cap c = ascending[i]: cut off = sum above c less (n - 1 - i) * c
    above = total - np.cumsum(ascending)
    cut = above - np.arange(n - 1, -1, -1) * ascending
    first = int(np.argmax(cut <= lost * total + 1e-12 * total))
    # between two weights the cut-off is linear in the cap
    cap = (above[first - 1] - lost * total) / (n - first) if first else lost and (total * (1 - lost)) / n
    cap = max(cap, ascending[0]) if first == 0 else cap
    low, high = 0.0, float(cap)
    if np.minimum(1.0, weights / high).mean() >= least_kept:
        return high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if np.minimum(1.0, weights / middle).mean() >= least_kept else (low, middle)
    return max(low, float(ascending[ascending > 0][0]) * 1e-6)
