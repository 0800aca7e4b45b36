"""What a column measures, and its values as numbers that can be compared: counts, points in time, spans of time."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from .codes.calendar import ticks_per_day, to_ticks
from .codes.numeric import numbers
from .constraints import LENGTHS
from .dtypes import parse_dtype
from .schema import Column, Kind

__all__ = ["Dimension", "dimension", "floats", "is_zone", "last_digit", "part_of", "quantity"]

Dimension = Literal["number", "point", "span", "text"]
"""point: a date or a time on the calendar; span: a length of time; text: can only be equal or not."""

_DAY = 86_400 * 10**6


def dimension(column: Column) -> Dimension:
    """Return what the column measures; what is made up anew in every row can only be equal or not."""
    if column.personal or column.kind in ("text", "identifier", "boolean"):
        return "text"
    dtype = parse_dtype(column.dtype)
    if column.kind in ("date", "datetime") or dtype == pl.Date or isinstance(dtype, pl.Datetime):
        return "point"
    if column.kind == "duration" or dtype in (pl.Time, pl.Duration):
        return "span"
    return "number" if column.kind in ("integer", "real") or dtype.is_numeric() else "text"


def quantity(series: pl.Series, column: Column) -> pl.Series:
    """Return Int64 or Float64 numbers, null where there is none; times are microseconds.

    A datetime with a zone counts from 1970 in UTC, one without on its own clock. Text stays text.
    """
    kind = dimension(column)
    if kind == "text":
        return series.cast(pl.String)
    if kind == "number":
        values = numbers(series, column)[0]
        return values.cast(pl.Int64, strict=False) if values.dtype.is_integer() else values
    if isinstance(series.dtype, pl.Datetime) and series.dtype.time_zone:
        return series.dt.epoch("us")
    ticks, _ = to_ticks(series, _temporal(column))
    a_day = ticks_per_day(_temporal(column))
    return ticks * (_DAY // a_day) if a_day <= _DAY else ticks // (a_day // _DAY)


def floats(series: pl.Series, column: Column) -> npt.NDArray[np.float64]:
    """Return what `quantity` gives as floats, NaN where there is none; not for text."""
    return quantity(series, column).cast(pl.Float64).fill_null(float("nan")).to_numpy()


def last_digit(column: Column) -> float:
    """Return the size of a number's last digit; 0 for floats with as many digits as they have, and for all else.

    >>> last_digit(Column("price", "real", dtype="Float64", decimals=2))
    0.01
    """
    if dimension(column) != "number":
        return 0.0
    return 1.0 if column.kind == "integer" else 0.0 if column.decimals is None else 10.0**-column.decimals


def part_of(series: pl.Series, column: Column, part: str) -> pl.Series:
    """Return a part of each date as Int64, by the clock of its own zone or, "hour Europe/Berlin", of the named one.

    "date" is the day in microseconds; a length ("minutes") of a span, or of the time since 1970, is Float64.
    """
    if part in LENGTHS:
        return quantity(series, column).cast(pl.Float64) / LENGTHS[part]
    part, _, zone = part.partition(" ")
    micros = _on_clock(series, column, zone) if zone else _own_clock(series, column)
    if part == "date":
        return micros // _DAY * _DAY
    local = micros.cast(pl.Datetime("us"))
    values: pl.Series = getattr(local.dt, "ordinal_day" if part == "yearday" else part)()
    return values.cast(pl.Int64)


def _own_clock(series: pl.Series, column: Column) -> pl.Series:
    ticks, _ = to_ticks(series, _temporal(column))
    a_day = ticks_per_day(_temporal(column))
    return ticks * (_DAY // a_day) if a_day <= _DAY else ticks // (a_day // _DAY)


def _on_clock(series: pl.Series, column: Column, zone: str) -> pl.Series:
    """Return microseconds on the clock of a zone; times without a zone are taken for UTC."""
    moments = quantity(series, column).cast(pl.Datetime("us", "UTC"))
    return moments.dt.convert_time_zone(zone).dt.replace_time_zone(None).dt.epoch("us")


def is_zone(name: str) -> bool:
    """Return whether there is a time zone of that name."""
    try:
        pl.Series([0]).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(name)
    except pl.exceptions.PolarsError:
        return False
    return True


def _temporal(column: Column) -> Column:
    """Return the column as the calendar reads it, also where every value is the same."""
    if column.kind in ("date", "datetime", "duration"):
        return column
    dtype = parse_dtype(column.dtype)
    kind: Kind = "date" if dtype == pl.Date else "datetime" if isinstance(dtype, pl.Datetime) else "duration"
    return Column(column.name, kind, dtype=column.dtype, format=column.format, zone=column.zone)
