"""Shares of rows and what so many rows can say of them."""

from __future__ import annotations

from statistics import NormalDist

__all__ = ["Z95", "wilson"]

Z95 = NormalDist().inv_cdf(0.975)


def wilson(hits: float, trials: float, z: float = Z95) -> tuple[float, float]:
    """Return the Wilson interval of a share; trials may be an effective number, z another quantile than the normal's.

    Source: Wilson 1927; Brown, Cai, DasGupta 2001, eq. (4).

    >>> low, high = wilson(0, 30)
    >>> (round(low, 3), round(high, 3))
    (0.0, 0.114)
    """
    if trials == 0:
        return 0.0, 1.0
    share, weight = hits / trials, z * z / trials
    middle = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * (share * (1 - share) / trials + weight / (4 * trials)) ** 0.5
    # Where all or none hit, the share is an end of its interval; in floats the end may fall short of it.
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))
