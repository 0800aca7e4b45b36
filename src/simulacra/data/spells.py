"""One number or time as a person writes it, as the interval it stands for: 2020-03 is a whole month."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from ..errors import RecipeError
from .codes.calendar import ticks_per_day, to_ticks
from .dtypes import parse_dtype
from .schema import Column

__all__ = ["spell"]

_EPOCH = dt.datetime(1970, 1, 1)
_ISO = re.compile(r"(\d{4})(?:-(\d\d?)(?:-(\d\d?)(?:[T ](\d\d?)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?)?)?)?$")


def spell(written: Any, column: Column) -> tuple[float, float]:
    """Return (first, last) number or tick that a value stands for in a numeric or temporal column.

    Ticks are whole and count from 1970 on the clock of the column's zone, in its unit (dates: days). RecipeError for
    what is no such value.

    >>> spell("1970-02", Column("joined", "date", dtype="Date"))
    (31, 58)
    """
    if isinstance(written, np.generic):
        written = pl.Series([written])[0]
    if column.kind in ("integer", "real"):
        number = _number(written, column)
        return number, number
    if column.kind == "duration":
        span = _duration(written, column)
        return span, span
    if isinstance(written, dt.date):
        return _of_python(written, column)
    if isinstance(written, str):
        return _of_text(written.strip(), column)
    raise _unread(written, column, "write a date such as 2020-03-31, or 2020-03 for the month")


def _number(written: Any, column: Column) -> float:
    hint = "write a number such as 30, a range 30..40, or missing"
    if isinstance(written, bool) or not isinstance(written, int | float | str):
        raise _unread(written, column, hint)
    try:
        number = int(written) if _is_whole(written) else float(written)
    except (ValueError, OverflowError):
        raise _unread(written, column, hint) from None
    if not math.isfinite(number):
        raise _unread(written, column, hint)
    return float(np.float32(number)) if parse_dtype(column.dtype) == pl.Float32 else number


def _is_whole(written: int | float | str) -> bool:
    return isinstance(written, int) or (isinstance(written, str) and re.fullmatch(r"[+-]?\d+", written) is not None)


def _duration(written: Any, column: Column) -> int:
    if isinstance(written, dt.timedelta):
        micros = written // dt.timedelta(microseconds=1)
    elif isinstance(written, dt.time):
        micros = ((written.hour * 60 + written.minute) * 60 + written.second) * 10**6 + written.microsecond
    else:
        text = replace(column, dtype="String", format=None)
        read = to_ticks(pl.Series([str(written)]), text)[0][0] if isinstance(written, str) else None
        if read is None:
            raise _unread(written, column, "write a duration such as 1:30:00 or '2 days, 1:30:00'")
        micros = int(read)
    return micros * _a_second(column) // 10**6


def _a_second(column: Column) -> int:
    return ticks_per_day(column) // 86_400


def _of_python(when: dt.date, column: Column) -> tuple[int, int]:
    """Return the ticks of a date (all of the day) or a datetime, taken to the clock of the column's zone."""
    if not isinstance(when, dt.datetime):
        start = dt.datetime(when.year, when.month, when.day)
        return _period(start, start + dt.timedelta(days=1), column)
    zone = column.zone or getattr(parse_dtype(column.dtype), "time_zone", None)
    if when.tzinfo is not None:
        when = when.astimezone(ZoneInfo(zone)) if zone else when
        when = when.replace(tzinfo=None)
    if column.kind == "date":
        return _of_python(when.date(), column)
    tick = _ticks(when, column)
    return tick, tick


def _of_text(text: str, column: Column) -> tuple[int, int]:
    """Return the ticks of a date in the column's own format, or of as much of an ISO date as is written."""
    if column.format and parse_dtype(column.dtype) == pl.String:
        read = to_ticks(pl.Series([text]), column)[0][0]
        if read is not None:
            return int(read), int(read)
    match = _ISO.match(text)
    hint = "write a date such as 2020-03-31, 2020-03 for the month, 2020 for the year, a range 2019..2020, or missing"
    if match is None or (column.kind == "date" and match[4]):
        raise _unread(text, column, hint)
    parts = [int(part) for part in match.groups()[:6] if part is not None]
    fraction = f"0.{match[7]}" if match[7] else None
    try:
        start = dt.datetime(*[*parts, 1, 1][: max(3, len(parts))])  # type: ignore[arg-type]
        end = _after(start, len(parts))
    except (ValueError, OverflowError):
        raise _unread(text, column, hint) from None
    if fraction:
        tick = _ticks(start, column) + round(float(fraction) * _a_second(column))
        return tick, tick
    return _period(start, end, column)


def _after(start: dt.datetime, parts: int) -> dt.datetime:
    """Return the end of the year, month, day, hour, minute or second that begins then."""
    if parts <= 2:
        months = start.year * 12 + start.month - 1 + (12 if parts == 1 else 1)
        return dt.datetime(months // 12, months % 12 + 1, 1)
    unit = ("days", "hours", "minutes", "seconds")[parts - 3]
    return start + dt.timedelta(**{unit: 1})


def _period(start: dt.datetime, end: dt.datetime, column: Column) -> tuple[int, int]:
    return _ticks(start, column), _ticks(end, column) - 1


def _ticks(when: dt.datetime, column: Column) -> int:
    if column.kind == "date":
        return (when - _EPOCH).days
    return (when - _EPOCH) // dt.timedelta(microseconds=1) * _a_second(column) // 10**6


def _unread(written: Any, column: Column, hint: str) -> RecipeError:
    article = "an" if column.kind == "integer" else "a"
    return RecipeError(f"{written!r} is not {article} {column.kind}", where=f"given {column.name!r}", hint=hint)
