"""No made-up key, number or text may be somebody's real one."""

from __future__ import annotations

import polars as pl

from ..data.schema import Column, Schema
from ..registry import register

__all__ = ["Fresh"]


_FROM_LISTS = ("name", "first_name", "last_name", "address", "username")


@register("check")
class Fresh:
    """Rejects a row whose identifier, personal number or free text stands in the real table.

    Such columns are made up, not learned, so a real value in them is an accident; it is repaired by making another row.
    Names and addresses are left alone: they are drawn from public lists without a look at the real ones, so that one
    may coincide says nothing, while names that never occur among many rows would name the real ones.
    Not handled: values that are alike but not equal; keys from so small a space that those left out tell the real ones.
    """

    name = "fresh"

    def __init__(self, schema: Schema, real: pl.DataFrame) -> None:
        self._real = {
            column.name: real[column.name].drop_nulls().unique()
            for column in schema
            if _is_made_up(column) and column.name in real.columns
        }

    def __call__(self, frame: pl.DataFrame) -> pl.Series:
        """Return the reason per row, null where every made-up value is new."""
        reason = pl.Series("reason", [None] * frame.height, dtype=pl.String)
        for name, values in self._real.items():
            taken = frame[name].is_in(values.implode()).fill_null(value=False)
            text = pl.lit(f"the made-up value of {name!r} is a real one")
            reason = pl.select(pl.when(taken & reason.is_null()).then(text).otherwise(reason).alias("reason"))["reason"]
        return reason


def _is_made_up(column: Column) -> bool:
    """Say whether a column is made up from a space so large that a real value in it is an accident."""
    if column.personal:
        return column.personal not in _FROM_LISTS
    return column.kind in ("identifier", "text")
