"""Made-up values for what is never learned: keys, free text, and everything personal.

A `Maker` learns the shape of a column (which kind of key, how long the texts are, how phone numbers are grouped) and
keeps no value of it. Row i of what it makes depends on that row's number and its one uniform alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from ..errors import DataError
from ..seeds import Seeds
from .draws import Draws, Rows
from .dtypes import parse_dtype
from .invented import PersonalShape
from .keys import KeyShape, keys_from_state, learn_keys
from .prose import ProseShape
from .saved import damaged, value_of
from .schema import Column
from .tokens import TokenShape, is_prose

__all__ = ["Maker"]

Shape = KeyShape | ProseShape | PersonalShape | TokenShape


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the values of one column.

    Parameters
    ----------
    column : its name, dtype, and what is personal about it.
    shape : what was learned.
    key : makes two columns with the same uniforms differ.
    notes : sentences for the report.
    """

    column: Column
    shape: Shape
    key: int
    notes: tuple[str, ...] = ()

    @classmethod
    def learn(cls, series: pl.Series, column: Column, seeds: Seeds) -> Maker:
        """Learn the shape of a column; DataError if its type has no room for new values."""
        if isinstance(series.dtype, pl.Enum):
            seen = "values would be made up, but the column's type allows only the real ones"
            raise DataError(seen, where=f"column {column.name!r}", hint="turn the column into text")
        shape: Shape
        notes: tuple[str, ...]
        if column.personal:
            shape, notes = PersonalShape.learn(series, column), ()
            what = f"{column.personal.replace('_', ' ')} values"
        elif column.kind == "identifier":
            shape, notes = learn_keys(series, column)
            what = "keys, unique within a run"
        elif is_prose(series.cast(pl.String)):
            shape, notes = ProseShape.learn(series), ()
            what = "text of similar lengths"
        else:
            shape, notes = TokenShape.learn(series)
            what = "codes of the same shapes and lengths"
        note = (
            f"Column {column.name!r}: all values are made up ({what}), drawn independently of the real ones; "
            "one that equals a real one does so by chance."
        )
        return cls(column, shape, seeds.integer() >> 1, (note, *notes))

    def make(self, rows: Rows, uniforms: npt.NDArray[np.float64]) -> pl.Series:
        """Return one value per row, in the column's dtype.

        rows : (n,) uint64 number of each row within the run. uniforms : (n,) in [0, 1).
        """
        series = self.shape.make(rows, Draws(uniforms, key=self.key), self.column, self.key)
        dtype = parse_dtype(self.column.dtype)
        return series.rename(self.column.name) if series.dtype == dtype else _cast(series, dtype, self.column.name)

    def to_state(self) -> dict[str, Any]:
        """Return JSON values and arrays."""
        return {"shape": self.shape.shape, "fields": self.shape.to_state(), "key": self.key, "notes": list(self.notes)}

    @classmethod
    def from_state(cls, column: Column, state: Mapping[str, Any]) -> Maker:
        """Return what `to_state` wrote; ModelFileError if it does not make sense."""
        name, fields, key = value_of(state, "shape", str), value_of(state, "fields", dict), value_of(state, "key", int)
        if not 0 <= key < 2**63:
            raise damaged("key", "is out of range")
        notes = tuple(map(str, value_of(state, "notes", list)))
        shape: Shape
        if name == ProseShape.shape:
            shape = ProseShape.from_state(fields)
        elif name == PersonalShape.shape:
            shape = PersonalShape.from_state(fields)
        elif name == TokenShape.shape:
            shape = TokenShape.from_state(fields)
        else:
            shape = keys_from_state(name, fields)
        return cls(column, shape, key, notes)


def _cast(series: pl.Series, dtype: pl.DataType, name: str) -> pl.Series:
    """Return made-up text in a dtype that is not text (a phone number held as integer keeps its digits)."""
    if dtype.is_numeric():
        series = series.str.replace_all(r"\D", "").str.slice(0, 18)
    return series.cast(dtype, strict=False).rename(name)
