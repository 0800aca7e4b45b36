"""What to say when no value satisfies a condition, without showing a real extreme."""

from __future__ import annotations

import math

import numpy as np

from ...errors import DataError
from ..conditions import Allowed
from .calendar import month_start, ticks_per_day
from .family import ColumnCodes
from .numeric import NumericCodes
from .temporal import TemporalCodes

__all__ = ["ends", "no_support"]


def no_support(allowed: Allowed, codes: ColumnCodes) -> DataError:
    """Return the error: how far the learned values reach, rounded, or what is never there."""
    where, never = f"given {codes.column.name!r}", f"{allowed.text!r} has no support"
    if allowed.missing and not (allowed.levels or allowed.spans):
        return DataError(f"{never}: the column has no missing values", where=where, hint="drop the condition")
    if isinstance(codes, NumericCodes | TemporalCodes) and allowed.spans:
        low, high = ends(codes)
        if allowed.spans[0][0] > high:
            seen = f"{never}: the largest value learned is about {_about(high, low, codes)}"
            return DataError(seen, where=where, hint="ask for smaller values")
        if allowed.spans[-1][1] < low:
            seen = f"{never}: the smallest value learned is about {_about(low, high, codes)}"
            return DataError(seen, where=where, hint="ask for larger values")
        if all(first == last for first, last in allowed.spans):
            return DataError(f"{never}: the column does not take exactly this value", where=where, hint="give a range")
        return DataError(f"{never}: the column has no values there", where=where, hint="widen the range")
    return DataError(f"{never}: the column has no such values", where=where, hint="name a level that it has")


def ends(codes: NumericCodes | TemporalCodes) -> tuple[float, float]:
    """Return about the smallest and largest value (ticks for times) that the codes stand for."""
    low, high = float(codes.axis.knots.min()), float(codes.axis.knots.max())
    if isinstance(codes, NumericCodes):
        return low / codes.scale + codes.offset, high / codes.scale + codes.offset
    if codes.plan == "line":
        return low * codes.grain, high * codes.grain
    day = ticks_per_day(codes.column)
    if codes.plan == "month":
        low, high = (float(month_start(np.array([round(end)]))[0]) for end in (low, high))
    return round(low) * day, (round(high) + 1) * day - 1


def _about(value: float, other: float, codes: NumericCodes | TemporalCodes) -> str:
    """Return a value to half a digit of the column's size; of a date the year, or the month in a short range."""
    if isinstance(codes, NumericCodes) or codes.column.kind == "duration":
        unit = 1 if isinstance(codes, NumericCodes) else ticks_per_day(codes.column) // 86_400
        value, other = value / unit, other / unit
        size = max(abs(value), abs(other)) or 1.0
        step = 10.0 ** math.floor(math.log10(size)) / 2
        return f"{round(value / step) * step:.12g}" + ("" if unit == 1 else " seconds")
    day = ticks_per_day(codes.column)
    short = abs(value - other) < 3 * 365 * day
    return str(
        np.array(int(value // day)).astype("datetime64[D]").astype("datetime64[M]" if short else "datetime64[Y]")
    )
