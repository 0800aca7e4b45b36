"""The rest of partly known rows: what is there stays as it is, what is not is drawn given what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from ..data.codes.category import CategoryCodes
from ..data.codes.family import ColumnCodes
from ..data.codes.select import levels_of
from ..data.conditions import no_level
from ..data.dtypes import parse_dtype
from ..data.schema import Column
from ..errors import DataError, SchemaError
from ..seeds import Seeds

if TYPE_CHECKING:
    from .table import FittedTable

__all__ = ["complete"]


def complete(table: FittedTable, frame: pl.DataFrame, seeds: Seeds, *, absent_missing: bool = True) -> pl.DataFrame:
    """Return the rows of `frame` with all columns of the table, known cells unchanged, the others filled in.

    An empty cell is filled with a value, never with missing, as long as the column has any. Columns that `frame` lacks
    are made as in new rows, missing values included, unless `absent_missing` is false. Numbers outside the learned
    range count as the nearest one when others are drawn given them. Row i depends on its own cells and place alone.

    Errors: SchemaError for a column that was not learned; DataError for values that do not fit it, a level that was
    not learned, or no rows.
    """
    from ..tables.fill import fill

    known_cells = _fit_types(table, frame)
    rows, wide = frame.height, table.chain.n_columns
    known, present = np.full((rows, wide), -1, np.int16), np.zeros((rows, wide), bool)
    at = 0
    for codes in table.codec.columns:
        name, digits = codes.column.name, len(codes.sizes)
        if name in known_cells:
            there = known_cells[name].is_not_null().to_numpy()
            known[:, at : at + digits] = np.where(there[:, None], _encode(known_cells[name], codes), -1)
        if digits and getattr(codes, "missing", False):
            present[:, at] = name in known_cells or not absent_missing
        at += digits
    filled = fill(table.chain, known, present, seeds.child("codes"))
    uniforms = seeds.child("values").rng().random((rows, table.codec.uniforms))
    made = table.decode(filled, uniforms, first_row=0)
    return made.with_columns(values.zip_with(values.is_not_null(), made[name]) for name, values in known_cells.items())


def _fit_types(table: FittedTable, frame: pl.DataFrame) -> dict[str, pl.Series]:
    """Return the known columns in the types of the table."""
    if not frame.height:
        raise DataError("there are no rows to complete", hint="give a table with at least one row")
    found = {}
    for name in frame.columns:
        try:
            column = table.schema[name]
        except SchemaError as error:
            raise SchemaError(error.seen, where="rows to complete", hint=error.hint) from None
        found[name] = _cast(frame[name], column)
    return found


def _cast(series: pl.Series, column: Column) -> pl.Series:
    dtype = parse_dtype(column.dtype)
    if series.dtype == dtype:
        return series
    try:
        if series.dtype == pl.String and dtype.is_temporal():
            return series.str.strptime(dtype)  # type: ignore[arg-type]
        return series.cast(dtype)
    except pl.exceptions.PolarsError:
        seen = f"its values do not fit what was learned ({column.kind}, {column.dtype})"
        hint = "write them as in the table that was learned"
        raise DataError(seen, where=f"rows to complete, column {column.name!r}", hint=hint) from None


def _encode(series: pl.Series, codes: ColumnCodes) -> npt.NDArray[np.int16]:
    """Return (rows, digits) codes; DataError for a level that was not learned and is not one of pooled rare ones."""
    if isinstance(codes, CategoryCodes) and not codes.pooled:
        strange = series.drop_nulls().cast(pl.String)
        strange = strange.filter(~strange.is_in(codes.levels.implode()))
        if len(strange):
            error = no_level(str(strange[0]), codes.column, levels_of(codes) or [])
            raise DataError(error.seen, where=f"rows to complete, column {codes.column.name!r}", hint=error.hint)
    digits = codes.encode(series)
    return np.stack(digits, axis=1).astype(np.int16) if digits else np.empty((len(series), 0), np.int16)
