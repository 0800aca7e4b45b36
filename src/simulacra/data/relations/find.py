"""The search for relations that hold in every row: on a sample first, then asked of all rows.

In the order copies, parts of dates, linear relations, functions, orderings: what one explains, the next leaves out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import polars as pl

from ...errors import SchemaError
from ..constraints import NOTHING, PARTS, quote
from ..quantities import dimension, part_of, quantity
from ..rules import check_constraints
from ..schema import Schema
from .functions import find_functions
from .linear import linear_candidates
from .orders import find_orders
from .relation import SURPRISE, Relation, Search, counts_of, surprise, told
from .sketch import Sketch, holding, take_rows
from .sometimes import find_sometimes

__all__ = ["find_relations", "find_rules", "settle"]

FEWEST_ROWS = 50
MOST_VERIFIED = 2_000


def settle(frame: pl.DataFrame, schema: Schema) -> Schema:
    """Return the schema with the rules found in the table added, unless they have been searched for before."""
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
    return replace(schema, constraints=tuple(kept) if any(rule.found for rule in kept) else (*kept, NOTHING))


def find_relations(frame: pl.DataFrame, schema: Schema) -> tuple[Relation, ...]:
    """Return what holds between columns of the table, in every row, and which columns are equal in part of the rows.

    Nothing is said below 50 rows, of made-up columns, or of what unrelated columns could show by accident.
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
    for step in (_copies, _parts, _linear, find_functions, find_orders):
        proposed = list(islice(step(search), MOST_VERIFIED))
        search = replace(search, found=(*search.found, *_verified(proposed, search)))
    return search.found


def _verified(proposed: list[Relation], search: Search) -> list[Relation]:
    """Return the relations that all rows keep; the step that finds functions has asked them already."""
    rules = [relation.constraint for relation in proposed if relation.constraint is not None]
    kept = {str(rule) for rule in holding([r for r in rules if r.kind == "compare"], search.frame, search.schema)}
    return [relation for relation in proposed if relation.kind == "function" or str(relation.constraint) in kept]


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


def _parts(search: Search) -> Iterator[Relation]:
    """Propose columns that are the year, month ... of a date column."""
    columns = search.left("copy")
    dates = [column for column in columns if dimension(column) == "point" and column.kind != "constant"]
    taken: set[str] = set()
    for date in dates:
        parts = {part: part_of(search.sample[date.name], date, part).cast(pl.Float64) for part in PARTS}
        for column in columns:
            if column is date or column.name in taken or dimension(column) not in ("number", "point"):
                continue
            values = quantity(search.sample[column.name], column).cast(pl.Float64)
            if surprise(counts_of(values)) < SURPRISE:
                continue
            for part, found in parts.items():
                if (part == "date") != (dimension(column) == "point") or found.n_unique() < 2:
                    continue
                if (found == values).fill_null(True).all():
                    taken.add(column.name)
                    text = f"{quote(column.name)} = {part}({quote(date.name)})"
                    why = f"{column.name} is the {part} of {date.name} in every row"
                    yield told("part", (date.name, column.name), text, why)
                    break


def _linear(search: Search) -> Iterator[Relation]:
    """Propose sums, fractions and changes of unit; parts of a date may stand in them."""
    for times in (False, True):
        sketch = Sketch.of(search.sample, search.left("copy"), times=times)
        for text, used in linear_candidates(sketch, times=times):
            yield told("linear", used, text, f"{text} holds in every row")
