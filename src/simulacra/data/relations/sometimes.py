"""Columns that equal another one in part of the rows: payments and bills, a minimum that is the maximum."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from ..quantities import dimension
from ..schema import Schema
from .relation import SURPRISE, Relation
from .sketch import Sketch

__all__ = ["find_sometimes"]

LEAST = 0.01
TIMES_CHANCE = 3.0
MOST_SOURCES = 3
Floats = npt.NDArray[np.float64]


def find_sometimes(sample: pl.DataFrame, schema: Schema) -> tuple[Relation, ...]:
    """Return for each column the earlier ones that it equals in 1 to 99 % of the rows, most often first.

    Only values that the column seldom holds count (an amount, not the zero of every second row), and they must be
    equal three times as often as in unrelated columns. Not handled: texts; equality up to a factor.
    """
    found = []
    for times in (False, True):
        sketch = Sketch.of(sample, schema.columns, times=times)
        rare = _rare(sketch)
        dimensions = np.array([dimension(column) for column in sketch.columns])
        for index, column in enumerate(sketch.columns):
            kinds = dimensions[:index] == dimensions[index]
            if not kinds.any() or not rare[:, index].any():
                continue
            equal = (sketch.values[:, :index] == sketch.values[:, index, None]) & rare[:, index, None]
            rates = equal.mean(axis=0) * kinds
            chosen = [int(k) for k in np.argsort(-rates, kind="stable") if LEAST < rates[k] < 0.99]
            for source in chosen[:MOST_SOURCES]:
                chance = _chance(sketch.values[:, source], sketch.values[rare[:, index], index])
                hits = rates[source] * len(rare)
                if rates[source] > TIMES_CHANCE * chance and _surprising(hits, chance * len(rare)):
                    other = sketch.columns[source].name
                    why = f"{column.name} equals {other} in about {max(1, round(100 * rates[source]))} % of the rows"
                    found.append(Relation("sometimes", (other, column.name), why))
    return tuple(found)


def _rare(sketch: Sketch) -> npt.NDArray[np.bool_]:
    """Return (rows, columns) which values stand in fewer than 1 % of the column's rows: no atoms."""
    rare = np.zeros(sketch.codes.shape, bool)
    for index in range(len(sketch.columns)):
        codes = sketch.codes[:, index]
        counts = np.bincount(codes + 1)
        rare[:, index] = (counts[codes + 1] < max(3, 0.01 * len(codes))) & (codes >= 0)
    return rare


def _chance(source: Floats, values: Floats) -> float:
    """Return the share of rows that would be equal if the rows of `source` were shuffled."""
    ordered = np.sort(source[~np.isnan(source)])
    matches = np.searchsorted(ordered, values, side="right") - np.searchsorted(ordered, values, side="left")
    return float(matches.sum()) / len(source) ** 2


def _surprising(hits: float, expected: float) -> bool:
    """Chernoff's bound on a Poisson count."""
    expected = max(expected, 1e-3)
    return bool(hits * np.log(hits / expected) - hits + expected > SURPRISE)
