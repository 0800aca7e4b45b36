"""Every value must be one that its column can hold."""

from __future__ import annotations

import polars as pl

from ..data.schema import Schema
from ..registry import register

__all__ = ["Domain"]


@register("check")
class Domain:
    """Rejects a row with an infinite or not-a-number value, or a null in a column that has none in the real table.

    Not handled: ranges and constraints between columns.
    """

    name = "domain"

    def __init__(self, schema: Schema, real: pl.DataFrame) -> None:
        self._numbers = [name for name in schema.names if real.schema[name].is_float()]
        self._filled = [name for name in schema.names if real[name].null_count() == 0]

    def __call__(self, frame: pl.DataFrame) -> pl.Series:
        """Return the reason per row, null where all values can stand."""
        checks = [
            (pl.col(name).is_infinite() | pl.col(name).is_nan(), f"{name!r} is not finite") for name in self._numbers
        ]
        checks += [
            (pl.col(name).is_null(), f"{name!r} is missing, and never is in the real table") for name in self._filled
        ]
        reasons = [pl.when(broken.fill_null(value=False)).then(pl.lit(text)) for broken, text in checks]
        if not reasons:
            return pl.Series("reason", [None] * frame.height, dtype=pl.String)
        return frame.select(pl.coalesce(reasons).cast(pl.String).alias("reason"))["reason"]
