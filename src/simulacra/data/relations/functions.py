"""Functions: a column that another one decides, as a code decides its label.

On the sample the rows are grouped by each possible code; where every group holds one label only, all rows are asked.
It must say something: groups of several rows, labels that vary, codes that most rows share with others.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from ..codes.family import rare_below
from ..schema import Column
from .relation import SURPRISE, Relation, Search, told
from .sketch import take_rows

__all__ = ["find_functions"]

MOST_LEVELS = 5_000
MOST_REALS = 50
"""Different values of a real number that may be a label."""
GLANCE = 400
"""Rows for the first look at tables of more than `WIDE` columns."""
WIDE = 150
Codes = npt.NDArray[np.int64]


def find_functions(search: Search) -> Iterator[Relation]:
    """Yield what one column decides about another, true in all rows; of several deciders the one with fewest levels.

    Where two columns decide each other, the number or else the earlier one is taken for the code.
    """
    columns = [column for column in search.left("copy", "part", "function", "cut") if _is_discrete(column)]
    linear = {name for relation in search.found if relation.kind == "linear" for name in relation.columns}
    columns = [column for column in columns if column.name not in linear]
    columns += [column for column in search.left("copy", "part") if _is_few_reals(column, search, linear)]
    sample = take_rows(search.sample, GLANCE) if len(columns) > WIDE else search.sample
    if not columns:
        return
    codes: Codes = np.column_stack([_codes(sample[column.name]) for column in columns])
    levels = np.array([search.frame[column.name].n_unique() for column in columns])
    most = min(MOST_LEVELS, search.frame.height // 10)
    rank = sorted(range(len(columns)), key=lambda k: (levels[k], columns[k].kind != "integer", k))
    decided: set[int] = set()
    for code in rank:
        if code in decided or not 2 < levels[code] <= most or columns[code].kind == "real":
            continue
        for label in _decided_by(codes[:, code], codes):
            later = rank.index(label) > rank.index(code)
            same = levels[label] == levels[code]
            if label == code or label in decided or levels[label] > levels[code] or (same and not later):
                continue
            if levels[label] > 1 and _surprising(search.frame, columns[code].name, columns[label].name):
                decided.add(int(label))
                yield _relation(columns[code].name, columns[label].name)


def _is_discrete(column: Column) -> bool:
    return not column.personal and column.kind in ("category", "boolean", "integer", "date")


def _is_few_reals(column: Column, search: Search, linear: set[str]) -> bool:
    """Say whether a real number has so few values that it may be a label, as the tax rate of a country."""
    plain = column.kind == "real" and not column.personal and column.name not in linear
    return plain and all(rows[column.name].n_unique() <= MOST_REALS for rows in (search.sample, search.frame))


def _codes(series: pl.Series) -> Codes:
    """Return a whole number per value, 0 for null."""
    text = series.cast(pl.String).cast(pl.Categorical).to_physical()
    return text.cast(pl.Int64).fill_null(-1).to_numpy() + 1


def _decided_by(code: Codes, codes: Codes) -> list[int]:
    """Return the columns that are constant within each group of rows of the same code, on the sample."""
    order = np.argsort(code, kind="stable")
    starts = np.flatnonzero(np.diff(code[order], prepend=-2))
    if len(starts) == len(code):
        return []
    left = np.arange(codes.shape[1])
    # A few groups rule out most columns: ask step by step.
    for size in (8, 64, len(starts)):
        end = starts[size] if size < len(starts) else len(order)
        part = codes[order[:end]][:, left]
        low = np.minimum.reduceat(part, starts[:size], axis=0)
        left = left[(low == np.maximum.reduceat(part, starts[:size], axis=0)).all(axis=0)]
    return [int(k) for k in left]


def _surprising(frame: pl.DataFrame, code: str, label: str) -> bool:
    """Ask all rows, and whether unrelated columns could look so: each row after the first of its code had to agree."""
    pairs = pl.DataFrame([frame[code].rename("code"), frame[label].rename("label")])
    groups = pairs.group_by("code").agg(
        pl.col("label").n_unique().alias("different"), pl.col("label").first(), pl.len().alias("rows")
    )
    if groups["different"].max() != 1 or frame[code].null_count():
        return False
    rows = groups["rows"].to_numpy()
    if rows[rows >= rare_below(frame.height)].sum() < 0.5 * frame.height:
        return False
    share = groups.select(pl.col("rows").sum().over("label")).to_series().to_numpy() / frame.height
    return bool(-((rows - 1) * np.log(share)).sum() > SURPRISE)


def _relation(code: str, label: str) -> Relation:
    why = f"{code} decides {label}: each {code} has one {label} in every row"
    return told("function", (code, label), {"combinations": [code, label]}, why)
