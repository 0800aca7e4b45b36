"""Numbers and microseconds back into a column's own dtype, decimals and text."""

from __future__ import annotations

import polars as pl

from ..codes.calendar import from_ticks, ticks_per_day
from ..codes.numeric import numbers, write_numbers
from ..dtypes import limits, parse_dtype
from ..quantities import dimension
from ..schema import Column

__all__ = ["restore", "style_of"]

_DAY = 86_400 * 10**6


def style_of(series: pl.Series, column: Column) -> str:
    """Return how a column held as text writes its numbers."""
    return numbers(series, column)[1] if dimension(column) == "number" else "plain"


def restore(values: pl.Series, column: Column, style: str = "plain") -> pl.Series:
    """Return a column from what `quantities.quantity` gave for it, or from numbers computed in its place."""
    values = values.rename(column.name)
    if dimension(column) != "number":
        return _time(values if values.dtype.is_integer() else values.round().cast(pl.Int64, strict=False), column)
    dtype = parse_dtype(column.dtype)
    if column.kind == "integer":
        whole = values if values.dtype.is_integer() else values.round().cast(pl.Int64, strict=False)
        low, high = limits(dtype)
        whole = whole.clip(max(low, -(2**63)), min(high, 2**63 - 1)) if dtype.is_integer() else whole
        return write_numbers(whole, column, style, 0)
    if values.dtype.is_float() and column.decimals is not None:
        values = values.round(column.decimals) + 0.0
    if values.dtype.is_integer() and not dtype.is_integer():
        values = values.cast(pl.Float64)
    return write_numbers(values, column, style, column.decimals)


def _time(micros: pl.Series, column: Column) -> pl.Series:
    dtype = parse_dtype(column.dtype)
    if isinstance(dtype, pl.Datetime) and dtype.time_zone:
        return micros.cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(dtype.time_zone).cast(dtype)
    a_day = ticks_per_day(column)
    ticks = micros // (_DAY // a_day) if a_day <= _DAY else micros * (a_day // _DAY)
    present = ticks.is_not_null()
    made = from_ticks(ticks.fill_null(0).to_numpy(), column).rename(column.name)
    nothing = pl.Series(column.name, [None], dtype=made.dtype).new_from_index(0, len(made))
    return made.zip_with(present, nothing)
