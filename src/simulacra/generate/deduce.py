"""What partly known rows say beyond their cells, by the rules that rewrite a table: sums, copies, labels and codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from ..data.codes.family import ColumnCodes
from ..data.codes.numeric import NumericCodes
from ..data.codes.select import select
from ..data.codes.support import ends
from ..data.conditions import Allowed
from ..data.quantities import dimension, quantity
from ..data.relations.lookup import Lookup
from ..data.relations.restore import restore
from ..data.relations.steps import Derived, Gap, Same
from ..data.schema import Column
from .rewritten import codes_behind

if TYPE_CHECKING:
    from .table import FittedTable

__all__ = ["codes_of_labels", "deduce", "known_inside", "settle_gaps", "settle_sums"]

Mask = npt.NDArray[np.bool_]


def deduce(table: FittedTable, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with those empty cells filled that follow from others: the one open cell of an equality."""
    for step in reversed(table.kept.rewriting.steps):
        if isinstance(step, Derived):
            for column in step.columns:
                if column.name != step.target.name:
                    frame = _solve(step, column.name, frame)
    return frame


def _solve(step: Derived, name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Fill one column of an equality where all its other columns are known."""
    column = next(one for one in step.columns if one.name == name)
    if dimension(step.target) == "text":
        return frame.with_columns(frame[name].fill_null(frame[step.target.name].cast(frame[name].dtype)))
    comparison = step.comparison
    mine = [term for term in comparison.terms if term.name == name]
    if len(mine) != 1 or any(term.part or term.quoted for term in comparison.terms):
        return frame
    total = pl.repeat(comparison.number + comparison.micros, frame.height, dtype=pl.Float64, eager=True)
    for term in comparison.terms:
        if term.name != name:
            of = next(one for one in step.columns if one.name == term.name)
            total = total + quantity(frame[term.name], of).cast(pl.Float64) * term.factor
    return frame.with_columns(frame[name].fill_null(restore(-total / mine[0].factor, column)))


def settle_sums(table: FittedTable, known: pl.DataFrame, made: pl.DataFrame) -> tuple[pl.DataFrame, Mask]:
    """Return made rows with one drawn cell of each known sum computed from it, and where that is in its range."""
    fits = np.ones(made.height, bool)
    for step in table.kept.rewriting.steps:
        if not isinstance(step, Derived) or dimension(step.target) != "number":
            continue
        due = known[step.target.name].is_not_null()
        for column, (low, high) in _widest_first(table, step):
            here = due & known[column.name].is_null()
            nothing = pl.Series(column.name, [None], dtype=made[column.name].dtype).new_from_index(0, made.height)
            solved = _solve(step, column.name, made.with_columns(made[column.name].zip_with(~here, nothing)))[
                column.name
            ]
            outside = ~quantity(solved, column).is_between(low, high).fill_null(value=True)
            fits &= ~(here & outside).to_numpy()
            made, due = made.with_columns(solved), due & ~here
    return made, fits


def _widest_first(table: FittedTable, step: Derived) -> list[tuple[Column, tuple[float, float]]]:
    """Return the columns that a sum is made of with their ranges; what is computed for a wide one seldom leaves it."""
    coded = {codes.column.name: codes for codes in table.codec.columns if isinstance(codes, NumericCodes)}
    others = [column for column in step.columns if column.name in coded and column.name != step.target.name]
    found = [(column, ends(coded[column.name])) for column in others]
    return sorted(found, key=lambda one: one[1][0] - one[1][1])


def settle_gaps(table: FittedTable, known: pl.DataFrame, made: pl.DataFrame) -> pl.DataFrame:
    """Return made rows in which an open column keeps its drawn distance from a known one in order with it."""
    for step in reversed(table.kept.rewriting.steps):
        if not isinstance(step, Gap):
            continue
        anchor, moved = step.anchor, step.moved
        here = known[anchor.name].is_null() & known[moved.name].is_not_null() & made[anchor.name].is_not_null()
        shift = quantity(known[moved.name], moved) - quantity(made[moved.name], moved)
        shifted = restore(quantity(made[anchor.name], anchor) + shift, anchor)
        made = made.with_columns(shifted.zip_with(here & shifted.is_not_null(), made[anchor.name]))
    return made


def known_inside(table: FittedTable, frame: pl.DataFrame, filled: set[str]) -> tuple[pl.DataFrame, dict[str, Mask]]:
    """Return the rewritten rows, and per column which of its cells are known; cells of `filled` get a value."""
    steps = table.kept.rewriting.steps
    inner = table.kept.rewriting.forward(frame)
    there = {name: inner[name].is_not_null().to_numpy() for name in inner.columns}
    for step in steps:
        if isinstance(step, Derived) and step.gaps:  # whether it is there: open only where it may be missing
            name = step.target.name
            there[name] = frame[name].is_not_null().to_numpy() | (name in filled)
            inner = inner.with_columns(pl.lit(True).alias(name)) if name in filled else inner
        elif isinstance(step, Same):
            used = [step.column.name, *(source.name for source in step.sources)]
            there[step.token.name] = frame.select(pl.all_horizontal(pl.col(used).is_not_null())).to_series().to_numpy()
        elif isinstance(step, Gap):
            there[step.moved.name] &= frame[step.anchor.name].is_not_null().to_numpy()
    return inner, there


def codes_of_labels(table: FittedTable, frame: pl.DataFrame, codes: ColumnCodes) -> Mask | None:
    """Return (rows, size) which codes of a column have the labels that rows know, None if no rule gives it labels."""
    found: Mask | None = None
    for step in table.kept.rewriting.steps:
        if not isinstance(step, Lookup) or step.learned or step.code.name != codes.column.name:
            continue
        found = np.ones((frame.height, codes.sizes[0]), bool) if found is None else found
        labels = frame[step.label.name].cast(pl.String)
        for label in step.words().cast(pl.String).drop_nulls().unique():
            fits = codes_behind(step, Allowed(step.label, label, frozenset([label])), table)
            found[(labels == label).fill_null(value=False).to_numpy()] &= select(fits, codes).shares[0] > 0
    return found
