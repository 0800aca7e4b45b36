"""Columns of strings to typed columns: missing values, numbers as people write them, ISO dates. Vectorised.

A number column never becomes a string because of how missing values are spelled; a string never becomes a number if
that would lose something (leading zeros, digits beyond what a number holds).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

__all__ = ["drop_spellings", "type_columns"]

# Spelled like this, a cell among numbers or dates is missing. Compared in lower case.
_MISSING = (
    "?", "na", "n/a", "n.a.", "#n/a", "#na", "<na>", "null", "none", "nan", "-nan", "nat", "nil", "-", "--", "—", ".",
    "\\n", "missing", "#value!", "#div/0!", "#null!", "#ref!", "#num!",
)  # fmt: skip
# Among words only these are, whatever else the file holds; "NA" may be Namibia and "None" a level.
_MISSING_ALWAYS = ("?", "n/a", "#n/a", "<na>", "null", "nan", "\\n", "nat", "#null!")
_INTEGER = r"^[+-]?\d+$"
_GROUPS = (
    r"^[+-]?\d{1,3}([ \u00a0\u202f'’]\d{3})+([.,]\d+)?$|^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$|^[+-]?\d{1,3}(\.\d{3})+(,\d+)?$"
)
_COMMA = r"^[+-]?(\d{1,3}(\.\d{3})+|\d{1,3}([ \u00a0\u202f'’]\d{3})+|\d*),\d+([eE][+-]?\d+)?$"
_POINT = r"^[+-]?(\d{1,3}(,\d{3})+|\d{1,3}([ \u00a0\u202f'’]\d{3})+|\d*)(\.\d*)?([eE][+-]?\d+)?$"
_SPACES = r"[ \u00a0\u202f'’]"
_DATE = r"^\d{4}-\d{2}-\d{2}$"
_DATETIME = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?( ?(Z|UTC|[+-]\d{2}:?\d{2}))?$"
_ZONE = r" ?(Z|UTC|[+-]\d{2}:?\d{2})$"
_WRITTEN_DATE = (
    r"^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}( |T|$)|^\d{1,2}[-. ][^\W\d_]{3,9}[-. ]\d{2,4}|^[^\W\d_]{3,9} \d{1,2}, \d{4}"
)
_STRAY = 0.02  # share of cells that may not be what the rest of a number or date column is; they become missing


@dataclass(frozen=True, slots=True)
class _Typed:
    """A column after typing, the spellings read as missing, and what a person should know."""

    series: pl.Series
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def type_columns(frame: pl.DataFrame, *, comma: bool = False) -> tuple[pl.DataFrame, list[str]]:
    """Return the frame of strings with each column as what it holds, and notes on every assumption.

    Integers become Int64, reals Float64, true/false Boolean, ISO dates Date, ISO datetimes Datetime (UTC if they carry
    an offset), all else stays String without spaces around. `comma`: the file's separator leaves the comma to decimals.
    """
    typed = [_type_column(_strip(frame[name]), comma) for name in frame.columns]
    spelled = {token for column in typed for token in column.missing}
    words = [i for i, column in enumerate(typed) if column.series.dtype == pl.String]
    spelled |= _common_spellings([typed[i].series for i in words])
    for i in words:
        typed[i] = _without_missing(typed[i], spelled)
    return pl.DataFrame([column.series for column in typed]), _notes(typed)


def drop_spellings(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Return a typed frame without what `type_columns` would read as missing in its columns of words, and notes on it.

    The words keep their type: numbers, dates and levels that a table holds as text go on to be text.

    >>> drop_spellings(pl.DataFrame({"job": ["cook", "?", "smith"], "pay": ["12", "-", "9"]}))[0].rows()
    [('cook', '12'), (None, None), ('smith', '9')]
    """
    columns = [series for series in frame if series.dtype in (pl.String, pl.Categorical, pl.Enum)]
    texts = pl.DataFrame([_strip(series.cast(pl.String)) for series in columns])
    typed = [_type_column(series, comma=False) for series in texts]
    words = [column.series for column in typed if column.series.dtype == pl.String]
    common = {*_common_spellings(words), *(token for column in typed for token in column.missing)}
    typed = [_without_missing(one, common) if one.series.dtype == pl.String else one for one in typed]
    for series, text, column in zip(columns, texts, typed, strict=True):
        if column.missing:
            gone = text.is_in(column.missing).fill_null(value=False)
            nothing = pl.Series(series.name, [None], dtype=series.dtype).new_from_index(0, len(series))
            frame = frame.with_columns(nothing.zip_with(gone, series))
    return frame, _notes([replace(column, notes=()) for column in typed])


def _notes(typed: list[_Typed]) -> list[str]:
    where: dict[str, list[str]] = {}
    for column in typed:
        for token in column.missing:
            where.setdefault(token, []).append(column.series.name)
    notes = [f"{token!r} is read as missing in {_some(names)}" for token, names in where.items()]
    return notes + [note for column in typed for note in column.notes]


def _some(names: list[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more columns" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _strip(series: pl.Series) -> pl.Series:
    series = series.str.strip_chars()
    return series.set(series == "", None)


def _type_column(series: pl.Series, comma: bool) -> _Typed:
    present = series.drop_nulls()
    if present.is_empty():
        return _Typed(series)
    # A glance at some cells spares long text columns the full tests.
    glance = present.gather_every(max(1, len(present) // 1000)).head(1000)
    tokens = glance.str.to_lowercase().is_in(_MISSING)
    rest = glance.filter(~tokens)
    if rest.is_empty():
        rest = present.filter(~present.str.to_lowercase().is_in(_MISSING)).head(1000)
    if rest.is_empty():
        return _Typed(series)
    for pattern, convert in _CONVERSIONS:
        if rest.str.contains(pattern).mean() >= 1 - 2 * _STRAY:  # type: ignore[operator]
            found = convert(series, comma)
            if found is not None:
                return found
    return _Typed(series)


def _boolean(series: pl.Series, comma: bool) -> _Typed | None:
    del comma
    lower = series.str.to_lowercase()
    return _settle(series, (lower == "true").set(~lower.is_in(["true", "false"]), None), stray=0.0)


def _number(series: pl.Series, comma: bool) -> _Typed | None:
    sign, bare = _common_sign(series)
    plain = _plain(bare, comma)
    whole = plain.cast(pl.Int64, strict=False)
    found = None
    if whole.null_count() == plain.null_count():
        found = _settle(series, whole)
    if found is None:
        real = plain.cast(pl.Float64, strict=False)
        # "nan" is a spelling of missing; an infinity stays one, and is refused where the table is checked.
        real = real.fill_nan(None)
        whole = plain.cast(pl.Int64, strict=False)
        is_whole = (
            whole.null_count() == real.null_count() and plain.filter(real.is_not_null()).str.contains(_INTEGER).all()
        )
        found = _settle(series, whole if is_whole else real)
    if found is None or _loses_digits(plain.filter(found.series.is_not_null()), found.series.dtype):
        return None
    if sign:
        note = f"the sign {sign!r} is left out of column {series.name!r}: its values are numbers"
        return replace(found, notes=(*found.notes, note))
    return found


def _common_sign(series: pl.Series) -> tuple[str, pl.Series]:
    """Return the currency or percent sign that all numbers of a column carry, and the column without it."""
    present = series.drop_nulls()
    for sign in ("$", "€", "£", "%", "¥"):
        if present.head(20).str.contains(sign, literal=True).any():
            with_sign = (
                present.str.starts_with(sign) | present.str.ends_with(sign) | present.str.starts_with("-" + sign)
            )
            if with_sign.mean() >= 0.5 and (with_sign | present.str.to_lowercase().is_in(_MISSING)).all():  # type: ignore[operator]
                return sign, series.str.replace(sign, "", literal=True).str.strip_chars()
    return "", series


def _plain(series: pl.Series, comma: bool) -> pl.Series:
    """Return the numbers of a column as a machine writes them, with a point and without groups."""
    grouped = series.str.contains(r"\d[, \u00a0\u202f'’]\d|^[+-]?,\d|\d\.\d{3}\.\d{3}")
    odd = series.filter(grouped)
    if odd.is_empty():
        return series
    fit_point, fit_comma = odd.str.contains(_POINT), odd.str.contains(_COMMA)
    if (fit_point.all() and not comma) or fit_point.sum() > fit_comma.sum():
        return _drop(series, ",")
    # In a column with decimal commas a point can only group thousands.
    return _drop(series, ".").str.replace(",", ".", literal=True)


def _drop(series: pl.Series, mark: str) -> pl.Series:
    bare = series.str.replace_all(_SPACES, "").str.replace_all(mark, "", literal=True)
    return bare.set(~series.str.contains(_GROUPS + "|" + _COMMA + "|" + _POINT), "?")


def _loses_digits(plain: pl.Series, dtype: pl.DataType) -> bool:
    """Whether numbers would lose something of how they are written: leading zeros, digits beyond those of a float."""
    return bool(
        plain.str.contains(r"^[+-]?0\d").any() or (dtype.is_float() and plain.str.contains(r"^[+-]?\d{17,}$").any())
    )


def _date(series: pl.Series, comma: bool) -> _Typed | None:
    del comma
    return _settle(series, series.str.to_date("%Y-%m-%d", strict=False))


def _datetime(series: pl.Series, comma: bool) -> _Typed | None:
    del comma
    zoned = series.str.contains(_ZONE)
    known = series.str.contains(_DATETIME)
    if zoned.any() and not (zoned | ~known).fill_null(True).all():
        return None  # some with, some without: nobody knows what the rest means
    text = series.str.replace(" ", "T", literal=True).str.replace(",", ".", literal=True)
    text = text.str.replace(r"T(\d{2}:\d{2})($|[Z+ U-])", "T$1:00$2")
    if not zoned.any():
        return _settle(series, text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us"))
    text = text.str.replace(r" ?(Z|UTC)$", "+0000").str.replace(r" ?([+-]\d{2}):?(\d{2})$", "$1$2")
    moments = text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", strict=False, time_unit="us")
    return _settle(series, moments.dt.convert_time_zone("UTC"))


def _written_date(series: pl.Series, comma: bool) -> _Typed | None:
    """Dates in other forms than ISO stay text, but what is spelled like a missing value among them is missing."""
    del comma
    tokens = series.str.to_lowercase().is_in(_MISSING).fill_null(False)
    missing = tuple(sorted(series.filter(tokens).unique().to_list()))
    return _Typed(series.set(tokens, None), missing)


_CONVERSIONS = (
    (r"(?i)^(true|false)$", _boolean),
    (
        r"^[+-]?[$€£¥]? ?[+-]?[\d.,]*\d[\d.,  \u00a0\u202f'’]*([eE][+-]?\d+)? ?[€$£¥%]?$|^[+-]?(?i:inf|infinity)$",
        _number,
    ),
    (_DATE, _date),
    (_DATETIME, _datetime),
    (_WRITTEN_DATE, _written_date),
)


def _settle(series: pl.Series, values: pl.Series, stray: float = _STRAY) -> _Typed | None:
    """Accept `values` if what did not convert is spelled like a missing value, or is a small stray share."""
    name = series.name
    values = values.alias(name)
    lost = series.filter(values.is_null() & series.is_not_null())
    if lost.is_empty():
        return _Typed(values)
    is_token = lost.str.to_lowercase().is_in(_MISSING)
    missing = tuple(sorted(lost.filter(is_token).unique().to_list()))
    odd = len(lost) - int(is_token.sum())
    if odd == 0:
        return _Typed(values, missing)
    if odd > stray * (len(values) - values.null_count()):
        return None
    kind = "dates" if values.dtype.is_temporal() else "numbers"
    row = int((values.is_null() & series.is_not_null() & ~series.str.to_lowercase().is_in(_MISSING)).arg_max() or 0) + 1
    note = f"{odd} of {len(series)} values of column {name!r} are not {kind} (first in row {row}): read as missing"
    return _Typed(values, missing, (note,))


def _common_spellings(words: list[pl.Series]) -> set[str]:
    """Return the spellings of missing that stand in at least two columns of words."""
    found: dict[str, int] = {}
    for series in words:
        for token in _spellings(series):
            found[token] = found.get(token, 0) + 1
    return {token for token, count in found.items() if count > 1 and token.lower() != "none"}


def _spellings(series: pl.Series) -> list[str]:
    """Return which values are spelled like a missing one."""
    short = series.filter(series.str.len_bytes() <= max(map(len, _MISSING))).unique()
    return short.filter(short.str.to_lowercase().is_in(_MISSING)).to_list()


def _without_missing(column: _Typed, spelled: set[str]) -> _Typed:
    series = column.series
    tokens = [word for word in _spellings(series) if word in spelled or word.lower() in _MISSING_ALWAYS]
    if "NA" in tokens and _is_code_list(series):
        tokens.remove("NA")
    if not tokens:
        return column
    cleaned = series.set(series.is_in(tokens), None)
    return replace(column, series=cleaned, missing=tuple(sorted(tokens)))


def _is_code_list(series: pl.Series) -> bool:
    """Whether all values are two capital letters: then NA is one of them (Namibia, North America)."""
    present = series.drop_nulls().unique()
    return len(present) > 2 and bool(present.str.contains(r"^[A-Z]{2}$").all())
