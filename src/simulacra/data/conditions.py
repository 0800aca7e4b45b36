"""What a row must satisfy in one column, as a person writes it and as rows are tested for it.

    income=>50K     a level, as it stands in the table (the value may itself begin with > or <)
    age=30..40      a range, both ends included; 30.. and ..40 are open, .. is any value that is there
    city=Bonn|Celle one of several; joined=2020-03|2021 whole months, years, days
    x=missing       no value

A level that the column has goes before any other reading. In Python the same as values: ">50K", (30, 40), (30, None),
["Bonn", "Celle"], None.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from ..errors import RecipeError, SchemaError
from .codes.calendar import to_ticks
from .codes.category import RARE
from .codes.numeric import numbers
from .dtypes import parse_dtype
from .schema import Column, Schema
from .spells import spell

__all__ = [
    "Allowed",
    "Spans",
    "both",
    "known_column",
    "no_level",
    "read_allowed",
    "split_condition",
    "to_pairs",
    "to_plain",
]

Spans = tuple[tuple[float, float], ...]
MISSING = "missing"
_ENDLESS = (-math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Allowed:
    """The values that a condition allows in a column.

    levels : of a column of levels, as text; None for a column of numbers or times. spans : closed intervals of numbers,
    or of ticks on the column's clock, ascending and apart. missing : whether no value is allowed. text : as written.
    known : levels kept apart where the others became "(rare)"; else empty.
    """

    column: Column
    text: str
    levels: frozenset[str] | None = None
    spans: Spans = ()
    missing: bool = False
    known: frozenset[str] = frozenset()

    @property
    def nothing(self) -> bool:
        """Whether no cell could satisfy it."""
        return not (self.levels or self.spans or self.missing)

    def holds(self, series: pl.Series) -> pl.Series:
        """Return (rows,) bool: which cells of the column satisfy it."""
        gone = series.is_null()
        if self.levels is not None:
            inside = series.cast(pl.String).is_in(sorted(self.levels))
            if self.known and RARE in self.levels:
                inside |= ~series.cast(pl.String).is_in(sorted(self.known))
        else:
            values = self._numbers(series)
            gone = values.is_null()
            inside = pl.Series([False]).new_from_index(0, len(values))
            for low, high in self.spans:
                inside |= _between(values, low, high)
        return (inside & ~gone).fill_null(value=False) | (gone if self.missing else pl.Series([False]))

    def _numbers(self, series: pl.Series) -> pl.Series:
        if self.column.kind in ("integer", "real"):
            return numbers(series, self.column)[0]
        return to_ticks(series, self.column)[0]


def _between(values: pl.Series, low: float, high: float) -> pl.Series:
    """Return which values lie in the closed interval; ends beyond the integers of the column are no ends."""
    inside = pl.Series([True]).new_from_index(0, len(values))
    if values.dtype.is_integer():
        least, most = -(2**63), 2**64 - 1
        low = math.ceil(low) if math.isfinite(low) else least
        high = math.floor(high) if math.isfinite(high) else most
        if low > least:
            inside &= values >= low
        return inside & (values <= high) if high < most else inside
    return inside & (values >= low) & (values <= high)


def split_condition(text: str, names: Sequence[str]) -> tuple[str, str]:
    """Return column and value of "column=value"; RecipeError if it is none, SchemaError if there is no such column.

    >>> split_condition("income=>50K", ["age", "income"])
    ('income', '>50K')
    """
    heads = [text[:place].strip() for place, sign in enumerate(text) if sign == "="]
    known = [(len(head), head) for head in heads if head in names]
    if known:
        name = max(known)[1]
        place = next(k for k, sign in enumerate(text) if sign == "=" and text[:k].strip() == name)
        return name, text[place + 1 :]
    compared = re.match(r"(.*?)\s*(>=?|<=?|!=)\s*(.*)", text)
    if compared and compared[1].strip() in names:
        name, sign, value = compared[1].strip(), compared[2], compared[3]
        wanted = f"{name}={value}.." if ">" in sign else f"{name}=..{value}"
        hint = f"write '{wanted}'; both ends of a range are included" if sign != "!=" else "write what is allowed"
        raise RecipeError(f"{text!r} is not a condition", where="given", hint=hint)
    if not heads:
        raise RecipeError(f"{text!r} is not a condition", where="given", hint="write column=value, e.g. 'age=30..40'")
    return heads[0], text[len(text.split("=", 1)[0]) + 1 :]


def to_pairs(given: Mapping[str, Any] | Sequence[str] | str, names: Sequence[str]) -> list[tuple[str, Any]]:
    """Return (column, value as written) of conditions in text or of a mapping from columns to values."""
    if isinstance(given, Mapping):
        return [(str(name), value) for name, value in given.items()]
    texts = [given] if isinstance(given, str) else list(given)
    odd = next((text for text in texts if not isinstance(text, str)), None)
    if odd is not None:
        raise RecipeError(f"{odd!r} is not a condition", where="given", hint="write column=value, e.g. 'age=30..40'")
    return [split_condition(text, names) for text in texts]


def to_plain(given: Mapping[str, Any] | Sequence[str]) -> Any:
    """Return conditions as a recipe holds them: text, numbers, lists and null; ranges as text.

    >>> to_plain({"age": (30, 40), "city": ["Bonn", "Celle"], "x": None})
    {'age': '30..40', 'city': ['Bonn', 'Celle'], 'x': None}
    """
    if not isinstance(given, Mapping):
        return [given] if isinstance(given, str) else list(given)
    return {str(name): _plain(value) for name, value in given.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, list | set | frozenset):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, bool | int | float | str) else _show(value)


def read_allowed(written: Any, column: Column, levels: Sequence[str] | None) -> Allowed:
    """Return what a condition allows.

    written : text in the grammar above, or a Python value: a level or number, a tuple of two ends (None is open), a
    list of these, or None for missing. levels : of a column that has levels, None for numbers and times.

    RecipeError for what cannot be read, or a level that is not there, with the nearest one.
    """
    text = _show(written)
    none = Allowed(column, text, frozenset() if levels is not None else None)
    if isinstance(written, str):
        return _read_text(written, none, levels)
    options = list(written) if isinstance(written, list | set | frozenset) else [written]
    if not options:
        raise RecipeError(
            "an empty list allows nothing", where=f"given {column.name!r}", hint="name at least one value"
        )
    found = none
    for option in options:
        found = _either(found, _read_value(option, none, levels))
    return found


def _read_text(text: str, none: Allowed, levels: Sequence[str] | None) -> Allowed:
    """Return what a text allows: a level as it stands, else options parted by bars."""
    if levels is not None and (level := _level(text, none.column, levels)) is not None:
        return replace(none, levels=frozenset([level]))
    found = none
    for part in text.split("|"):
        found = _either(found, _read_option(part.strip(), none, levels))
    return found


def _read_option(part: str, none: Allowed, levels: Sequence[str] | None) -> Allowed:
    if levels is not None and (level := _level(part, none.column, levels)) is not None:
        return replace(none, levels=frozenset([level]))
    if part == MISSING:
        return replace(none, missing=True)
    if part == "..":
        return replace(none, levels=frozenset(levels)) if levels is not None else replace(none, spans=(_ENDLESS,))
    if levels is not None:
        raise no_level(part, none.column, levels)
    if ".." in part:
        low, high = (end.strip() or None for end in part.split("..", 1))
        return _range(low, high, none)
    return replace(none, spans=(spell(part, none.column),))


def _read_value(value: Any, none: Allowed, levels: Sequence[str] | None) -> Allowed:
    """Return what one Python value allows; text in a list is one level, or one option of a number or time."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return replace(none, missing=True)
    if isinstance(value, tuple):
        if len(value) != 2:
            seen = f"{value!r} is not a range"
            raise RecipeError(seen, where=f"given {none.column.name!r}", hint="write (low, high), None for an open end")
        if levels is not None:
            raise _no_range(_show(value), none.column)
        return _range(*value, none)
    if isinstance(value, str) and levels is None:
        return _read_option(value.strip(), none, levels)
    if levels is None:
        return replace(none, spans=(spell(value, none.column),))
    level = _level(value, none.column, levels)
    if level is None:
        raise no_level(_show(value), none.column, levels)
    return replace(none, levels=frozenset([level]))


def _range(low: Any, high: Any, none: Allowed) -> Allowed:
    least = _ENDLESS[0] if low is None else spell(low, none.column)[0]
    most = _ENDLESS[1] if high is None else spell(high, none.column)[1]
    if least > most:
        seen = f"the range {none.text!r} ends before it begins"
        raise RecipeError(seen, where=f"given {none.column.name!r}", hint="write the lower end first")
    return replace(none, spans=((least, most),))


def _level(written: Any, column: Column, levels: Sequence[str]) -> str | None:
    """Return the level that is meant: the text itself, without blanks around, or as the column's type writes it."""
    if isinstance(written, np.generic):
        written = written.item()
    text = str(written).lower() if isinstance(written, bool) else str(written)
    if text in levels:
        return text
    stripped = [level for level in levels if level.strip() == text.strip()]
    if len(stripped) == 1:
        return stripped[0]
    if set(levels) <= {"true", "false"} and text.strip().lower() in ("true", "false"):
        return text.strip().lower() if text.strip().lower() in levels else None
    dtype = parse_dtype(column.dtype)
    if dtype.is_numeric():
        cast = pl.Series([text.strip()]).cast(dtype, strict=False).cast(pl.String)[0]
        return cast if cast in levels else None
    return None


def no_level(text: str, column: Column, levels: Sequence[str]) -> RecipeError:
    """Return the error for a level that was not learned, with the nearest one."""
    if ".." in text:
        return _no_range(text, column)
    folded = {level.strip().casefold(): level for level in reversed(levels)}
    near = difflib.get_close_matches(text.strip().casefold(), list(folded), n=1)
    known = ", ".join(levels[:20]) + (", ..." if len(levels) > 20 else "")
    hint = f"did you mean {folded[near[0]]!r}" if near else f"levels are: {known}"
    return RecipeError(f"there is no level {text!r} that was learned", where=f"given {column.name!r}", hint=hint)


def _no_range(text: str, column: Column) -> RecipeError:
    seen = f"{text!r} is a range, and a {column.kind} has levels without an order"
    return RecipeError(seen, where=f"given {column.name!r}", hint="name the levels: one|another")


def _show(written: Any) -> str:
    """Return a Python value as the grammar writes it."""
    if written is None:
        return MISSING
    if isinstance(written, tuple):
        return "..".join("" if end is None else str(end) for end in written)
    if isinstance(written, list | set | frozenset):
        return "|".join(map(_show, written))
    return str(written)


def _either(one: Allowed, other: Allowed) -> Allowed:
    """Return what one or the other allows."""
    levels = None if one.levels is None else one.levels | (other.levels or frozenset())
    return replace(one, levels=levels, spans=_merge((*one.spans, *other.spans)), missing=one.missing or other.missing)


def both(one: Allowed, other: Allowed) -> Allowed:
    """Return what both allow; RecipeError if that is nothing."""
    levels = None if one.levels is None else one.levels & (other.levels or frozenset())
    common = ((max(a, c), min(b, d)) for a, b in one.spans for c, d in other.spans)
    spans = _merge(tuple((low, high) for low, high in common if low <= high))
    found = replace(
        one, levels=levels, spans=spans, missing=one.missing and other.missing, text=f"{one.text} and {other.text}"
    )
    if found.nothing:
        seen = f"the conditions {one.text!r} and {other.text!r} contradict each other"
        raise RecipeError(
            seen, where=f"given {one.column.name!r}", hint="drop one of them; alternatives are written a|b"
        )
    return found


def _merge(spans: Spans) -> Spans:
    """Return the same set as intervals that do not touch, in order."""
    merged: list[tuple[float, float]] = []
    for low, high in sorted(spans):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def known_column(schema: Schema, name: str, where: str = "given") -> Column:
    """Return the column of a condition; SchemaError with the nearest name if there is none."""
    try:
        return schema[name]
    except SchemaError as error:
        raise SchemaError(error.seen, where=where, hint=error.hint) from None
