"""Linear relations: units (b = k a + c), sums (total = a + b), fractions that sum to a constant.

On a sample, candidates are columns that others explain all but for rounding (`dependent`: one other column, then two,
then the null space of the rest); coefficients are refitted and cut to the fewest digits that do; then all rows are
asked. Relations that hold to the last digit are searched first; rounded ones only among the columns that those leave:
gross = 1.19 * net is off by a cent where gross = net + tax is not.
Not handled: relations of more than two columns where more than half the rows have a null; floats below .1 % of a sum;
numbers whose squares no float holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from ..constraints import quote
from ..quantities import last_digit
from ..schema import Column
from .dependent import Spread, groups
from .relation import SURPRISE
from .sketch import Sketch

__all__ = ["linear_candidates"]

FEWEST_ROWS = 20
FEWEST_ROUNDED = 50
"""Rows for relations that hold but for rounding; below, only those to the last digit with whole factors are asked."""
_TINIEST, _LARGEST = 1e-100, 1e100
_UNITS = ((7 * 86_400, "weeks"), (86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))
Floats = npt.NDArray[np.float64]


def linear_candidates(sketch: Sketch, *, times: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield (constraint as text, its columns), simplest first; on the sample's complete rows each holds."""
    sketch = sketch.without({c.name for c, s in zip(sketch.columns, sketch.surprises, strict=True) if s < SURPRISE})
    sketch, rows = _complete(sketch)
    if len(rows) < FEWEST_ROWS or len(sketch.columns) < 2:
        return
    largest = np.abs(rows).max(axis=0)
    fit = (largest > _TINIEST) & (largest < _LARGEST)
    fit[fit] = rows[:, fit].std(axis=0) > 1e-12 * largest[fit]
    kept = np.flatnonzero(fit)
    columns, rows = [sketch.columns[k] for k in kept], rows[:, kept]
    reach = np.array([_reach(column, rows[:, k]) for k, column in enumerate(columns)])
    spread = _spread(columns, rows, reach)
    known: list[Floats] = []
    given: set[int] = set()
    for exact in (True, False) if len(rows) >= FEWEST_ROUNDED else (True,):
        closed, new = frozenset(given), len(known)
        for group in groups(spread, closed, exact=exact, pivots=lambda: _pivots(known[new:])):  # noqa: B023
            allowed = None if exact else reach[group]
            solved = _best([columns[k] for k in group], rows[:, group], allowed, times=times)
            if solved is None:
                continue
            text, vector, target = solved
            whole = np.zeros(len(columns))
            whole[group] = vector * spread.deviation[group]
            # What follows from relations that are known already is not told again.
            if np.linalg.matrix_rank(np.array([*known, whole / np.abs(whole).max()]), tol=1e-6) > len(known):
                known.append(whole / np.abs(whole).max())
                given.add(max(group) if len(group) == 2 else group[target])
                yield text, tuple(columns[k].name for k in sorted(group))


def _spread(columns: Sequence[Column], rows: Floats, reach: Floats) -> Spread:
    deviation: Floats = rows.std(axis=0)
    scaled = (rows - rows.mean(axis=0)) / deviation
    unit = np.array([last_digit(column) for column in columns])
    return Spread(scaled.T @ scaled / len(rows), deviation, reach, unit)


def _reach(column: Column, values: Floats) -> float:
    """Return by how much a relation may miss a rounded column; one of few values is no rounded measurement."""
    few = 100 if column.kind == "integer" else 20
    return last_digit(column) / 2 if len(np.unique(values)) >= few else 0.0


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
        if whole.sum() >= min(4 * FEWEST_ROUNDED, len(missing)) or not missing.any():
            return sketch, sketch.values[whole]
        worst = int(missing.sum(axis=0).argmax())
        sketch = sketch.without({sketch.columns[worst].name})
    return sketch, np.empty((0, 0))


def _best(
    columns: Sequence[Column], rows: Floats, reach: Floats | None, *, times: bool
) -> tuple[str, Floats, int] | None:
    """Return the simplest relation over exactly these columns: text, factors and the column it gives; None if none.

    reach : by how much each may be missed; None if it must hold to the last bits of floats, with whole factors.
    """
    found: list[tuple[tuple[int, ...], str]] = []
    vectors = {}
    for target in range(len(columns) - 1, -1, -1):
        others = [k for k in range(len(columns)) if k != target]
        solved = _solve(columns, rows, target, others, reach)
        if solved is not None:
            factors, constant, digits = solved
            text = _write(columns, target, others, (factors, constant), times=times)
            # Whole factors first; then the column with the finest digits, which pins the factors down best.
            coarse = last_digit(columns[target]) / rows[:, target].std() if digits else 0.0
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
    columns: Sequence[Column], rows: Floats, target: int, others: list[int], reach: Floats | None
) -> tuple[Floats, float, int] | None:
    """Return factors, constant and digits of target = factors @ others + constant, if it holds but for rounding."""
    exact = reach is None
    left, right = rows[:, target], rows[:, others]
    about, varying = left - left.mean(), right - right.mean(axis=0)
    fitted: Floats = np.linalg.lstsq(varying, about, rcond=None)[0]
    size = np.abs(rows).sum(axis=1)
    # No factors leave less than these: what misses by more on the average cannot hold in every row.
    most = max(0.0 if reach is None else reach[target], sum(map(last_digit, columns)) / 2) + 1e-9 * size.max()
    if np.square(about - varying @ fitted).mean() > most**2:
        return None
    for digits in (0,) if exact else (0, 1, 2, 3, 4, 6, 9):
        factors = np.asarray(np.round(fitted, digits))
        if not factors.all():
            continue
        rest = left - right @ factors
        allowed = 1e-9 * size + (0.0 if reach is None else _tolerance(columns, factors, reach[target]))
        middle_of_rest = float(np.round(np.median(rest), max(digits, columns[target].decimals or 0)))
        for constant in (0.0, middle_of_rest):
            if (np.abs(rest - constant) <= allowed).all():
                return factors, constant, digits
    return None


def _tolerance(columns: Sequence[Column], factors: Floats, reach: float) -> float:
    """Return by how much the relation may miss beside the noise of floats."""
    if len(factors) > 1 and (factors == -1).all():
        return 0.0 if _all_whole(columns) else sum(map(last_digit, columns)) / 2
    # With whole factors nothing is rounded.
    return 0.0 if (factors % 1 == 0).all() else reach


def _all_whole(columns: Sequence[Column]) -> bool:
    return all(column.kind == "integer" for column in columns)


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
