"""Groups of columns that look linearly dependent, from the correlation matrix of a sample: pairs, triples, longer ones.

A relation that leaves at most `reach` of a column leaves no more variance than its square once the factors are fitted
by least squares; what leaves more is not asked about further. Of triples the `MOST_TRIED` likeliest are.
Source: residual variance of two regressors from correlations (Yule 1907); sparse null vectors by reduced echelon form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np
import numpy.typing as npt

__all__ = ["Spread", "groups"]

FULL_SEARCH = 160
"""With more columns each is only tried against the NEAR columns most correlated with it."""
NEAR = 10
MOST_TRIED = 1_000
"""Triples that rounding leaves possible and that are tried."""
MOST_ALIKE = 300
"""Triples of nearly proportional columns that are tried."""
LONGEST = 12
_ALIKE = 1e-6
_NOISE = 4e-12
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spread:
    """How columns vary together: (k, k) correlation and, per column, its standard deviation.

    reach : per column by how much a relation that gives it may miss it. unit : the size of its last digit, 0 if whole.
    """

    correlation: Floats
    deviation: Floats
    reach: Floats
    unit: Floats


def groups(spread: Spread, closed: Set[int], *, exact: bool, pivots: Callable[[], set[int]]) -> Iterator[list[int]]:
    """Yield groups of columns that look dependent; exact : but for the noise of floats, else but for rounding.

    closed : columns that are in none. pivots : the last columns of what has been found of the groups so far.
    """
    count = len(spread.correlation)
    squares = spread.correlation**2
    slack = np.full(count, _NOISE) if exact else 1e-9 + (spread.reach / spread.deviation) ** 2
    for low, high in combinations([k for k in range(count) if k not in closed], 2):
        if 1 - squares[low, high] <= max(slack[low], slack[high]):
            yield [low, high]
    units = closed | pivots()
    if exact:
        yield from _alike(squares, units)
    yield from _triples(spread, squares, slack, units, exact=exact)
    gone = closed | pivots()
    free = np.array([k for k in range(count) if k not in gone], np.int64)
    yield from _longer(spread.correlation[np.ix_(free, free)], free)


def _triples(spread: Spread, squares: Floats, slack: Floats, units: Set[int], *, exact: bool) -> Iterator[list[int]]:
    """Yield the triples in which two columns leave little of the third; where rounding leaves many, the likeliest."""
    found: list[tuple[float, list[int]]] = []
    for low, high in _pairs(squares):
        if low in units or high in units or 1 - squares[low, high] < _ALIKE:
            continue
        unlikely = _unlikely(spread, squares, slack, (low, high), exact=exact)
        likely = [int(k) for k in np.flatnonzero(unlikely <= 1) if k > high and k not in units]
        found += [(float(unlikely[third]), [low, high, third]) for third in likely]
    if len(found) > MOST_TRIED:
        bound = sorted(score for score, _ in found)[MOST_TRIED]
        found = [one for one in found if one[0] < bound]
    yield from (triple for _, triple in found)


def _unlikely(spread: Spread, squares: Floats, slack: Floats, pair: tuple[int, int], *, exact: bool) -> Floats:
    """Return per third column which share of the variance that a relation may leave is left; above 1 there is none."""
    low, high = pair
    one, other, both = spread.correlation[low], spread.correlation[high], spread.correlation[low, high]
    whole = 1 + 2 * one * other * both - one**2 - other**2 - both**2  # determinant of the three's correlations
    left = whole / (1 - both**2)
    share = left / (3 * slack if exact else slack)
    if exact:
        return np.asarray(share)
    for place, rest in ((low, 1 - squares[high]), (high, 1 - squares[low])):
        share = np.minimum(share, np.where(rest > _ALIKE, whole / rest.clip(_ALIKE), np.inf) / slack[place])
    # a + b + c = 100 may miss by the rounding of all three.
    factors = np.stack([one - other * both, other - one * both]) * spread.deviation / (1 - both**2)
    factors /= spread.deviation[[low, high]][:, None]
    of_sum = (spread.unit + spread.unit[low] + spread.unit[high]) ** 2 / 4 / spread.deviation**2 + 1e-9
    sums = (np.abs(factors + 1) < 0.5).all(axis=0)
    return np.asarray(np.where(sums, np.minimum(share, left / of_sum), share))


def _alike(squares: Floats, units: Set[int]) -> Iterator[list[int]]:
    """Yield triples of columns that are one another's multiples but for rounding: a sum of two may hide in them."""
    near = squares > 1 - _ALIKE
    triples = (
        [low, int(high), int(third)]
        for low in range(len(squares))
        for high, third in combinations(np.flatnonzero(near[low, low + 1 :]) + low + 1, 2)
        if near[high, third] and not units & {low, int(high), int(third)}
    )
    yield from islice(triples, MOST_ALIKE)


def _pairs(squares: Floats) -> Iterator[tuple[int, int]]:
    count = len(squares)
    if count <= FULL_SEARCH:
        yield from ((low, high) for low in range(count) for high in range(low + 1, count))
        return
    known = set()
    for column in range(count):
        near = np.argsort(-squares[column])[: NEAR + 1]
        for low in near:
            for high in near:
                if low < high and (low, high) not in known:
                    known.add((int(low), int(high)))
                    yield int(low), int(high)


def _longer(correlation: Floats, free: npt.NDArray[np.int64]) -> Iterator[list[int]]:
    """Yield the supports of sparse vectors in the null space of the correlation matrix."""
    if len(free) < 3:
        return
    sizes, vectors = np.linalg.eigh(correlation)
    for bound in (1e-13, 1e-9, 1e-5, 1e-3):
        null = vectors[:, sizes < bound].T
        if not 0 < len(null) <= 30:
            continue
        for row in _echelon(null):
            support = np.flatnonzero(np.abs(row) > 1e-3 * np.abs(row).max())
            if 2 < len(support) <= LONGEST:
                yield [int(free[k]) for k in support]


def _echelon(rows: Floats) -> Floats:
    """Return the reduced row echelon form, pivots from the last column on: later columns are sums of earlier ones."""
    rows = rows[:, ::-1].copy()
    done = 0
    for column in range(rows.shape[1]):
        if done == len(rows):
            break
        pivot = done + int(np.abs(rows[done:, column]).argmax())
        if abs(rows[pivot, column]) < 1e-3:
            continue
        rows[[done, pivot]] = rows[[pivot, done]]
        rows[done] /= rows[done, column]
        for other in range(len(rows)):
            if other != done:
                rows[other] -= rows[other, column] * rows[done]
        done += 1
    return rows[:done, ::-1]
