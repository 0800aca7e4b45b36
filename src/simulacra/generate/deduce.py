"""What partly known rows say beyond their cells, by the rules that rewrite a table: sums, copies, labels and codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from ..data.codes.family import ColumnCodes
from ..data.codes.numeric import NumericCodes
from ..data.codes.select import Selection, select
from ..data.codes.support import ends
from ..data.conditions import Allowed
from ..data.quantities import dimension, floats, quantity
from ..data.relations.label import Label
from ..data.relations.lookup import Lookup
from ..data.relations.rated import Rated
from ..data.relations.restore import restore
from ..data.relations.steps import Derived, Gap, Same
from .equalities import Equalities, Floats
from .rewritten import coded, codes_behind, numbers_behind, translate

if TYPE_CHECKING:
    from .table import FittedTable

__all__ = ["deduce", "known_by_code", "known_inside", "known_labels", "overlay", "settle_gaps", "settle_sums"]

Mask = npt.NDArray[np.bool_]


def deduce(table: FittedTable, frame: pl.DataFrame, filled: set[str]) -> tuple[pl.DataFrame, Floats]:
    """Return the rows with those open cells filled that follow from known ones: copies, and what equalities determine.

    filled : columns whose cells get a value; others stay open where the column may be missing. The second result is by
    how much computed cells may be off, as `Equalities.solve` gives it.
    """
    for step in reversed(table.kept.rewriting.steps):
        if isinstance(step, Derived) and dimension(step.target) == "text":
            for column in step.columns:
                if column.name != step.target.name:
                    copy = frame[step.target.name].cast(frame[column.name].dtype)
                    frame = frame.with_columns(frame[column.name].fill_null(copy))
    frame = known_by_code(table, frame)
    solved, off = Equalities.of(table).solve(frame)
    return solved.with_columns(frame[name] for name in _gapped(table) - filled), off


def known_by_code(table: FittedTable, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with those labels filled in whose code or number is known."""
    for step in reversed(table.kept.rewriting.steps):  # a label may be the code of another one
        if isinstance(step, Lookup):
            told = step.of(frame[step.code.name])
        elif isinstance(step, Label):
            source = frame[step.source.name]
            told = step.compute(frame).set(source.is_null(), None)
        else:
            continue
        frame = frame.with_columns(frame[step.label.name].fill_null(told))
    return frame


def _gapped(table: FittedTable) -> set[str]:
    """Return the columns that may be missing."""
    coded = {codes.column.name for codes in table.codec.columns if getattr(codes, "missing", False)}
    steps = table.kept.rewriting.steps
    return coded | {step.target.name for step in steps if isinstance(step, Derived) and step.gaps}


def settle_sums(
    table: FittedTable, known: pl.DataFrame, made: pl.DataFrame, filled: set[str]
) -> tuple[pl.DataFrame, Floats, Mask]:
    """Return made rows with what is known, and with what follows from that and from the cells that are still open.

    Of the open cells of an equality the narrowest columns are taken as they were drawn, so that the one computed in
    the end seldom leaves its range. Also returned: by how much computed cells may be off, and which rows fit.
    """
    equalities = Equalities.of(table)
    fits = np.ones(made.height, bool)
    groups = {step.group.name for step, _ in equalities.rates}
    known = known.with_columns(known[name].fill_null(made[name]) for name in groups)
    frame, off = equalities.solve(known)
    for column in sorted(equalities.columns, key=lambda column: _width(table, column.name)):
        if frame[column.name].null_count():
            frame, more = equalities.solve(frame.with_columns(frame[column.name].fill_null(made[column.name])))
            off = np.maximum(off, more)
    for column in equalities.columns:
        absent = known[column.name].is_null() & made[column.name].is_null()
        if column.name not in filled and absent.any():
            frame = frame.with_columns(made[column.name].zip_with(absent, frame[column.name]))
        low, high = _range(table, column.name)
        outside = ~quantity(frame[column.name], column).is_between(low, high).fill_null(value=True)
        fits &= ~(outside & known[column.name].is_null()).to_numpy()
    return overlay(frame, made), off, fits


def overlay(known: pl.DataFrame, made: pl.DataFrame) -> pl.DataFrame:
    """Return the made rows with what is known in place."""
    return made.with_columns(known[name].zip_with(known[name].is_not_null(), made[name]) for name in known.columns)


def _range(table: FittedTable, name: str) -> tuple[float, float]:
    """Return the range in which a column is drawn; all numbers for one that is computed or holds times."""
    codes = coded(table, name)
    return ends(codes) if isinstance(codes, NumericCodes) else (-np.inf, np.inf)


def _width(table: FittedTable, name: str) -> float:
    low, high = _range(table, name)
    return high - low


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


def known_labels(table: FittedTable, frame: pl.DataFrame, codes: ColumnCodes) -> list[tuple[Mask, Selection]]:
    """Return what known labels say of the codes of a column: per label the rows that know it, and its codes."""
    found: list[tuple[Mask, Selection]] = []
    for step in table.kept.rewriting.steps:
        if isinstance(step, Lookup) and not step.learned and step.code.name == codes.column.name:
            behind: Callable[[Allowed], Allowed] = partial(codes_behind, step, table=table)
        elif isinstance(step, Label) and step.source.name == codes.column.name and step.cut is not None:
            behind = partial(numbers_behind, step, table=table)
        else:
            continue
        labels = frame[step.label.name].cast(pl.String)
        for label in step.words().cast(pl.String).drop_nulls().unique(maintain_order=True):
            rows = (labels == label).fill_null(value=False).to_numpy()
            if rows.any():
                found.append((rows, select(behind(Allowed(step.label, label, frozenset([label]))), codes)))
    rated = [step for step in table.kept.rewriting.steps if isinstance(step, Rated)]
    return [*found, *(one for step in rated for one in _by_rate(step, table, frame, codes))]


def _by_rate(
    step: Rated, table: FittedTable, frame: pl.DataFrame, codes: ColumnCodes
) -> Iterator[tuple[Mask, Selection]]:
    """Yield what two known numbers say of the codes of the column that decides the rate between them."""
    numbers = [floats(frame[column.name], column) for column in (step.base, step.target)]
    for levels, rows in step.levels_between(*numbers).items():
        here = rows & frame[step.group.name].is_null().to_numpy()
        asked, _ = translate(table, {step.group.name: Allowed(step.group, "|".join(levels), frozenset(levels))})
        if here.any() and codes.column.name in asked:
            yield here, select(asked[codes.column.name], codes)
