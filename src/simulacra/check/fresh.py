"""No made-up value may be somebody's real one."""

from __future__ import annotations

import polars as pl

from ..data.schema import Schema
from ..registry import register

__all__ = ["Fresh"]


@register("check")
class Fresh:
    """Rejects a row whose identifier, personal value or free text stands in the real table.

    Such columns are made up, not learned, so a real value in them is an accident; it is repaired by making another row.
    Not handled: values that are alike but not equal.
    """

    name = "fresh"

    def __init__(self, schema: Schema, real: pl.DataFrame) -> None:
        self._real = {
            column.name: real[column.name].drop_nulls().unique()
            for column in schema
            if (column.personal or column.kind in ("identifier", "text")) and column.name in real.columns
        }

    def __call__(self, frame: pl.DataFrame) -> pl.Series:
        """Return the reason per row, null where every made-up value is new."""
        reason = pl.Series("reason", [None] * frame.height, dtype=pl.String)
        for name, values in self._real.items():
            taken = frame[name].is_in(values.implode()).fill_null(value=False)
            text = pl.lit(f"the made-up value of {name!r} is a real one")
            reason = pl.select(pl.when(taken & reason.is_null()).then(text).otherwise(reason).alias("reason"))["reason"]
        return reason
