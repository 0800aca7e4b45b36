"""Constraints at work on a table: do they fit its columns, and which rows keep them?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from ..errors import SchemaError
from .codes.family import round_count
from .constraints import LENGTHS, Comparison, Constraint, Term
from .contradiction import refuse_contradictions
from .lists import cells_of, check_list, in_group, in_list, in_rate, is_list, list_allowed
from .quantities import dimension, is_zone, last_digit, part_of, quantity
from .saved import damaged, value_of
from .schema import Schema

__all__ = ["Rules", "check_constraints", "first_of_each", "refuse_broken"]

_FLOAT = 1e-9
"""Share of the size of its terms by which a sum of floats may be off."""
_LISTED = ("combinations", "cut", "rate")
"""Kinds of rules that need a list from the real rows."""
_NAMES = {"number": "numbers", "point": "dates", "span": "spans of time", "text": "texts"}


@dataclass(frozen=True, slots=True)
class Rules:
    """The constraints of a schema, ready to judge rows.

    allowed : per constraint the combinations that may be delivered, None where there is no such list. A combination
    is allowed if enough real rows hold it (`rare_below`); rare levels count together as the level "(rare)". Of a cut
    its edges and labels.

    A row with a null in a constraint's columns keeps it. Equalities allow for rounding: half a unit of the last
    decimal of the column that stands alone on one side, or, where none does, of each column in the sum.

    >>> from .constraints import parse_constraint
    >>> from .schema import Column
    >>> pair = Schema((Column("a", "integer", dtype="Int64"), Column("b", "integer", dtype="Int64")))
    >>> rows = pl.DataFrame({"a": [1, 5, None], "b": [2, 4, 3]})
    >>> Rules(pair, (parse_constraint("a <= b"),), (None,)).reasons(rows).to_list()
    [None, 'a <= b is not kept', None]
    """

    schema: Schema
    constraints: tuple[Constraint, ...]
    allowed: tuple[pl.DataFrame | None, ...]

    @classmethod
    def fit(cls, schema: Schema, real: pl.DataFrame) -> Rules:
        """Return the rules of the schema; the real rows say which combinations there are."""
        told = _judged(schema)
        return cls(schema, told, tuple(list_allowed(rule, real, schema) for rule in told))

    def joined(self, more: Iterable[Constraint]) -> Rules:
        """Return these rules and some more comparisons."""
        more = tuple(more)
        return Rules(self.schema, (*self.constraints, *more), (*self.allowed, *(None for _ in more)))

    def kept(self, frame: pl.DataFrame) -> list[pl.Series]:
        """Return one boolean series per constraint: which rows keep it."""
        cache: dict[Term, pl.Series] = {}
        return [
            self._keeps(rule, allowed, frame, cache)
            for rule, allowed in zip(self.constraints, self.allowed, strict=True)
        ]

    def all_kept(self, frame: pl.DataFrame) -> pl.Series:
        """Return which rows keep every constraint."""
        whole = pl.repeat(True, frame.height, dtype=pl.Boolean, eager=True)
        for kept in self.kept(frame):
            whole &= kept
        return whole

    def reasons(self, frame: pl.DataFrame) -> pl.Series:
        """Return per row the first constraint that it breaks, as a sentence; null where it keeps all."""
        reason = pl.Series("reason", [None] * frame.height, dtype=pl.String)
        for rule, kept in zip(self.constraints, self.kept(frame), strict=True):
            told = pl.repeat(f"{rule} is not kept", frame.height, dtype=pl.String, eager=True)
            reason = reason.zip_with(kept | reason.is_not_null(), told)
        return reason

    def _keeps(
        self, rule: Constraint, allowed: pl.DataFrame | None, frame: pl.DataFrame, cache: dict[Term, pl.Series]
    ) -> pl.Series:
        if rule.kind == "matches":
            text = frame[rule.columns[0]].cast(pl.String)
            return text.str.contains(f"^(?:{rule.text})$").fill_null(True)
        if rule.kind == "presence":
            return rule.presence.kept(frame, self.schema)
        if rule.kind == "cut" and allowed is not None:
            return in_group(rule, allowed, frame, self.schema)
        if rule.kind == "rate" and allowed is not None:
            return in_rate(rule, allowed, frame, self.schema)
        if allowed is not None:
            return in_list(cells_of(rule, frame, self.schema), allowed)
        whole = pl.repeat(True, frame.height, dtype=pl.Boolean, eager=True)
        for comparison in rule.comparisons:
            whole &= _compare(comparison, frame, self.schema, cache).fill_null(True)
        return whole

    def to_state(self) -> dict[str, Any]:
        """Return the lists as JSON values; the constraints themselves are the schema's."""
        return {"allowed": [None if one is None else one.to_dict(as_series=False) for one in self.allowed]}

    @classmethod
    def from_state(cls, schema: Schema, state: Mapping[str, Any]) -> Rules:
        """Return what `to_state` wrote for the rules of this schema; ModelFileError if it does not make sense."""
        rules, lists = _judged(schema), value_of(state, "allowed", list)
        if len(rules) != len(lists):
            raise damaged("allowed", "does not fit the constraints")
        for rule, one in zip(rules, lists, strict=True):
            fits = one is None if rule.kind not in _LISTED else is_list(one, rule)
            if not fits:
                raise damaged("allowed", f"does not fit {str(rule)[:60]!r}")
        frames = [None if one is None else pl.DataFrame(one, schema=dict.fromkeys(one, pl.String)) for one in lists]
        return cls(schema, rules, tuple(frames))


def _judged(schema: Schema) -> tuple[Constraint, ...]:
    """Return the constraints that a row keeps or breaks whatever the other rows are."""
    return tuple(rule for rule in schema.constraints if rule.kind in ("compare", "presence", "matches", *_LISTED))


def check_constraints(schema: Schema, constraints: Iterable[Constraint], where: str = "") -> None:
    """Raise SchemaError for an unknown column, for what cannot be compared, and for rules against each other."""
    constraints = tuple(constraints)
    for rule in constraints:
        for name in rule.columns:
            try:
                schema[name]
            except SchemaError as error:
                raise SchemaError(
                    f"{error.seen}, which the constraint {str(rule)!r} names", where=where, hint=error.hint
                ) from None
        if rule.kind in _LISTED:
            check_list(rule, schema, where)
        if rule.kind == "presence":
            rule.presence.check(schema, str(rule), where)
        for comparison in rule.comparisons:
            _check_types(rule, comparison, schema, where)
    refuse_contradictions(constraints, where)


def refuse_broken(schema: Schema, real: pl.DataFrame, where: str = "") -> None:
    """Raise SchemaError for the first constraint that the real rows themselves do not keep."""
    rules = Rules.fit(schema, real)
    for rule, kept in zip(rules.constraints, rules.kept(real), strict=True):
        broken = int((~kept).sum())
        if broken and rule.kind not in _LISTED:
            _refuse_broken(rule, broken, real.height, where)
        if rule.kind == "presence" and not rule.found and not rule.presence.holds(real, schema).any():
            seen = f"the constraint {str(rule)!r} is on values that no row of the real table has"
            raise SchemaError(seen, where=where, hint="correct the value after `where`, or drop the constraint")
    for rule in schema.constraints:
        if rule.kind == "unique":
            repeated = int(real.select(rule.columns).drop_nulls().is_duplicated().sum())
            if repeated:
                _refuse_broken(rule, repeated, real.height, where)


def first_of_each(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """Return the rows without those that repeat an earlier one where the schema says `unique`; nulls repeat nothing.

    >>> from .constraints import parse_constraint
    >>> from .schema import Column
    >>> schema = Schema((Column("a", "integer"),), constraints=(parse_constraint({"unique": ["a"]}),))
    >>> first_of_each(pl.DataFrame({"a": [3, 1, 3, None, None]}), schema)["a"].to_list()
    [3, 1, None, None]
    """
    for rule in schema.constraints:
        if rule.kind == "unique":
            first = pl.struct(rule.columns).is_first_distinct()
            frame = frame.filter(first | pl.any_horizontal(pl.col(rule.columns).is_null()))
    return frame


def _refuse_broken(rule: Constraint, broken: int, rows: int, where: str) -> None:
    raise SchemaError(
        f"the real table breaks the constraint {str(rule)!r} in {round_count(broken)} of {rows:,} rows",
        where=where,
        hint="drop the constraint, or take those rows out of the table",
    )


def _check_types(rule: Constraint, comparison: Comparison, schema: Schema, where: str) -> None:
    kinds: dict[str, str] = {}
    points = 0.0
    for term in comparison.terms:
        if term.quoted:
            continue
        kind: str = dimension(schema[term.name])
        if term.part in LENGTHS:
            if kind not in ("point", "span"):
                _refuse_types(rule, f"{term.name!r} holds no times, which would last {term.part}", where)
            kind = "number"
        elif term.part:
            if kind != "point":
                _refuse_types(rule, f"{term.name!r} has no {term.part}", where)
            kind = "point" if term.is_date else "number"
            zone = term.part.partition(" ")[2]
            if zone and not is_zone(zone):
                raise SchemaError(
                    f"the constraint {str(rule)!r} names a time zone {zone!r} that does not exist", where=where
                )
        kinds[term.name] = kind
        points += term.factor if kind == "point" else 0.0
    present = set(kinds.values())
    texts = [term for term in comparison.terms if term.quoted]
    times = present & {"point", "span"}
    if "text" in present:
        plain = len(comparison.terms) == 2 and not comparison.number and not comparison.micros
        if not plain or comparison.sign not in ("=", "!=") or present != {"text"}:
            odd = next(name for name, kind in kinds.items() if kind == "text")
            _refuse_types(rule, f"{odd!r} holds {schema[odd].kind} values, which can only be = or !=", where)
        return
    if times and ("number" in present or comparison.number):
        _refuse_types(rule, " and ".join(sorted(_NAMES[kind] for kind in present | {"number"})) + " are mixed", where)
    if not times and (comparison.micros or texts):
        _refuse_types(rule, "numbers and times are mixed", where)
    for term in texts:
        if _read_time(term.name) is None:
            _refuse_types(rule, f"{term.name!r} is no date like 2024-12-31 or 2024-12-31 18:00", where)
        points += term.factor
    if points:
        _refuse_types(rule, "a date compares with a date, or with a date and a span of time", where)


def _refuse_types(rule: Constraint, seen: str, where: str) -> None:
    raise SchemaError(
        f"the constraint {str(rule)!r} compares what does not compare: {seen}",
        where=where,
        hint="compare numbers with numbers, dates with dates, spans of time with spans of time",
    )


def _read_time(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return int((moment.replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds() * 1_000_000)


def _values(term: Term, frame: pl.DataFrame, schema: Schema, cache: dict[Term, pl.Series]) -> pl.Series:
    key = Term(1.0, term.name, term.part)
    if key not in cache:
        series, column = frame[term.name], schema[term.name]
        cache[key] = part_of(series, column, term.part) if term.part else quantity(series, column)
    return cache[key]


def _compare(comparison: Comparison, frame: pl.DataFrame, schema: Schema, cache: dict[Term, pl.Series]) -> pl.Series:
    columns = [(term, _values(term, frame, schema, cache)) for term in comparison.terms if not term.quoted]
    literals = [term for term in comparison.terms if term.quoted]
    if columns[0][1].dtype == pl.String:
        other = columns[1][1] if len(columns) > 1 else pl.lit(literals[0].name)
        same: pl.Series = pl.select(pl.lit(columns[0][1]) == other).to_series()
        return same if comparison.sign == "=" else ~same
    constant = comparison.number + comparison.micros + sum(_time_of(term) for term in literals)
    if not constant and sorted(term.factor for term, _ in columns) == [-1.0, 1.0] and comparison.sign != "=":
        (right, left) = (values for _, values in sorted(columns, key=lambda pair: pair[0].factor))
        return {"<=": left <= right, "<": left < right, "!=": left != right}[comparison.sign]
    total = pl.Series([float(constant)]).new_from_index(0, frame.height)
    slack = total.abs()
    for term, values in columns:
        part = values.cast(pl.Float64) * term.factor
        total, slack = total + part, slack + part.abs()
    slack = slack * _FLOAT
    if comparison.sign in ("=", "!="):
        same = total.abs() <= slack + _rounding(comparison, schema)
        return same if comparison.sign == "=" else ~same
    return total <= slack if comparison.sign == "<=" else total < -slack


def _time_of(term: Term) -> float:
    return term.factor * (_read_time(term.name) or 0)


def _rounding(comparison: Comparison, schema: Schema) -> float:
    """Return by how much an equality may be off because its columns are rounded."""
    if comparison.defined:
        return last_digit(schema[comparison.defined]) / 2
    columns = [term for term in comparison.terms if not term.quoted]
    whole = all(schema[term.name].kind == "integer" and term.factor.is_integer() for term in columns)
    return 0.0 if whole else sum(abs(term.factor) * last_digit(schema[term.name]) / 2 for term in columns)
