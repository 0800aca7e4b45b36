"""Can a column be what a person says it is? Counts the values that cannot, and quotes none of them."""

from __future__ import annotations

from typing import NoReturn

import polars as pl

from ..errors import SchemaError
from .dates import parse_dates
from .infer_text import shape_of
from .schema import Column

__all__ = ["check_edit"]

_ANY = ("category",)
_OF_NUMBERS = ("integer", "real", *_ANY, "identifier", "boolean")


def check_edit(found: Column, wanted: Column, where: str, values: pl.Series | None) -> None:
    """Raise SchemaError if `found` cannot be `wanted`; the values, if given, are tried one and all."""
    if wanted.kind == found.kind and wanted.format == found.format:
        return
    if wanted.kind == "constant" and found.kind != "constant":
        _refuse(found, wanted, where, "its values differ")
    if wanted.kind == "boolean" and found.seen.distinct > 2:
        _refuse(found, wanted, where, f"it has {found.seen.distinct:,} levels")
    if wanted.kind == "integer" and wanted.format and (set(wanted.format) != {"#"} or found.dtype != "String"):
        hint = "write one # per digit, e.g. format: '#####', or leave it out"
        _refuse(found, wanted, where, f"{wanted.format!r} is no format of whole numbers held as {found.dtype}", hint)
    if found.dtype in ("String", "Categorical") or found.dtype.startswith("Enum"):
        _check_text(found, wanted, where, values)
    elif wanted.kind not in _possible(found):
        _refuse(found, wanted, where, f"its values are of type {found.dtype}", hint=_one_of(found))
    elif wanted.kind == "integer" and found.kind == "real":
        _check_whole(found, wanted, where, values)


def _possible(found: Column) -> tuple[str, ...]:
    dtype = found.dtype
    if dtype == "Boolean":
        return ("boolean", "category", "constant")
    if dtype == "Date":
        return ("date", "category", "constant")
    if dtype.startswith("Datetime"):
        return ("datetime", "category", "constant")
    if dtype.startswith("Duration") or dtype == "Time":
        return ("duration", "category", "constant")
    if dtype == "Null":
        return ("constant",)
    return (*_OF_NUMBERS, "constant")


def _one_of(found: Column) -> str:
    return f"it can be: {', '.join(kind for kind in _possible(found) if kind != 'constant')}"


def _check_whole(found: Column, wanted: Column, where: str, values: pl.Series | None) -> None:
    if values is None:
        _refuse(found, wanted, where, "not all its values are whole numbers")
    present = values.drop_nulls().cast(pl.Float64)
    odd = int((present != present.round()).sum())
    if odd:
        _refuse(found, wanted, where, f"{odd:,} of {len(present):,} values are not whole numbers")


def _check_text(found: Column, wanted: Column, where: str, values: pl.Series | None) -> None:
    """Texts can be levels, keys and texts as they are; numbers, dates and durations only if every value reads so."""
    if wanted.kind in ("category", "text", "identifier", "boolean", "constant"):
        return
    if wanted.kind in ("date", "datetime") and not wanted.format:
        _refuse(found, wanted, where, "a date held as text needs a format", hint="add one, e.g. format: '%d.%m.%Y'")
    if wanted.kind == "duration" and not wanted.format:
        _refuse(found, wanted, where, "times held as text need a format", hint="add format: '%H:%M:%S' or '%H:%M'")
    if values is None:
        readable = {"integer": ("integer",), "real": ("integer", "real")}.get(wanted.kind)
        if readable is not None and found.kind not in readable:
            _refuse(found, wanted, where, "not all its values are such numbers")
        return
    present = values.drop_nulls().cast(pl.String)
    bad = present.filter(~_reads_as(present, wanted).fill_null(False))
    if len(bad):
        shape = shape_of(bad.unique())
        like = f", most of them like {shape}" if shape else ""
        _refuse(found, wanted, where, f"{len(bad):,} of {len(present):,} values do not fit{like}")


def _reads_as(present: pl.Series, wanted: Column) -> pl.Series:
    if wanted.kind == "integer":
        return present.str.contains(f"^\\d{{{len(wanted.format)}}}$" if wanted.format else r"^[+-]?\d{1,18}$")
    if wanted.kind == "real":
        return present.cast(pl.Float64, strict=False).is_finite()
    if wanted.kind == "duration":
        return present.str.contains(r"^-?\d{1,3}:[0-5]\d" + (":[0-5]\\d$" if "%S" in str(wanted.format) else "$"))
    form = str(wanted.format)
    try:
        parsed = parse_dates(present, form)
        return parsed.dt.strftime(form) == present
    except pl.exceptions.PolarsError:
        return pl.repeat(False, len(present), eager=True)


def _refuse(found: Column, wanted: Column, where: str, reason: str, hint: str = "") -> NoReturn:
    seen = f"column {found.name!r} cannot be {wanted.kind}: {reason}"
    raise SchemaError(seen, where=where, hint=hint or f"it was inferred as {found.kind}; leave it, or mend the data")
