"""A condition on a column as codes: how much of each code satisfies it, and which stretch of its uniform number.

A bin that an end of a range cuts through is drawn from its inner part only, and counts with that part of its mass.
Where codes cannot say it exactly (two digits that depend on each other, a day of a wide bin), they allow somewhat more
and `sure` is false: the values have to be looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from ...errors import RecipeError
from ..conditions import Allowed, Spans
from ..dtypes import limits, parse_dtype
from .axis import Floats
from .calendar import ticks_per_day, to_ticks
from .category import RARE, CategoryCodes
from .family import ColumnCodes
from .fixed import ConstantCodes, MadeUpCodes
from .numeric import NumericCodes, numbers
from .support import no_support
from .temporal import TemporalCodes

__all__ = ["Selection", "levels_of", "select"]

_HALVINGS = 64
_WEEK = 7
_LEAST = 1e-14
"""A narrower stretch of a uniform number is not drawn from."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Codes that satisfy a condition.

    Parameters
    ----------
    shares : per coded column (size,) share of each code that satisfies it, in [0, 1].
    stretches : (size of the first, k, 2) begin and end of the allowed parts of the column's first uniform number;
        None: all of it.
    sure : whether all that is so drawn satisfies the condition.
    """

    shares: tuple[Floats, ...]
    stretches: Floats | None = None
    sure: bool = True

    def place(self, codes: npt.NDArray[np.uint8], uniforms: Floats) -> Floats:
        """Return (rows,) the uniform numbers moved into the allowed parts of their codes."""
        if self.stretches is None:
            return uniforms
        begin, end = self.stretches[codes, :, 0], self.stretches[codes, :, 1]
        reach = np.cumsum(end - begin, axis=1)
        wanted = uniforms * reach[:, -1]
        part = np.minimum((reach <= wanted[:, None]).sum(1), reach.shape[1] - 1)
        rows = np.arange(len(codes))
        before = reach[rows, part] - (end - begin)[rows, part]
        placed: Floats = np.clip(begin[rows, part] + wanted - before, begin[rows, part], end[rows, part])
        return placed


def levels_of(codes: ColumnCodes) -> list[str] | None:
    """Return the levels of a column as text, most frequent first; None for numbers and times."""
    if isinstance(codes, ConstantCodes):
        one = codes.decode(np.ones((1, len(codes.sizes)), np.uint8), np.zeros((1, 0)), 0)
        return [str(level) for level in one.cast(pl.String).drop_nulls()]
    if isinstance(codes, CategoryCodes):
        return codes.levels.to_list() + ([RARE] if codes.pooled == "level" else [])
    return None


def select(allowed: Allowed, codes: ColumnCodes) -> Selection:
    """Return the codes of a column that satisfy a condition.

    RecipeError for a condition on the values of a made-up column; DataError if no code satisfies it.
    """
    if isinstance(codes, MadeUpCodes):
        found = _of_made_up(allowed, codes)
    elif isinstance(codes, ConstantCodes):
        found = _of_constant(allowed, codes)
    elif isinstance(codes, CategoryCodes):
        found = _of_category(allowed, codes)
    elif isinstance(codes, NumericCodes):
        found = _of_values(allowed, codes, lambda series: numbers(series, codes.column)[0])
    elif isinstance(codes, TemporalCodes):
        found = _of_times(allowed, codes)
    else:
        raise TypeError(f"conditions know no column family {codes.family!r}")
    if any(not share.any() for share in found.shares):
        raise no_support(allowed, codes)
    return found


def _of_made_up(allowed: Allowed, codes: MadeUpCodes) -> Selection:
    if allowed.levels or allowed.spans:
        seen = f"the values of {codes.column.name!r} are made up anew, so no condition can be put on them"
        raise RecipeError(seen, where="given", hint="put conditions on columns that are learned")
    if not codes.missing:
        raise no_support(allowed, codes)
    return Selection((np.array([1.0, 0.0]),))


def _of_constant(allowed: Allowed, codes: ConstantCodes) -> Selection:
    fits = bool(allowed.levels)
    if codes.missing:
        return Selection((np.array([allowed.missing, fits], np.float64),))
    if not (fits if codes.value is not None else allowed.missing):
        raise no_support(allowed, codes)
    return Selection(())


def _of_category(allowed: Allowed, codes: CategoryCodes) -> Selection:
    """First digits of the allowed levels; seconds that give an allowed level after one of these."""
    if allowed.levels is None:  # numbers that are coded as levels
        wanted = allowed.holds(codes.levels.cast(parse_dtype(allowed.column.dtype), strict=False)).to_numpy()
    else:
        wanted = codes.levels.is_in(sorted(allowed.levels)).to_numpy()
    first = np.zeros(codes.sizes[0])
    first[codes.first[wanted] + codes.missing] = 1.0
    if codes.missing:
        first[0] = allowed.missing
    stretches, pool = None, int(codes.first.max(initial=-1)) + 1 + codes.missing
    if codes.pooled == "level":
        first[pool] = RARE in (allowed.levels or ())
    elif codes.pooled == "draw" and len(codes.levels):
        ends = np.cumsum(codes.counts) / codes.counts.sum()
        parts = np.stack([np.append(0.0, ends[:-1]), ends], axis=1)[wanted]
        stretches = np.zeros((len(first), max(1, len(parts)), 2))
        stretches[:, 0, 1] = 1.0
        stretches[pool] = 0.0
        stretches[pool, : len(parts)] = parts
        first[pool] = float((parts[:, 1] - parts[:, 0]).sum())
    if len(codes.sizes) == 1:
        return Selection((first,), stretches)
    second, sure = _second_digits(codes, wanted, bool(allowed.missing or first[pool:].any()))
    return Selection((first, second), stretches, sure)


def _second_digits(codes: CategoryCodes, wanted: npt.NDArray[np.bool_], free: bool) -> tuple[Floats, bool]:
    """Return which second digits give an allowed level after some allowed first digit, and whether after every one."""
    size = codes.sizes[1]
    rank = codes.second
    fits = []
    for group in np.unique(codes.first[wanted]):
        inside = codes.first == group
        good = np.zeros(int(inside.sum()), bool)
        good[rank[inside & wanted]] = True
        fits.append(good[np.arange(size) % len(good)])
    if free:
        fits.append(np.ones(size, bool))
    union = np.any(fits, axis=0) if fits else np.zeros(size, bool)
    return union.astype(np.float64), all(bool((fit == union).all()) for fit in fits)


def _of_values(
    allowed: Allowed, codes: NumericCodes | TemporalCodes, read: Callable[[pl.Series], pl.Series]
) -> Selection:
    """The parts of each code whose values, as they are written in the end, lie in the spans."""

    def value(draws: Floats) -> pl.Series:
        uniforms = np.zeros((len(draws), codes.uniforms))
        uniforms[:, :1] = draws[:, None]
        digits = np.zeros((len(draws), len(codes.sizes)), np.uint8)
        digits[:, 0] = np.arange(len(draws)) + codes.missing
        return read(codes.decode(digits, uniforms, 0))

    return _cut(allowed, allowed.spans, codes, value)


def _of_times(allowed: Allowed, codes: TemporalCodes) -> Selection:
    if not len(codes.phases):
        return _of_values(allowed, codes, lambda series: to_ticks(series, codes.column)[0])
    day = ticks_per_day(codes.column)
    slack = _WEEK - 1 if codes.axis.has_bins else 0  # a day moves to the weekday that was drawn
    wide: list[tuple[float, float]] = []
    for low, high in allowed.spans:
        reach = (low // day - slack, high // day + slack)
        if wide and reach[0] <= wide[-1][1]:
            reach = (wide.pop()[0], reach[1])
        wide.append(reach)

    def days(draws: Floats) -> pl.Series:
        return pl.Series(np.rint(codes.axis.decode(np.arange(len(draws)), draws)))

    found = _cut(allowed, tuple(wide), codes, days)
    return Selection((found.shares[0], _phases(allowed, codes, day)), found.stretches, sure=False)


def _phases(allowed: Allowed, codes: TemporalCodes, day: int) -> Floats:
    """Return which hours of the week may be meant; all, unless every span lies within a day."""
    hours = np.zeros(len(codes.phases) + codes.missing)
    for low, high in allowed.spans:
        if low // day != high // day:
            return np.ones(len(hours))
        weekday = (low // day + 3) % 7
        inside = (codes.phases % 24 >= low % day * 24 // day) & (codes.phases % 24 <= high % day * 24 // day)
        if codes.axis.has_bins:
            inside &= codes.phases // 24 == weekday
        hours[codes.missing :] = np.maximum(hours[codes.missing :], inside)
    return np.ones(len(hours)) if allowed.missing else hours


def _cut(
    allowed: Allowed, spans: Spans, codes: NumericCodes | TemporalCodes, value: Callable[[Floats], pl.Series]
) -> Selection:
    """Return the selection of the spans; value(draws) gives each axis code's value at its draw and never falls."""
    size = codes.axis.size
    parts = [_stretch(value, size, low, high) for low, high in spans] or [np.zeros((size, 2))]
    inner = np.stack(parts, axis=1)
    atoms = codes.axis.atom
    met = (inner[atoms, :, 1] > inner[atoms, :, 0]).any(axis=1)
    inner[atoms] = np.where(np.asarray(met)[:, None, None], [[0.0, 1.0]], 0.0)
    inner[atoms, 1:] = 0.0
    shares = (inner[:, :, 1] - inner[:, :, 0]).sum(1)
    if codes.missing:
        shares = np.append(float(allowed.missing), shares)
        inner = np.concatenate([np.zeros((1, *inner.shape[1:])), inner])
    return Selection((shares,), inner if codes.axis.has_bins else None)


def _stretch(value: Callable[[Floats], pl.Series], size: int, low: float, high: float) -> Floats:
    """Return (size, 2) where in [0, 1) each code's value lies in [low, high], by halving; 0, 0 for nowhere."""
    begin = _first(lambda draws: _at_least(value(draws), low), size)
    end = _first(lambda draws: ~_at_most(value(draws), high), size)
    whole = end - begin > _LEAST
    last = np.where(end < 1.0, np.nextafter(end, 0.0), end)
    return np.where(whole[:, None], np.stack([begin, last], axis=1), 0.0)


def _at_least(values: pl.Series, low: float) -> npt.NDArray[np.bool_]:
    return _compare(values, low, lambda series, bound: series >= bound, beyond=low < 0)


def _at_most(values: pl.Series, high: float) -> npt.NDArray[np.bool_]:
    return _compare(values, high, lambda series, bound: series <= bound, beyond=high > 0)


def _compare(
    values: pl.Series, bound: float, how: Callable[[pl.Series, float], pl.Series], *, beyond: bool
) -> npt.NDArray[np.bool_]:
    """Return the comparison; a bound beyond the integers of the type compares as `beyond` says."""
    least, most = limits(values.dtype)
    if values.dtype.is_integer() and not least <= bound <= most:
        return np.full(len(values), beyond)
    return how(values, bound).fill_null(value=False).to_numpy()


def _first(holds: Callable[[Floats], npt.NDArray[np.bool_]], size: int) -> Floats:
    """Return the least draw in [0, 1) at which each code's condition holds, 1 if at none."""
    top = np.nextafter(1.0, 0.0)
    low, high = np.zeros(size), np.full(size, top)
    never, always = ~holds(high), holds(low)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        good = holds(middle)
        high = np.where(good, middle, high)
        low = np.where(good, low, middle)
    return np.where(always, 0.0, np.where(never, 1.0, high))
