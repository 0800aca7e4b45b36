"""Columns that two others decide together: origin and destination the distance, city and street the postcode.

Support: at least `COVERED` of the rows hold a combination of the three that `rare_below` rows or more hold, and at most
`UNDECIDED` of them hold another value than most rows of their pair. Other combinations are rare real values, and are
not delivered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
import polars as pl

from ..codes.family import rare_below
from ..schema import Column
from .relation import SURPRISE, Relation, Search, told

__all__ = ["COVERED", "UNDECIDED", "find_pairs", "nearly_decided"]

COVERED = 0.95
UNDECIDED = 0.01
MIXED = 0.1
"""Of the rows of a sample, how many may be of pairs with several values for all rows to be asked."""
MOST_COLUMNS = 30
"""Columns among which pairs are sought, those of the fewest levels."""
MOST_LEVELS = 5_000
Codes = npt.NDArray[np.int64]


def find_pairs(search: Search) -> Iterator[Relation]:
    """Yield columns that two others decide, and neither alone; of several pairs that with the fewest levels."""
    columns = [column for column in search.left("copy", "part", "function", "cut") if _is_discrete(column)]
    linear = {name for relation in search.found if relation.kind == "linear" for name in relation.columns}
    codes = {column.name: _codes(search.sample[column.name]) for column in columns if column.name not in linear}
    levels = {name: int(search.frame[name].n_unique()) for name in codes}
    chosen = sorted((name for name in codes if 2 <= levels[name] <= MOST_LEVELS), key=lambda name: levels[name])
    chosen = chosen[:MOST_COLUMNS]
    matrix = np.column_stack([codes[name] for name in chosen]) if chosen else np.zeros((0, 0), np.int64)
    found: dict[str, tuple[int, tuple[str, str]]] = {}
    for one, other in combinations(range(len(chosen)), 2):
        pair, most = (chosen[one], chosen[other]), levels[chosen[one]] * levels[chosen[other]]
        for place in _decided(matrix, one, other):
            name = chosen[place]
            best = found.get(name, (1 << 62, pair))
            if most < best[0] and _surprising(search.frame, pair, name):
                found[name] = most, pair
    deciding, decided = set[str](), set[str]()
    for name, (_, pair) in sorted(found.items(), key=lambda one: one[1]):
        if name not in deciding and not set(pair) & decided:
            deciding |= set(pair)
            decided.add(name)
            yield _relation(pair, name)


def _is_discrete(column: Column) -> bool:
    return not column.personal and column.kind in ("category", "boolean", "integer")


def _codes(series: pl.Series) -> Codes:
    return series.rank("dense").cast(pl.Int64).fill_null(0).to_numpy()


def _decided(matrix: Codes, one: int, other: int) -> list[int]:
    """Return the columns that nearly are constant within each pair of levels on the sample, where rows share pairs."""
    key = matrix[:, one] * (matrix[:, other].max() + 1) + matrix[:, other]
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    if len(starts) > 0.7 * len(key):
        return []
    left = np.array([place for place in range(matrix.shape[1]) if place not in (one, other)], np.int64)
    for size in (16, 128, len(starts)):  # a few groups rule out most columns
        end = starts[size] if size < len(starts) else len(order)
        part, first = matrix[order[:end]][:, left], starts[:size]
        rows = np.diff(first, append=end)[:, None]
        mixed = np.minimum.reduceat(part, first, axis=0) != np.maximum.reduceat(part, first, axis=0)
        left = left[(mixed * rows).sum(axis=0) <= MIXED * len(key)]
        if not len(left):
            break
    return [int(place) for place in left]


def nearly_decided(frame: pl.DataFrame, columns: Sequence[str]) -> bool:
    """Return whether few rows hold another value of the third column than most rows of their pair of the others."""
    combined = frame.group_by(columns).len(name="\0rows")
    most = combined.group_by(columns[:2]).agg(pl.col("\0rows").max())["\0rows"].sum()
    return bool(frame.height - most <= UNDECIDED * frame.height)


def _surprising(frame: pl.DataFrame, pair: tuple[str, str], name: str) -> bool:
    """Ask all rows; each row after the first of its pair had to agree with it, but for few."""
    table = pl.DataFrame([frame[pair[0]].rename("a"), frame[pair[1]].rename("b"), frame[name].rename("label")])
    if any(series.null_count() for series in table):
        return False
    combined = table.group_by("a", "b", "label").len(name="rows").sort("rows", descending=True)
    groups = combined.group_by("a", "b", maintain_order=True).agg(
        pl.col("label").first(), pl.col("rows").first().alias("most"), pl.col("rows").sum()
    )
    floor, height = rare_below(frame.height), frame.height
    if height - groups["most"].sum() > UNDECIDED * height:
        return False
    if combined.filter(pl.col("rows") >= floor)["rows"].sum() < COVERED * height:
        return False
    rows = 2 * groups["most"].to_numpy() - groups["rows"].to_numpy() - 1
    share = groups.select(pl.col("rows").sum().over("label")).to_series().to_numpy() / height
    if -(rows * np.log(share)).sum() <= SURPRISE:
        return False
    most = [
        combined.group_by(key, "label").agg(pl.col("rows").sum()).group_by(key).max()["rows"].sum()
        for key in ("a", "b")
    ]
    return all(height - rows > UNDECIDED * height for rows in most)


def _relation(pair: tuple[str, str], name: str) -> Relation:
    why = (
        f"{pair[0]} and {pair[1]} decide {name} in at least {1 - UNDECIDED:.0%} of the rows; combinations that fewer "
        "than five rows hold are not delivered"
    )
    return told("function", (*pair, name), {"combinations": [*pair, name]}, why)
