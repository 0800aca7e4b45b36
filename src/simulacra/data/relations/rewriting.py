"""Relations kept exactly: the table is rewritten before it is coded, so that a rule cannot be broken afterwards.

What others determine is left out and computed again; of two columns in order one is held as its distance from the
other, or drawn values are put in order; a column that sometimes equals another gets a second one that says so.
What cannot be rewritten stays as it is and is left to whoever draws the rows again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from ..codes.category import RARE
from ..constraints import Constraint, parse_constraint, quote
from ..quantities import dimension, quantity
from ..rules import check_constraints
from ..saved import damaged, value_of
from ..schema import Column, Schema
from .absent import Absent
from .clock import Clock
from .joint import Joint
from .label import Label
from .lookup import Lookup
from .pairs import nearly_decided
from .rated import Rated, last_first
from .restore import style_of
from .sketch import holding, take_rows
from .sometimes import find_sometimes
from .steps import Derived, Gap, Same, Sorted, Step

__all__ = ["Rewriting"]

_KINDS: dict[str, Any] = {
    step.kind: step for step in (Absent, Clock, Derived, Gap, Joint, Label, Lookup, Rated, Same, Sorted)
}
_NAMED = ("combinations", True)
"""Kind of the rules on a part of a date and its names, and that they have such a part."""
NARROW = 0.5
"""A distance that spreads less than so much of the column itself is worth learning in its place."""


@dataclass(frozen=True, slots=True)
class Rewriting:
    """The way of a table to what is coded, and back.

    schema : of the table. steps : in the order in which they go forward; backward they go in reverse.
    guards : what rows must keep besides the rules, so that what is computed stays in its domain.

    >>> from ..constraints import parse_constraint
    >>> table = pl.DataFrame({"a": [1, 2, 3], "b": [4, 5, 7], "total": [5, 7, 10]})
    >>> rule = parse_constraint("total = a + b")
    >>> columns = tuple(Column(name, "integer", dtype="Int64") for name in table.columns)
    >>> rewriting = Rewriting.fit(table, Schema(columns, constraints=(rule,)))
    >>> rewriting.forward(table).columns, rewriting.backward(rewriting.forward(table)).equals(table)
    (['a', 'b'], True)
    """

    schema: Schema
    steps: tuple[Step, ...] = ()
    guards: tuple[Constraint, ...] = ()

    @classmethod
    def fit(cls, frame: pl.DataFrame, schema: Schema) -> Rewriting:
        """Return the rewriting for the rules of the schema that all rows keep."""
        rules = [rule for rule in schema.constraints if rule.kind == "compare"]
        rules = holding(rules, frame, schema)
        work = _Work(frame, schema)
        work.absences([rule for rule in schema.constraints if rule.kind == "presence"])
        rates = last_first([rule for rule in schema.constraints if rule.kind == "rate"])
        labels = [rule for rule in schema.constraints if rule.kind == "cut" or (rule.kind, bool(rule.text)) == _NAMED]
        groups = {rule.columns[0] for rule in rates}
        work.labels([rule for rule in labels if rule.columns[-1] not in groups])
        equal = [rule for rule in rules if len(rule.comparisons) == 1 and rule.comparisons[0].sign == "="]
        hours = [rule for rule in equal if _hour_of(rule) and _only_parts(rule, rules)]
        work.equalities([rule for rule in equal if rule not in hours])
        work.equalities([rule for rule in hours if not work.hour(rule)])
        work.rates(rates)  # before what computes their groups, so that on the way back they come after it
        work.labels([rule for rule in labels if rule.columns[-1] in groups])
        work.functions([rule for rule in schema.constraints if rule.kind == "combinations" and not rule.text])
        for rule in rules:
            work.order(rule)
        work.clocks(rules)
        work.sometimes()
        return cls(schema.without_counts(), tuple(work.steps), tuple(work.guards))

    @property
    def inner(self) -> Schema:
        """The columns of the rewritten table."""
        columns = {column.name: column for column in self.schema}
        for step in self.steps:
            columns = step.rewrite(columns)
        target = self.schema.target if self.schema.target in columns else None
        return Schema(tuple(columns.values()), target)

    def forward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table to be coded."""
        for step in self.steps:
            frame = step.forward(frame)
        return frame.select(self.inner.names)

    def backward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table with the schema's columns; row by row."""
        for step in reversed(self.steps):
            frame = step.backward(frame)
        return frame.select(self.schema.names)

    def to_state(self) -> dict[str, Any]:
        """Return JSON values from which `from_state` makes the same rewriting."""
        steps = [{"kind": step.kind, **step.to_state()} for step in self.steps]
        return {"steps": steps, "guards": [rule.text for rule in self.guards]}

    @classmethod
    def from_state(cls, schema: Schema, state: Mapping[str, Any]) -> Rewriting:
        """Return what `to_state` wrote; ModelFileError if it does not make sense or asks for what is not there."""
        columns, current = {column.name: column for column in schema}, {column.name: column for column in schema}
        steps = []
        for part in value_of(state, "steps", list):
            if not isinstance(part, dict) or str(part.get("kind")) not in _KINDS:
                raise damaged("steps", "has a step of no known kind")
            step: Step = _KINDS[str(part["kind"])].from_state(part, columns)
            if not _needs(step) <= set(current):
                raise damaged("steps", "uses a column that is gone")
            current = step.rewrite(current)
            steps.append(step)
        guards = tuple(parse_constraint(text) for text in value_of(state, "guards", list))
        check_constraints(schema, guards)
        return cls(schema, tuple(steps), guards)


def _needs(step: Step) -> set[str]:
    if isinstance(step, Derived):
        return {column.name for column in step.columns}
    if isinstance(step, Gap):
        return {step.anchor.name, step.moved.name}
    if isinstance(step, Lookup):
        return {step.code.name, step.label.name}
    if isinstance(step, Clock):
        return {step.column.name, *([] if step.hour is None else [step.hour.name])}
    if isinstance(step, Label):
        return {step.source.name, step.label.name}
    if isinstance(step, Joint):
        return {step.one.name, step.other.name, step.label.name}
    if isinstance(step, Rated):
        return {step.group.name, step.base.name, step.target.name}
    if isinstance(step, Same):
        return {step.column.name, *(source.name for source in step.sources)}
    return {column.name for column in step.columns} if isinstance(step, Sorted) else set()


class _Work:
    """A rewriting in the making: `free` are the columns that still stand as they are in the table."""

    def __init__(self, frame: pl.DataFrame, schema: Schema) -> None:
        self.frame, self.schema = frame, schema
        self.free = {column.name: column for column in schema if "`" not in column.name}
        self.steps: list[Step] = []
        self.guards: list[Constraint] = []
        self._widths: dict[str, float] = {}
        self.rated = {name for rule in schema.constraints if rule.kind == "rate" for name in rule.columns[1:]}

    def absences(self, rules: list[Constraint]) -> None:
        """Take away, after all else is put back, the values that rules on missing cells forbid."""
        if rules:
            self.steps.append(Absent(tuple(rules), self.schema.columns))

    def equalities(self, rules: list[Constraint]) -> None:
        """Drop one column for each equality; first those that no other equality needs."""
        rules = list(rules)
        while rules:
            chosen, target = next(_loose(rules, self._targets), (rules[0], ""))
            for name in [target] if target else self._targets(chosen):
                if self._derive(chosen, name):
                    break
            rules.remove(chosen)

    def _targets(self, rule: Constraint) -> list[str]:
        """Return the columns that can be computed; numbers of rates last, of a sum of equals the widest first: a
        narrow one would be made of the errors of the others.
        """
        names = sorted(_targets(rule), key=lambda name: name in self.rated)
        if rule.comparisons[0].defined in names:
            return names
        for name in names:
            if name not in self._widths:
                self._widths[name] = _spread(quantity(self.frame[name], self.schema[name]))
        return sorted(names, key=lambda name: -self._widths[name])

    def _derive(self, rule: Constraint, target: str) -> bool:
        """Drop the target if the rule gives it back in all rows, missing values among them."""
        if len(rule.columns) < 2 or not set(rule.columns) <= set(self.free):
            return False
        column, others = self.free[target], [self.free[name] for name in rule.columns if name != target]
        if dimension(column) == "text" and (len(others) != 1 or others[0].dtype != column.dtype):
            return False
        there = self.frame.select(
            pl.col(target).is_not_null().alias("target"),
            pl.all_horizontal(pl.col([other.name for other in others]).is_not_null()).alias("others"),
        )
        if (there["target"] & ~there["others"]).any():
            return False
        gaps = bool((there["others"] & ~there["target"]).any())
        used = tuple(self.free[name] for name in rule.columns)
        step = Derived(column, rule.text, used, style_of(self.frame[target], column), gaps)
        if len(others) > 1 or rule.comparisons[0].number:
            self._guard(column)
        self._take(step, target)
        return True

    def _guard(self, column: Column) -> None:
        """What is computed must not fall below zero where no real value does."""
        low = quantity(self.frame[column.name], column).min()
        if dimension(column) == "number" and isinstance(low, (int, float)) and low >= 0:
            self.guards.append(parse_constraint(f"{quote(column.name)} >= 0"))

    def labels(self, rules: list[Constraint]) -> None:
        """Compute groups that are a cut of a number, and names of parts of a date."""
        for rule in rules:
            if len(rule.columns) == 2 and set(rule.columns) <= set(self.free):
                source, label = (self.free[name] for name in rule.columns)
                step = Label.fit(self.frame, rule, source, label)
                if step is not None:
                    self._take(step, label.name)

    def functions(self, rules: list[Constraint]) -> None:
        """Look up the second column of each pair whose first one decides it, or the other way round."""
        for rule in rules:
            if len(rule.columns) == 3 and set(rule.columns) <= set(self.free):
                three = (self.free[name] for name in rule.columns)
                joint = Joint.fit(self.frame, *three) if nearly_decided(self.frame, rule.columns) else None
                self.steps += [joint] if joint is not None else []
            if len(rule.columns) != 2 or not set(rule.columns) <= set(self.free):
                continue
            for code, label in (rule.columns, rule.columns[::-1]):
                step = self._lookup(self.free[code], self.free[label])
                if step is not None:
                    self._take(step, label)
                    self.free.pop(code) if step.as_levels else None
                    break

    def _lookup(self, code: Column, label: Column) -> Lookup | None:
        made_up = any(column.personal or column.kind in ("text", "identifier") for column in (code, label))
        if made_up or code.kind in ("real", "datetime", "duration") or self.frame[code.name].null_count():
            return None
        if self.frame[code.name].cast(pl.String).eq(RARE).any():
            return None
        pairs = self.frame.select(code.name, label.name).unique()
        return Lookup.fit(self.frame, code, label) if pairs[code.name].n_unique() == pairs.height else None

    def rates(self, rules: list[Constraint]) -> None:
        """Compute what is another number times a rate, where the three columns stand as they are."""
        for rule in rules:
            if set(rule.columns) <= set(self.free):
                group, base, target = (self.free[name] for name in rule.columns)
                step = Rated.fit(self.frame, (group, base, target))
                if step is not None:
                    self._take(step, target.name)

    def order(self, rule: Constraint) -> None:
        """Hold the larger column of each pair as its distance, or have the pair put in order."""
        pairs = [pair for comparison in rule.comparisons for pair in _in_order(comparison.terms, comparison)]
        sort: list[str] = []
        for low, high in reversed(pairs):
            if not {low, high} <= set(self.free):
                continue
            step = self._gap(self.free[low], self.free[high])
            if step is not None:
                self._take(step, step.moved.name)
            elif self._sortable(self.free[low], self.free[high]):
                self.steps.append(Sorted((self.free[low], self.free[high])))
                sort += [low, high]
        chain = list(dict.fromkeys(name for pair in pairs for name in pair if name in sort))
        if len(chain) > 2 and all(self.free[name].dtype == self.free[chain[0]].dtype for name in chain):
            self.steps = [step for step in self.steps if not (isinstance(step, Sorted) and _needs(step) <= set(chain))]
            self.steps.append(Sorted(tuple(self.free[name] for name in chain)))

    def _gap(self, low: Column, high: Column) -> Gap | None:
        """Return the step if one column is missing only where the other is too, and the distance is narrow."""
        if dimension(low) != dimension(high) or dimension(low) == "text" or _finer(low, high):
            return None
        absent = [self.frame[column.name].is_null() for column in (low, high)]
        upwards = not (absent[0] & ~absent[1]).any()
        if not upwards and (absent[1] & ~absent[0]).any():
            return None
        anchor, moved = (low, high) if upwards else (high, low)
        small, large = (quantity(take_rows(self.frame)[c.name], c).cast(pl.Float64) for c in (low, high))
        narrow = _spread(large - small) < NARROW * min(_spread(small), _spread(large))
        style = style_of(self.frame[moved.name], moved)
        return Gap(anchor, moved, upwards, style) if narrow else None

    def _sortable(self, low: Column, high: Column) -> bool:
        alike = (low.dtype, low.decimals, low.kind, low.format) == (high.dtype, high.decimals, high.kind, high.format)
        return alike and dimension(low) != "text"

    def hour(self, rule: Constraint) -> bool:
        """Code a time by its day where its hour stands in another column, which tells more to those drawn after it."""
        time, zone, hour = _hour_of(rule) or ("", "", "")
        if not {time, hour} <= set(self.free):
            return False
        step = Clock.of_hours(self.frame, self.free[time], zone, self.free[hour])
        if step is not None:
            self._take(step, time)
            del self.free[hour]
        return step is not None

    def clocks(self, rules: list[Constraint]) -> None:
        """Code a time by the clock on which other columns tell its parts."""
        for term in (term for rule in rules for comparison in rule.comparisons for term in comparison.terms):
            zone, column = term.part.partition(" ")[2], self.free.get(term.name)
            if zone and column is not None and column.dtype.startswith("Datetime"):
                self._take(Clock(column, zone), term.name)

    def sometimes(self) -> None:
        """Give a second column to what sometimes equals another, where both stand as they are."""
        sources: dict[str, list[Column]] = {}
        columns = tuple(self.free[name] for name in self.schema.names if name in self.free)
        for relation in find_sometimes(take_rows(self.frame), Schema(columns)):
            sources.setdefault(relation.columns[1], []).append(self.free[relation.columns[0]])
        for name, found in sources.items():
            if f"{name} = ?" not in self.schema.names:
                style = style_of(self.frame[name], self.free[name])
                self.steps.append(Same(self.free[name], tuple(found), style))

    def _take(self, step: Step, name: str) -> None:
        self.steps.append(step)
        del self.free[name]


def _hour_of(rule: Constraint) -> tuple[str, str, str] | None:
    """Return (time, zone, hour) of a rule `hour = hour(time, 'zone')`, None for any other."""
    comparison = rule.comparisons[0]
    parts = [term for term in comparison.terms if term.part.split(" ")[0] == "hour"]
    plain = len(comparison.terms) == 2 and comparison.defined and not comparison.number and len(parts) == 1
    return (parts[0].name, parts[0].part.partition(" ")[2], comparison.defined) if plain else None


def _only_parts(rule: Constraint, rules: list[Constraint]) -> bool:
    """Return whether all rules that name the time of a rule on its hour are about parts of it."""
    time = (_hour_of(rule) or ("",))[0]
    terms = [term for one in rules for comparison in one.comparisons for term in comparison.terms if term.name == time]
    return all(term.part for term in terms)


def _loose(rules: list[Constraint], targets: Callable[[Constraint], list[str]]) -> Iterator[tuple[Constraint, str]]:
    """Yield equalities with the column that stands alone in them and in no other equality."""
    for rule in rules:
        for name in targets(rule):
            if all(other is rule or name not in other.columns for other in rules):
                yield rule, name


def _targets(rule: Constraint) -> list[str]:
    """Return the columns that can be computed: the one that stands alone, else the last ones first."""
    comparison = rule.comparisons[0]
    solvable = [term.name for term in comparison.terms if not term.part and not term.quoted]
    once = [name for name in solvable if sum(term.name == name for term in comparison.terms) == 1]
    first = [comparison.defined] if comparison.defined in once else []
    return (
        first
        if first and len(rule.columns) > 1 and _one_way(rule)
        else first + [n for n in once[::-1] if n not in first]
    )


def _one_way(rule: Constraint) -> bool:
    """With a factor, the other columns do not follow exactly from the rounded one."""
    comparison = rule.comparisons[0]
    return any(abs(term.factor) != 1 or term.part for term in comparison.terms)


def _in_order(terms: Any, comparison: Any) -> list[tuple[str, str]]:
    """Return [(low, high)] for a comparison of two plain columns without a constant."""
    plain = comparison.sign in ("<", "<=") and not comparison.number and not comparison.micros and len(terms) == 2
    if not plain or any(term.part or term.quoted for term in terms) or {term.factor for term in terms} != {1.0, -1.0}:
        return []
    low, high = sorted(terms, key=lambda term: -term.factor)
    return [(low.name, high.name)]


def _finer(low: Column, high: Column) -> bool:
    """A real column above one with more decimals: rounding could take it below."""
    digits = [0 if c.kind == "integer" else 99 if c.decimals is None else c.decimals for c in (low, high)]
    return dimension(low) == "number" and digits[0] != digits[1]


def _spread(values: pl.Series) -> float:
    """Return the width of the middle 80 % of the values."""
    low, high = (values.quantile(share) for share in (0.1, 0.9))
    return 0.0 if low is None or high is None or np.isnan(low) else float(high - low)
