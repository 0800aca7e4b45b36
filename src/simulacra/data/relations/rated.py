"""Rates that a category decides: found on a sample, asked of all rows, and computed where rows are made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import polars as pl

from ..codes.family import rare_below
from ..constraints import Constraint
from ..quantities import dimension, floats, last_digit, quantity
from ..rates import Floats, Rates
from ..saved import damaged, value_of
from ..schema import Column
from .relation import Relation, Search, told
from .restore import restore, style_of

__all__ = ["Rated", "find_rates", "last_first"]

MOST_NUMBERS = 40
MOST_LEVELS = 200
MOST_GROUPS = 40
_GLANCE = 60
"""Rows of the largest numbers, whose ratios are the sharpest: of a rate of a category there are few."""


def find_rates(search: Search) -> Iterator[Relation]:
    """Propose numbers that are another one times a rate that a category decides, each with the first that does.

    The first 40 numbers are looked at, and the 40 categories of fewest levels.
    Not handled: rates per combination of categories, or with a constant besides; a product of two columns.
    """
    gone = {relation.columns[-1] for relation in search.found if relation.kind in ("copy", "part", "linear")}
    columns = [column for column in search.schema if column.name not in gone and "`" not in column.name]
    numbers = [column for column in columns if column.kind in ("integer", "real") and not column.personal]
    numbers = [column for column in numbers if dimension(column) == "number" and not column.format][:MOST_NUMBERS]
    levels = {column.name: search.sample[column.name].n_unique() for column in columns if _has_levels(column)}
    groups = [column for column in columns if 2 <= levels.get(column.name, 0) <= MOST_LEVELS]
    groups = sorted(groups, key=lambda column: levels[column.name])[:MOST_GROUPS]
    places = {group.name: _places(search.sample[group.name]) for group in groups}
    values = {column.name: floats(search.sample[column.name], column) for column in numbers} if groups else {}
    decided = set[str]()
    for base, target in permutations(numbers, 2) if groups else ():
        seen = None if {base.name, target.name} & decided else _glance(values[base.name], values[target.name], target)
        if seen is None:
            continue
        for group in groups:
            if group in (base, target) or not _decides(places[group.name], *seen):
                continue
            if all(fit(frame, (group, base, target)) for frame in (search.sample, search.frame)):
                decided.add(target.name)
                why = f"{target.name} is {base.name} times a rate that {group.name} decides, in every row"
                columns_of = (group.name, base.name, target.name)
                yield told("rate", columns_of, {"rate": list(columns_of)}, why)
                break


def fit(frame: pl.DataFrame, columns: tuple[Column, Column, Column]) -> Rates | None:
    """Return the rates that a table shows, None if it shows none."""
    group, base, target = columns
    found = floats(frame[base.name], base), floats(frame[target.name], target)
    text = frame[group.name].cast(pl.String)
    return Rates.fit(text, *found, reach=last_digit(target) / 2, fewest=rare_below(frame.height))


def last_first(rules: list[Constraint]) -> list[Constraint]:
    """Return rules on rates in the order in which their targets can be left out: first what no other needs."""
    left, found = list(rules), list[Constraint]()
    while left:
        free = [one for one in left if all(one.columns[2] != other.columns[1] for other in left)]
        found.append((free or left)[0])
        left.remove(found[-1])
    return found


def _has_levels(column: Column) -> bool:
    return not column.personal and column.kind in ("category", "boolean", "integer")


def _places(levels: pl.Series) -> npt.NDArray[np.int64]:
    """Return (rows,) a number for each level, 0 for none."""
    return levels.cast(pl.String).rank("dense").fill_null(0).cast(pl.Int64).to_numpy()


def _glance(base: Floats, target: Floats, column: Column) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]] | None:
    """Return the rows of the largest numbers and which ratio each shows; None if they show one, or many."""
    size = np.where(np.isnan(base) | np.isnan(target), 0.0, np.abs(base))
    largest = np.argsort(-size)[:_GLANCE]
    largest = largest[(size[largest] > 1e-100) & (size[largest] < 1e100)]
    if len(largest) < _GLANCE // 2:
        return None
    ratios = target[largest] / base[largest]
    slack = last_digit(column) / size[largest].min() + 1e-9 * np.abs(ratios).max()
    order = np.argsort(ratios)
    which = np.empty(len(largest), np.int64)
    which[order] = np.concatenate(([0], np.cumsum(np.diff(ratios[order]) > slack)))
    return (largest, which) if 0 < which.max() < len(largest) // 3 else None


def _decides(places: npt.NDArray[np.int64], rows: npt.NDArray[np.int64], which: npt.NDArray[np.int64]) -> bool:
    """Say whether nearly all of these rows have the ratio that is usual for their level."""
    _, level = np.unique(places[rows], return_inverse=True)
    counts = np.zeros((level.max() + 1, which.max() + 1), np.int64)
    np.add.at(counts, (level, which), 1)
    return bool(counts.max(axis=1).sum() >= 0.9 * len(rows))


@dataclass(frozen=True, slots=True)
class Rated:
    """(group, base) -> target.

    held : what of the target is learned beside the others: "nothing"; "gaps", whether it is there; or "values", which
    stand where the group has no rate and give way where it has one.
    """

    group: Column
    base: Column
    target: Column
    rates: Rates
    style: str = "plain"
    held: str = "nothing"
    kind: ClassVar[str] = "rated"

    @classmethod
    def fit(cls, frame: pl.DataFrame, columns: tuple[Column, Column, Column]) -> Rated | None:
        """Return the step; None if the table shows no rates."""
        rates = fit(frame, columns)
        if rates is None:
            return None
        step = cls(*columns, rates, style_of(frame[columns[2].name], columns[2]))
        known, computed = frame[columns[2].name].is_not_null(), step.compute(frame).is_not_null()
        if (known & ~computed).any():
            return replace(step, held="values")
        return replace(step, held="gaps") if (computed & ~known).any() else step

    def rewrite(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        """Return the columns without the target, or with a boolean in its place, or as they are."""
        if self.held == "values":
            return dict(columns)
        if self.held == "gaps":
            return {**columns, self.target.name: Column(self.target.name, "boolean", dtype="Boolean")}
        return {name: column for name, column in columns.items() if name != self.target.name}

    def forward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table without the target, with whether it is there, or as it is."""
        if self.held == "values":
            return frame
        if self.held == "gaps":
            return frame.with_columns(pl.col(self.target.name).is_not_null())
        return frame.drop(self.target.name)

    def backward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table with the targets of all levels that have a rate computed."""
        made = self.compute(frame)
        if self.held == "nothing":
            return frame.with_columns(made)
        drawn = frame[self.target.name]
        if self.held == "values":
            return frame.with_columns(made.zip_with(made.is_not_null() & drawn.is_not_null(), drawn))
        nothing = pl.Series(made.name, [None], dtype=made.dtype).new_from_index(0, len(made))
        return frame.with_columns(made.zip_with(drawn, nothing))

    def compute(self, frame: pl.DataFrame) -> pl.Series:
        """Return the target of each row as its column writes it, null where the base or the rate is not known."""
        found = self.rates.of(frame[self.group.name], quantity(frame[self.base.name], self.base))
        return restore(found, self.target, self.style)

    def factors(self, frame: pl.DataFrame) -> Floats:
        """Return (rows,) the rate of each row, NaN where the group is not known or has none."""
        one = pl.Series([1.0]).new_from_index(0, frame.height)
        return self.rates.of(frame[self.group.name], one).fill_null(float("nan")).to_numpy()

    def levels_between(self, base: Floats, target: Floats) -> dict[tuple[str, ...], npt.NDArray[np.bool_]]:
        """Return the levels whose rate leads from each base to its target -> (rows,) those it is so for.

        Rows are left out that know only one of the two, or that no level explains.
        """
        near = np.outer(base, self.rates.factors) - target[:, None]
        fits = np.abs(near) <= last_digit(self.target) / 2 + 1e-9 * np.abs(target)[:, None]
        found: dict[tuple[str, ...], npt.NDArray[np.bool_]] = {}
        for pattern in np.unique(fits[fits.any(axis=1)], axis=0):
            levels = tuple(level for level, here in zip(self.rates.levels, pattern, strict=True) if here)
            found[levels] = (fits == pattern).all(axis=1)
        return found

    def to_state(self) -> dict[str, Any]:
        """Return names, levels and rates."""
        named = {"group": self.group.name, "base": self.base.name, "target": self.target.name, "style": self.style}
        named["held"] = self.held
        return {**named, "levels": list(self.rates.levels), "factors": list(self.rates.factors)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], columns: Mapping[str, Column]) -> Rated:
        """Return what `to_state` wrote; ModelFileError if it does not make sense."""
        names = [value_of(state, part, str) for part in ("group", "base", "target")]
        if not set(names) <= set(columns) or len(set(names)) < 3:
            raise damaged("group", "names columns that are not there")
        levels, factors = value_of(state, "levels", list), value_of(state, "factors", list)
        finite = all(type(factor) in (int, float) and np.isfinite(factor) for factor in factors)
        if not levels or len(levels) != len(factors) or not finite or not all(isinstance(k, str) for k in levels):
            raise damaged("factors", "do not fit the levels")
        group, base, target = (columns[name] for name in names)
        if len(set(levels)) < len(levels) or {dimension(base), dimension(target)} != {"number"}:
            raise damaged("factors", "do not fit the columns")
        held = value_of(state, "held", str)
        if held not in ("nothing", "gaps", "values"):
            raise damaged("held", "is no way of keeping a column")
        return cls(group, base, target, Rates(tuple(levels), tuple(factors)), value_of(state, "style", str), held)
