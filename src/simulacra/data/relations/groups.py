"""Groups that are a cut of a number: age and age_group."""

from __future__ import annotations

from collections.abc import Iterator
from math import lgamma

import numpy as np
import polars as pl

from ..codes.family import rare_below
from ..cuts import Cut
from ..quantities import dimension, floats, quantity
from ..schema import Column
from .relation import SURPRISE, Relation, Search, counts_of, surprise, told

__all__ = ["find_cuts"]

MOST_GROUPS = 50
FEW = 200


def find_cuts(search: Search) -> Iterator[Relation]:
    """Yield the groups that a number decides in all rows, each with the first such number.

    A number with fewer than twice as many values as there are groups is a code rather, and is left to functions.
    """
    columns = [column for column in search.left("copy", "part", "function") if column.kind != "constant"]
    linear = {name for relation in search.found if relation.kind == "linear" for name in relation.columns}
    numbers = [c for c in columns if c.kind in ("integer", "real") and dimension(c) == "number" and not c.format]
    few = search.sample.head(FEW)
    stretches = _Stretches(few, numbers)
    for group in columns:
        if not _is_group(group, search.sample) or group.name in linear:
            continue
        counts = counts_of(search.frame[group.name])
        if surprise(counts) <= SURPRISE + lgamma(len(counts) + 1):  # in any order of the groups
            continue
        for number in stretches.perhaps(few[group.name]):
            if number is not group and _is_cut(search, number, group):
                why = f"{group.name} is a cut of {number.name}: each {group.name} holds one stretch of {number.name}"
                yield told("cut", (number.name, group.name), {"cut": [number.name, group.name]}, why)
                break


class _Stretches:
    """A few rows in the order of each number: tells in microseconds which numbers surely do not decide some groups."""

    def __init__(self, few: pl.DataFrame, numbers: list[Column]) -> None:
        self.numbers = numbers
        values = np.array([floats(few[number.name], number) for number in numbers]).reshape(len(numbers), len(few))
        self.order = np.argsort(values, axis=1, kind="stable")
        self.known = ~np.isnan(np.take_along_axis(values, self.order, axis=1))[:, 1:]

    def perhaps(self, group: pl.Series) -> Iterator[Column]:
        """Yield the numbers along which no label comes back after another one."""
        codes = group.cast(pl.String).rank("dense").fill_null(0).to_numpy()
        labels = codes[self.order]
        changes = ((labels[:, 1:] != labels[:, :-1]) & self.known).sum(axis=1)
        for place in np.flatnonzero(changes < len(np.unique(codes))):
            yield self.numbers[place]


def _is_group(column: Column, sample: pl.DataFrame) -> bool:
    discrete = not column.personal and column.kind in ("category", "boolean", "integer")
    return discrete and 1 < sample[column.name].drop_nulls().n_unique() <= MOST_GROUPS


def _is_cut(search: Search, number: Column, group: Column) -> bool:
    for frame, fewest in ((search.sample, 1), (search.frame, rare_below(search.frame.height))):
        values, labels = quantity(frame[number.name], number), frame[group.name].cast(pl.String)
        cut = Cut.fit(values, labels, fewest=fewest)
        if cut is None or len(cut.labels) > MOST_GROUPS or values.n_unique() < 2 * len(cut.labels):
            return False
    return True
