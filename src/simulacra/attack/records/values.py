"""The values of one field that break things: valid ones at its edges, invalid ones just beyond and far beyond them.

Each is a `Probe`: a value, the idea behind it, and, if it is not allowed, why not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ...transform.lexicon.characters import HOMOGLYPHS, ZERO_WIDTH
from .domain import Field

__all__ = ["MISSING", "Probe", "invalid_probes", "valid_probes"]


class _Missing:
    """Stands for a field that is not there at all."""

    def __repr__(self) -> str:
        return "(field left out)"


MISSING: Any = _Missing()


@dataclass(frozen=True, slots=True)
class Probe:
    """One value to try in one field. idea : what it is an example of; refused : why it is not allowed, if it is not."""

    field: str
    value: Any
    idea: str
    refused: str | None = None


_NEARLY = (1e-9, 1e-6, 0.01, 0.5)
_LOUD_TEXTS = (
    ("formula", "=1+1"),
    ("formula", "@SUM(A1:A2)"),
    ("quoting", 'O\'Brien "x"'),
    ("statement", "'; --"),
    ("template", "{{7*7}} ${7*7} %s %n"),
    ("markup", "<b>&amp;</b>"),
    ("null word", "null"),
    ("null word", "NaN"),
    ("null word", "None"),
    ("boolean word", "true"),
    ("number word", "1e309"),
    ("path", "../../etc"),
    ("null character", "a\x00b"),
    ("newline", "a\r\nb"),
    ("bidirectional", "a\u202eb"),
    ("zero width", "a\u200bb"),
    ("combining", "e\u0301"),
    ("astral", "\U0001f9ea"),
    ("right to left", "שלום"),
    ("not normalised", "ﬁ"),
    ("dotless", "ıİ"),
    ("surrogate", "\ud800"),
)
_HUGE = (2**31 - 1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, 2**63, 10**30)
_DAYS = ("2024-02-29", "2000-02-29", "1900-02-28", "1970-01-01", "1999-12-31", "2038-01-19", "0001-01-01", "9999-12-31")
_TIMES = (
    "2024-03-31T02:30:00", "2024-10-27T02:30:00", "2016-12-31T23:59:59", "2024-02-29T00:00:00",
    "1970-01-01T00:00:00", "2024-06-01T12:00:00+00:00", "2024-06-01T12:00:00-12:00", "2024-06-01T12:00:00.000001",
)  # fmt: skip
_NO_DAYS = ("2023-02-29", "2024-13-01", "2024-00-10", "31.12.2024", "12/31/2024", "20240101", "2024-1-1", "tomorrow")


def valid_probes(field: Field, dictionary: Iterable[Any] = ()) -> list[Probe]:
    """Return allowed values at the edges of a field.

    dictionary : numbers and texts that stand in the target's code; they and their neighbours are tried where allowed.
    """
    found = [Probe(field.name, value, idea) for idea, value in _valid(field)]
    found += [Probe(field.name, value, idea) for idea, value in _written(field, list(dictionary))]
    if field.nullable:
        found.append(Probe(field.name, None, "null"))
    if not field.required:
        found.append(Probe(field.name, MISSING, "left out"))
    return _distinct(probe for probe in found if probe.value is MISSING or field.refuses(probe.value) is None)


def invalid_probes(field: Field) -> list[Probe]:
    """Return values that are not allowed, one idea after the other, each with the reason why."""
    found = [Probe(field.name, MISSING, "left out", "missing")] if field.required else []
    for idea, value in _invalid(field):
        refused = field.refuses(value)
        if refused is not None:
            found.append(Probe(field.name, value, idea, refused))
    return _distinct(found)


def _valid(field: Field) -> Iterator[tuple[str, Any]]:
    if field.kind == "boolean":
        yield from (("level", True), ("level", False))
    elif field.levels:
        yield from (("level", level) for level in field.levels)
    elif field.kind in ("integer", "number"):
        yield from _numbers(field)
    elif field.kind in ("date", "datetime"):
        yield from _days(field)
    else:
        yield from _texts(field)


def _written(field: Field, dictionary: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """Yield what stands in the target's code and may be a value of the field, with its neighbours."""
    if field.levels or field.kind == "boolean":
        return
    whole, step = field.kind == "integer", field.step or (1 if field.kind == "integer" else 0.01)
    for value in dictionary:
        if field.kind in ("integer", "number") and _is_number(value):
            yield from (("number in the code", _as(value + near, whole)) for near in (0, step, -step))
        elif field.kind not in ("integer", "number") and isinstance(value, str):
            yield "text in the code", value


def _numbers(field: Field) -> Iterator[tuple[str, Any]]:
    whole = field.kind == "integer"
    low, high = (None if end is None else float(end) for end in (field.low, field.high))
    steps = (field.step or 1,) if whole or field.step else _NEARLY
    for idea, edge, sign in (("lowest", low, 1), ("highest", high, -1)):
        if edge is not None:
            yield idea, _as(edge, whole)
            yield from ((f"near the {idea}", _as(edge + sign * step, whole)) for step in steps)
    for step in (0, *steps):
        yield "about zero", _as(step, whole)
        yield "about zero", _as(-step, whole)
    if low is not None and high is not None:
        yield from (("inside", _as(low + (high - low) * share, whole)) for share in (0.25, 0.5, 0.75))
        yield from (("power of ten", _as(10.0**k, whole)) for k in range(7) if low <= 10.0**k <= high)
    if not whole:
        yield "negative zero", -0.0
        yield "smallest float", 5e-324
        yield "not exact", 0.1 + 0.2
    yield from (("huge", _as(value, whole)) for value in (_HUGE if whole else (1e15, 1e300, -1e300)))


def _days(field: Field) -> Iterator[tuple[str, Any]]:
    for idea, edge, sign in (("earliest", field.low, 1), ("latest", field.high, -1)):
        if edge is not None:
            yield idea, str(edge)
            yield f"near the {idea}", _shift(str(edge), sign)
    yield from (("special day", day) for day in (_DAYS if field.kind == "date" else _TIMES))


def _texts(field: Field) -> Iterator[tuple[str, Any]]:
    yield from _LOUD_TEXTS
    yield "empty", ""
    yield "blank", " "
    yield "padded", " a "
    longest = field.longest if field.longest is not None else 10_000
    yield "longest", "x" * longest
    yield "shortest", "x" * field.shortest


def _invalid(field: Field) -> Iterator[tuple[str, Any]]:
    yield "null", None
    strangers: tuple[Any, ...] = ([], {}, "x", 7, True, 0.5)
    yield from (("wrong type", value) for value in strangers)
    if field.kind in ("integer", "number"):
        yield from (("not finite", value) for value in (math.nan, math.inf, -math.inf))
        yield from _beyond(field)
        yield from (("number as text", text) for text in ("5", " 5", "5,0", "1.234,56", "1,234.56", "٣", "1e3", ""))
        if field.kind == "integer" and isinstance(field.low, int | float):
            yield "fraction", float(field.low) + 0.5
    elif field.kind in ("date", "datetime"):
        yield from (("wrong format", text) for text in (*_NO_DAYS, "", "2024-02-29T25:00:00"))
        yield from (("beyond the range", _shift(str(end), sign)) for end, sign in _ends(field) if end is not None)
    elif field.kind == "boolean":
        yield from (("word for it", value) for value in ("true", "yes", 1, 0))
    elif field.kind == "string":
        yield from _wrong_texts(field)


def _beyond(field: Field) -> Iterator[tuple[str, Any]]:
    whole = field.kind == "integer"
    for end, sign in _ends(field):
        if end is None:
            continue
        edge = float(end)
        yield from (("just beyond", _as(edge + sign * step, whole)) for step in ((1,) if whole else (0.01, 1e-6, 1.0)))
        yield from (("far beyond", _as(edge + sign * 10.0**k, whole)) for k in (3, 6, 12))
    yield from (("huge", _as(value, whole)) for value in (2**63, -(2**63) - 1, 10**30, 1e308, -1e308))
    yield from (("negative", _as(-value, whole)) for value in (1, 1000))


def _wrong_texts(field: Field) -> Iterator[tuple[str, Any]]:
    yield from (("empty", ""), ("blank", " "))
    for level in [level for level in field.levels if isinstance(level, str)][:3]:
        yield from (("other case", level.upper()), ("other case", level.title()), ("padded", f" {level}"))
        yield from (("padded", f"{level}\n"), ("zero width", level + ZERO_WIDTH[0]), ("lookalike", _lookalike(level)))
    yield "no such level", "zz-unseen"
    yield from _LOUD_TEXTS
    if field.longest is not None:
        yield "too long", "x" * (field.longest + 1)
    yield "very long", "x" * 100_000


def _lookalike(text: str) -> str:
    """Return the text with one letter of another script that looks like it."""
    for place, letter in enumerate(text):
        if letter in HOMOGLYPHS:
            return text[:place] + HOMOGLYPHS[letter][0] + text[place + 1 :]
    return text + "\u0301"


def _ends(field: Field) -> tuple[tuple[Any, int], tuple[Any, int]]:
    return (field.low, -1), (field.high, 1)


def _shift(day: str, days: int) -> str:
    """Return the day (or time) so many days on; the same at the ends of the calendar."""
    try:
        if len(day) > 10:
            return (datetime.fromisoformat(day) + timedelta(days=days)).isoformat()
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
    except (OverflowError, ValueError):
        return day


def _as(value: float, whole: bool) -> Any:
    return int(value) if whole else float(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _distinct(probes: Iterable[Probe]) -> list[Probe]:
    seen: dict[str, Probe] = {}
    for probe in probes:
        seen.setdefault(f"{type(probe.value).__name__}:{probe.value!r}", probe)
    return list(seen.values())
