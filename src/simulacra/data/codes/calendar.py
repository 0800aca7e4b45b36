"""Times as whole numbers: ticks of the column's own unit since 1970-01-01 on the clock of its zone, and back."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from ...errors import SchemaError
from ..dates import parse_dates
from ..dtypes import parse_dtype
from ..schema import Column
from .family import round_count

__all__ = ["HOUR_TICKS", "check_times", "from_ticks", "month_number", "month_start", "ticks_per_day", "to_ticks"]

_A_SECOND = {"ms": 10**3, "us": 10**6, "ns": 10**9}
HOUR_TICKS = 3_600_000
"""Fewest ticks an hour of a datetime has; a date counts whole days."""

Ticks = npt.NDArray[np.int64]


def check_times(column: Column) -> None:
    """Raise SchemaError if times cannot be written in the column's dtype, zone and format."""
    try:
        from_ticks(np.zeros(1, np.int64), column)
    except pl.exceptions.PolarsError:
        seen = f"times cannot be written with the format {column.format!r} and the zone {column.zone!r}"
        hint = "a format looks like %Y-%m-%d, a zone like Europe/Berlin"
        raise SchemaError(seen, where=f"column {column.name!r}", hint=hint) from None


def ticks_per_day(column: Column) -> int:
    """Return 1 for dates (they count days), else the ticks of the column's unit in a day."""
    return 1 if column.kind == "date" else 86_400 * _A_SECOND[_unit(column)]


def _unit(column: Column) -> str:
    dtype = parse_dtype(column.dtype)
    if dtype == pl.Time:
        return "ns"
    return str(getattr(dtype, "time_unit", None) or "us")


def to_ticks(series: pl.Series, column: Column) -> tuple[pl.Series, tuple[str, ...]]:
    """Return Int64 ticks, null where there is none, and a note if text could not be read."""
    notes: tuple[str, ...] = ()
    before = series.null_count()
    if series.dtype in (pl.String, pl.Categorical) or isinstance(series.dtype, pl.Enum):
        series = _read_text(series.cast(pl.String).str.strip_chars(), column)
        unread = series.null_count() - before
        if unread:
            notes = (
                f"Column {column.name!r}: {round_count(unread)} cells do not follow its format, count as missing.",
            )
    if isinstance(series.dtype, pl.Datetime):
        zone = column.zone or series.dtype.time_zone
        if series.dtype.time_zone and zone:
            series = series.dt.convert_time_zone(zone).dt.replace_time_zone(None)
    if column.kind == "date":
        return series.cast(pl.Date).cast(pl.Int64), notes
    if column.kind == "datetime":
        return series.cast(pl.Datetime(_unit(column))).cast(pl.Int64), notes  # type: ignore[arg-type]
    if isinstance(series.dtype, pl.Duration):
        series = series.cast(pl.Duration(_unit(column)))  # type: ignore[arg-type]
    return series.cast(pl.Int64, strict=False), notes


def _read_text(text: pl.Series, column: Column) -> pl.Series:
    if column.kind != "duration":
        return parse_dates(text, column.format or ("%Y-%m-%d" if column.kind == "date" else "%Y-%m-%dT%H:%M:%S"))
    parts = text.str.extract_groups(r"^(-?)(?:(\d+) days?,? )?(\d+):(\d\d)(?::(\d\d))?(\.\d+)?$").struct.unnest()
    sign, days, hours, minutes, seconds, rest = (parts.to_series(k) for k in range(6))
    whole = sum(
        (part.cast(pl.Int64).fill_null(0) * size for part, size in ((days, 86_400), (minutes, 60), (seconds, 1))),
        hours.cast(pl.Int64) * 3600,
    )
    micros = whole * 10**6 + (rest.cast(pl.Float64).fill_null(0.0) * 10**6).round().cast(pl.Int64)
    return micros.zip_with(sign != "-", -micros)


def from_ticks(ticks: Ticks, column: Column) -> pl.Series:
    """Return times in the column's dtype, or text in its format."""
    dtype = parse_dtype(column.dtype)
    series = pl.Series(column.name, ticks)
    if column.kind == "date":
        return _write(series.cast(pl.Int32).cast(pl.Date), column, "%Y-%m-%d")
    if column.kind == "duration":
        return _write_duration(series, column) if dtype == pl.String else series.cast(dtype)
    local = series.cast(pl.Datetime(_unit(column)))  # type: ignore[arg-type]
    zone = getattr(dtype, "time_zone", None) or (column.zone if dtype == pl.String else None)
    if zone:
        local = _place(local, column.zone or zone)
        if dtype != pl.String:
            local = local.dt.convert_time_zone(zone)
    return _write(local, column, "%Y-%m-%dT%H:%M:%S")


def _place(local: pl.Series, zone: str) -> pl.Series:
    """Return wall-clock times in their zone; a time that the change to summer time skips moves on by an hour."""
    placed = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    if placed.null_count() == local.null_count():
        return placed
    later = local.dt.offset_by("1h").dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return placed.zip_with(placed.is_not_null(), later)


def _write(series: pl.Series, column: Column, usual: str) -> pl.Series:
    dtype = parse_dtype(column.dtype)
    if dtype == pl.String:
        return series.dt.to_string(column.format or usual)
    return series.cast(dtype)


def _write_duration(micros: pl.Series, column: Column) -> pl.Series:
    """Return hours, minutes and, unless the format has none, seconds; "%-H" leaves hours below ten one digit."""
    form = column.format or "%H:%M:%S"
    whole = (micros.abs() // 10**6).cast(pl.Int64)
    parts = (whole // 3600, whole % 3600 // 60, whole % 60)
    hours, minutes, seconds = (part.cast(pl.String).str.zfill(2) for part in parts)
    text = hours + ":" + minutes + (":" + seconds if "%S" in form else "")
    text = text.str.replace("^0", "") if "%-H" in form else text
    return text.zip_with(micros >= 0, "-" + text).rename(micros.name)


def month_number(days: Ticks) -> Ticks:
    """Return months since January 1970 for days since 1970-01-01."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def month_start(months: Ticks) -> Ticks:
    """Return the first day of each month, in days since 1970-01-01."""
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
