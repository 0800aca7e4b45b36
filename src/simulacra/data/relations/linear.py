"""Linear relations: units (b = k a + c), sums (total = a + b), fractions that sum to a constant.

On a sample, candidates are columns that others explain all but for rounding (R2 from the correlation matrix: one other
column, then two, then the null space of the rest); coefficients are refitted and cut to the fewest digits that do;
then all rows are asked. Relations that hold to the last digit are searched first; rounded ones only among the columns
that those leave: gross = 1.19 * net is off by a cent where gross = net + tax is not.
Source: R2 of two regressors from correlations (Yule 1907); sparse null vectors by reduced row echelon form.
Not handled: relations of more than two columns where more than half the rows have a null; floats below .1 % of a sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from itertools import combinations, islice

import numpy as np
import numpy.typing as npt

from ..constraints import quote
from ..quantities import dimension
from ..schema import Column
from .relation import SURPRISE
from .sketch import Sketch

__all__ = ["linear_candidates"]

FEWEST_ROWS = 50
FULL_SEARCH = 160
"""With more columns each is only tried against the NEAR columns most correlated with it."""
NEAR = 10
MOST_ALIKE = 300
"""Triples of nearly proportional columns that are tried."""
_ALIKE = 1e-6
_NOISE = 1e-12
LONGEST = 12
_UNITS = ((7 * 86_400, "weeks"), (86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))
Floats = npt.NDArray[np.float64]


def linear_candidates(sketch: Sketch, *, times: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield (constraint as text, its columns), simplest first; on the sample's complete rows each holds."""
    sketch = sketch.without({c.name for c, s in zip(sketch.columns, sketch.surprises, strict=True) if s < SURPRISE})
    sketch, rows = _complete(sketch)
    if len(rows) < FEWEST_ROWS or len(sketch.columns) < 2:
        return
    spread: Floats = rows.std(axis=0)
    usable = spread > 1e-12 * np.abs(rows).max(axis=0).clip(1e-300)
    kept = np.flatnonzero(usable)
    columns, rows, spread = [sketch.columns[k] for k in kept], rows[:, kept], spread[kept]
    scaled = (rows - rows.mean(axis=0)) / spread
    correlation = scaled.T @ scaled / len(rows)
    slack = 1e-9 + np.array([_unit(c) for c in columns]) ** 2 / 4 / spread**2
    known: list[Floats] = []
    given: set[int] = set()
    for exact in (True, False):
        # An exact relation leaves nothing but the noise of floats unexplained.
        leeway = np.full(len(columns), _NOISE) if exact else slack
        closed, new = frozenset(given), len(known)
        for group in _groups(correlation, leeway, closed, exact=exact, pivots=lambda: _pivots(known[new:])):  # noqa: B023
            solved = _best([columns[k] for k in group], rows[:, group], times=times, exact=exact)
            if solved is None:
                continue
            text, vector, target = solved
            whole = np.zeros(len(columns))
            whole[group] = vector * spread[group]
            # What follows from relations that are known already is not told again.
            if np.linalg.matrix_rank(np.array([*known, whole / np.abs(whole).max()]), tol=1e-6) > len(known):
                known.append(whole / np.abs(whole).max())
                given.add(max(group) if len(group) == 2 else group[target])
                yield text, tuple(columns[k].name for k in sorted(group))


def _pivots(vectors: list[Floats]) -> set[int]:
    """Return the last column of each relation."""
    return {int(np.flatnonzero(np.abs(vector) > 1e-12).max()) for vector in vectors}


def _complete(sketch: Sketch) -> tuple[Sketch, Floats]:
    """Return the columns with enough values, and the rows in which all of them have one."""
    missing = np.isnan(sketch.values)
    sketch = sketch.without({c.name for k, c in enumerate(sketch.columns) if missing[:, k].mean() > 0.5})
    while len(sketch.columns):
        missing = np.isnan(sketch.values)
        whole = ~missing.any(axis=1)
        if whole.sum() >= min(4 * FEWEST_ROWS, len(missing)) or not missing.any():
            return sketch, sketch.values[whole]
        worst = int(missing.sum(axis=0).argmax())
        sketch = sketch.without({sketch.columns[worst].name})
    return sketch, np.empty((0, 0))


def _groups(
    correlation: Floats, slack: Floats, closed: Set[int], *, exact: bool, pivots: Callable[[], set[int]]
) -> Iterator[list[int]]:
    """Yield groups of columns that look linearly dependent: pairs, triples, longer ones among the rest.

    closed : columns that are in none. pivots : the last columns of what has been found of the groups so far.
    """
    count = len(correlation)
    squares = correlation**2
    for low, high in combinations([k for k in range(count) if k not in closed], 2):
        if 1 - squares[low, high] <= 4 * max(slack[low], slack[high]):
            yield [low, high]
    units = closed | pivots()
    if exact:
        yield from _alike(squares, units)
    for low, high in _pairs(squares):
        if low in units or high in units:
            continue
        own = 1 - squares[low, high]
        if own < _ALIKE:
            continue
        first, second = correlation[low], correlation[high]
        share = (first**2 + second**2 - 2 * first * second * correlation[low, high]) / own
        for third in np.flatnonzero(1 - share <= 4 * (slack + slack[low] + slack[high])):
            if third > high and third not in units:
                yield [low, high, int(third)]
    gone = closed | pivots()
    free = np.array([k for k in range(count) if k not in gone], np.int64)
    yield from _long_groups(correlation[np.ix_(free, free)], free)


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


def _long_groups(correlation: Floats, free: npt.NDArray[np.int64]) -> Iterator[list[int]]:
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


def _best(columns: Sequence[Column], rows: Floats, *, times: bool, exact: bool) -> tuple[str, Floats, int] | None:
    """Return the simplest relation over exactly these columns: text, factors and the column it gives; None if none."""
    found: list[tuple[tuple[int, ...], str]] = []
    vectors = {}
    for target in range(len(columns) - 1, -1, -1):
        others = [k for k in range(len(columns)) if k != target]
        solved = _solve(columns, rows, target, others, exact=exact)
        if solved is not None:
            factors, constant, digits = solved
            text = _write(columns, target, others, (factors, constant), times=times)
            # Whole factors first; then the column with the finest digits, which pins the factors down best.
            coarse = _unit(columns[target]) / rows[:, target].std() if digits else 0.0
            rank = (int(digits > 0), int(np.log10(coarse)) if coarse else -99, int(constant != 0), digits)
            # 100 * hour + minute reads better than a difference.
            plain = int((factors != 1).sum()) + 2 * int((factors < 0).any())
            if text:
                found.append(((*rank, plain, len(text), len(found)), text))
                vectors[text] = np.insert(factors, target, -1.0), target
    if not found:
        return None
    text = min(found)[1]
    return text, *vectors[text]


def _solve(
    columns: Sequence[Column], rows: Floats, target: int, others: list[int], *, exact: bool
) -> tuple[Floats, float, int] | None:
    """Return factors, constant and digits of target = factors @ others + constant, if it holds but for rounding.

    exact : it must hold to the last bits of floats, with whole factors.
    """
    left, right = rows[:, target], rows[:, others]
    middle = right.mean(axis=0)
    fitted: Floats = np.linalg.lstsq(right - middle, left - left.mean(), rcond=None)[0]
    for digits in (0,) if exact else (0, 1, 2, 3, 4, 6, 9):
        factors = np.asarray(np.round(fitted, digits))
        if not factors.all():
            continue
        rest = left - right @ factors
        allowed = 1e-9 * np.abs(rows).sum(axis=1) if exact else _tolerance(columns, rows, target, factors)
        middle_of_rest = float(np.round(np.median(rest), max(digits, columns[target].decimals or 0)))
        for constant in (0.0, middle_of_rest):
            if (np.abs(rest - constant) <= allowed).all():
                return factors, constant, digits
    return None


def _tolerance(columns: Sequence[Column], rows: Floats, target: int, factors: Floats) -> Floats:
    size = 1e-9 * np.abs(rows).sum(axis=1)
    if (np.abs(factors) == 1).all() and len(factors) > 1 and (factors == -1).all():
        return np.asarray(size + (0.0 if _all_whole(columns) else sum(_unit(c) for c in columns) / 2))
    # A column of few values is no rounded measurement: it must come out exactly.
    few = 100 if columns[target].kind == "integer" else 20
    rounded = len(np.unique(rows[:, target])) >= few and not (factors % 1 == 0).all()
    return np.asarray(size + (_unit(columns[target]) / 2 if rounded else 0.0))


def _all_whole(columns: Sequence[Column]) -> bool:
    return all(column.kind == "integer" for column in columns)


def _unit(column: Column) -> float:
    if dimension(column) != "number":
        return 0.0
    return 1.0 if column.kind == "integer" else 0.0 if column.decimals is None else 10.0**-column.decimals


def _write(
    columns: Sequence[Column], target: int, others: list[int], solved: tuple[Floats, float], *, times: bool
) -> str:
    """Return the relation as a constraint; "" if a name cannot be written or a time has no round unit."""
    factors, constant = solved
    if any("`" in column.name for column in columns):
        return ""
    if (factors == -1).all() and len(others) > 1 and not times:
        return " + ".join(quote(column.name) for column in columns) + f" = {constant:.12g}"
    text = quote(columns[target].name) + " ="
    for place, (index, factor) in enumerate(sorted(zip(others, factors, strict=True), key=lambda pair: -pair[1])):
        sign = "" if not place and factor > 0 else "+ " if factor > 0 else "- "
        times_factor = "" if abs(factor) == 1 else f"{abs(factor):.12g} * "
        text += f" {sign}{times_factor}{quote(columns[index].name)}"
    if not constant:
        return text
    amount = _span(abs(constant)) if times else f"{abs(constant):.12g}"
    return f"{text} {'+' if constant > 0 else '-'} {amount}" if amount else ""


def _span(micros: float) -> str:
    for seconds, unit in _UNITS:
        if micros % (seconds * 1e6) == 0:
            return f"{micros / (seconds * 1e6):g} {unit}"
    return ""
