"""What each column is, and why: kinds, decimals, formats, keys and personal data, inferred from a table.

Two mistakes are avoided before all others: a number column is never called text (its values would be invented), and a
measurement that happens to be unique in every row is never called a key.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from ..errors import DataError
from ._numbers import decimals_of
from .codes.family import rare_below
from .frames import check_flat, dtype_name
from .infer_text import infer_text, named_like_key
from .personal import detect_personal, words_in_order
from .schema import Column, Schema, Seen

__all__ = ["infer_column", "infer_schema"]

_NEARLY = 0.98  # share of different values from which a column is unique "but for a few"


def infer_schema(frame: pl.DataFrame, *, target: str | None = None) -> Schema:
    """Return the schema of a table: for each column its kind, how its values are written, and the reason.

    `target` is the column to predict; SchemaError with the nearest name if the table has none of that name. Raises
    DataError for nested, binary, mixed or infinite columns (see `check_flat`) and for a table without columns.

    Not handled: dates held as whole numbers (20201231), which stay integers.

    >>> schema = infer_schema(pl.DataFrame({"id": ["A-1", "A-2", "A-3"], "price": [1.5, 2.25, 1.5]}))
    >>> [(column.kind, column.decimals, column.format) for column in schema]
    [('identifier', None, 'A-#'), ('real', 2, None)]
    """
    if not frame.width:
        raise DataError("the table has no columns", hint="give a table with a header and rows")
    frame = check_flat(frame)
    return Schema(tuple(infer_column(series) for series in frame), target)


def _note_birth(column: Column) -> Column:
    """Dates of birth stay dates, but whoever reads the schema should know that they point at a person."""
    words = words_in_order(column.name)
    if column.kind in ("date", "datetime") and ({"birth", "dob", "birthday", "birthdate", "geburtsdatum"} & {*words}):
        return replace(column, why=f"{column.why}; dates of birth, which are personal: kept as dates")
    return column


def infer_column(series: pl.Series) -> Column:
    """Return the column that a series holds; missing values are null (NaN is read as missing)."""
    return _note_birth(_infer(series))


def _infer(series: pl.Series) -> Column:
    if series.dtype.is_float():
        series = series.fill_nan(None)
    dtype = series.dtype
    present = series.drop_nulls()
    column = Column(series.name, "constant", dtype=dtype_name(dtype))
    distinct = present.n_unique() if len(present) else 0
    column = replace(column, seen=_seen(series, present, distinct))
    if distinct == 0:
        return replace(column, why="every value is missing")
    if distinct == 1 and dtype == pl.String and (personal := detect_personal(series.name, [present[0]])):
        return replace(column, kind="text", personal=personal, why="one value, and it is personal: will be made up")
    if distinct == 1:
        also = " or missing" if column.seen.missing else ""
        why, floor = f"the same value{also} in every row", rare_below(len(series))
        if len(present) < floor:
            why = f"one value, in fewer than {floor} rows: too few to be shown, given as missing"
        return replace(_constant_format(column, dtype), why=why)
    if dtype == pl.Boolean:
        return replace(column, kind="boolean", why="true and false")
    if dtype.is_integer():
        return _integer(column, present)
    if dtype.is_numeric():
        return _real(column, present)
    if dtype == pl.Date:
        return replace(column, kind="date", why="days of the calendar")
    if isinstance(dtype, pl.Datetime):
        zone = f" in the zone {dtype.time_zone}" if dtype.time_zone else ", without a zone"
        return replace(column, kind="datetime", zone=dtype.time_zone, why=f"dates with a time of day{zone}")
    if dtype in (pl.Duration, pl.Time):
        what = "spans of time" if dtype == pl.Duration else "times of day"
        return replace(column, kind="duration", why=what)
    if isinstance(dtype, (pl.Categorical, pl.Enum)):
        return _categorical(column, present)
    return infer_text(column, present)


def _seen(series: pl.Series, present: pl.Series, distinct: int) -> Seen:
    """Count; the smallest and largest value are of use only where values have an order."""
    low = high = None
    ordered = series.dtype.is_numeric() or series.dtype.is_temporal()
    if ordered and len(present):
        low, high = _written(present.min()), _written(present.max())
    return Seen(len(series), series.null_count(), distinct, low, high)


def _written(value: object) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _constant_format(column: Column, dtype: pl.DataType) -> Column:
    return replace(column, zone=dtype.time_zone) if isinstance(dtype, pl.Datetime) else column


def _integer(column: Column, present: pl.Series) -> Column:
    """Whole numbers: two classes, a key, personal numbers, or numbers."""
    seen = column.seen
    if seen.distinct == 2 and (present.min(), present.max()) == (0, 1):
        return replace(column, kind="category", why="only 0 and 1: two classes, kept as whole numbers")
    personal = _personal_number(column.name, present)
    if personal:
        return replace(column, kind="identifier", personal=personal, why=f"whole numbers that are {_A[personal]}")
    key = _key_reason(column, present)
    if key:
        return replace(column, kind="identifier", why=key)
    return replace(column, kind="integer", decimals=0, why=_numbers_reason(seen, "whole numbers"))


_A = {
    "card": "payment card numbers",
    "phone": "phone numbers",
    "ssn": "national numbers",
    "passport": "passport numbers",
}


def _personal_number(name: str, present: pl.Series) -> str | None:
    """Numbers are personal by checksum (cards) or where the name says so and no value is too short to be one."""
    if present.min() < 1_000_000:  # type: ignore[operator]
        return None
    found = detect_personal(name, present.unique().head(2000).cast(pl.String).to_list())
    return found if found in _A else None


def _key_reason(column: Column, present: pl.Series) -> str | None:
    """Return why whole numbers are a key, None if they are not.

    Uniqueness alone is no proof: weights, money and coordinates are nearly unique, too.
    """
    seen = column.seen
    rows = len(present)
    low, high = int(present.min()), int(present.max())  # type: ignore[arg-type]
    if rows < 3 or low < 0:
        return None
    if seen.distinct == rows and high - low == rows - 1 and rows >= 10:
        return "unique in every row and running without a gap: a key"
    if seen.distinct < _NEARLY * rows:
        return None
    if named_like_key(column.name):
        how = "unique in every row" if seen.distinct == rows else "almost unique"
        return f"{how} and named like a key"
    return None


def _numbers_reason(seen: Seen, what: str) -> str:
    repeats = seen.rows - seen.missing
    if seen.distinct <= 20:
        return f"{seen.distinct} different {what}"
    wide = " from a wide range" if seen.distinct > 0.2 * repeats else ", many of them repeated"
    return f"{seen.distinct:,} different {what}{wide}"


def _real(column: Column, present: pl.Series) -> Column:
    """Numbers with a point; whole ones (as pandas holds integers with gaps) are integers that stay floats."""
    if isinstance(present.dtype, pl.Decimal):
        decimals: int | None = present.dtype.scale
    else:
        decimals = decimals_of(present)
    seen = column.seen
    if decimals == 0 and not isinstance(present.dtype, pl.Decimal):
        whole = _integer(column, present.cast(pl.Int64, strict=False).drop_nulls())
        return replace(whole, decimals=0, why=f"{whole.why}, held as {column.dtype}")
    if decimals is None:
        reason = f"{_numbers_reason(seen, 'numbers')}, without a fixed number of decimals"
    else:
        reason = f"{_numbers_reason(seen, 'numbers')}, with at most {decimals} decimal{'s' if decimals != 1 else ''}"
    return replace(column, kind="real", decimals=decimals, why=reason)


def _categorical(column: Column, present: pl.Series) -> Column:
    """The table's owner says category; only personal values overrule it."""
    personal = detect_personal(column.name, present.unique().head(2000).cast(pl.String).to_list())
    why = f"{column.seen.distinct:,} levels of a categorical type"
    return replace(column, kind="category", personal=personal, why=why)
