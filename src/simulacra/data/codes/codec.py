"""A whole table as a matrix of small integers, and back.

Each schema column becomes 0, 1 or 2 coded columns by its family: numeric, category, temporal, or made up. The families
know nothing of each other, but that a column of too few numbers or times becomes a constant without a value; this file
lines them up and gives each its own random numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from ...errors import DataError, SchemaError
from ...seeds import Seeds
from ..dtypes import parse_dtype
from ..saved import damaged, value_of
from ..schema import Column, Schema, Seen
from .category import CategoryCodes
from .family import Codes, ColumnCodes, Uniforms
from .fixed import ConstantCodes, MadeUpCodes
from .numeric import NumericCodes
from .temporal import TemporalCodes

__all__ = ["Codec", "describe_column", "restore_column"]

_FAMILIES: dict[str, type[Any]] = {
    family.family: family for family in (NumericCodes, CategoryCodes, TemporalCodes, ConstantCodes, MadeUpCodes)
}

_TOLD = 8
"""Names of columns that a note lists."""


@dataclass(frozen=True, slots=True)
class Codec:
    """Columns <-> codes.

    Parameters
    ----------
    schema : the columns, without what was counted in real rows.
    columns : the codes of each schema column, in schema order.

    >>> table = pl.DataFrame({"x": [1, 2] * 50, "c": ["a", "b"] * 50})
    >>> schema = Schema((Column("x", "integer", dtype="Int64"), Column("c", "category")))
    >>> codec = Codec.fit(table, schema, Seeds(0))
    >>> codes = codec.encode(table)
    >>> codes.shape, codec.sizes.tolist(), codec.decode(codes, np.zeros((100, 0)), first_row=0).equals(table)
    ((100, 2), [2, 2], True)
    """

    schema: Schema
    columns: tuple[ColumnCodes, ...]

    @classmethod
    def fit(cls, frame: pl.DataFrame, schema: Schema, seeds: Seeds) -> Codec:
        """Return the codec for a table; DataError if it has no rows, SchemaError if it lacks a column.

        Source: findings of the project's own trials; see `cut`. Cost: one sort per numeric column.
        """
        if not frame.height:
            raise DataError("the table has no rows", hint="give a table with a header and rows")
        for column in schema:
            parse_dtype(column.dtype)
            if column.name not in frame.columns:
                raise SchemaError(f"the table has no column {column.name!r}", hint="fit with the schema of this table")
        bare = schema.without_counts()
        return cls(bare, tuple(_fit_column(frame[column.name], column, seeds) for column in bare))

    @property
    def names(self) -> tuple[str, ...]:
        """One name per coded column; the second one of a schema column ends in " (2)"."""
        return tuple(
            codes.column.name + (f" ({digit + 1})" if digit else "")
            for codes in self.columns
            for digit in range(len(codes.sizes))
        )

    @property
    def sizes(self) -> npt.NDArray[np.int32]:
        """(n_coded,) number of codes of each coded column, 1 to 256."""
        return np.array([size for codes in self.columns for size in codes.sizes], np.int32)

    @property
    def ordered(self) -> npt.NDArray[np.bool_]:
        """(n_coded,) whether codes follow the order of the values; missing is then code 0 if there is any."""
        return np.array([flag for codes in self.columns for flag in codes.ordered], bool)

    @property
    def runs(self) -> tuple[npt.NDArray[np.int64] | None, ...]:
        """One entry per coded column: (size,) which codes lie beside each other, see `Axis.runs`; missing alone in its
        own run; None where codes are no values on a line.
        """
        return tuple(
            _runs(codes) if digit == 0 and isinstance(codes, NumericCodes | TemporalCodes) else None
            for codes in self.columns
            for digit in range(len(codes.sizes))
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What was pooled, coarsened or made up, one sentence each, without a rare value in it."""
        binned = [repr(codes.column.name) for codes in self.columns if _has_bins(codes)]
        ranges: tuple[str, ...] = ()
        if binned:
            names = "Column " + binned[0] if len(binned) == 1 else "Columns " + _few(binned)
            ranges = (f"{names}: values that few rows share are drawn anew within ranges of five rows or more.",)
        return (*ranges, *(note for codes in self.columns for note in codes.notes))

    @property
    def uniforms(self) -> int:
        """Uniform numbers per row that `decode` needs."""
        return sum(codes.uniforms for codes in self.columns)

    def encode(self, frame: pl.DataFrame) -> Codes:
        """Return (n_rows, n_coded) codes; what was never seen goes to the nearest or the pooled code."""
        out = np.empty((frame.height, len(self.sizes)), np.uint8, order="F")
        at = 0
        for codes in self.columns:
            if codes.sizes:
                for digit in codes.encode(frame[codes.column.name]):
                    out[:, at] = digit
                    at += 1
        return np.ascontiguousarray(out)

    def decode(self, codes: Codes, uniforms: Uniforms, *, first_row: int) -> pl.DataFrame:
        """Return rows with the schema's columns and dtypes.

        codes : (n_rows, n_coded) uint8. uniforms : (n_rows, self.uniforms) in [0, 1). Row i depends on codes[i],
        uniforms[i] and first_row + i alone.
        """
        # Column by column access to row-major matrices is slow; one transposed copy is cheaper.
        by_column, draws = np.asfortranarray(codes), np.asfortranarray(uniforms)
        series, at, used = [], 0, 0
        for column in self.columns:
            width = len(column.sizes)
            mine, its = by_column[:, at : at + width], draws[:, used : used + column.uniforms]
            series.append(column.decode(mine, its, first_row))
            at, used = at + width, used + column.uniforms
        return pl.DataFrame(series)

    def to_state(self) -> dict[str, Any]:
        """Return JSON values and numpy arrays from which `from_state` makes the same codec."""
        columns = [
            {"column": describe_column(codes.column), "family": codes.family, "codes": codes.to_state()}
            for codes in self.columns
        ]
        return {"columns": columns, "target": self.schema.target}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Codec:
        """Return the codec that `to_state` described; ModelFileError if anything in it does not make sense."""
        columns = []
        for part in value_of(state, "columns", list):
            if not isinstance(part, dict):
                raise damaged("columns", "is not a list of columns")
            family = value_of(part, "family", str)
            if family not in _FAMILIES:
                raise damaged("family", f"is {family!r}")
            column = restore_column(value_of(part, "column", dict))
            columns.append(_FAMILIES[family].from_state(column, value_of(part, "codes", dict)))
        target = None if state.get("target") is None else value_of(state, "target", str)
        names = [codes.column.name for codes in columns]
        if len(set(names)) < len(names) or (target is not None and target not in names):
            raise damaged("columns", "has names that do not fit")
        return cls(Schema(tuple(codes.column for codes in columns), target), tuple(columns))


def _fit_column(series: pl.Series, column: Column, seeds: Seeds) -> ColumnCodes:
    """Choose the family by kind: what is personal, free text or a key is made up, never coded."""
    if column.personal or column.kind in ("identifier", "text"):
        return MadeUpCodes.fit(series, column, seeds.child("made-up", column.name))
    if column.kind == "constant":
        return ConstantCodes.fit(series, column)
    if column.kind in ("integer", "real"):
        return NumericCodes.fit(series, column)
    if column.kind in ("date", "datetime", "duration"):
        return TemporalCodes.fit(series, column)
    return CategoryCodes.fit(series, column)


def _runs(codes: NumericCodes | TemporalCodes) -> npt.NDArray[np.int64]:
    runs = codes.axis.runs() + codes.missing
    return np.concatenate(([0], runs)) if codes.missing else runs


def _few(names: list[str]) -> str:
    """Return the first names of a list, and how many more there are."""
    more = len(names) - _TOLD
    return ", ".join(names) if more <= 1 else f"{', '.join(names[:_TOLD])} and {more} more"


def _has_bins(codes: ColumnCodes) -> bool:
    return isinstance(codes, NumericCodes | TemporalCodes) and codes.axis.has_bins


def describe_column(column: Column) -> dict[str, Any]:
    """Return a column as JSON values, without what was counted in real rows."""
    described = asdict(replace(column, seen=Seen()))
    del described["seen"]
    return described


def restore_column(described: Mapping[str, Any]) -> Column:
    """Return what `describe_column` described; ModelFileError if it cannot be a column."""
    known: dict[str, Any] = {part: value_of(described, part, str) for part in ("name", "kind", "why", "dtype")}
    for part, kind in (("format", str), ("zone", str), ("personal", str), ("decimals", int)):
        known[part] = None if described.get(part) is None else value_of(described, part, kind)
    try:
        parse_dtype(known["dtype"])
        return Column(**known)
    except SchemaError as error:
        raise damaged("column", f"cannot be: {error.seen}") from None
