"""Bounds on a rate that hold however often one looks, so that asking may stop as soon as enough is known.

A search looks at its results after every batch and goes where they send it. An interval for a number of trials fixed
in advance is too narrow then; a confidence sequence is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import lgamma, log
from typing import Literal

__all__ = ["Bounds", "bounds", "decide"]

ERROR = 0.05
"""The chance that the bounds of one cell are ever wrong, over all looks."""
_PRIOR = 0.5
_STEPS = 40


@dataclass(frozen=True, slots=True)
class Bounds:
    """low, high : between them lies the rate, with error `ERROR` over all looks together."""

    low: float
    high: float


def bounds(clusters: Sequence[tuple[int, int]]) -> Bounds:
    """Return the bounds on the rate behind clusters of (hits, trials); an idea's share of hits counts as one trial.

    Source: Robbins 1970, the beta-binomial mixture (Jeffreys' prior) with Ville's inequality; it holds for shares in
    [0, 1] as for hits (Howard et al. 2021). Not handled: a rate that changes while one looks.

    >>> found = bounds([(0, 1)] * 53)
    >>> found.low, round(found.high, 2)
    (0.0, 0.1)
    """
    shares = [hits / trials for hits, trials in clusters if trials]
    return _bounds(round(sum(shares), 6), len(shares))


def decide(clusters: Sequence[tuple[int, int]], at: float) -> Literal["below", "above", "open"]:
    """Return whether the rate is known to be below or above `at`, with error `ERROR` over all looks.

    >>> decide([(0, 1)] * 60, 0.1), decide([(1, 1)] * 8, 0.1), decide([(0, 1)] * 10, 0.1)
    ('below', 'above', 'open')
    """
    found = bounds(clusters)
    return "below" if found.high <= at else "above" if found.low >= at else "open"


@lru_cache(maxsize=4096)
def _bounds(hits: float, n: int) -> Bounds:
    if not n:
        return Bounds(0.0, 1.0)
    low = 0.0 if hits <= 0 else _edge(hits, n)
    high = 1.0 if hits >= n else 1.0 - _edge(n - hits, n)
    return Bounds(low, high)


def _edge(hits: float, n: int) -> float:
    """Return the least rate that is not refuted, between 0 and the share that was seen."""
    misses, outside, inside = n - hits, 0.0, hits / n
    mixture = _log_beta(hits + _PRIOR, misses + _PRIOR) - _log_beta(_PRIOR, _PRIOR)
    for _ in range(_STEPS):
        middle = (outside + inside) / 2
        evidence = mixture - hits * log(middle) - (misses * log(1 - middle) if misses else 0.0)
        outside, inside = (middle, inside) if evidence >= -log(ERROR) else (outside, middle)
    return outside


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
