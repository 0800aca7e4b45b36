"""Every delivered row keeps the rules of its schema: those a person wrote and those found in the real table."""

from __future__ import annotations

import polars as pl

from ..data.rules import Rules
from ..data.schema import Schema
from ..registry import register

__all__ = ["Constraints"]


@register("check")
class Constraints:
    """Rejects a row that breaks a constraint of the schema; the reason names the constraint.

    Not handled: `unique`, which needs the rows of all batches; the runner sees to it.
    """

    name = "constraints"

    def __init__(self, schema: Schema, real: pl.DataFrame) -> None:
        self._rules = Rules.fit(schema, real)

    def __call__(self, frame: pl.DataFrame) -> pl.Series:
        """Return the reason per row, null where every constraint is kept."""
        return self._rules.reasons(frame)
