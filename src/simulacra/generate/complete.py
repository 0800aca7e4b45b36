"""The rest of partly known rows: what is there stays as it is, what is not is drawn given what is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from ..data.codes.category import CategoryCodes
from ..data.codes.fixed import MadeUpCodes
from ..data.codes.select import Selection, levels_of
from ..data.conditions import no_level
from ..data.dtypes import parse_dtype
from ..data.schema import Column
from ..errors import DataError, SchemaError
from ..seeds import Seeds
from .deduce import deduce, known_inside, known_labels, overlay, settle_gaps, settle_sums
from .equalities import Equalities, Floats

if TYPE_CHECKING:
    from .table import FittedTable

__all__ = ["Completed", "complete", "complete_rows"]

_TRIES = 40
"""How often a row is filled in again that breaks a rule of the table."""
_TOLD = 5
"""Of how many rows that cannot be completed it is said which they are and why."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Completed:
    """Partly known rows with the rest filled in.

    rows : all of them, in their order. left : row number from 0 -> why it could not be completed; such a row stands as
    it came.
    """

    rows: pl.DataFrame
    left: dict[int, str]

    def sentence(self) -> str:
        """Return how many rows were left, which ones, and what each of the first few breaks; "" if none was."""
        if not self.left:
            return ""
        broken: dict[str, list[str]] = {}
        for row in sorted(self.left)[:_TOLD]:
            broken.setdefault(self.left[row], []).append(f"{row + 1:,}")
        told = "; ".join(f"row {', '.join(numbers)}: {rule}" for rule, numbers in broken.items())
        more = f"; and {len(self.left) - _TOLD:,} more" if len(self.left) > _TOLD else ""
        seen = (
            f"{len(self.left):,} of {self.rows.height:,} rows cannot be completed so that they keep the table's rules"
        )
        return f"{seen} ({told}{more})"


def complete(table: FittedTable, frame: pl.DataFrame, seeds: Seeds, *, absent_missing: bool = True) -> pl.DataFrame:
    """Return what `complete_rows` makes; DataError if a row cannot be completed."""
    made = complete_rows(table, frame, seeds, absent_missing=absent_missing)
    if made.left:
        hint = "correct what is known in them, leave another cell of the rule empty, or take these rows out"
        raise DataError(made.sentence(), where="rows to complete", hint=hint)
    return made.rows


def complete_rows(table: FittedTable, frame: pl.DataFrame, seeds: Seeds, *, absent_missing: bool = True) -> Completed:
    """Return the rows of `frame` with all columns of the table, known cells unchanged, the others filled in.

    An empty cell is filled with a value, never with missing, as long as the column has any and no rule says that there
    is none. Columns that `frame` lacks are made as in new rows, missing values included, unless `absent_missing` is
    false. Numbers outside the learned range count as the nearest one when others are drawn given them. Row i depends on
    its own cells and place alone. Rows keep the table's rules: what follows from known cells is computed, the rest
    drawn again where it breaks one. A computed cell is within half a unit of its last digit; where no rounded values
    keep an equality to the last digit (a gross price that no net price has), it holds as far as that rounding lets it.
    A row that holds a level which was not learned, or that cannot keep the rules, is left as it came, with the reason.

    Errors: SchemaError for a column that was not learned; DataError for one whose values do not fit it, or no rows.
    """
    from ..tables.fill import fill

    filled = set(frame.columns) if absent_missing else set(table.schema.names)
    told = _fit_types(table, frame)
    known, exact = deduce(table, told, filled)
    cells = _Cells.of(table, known, filled)
    left = np.setdiff1d(np.arange(frame.height), list(cells.strange))
    parts, rows, kept = [known.clear()], [left[:0]], dict[str, Mask]()
    for attempt in range(_TRIES):
        if not len(left):
            break
        here = seeds.child("attempt", attempt)
        allowed = {column: mask[left] for column, mask in cells.allowed.items()}
        codes = fill(table.chain, cells.codes[left], allowed, here, places=left)
        uniforms = here.child("values").rng().random((frame.height, table.codec.uniforms))[left]
        cells.place(codes, uniforms, left)
        decoded = table.codec.decode(codes, uniforms, first_row=0)
        fresh = _keys(table, (codes, uniforms), left, told)
        inside = overlay(cells.inner[left], decoded.with_columns(fresh))
        made = settle_gaps(table, known[left], table.kept.rewriting.backward(inside))
        made, off, fits = settle_sums(table, known[left], made, filled)
        kept = _kept(table, made, np.maximum(exact[left], off))
        good = np.logical_and.reduce([fits, *kept.values()])
        parts.append(made.filter(pl.Series(good)))
        rows.append(left[good])
        left, kept = left[~good], {rule: one[~good] for rule, one in kept.items()}
    reasons = {int(row): _broken(kept, place) for place, row in enumerate(left)} | cells.strange
    unfilled = sorted(reasons)
    whole = pl.concat([*parts, told[unfilled]])[np.argsort(np.concatenate([*rows, unfilled]).astype(np.int64))]
    return Completed(whole, reasons)


def _keys(
    table: FittedTable, drawn: tuple[npt.NDArray[np.uint8], Floats], places: npt.NDArray[np.int64], told: pl.DataFrame
) -> list[pl.Series]:
    """Return the made-up columns of rows at these places: keys repeat neither each other nor a known one."""
    found, at, used = list[pl.Series](), 0, 0
    for column in table.codec.columns:
        if isinstance(column, MadeUpCodes):
            codes, uniforms = drawn[0][:, at : at + len(column.sizes)], drawn[1][:, used]
            made = column.maker.make(places.astype(np.uint64), uniforms)
            known = told[column.column.name].drop_nulls().unique()
            for turn in range(1, _TRIES if column.column.kind == "identifier" else 1):
                if not (clash := made.is_in(known.implode())).any():
                    break
                later = (places + turn * told.height).astype(np.uint64)
                made = column.maker.make(later, uniforms).zip_with(clash, made)
            found.append(column.presence.decode(codes, made))
        at, used = at + len(column.sizes), used + column.uniforms
    return found


def _broken(kept: dict[str, Mask], place: int) -> str:
    return next((f"{rule} is not kept" for rule, one in kept.items() if not one[place]), "a value leaves its range")


def _kept(table: FittedTable, made: pl.DataFrame, off: Floats) -> dict[str, Mask]:
    """Return which rows keep each rule; an equality as far as the rounding of what it was used to compute lets it."""
    near = Equalities.of(table).kept(made, off)
    rules = table.kept.rules.joined(table.kept.rewriting.guards)
    found = {}
    for place, (rule, kept) in enumerate(zip(rules.constraints, rules.kept(made), strict=True)):
        found[str(rule)] = kept.to_numpy() | near.get(place, False)
    return found


@dataclass(frozen=True, slots=True)
class _Cells:
    """Partly known rows as they are coded.

    inner : the rewritten rows, null where open. codes : -1 where open. allowed : coded column -> (rows, size) what may
    be drawn there. within : (coded column, column of uniform numbers, rows, selection), from which parts of a code
    values may come. strange : row -> why it cannot be coded; such a level counts as open.
    """

    inner: pl.DataFrame
    codes: npt.NDArray[np.int16]
    allowed: dict[int, npt.NDArray[np.bool_]]
    within: list[tuple[int, int, Mask, Selection]]
    strange: dict[int, str]

    def place(self, codes: npt.NDArray[np.uint8], uniforms: Floats, rows: npt.NDArray[np.int64]) -> None:
        """Move the uniform numbers of some rows to where their known labels are kept."""
        for column, number, known, selection in self.within:
            here = np.flatnonzero(known[rows])
            uniforms[here, number] = selection.place(codes[here, column], uniforms[here, number])

    @classmethod
    def of(cls, table: FittedTable, known: pl.DataFrame, filled: set[str]) -> _Cells:
        """Return the cells; those of the columns `filled` must get a value."""
        inner, there = known_inside(table, known, filled)
        codes = np.full((known.height, table.chain.n_columns), -1, np.int16)
        allowed: dict[int, npt.NDArray[np.bool_]] = {}
        strange: dict[int, str] = {}
        within: list[tuple[int, int, Mask, Selection]] = []
        at = used = 0
        for column in table.codec.columns:
            name, digits = column.column.name, len(column.sizes)
            if odd := _strange(inner[name], column):
                inner = inner.with_columns(inner[name].scatter(list(odd), None))
                strange = odd | strange
            if digits:
                found = np.stack(column.encode(inner[name]), axis=1).astype(np.int16)
                codes[:, at : at + digits] = np.where(there[name][:, None], found, -1)
                labels = known_labels(table, known, column)
                within += [(at, used, rows, found) for rows, found in labels if found.stretches is not None]
                mask = np.ones((known.height, column.sizes[0]), bool) if labels else None
                for rows, selection in labels:
                    mask[rows] &= selection.shares[0] > 0  # type: ignore[index]
                if name in filled and getattr(column, "missing", False):
                    mask = np.ones((known.height, column.sizes[0]), bool) if mask is None else mask
                    mask[:, 0] = False
                if mask is not None:
                    allowed[at] = mask
            at, used = at + digits, used + column.uniforms
        nothing = pl.lit(None)
        inner = inner.with_columns(
            pl.when(pl.Series(there[name])).then(pl.col(name)).otherwise(nothing).alias(name) for name in there
        )
        return cls(inner, codes, allowed, within, strange)


def _fit_types(table: FittedTable, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows in the columns and types of the table, null where nothing is known."""
    if not frame.height:
        raise DataError("there are no rows to complete", hint="give a table with at least one row")
    for name in frame.columns:
        try:
            table.schema[name]
        except SchemaError as error:
            raise SchemaError(error.seen, where="rows to complete", hint=error.hint) from None
    series = []
    for column in table.schema:
        dtype = parse_dtype(column.dtype)
        nothing = pl.Series(column.name, [None], dtype=dtype)
        known = column.name in frame.columns
        series.append(_cast(frame[column.name], column) if known else nothing.new_from_index(0, frame.height))
    return pl.DataFrame(series)


def _cast(series: pl.Series, column: Column) -> pl.Series:
    dtype = parse_dtype(column.dtype)
    if series.dtype == dtype:
        return series
    try:
        if series.dtype == pl.String and dtype.is_temporal():
            return series.str.strptime(dtype)  # type: ignore[arg-type]
        return _refuse_cut(series, dtype, column)
    except pl.exceptions.PolarsError:
        seen = f"its values do not fit what was learned ({column.kind}, {column.dtype})"
        hint = "write them as in the table that was learned"
        raise DataError(seen, where=f"rows to complete, column {column.name!r}", hint=hint) from None


def _refuse_cut(series: pl.Series, dtype: pl.DataType, column: Column) -> pl.Series:
    """Return the series in its type; DataError for a fraction where whole numbers were learned."""
    cast = series.cast(dtype)
    if series.dtype.is_float() and dtype.is_integer() and (cut := (series != cast).fill_null(value=False)).any():
        row = cut.arg_max() or 0
        seen = f"{series[row]} in row {row + 1:,} is not whole, and whole numbers were learned"
        raise DataError(seen, where=f"rows to complete, column {column.name!r}", hint="round it, or leave it empty")
    return cast


def _strange(series: pl.Series, codes: object) -> dict[int, str]:
    """Return the rows whose level was not learned and is not one of pooled rare ones, each with what to tell of it."""
    if not isinstance(codes, CategoryCodes) or codes.pooled:
        return {}
    text = series.cast(pl.String)
    rows = (text.is_not_null() & ~text.is_in(codes.levels.implode())).arg_true()
    told = {level: no_level(level, codes.column, levels_of(codes) or []) for level in text.gather(rows).unique()}
    return {int(row): f"{told[text[row]].seen} in {codes.column.name!r}" for row in rows}
