"""Dates as people write them, in English, German and French."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from ...errors import DataError

__all__ = ["DATE_FORMATS"]

_ENGLISH = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December")  # fmt: skip
_GERMAN = ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
           "Dezember")  # fmt: skip
_FRENCH = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
           "décembre")  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _ordinal(day: int) -> str:
    return f"{day}{'th' if 10 < day < 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


def _reader(pattern: str, months: tuple[str, ...] = ()) -> Callable[[str], date]:
    """Return a function that reads year, month (a number, or a name of `months`) and day by a pattern's groups."""
    shape = re.compile(pattern.replace("MONTH", "|".join(months)))

    def read(text: str) -> date:
        found = shape.fullmatch(text)
        if found is None:
            raise DataError(f"{text!r} is not a date in this format", hint="write it as the format's render does")
        month = months.index(found["m"]) + 1 if months else int(found["m"])
        try:
            return date(int(found["y"]), month, int(found["d"]))
        except ValueError as error:
            raise DataError(f"{text!r} is no day of the calendar", hint="give a day that exists") from error

    return read


_Y, _M, _D, _NAME = r"(?P<y>\d{4})", r"(?P<m>\d\d?)", r"(?P<d>\d\d?)", r"(?P<m>MONTH)"

DATE_FORMATS: dict[str, tuple[Callable[[date], str], Callable[[str], date]]] = {
    "iso": (lambda day: day.isoformat(), _reader(f"{_Y}-{_M}-{_D}")),
    "compact": (lambda day: f"{day.year:04}{day.month:02}{day.day:02}", _reader(r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)")),
    "us": (lambda day: f"{day.month:02}/{day.day:02}/{day.year:04}", _reader(f"{_M}/{_D}/{_Y}")),
    "german": (lambda day: f"{day.day:02}.{day.month:02}.{day.year:04}", _reader(rf"{_D}\.{_M}\.{_Y}")),
    "long_us": (
        lambda day: f"{_ENGLISH[day.month - 1]} {day.day}, {day.year:04}",
        _reader(f"{_NAME} {_D}, {_Y}", _ENGLISH),
    ),
    "long_uk": (
        lambda day: f"{day.day} {_ENGLISH[day.month - 1]} {day.year:04}",
        _reader(f"{_D} {_NAME} {_Y}", _ENGLISH),
    ),
    "spoken": (
        lambda day: f"the {_ordinal(day.day)} of {_ENGLISH[day.month - 1]} {day.year:04}",
        _reader(f"the {_D}(?:st|nd|rd|th) of {_NAME} {_Y}", _ENGLISH),
    ),
    "weekday": (
        lambda day: f"{_DAYS[day.weekday()]}, {_ENGLISH[day.month - 1]} {day.day}, {day.year:04}",
        _reader(f"(?:{'|'.join(_DAYS)}), {_NAME} {_D}, {_Y}", _ENGLISH),
    ),
    "long_german": (
        lambda day: f"{day.day}. {_GERMAN[day.month - 1]} {day.year:04}",
        _reader(rf"{_D}\. {_NAME} {_Y}", _GERMAN),
    ),
    "long_french": (
        lambda day: f"{'1er' if day.day == 1 else day.day} {_FRENCH[day.month - 1]} {day.year:04}",
        _reader(f"{_D}(?:er)? {_NAME} {_Y}", _FRENCH),
    ),
}
"""Name -> (render, parse) of days from year 1 to 9999."""
