"""What of the real rows may be shown to people who do not own them.

Everything public passes here: real counts below `K` are suppressed and the others rounded, so that neither a rare value
nor the presence of one person can be read off; sentences written elsewhere lose any rare real value they quote.

Not handled: a formal guarantee. Rounded figures of the same table, published many times over, still add up.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl
import yaml

from ..data.constraints import constraint_to_plain, parse_constraint, withhold
from ..recipe.reading import dump_yaml

__all__ = ["K", "Redactor", "finite", "public_count", "public_share", "significant", "withhold_rules"]

K = 10
"""Fewest real rows behind anything that is shown."""

_BASE = 5
_SHORTEST = 4
_LONGEST_WORDS = 8
_WORD = re.compile(r"\w+")
_SMALL_COUNT = re.compile(
    r"(?<![\d.,])(?<!less than )(?<![Aa]t least )[1-9] of(?= (?:the )?[\d,]{2,})(?! (?:the )?[\d,]+ cases)"
)
"""A count of rows; a lower bound ("at least 5 of") and odds ("5 of 10,000 cases") are estimates, no counts."""
_NUMBER = re.compile(r"[\d.,]+")
_SHARE = re.compile(r"\s?%")


def significant(value: float, digits: int = 3) -> float:
    """Return value rounded to significant digits.

    >>> significant(0.0123456), significant(98765.0)
    (0.0123, 98800.0)
    """
    return float(f"{value:.{digits}g}")


def finite(value: float | None) -> float | None:
    """Return value rounded to three significant digits, or None if there is none or it is not a number."""
    return None if value is None or not math.isfinite(value) else significant(value)


def public_count(count: int) -> int | None:
    """Return a count of real rows as it may be shown: rounded to fives, None where fewer than `K` rows stand behind it.

    >>> public_count(0), public_count(9), public_count(13)
    (None, None, 15)
    """
    return None if count < K else _BASE * round(count / _BASE)


def public_share(count: int, total: int) -> float | None:
    """Return count / total as it may be shown of real rows: to four decimals of a rounded
    count; None where the count is suppressed."""
    shown = public_count(count)
    return None if shown is None or total == 0 else min(round(shown / total, 4), 1.0)


class Redactor:
    """Takes rare real values out of sentences that other rooms wrote.

    A value is rare when fewer than `K` rows of all the tables hold it; of numbers only the few largest and
    smallest are looked for. Values of fewer than four characters and column names are left alone: they are words.

    >>> redact = Redactor(pl.DataFrame({"name": ["Zo Quill"] + ["Ann Lee"] * 20}))
    >>> redact("no row like Zo Quill, many like Ann Lee")
    'no row like [withheld], many like Ann Lee'
    """

    def __init__(self, *tables: pl.DataFrame | None) -> None:
        given = [table for table in tables if table is not None]
        names = {name for table in given for name in table.columns}
        self._rare: set[str] = set()
        self._counts = False
        for name in names:
            columns = [table.get_column(name) for table in given if name in table.columns]
            self._rare.update(value for value in _rare_values(columns) if len(value) >= _SHORTEST)
        self._rare -= names

    def counts_too(self) -> Redactor:
        """Return one that also hides exact small counts ("3 of 5,000 rows"): for what is said of privacy."""
        twin = Redactor()
        twin._rare, twin._counts = self._rare, True
        return twin

    def __call__(self, text: str) -> str:
        """Return text with every rare real value replaced by "[withheld]"."""
        if self._counts:
            text = _SMALL_COUNT.sub(f"fewer than {K} of", text)
        if not self._rare or not text:
            return text
        kept, position = [], 0
        for start, end in self._hits(text):
            if start >= position:
                kept += [text[position:start], "[withheld]"]
                position = end
        return "".join(kept) + text[position:]

    def _hits(self, text: str) -> Iterator[tuple[int, int]]:
        if text in self._rare:
            yield 0, len(text)
        words = [match.span() for match in _WORD.finditer(text)]
        for first in range(len(words)):
            for last in range(min(first + _LONGEST_WORDS, len(words)) - 1, first - 1, -1):
                begin, end = words[first][0], words[last][1]
                # A number before a percent sign is a share that a measure found, whatever values the column holds.
                said = text[begin:end]
                if said in self._rare and not (_SHARE.match(text, end) and _NUMBER.fullmatch(said)):
                    yield words[first][0], words[last][1]
                    break


def withhold_rules(recipe: str, redact: Redactor) -> str:
    """Return a recipe in which each found rule that names a rare value stands by its columns alone.

    What a person wrote stays: it is theirs to say. The run that reads it finds the rule again in the source.
    """
    content = yaml.safe_load(recipe) if recipe else None
    rules = (content.get("constraints") if isinstance(content, dict) else None) or []
    shown = [_withhold_rule(rule, redact) for rule in rules]
    return recipe if shown == rules else dump_yaml(dict(content or {}) | {"constraints": shown})


def _withhold_rule(rule: Any, redact: Redactor) -> Any:
    key = next((key for key in ("found", "given_up") if isinstance(rule, dict) and key in rule), "")
    said = rule[key] if key else None
    if not isinstance(said, str) or redact(said) == said or said == "none":
        return rule
    return {key: constraint_to_plain(withhold(parse_constraint(rule)))["found"]}


def _rare_values(columns: list[pl.Series]) -> Iterable[str]:
    """Yield the values that fewer than `K` rows of one column in all tables hold, as they are written in a sentence."""
    if any(column.dtype.is_nested() or column.dtype == pl.Boolean for column in columns):
        return
    if not all(column.dtype.is_numeric() for column in columns):
        written = pl.concat([_written(column.drop_nulls()) for column in columns])
        yield from _rare(written).drop_nulls().to_list()
        return
    numbers = _rare(pl.concat([column.drop_nulls().cast(pl.Float64) for column in columns])).sort()
    for number in [*numbers.head(K).to_list(), *numbers.tail(K).to_list()]:
        yield from {repr(number), f"{number:.10g}", f"{number:,.10g}"}


def _written(column: pl.Series) -> pl.Series:
    """Return the values as text; polars does not cast lengths of time, it writes them ("1d 2h")."""
    if isinstance(column.dtype, pl.Duration):
        return column.dt.to_string("polars")
    return column.cast(pl.String, strict=False)


def _rare(values: pl.Series) -> pl.Series:
    counts = values.alias("value").value_counts(name="rows")
    return counts.filter(pl.col("rows") < K).get_column("value")
