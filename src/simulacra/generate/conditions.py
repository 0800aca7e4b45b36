"""Rows of a learned table that satisfy conditions, or have each level of a column equally often.

Conditions are put into the draw: a column is drawn from what is allowed there, and candidates are kept by how well they
explain what was given (`tables.chain.Chain.sample`). What codes cannot say exactly is looked at row by row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from ..data.codes.category import CategoryCodes
from ..data.codes.select import Selection, select
from ..data.conditions import Allowed, both, known_column, read_allowed, to_pairs
from ..data.schema import Column, Schema
from ..errors import DataError, RecipeError
from ..seeds import Seeds
from .rewritten import coded, table_levels, translate

if TYPE_CHECKING:
    from .table import FittedTable

__all__ = ["ConditionedTable", "Given", "condition", "refuse_unbalanced"]

Given = Mapping[str, Any] | Sequence[str]
"""Conditions in text ("age=30..40"), or values by column."""

LEAST = 1e-6
"""A condition that a smaller share of the rows satisfies has no support, however many were learned from."""
MOST_LEVELS = 256
_TRIES = 200
_BLOCK = 4096
_NONE = 100_000
"""After so many candidates of which none satisfies the conditions, no more are made."""

Codes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]


def condition(table: FittedTable, given: Given, balance: str | None) -> ConditionedTable:
    """Return the table under conditions, each level of the column `balance` equally often.

    Errors: SchemaError for a column that is not there; RecipeError for a condition that cannot be read, contradicts
    another one, or is on made-up values; DataError for what the learned rows have no support for.
    """
    allowed = read_given(table, given)
    if balance is None:
        if not allowed:
            raise RecipeError("no condition is given", where="given", hint="write column=value, e.g. 'age=30..40'")
        drawer = _Drawer.make(table, allowed)
        return ConditionedTable(table, (drawer,), _notes(allowed, drawer.support()), tuple(allowed.values()))
    levels = _balance_levels(table, balance, allowed)
    drawers = tuple(
        _Drawer.make(table, {**allowed, balance: Allowed(table.schema[balance], level, frozenset([level]))})
        for level in levels
    )
    notes: tuple[str, ...] = (
        f"The rows were balanced: each of the {len(levels)} levels of {balance!r} has the same share.",
    )
    if allowed:
        supports = [drawer.support() for drawer in drawers]
        notes = (*_notes(allowed, sum(supports)), *notes)
    return ConditionedTable(table, drawers, notes, tuple(allowed.values()), balance)


def read_given(table: FittedTable, given: Given) -> dict[str, Allowed]:
    """Return what is allowed in each column that a condition names; several on one column must all hold."""
    found: dict[str, Allowed] = {}
    for name, written in to_pairs(given, table.schema.names):
        column = known_column(table.schema, name)
        if column.personal or column.kind in ("identifier", "text"):
            new = _of_made_up(written, Allowed(column, str(written), missing=True))
        else:
            new = read_allowed(written, column, table_levels(table, name))
        codes = coded(table, name)
        if isinstance(codes, CategoryCodes) and codes.pooled == "level":
            new = replace(new, known=frozenset(codes.levels))
        found[name] = both(found[name], new) if name in found else new
    return found


def _of_made_up(written: Any, missing: Allowed) -> Allowed:
    if written is None or (isinstance(written, str) and written.strip() == "missing"):
        return missing
    seen = f"the values of {missing.column.name!r} are made up anew, so no condition can be put on them"
    raise RecipeError(seen, where="given", hint="put conditions on columns that are learned")


def _balance_levels(table: FittedTable, name: str, allowed: Mapping[str, Allowed]) -> list[str]:
    column = known_column(table.schema, name, "balance")
    if name in allowed:
        seen = f"the column {name!r} is balanced, and a condition is put on it as well"
        raise RecipeError(seen, where="balance", hint="leave one of the two out")
    refuse_unbalanced(column)
    levels = table_levels(table, name) or []
    if len(levels) > MOST_LEVELS:
        seen = f"the column {name!r} has more than {MOST_LEVELS} levels"
        raise RecipeError(seen, where="balance", hint="balance a column of fewer levels")
    return levels


def refuse_unbalanced(column: Column) -> None:
    """Raise RecipeError for a column that has no levels to be balanced."""
    if column.personal or column.kind not in ("category", "boolean"):
        kind = "made up anew" if column.personal else f"{'an' if column.kind[0] in 'aeiou' else 'a'} {column.kind}"
        seen = f"the column {column.name!r} is {kind}, which has no levels to balance"
        raise RecipeError(seen, where="balance", hint="name a column of categories")


def _notes(allowed: Mapping[str, Allowed], share: float) -> tuple[str, ...]:
    what = ", ".join(f"{name} = {one.text}" for name, one in allowed.items())
    percent = "nearly all" if share > 0.95 else f"about {float(f'{share * 100:.1g}'):g} %"
    return (f"Every row satisfies: {what}. Of the rows made without conditions, {percent} would.",)


@dataclass(frozen=True, slots=True)
class _Drawer:
    """Draws codes and uniform numbers of rows that satisfy its conditions.

    selections : by place of the column in the codec. shares : coded column -> (size,) what is allowed of each code.
    looked_at : whether rows have to be made and looked at, because codes do not say it all or rules must be kept.
    """

    table: FittedTable
    allowed: Mapping[str, Allowed]
    selections: Mapping[int, Selection]
    shares: Mapping[int, Floats]
    looked_at: bool

    @classmethod
    def make(cls, table: FittedTable, allowed: Mapping[str, Allowed]) -> _Drawer:
        selections: dict[int, Selection] = {}
        shares: dict[int, Floats] = {}
        inner, exact = translate(table, allowed)
        at = 0
        for place, codes in enumerate(table.codec.columns):
            if codes.column.name in inner:
                found = selections[place] = select(inner[codes.column.name], codes)
                shares |= {at + digit: share for digit, share in enumerate(found.shares) if share.min() < 1.0}
                exact = exact and found.sure
            at += len(codes.sizes)
        ruled = bool(table.kept.rules.constraints or table.kept.rewriting.guards)
        return cls(table, allowed, selections, shares, ruled or not exact)

    def support(self) -> float:
        """Return the share of the model's rows that satisfy the conditions; DataError if there are next to none."""
        from ..tables.fill import probability

        share = probability(self.table.chain, self.shares, Seeds(0).child("support")) if self.shares else 1.0
        if share < max(LEAST, 2.0 / max(self.table.rows, 1)):
            what = " and ".join(f"{name} = {one.text}" for name, one in self.allowed.items())
            seen = (
                f"there is no support for {what}: of as many rows as were learned from, fewer than two would satisfy it"
            )
            raise DataError(seen, where="given", hint="loosen a condition")
        return share

    def draw(self, rows: int, seeds: Seeds) -> tuple[Codes, Floats]:
        """Return codes and uniform numbers of `rows` rows; the first of many are those of few."""
        asked = rows
        while True:
            codes, uniforms = self._candidates(asked, seeds)
            kept = self._holds(codes, uniforms)
            if kept is None:
                return codes, uniforms
            if (found := int(kept.sum())) >= rows:
                chosen = np.flatnonzero(kept)[:rows]
                return codes[chosen], uniforms[chosen]
            if asked >= _TRIES * rows + _BLOCK or (asked >= _NONE and not found):
                seen = f"of {asked:,} candidates only {found:,} satisfy the conditions"
                raise DataError(seen, where="given", hint="loosen a condition, or ask for fewer rows")
            more = max(2 * asked, int(1.1 * asked * rows / max(found, rows / _TRIES))) + 64
            asked = more if found else max(2 * asked, min(more, _NONE))

    def _candidates(self, rows: int, seeds: Seeds) -> tuple[Codes, Floats]:
        codes = self.table.chain.sample(rows, seeds.child("codes"), given=self.shares)
        uniforms = seeds.child("values").rng().random((rows, self.table.codec.uniforms))
        at = used = 0
        for place, column in enumerate(self.table.codec.columns):
            found = self.selections.get(place)
            if found is not None and found.stretches is not None:
                uniforms[:, used] = found.place(codes[:, at], uniforms[:, used])
            at, used = at + len(column.sizes), used + column.uniforms
        return codes, uniforms

    def _holds(self, codes: Codes, uniforms: Floats) -> npt.NDArray[np.bool_] | None:
        """Return which candidates satisfy the conditions and the table's rules, None if all surely do."""
        if not self.looked_at:
            return None
        frame = self.table.decode(codes, uniforms, first_row=0)
        kept = self.table.kept.keeps(frame)
        for name, allowed in self.allowed.items():
            kept = kept & allowed.holds(frame[name]).to_numpy()
        return kept


@dataclass(frozen=True, slots=True)
class ConditionedTable:
    """A `Fitted` whose rows all satisfy `given`; with several drawers, row i comes from the one that its turn names.

    balance : the column whose levels the drawers stand for, None if there is one drawer.
    """

    table: FittedTable
    drawers: tuple[_Drawer, ...]
    added: tuple[str, ...]
    given: tuple[Allowed, ...] = ()
    balance: str | None = None

    @property
    def schema(self) -> Schema:
        """The columns of the rows that `sample` gives."""
        return self.table.schema

    @property
    def dropped(self) -> tuple[str, ...]:
        """Found rules that the table does not keep."""
        return self.table.dropped

    @property
    def notes(self) -> tuple[str, ...]:
        """What the conditions mean for the rows, and the notes of the table."""
        return (*self.added, *self.table.notes)

    def sample(self, rows: int, seeds: Seeds, *, first_row: int = 0) -> pl.DataFrame:
        """Return `rows` new rows that satisfy the conditions; see `contracts.Fitted.sample` for the laws it keeps."""
        if self.balance is None:
            codes, uniforms = self.drawers[0].draw(rows, seeds)
            return self.table.decode(codes, uniforms, first_row=first_row)
        turns = self.turns(first_row, rows, seeds.root)
        codes = np.zeros((rows, self.table.chain.n_columns), np.uint8)
        uniforms = np.zeros((rows, self.table.codec.uniforms))
        for number, drawer in enumerate(self.drawers):
            mine = np.flatnonzero(turns == number)
            if len(mine):
                codes[mine], uniforms[mine] = drawer.draw(len(mine), seeds.child("level", number))
        return self.table.decode(codes, uniforms, first_row=first_row)

    def turns(self, first_row: int, rows: int, root: int) -> npt.NDArray[np.int64]:
        """Return (rows,) which level each row has: every run of as many rows as there are levels has each once."""
        n_levels = len(self.drawers)
        rounds = -(-_BLOCK // n_levels)
        block = rounds * n_levels
        parts = []
        for number in range(first_row // block, (first_row + rows - 1) // block + 1):
            rng = Seeds(root).child("balance", number).rng()
            parts.append(rng.permuted(np.tile(np.arange(n_levels), (rounds, 1)), axis=1).ravel())
        start = first_row % block
        return np.concatenate(parts)[start : start + rows] if parts else np.zeros(0, np.int64)

    def level_of(self, frame: pl.DataFrame) -> npt.NDArray[np.int64]:
        """Return (rows,) the turn that each row's level has in a balanced table, -1 for a level that has none."""
        if self.balance is None:
            return np.zeros(frame.height, np.int64)
        found = np.full(frame.height, -1, np.int64)
        for number, drawer in enumerate(self.drawers):
            found[drawer.allowed[self.balance].holds(frame[self.balance]).to_numpy()] = number
        return found

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Return (rows,) bool: which rows of a table satisfy what was given."""
        kept = pl.Series([True]).new_from_index(0, frame.height)
        for allowed in self.given:
            kept &= allowed.holds(frame[allowed.column.name])
        return kept

    def to_bytes(self) -> bytes:
        """Return the model without its conditions."""
        return self.table.to_bytes()
