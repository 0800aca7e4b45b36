"""The search for relations that hold in every row: on a sample first, then asked of all rows.

In the order copies, parts of dates, lengths of time, linear relations, cuts, functions of one column and of two,
rates, orderings, absences: what one explains, the next leaves out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

import polars as pl

from ...errors import SchemaError
from ..constraints import quote, searched, withhold
from ..quantities import dimension, quantity
from ..rules import check_constraints
from ..schema import Schema
from .absences import find_absences
from .dates import find_named_parts, find_parts
from .functions import find_functions
from .groups import find_cuts
from .lengths import find_lengths
from .linear import linear_candidates
from .orders import find_orders
from .pairs import find_pairs
from .rated import find_rates
from .relation import SURPRISE, Relation, Search, counts_of, surprise, told
from .sketch import Sketch, holding, take_rows
from .sometimes import find_sometimes

__all__ = ["find_relations", "find_rules", "settle"]

FEWEST_ROWS = 20
MOST_VERIFIED = 2_000


def settle(frame: pl.DataFrame, schema: Schema) -> Schema:
    """Return the schema with the rules found in the table added, unless they have been searched for before.

    Where a found rule was withheld for the rare value that it names, the search is made again for it alone.
    """
    if any(rule.kind == "withheld" for rule in schema.constraints):
        return _restore(frame, schema)
    if any(rule.found for rule in schema.constraints):
        return schema
    found = [relation.constraint for relation in find_rules(frame, schema) if relation.constraint is not None]
    kept = list(schema.constraints)
    for rule in found:
        try:
            check_constraints(schema, [*kept, rule])
        except SchemaError:
            continue  # what a person wrote stands; a found rule against it is left out
        if all(str(rule) != str(known) for known in kept):
            kept.append(rule)
    return replace(schema, constraints=searched(kept))


def _restore(frame: pl.DataFrame, schema: Schema) -> Schema:
    """Return the schema with the rule itself in the place of each that was withheld, if the table still keeps one."""
    told = tuple(rule for rule in schema.constraints if not rule.found)
    listed = {str(rule) for rule in schema.constraints}
    again = settle(frame, replace(schema, constraints=told)).constraints
    open_ = [rule for rule in again if rule.found and str(rule) not in listed]
    rules = []
    for rule in schema.constraints:
        if rule.kind == "withheld":
            match = next((one for one in open_ if withhold(one) == rule), None)
            if match is None:
                continue
            open_.remove(match)
            rule = match
        rules.append(rule)
    return replace(schema, constraints=searched(rules))


def find_relations(frame: pl.DataFrame, schema: Schema) -> tuple[Relation, ...]:
    """Return what holds between columns of the table, in every row, and which columns are equal in part of the rows.

    Nothing is said below 20 rows, of made-up columns, or of what unrelated columns could show by accident.
    Cost: of the order of a second for 100 columns; for more, the search is narrowed to near columns.

    >>> import polars as pl
    >>> from ..schema import Column
    >>> table = pl.DataFrame({"a": range(100), "b": [k * k % 101 for k in range(100)]})
    >>> table = table.with_columns(total=pl.col("a") + pl.col("b"))
    >>> schema = Schema(tuple(Column(name, "integer", dtype="Int64") for name in table.columns))
    >>> [(relation.kind, relation.why) for relation in find_relations(table, schema)]
    [('linear', 'total = a + b holds in every row')]
    """
    if frame.height < FEWEST_ROWS:
        return ()
    return (*find_rules(frame, schema), *find_sometimes(take_rows(frame), schema))


def find_rules(frame: pl.DataFrame, schema: Schema) -> tuple[Relation, ...]:
    """Return the relations that are rules: those that every row keeps."""
    if frame.height < FEWEST_ROWS:
        return ()
    search = Search(frame, take_rows(frame), schema)
    for step in _STEPS:
        proposed = list(islice(step(search), MOST_VERIFIED))
        search = replace(search, found=(*search.found, *_verified(proposed, search)))
    return search.found


def _verified(proposed: list[Relation], search: Search) -> list[Relation]:
    """Return the relations that all rows keep, one for each part of a date.

    The steps that find functions and cuts have asked all rows already.
    """
    asked = [relation for relation in proposed if relation.kind not in ("function", "cut", "rate")]
    rules = [relation.constraint for relation in asked if relation.constraint is not None]
    kept = {str(rule) for rule in holding(rules, search.frame, search.schema)}
    found = [relation for relation in proposed if relation not in asked or str(relation.constraint) in kept]
    parts: dict[str, Relation] = {}
    for one in found:
        if one.kind == "part":
            parts.setdefault(one.columns[-1], one)
    return [one for one in found if one.kind != "part" or parts[one.columns[-1]] is one]


def _copies(search: Search) -> Iterator[Relation]:
    """Propose pairs of equal columns: those whose values on the sample have the same digest."""
    first: dict[tuple[str, int], str] = {}
    for column in search.left():
        if column.kind == "constant":
            continue
        values = quantity(search.sample[column.name], column)
        if surprise(counts_of(values)) < SURPRISE:
            continue
        kind: str = dimension(column)
        plain = values if kind == "text" else values.cast(pl.Float64) + 0.0
        digest = (kind, hash(plain.hash(seed=0).to_numpy().tobytes()))
        other = first.setdefault(digest, column.name)
        if other != column.name:
            why = f"{column.name} equals {other} in every row"
            yield told("copy", (other, column.name), f"{quote(column.name)} = {quote(other)}", why)


def _linear(search: Search) -> Iterator[Relation]:
    """Propose sums, fractions and changes of unit; parts of a date may stand in them."""
    for times in (False, True):
        sketch = Sketch.of(search.sample, search.left("copy"), times=times)
        for text, used in linear_candidates(sketch, times=times):
            yield told("linear", used, text, f"{text} holds in every row")


_STEPS: tuple[Callable[[Search], Iterator[Relation]], ...] = (
    _copies,
    find_parts,
    find_named_parts,
    find_lengths,
    _linear,
    find_cuts,
    find_functions,
    find_pairs,
    find_rates,
    find_orders,
    find_absences,
)
