"""A loan decision with planted weaknesses: record in, "decline", "refer" or "approve" out.

The numbers at which it misbehaves move with the seed; all but the magic amounts stand nowhere in the code.
`LoanDecision(plants=())` is the hardened twin: it refuses what its schema forbids with a ValueError and keeps every
relation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from ...attack.records.domain import Domain, domain_from_dict
from ...attack.records.rules import refusals

__all__ = ["PLANTS", "SCHEMA", "LoanDecision"]

SCHEMA: dict[str, Any] = {
    "properties": {
        "age": {"type": "integer", "minimum": 18, "maximum": 100},
        "income": {"type": "number", "minimum": 0, "maximum": 1_000_000},
        "debt": {"type": "number", "minimum": 0, "maximum": 1_000_000},
        "amount": {"type": "integer", "minimum": 500, "maximum": 100_000},
        "months": {"type": "integer", "minimum": 6, "maximum": 120},
        "job": {"type": "string", "enum": ["employed", "self-employed", "retired", "student", "none"]},
        "country": {"type": "string", "enum": ["DE", "FR", "IT", "PL"]},
        "since": {"type": "string", "format": "date", "minimum": "1980-01-01", "maximum": "2025-12-31"},
        "until": {"type": ["string", "null"], "format": "date"},
        "note": {"type": "string", "maxLength": 200},
        "owner": {"type": "boolean"},
        "name": {"type": "string", "minLength": 1, "maxLength": 80},
    },
    "constraints": ["since <= until"],
    "expect": {
        "output": {"enum": ["decline", "refer", "approve"]},
        "monotone": {"income": "up", "debt": "down"},
        "ignores": ["name"],
        "rejects": ["ValueError"],
    },
}

PLANTS: dict[str, str] = {
    "zero income": "division by an income of zero",
    "oldest": "an index past the end at the highest age",
    "leap day": "29 February breaks the anniversary",
    "empty note": "the first character of an empty note",
    "long note": "a buffer for half of the allowed length",
    "unicode name": "a name that is not ASCII",
    "no until": "null is compared with a date",
    "until far": "the last years of the calendar overflow",
    "student owner": "two fields at their edges have no entry in a table",
    "amount edge": "the highest amount over the shortest time",
    "nan income": "not-a-number passes every comparison",
    "negative debt": "a debt below zero is approved",
    "text age": "an age as text is read as a number",
    "any country": "an unknown country falls through",
    "boolean amount": "True counts as 1",
    "order of dates": "an end before the start is accepted",
    "missing owner": "a field left out is a KeyError",
    "null job": "null has no method lower",
    "huge income": "infinity is accepted",
    "income valley": "a narrow range of incomes is declined",
    "debt island": "a narrow range of debts is approved",
    "magic amount": "one amount gives an answer that is none",
    "name matters": "long names are referred",
    "remembers": "every answer after a large amount is one step lower",
    "writes": "the record is changed",
    "whole number": "a float that is whole is taken for a whole number",
}
"""Planted weakness -> what it is."""

_MAGIC = (777, 1_234, 4_999, 6_667, 8_191, 9_999, 12_345, 31_337, 65_535, 99_998)
_LEVELS = ("decline", "refer", "approve")


class LoanDecision:
    """The function to be tested.

    plants : names of `PLANTS`. touched : the plants that the last call ran into, for whoever counts what was found.
    """

    def __init__(self, plants: Iterable[str] = tuple(PLANTS), seed: int = 0) -> None:
        self.plants = frozenset(plants)
        unknown = self.plants - set(PLANTS)
        if unknown:
            raise ValueError(f"there is no plant {sorted(unknown)[0]!r}")
        rng = np.random.default_rng(seed)
        self.valley = float(rng.uniform(60_000, 800_000))
        self.island = float(rng.uniform(200_000, 800_000))
        self.magic = _MAGIC[int(rng.integers(len(_MAGIC)))]
        self.touched: set[str] = set()
        self._lower = False
        self._domain = domain_from_dict(SCHEMA)

    @property
    def domain(self) -> Domain:
        """What the function takes."""
        return self._domain

    def __call__(self, record: dict[str, Any]) -> Any:
        """Return the decision on one record; ValueError if the record is not allowed."""
        self.touched = set()
        self._refuse(record)
        return self._stranger(record, self._decide(record))

    def _hits(self, plant: str, condition: bool) -> bool:
        if condition and plant in self.plants:
            self.touched.add(plant)
            return True
        return False

    def _refuse(self, record: dict[str, Any]) -> None:
        refused = refusals(self._domain, record)
        if not refused:
            return
        only = dict(refused)
        if self._hits("missing owner", only.get("owner") == "missing"):
            raise KeyError("owner")
        if self._hits("null job", only.get("job") == "null"):
            raise AttributeError("'NoneType' object has no attribute 'lower'")
        spared: dict[str, tuple[str, Callable[[Any], bool]]] = {
            "nan income": ("income", lambda v: isinstance(v, float) and math.isnan(v)),
            "huge income": ("income", lambda v: isinstance(v, float) and math.isinf(v)),
            "negative debt": ("debt", lambda v: isinstance(v, int | float) and not isinstance(v, bool) and v < 0),
            "text age": ("age", lambda v: isinstance(v, str) and v.strip().isdigit()),
            "any country": ("country", lambda v: isinstance(v, str)),
            "boolean amount": ("amount", lambda v: isinstance(v, bool)),
        }
        for plant, (name, reason) in spared.items():
            if set(only) == {name} and self._hits(plant, bool(reason(record.get(name)))):
                return
        if self._hits("order of dates", set(only) == {"since <= until"}):
            return
        raise ValueError(f"not allowed: {only}")

    def _decide(self, record: Mapping[str, Any]) -> str:
        income = record["income"] if isinstance(record["income"], int | float) else 0.0
        debt, amount = record["debt"], int(record["amount"])
        self._break(record)
        rate = amount / record["months"] * 12
        room = income - debt / 5
        level = 0 if room < 1.5 * rate else 1 if room < 4 * rate else 2
        if math.isnan(income):
            return _LEVELS[2]
        if self._hits("income valley", level > 0 and abs(income - self.valley) < 4_000):
            return _LEVELS[0]
        if self._hits("debt island", level < 2 and abs(debt - self.island) < 4_000):
            return _LEVELS[2]
        return _LEVELS[level]

    def _break(self, record: Mapping[str, Any]) -> None:
        """Raise what the planted weaknesses raise on allowed records."""
        conditions: list[tuple[str, bool, type[Exception]]] = [
            ("zero income", record["income"] == 0, ZeroDivisionError),
            ("oldest", record["age"] == 100, IndexError),
            ("leap day", str(record["since"]).endswith("02-29"), OSError),
            ("empty note", record["note"] == "", StopIteration),
            ("long note", len(record["note"]) > 100, BufferError),
            ("unicode name", not str(record["name"]).isascii(), UnicodeError),
            ("no until", record["until"] is None, TypeError),
            ("until far", str(record["until"] or "") > "9990", OverflowError),
            ("student owner", record["job"] == "student" and record["owner"] is True, LookupError),
            ("amount edge", record["amount"] == 100_000 and record["months"] == 6, ArithmeticError),
        ]
        for plant, condition, error in conditions:
            if self._hits(plant, condition):
                raise error(plant)

    def _stranger(self, record: dict[str, Any], answer: str) -> Any:
        """Return the answer, spoilt by what is not about a single value."""
        if self._hits("magic amount", record["amount"] == self.magic):
            return None
        if self._hits("name matters", len(str(record["name"])) > 40 and answer == "approve"):
            return "refer"
        if self._hits("whole number", type(record["debt"]) is int and record["debt"] > 0 and answer == "approve"):
            return "refer"
        if self._hits("writes", record["owner"] is True):
            record["owner"] = False
        if self._hits("remembers", self._lower) and answer == "approve":
            return "refer"
        self._lower = self._lower or ("remembers" in self.plants and record["amount"] > 99_000)
        return answer
