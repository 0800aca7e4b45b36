"""Rules that need a list from the real rows: combinations that may be delivered, groups that are a cut of a number."""

from __future__ import annotations

import math
from typing import Any

import polars as pl

from ..errors import SchemaError
from .codes.category import RARE
from .codes.family import rare_below
from .constraints import Constraint
from .cuts import Cut
from .quantities import dimension, floats, is_zone, last_digit, part_of, quantity
from .rates import Rates
from .schema import Schema

__all__ = ["cells_of", "check_list", "cut_of", "in_group", "in_list", "in_rate", "is_list", "list_allowed"]


def list_allowed(rule: Constraint, real: pl.DataFrame, schema: Schema) -> pl.DataFrame | None:
    """Return what the real rows allow under the rule, as text; None for a rule that needs no list.

    SchemaError for a cut that the real rows do not show.
    """
    if rule.kind == "combinations":
        return _combinations(cells_of(rule, real, schema))
    if rule.kind == "rate":
        return _rates(rule, real, schema)
    if rule.kind != "cut":
        return None
    cut = cut_of(rule, real, schema)
    if cut is None:
        number, group = rule.columns
        seen = f"the groups of {group!r} are no cut of {number!r}: they overlap, or one is held by too few rows"
        raise SchemaError(seen, where=f"constraint {str(rule)!r}", hint="drop the constraint, or mend those rows")
    return cut.to_table(*rule.columns)


def cut_of(rule: Constraint, real: pl.DataFrame, schema: Schema) -> Cut | None:
    """Return the edges and labels of a cut, None if the real rows show none."""
    number, group = rule.columns
    values, labels = quantity(real[number], schema[number]), real[group].cast(pl.String)
    return Cut.fit(values, labels, fewest=rare_below(real.height))


def cells_of(rule: Constraint, frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """Return the columns of a list as text, the first one as the part of a date that the rule takes it for."""
    cells = [frame[name].cast(pl.String) for name in rule.columns]
    if rule.text:
        first = rule.columns[0]
        cells[0] = part_of(frame[first], schema[first], rule.text).cast(pl.String).rename(first)
    return pl.DataFrame(cells)


def _combinations(cells: pl.DataFrame) -> pl.DataFrame:
    columns, table = cells.columns, cells.drop_nulls()
    floor = rare_below(cells.height)
    own = [name for name in columns if (table[name] == RARE).sum() >= floor]  # such a column names no others so
    pooled = table.select(
        pl.when((pl.len().over(name) >= floor) | pl.lit(name in own))
        .then(pl.col(name))
        .otherwise(pl.lit(RARE))
        .alias(name)
        for name in columns
    )
    seen = pl.concat([part.group_by(columns).len(name="\0rows") for part in (table, pooled)])
    return seen.filter(pl.col("\0rows") >= floor).select(columns).unique().sort(columns)


def in_list(asked: pl.DataFrame, allowed: pl.DataFrame) -> pl.Series:
    """Return which rows hold an allowed combination, or a null."""
    listed = allowed.with_columns(pl.lit(True).alias("\0listed"))
    found = asked.join(listed, on=allowed.columns, how="left", maintain_order="left")["\0listed"]
    some_null = asked.select(pl.any_horizontal(pl.all().is_null())).to_series()
    return found.fill_null(False) | some_null


def in_group(rule: Constraint, allowed: pl.DataFrame, frame: pl.DataFrame, schema: Schema) -> pl.Series:
    """Return which rows hold the group of their number; where either is missing they do."""
    number, group = rule.columns
    cut = Cut.from_table(allowed[number].to_list(), allowed[group].to_list())
    expected = cut.of(quantity(frame[number], schema[number]))
    return (expected == frame[group].cast(pl.String)).fill_null(value=True)


def _rates(rule: Constraint, real: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """Return the level, "", and the rate of each level that has one; SchemaError if the real rows show no rates."""
    group, base, target = rule.columns
    values = [floats(real[name], schema[name]) for name in (base, target)]
    reach, fewest = last_digit(schema[target]) / 2, rare_below(real.height)
    rates = Rates.fit(real[group].cast(pl.String), *values, reach=reach, fewest=fewest)
    if rates is None:
        seen = f"{target!r} is not {base!r} times a rate that {group!r} decides: they differ, or too few rows show it"
        raise SchemaError(seen, where=f"constraint {str(rule)!r}", hint="drop the constraint, or mend those rows")
    return pl.DataFrame({group: rates.levels, base: [""] * len(rates.levels), target: [repr(k) for k in rates.factors]})


def in_rate(rule: Constraint, allowed: pl.DataFrame, frame: pl.DataFrame, schema: Schema) -> pl.Series:
    """Return which rows hold their level's multiple but for rounding; those of levels without a rate do."""
    group, base, target = rule.columns
    rates = Rates(tuple(allowed[group]), tuple(map(float, allowed[target])))
    expected = rates.of(frame[group], quantity(frame[base], schema[base]))
    found = quantity(frame[target], schema[target]).cast(pl.Float64)
    return ((found - expected).abs() <= last_digit(schema[target]) / 2 + 1e-9 * expected.abs()).fill_null(value=True)


def check_list(rule: Constraint, schema: Schema, where: str) -> None:
    """Raise SchemaError if the first column of the list cannot be what the rule takes it for."""
    first = schema[rule.columns[0]]
    if rule.kind == "cut" and (
        dimension(first) != "number" or dimension(schema[rule.columns[1]]) not in ("text", "number")
    ):
        seen = f"the constraint {str(rule)!r} cuts {first.name!r}, which holds no numbers"
        raise SchemaError(seen, where=where, hint="write the number first, then its groups")
    if rule.kind == "rate" and {dimension(schema[name]) for name in rule.columns[1:]} != {"number"}:
        seen = f"the constraint {str(rule)!r} needs numbers in its second and third column"
        raise SchemaError(seen, where=where, hint="write the category first, then the two numbers")
    if rule.text and dimension(first) != "point":
        part = rule.text.split(" ")[0]
        raise SchemaError(f"the constraint {str(rule)!r} asks for the {part} of what is no date", where=where)
    zone = rule.text.partition(" ")[2] if rule.kind == "combinations" else ""
    if zone and not is_zone(zone):
        raise SchemaError(f"the constraint {str(rule)!r} names a time zone {zone!r} that does not exist", where=where)


def is_list(one: Any, rule: Constraint) -> bool:
    """Return whether a saved list fits its rule."""
    if not isinstance(one, dict) or list(one) != list(rule.columns):
        return False
    lengths = {len(values) for values in one.values() if isinstance(values, list)}
    cells = (cell for values in one.values() if isinstance(values, list) for cell in values)
    if len(lengths) != 1 or not all(isinstance(cell, str) for cell in cells):
        return False
    if rule.kind == "rate":
        return all(_is_finite(cell) for cell in one[rule.columns[2]]) and bool(one[rule.columns[0]])
    if rule.kind == "cut":
        try:
            Cut.from_table(*(one[name] for name in rule.columns))
        except ValueError:
            return False
    return True


def _is_finite(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
