"""A time that is held in UTC and lived by the clock of a place: coded as that clock shows it."""

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
    """column <-> the same moments on the clock of `zone`.

    Of an hour that the clock shows twice the first one is meant; one that it leaves out becomes the next.
    """

    column: Column
    zone: str
    kind: ClassVar[str] = "clock"

    def rewrite(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        """Return the columns with this one on a clock without a zone."""
        return {**columns, self.column.name: replace(self.column, dtype=f"Datetime({self._unit})", zone=None)}

    def forward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table with the times of the clock."""
        moments = pl.col(self.column.name)
        if self._zone is None:
            moments = moments.dt.replace_time_zone("UTC")
        return frame.with_columns(moments.dt.convert_time_zone(self.zone).dt.replace_time_zone(None))

    def backward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table with the times as the column holds them."""
        shown = pl.col(self.column.name)
        told = {"ambiguous": "earliest", "non_existent": "null"}
        moments = pl.coalesce(
            moved.dt.replace_time_zone(self.zone, **told)  # type: ignore[arg-type]
            for moved in (shown, shown + _HOUR)
        )
        back = moments.dt.convert_time_zone(self._zone or "UTC")
        return frame.with_columns(back if self._zone else back.dt.replace_time_zone(None))

    @property
    def _unit(self) -> str:
        dtype = parse_dtype(self.column.dtype)
        return str(getattr(dtype, "time_unit", "us"))

    @property
    def _zone(self) -> str | None:
        return getattr(parse_dtype(self.column.dtype), "time_zone", None)

    def to_state(self) -> dict[str, Any]:
        """Return name and zone."""
        return {"column": self.column.name, "zone": self.zone}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], columns: Mapping[str, Column]) -> Clock:
        """Return what `to_state` wrote; ModelFileError if it does not make sense."""
        name, zone = value_of(state, "column", str), value_of(state, "zone", str)
        if name not in columns or not isinstance(parse_dtype(columns[name].dtype), pl.Datetime) or not is_zone(zone):
            raise damaged("column", "has no such clock")
        return cls(columns[name], zone)
