"""Rules between columns as a person writes them under `constraints:` in schema.yaml, read into plain values.

    start <= end                          low < mid <= high            end <= start + 3 days
    total = net + tax                     a + b + c = 1                month = month(sold)
    minutes = minutes(took)               nights = days(left) - days(came)
    unique: [shop, receipt]               matches: {column: code, pattern: 'A\\d{3}'}
    combinations: [country, currency]     found: total = net + tax     found: none
    arr_delay missing where arr_time missing (see `presence`)          cut: [age, age_group]
    rate: [country, net, total]           total is net times a rate that the country decides

A name with other signs than letters, digits, dots and underscores stands in backticks. `found:` marks what Simulacra
saw in the table itself; a list with such an entry is complete, and no more is searched for. `given_up:` marks one of
them that a run did not keep (`generate.strain`): the run that reads it decides again. Nothing here is evaluated:
`rules` does that, on the columns of a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from ..errors import SchemaError
from .presence import Presence, read_presence

__all__ = [
    "LENGTHS",
    "NOTHING",
    "PARTS",
    "Comparison",
    "Constraint",
    "Term",
    "constraint_to_plain",
    "parse_constraint",
    "quote",
    "searched",
    "withhold",
]

PARTS = ("year", "quarter", "month", "week", "day", "yearday", "weekday", "hour", "minute", "second", "date")
"""What can be taken out of a date: weekday is 1 for Monday to 7; date is the day of a datetime.

`hour(sold, 'Europe/Berlin')` is the hour on the clock of that zone; a column without a zone is taken for UTC then.
"""
LENGTHS = {"seconds": 10**6, "minutes": 60 * 10**6, "hours": 3_600 * 10**6, "days": 86_400 * 10**6}
"""How long a span of time is, or how long after 1970 a date, as a number: `nights = days(left) - days(came)`.

The microseconds that each counts.
"""
_MICROS = {"week": 7 * 86_400, "day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
_FLIPPED = {">": "<", ">=": "<="}
_BARE = r"[^\W\d][\w.]*"
_TOKEN = re.compile(
    rf"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|`(?P<ticked>[^`]+)`|(?P<name>{_BARE})"
    r"|(?P<quoted>'[^']*'|\"[^\"]*\")|(?P<sign><=|>=|==|!=|[-<>=+*/(),]))"
)
_PART_OF = re.compile(
    rf"(?P<part>{'|'.join(PARTS)})\((?:`(?P<ticked>[^`]+)`|(?P<name>{_BARE}))(?:, *'(?P<zone>[^']+)')?\)"
)
_HINT = "write e.g. start <= end, total = net + tax, low < mid <= high; odd names stand in `backticks`"


@dataclass(frozen=True, slots=True)
class Term:
    """factor times a column, a part of a date column (with its zone: "hour Europe/Berlin"), a length of time, or
    (quoted) a text or date that stands for itself.
    """

    factor: float
    name: str
    part: str = ""
    quoted: bool = False

    @property
    def is_date(self) -> bool:
        """Whether it is the day of a datetime."""
        return self.part.split(" ")[0] == "date"


@dataclass(frozen=True, slots=True)
class Comparison:
    """sum of terms + number + micros (spans of time, in microseconds) compared with zero.

    sign : "<=", "<", "=" or "!=". defined : the column that stands alone on one side of an equality, else "".
    """

    terms: tuple[Term, ...]
    number: float
    micros: float
    sign: str
    defined: str = ""


@dataclass(frozen=True, slots=True)
class Constraint:
    """One rule. Equal constraints are written alike.

    kind : "compare", "presence", "unique", "matches", "combinations", "cut", "rate", "nothing", or "withheld".
    text : the expression of "compare", the sentence of "presence", the pattern of "matches", of "combinations" the part
    of a date that its first column is taken for, if any. found : seen in the table, not told by a person.
    why : the reason for a found one, in a sentence.
    """

    kind: Literal["compare", "presence", "unique", "matches", "combinations", "cut", "rate", "nothing", "withheld"]
    columns: tuple[str, ...]
    text: str = ""
    comparisons: tuple[Comparison, ...] = ()
    found: bool = False
    why: str = ""

    def __str__(self) -> str:
        if self.kind in ("compare", "presence"):
            return self.text
        if self.kind == "matches":
            return f"{self.columns[0]} matches {self.text}"
        return f"{self.kind}: {', '.join(self.listed)}"

    @property
    def listed(self) -> list[str]:
        """The columns of a list as it writes them: `weekday(sold)` for a part of a date."""
        if self.kind != "combinations" or not self.text:
            return list(self.columns)
        part, _, zone = self.text.partition(" ")
        inside = quote(self.columns[0]) + (f", '{zone}'" if zone else "")
        return [f"{part}({inside})", *self.columns[1:]]

    @property
    def presence(self) -> Presence:
        """What a rule of the kind "presence" says."""
        found = read_presence(self.text)
        assert found is not None
        return found


NOTHING = Constraint("nothing", (), found=True)
"""Stands where a search found nothing, so that it is not made again."""


def searched(rules: Iterable[Constraint]) -> tuple[Constraint, ...]:
    """Return the rules as a complete list: where none of them was found, `NOTHING` says that the search was made.

    >>> searched([]) == (NOTHING,) == searched([NOTHING])
    True
    """
    rules = tuple(rules)
    return rules if any(rule.found for rule in rules) else (*rules, NOTHING)


def withhold(rule: Constraint) -> Constraint:
    """Return what stands for a found rule that names a rare value: its columns alone; the search finds it again."""
    return Constraint("withheld", tuple(dict.fromkeys(rule.columns)), found=True)


def parse_constraint(written: Any, *, where: str = "") -> Constraint:
    """Return the constraint that a text or a mapping of one entry describes; SchemaError if it is none.

    >>> parse_constraint("low < mid <= high").columns
    ('low', 'mid', 'high')
    >>> parse_constraint({"unique": ["shop", "receipt"]}).kind
    'unique'
    """
    if isinstance(written, str):
        presence = read_presence(written)
        if presence is not None:
            return Constraint("presence", (presence.column, presence.other), written.strip())
        return _Expression(written, where).read()
    if not isinstance(written, Mapping) or len(written) != 1:
        raise SchemaError(f"{written!r} is not a constraint", where=where, hint=_HINT)
    ((kind, value),) = written.items()
    if kind in ("found", "given_up"):
        return NOTHING if value in ("none", None) else replace(parse_constraint(value, where=where), found=True)
    if kind == "withheld":
        if not _is_names(value):
            raise SchemaError("withheld needs a list of columns", where=where, hint="write found: {withheld: [a, b]}")
        return Constraint("withheld", tuple(value), found=True)
    if kind in ("unique", "combinations"):
        fewest = 1 if kind == "unique" else 2
        if not _is_names(value) or len(value) < fewest:
            seen = f"{kind} needs a list of {fewest} or more columns"
            raise SchemaError(seen, where=where, hint=f"write {kind}: [first, second]")
        return _listed(kind, value)
    if kind == "cut":
        if not _is_names(value) or len(value) != 2:
            raise SchemaError("cut needs a number and its groups", where=where, hint="write cut: [age, age_group]")
        return Constraint(kind, tuple(value))
    if kind == "rate":
        if not _is_names(value) or len(value) != 3:
            seen = "rate needs a category, a number, and the number that is a multiple of it"
            raise SchemaError(seen, where=where, hint="write rate: [country, net, total]")
        return Constraint(kind, tuple(value))
    if kind == "matches":
        return _matches(value, where)
    raise SchemaError(
        f"there is no constraint {kind!r}",
        where=where,
        hint="known are: unique, matches, combinations, cut, rate, found, given_up",
    )


def constraint_to_plain(constraint: Constraint) -> Any:
    """Return the text or mapping that `parse_constraint` reads back."""
    plain: Any = constraint.text
    if constraint.kind == "nothing":
        return {"found": "none"}
    if constraint.kind == "matches":
        plain = {"matches": {"column": constraint.columns[0], "pattern": constraint.text}}
    elif constraint.kind not in ("compare", "presence"):
        plain = {constraint.kind: constraint.listed}
    return {"found": plain} if constraint.found else plain


def quote(name: str) -> str:
    """Return a column's name as an expression writes it.

    >>> quote("net"), quote("capital gain")
    ('net', '`capital gain`')
    """
    return name if re.fullmatch(_BARE, name) else f"`{name}`"


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value) and len(set(value)) == len(value)


def _listed(kind: Literal["unique", "combinations"], names: list[str]) -> Constraint:
    """Return the rule on a list of columns, the first of which may stand as a part of a date."""
    first = _PART_OF.fullmatch(names[0]) if kind == "combinations" else None
    if first is None:
        return Constraint(kind, tuple(names))
    part = first["part"] + (f" {first['zone']}" if first["zone"] else "")
    return Constraint(kind, (first["ticked"] or first["name"], *names[1:]), part)


def _matches(value: Any, where: str) -> Constraint:
    if not isinstance(value, Mapping) or set(value) != {"column", "pattern"}:
        hint = r"write matches: {column: code, pattern: 'A\d{3}'}"
        raise SchemaError("matches needs a column and a pattern", where=where, hint=hint)
    column, pattern = str(value["column"]), str(value["pattern"])
    try:
        re.compile(pattern)
    except re.error as error:
        raise SchemaError(f"the pattern {pattern!r} is no regular expression ({error.msg})", where=where) from error
    return Constraint("matches", (column,), pattern)


class _Sum:
    """Terms and constants collected while an expression is read."""

    def __init__(self) -> None:
        self.terms: dict[tuple[str, str, bool], float] = {}
        self.number = self.micros = 0.0

    def add(self, other: _Sum, factor: float) -> _Sum:
        for key, value in other.terms.items():
            self.terms[key] = self.terms.get(key, 0.0) + factor * value
        self.number += factor * other.number
        self.micros += factor * other.micros
        return self

    @property
    def is_number(self) -> bool:
        return not self.terms and not self.micros

    def alone(self) -> str:
        """Return the column if this is one column and nothing else."""
        if len(self.terms) != 1 or self.number or self.micros:
            return ""
        (((name, part, quoted), factor),) = self.terms.items()
        return name if factor == 1 and not part and not quoted else ""


class _Expression:
    """A reader of `sum sign sum [sign sum ...]`, without recursion but for brackets."""

    def __init__(self, text: str, where: str) -> None:
        self.text, self.where = text.strip(), where
        self.tokens: list[tuple[str, str]] = []
        self.at = 0

    def read(self) -> Constraint:
        self._split()
        sums, signs = [self._sum(0)], []
        while self._is("<", "<=", ">", ">=", "=", "==", "!="):
            signs.append(self._next()[1].replace("==", "="))
            sums.append(self._sum(0))
        if not signs or self.at < len(self.tokens):
            self._refuse()
        comparisons = tuple(_compare(sums[i], sign, sums[i + 1]) for i, sign in enumerate(signs))
        names = dict.fromkeys(term.name for part in comparisons for term in part.terms if not term.quoted)
        if not names or not all(part.terms for part in comparisons):
            raise SchemaError(f"the constraint {self.text!r} names no column", where=self.where, hint=_HINT)
        return Constraint("compare", tuple(names), self.text, comparisons)

    def _split(self) -> None:
        place = 0
        while place < len(self.text):
            match = _TOKEN.match(self.text, place)
            if match is None:
                self._refuse(self.text[place:].strip())
            assert match is not None
            self.tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
            place = match.end()

    def _is(self, *signs: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at] in [("sign", sign) for sign in signs]

    def _next(self) -> tuple[str, str]:
        if self.at >= len(self.tokens):
            self._refuse()
        self.at += 1
        return self.tokens[self.at - 1]

    def _sum(self, depth: int) -> _Sum:
        total, factor = _Sum(), 1.0
        if self._is("+", "-"):
            factor = -1.0 if self._next()[1] == "-" else 1.0
        total.add(self._product(depth), factor)
        while self._is("+", "-"):
            factor = -1.0 if self._next()[1] == "-" else 1.0
            total.add(self._product(depth), factor)
        return total

    def _product(self, depth: int) -> _Sum:
        total = self._single(depth)
        while self._is("*", "/"):
            sign, other = self._next()[1], self._single(depth)
            if sign == "*" and total.is_number:
                total, other = other, total
            if not other.is_number or (sign == "/" and not other.number):
                self._refuse()
            total = _Sum().add(total, other.number if sign == "*" else 1 / other.number)
        return total

    def _single(self, depth: int) -> _Sum:
        kind, text = self._next()
        made = _Sum()
        if kind == "number":
            self._number(float(text), made)
        elif kind == "sign" and text == "(" and depth < 20:
            made = self._sum(depth + 1)
            self._close()
        elif kind == "quoted":
            made.terms[(text[1:-1], "", True)] = 1.0
        elif kind == "name" and (text in PARTS or text in LENGTHS) and self._is("("):
            self._next()
            inner, name = self._next()
            if inner not in ("name", "ticked"):
                self._refuse()
            made.terms[(name, text + ("" if text in LENGTHS else self._zone()), False)] = 1.0
            self._close()
        elif kind in ("name", "ticked"):
            made.terms[(text, "", False)] = 1.0
        else:
            self._refuse()
        return made

    def _zone(self) -> str:
        """Return what a part of a date adds to its name: the zone, if there is one after a comma."""
        if not self._is(","):
            return ""
        self._next()
        kind, text = self._next()
        if kind != "quoted":
            self._refuse()
        return " " + text[1:-1]

    def _number(self, value: float, made: _Sum) -> None:
        """A number, or a span of time where a unit follows it."""
        following = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        unit = following[1].removesuffix("s")
        if following[0] == "name" and unit in _MICROS:
            self.at += 1
            made.micros = value * _MICROS[unit] * 1e6
        else:
            made.number = value

    def _close(self) -> None:
        if not self._is(")"):
            self._refuse()
        self.at += 1

    def _refuse(self, rest: str = "") -> None:
        near = rest or " ".join(text for _, text in self.tokens[max(0, self.at - 1) :])
        seen = f"the constraint {self.text!r} cannot be read" + (f" at {near[:30]!r}" if near else "")
        raise SchemaError(seen, where=self.where, hint=_HINT)


def _compare(left: _Sum, sign: str, right: _Sum) -> Comparison:
    defined = (left.alone() or right.alone()) if sign == "=" else ""
    if sign in _FLIPPED:
        left, sign, right = right, _FLIPPED[sign], left
    whole = _Sum().add(left, 1.0).add(right, -1.0)
    terms = tuple(Term(factor, *key) for key, factor in whole.terms.items() if factor)
    return Comparison(terms, whole.number, whole.micros, sign, defined)
