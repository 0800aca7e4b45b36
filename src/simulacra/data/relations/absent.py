"""Cells that a rule leaves no value: `arr_delay missing where arr_time missing`, `refund present only where ...`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl

from ...errors import SchemaError
from ..constraints import Constraint, parse_constraint
from ..saved import damaged, value_of
from ..schema import Column, Schema

__all__ = ["Absent"]


@dataclass(frozen=True, slots=True)
class Absent:
    """Columns that are coded as they are; drawn values that a rule allows no value are taken away.

    rules : of the kind "presence". columns : of the table, as its schema has them. What the rules ask to be there is
    left to whoever draws the row again.
    """

    rules: tuple[Constraint, ...]
    columns: tuple[Column, ...]
    kind: ClassVar[str] = "absent"

    def rewrite(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        """Return the columns as they are."""
        return dict(columns)

    def forward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table as it is."""
        return frame

    def backward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table without the values that the rules forbid; asked again while a taken value forbids others."""
        schema = Schema(self.columns)
        for _ in self.rules:
            changed = False
            for rule in self.rules:
                presence = rule.presence
                series = frame[presence.column]
                gone = presence.must_miss(frame, schema) & series.is_not_null()
                if gone.any():
                    nothing = pl.Series(series.name, [None], dtype=series.dtype).new_from_index(0, len(series))
                    frame, changed = frame.with_columns(nothing.zip_with(gone, series)), True
            if not changed:
                break
        return frame

    def to_state(self) -> dict[str, Any]:
        """Return the rules as text."""
        return {"rules": [rule.text for rule in self.rules]}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], columns: Mapping[str, Column]) -> Absent:
        """Return what `to_state` wrote."""
        try:
            rules = tuple(parse_constraint(text) for text in value_of(state, "rules", list))
            for rule in rules:
                if rule.kind != "presence" or not set(rule.columns) <= set(columns):
                    raise damaged("rules", "do not fit the columns")
                rule.presence.check(Schema(tuple(columns.values())), rule.text, "")
        except SchemaError as error:
            raise damaged("rules", f"cannot be read: {error.seen}") from None
        return cls(rules, tuple(columns.values()))
