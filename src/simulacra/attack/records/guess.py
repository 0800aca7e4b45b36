"""A domain read off a table: what is usual in each field, where nobody told what is allowed."""

from __future__ import annotations

from typing import Any

import polars as pl

from ...data.schema import Column, Schema
from .domain import Domain, Expectation, Field

__all__ = ["guess_domain", "to_examples"]

_MOST_LEVELS = 50


def guess_domain(frame: pl.DataFrame, schema: Schema, expect: Expectation | None = None) -> Domain:
    """Return the domain of a table's rows: kinds, usual ranges, levels, whether values are missing, and its rules.

    A range or a list of levels is what was seen: values outside are tried, and are not held against a target.
    """
    fields = tuple(_field(column, frame[column.name]) for column in schema)
    rules = tuple(rule for rule in schema.constraints if rule.kind in ("compare", "matches"))
    return Domain(fields, rules, expect or Expectation(), guessed=True)


def to_examples(frame: pl.DataFrame, schema: Schema, count: int) -> list[dict[str, Any]]:
    """Return the first rows as records of plain JSON values; dates as ISO texts."""
    kinds = {column.name: column.kind for column in schema}
    rows = frame.head(count).to_dicts()
    return [{name: _plain(value, kinds.get(name, "text")) for name, value in row.items()} for row in rows]


def _plain(value: Any, kind: str) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return float(value) if kind == "real" and isinstance(value, int) else value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _field(column: Column, values: pl.Series) -> Field:
    nullable, present = values.null_count() > 0, values.drop_nulls()
    if column.kind not in ("category", "constant") and values.dtype.is_numeric():  # numbers that count rows, too
        low, high = (present.min(), present.max()) if len(present) else (0, 1)
        whole = column.kind != "real" and values.dtype.is_integer()
        return Field(column.name, "integer" if whole else "number", _number(low), _number(high), nullable=nullable)
    if values.dtype == pl.Boolean:
        return Field(column.name, "boolean", nullable=nullable)
    if column.kind in ("date", "datetime") and values.dtype.is_temporal():
        low, high = (str(end.isoformat()) for end in (present.min(), present.max())) if len(present) else (None, None)  # type: ignore[union-attr]
        return Field(column.name, "date" if column.kind == "date" else "datetime", low, high, nullable=nullable)
    levels: tuple[Any, ...] = ()
    if column.kind in ("category", "constant"):
        levels = tuple(present.value_counts(sort=True)[column.name].head(_MOST_LEVELS).to_list())
    if levels and not isinstance(levels[0], str):
        return Field(
            column.name, "number" if isinstance(levels[0], float) else "integer", levels=levels, nullable=nullable
        )
    return Field(column.name, "string", levels=levels, nullable=nullable)


def _number(value: Any) -> float:
    return value if isinstance(value, int) else float(value)
