"""What partly known rows say beyond their cells, by the rules that rewrite a table: sums, copies, labels and codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from ..data.codes.family import ColumnCodes
from ..data.codes.select import select
from ..data.conditions import Allowed
from ..data.quantities import dimension, quantity
from ..data.relations.lookup import Lookup
from ..data.relations.restore import restore
from ..data.relations.steps import Derived, Gap, Same
from .rewritten import codes_behind

if TYPE_CHECKING:
    from .table import FittedTable

__all__ = ["codes_of_labels", "deduce", "known_inside"]

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
