"""Rules on where a column has a value: `arr_delay missing where arr_time missing`.

    A missing where B missing          A missing wherever B is; A may be missing elsewhere too
    A present only where B = x|y       elsewhere A is missing; there it may be
    A missing exactly where B = ..17   there, and nowhere else

What follows `where` is a column that is `missing`, `present`, or `=` a condition as in `--given`: levels parted by bars
(in quotes where they hold a bar), a range of numbers or times, or `missing`: `A missing exactly where B = missing|x`.
Where B is missing and the condition does not name that, the row keeps the rule.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import RecipeError, SchemaError

if TYPE_CHECKING:
    import polars as pl

    from .conditions import Allowed
    from .schema import Column, Schema

__all__ = ["Presence", "read_presence", "write_levels"]

_NAME = r"(?:`[^`]+`|[^\W\d][\w.]*)"
_SENTENCE = re.compile(
    rf"\s*(?P<name>{_NAME})\s+(?P<state>missing|present)(?:\s+(?P<link>only|exactly))?\s+where\s+(?P<other>{_NAME})"
    r"(?:\s+(?P<there>missing|present)|\s*=\s*(?P<values>.+?))\s*"
)
_LEVEL = re.compile(r"\s*(?:'(?P<one>[^']*)'|\"(?P<two>[^\"]*)\"|(?P<bare>[^|]*))\s*(?:\||$)")


@dataclass(frozen=True, slots=True)
class Presence:
    """Where a column has a value.

    missing : whether the rule speaks of rows without a value, else of those with one. link : "", "only" or "exactly".
    other : the column that decides. there : "missing", "present", or "" where `values` says which of its values.
    """

    column: str
    missing: bool
    link: str
    other: str
    there: str
    values: str = ""

    @property
    def names_missing(self) -> bool:
        """Whether `values` names cells without a value, too."""
        return None in _levels(self.values)

    def holds(self, frame: pl.DataFrame, schema: Schema) -> pl.Series:
        """Return (rows,) bool: where the condition on the other column is met; null where that cannot be said."""
        series = frame[self.other]
        if self.there:
            return series.is_null() if self.there == "missing" else series.is_not_null()
        inside = _inside(self.values, series, schema[self.other])
        return inside.set(series.is_null(), True if self.names_missing else None)

    def kept(self, frame: pl.DataFrame, schema: Schema) -> pl.Series:
        """Return (rows,) bool: which rows keep the rule."""
        there, spoken = self.holds(frame, schema), frame[self.column].is_null()
        spoken = spoken if self.missing else ~spoken
        if self.link == "only":
            return (there | ~spoken).fill_null(value=True)
        if self.link == "exactly":
            return (there == spoken).fill_null(value=True)
        return (~there | spoken).fill_null(value=True)

    def must_miss(self, frame: pl.DataFrame, schema: Schema) -> pl.Series:
        """Return (rows,) bool: where the rule leaves the column no value."""
        if self.missing and self.link != "only":
            return self.holds(frame, schema).fill_null(value=False)
        if not self.missing and self.link:
            return (~self.holds(frame, schema)).fill_null(value=False)
        return frame[self.column].is_null() & frame[self.column].is_not_null()

    def implied(self) -> dict[tuple[str, ...], bool]:
        """Return by condition, as one that compares equal, whether the column must be missing there."""
        there: tuple[str, ...] = (self.other, self.there or self.values.replace(" ", ""))
        negated: tuple[str, ...] = (self.other, "not", self.values.replace(" ", ""))
        if self.there:
            negated = (self.other, "present" if self.there == "missing" else "missing")
        found: dict[tuple[str, ...], bool] = {}
        if self.link != "only":
            found[there] = self.missing
            if self.names_missing:
                found[self.other, "missing"] = self.missing
        if self.link:
            found[negated] = not self.missing
        return found

    def check(self, schema: Schema, rule: str, where: str) -> None:
        """Raise SchemaError if the column cannot have such values."""
        if self.column == self.other:
            raise SchemaError(f"the constraint {rule!r} names one column twice", where=where, hint="name two columns")
        if self.there:
            return
        try:
            _read(self.values, schema[self.other])
        except RecipeError as error:
            raise SchemaError(
                f"the constraint {rule!r} cannot be read: {error.seen}", where=where, hint=error.hint
            ) from None


def read_presence(text: str) -> Presence | None:
    """Return the rule that a sentence states, None if it is none.

    >>> read_presence("refund present only where status = returned")
    Presence(column='refund', missing=False, link='only', other='status', there='', values='returned')
    """
    match = _SENTENCE.fullmatch(text)
    if match is None:
        return None
    name, other = (match[part].strip("`") for part in ("name", "other"))
    missing = match["state"] == "missing"
    return Presence(name, missing, match["link"] or "", other, match["there"] or "", match["values"] or "")


def write_levels(levels: list[str]) -> str:
    """Return levels as a rule writes them.

    >>> write_levels(["sold", "a|b", "two words"])
    "sold|'a|b'|two words"
    """
    return "|".join(_quoted(level) for level in levels)


def _quoted(level: str) -> str:
    odd = "|" in level or level != level.strip() or not level or level[0] in "'\"" or level in ("missing", "present")
    return level if not odd else f'"{level}"' if "'" in level else f"'{level}'"


def _levels(text: str) -> list[str | None]:
    """Return the levels that stand in a rule, None for `missing` without quotes."""
    found, place = list[str | None](), 0
    while place < len(text):
        match = _LEVEL.match(text, place)
        if match is None or match.end() == place:
            raise RecipeError(f"{text[place:]!r} are no levels", hint="write levels as one|another, or 'one'|'another'")
        quoted = match["one"] if match["one"] is not None else match["two"]
        bare = (match["bare"] or "").strip()
        found.append(quoted if quoted is not None else None if bare == "missing" else bare)
        place = match.end()
    return found


def _inside(text: str, series: pl.Series, column: Column) -> pl.Series:
    """Return which cells have one of the values; RecipeError if they cannot be read."""
    found = _read(text, column)
    if isinstance(found, list):
        return series.cast(_string()).is_in(found)
    return found.holds(series)


def _read(text: str, column: Column) -> list[str] | Allowed:
    """Return the levels that a condition names, or what it allows of numbers and times."""
    from .conditions import read_allowed

    if column.kind in ("category", "boolean", "constant", "text", "identifier") or column.personal:
        levels = [level for level in _levels(text) if level is not None]
        return [level.lower() for level in levels] if column.dtype == "Boolean" else levels
    return read_allowed(text.strip("'\""), column, None)


def _string() -> pl.DataType:
    import polars as pl

    return pl.String()
