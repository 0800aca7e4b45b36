"""Conditions on the columns of a table as conditions on the columns that are coded, where rules rewrite the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from ..data.codes.calendar import ticks_per_day
from ..data.codes.family import ColumnCodes
from ..data.codes.select import levels_of
from ..data.conditions import Allowed, both
from ..data.constraints import LENGTHS
from ..data.quantities import dimension
from ..data.relations.clock import Clock
from ..data.relations.label import Label
from ..data.relations.lookup import Lookup
from ..data.relations.rated import Rated
from ..data.relations.steps import Derived, Gap, Same, Sorted

if TYPE_CHECKING:
    from .table import FittedTable

__all__ = ["coded", "coded_as_is", "codes_behind", "numbers_behind", "table_levels", "translate"]


def coded(table: FittedTable, name: str) -> ColumnCodes | None:
    """Return the codes of a column of the table, None if it is computed or rewritten."""
    if not coded_as_is(table, name):
        return None
    return next((codes for codes in table.codec.columns if codes.column.name == name), None)


def coded_as_is(table: FittedTable, name: str) -> bool:
    """Return whether a column comes out of its own codes and nothing else."""
    changed: set[str] = set()
    for step in table.kept.rewriting.steps:
        if isinstance(step, Derived):
            changed.add(step.target.name)
        elif isinstance(step, Gap):
            changed.add(step.moved.name)
        elif isinstance(step, Lookup):
            changed |= {step.label.name} | ({step.code.name} if step.as_levels else set())
        elif isinstance(step, Rated):
            changed.add(step.target.name)
        elif isinstance(step, Clock):
            changed.add(step.column.name)
        elif isinstance(step, Label):
            changed.add(step.label.name)
        elif isinstance(step, Same):
            changed.add(step.column.name)
        elif isinstance(step, Sorted):
            changed |= {column.name for column in step.columns}
    return name not in changed


def table_levels(table: FittedTable, name: str) -> list[str] | None:
    """Return the levels of a column of the table as text; None for numbers and times."""
    column = table.schema[name]
    if column.kind not in ("category", "boolean", "constant"):
        return None
    for step in table.kept.rewriting.steps:
        if isinstance(step, Lookup) and step.label.name == name and not step.learned:
            return list(dict.fromkeys(step.words().cast(pl.String).drop_nulls()))
        if isinstance(step, Label) and step.label.name == name:
            return list(dict.fromkeys(step.words().cast(pl.String).drop_nulls()))
        if isinstance(step, Derived) and step.target.name == name and (source := _copied(step)):
            return table_levels(table, source)
    return next((levels_of(codes) for codes in table.codec.columns if codes.column.name == name), [])


def translate(table: FittedTable, allowed: Mapping[str, Allowed]) -> tuple[dict[str, Allowed], bool]:
    """Return the conditions on coded columns, and whether they say all that the given ones say.

    A label is asked of its code, a group of its number and a copy of its original. What else is computed from other
    columns has no condition of its own here: the rows must be looked at.
    """
    wanted, exact = dict(allowed), True
    for step in table.kept.rewriting.steps:  # what one step asks of a column, a later one may pass on
        if isinstance(step, Lookup) and not step.learned and step.label.name in wanted:
            label = wanted.pop(step.label.name)
            _ask(wanted, step.code.name, codes_behind(step, label, table))
        elif isinstance(step, Label) and step.label.name in wanted and step.cut is not None:
            _ask(wanted, step.source.name, numbers_behind(step, wanted.pop(step.label.name), table))
        elif isinstance(step, Derived) and step.target.name in wanted and (source := _copied(step)):
            copy = wanted.pop(step.target.name)
            _ask(wanted, source, replace(copy, column=table.schema[source]))
            exact = exact and not step.gaps
        elif isinstance(step, Derived) and step.target.name in wanted and (behind := _source_behind(step, wanted)):
            del wanted[step.target.name]
            _ask(wanted, behind.column.name, behind)
            exact = False  # but for rounding
    inner = {name: one for name, one in wanted.items() if coded_as_is(table, name) or _as_levels(table, name)}
    return inner, exact and len(inner) == len(wanted) and not any(_snaps(table, name) for name in inner)


def _ask(wanted: dict[str, Allowed], name: str, allowed: Allowed) -> None:
    wanted[name] = both(wanted[name], allowed) if name in wanted else allowed


def _source_behind(step: Derived, wanted: Mapping[str, Allowed]) -> Allowed | None:
    """Return what a condition on a number says of the one number or span that it is computed from, with some leeway.

    None if it is computed from several columns, or can be missing by itself.
    """
    comparison, allowed = step.comparison, wanted[step.target.name]
    sources = [term for term in comparison.terms if term.name != step.target.name]
    if len(sources) != 1 or len(comparison.terms) != 2 or step.gaps or not allowed.spans:
        return None
    term = sources[0]
    source = next(column for column in step.columns if column.name == term.name)
    unit = LENGTHS.get(term.part, 0)
    if dimension(step.target) != "number" or dimension(source) != ("span" if unit else "number"):
        return None
    scale = unit * ticks_per_day(source) / LENGTHS["days"] if unit else 1.0
    own = next(one.factor for one in comparison.terms if one.name == step.target.name)
    half = 0.5 * 10.0 ** -(step.target.decimals if step.target.decimals is not None else 12)
    spans = []
    for low, high in allowed.spans:
        ends = [-(own * end + comparison.number) / term.factor * scale for end in (low - half, high + half)]
        spans.append((min(ends), max(ends)))
    return Allowed(source, f"{step.target.name} = {allowed.text}", spans=tuple(sorted(spans)), missing=allowed.missing)


def _copied(step: Derived) -> str:
    """Return the column that a text column equals, "" if it is computed in another way."""
    others = [column.name for column in step.columns if column.name != step.target.name]
    return others[0] if dimension(step.target) == "text" and len(others) == 1 else ""


def codes_behind(step: Lookup, label: Allowed, table: FittedTable) -> Allowed:
    """Return the condition on the code that its label satisfies one on the label."""
    good = label.holds(step.words()).to_list()
    keys = [key for key, fits in zip(step.keys, good, strict=True) if fits]
    none = Allowed(table.schema[step.code.name], label.text)
    if dimension(step.code) == "text":
        return replace(none, levels=frozenset(map(str, keys)))
    if dimension(step.code) == "number":
        return replace(none, spans=tuple((key, key) for key in sorted(keys)))
    dates = pl.Series(keys, dtype=pl.Int64) // (86_400 * 10**6)  # a code is a date, held in microseconds
    return replace(none, spans=tuple((day, day) for day in sorted(dates.to_list())))


def numbers_behind(step: Label, group: Allowed, table: FittedTable) -> Allowed:
    """Return the condition on the number that its group, by a cut, satisfies one on the group."""
    assert step.cut is not None
    words = step.words()
    good = set(words.filter(group.holds(words)).cast(pl.String))
    absent = group.missing if step.cut.missing is None else step.cut.missing in good
    text = f"{step.label.name} = {group.text}"
    return Allowed(table.schema[step.source.name], text, spans=step.cut.spans(good), missing=absent)


def _as_levels(table: FittedTable, name: str) -> bool:
    return any(
        isinstance(step, Lookup) and step.as_levels and step.code.name == name for step in table.kept.rewriting.steps
    )


def _snaps(table: FittedTable, name: str) -> bool:
    """Return whether a drawn value of the column may be moved to the nearest one that has a label."""
    return any(isinstance(step, Lookup) and step.code.name == name for step in table.kept.rewriting.steps) and (
        dimension(table.schema[name]) != "text"
    )
