"""A relation between columns that the table shows, and how surprising it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import lgamma
from typing import Any, Literal

import numpy.typing as npt
import polars as pl

from ..constraints import Constraint, parse_constraint
from ..schema import Column, Schema

__all__ = ["SURPRISE", "Relation", "RelationKind", "Search", "counts_of", "surprise", "told"]

RelationKind = Literal["copy", "part", "linear", "function", "cut", "rate", "order", "absence", "sometimes"]

SURPRISE = 30.0
"""A relation is believed if unrelated columns would show it with a probability below exp(-SURPRISE)."""


@dataclass(frozen=True, slots=True)
class Relation:
    """What holds between columns, and why we say so.

    kind : "copy" (equal), "part" (of a date; a length of time), "linear" (sums, fractions, units), "function" (a code
    and its label, two columns and a third), "cut" (age and age_group), "rate" (a number and its multiple by category),
    "order" (<= in a chain), "absence" (where a column has a value), "sometimes" (equal in part of the rows; the only
    kind that is no rule).
    columns : the last one is what the others explain (of "order" just the largest).
    why : a sentence for a person, without a value of a real row in it. constraint : the rule, if it is one.
    """

    kind: RelationKind
    columns: tuple[str, ...]
    why: str
    constraint: Constraint | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """What a step of the search looks at. sample : at most some thousand rows of frame. found : by earlier steps."""

    frame: pl.DataFrame
    sample: pl.DataFrame
    schema: Schema
    found: tuple[Relation, ...] = ()

    def left(self, *explained: RelationKind) -> list[Column]:
        """Return the columns that are not yet explained by relations of these kinds, and whose names can be written."""
        gone = {relation.columns[-1] for relation in self.found if relation.kind in explained}
        return [column for column in self.schema if column.name not in gone and "`" not in column.name]


def told(kind: RelationKind, columns: tuple[str, ...], written: object, why: str) -> Relation:
    """Return a relation with the rule that the text or mapping describes."""
    return Relation(kind, columns, why, replace(parse_constraint(written), found=True, why=why))


def surprise(counts: npt.NDArray[Any]) -> float:
    """Return the log of the number of orders in which values that stand so often could have come.

    That a given column equals a function of others by accident has this probability, as exp(-surprise).

    >>> import numpy as np
    >>> round(surprise(np.array([999, 1])), 1), surprise(np.array([500, 500])) > 600
    (6.9, True)
    """
    counts = counts[counts > 0].astype(float)
    return _log_factorial(counts.sum()) - float(sum(_log_factorial(count) for count in counts))


def counts_of(values: pl.Series) -> npt.NDArray[Any]:
    """Return how often each value stands in the column."""
    return values.rename("value").value_counts(name="rows")["rows"].to_numpy()


def _log_factorial(count: float) -> float:
    return lgamma(count + 1.0)
