"""The steps of a rewriting: each changes some columns before they are coded and puts them back afterwards.

Every step works row by row, so that what it gives for a row does not depend on the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
import polars as pl

from ...errors import SchemaError
from ..constraints import Comparison, parse_constraint
from ..quantities import dimension, part_of, quantity
from ..saved import damaged, value_of
from ..schema import Column
from .restore import restore

__all__ = ["Derived", "Gap", "Same", "Sorted", "Step"]


class Step(Protocol):
    """One change of the table and its way back."""

    kind: ClassVar[str]

    def rewrite(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        """Return the columns after the step, by name."""

    def forward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the changed table."""

    def backward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table with the columns put back (in any order)."""

    def to_state(self) -> dict[str, Any]:
        """Return JSON values."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A column that an equality computes from others; it is dropped, or only its being there is kept (`gaps`).

    rule : the equality as text. columns : all its columns as the schema has them. style : of numbers held as text.
    """

    target: Column
    rule: str
    columns: tuple[Column, ...]
    style: str = "plain"
    gaps: bool = False
    kind: ClassVar[str] = "derived"

    def rewrite(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        """Return the columns without the target, or with a boolean in its place."""
        if self.gaps:
            return {**columns, self.target.name: Column(self.target.name, "boolean", dtype="Boolean")}
        return {name: column for name, column in columns.items() if name != self.target.name}

    def forward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table without the target, or with whether it is there."""
        if self.gaps:
            return frame.with_columns(pl.col(self.target.name).is_not_null())
        return frame.drop(self.target.name)

    def backward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table with the target computed."""
        values = self.compute(frame)
        if self.gaps:
            nothing = pl.Series(values.name, [None], dtype=values.dtype).new_from_index(0, len(values))
            values = values.zip_with(frame[self.target.name], nothing)
        return frame.with_columns(values)

    def compute(self, frame: pl.DataFrame) -> pl.Series:
        """Return what the equality says the target is, null where a column it needs is null."""
        comparison = self.comparison
        others = [term for term in comparison.terms if term.name != self.target.name]
        known = {column.name: column for column in self.columns}
        if dimension(self.target) == "text":
            return frame[others[0].name].rename(self.target.name)
        factor = next(term.factor for term in comparison.terms if term.name == self.target.name)
        parts = []
        for term in others:
            series, column = frame[term.name], known[term.name]
            values = part_of(series, column, term.part) if term.part else quantity(series, column)
            parts.append((values, -term.factor / factor))
        constant = -(comparison.number + comparison.micros) / factor
        if constant.is_integer() and all(values.dtype.is_integer() and share.is_integer() for values, share in parts):
            total = pl.repeat(int(constant), frame.height, dtype=pl.Int64, eager=True)
            for values, share in parts:
                total = total + values * int(share)
        else:
            total = pl.repeat(constant, frame.height, dtype=pl.Float64, eager=True)
            for values, share in parts:
                total = total + values.cast(pl.Float64) * share
        return restore(total, self.target, self.style)

    @property
    def comparison(self) -> Comparison:
        """The equality."""
        return parse_constraint(self.rule).comparisons[0]

    def to_state(self) -> dict[str, Any]:
        """Return the names and the rule."""
        return {"target": self.target.name, "rule": self.rule, "style": self.style, "gaps": self.gaps}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], columns: Mapping[str, Column]) -> Derived:
        """Return what `to_state` wrote."""
        target = _column(state, "target", columns)
        try:
            rule = parse_constraint(value_of(state, "rule", str))
        except SchemaError as error:
            raise damaged("rule", f"cannot be read: {error.seen}") from None
        fits = len(rule.comparisons) == 1 and target.name in rule.columns and set(rule.columns) <= set(columns)
        if not fits or len(rule.columns) < 2:
            raise damaged("rule", "does not compute the column")
        used = tuple(columns[name] for name in rule.columns)
        return cls(target, rule.text, used, value_of(state, "style", str), value_of(state, "gaps", bool))


@dataclass(frozen=True, slots=True)
class Gap:
    """Two columns in order: one of them is held as its distance from the other, which is never below zero.

    anchor : the column that stays. upwards : whether the moved column is the larger one.
    """

    anchor: Column
    moved: Column
    upwards: bool
    style: str = "plain"
    kind: ClassVar[str] = "gap"

    def rewrite(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        """Return the columns with the distance in place of the moved one."""
        return {**columns, self.moved.name: self.distance}

    @property
    def distance(self) -> Column:
        """The column of distances: a number with the finer decimals of the two, days, or a duration."""
        name, both = self.moved.name, (self.anchor, self.moved)
        if dimension(self.moved) != "number":
            if all(column.kind == "date" for column in both):
                return Column(name, "integer", dtype="Int64")
            return Column(name, "duration", dtype="Duration(us)")
        if all(column.kind == "integer" for column in both):
            return Column(name, "integer", dtype="Int64")
        digits = [0 if column.kind == "integer" else column.decimals for column in both]
        known = [digit for digit in digits if digit is not None]
        return Column(name, "real", dtype="Float64", decimals=max(known) if len(known) == 2 else None)

    def forward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table with distances."""
        anchor, moved = (quantity(frame[column.name], column) for column in (self.anchor, self.moved))
        gap = (moved - anchor) if self.upwards else (anchor - moved)
        distance = self.distance
        if distance.kind == "duration":
            gap = gap.cast(pl.Duration("us"))
        elif distance.kind == "integer":
            gap = gap.cast(pl.Int64) // (_DAY if dimension(self.moved) == "point" else 1)
        else:
            gap = gap.cast(pl.Float64)
            gap = gap if distance.decimals is None else gap.round(distance.decimals)
        return frame.with_columns(gap.rename(self.moved.name))

    def backward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table with the moved column at its distance from the other."""
        gap = frame[self.moved.name]
        if self.distance.kind == "duration":
            gap = gap.cast(pl.Int64)
        elif dimension(self.moved) == "point":
            gap = gap * _DAY
        anchor = quantity(frame[self.anchor.name], self.anchor)
        values = anchor + gap if self.upwards else anchor - gap
        return frame.with_columns(restore(values, self.moved, self.style))

    def to_state(self) -> dict[str, Any]:
        """Return the names."""
        named = {"anchor": self.anchor.name, "moved": self.moved.name}
        return {**named, "upwards": self.upwards, "style": self.style}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], columns: Mapping[str, Column]) -> Gap:
        """Return what `to_state` wrote."""
        anchor, moved = _column(state, "anchor", columns), _column(state, "moved", columns)
        if dimension(anchor) != dimension(moved) or dimension(moved) == "text":
            raise damaged("moved", "has no distance from the other column")
        return cls(anchor, moved, value_of(state, "upwards", bool), value_of(state, "style", str))


@dataclass(frozen=True, slots=True)
class Sorted:
    """Columns in order that are coded as they are; where drawn values stand in the wrong order they are exchanged."""

    columns: tuple[Column, ...]
    kind: ClassVar[str] = "sorted"

    def rewrite(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        """Return the columns as they are."""
        return dict(columns)

    def forward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table as it is."""
        return frame

    def backward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table with the columns in order in every row that has them all."""
        names = [column.name for column in self.columns]
        whole = frame.select(pl.all_horizontal(pl.col(names).is_not_null())).to_series().to_numpy()
        values = np.column_stack(
            [quantity(frame[column.name], column).cast(pl.Float64).fill_null(0.0).to_numpy() for column in self.columns]
        )
        rank = np.argsort(values, axis=1, kind="stable")
        rank[~whole] = np.arange(len(names))
        if (rank == np.arange(len(names))).all():
            return frame
        series = []
        for place, name in enumerate(names):
            made = frame[name]
            for other, source in enumerate(names):
                if other != place:
                    made = made.zip_with(pl.Series(rank[:, place] != other), frame[source])
            series.append(made.rename(name))
        return frame.with_columns(series)

    def to_state(self) -> dict[str, Any]:
        """Return the names."""
        return {"columns": [column.name for column in self.columns]}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], columns: Mapping[str, Column]) -> Sorted:
        """Return what `to_state` wrote."""
        names = value_of(state, "columns", list)
        chosen = tuple(_column({"columns": name}, "columns", columns) for name in names)
        if len({column.dtype for column in chosen}) != 1 or any(dimension(column) == "text" for column in chosen):
            raise damaged("columns", "cannot be put in order")
        return cls(chosen)


@dataclass(frozen=True, slots=True)
class Same:
    """A column that sometimes equals another: a second column says whether and which, beside the value itself."""

    column: Column
    sources: tuple[Column, ...]
    style: str = "plain"
    kind: ClassVar[str] = "same"

    @property
    def token(self) -> Column:
        """The column that says which source is equal; its levels are "-" and the sources' places."""
        return Column(f"{self.column.name} = ?", "category", dtype="String")

    def rewrite(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        """Return the columns with the second one behind the first."""
        made: dict[str, Column] = {}
        for name, column in columns.items():
            made[name] = column
            if name == self.column.name:
                made[self.token.name] = self.token
        return made

    def forward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table with the second column."""
        own = quantity(frame[self.column.name], self.column)
        token = pl.repeat("-", frame.height, eager=True)
        for place in reversed(range(len(self.sources))):
            source = self.sources[place]
            equal = (quantity(frame[source.name], source) == own).fill_null(False)
            token = pl.repeat(str(place), frame.height, eager=True).zip_with(equal, token)
        return frame.with_columns(token.rename(self.token.name))

    def backward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table with the equal values copied and without the second column."""
        made, token = frame[self.column.name], frame[self.token.name]
        for place, source in enumerate(self.sources):
            other = restore(quantity(frame[source.name], source), self.column, self.style)
            made = other.zip_with((token == str(place)) & other.is_not_null(), made)
        return frame.with_columns(made.rename(self.column.name)).drop(self.token.name)

    def to_state(self) -> dict[str, Any]:
        """Return the names."""
        sources = [source.name for source in self.sources]
        return {"column": self.column.name, "sources": sources, "style": self.style}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], columns: Mapping[str, Column]) -> Same:
        """Return what `to_state` wrote."""
        column = _column(state, "column", columns)
        sources = tuple(_column({"sources": name}, "sources", columns) for name in value_of(state, "sources", list))
        if not sources or any(dimension(source) != dimension(column) for source in sources):
            raise damaged("sources", "cannot equal the column")
        return cls(column, sources, value_of(state, "style", str))


_DAY = 86_400 * 10**6


def _column(state: Mapping[str, Any], part: str, columns: Mapping[str, Column]) -> Column:
    name = value_of(state, part, str)
    if name not in columns:
        raise damaged(part, f"names a column {name[:40]!r} that is not there")
    return columns[name]
