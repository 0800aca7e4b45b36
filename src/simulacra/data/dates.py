"""Dates, times and durations that are held as text: which format writes every value back as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import polars as pl

__all__ = ["TextDate", "find_date_format", "parse_dates"]

_DAYS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y", "%m-%d-%Y", "%m.%d.%Y",
    "%d.%m.%y", "%m/%d/%y", "%d/%m/%y", "%d-%m-%y", "%Y%m%d",
    "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d %B %Y", "%d. %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y",
    "%a, %d %b %Y", "%A, %d %B %Y", "%d/%b/%Y", "%Y-%m", "%Y/%m", "%m/%Y", "%m.%Y", "%b %Y", "%B %Y", "%b-%y",
)  # fmt: skip
_CLOCK = re.compile(
    r"(?P<gap>T|,? )(?P<hour>\d{1,2}):\d{2}(?P<second>:\d{2})?(?P<part>\.\d{1,9})?(?P<half> ?[AaPp][Mm])?"
    r"(?P<end>Z| UTC)?$"
)
_MAY_BE = re.compile(
    r"^(\d{1,4}[-./ ]|\d{8}|[^\W\d_]{3,9},? \d|\d{1,2}\. ?[^\W\d_]|[^\W\d_]{3}[- ]\d|[^\W\d_]{3,9} \d)"
)
_UNPADDED = (("%d", "%-d"), ("%m", "%-m"), ("%H", "%-H"), ("%I", "%-I"))


@dataclass(frozen=True, slots=True)
class TextDate:
    """format : for strptime and strftime. either_way : day and month fit in both orders, the order is a guess."""

    kind: Literal["date", "datetime"]
    format: str
    either_way: bool = False


def find_date_format(values: pl.Series) -> TextDate | None:
    """Return the format of a column of different texts (none missing), or None if one value is not such a date.

    A format counts only if writing the parsed dates with it gives the very texts again.

    >>> find_date_format(pl.Series(["31.12.2020", "01.02.2021"]))
    TextDate(kind='date', format='%d.%m.%Y', either_way=False)
    """
    if values.is_empty() or not _MAY_BE.match(values[0]):
        return None
    glance = values.gather_every(max(1, len(values) // 50))
    fitting = [form for form in _candidates(values[0]) if _writes_back(glance, form) and _writes_back(values, form)]
    if not fitting:
        return None
    kind: Literal["date", "datetime"] = "datetime" if _has_clock(fitting[0]) else "date"
    return TextDate(kind, fitting[0], either_way=len({form.replace("-", "") for form in fitting}) > 1)


def parse_dates(values: pl.Series, form: str) -> pl.Series:
    """Return texts as Date or, if the format has a clock, Datetime(us); null where the format does not fit."""
    if _has_clock(form):
        return values.str.to_datetime(form, strict=False, time_unit="us")
    return values.str.to_date(form, strict=False)


def _candidates(first: str) -> Iterator[str]:
    """Yield the formats that can write the first value, padded ones first."""
    clock = _CLOCK.search(first)
    day, time = (first[: clock.start()], _clock_format(clock)) if clock else (first, "")
    for form in _DAYS:
        if len(re.findall(r"\d+", day)) == sum(form.count(f"%{letter}") for letter in "Ymdy") - 2 * (form == "%Y%m%d"):
            yield form + time
            bare = form + time
            for padded, unpadded in _UNPADDED:
                bare = bare.replace(padded, unpadded)
            if bare != form + time:
                yield bare
                yield _UNPADDED_DAY.sub(r"%-\1", form) + time


_UNPADDED_DAY = re.compile(r"%([dm])")


def _clock_format(clock: re.Match[str]) -> str:
    hour = "%I" if clock["half"] else "%H"
    form = clock["gap"] + hour + ":%M" + (":%S" if clock["second"] else "")
    if clock["part"]:
        form += f"%.{len(clock['part']) - 1}f" if len(clock["part"]) - 1 in (3, 6, 9) else "%.f"
    if clock["half"]:
        gap = " " if clock["half"].startswith(" ") else ""
        form += gap + ("%p" if clock["half"].isupper() else "%P")
    return form + (clock["end"] or "")


def _has_clock(form: str) -> bool:
    return "%H" in form or "%I" in form or "%-H" in form or "%-I" in form


def _writes_back(values: pl.Series, form: str) -> bool:
    try:
        parsed = parse_dates(values, form)
        return parsed.null_count() == 0 and bool((parsed.dt.strftime(form) == values).all())
    except pl.exceptions.PolarsError:
        return False
