"""Rules that only drawing again keeps: what that would cost, and which found ones are given up for it.

A rule that turns away a share of the rows changes the others' margins by no more than that share, so few rejects are
harmless whatever the rule is. Many are not: then margins are compared with the real ones, with and without the rule.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from ..data.constraints import searched
from ..data.quantities import dimension, floats
from ..data.relations.sketch import take_rows
from ..data.rules import Rules
from ..data.schema import Column, Schema
from ..seeds import Seeds
from .kept import Kept

if TYPE_CHECKING:
    from .table import FittedTable

__all__ = ["ease", "without_rules"]

TRIAL = 2_000
FEW = 0.03
"""A rule that turns away no larger share of the rows is kept and not told of."""
MOST = 0.3
"""A found rule that turns away a larger share is given up."""
SHIFT = 0.05
"""So is one that takes a column so much further from its real margin, in total variation."""
BINS = 10
LEVELS = 50


def ease(table: FittedTable, real: pl.DataFrame, seeds: Seeds) -> Kept:
    """Return how rules are kept, without the found ones that cost too much, and what to tell of each that costs much.

    A rule that a person wrote stays. real : the rows learned from.
    """
    rules = table.kept.rules
    if not rules.constraints:
        return table.kept
    made = table.decode(*table.draw(TRIAL, seeds), first_row=0)
    sample, dropped, told = take_rows(real), list[str](), list[str]()
    for rule, rows in zip(rules.constraints, rules.kept(made), strict=True):
        share = 1.0 - float(np.mean(rows.to_numpy()))
        if share <= FEW:
            continue
        shift = _shift(made, rows, sample, table.schema)
        costs = f"{_percent(share)} of the rows made break {rule}"
        if rule.found and (share > MOST or shift > SHIFT):
            dropped.append(str(rule))
            told.append(f"Not kept: {costs}, and to draw them again would change what the columns hold.")
        elif share > MOST or shift > SHIFT:
            told.append(f"{costs} and are drawn again: what the columns hold can differ from the real rows by it.")
    kept = replace(table.kept, told=tuple(told))
    return _without(kept, dropped) if dropped else kept


def without_rules(schema: Schema, gone: Collection[str]) -> Schema:
    """Return the schema without rules that are given up, as one that is not to be searched for them again."""
    return replace(schema, constraints=searched(rule for rule in schema.constraints if str(rule) not in gone))


def _without(kept: Kept, dropped: list[str]) -> Kept:
    left = [place for place, rule in enumerate(kept.rules.constraints) if str(rule) not in dropped]
    schema = without_rules(kept.schema, dropped)
    lists = (tuple(kept.rules.constraints[k] for k in left), tuple(kept.rules.allowed[k] for k in left))
    rewriting = replace(kept.rewriting, schema=schema)
    return replace(kept, rewriting=rewriting, rules=Rules(schema, *lists), dropped=tuple(dropped))


def _shift(made: pl.DataFrame, kept: pl.Series, real: pl.DataFrame, schema: Schema) -> float:
    """Return by how much further from its real margin a column is if only the rows that keep the rule are left."""
    if not kept.any():
        return 1.0
    found = [0.0]
    for column in schema:
        if column.personal or column.kind in ("identifier", "text", "constant"):
            continue
        wanted, drawn = _places(real[column.name], made[column.name], column)
        left = drawn[kept.to_numpy()]
        found.append(_distance(left, wanted) - _distance(drawn, wanted))
    return max(found)


def _places(real: pl.Series, made: pl.Series, column: Column) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the level or the tenth of each value, 0 for none."""
    if dimension(column) == "text":
        words = real.cast(pl.String).value_counts(sort=True)[real.name].drop_nulls().head(LEVELS)
        real, made = (
            one.cast(pl.String).replace_strict(words, np.arange(1, len(words) + 1), default=0, return_dtype=pl.Int64)
            for one in (real, made)
        )
        return real.to_numpy(), made.to_numpy()
    values = [floats(one, column) for one in (real, made)]
    known = values[0][~np.isnan(values[0])]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])) if len(known) else known
    first, second = (np.where(np.isnan(one), 0, 1 + np.searchsorted(edges, one, side="right")) for one in values)
    return first, second


def _distance(one: npt.NDArray[np.int64], other: npt.NDArray[np.int64]) -> float:
    count = int(max(one.max(), other.max())) + 1
    shares = [np.bincount(codes, minlength=count) / len(codes) for codes in (one, other)]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)


def _percent(share: float) -> str:
    return f"{float(f'{share * 100:.1g}'):g} %"
