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
_STRAY = 0.02
_UNPADDED = (("%d", "%-d"), ("%m", "%-m"), ("%H", "%-H"), ("%I", "%-I"))


@dataclass(frozen=True, slots=True)
class TextDate:
    """How dates are written.

    format : for strptime and strftime. either_way : day and month fit in both orders, the order is a guess.
    stray : number of different values that are no such dates.
    """

    kind: Literal["date", "datetime"]
    format: str
    either_way: bool = False
    stray: int = 0


def find_date_format(values: pl.Series) -> TextDate | None:
    """Return the format of a column of different texts (none missing), or None if they are no dates of one format.

    A format fits a value if writing the parsed date with it gives the text again, leading zeros aside. All values must
    fit, but for a few strays in long columns (2 %: 31.02.2020, "soon").

    >>> find_date_format(pl.Series(["31.12.2020", "01.02.2021"]))
    TextDate(kind='date', format='%d.%m.%Y', either_way=False, stray=0)
    """
    if values.is_empty() or not _typical(values):
        return None
    glance = values.gather_every(max(1, len(values) // 50))
    forms = [form for form in _candidates(_typical(values)) if _share(glance, form) > 0.8]
    shares = {form: _share(values, form) for form in forms}
    best = max(shares.values(), default=0.0)
    if best < 1 - _STRAY:
        return None
    fitting = [form for form, share in shares.items() if share == best]
    # Hands write 1.2.2020 beside 01.02.2020: then both forms fit but for the zeros, and the padded one is kept.
    kind: Literal["date", "datetime"] = "datetime" if _has_clock(fitting[0]) else "date"
    either_way = len({form.replace("%-", "%") for form in fitting}) > 1
    return TextDate(kind, _exact(fitting, values), either_way, stray=round((1 - best) * len(values)))


def _typical(values: pl.Series) -> str:
    """Return the first value that begins like a date; others may be strays."""
    return next((value for value in values.head(20) if _MAY_BE.match(value)), "")


def _exact(forms: list[str], values: pl.Series) -> str:
    """Return the form that writes most values back to the letter."""
    return max(forms, key=lambda form: int((parse_dates(values, form).dt.strftime(form) == values).sum()))


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


def _share(values: pl.Series, form: str) -> float:
    """Return the share of values that the form fits."""
    try:
        written = parse_dates(values, form).dt.strftime(form)
    except pl.exceptions.PolarsError:
        return 0.0
    return float((_without_zeros(written) == _without_zeros(values)).fill_null(False).mean() or 0)  # type: ignore[arg-type]


def _without_zeros(values: pl.Series) -> pl.Series:
    return values.str.replace_all(r"\b0(\d)", "$1")
