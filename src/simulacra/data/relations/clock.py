"""A time that is held in UTC and lived by the clock of a place, or whose hour stands in a column of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import polars as pl

from ..dtypes import parse_dtype
from ..quantities import is_zone
from ..saved import damaged, value_of
from ..schema import Column

__all__ = ["Clock"]

_HOUR = pl.duration(hours=1)


@dataclass(frozen=True, slots=True)
class Clock:
    """column <-> the same moments on the clock of `zone` ("": its own); with `hour` only their days.

    hour : a column that tells the hour, of times that are whole hours; it stays, and is put back into the time. Of an
    hour that the clock shows twice the first one is meant; one that it leaves out becomes the next.
    """

    column: Column
    zone: str
    hour: Column | None = None
    kind: ClassVar[str] = "clock"

    def rewrite(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        """Return the columns with this one on a clock without a zone."""
        if self.hour is not None:
            return {**columns, self.column.name: replace(self.column, kind="date", dtype="Date", zone=None)}
        return {**columns, self.column.name: replace(self.column, dtype=f"Datetime({self._unit})", zone=None)}

    def forward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table with the times of the clock."""
        moments = pl.col(self.column.name)
        if self.zone:
            moments = moments if self._zone else moments.dt.replace_time_zone("UTC")
            moments = moments.dt.convert_time_zone(self.zone)
        shown = moments.dt.replace_time_zone(None)
        return frame.with_columns(shown if self.hour is None else shown.dt.date())

    def backward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table with the times as the column holds them."""
        shown = pl.col(self.column.name)
        if self.hour is not None:
            hours = pl.duration(hours=pl.col(self.hour.name).cast(pl.Int64))
            shown = shown.cast(pl.Datetime(self._unit)) + hours  # type: ignore[arg-type]
        if not self.zone:
            return frame.with_columns(shown if self._zone is None else self._told(shown, self._zone))
        back = self._told(shown, self.zone).dt.convert_time_zone(self._zone or "UTC")
        return frame.with_columns(back if self._zone else back.dt.replace_time_zone(None))

    def _told(self, shown: pl.Expr, zone: str) -> pl.Expr:
        """Return the moments that the clock of a zone shows as such."""
        told: dict[str, Any] = {"ambiguous": "earliest", "non_existent": "null"}
        return pl.coalesce(moved.dt.replace_time_zone(zone, **told) for moved in (shown, shown + _HOUR))

    @property
    def _unit(self) -> str:
        dtype = parse_dtype(self.column.dtype)
        return str(getattr(dtype, "time_unit", "us"))

    @property
    def _zone(self) -> str | None:
        return getattr(parse_dtype(self.column.dtype), "time_zone", None)

    def to_state(self) -> dict[str, Any]:
        """Return name and zone."""
        return {"column": self.column.name, "zone": self.zone, "hour": "" if self.hour is None else self.hour.name}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], columns: Mapping[str, Column]) -> Clock:
        """Return what `to_state` wrote; ModelFileError if it does not make sense."""
        name, zone = value_of(state, "column", str), value_of(state, "zone", str)
        hour = str(state.get("hour") or "")
        known = name in columns and isinstance(parse_dtype(columns[name].dtype), pl.Datetime)
        if not known or not (is_zone(zone) if zone else hour) or (hour and hour not in columns):
            raise damaged("column", "has no such clock")
        return cls(columns[name], zone, columns[hour] if hour else None)

    @classmethod
    def of_hours(cls, frame: pl.DataFrame, column: Column, zone: str, hour: Column) -> Clock | None:
        """Return the step for times that are whole hours and a column that tells them, if it gives the table back."""
        if hour.kind != "integer" or not isinstance(parse_dtype(column.dtype), pl.Datetime):
            return None
        step = cls(column, zone, hour)
        back = step.backward(step.forward(frame))[column.name]
        alike = back.eq_missing(frame[column.name])
        # Of an hour that the clock shows twice only one can be meant.
        return (
            step
            if alike.sum() >= 0.999 * len(alike) and (back.is_null() == frame[column.name].is_null()).all()
            else None
        )
