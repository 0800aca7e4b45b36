"""Groups of people: columns that the law or custom protects, and what the bins of a column are called."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._tables import BINS, Coded, Tables

__all__ = ["bin_name", "opposite_groups", "outcomes", "protected_columns"]

MOST_OUTCOMES = 3
MOST_CLASSES = 5
_PROTECTED = re.compile(
    r"(^|[\W_\d])(sex|gender|race|age|age.?group|birth.?(year|date|day)|dob|ethnic\w*|religion|faith|creed|nationality|"
    r"(native.?)?countr\w+|citizen\w*|disab\w+|handicap\w*|marital.?\w*|pregnan\w*|orientation|veteran\w*)([\W_\d]|$)",
    re.IGNORECASE,
)


def protected_columns(tables: Tables) -> tuple[list[Coded], bool]:
    """Return the protected columns, and whether they were named (or only proposed, by the sound of their names)."""
    if tables.protected is not None:
        return [tables.by_name[name] for name in tables.protected if name in tables.by_name], True
    # camelCase is taken apart: "personAge" has an age in it, "page" has not.
    spaced = {column.name: re.sub(r"([a-z])([A-Z])", r"\1 \2", column.name) for column in tables.columns}
    found = [column for column in tables.columns if _PROTECTED.search(spaced[column.name])]
    return [column for column in found if column.name != tables.target and column.width > 2], False


def outcomes(tables: Tables, besides: list[Coded]) -> list[Coded]:
    """Return the columns to take for outcomes: the target, or else up to three columns of two levels."""
    if tables.target is not None and tables.target in tables.by_name:
        return [tables.by_name[tables.target]]
    two = [column for column in tables.columns if (column.counts("real")[1:] > 0).sum() == 2 and column not in besides]
    return two[:MOST_OUTCOMES]


def opposite_groups(rows: NDArray[Any], *, ordered: bool) -> list[tuple[int, int]]:
    """Return the pairs of groups whose gap is looked at: the two largest, and of an ordered column its two ends.

    rows : (groups,) how many rows each has; group 0, of missing values, is left out.

    >>> opposite_groups(np.array([9, 3, 0, 7, 5]), ordered=True)
    [(3, 4), (1, 4)]
    """
    known = (np.flatnonzero(rows[1:]) + 1).tolist()
    if len(known) < 2:
        return []
    a, b = sorted((np.argsort(-rows[1:], kind="stable")[:2] + 1).tolist())
    ends = [(known[0], known[-1])] if ordered else []
    return list(dict.fromkeys([(a, b), *ends]))


def bin_name(tables: Tables, column: Coded, place: int, most: int = BINS) -> str:
    """Return what a bin of a column holds, for a reader: "= Female", "is missing", "in part 2 of 5"."""
    _, width = tables.binned(column, "real", most)
    if place == 0:
        return "is missing"
    if column.ordered:
        return f"in part {place} of {width - 1}"
    if place == width - 1:
        return "is rare"
    lut, _ = column.bins(most)
    return f"= {column.labels[int((lut == place).argmax()) - 1]}"
