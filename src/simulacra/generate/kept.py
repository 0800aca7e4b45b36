"""What every row of a learned table keeps: the schema's rules, by rewriting where it can be, else by drawing again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from ..data.codes.codec import describe_column, restore_column
from ..data.constraints import constraint_to_plain, parse_constraint
from ..data.dataset import Dataset
from ..data.relations import Rewriting, settle
from ..data.rules import Rules, check_constraints, refuse_broken
from ..data.saved import damaged, value_of
from ..data.schema import Schema
from ..errors import DataError, SchemaError

__all__ = ["Draw", "Kept"]

Draw = Callable[[int], tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64]]]
"""Gives codes and uniform numbers of so many candidates; the first of many are those of few."""

_TRIES = 50
"""Candidates a row before the rules are said to leave no rows."""
_TOLD = 20


@dataclass(frozen=True, slots=True)
class Kept:
    """The table's schema and how its rules are kept.

    rewriting : to the columns that are coded, so that relations hold by themselves. rules : what a row is judged by.
    dropped : found rules that are not kept, as `strain.ease` decides. told : what to say of them and of costly ones.
    """

    rewriting: Rewriting
    rules: Rules
    dropped: tuple[str, ...] = ()
    told: tuple[str, ...] = ()

    @classmethod
    def fit(cls, data: Dataset) -> Kept:
        """Find what holds in the rows, unless the schema says that this was done; SchemaError for broken rules."""
        schema = settle(data.frame, data.schema)
        refuse_broken(schema, data.frame)
        rewriting = Rewriting.fit(data.frame, schema)
        return cls(rewriting, Rules.fit(rewriting.schema, data.frame))

    @property
    def schema(self) -> Schema:
        """The columns and rules of the rows that come out."""
        return self.rewriting.schema

    @property
    def notes(self) -> tuple[str, ...]:
        """The rules, in one sentence, and what keeping them costs where that is much."""
        rules = [str(rule) for rule in self.schema.constraints if rule.columns]
        more = f" and {len(rules) - _TOLD} more" if len(rules) > _TOLD else ""
        return (*((f"Kept in every row: {'; '.join(rules[:_TOLD])}{more}.",) if rules else ()), *self.told)

    def keeps(self, frame: pl.DataFrame) -> npt.NDArray[np.bool_]:
        """Return which rows keep every rule."""
        return self.rules.joined(self.rewriting.guards).all_kept(frame).to_numpy()

    def first_kept(
        self, rows: int, draw: Draw, decode: Callable[..., pl.DataFrame]
    ) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64]]:
        """Return the first `rows` candidates of a stream that keep the rules; DataError if next to none does.

        decode : makes rows of codes and uniform numbers.
        """
        asked = 2 * rows + 64
        while True:
            codes, uniforms = draw(asked)
            kept = np.flatnonzero(self.keeps(decode(codes, uniforms, first_row=0)))
            if len(kept) >= rows:
                return codes[kept[:rows]], uniforms[kept[:rows]]
            if asked > _TRIES * rows + 10_000:
                rules = "; ".join(str(rule) for rule in self.rules.constraints[:5])
                seen = f"of {asked:,} rows made, {len(kept):,} keep the constraints ({rules})"
                raise DataError(seen, hint="loosen a constraint")
            asked *= 3

    def to_state(self) -> dict[str, Any]:
        """Return JSON values from which `from_state` makes the same."""
        return {
            "columns": [describe_column(column) for column in self.schema],
            "target": self.schema.target,
            "constraints": [constraint_to_plain(rule) for rule in self.schema.constraints],
            "rewriting": self.rewriting.to_state(),
            "rules": self.rules.to_state(),
            "dropped": list(self.dropped),
            "told": list(self.told),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Kept:
        """Return what `to_state` wrote; ModelFileError if it does not make sense."""
        described = value_of(state, "columns", list)
        if not all(isinstance(column, dict) for column in described):
            raise damaged("columns", "is not a list of columns")
        columns = tuple(restore_column(column) for column in described)
        if len({column.name for column in columns}) < len(columns):
            raise damaged("columns", "has a name twice")
        target = None if state.get("target") is None else value_of(state, "target", str)
        try:
            rules = tuple(parse_constraint(written) for written in value_of(state, "constraints", list))
            check_constraints(Schema(columns), rules)
            schema = Schema(columns, target, rules)
            rewriting = Rewriting.from_state(schema, value_of(state, "rewriting", dict))
        except SchemaError as error:
            raise damaged("constraints", f"cannot be: {error.seen}") from None
        texts = (tuple(map(str, value_of({part: [], **state}, part, list))) for part in ("dropped", "told"))
        return cls(rewriting, Rules.from_state(schema, value_of(state, "rules", dict)), *texts)
