"""A sample of a table as matrices: what a search looks at before it asks all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from ..constraints import Constraint
from ..quantities import dimension, quantity
from ..rules import Rules
from ..schema import Column, Schema
from .relation import surprise

__all__ = ["MOST_ROWS", "Sketch", "holding", "take_rows"]

MOST_ROWS = 2_000
BLOCK = 1_000_000
Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sketch:
    """Columns of one dimension on at most `MOST_ROWS` rows.

    columns : those that vary and are not made up. values : (rows, columns), NaN where null. codes : (rows, columns)
    rank of each value among the column's distinct ones, -1 where null. surprises : (columns,) see `surprise`.
    """

    columns: tuple[Column, ...]
    values: Floats
    codes: Codes
    surprises: Floats

    @classmethod
    def of(cls, frame: pl.DataFrame, columns: Sequence[Column], *, times: bool) -> Sketch:
        """Return the sketch of the columns that are times (or numbers, if not `times`) of an already sampled frame."""
        wanted = ("point", "span") if times else ("number",)
        chosen, values, codes, surprises = [], [], [], []
        for column in columns:
            if dimension(column) not in wanted or column.kind == "constant" or _is_code(column):
                continue
            series = quantity(frame[column.name], column).cast(pl.Float64)
            place, counts = _ranked(series)
            if len(counts) > 1:
                chosen.append(column)
                values.append(series.to_numpy())
                codes.append(place)
                surprises.append(surprise(counts))
        shape = (frame.height, 0)
        return cls(
            tuple(chosen),
            np.column_stack(values) if values else np.empty(shape),
            np.column_stack(codes) if codes else np.empty(shape, np.int64),
            np.array(surprises),
        )

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return [column.name for column in self.columns]

    def without(self, names: set[str]) -> Sketch:
        """Return the sketch without some columns."""
        kept = [index for index, column in enumerate(self.columns) if column.name not in names]
        return Sketch(
            tuple(self.columns[k] for k in kept), self.values[:, kept], self.codes[:, kept], self.surprises[kept]
        )


def take_rows(frame: pl.DataFrame, most: int = MOST_ROWS) -> pl.DataFrame:
    """Return at most `most` rows, evenly spread."""
    if frame.height <= most:
        return frame
    return frame[np.linspace(0, frame.height - 1, most).astype(np.int64)]


def holding(rules: Sequence[Constraint], frame: pl.DataFrame, schema: Schema) -> list[Constraint]:
    """Return the constraints that every row keeps; asked block by block, so that memory stays bounded."""
    left = list(rules)
    for start in range(0, frame.height, BLOCK):
        if not left:
            break
        kept = Rules(schema, tuple(left), (None,) * len(left)).kept(frame.slice(start, BLOCK))
        left = [rule for rule, rows in zip(left, kept, strict=True) if rows.all()]
    return left


def _is_code(column: Column) -> bool:
    """Whether its numbers are padded with zeros (postcodes): sums and orders of them mean nothing."""
    return column.kind == "integer" and column.format is not None


def _ranked(series: pl.Series) -> tuple[Codes, npt.NDArray[np.int64]]:
    ranks = series.rank("dense").cast(pl.Int64).fill_null(0).to_numpy() - 1
    return ranks, np.bincount(ranks[ranks >= 0])
