"""The border to other people's frames: anything tabular in, polars inside, the same type out again.

pandas is optional and never imported here: whoever hands over a pandas frame has imported it. Columns cross one by one
through numpy, so that pyarrow is not needed.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from ..errors import DataError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Restore", "check_flat", "check_referable", "dtype_name", "to_polars"]

_HINT_TYPES = "give a polars or pandas DataFrame, a list of dicts, or a dict of lists"
_PLAIN = {str, bool, int, float, dt.datetime, dt.date, dt.timedelta, dt.time, dict, list, tuple, bytes}
_TOO_WIDE = tuple(getattr(pl, name) for name in ("Int128", "UInt128") if hasattr(pl, name))
_WORDS = {str: "text", int: "whole numbers", float: "reals", bool: "true/false"}


@dataclass(frozen=True, slots=True)
class Restore:
    """Turns a polars frame back into what the user gave: type, column order, dtypes; a pandas index starts at 0.

    container : "polars", "lazy", "pandas", "rows" (list of dicts) or "columns" (dict of lists).
    dtypes : pandas column -> its dtype; schema : polars column -> its type.
    """

    container: str
    schema: Mapping[str, pl.DataType]
    dtypes: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, frame: pl.DataFrame) -> Any:
        """Return `frame` as the user's type; columns the user's table did not have follow behind."""
        known = [name for name in self.schema if name in frame.columns]
        frame = frame.select(known + [name for name in frame.columns if name not in self.schema])
        casts = [pl.col(name).cast(self.schema[name]) for name in known if frame.schema[name] != self.schema[name]]
        frame = frame.with_columns(casts)
        match self.container:
            case "lazy":
                return frame.lazy()
            case "pandas":
                return _to_pandas(frame, self.dtypes)
            case "rows":
                return frame.to_dicts()
            case "columns":
                return frame.to_dict(as_series=False)
            case _:
                return frame


def to_polars(data: Any, *, where: str = "") -> tuple[pl.DataFrame, Restore]:
    """Return `data` as a polars frame of plain columns, and the way back.

    Takes a polars DataFrame or LazyFrame, a pandas DataFrame (its index is left out), a list of dicts, a dict of lists.
    NaN becomes missing. Raises DataError for other types, names that are not text or stand twice, columns of mixed
    types, nested columns and infinities.
    """
    pandas = sys.modules.get("pandas")
    dtypes: dict[str, Any] = {}
    if isinstance(data, pl.DataFrame):
        container, frame = "polars", data
    elif isinstance(data, pl.LazyFrame):
        container, frame = "lazy", data.collect()
    elif pandas is not None and isinstance(data, pandas.DataFrame):
        container, frame = "pandas", _from_pandas(data, where)
        dtypes = dict(zip(frame.columns, data.dtypes, strict=True))
    elif isinstance(data, Mapping):
        container, frame = "columns", _from_columns(data, where)
    elif isinstance(data, Sequence) and not isinstance(data, str) and all(isinstance(row, Mapping) for row in data):
        container, frame = "rows", _from_rows(data, where)
    else:
        seen = f"a table is needed, not a {type(data).__name__}"
        raise DataError(seen, where=where, hint=_HINT_TYPES)
    frame = check_flat(frame, where=where)
    return frame, Restore(container, dict(frame.schema), dtypes)


def dtype_name(dtype: pl.DataType) -> str:
    """Return a polars type in short, as a schema holds it.

    >>> dtype_name(pl.Int64()), dtype_name(pl.Datetime("us", "UTC")), dtype_name(pl.Duration("ms"))
    ('Int64', 'Datetime(us, UTC)', 'Duration(ms)')
    """
    if isinstance(dtype, pl.Datetime):
        return f"Datetime({dtype.time_unit}, {dtype.time_zone})" if dtype.time_zone else f"Datetime({dtype.time_unit})"
    if isinstance(dtype, pl.Duration):
        return f"Duration({dtype.time_unit})"
    if isinstance(dtype, pl.Decimal):
        return f"Decimal({dtype.precision}, {dtype.scale})"
    return str(dtype) if isinstance(dtype, pl.Enum) else dtype.base_type().__name__


def check_flat(frame: pl.DataFrame, *, where: str = "") -> pl.DataFrame:
    """Return the frame with NaN as missing.

    Raises DataError for a column that is nested, binary, of mixed types, infinite, or of a name nothing can refer to.
    """
    check_referable(frame.columns, where=where)
    for name, dtype in frame.schema.items():
        if dtype.is_nested():
            seen = f"column {name!r} is nested ({_short(dtype)})"
            hint = "a table has one plain value a cell: unnest it into columns, or write it as text"
            raise DataError(seen, where=where, hint=hint)
        if dtype == pl.Binary:
            hint = "leave the column out, or write it as text"
            raise DataError(f"column {name!r} holds raw bytes", where=where, hint=hint)
        if dtype == pl.Object:
            raise _mixed(name, frame[name].to_list(), where)
        if dtype in _TOO_WIDE:
            hint = "write them as text if they are keys, or as reals if they are amounts"
            raise DataError(f"column {name!r} holds whole numbers beyond 64 bits", where=where, hint=hint)
        if dtype.is_float():
            infinite = int(frame[name].is_infinite().sum())
            if infinite:
                seen = f"column {name!r} holds {infinite} infinite value{'s' if infinite > 1 else ''}"
                hint = "replace them by missing, or by the largest number that makes sense"
                raise DataError(seen, where=where, hint=hint)
    floats = [name for name, dtype in frame.schema.items() if dtype.is_float() and frame[name].is_nan().any()]
    return frame.with_columns(pl.col(floats).fill_nan(None)) if floats else frame


def check_referable(names: Sequence[str], *, where: str = "") -> None:
    """Raise a DataError for an empty column name, and for one that polars takes as a pattern over many columns."""
    for place, name in enumerate(names, 1):
        if not name:
            raise DataError(f"column {place} has no name", where=where, hint="give every column a name")
        if name == "*" or (name.startswith("^") and name.endswith("$")):
            seen = f"the column name {name!r} would be read as a pattern over all columns"
            raise DataError(seen, where=where, hint="give the column another name")


def _short(dtype: pl.DataType) -> str:
    return {pl.Struct: "a struct", pl.List: "a list", pl.Array: "an array"}.get(dtype.base_type(), str(dtype))


def _mixed(name: str, values: Sequence[Any], where: str) -> DataError:
    kinds = {type(value) for value in values if value is not None and not _is_nan(value)}
    found = " and ".join(sorted(_WORDS.get(kind, kind.__name__) for kind in kinds)) or "objects"
    seen = (
        f"column {name!r} holds values of different types: {found}"
        if len(kinds) > 1
        else (f"column {name!r} holds objects of type {found}")
    )
    return DataError(seen, where=where, hint="turn them all into one type, for example text")


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and value != value


def _check_names(names: Sequence[Any], where: str) -> None:
    odd = [name for name in names if not isinstance(name, str)]
    if odd:
        seen = f"{len(odd)} column names are not text (the first is {odd[0]!r})"
        raise DataError(seen, where=where, hint="rename them: frame.columns = frame.columns.astype(str) in pandas")
    double = sorted({name for name in names if list(names).count(name) > 1})
    if double:
        seen = f"column names stand twice: {', '.join(map(repr, double[:5]))}"
        raise DataError(seen, where=where, hint="give every column its own name")


def _from_rows(rows: Sequence[Mapping[str, Any]], where: str) -> pl.DataFrame:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return _from_columns({name: [row.get(name) for row in rows] for name in names}, where)


def _from_columns(columns: Mapping[str, Any], where: str) -> pl.DataFrame:
    _check_names(list(columns), where)
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(f"the columns are not equally long: {lengths}", where=where, hint="one value a row is needed")
    return pl.DataFrame([_series(name, values, where) for name, values in columns.items()])


def _series(name: str, values: Any, where: str) -> pl.Series:
    """Return a list or array as a series; numbers of two types meet as reals, other mixtures are an error."""
    if isinstance(values, (pl.Series, np.ndarray)) and values.dtype != object:
        return pl.Series(name, values)
    values = [None if _is_missing(value) else _plain(value) for value in values]
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        values = [None if value is None else float(value) for value in values]
    elif len(kinds) > 1 or not kinds <= _PLAIN:
        raise _mixed(name, values, where)
    try:
        return pl.Series(name, values, dtype=pl.String if kinds == {str} else None)
    except (OverflowError, TypeError, pl.exceptions.PolarsError) as error:
        seen = f"column {name!r} holds values that no number or date type can hold"
        raise DataError(seen, where=where, hint="write them as text") from error


def _is_missing(value: Any) -> bool:
    # pandas' NA and NaT are known by name, so that pandas need not be imported.
    return value is None or _is_nan(value) or type(value).__name__ in ("NAType", "NaTType")


def _plain(value: Any) -> Any:
    """Return numpy scalars and pandas timestamps as Python's own values."""
    if isinstance(value, np.generic):
        return value.item()
    if type(value).__name__ in ("Timestamp", "Timedelta") and hasattr(value, "to_pydatetime"):
        return value.to_pydatetime()
    return value.to_pytimedelta() if hasattr(value, "to_pytimedelta") else value


def _from_pandas(data: pd.DataFrame, where: str) -> pl.DataFrame:
    _check_names(list(data.columns), where)
    return pl.DataFrame([_from_pandas_column(str(name), data[name], where) for name in data.columns])


def _from_pandas_column(name: str, column: pd.Series[Any], where: str) -> pl.Series:
    kind, missing = column.dtype.kind if hasattr(column.dtype, "kind") else "O", column.isna().to_numpy()
    if type(column.dtype).__name__ == "CategoricalDtype":
        # Levels travel as text, so that numbers that are only labels are not taken for amounts.
        levels = [None if lost else str(value) for value, lost in zip(column, missing, strict=True)]
        return pl.Series(name, levels, dtype=pl.Categorical)
    if kind in "iufb":
        return _with_missing(pl.Series(name, _numbers(column, kind)), missing)
    if kind in "mM":
        zone = getattr(column.dtype, "tz", None)
        stamps = (column.dt.tz_convert("UTC").dt.tz_localize(None) if zone else column).to_numpy()
        unit: Any = np.datetime_data(stamps.dtype)[0]
        count = stamps.astype("int64")
        if unit == "s":  # polars has no whole seconds
            unit, count = "ms", np.where(missing, 0, count) * 1000
        dtype = pl.Duration(unit) if kind == "m" else pl.Datetime(unit, str(zone) if zone else None)
        return _with_missing(pl.Series(name, np.where(missing, 0, count)).cast(dtype), missing)
    return _series(name, column.to_numpy(dtype=object), where)


def _numbers(column: pd.Series[Any], kind: str) -> np.ndarray[Any, Any]:
    """Return the numbers of a column of numpy's or pandas' own types; anything where they are missing."""
    dtype: Any = column.dtype
    if isinstance(dtype, np.dtype):
        return np.ascontiguousarray(column.to_numpy())
    plain: Any = np.dtype(bool) if kind == "b" else np.dtype(f"{kind}{getattr(dtype, 'itemsize', 8)}")
    return column.to_numpy(dtype=plain, na_value=plain.type(0))


def _with_missing(series: pl.Series, missing: np.ndarray[Any, Any]) -> pl.Series:
    return series.set(pl.Series(missing), None) if missing.any() else series


def _to_pandas(frame: pl.DataFrame, dtypes: Mapping[str, Any]) -> pd.DataFrame:
    import pandas as pd

    columns = {name: _to_pandas_column(frame[name], dtypes.get(name)) for name in frame.columns}
    return pd.DataFrame(columns, columns=frame.columns)


def _to_pandas_column(series: pl.Series, dtype: Any) -> pd.Series[Any]:
    import pandas as pd

    if series.dtype.is_temporal() and not isinstance(series.dtype, (pl.Date, pl.Time)):
        values = series.to_physical().to_numpy(allow_copy=True) if not series.null_count() else None
        unit = getattr(series.dtype, "time_unit", "us")
        letter = "m" if isinstance(series.dtype, pl.Duration) else "M"
        if values is None:
            filled = series.to_physical().fill_null(np.iinfo(np.int64).min)
            values = filled.to_numpy()
        column = pd.Series(values.astype(f"{letter}8[{unit}]"))
        zone = getattr(series.dtype, "time_zone", None)
        column = column.dt.tz_localize("UTC").dt.tz_convert(zone) if zone else column
    elif series.dtype.is_numeric() and not series.null_count():
        column = pd.Series(series.to_numpy())
    else:
        column = pd.Series(series.to_list(), dtype=object)
    if dtype is None:
        return column.infer_objects()
    if isinstance(dtype, pd.CategoricalDtype):
        return _to_categories(column, dtype)
    numpy_integer = isinstance(dtype, np.dtype) and dtype.kind in "iub"
    if numpy_integer and series.null_count():  # numpy's integers cannot be missing; pandas itself goes to float here
        return column.astype("float64" if dtype.kind != "b" else object)
    return column.astype(dtype)


def _to_categories(column: pd.Series[Any], dtype: pd.CategoricalDtype) -> pd.Series[Any]:
    """Return levels in the categories they came from; made-up ones are added behind."""
    import pandas as pd

    known = {str(level): level for level in dtype.categories}
    values = [None if value is None else known.get(value, value) for value in column.astype(object)]
    added = [value for value in dict.fromkeys(values) if value is not None and str(value) not in known]
    if added:
        dtype = pd.CategoricalDtype([*dtype.categories, *added], ordered=bool(dtype.ordered))
    return pd.Series(pd.Categorical(values, dtype=dtype))
