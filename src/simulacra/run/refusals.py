"""What is refused before any work starts: too few rows, tables that do not fit each other, a hold-out that was seen."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import polars as pl

from ..data.frames import dtype_name
from ..data.schema import Schema
from ..errors import DataError, RecipeError, SchemaError

__all__ = ["align", "refuse_few", "refuse_other", "refuse_rows", "refuse_seen", "unjudged"]

_FEWEST_ROWS = 10
_HARDLY_DIFFER = 0.9


def refuse_few(frame: pl.DataFrame, *, where: str = "") -> None:
    """Raise a DataError for a table of fewer than 10 rows."""
    if frame.height < _FEWEST_ROWS:
        raise DataError(
            f"the table has {frame.height} row{'s' if frame.height != 1 else ''}",
            where=where,
            hint=f"at least {_FEWEST_ROWS} rows are needed to learn anything but the rows themselves",
        )


def refuse_rows(rows: Any) -> None:
    """Raise a RecipeError for a number of rows to make that is not whole, or below 1."""
    if isinstance(rows, bool) or not isinstance(rows, int | np.integer) or rows < 1:
        raise RecipeError(f"{rows} rows were asked for", hint="ask for a whole number, 1 or more")


def refuse_other(schema: Schema, frame: pl.DataFrame) -> None:
    """Raise a SchemaError if the schema was made for other columns than the frame's."""
    for name in sorted({*schema.names} ^ {*frame.columns}):
        lacks = "schema" if name in frame.columns else "table"
        raise SchemaError(f"the {lacks} has no column {name!r}", hint="give a schema of this table: inspect(table)")
    for column in schema:
        found = dtype_name(frame.schema[column.name])
        if column.dtype != found:
            seen = f"column {column.name!r} is {found}, in the schema {column.dtype}"
            raise SchemaError(seen, hint="give a schema of this table: inspect(table)")


def unjudged(frame: pl.DataFrame, like: pl.DataFrame) -> tuple[str, ...]:
    """Return a remark on the columns that only `frame` has: nothing is said of them."""
    extra = [name for name in frame.columns if name not in like.columns]
    if not extra:
        return ()
    named = ", ".join(map(repr, extra[:10])) + (", ..." if len(extra) > 10 else "")
    return (f"Not judged, since the real table has no such column: {named}. Look at them before you pass them on.",)


def align(frame: pl.DataFrame, like: pl.DataFrame, where: str) -> pl.DataFrame:
    """Return the columns of `like`, in its order and dtypes; DataError for what is missing or does not fit.

    Blanks around a name or a value do not count where nothing else has the bare one: text files lose them. Columns
    without a name, which readers call by their place, are taken for each other in their order.
    """
    bare = {name.strip(): name for name in frame.columns}
    if len(bare) == frame.width:
        lost = {bare[name.strip()]: name for name in like.columns if name not in frame.columns and name.strip() in bare}
        frame = frame.rename({old: new for old, new in lost.items() if old not in like.columns})
    frame = frame.rename(_nameless(frame.columns, like.columns))
    missing = [name for name in like.columns if name not in frame.columns]
    if missing:
        raise DataError(f"there is no column {missing[0]!r}", where=where, hint="it must have the real table's columns")
    cast = [_cast(frame[name], dtype, where) for name, dtype in like.schema.items()]
    return pl.DataFrame([_with_blanks(series, like[series.name]) for series in cast])


_NAMELESS = re.compile(r"|column_\d+_*|Unnamed: ?\d+|__index_level_\d+__")


def _nameless(names: list[str], like: list[str]) -> dict[str, str]:
    """Return old name -> new name of columns that were given theirs by a reader, if both tables have as many."""
    ours, theirs = ([name for name in one if _NAMELESS.fullmatch(name)] for one in (names, like))
    ours, theirs = [name for name in ours if name not in like], [name for name in theirs if name not in names]
    return dict(zip(ours, theirs, strict=True)) if len(ours) == len(theirs) else {}


def _with_blanks(series: pl.Series, like: pl.Series) -> pl.Series:
    """Return words with the blanks around them that the real table's have, where one of the two lost all of its own;
    nothing but blanks is what text files call missing.
    """
    if series.dtype != pl.String:
        return series
    empty = like.filter(like.str.strip_chars() == "").unique()
    if empty.is_empty():
        series = series.set(series.str.strip_chars() == "", None)
    elif len(empty) == 1 and not like.null_count() and not series.is_in(empty.implode()).any():
        series = series.fill_null(empty[0])
    words = series.drop_nulls().unique()
    known = like.drop_nulls().unique().to_frame("word").with_columns(bare=pl.col("word").str.strip_chars())
    blanks = [(one != one.str.strip_chars()).any() for one in (words, known["word"])]
    if blanks[0] == blanks[1]:
        return series
    known = known.filter(pl.col("bare").is_unique() & (pl.col("bare") != ""))
    old = (
        words.filter(~words.is_in(like.unique().implode()))
        .to_frame("old")
        .with_columns(bare=pl.col("old").str.strip_chars())
    )
    pairs = old.join(known, on="bare")
    return series.replace(pairs["old"], pairs["word"])


def _cast(series: pl.Series, dtype: pl.DataType, where: str) -> pl.Series:
    if series.dtype == dtype:
        return series
    hint = "write its columns the way the real table does"
    try:
        cast = series.cast(dtype, strict=False)
    except pl.exceptions.PolarsError as error:
        seen = f"column {series.name!r} is {dtype_name(series.dtype)}, in the real table {dtype_name(dtype)}"
        raise DataError(seen, where=where, hint=hint) from error
    lost = cast.is_null() & series.is_not_null()
    if series.dtype.is_float() and dtype.is_integer():  # a cast alone would cut the fraction off
        lost |= (series != series.round()).fill_null(value=False)
    if lost.any():
        seen = f"{lost.sum():,} values of column {series.name!r} are no {dtype_name(dtype)}, as the real ones are"
        raise DataError(f"{seen}: the first is {series.filter(lost)[0]!r}", where=where, hint=hint)
    return cast


def refuse_seen(unseen: pl.DataFrame, train: pl.DataFrame, where: str) -> tuple[str, ...]:
    """Return a remark if more rows of the hold-out stand among the training rows than new rows would.

    How often a new row repeats an old one is estimated by 1 - (rows that stand once) / (rows).
    Source: Good 1953, The population frequencies of species.
    Errors: DataError if all of them do: what the generator has seen says nothing of privacy.
    """
    if unseen.height == 0:
        raise DataError("the hold-out has no rows", where=where, hint="give real rows that are not in the source")
    if train.height == 0:
        return ()
    found = unseen.join(train.unique(), on=train.columns, how="semi", nulls_equal=True).height
    chance = 1 - int(train.is_unique().sum()) / train.height
    spread = math.sqrt(chance * (1 - chance) / unseen.height)
    expected = found / unseen.height <= chance + 0.1 + 3 * spread
    if expected and (chance > _HARDLY_DIFFER or not unseen.equals(train)):
        return ()
    seen = f"{found:,} of the {unseen.height:,} rows of the hold-out stand in the source"
    if found == unseen.height:
        raise DataError(seen, where=where, hint="give rows that the generator has not seen, or leave the hold-out away")
    return (f"{seen}, far more than chance gives: the verdict on privacy flatters.",)
