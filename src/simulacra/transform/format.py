"""Change of format: records of a text in another notation; numbers, dates and money in a text written another way."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from ..errors import DataError
from ..registry import register
from .editing import Draws, Edit, EditTransform, Kind, Words
from .formats.dates import DATE_FORMATS
from .formats.numbers import grouped, in_words
from .formats.records import RECORD_FORMATS

__all__ = ["Dates", "Numerals", "Reformat"]

_NUMBER = re.compile(r"(?<![\w.,:/$€£#-])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\w%°:/-]|[.,]\d)")
_LONGEST = 12


@register("transform")
class Reformat(EditTransform):
    """A text that is one record (JSON, YAML, CSV, Markdown table, name: value lines, sentences) in another notation.

    The variant parses back to the same record. Not handled: nested records; a text with more in it than the record.
    """

    name = "reformat"
    kind: Kind = "format"
    keeps = frozenset()
    guarded = False
    cost = 3e-5

    def edits(self, text: str, words: Words, draws: Draws) -> list[Edit]:
        """Return one edit of the whole text; () if no notation reads it, or spans lie in it."""
        del words
        for name, (_, parse) in RECORD_FORMATS.items():
            if not _may_be(name, text):
                continue
            try:
                row = parse(text)
            except DataError:
                continue
            written = (render(row) for render, _ in RECORD_FORMATS.values())
            others = [other for other in written if other not in (text, RECORD_FORMATS[name][0](row))]
            return [Edit(0, len(text), draws.pick(others))]
        return []


def _may_be(name: str, text: str) -> bool:
    """A look at the text that saves the slower parsers work on prose; YAML is tried on lines of pairs alone."""
    looks: dict[str, Callable[[], Any]] = {
        "json": lambda: text.lstrip()[:1] == "{",
        "markdown": lambda: text[:2] == "| ",
        "csv": lambda: text.count("\n") >= 1 and "," in text,
        "lines": lambda: ": " in text and text.endswith("\n"),
        "yaml": lambda: re.match(r"[^\n]*: ?[^\n]*\n", text),
        "sentences": lambda: text.startswith("The ") and " is " in text,
    }
    return bool(looks[name]())


@register("transform")
class Numerals(EditTransform):
    """Numbers written another way: with or without commas between groups, small ones in words."""

    name = "numerals"
    kind: Kind = "format"
    keeps = frozenset({"negation", "urls", "code", "entities"})
    cost = 3e-5

    def edits(self, text: str, words: Words, draws: Draws) -> list[Edit]:
        """Return an edit of one or two numbers that stand alone."""
        del words
        found = list(_NUMBER.finditer(text))
        edits = []
        for number in draws.some(found, 2):
            value = Decimal(number[0].replace(",", ""))
            forms = {grouped(value, "en"), f"{value:f}"}
            if len(number[0]) < _LONGEST and value < 10**6 and not _is_year(number[0]):
                forms.add(in_words(value))
            others = sorted(forms - {number[0]})
            if others and not (_is_year(number[0])):
                edits.append(Edit(*number.span(), draws.pick(others)))
        return edits


def _is_year(digits: str) -> bool:
    return len(digits) == 4 and digits[:2] in ("17", "18", "19", "20")


@register("transform")
class Dates(EditTransform):
    """Dates written another way: 2024-03-05 as March 5, 2024 or the 5th of March 2024."""

    name = "dates"
    kind: Kind = "format"
    keeps = frozenset({"negation", "urls", "code"})
    cost = 3e-5

    def edits(self, text: str, words: Words, draws: Draws) -> list[Edit]:
        """Return an edit of every date that only one format reads."""
        del words
        edits = []
        for found in _DATE.finditer(text):
            day = _read(found)
            if day is not None:
                name = draws.pick([one for one in _ENGLISH_DATES if one != found.lastgroup])
                edits.append(Edit(*found.span(), DATE_FORMATS[name][0](day)))
        return edits


_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_ENGLISH_DATES = ("iso", "long_us", "long_uk", "spoken")
_DATE = re.compile(
    rf"(?P<spoken>\bthe \d\d?(?:st|nd|rd|th) of (?:{_MONTHS}) \d{{4}}\b)|(?P<iso>(?<![\w-])\d{{4}}-\d\d-\d\d(?![\w-]))"
    rf"|(?P<long_us>\b(?:{_MONTHS}) \d\d?, \d{{4}}\b)|(?P<long_uk>\b\d\d? (?:{_MONTHS}) \d{{4}}\b)"
)


def _read(found: re.Match[str]) -> date | None:
    try:
        return DATE_FORMATS[str(found.lastgroup)][1](found[0])
    except DataError:
        return None
