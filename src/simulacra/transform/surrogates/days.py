"""Days in a text, moved by a whole number of weeks, in the words they were written in.

Whole weeks, so that "Monday, 4 May" stays a Monday; one shift for a text, so that the days between two dates stay.
Not handled: days in words ("the first of May"), months and years alone, days without a year that stand in a leap year.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

__all__ = ["DAY", "shift_day"]

_MONTHS = (
    ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
     "December"),
    ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
     "Dezember"),
    ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
     "décembre"),
    ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
     "diciembre"),
    ("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
     "novembre", "dicembre"),
)  # fmt: skip
_NAMES = {name.lower(): (place + 1, row) for row in reversed(_MONTHS) for place, name in enumerate(row)} | {
    "sept": (9, _MONTHS[1])
}
_MONTH = "|".join(sorted(_NAMES, key=len, reverse=True))
DAY = re.compile(
    r"(?<![\w.-])(?:"
    r"(?P<y1>(?:19|20)\d\d)(?P<s1>[-/.])(?P<m1>\d\d?)(?P=s1)(?P<d1>\d\d?)(?![\d-])"
    r"|(?P<a2>\d\d?)(?P<s2>[./-])(?P<b2>\d\d?)(?P=s2)(?P<y2>\d{4}|\d\d)(?![\w-]|[./]\d)"
    rf"|(?P<d3>\d\d?)(?P<o3>st|nd|rd|th|er|\.)?(?P<g3>\s(?:of\s|de\s)?)(?P<m3>{_MONTH})\b(?P<t3>\.?,?\s(?:de\s)?(?P<y3>\d{{4}}))?"
    rf"|(?P<m4>{_MONTH})(?P<p4>\.?)\s(?P<d4>\d\d?)(?P<o4>st|nd|rd|th)?(?!\d|[:.]\d)(?P<t4>,?\s(?P<y4>\d{{4}}))?(?!\w)"
    r")",
    re.IGNORECASE,
)
"""Finds days: 2024-03-05, 05.03.2024, 3/5/24, 5 March 2024, 5th of March, March 5th, 2024, 5. März, le 5 mars."""
_USUAL_YEAR = 2023


def shift_day(found: re.Match[str], weeks: int, *, day_first: bool = True) -> str | None:
    """Return the day some weeks later as it was written, None if it is no day of the calendar.

    found : a match of `DAY`. day_first : how 03/05/2024 is read where both readings are days (a dot always parts a day
    from a month).

    >>> shift_day(DAY.search("on March 29th, 2024"), 1), shift_day(DAY.search("am 28.12.24"), 1)
    ('April 5th, 2024', '04.01.25')
    """
    part = found.groupdict()
    try:
        if part["y1"]:
            wide = len(part["m1"] + part["d1"]) == 4
            new = _moved(int(part["y1"]), int(part["m1"]), int(part["d1"]), weeks)
            return part["s1"].join((f"{new.year}", _sized(new.month, wide), _sized(new.day, wide)))
        if part["y2"]:
            return _numbers(part, weeks, day_first)
        return _in_words(part, weeks)
    except (ValueError, OverflowError):
        return None


def _numbers(part: dict[str, str], weeks: int, day_first: bool) -> str:
    first, second = int(part["a2"]), int(part["b2"])
    day_first = first > 12 or (second <= 12 and (day_first or part["s2"] == "."))
    year = int(part["y2"]) if len(part["y2"]) == 4 else 2000 + int(part["y2"])
    new = _moved(year, second if day_first else first, first if day_first else second, weeks)
    pair = (new.day, new.month) if day_first else (new.month, new.day)
    written = f"{new.year}" if len(part["y2"]) == 4 else f"{new.year % 100:02}"
    wide = len(part["a2"] + part["b2"]) == 4  # two digits for each: numbers below ten have a zero here
    return part["s2"].join((_sized(pair[0], wide), _sized(pair[1], wide), written))


def _in_words(part: dict[str, str], weeks: int) -> str:
    kind = "3" if part["m3"] else "4"
    name, day, year = part[f"m{kind}"], part[f"d{kind}"], part[f"y{kind}"]
    month, row = _NAMES[name.lower()]
    new = _moved(int(year or _USUAL_YEAR), month, int(day), weeks)
    written = _in_case(row[new.month - 1], name)
    tail = (part[f"t{kind}"] or "").replace(year or "\x00", f"{new.year}")
    if kind == "3":
        return f"{_sized(new.day, day[0] == '0')}{_ending(part['o3'], new.day)}{part['g3']}{written}{tail}"
    return f"{written}{part['p4']} {_sized(new.day, day[0] == '0')}{_ending(part['o4'], new.day)}{tail}"


def _moved(year: int, month: int, day: int, weeks: int) -> date:
    return date(year, month, day) + timedelta(weeks=weeks)


def _sized(number: int, padded: bool) -> str:
    return f"{number:02}" if padded else f"{number}"


def _ending(ending: str | None, day: int) -> str:
    if not ending or ending in (".", "er"):
        return ending or ""
    return "th" if 10 < day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _in_case(name: str, as_in: str) -> str:
    if as_in.isupper():
        return name.upper()
    return name.lower() if as_in.islower() else name[:1].upper() + name[1:]
