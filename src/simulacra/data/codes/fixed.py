"""Columns that carry no code but missing or present: constants, and what is made up (keys, free text, personal)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import polars as pl

from ...seeds import Seeds
from ..dtypes import parse_dtype
from ..madeup import Maker
from ..saved import damaged, value_of
from ..schema import Column
from .family import Codes, Uniforms, blank, rare_below

__all__ = ["ConstantCodes", "MadeUpCodes", "Presence"]


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether a cell is there: no coded column if every one is, else one: 0 for missing, 1 for present."""

    missing: bool

    @property
    def sizes(self) -> tuple[int, ...]:
        """Nothing to code, or missing / present."""
        return (2,) if self.missing else ()

    @property
    def ordered(self) -> tuple[bool, ...]:
        """Two codes have no order."""
        return (False,) * len(self.sizes)

    def encode(self, series: pl.Series) -> list[Codes]:
        """Return 0 for missing, 1 for present."""
        return [series.is_not_null().to_numpy().astype(np.uint8)] if self.missing else []

    def decode(self, codes: Codes, series: pl.Series) -> pl.Series:
        """Return the series with null where the code says missing."""
        return blank(series, codes[:, 0] == 0) if self.missing else series


class _CodedByPresence:
    """What constant and made-up columns share: of a cell, only whether it is there is coded."""

    __slots__ = ()
    presence: Presence

    @property
    def missing(self) -> bool:
        """Whether it is coded as missing or present."""
        return self.presence.missing

    @property
    def sizes(self) -> tuple[int, ...]:
        """As its presence says."""
        return self.presence.sizes

    @property
    def ordered(self) -> tuple[bool, ...]:
        """As its presence says."""
        return self.presence.ordered

    def encode(self, series: pl.Series) -> list[Codes]:
        """Return 0 for missing, 1 for present, if it can be missing."""
        return self.presence.encode(series)


@dataclass(frozen=True, slots=True)
class ConstantCodes(_CodedByPresence):
    """A column with one value at most; value : it as text, times as their number of ticks, None if all are missing."""

    column: Column
    value: str | None
    presence: Presence
    notes: tuple[str, ...] = ()
    family: ClassVar[str] = "constant"

    @classmethod
    def fit(cls, series: pl.Series, column: Column) -> ConstantCodes:
        """Return the most frequent value, coded only where missing is another possibility; withheld if it is rare."""
        present = series.drop_nulls()
        plain = (present.to_physical() if present.dtype.is_temporal() else present).cast(pl.String)
        value = None if plain.is_empty() else str(plain.mode().sort()[0])
        rows, floor = int((plain == value).sum()) if value is not None else 0, rare_below(len(series))
        if value is None or rows < floor:
            return cls.withheld(column, rows, floor)
        return cls(column, value, Presence(bool(series.null_count())))

    @classmethod
    def withheld(cls, column: Column, rows: int, floor: int, notes: tuple[str, ...] = ()) -> ConstantCodes:
        """Return a column that is all missing, as too few `rows` hold a value; a note says so unless none does."""
        why = f"Column {column.name!r}: fewer than {floor} rows hold a value, too few to learn from; given as missing."
        return cls(column, None, Presence(False), (*notes, why) if rows else notes)

    @property
    def uniforms(self) -> int:
        """No draws."""
        return 0

    def decode(self, codes: Codes, uniforms: Uniforms, first_row: int) -> pl.Series:  # noqa: ARG002
        """Return the value in every row that is not missing."""
        name, dtype = self.column.name, parse_dtype(self.column.dtype)
        if self.value is None:
            return pl.Series(name, [None], dtype=pl.Null).cast(dtype).new_from_index(0, len(codes)).rename(name)
        one = _read(pl.Series(name, [self.value], dtype=pl.String), dtype)
        return self.presence.decode(codes, one.new_from_index(0, len(codes)).rename(name))

    def to_state(self) -> dict[str, Any]:
        """Return the value."""
        return {"value": self.value, "missing": self.presence.missing, "notes": list(self.notes)}

    @classmethod
    def from_state(cls, column: Column, state: Mapping[str, Any]) -> ConstantCodes:
        """Return what `to_state` wrote."""
        value = None if state.get("value") is None else value_of(state, "value", str)
        if value is not None and not _readable(value, column):
            raise damaged("value", f"is not of the type {column.dtype}")
        notes = tuple(map(str, value_of(state, "notes", list)))
        return cls(column, value, Presence(value_of(state, "missing", bool)), notes)


@dataclass(frozen=True, slots=True)
class MadeUpCodes(_CodedByPresence):
    """A column whose values are invented; only whether a value is there is learned."""

    column: Column
    maker: Maker
    presence: Presence
    family: ClassVar[str] = "made-up"

    @classmethod
    def fit(cls, series: pl.Series, column: Column, seeds: Seeds) -> MadeUpCodes:
        """Learn the shape of the values, never a value."""
        return cls(column, Maker.learn(series, column, seeds), Presence(bool(series.null_count())))

    @property
    def uniforms(self) -> int:
        """One; the maker stretches it to as many choices as it needs."""
        return 1

    @property
    def notes(self) -> tuple[str, ...]:
        """What is made up and how."""
        return self.maker.notes

    def decode(self, codes: Codes, uniforms: Uniforms, first_row: int) -> pl.Series:
        """Return new values; row i depends on uniforms[i] and first_row + i alone."""
        rows = np.arange(first_row, first_row + len(codes), dtype=np.uint64)
        return self.presence.decode(codes, self.maker.make(rows, uniforms[:, 0]))

    def to_state(self) -> dict[str, Any]:
        """Return the learned shape."""
        return {"maker": self.maker.to_state(), "missing": self.presence.missing}

    @classmethod
    def from_state(cls, column: Column, state: Mapping[str, Any]) -> MadeUpCodes:
        """Return what `to_state` wrote."""
        maker = Maker.from_state(column, value_of(state, "maker", dict))
        return cls(column, maker, Presence(value_of(state, "missing", bool)))


def _readable(value: str, column: Column) -> bool:
    try:
        return _read(pl.Series([value]), parse_dtype(column.dtype)).null_count() == 0
    except pl.exceptions.PolarsError:
        return False


def _read(text: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Return text in the dtype it was written from."""
    if dtype == pl.Boolean:
        return text == "true"
    return text.cast(pl.Int64).cast(dtype) if dtype.is_temporal() else text.cast(dtype, strict=False)
