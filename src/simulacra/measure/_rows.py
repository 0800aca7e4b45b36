"""Whole rows, or rows on some columns, as one number each: equal numbers mean equal rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ._tables import Coded, Side, Tables

__all__ = ["fingerprints", "singled_out"]

_SIDES: tuple[Side, ...] = ("synthetic", "real", "holdout")


def fingerprints(tables: Tables, columns: Sequence[Coded]) -> dict[Side, NDArray[np.int64]]:
    """Return side -> (rows,) numbers from 0, equal where rows are equal on `columns`.

    Exact, not hashed: ranks of the first columns are joined with the next column's code and ranked again.
    """
    sizes = [tables.rows(side) for side in _SIDES]
    joined = np.zeros(sum(sizes), dtype=np.int64)
    for column in columns:
        codes = np.concatenate([column.codes[side] for side in _SIDES])
        joined = joined * column.width + codes
        if joined.size and int(joined.max()) > 2**31:
            joined = np.unique(joined, return_inverse=True)[1]
    joined = np.unique(joined, return_inverse=True)[1]
    parts = np.split(joined, np.cumsum(sizes)[:-1])
    return dict(zip(_SIDES, parts, strict=True))


def singled_out(rows: dict[Side, NDArray[np.int64]]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return for training and hold-out rows whether each is unique among all real rows and met in the synthetic."""
    real, holdout = rows["real"], rows["holdout"]
    width = 1 + max((int(part.max()) for part in rows.values() if len(part)), default=0)
    often = np.bincount(real, minlength=width) + np.bincount(holdout, minlength=width)
    hit = (often == 1) & (np.bincount(rows["synthetic"], minlength=width) > 0)
    return hit[real], hit[holdout]
