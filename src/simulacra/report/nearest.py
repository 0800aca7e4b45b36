"""For the owner of the real data: synthetic rows beside the real row each is nearest to."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..data.schema import Column, Schema

__all__ = ["find_nearest"]

_MOST_ROWS = 200
_FEWEST_ROWS = 10
_BUDGET = 100_000_000
_PASSING = ("identifier", "text", "constant")


def find_nearest(synthetic: pl.DataFrame, real: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """Return up to 200 synthetic rows, evenly spread, each with the real row it is nearest to, nearest pairs first.

    Distance: mean over columns of |difference of ranks| for ordered columns, 0 or 1 for others (Gower), 0 to 1. Keys,
    free text and constants do not count. Columns: row (index of the synthetic row), real_row, distance, then each
    column as `synthetic:name` and `real:name`. Fewer rows where the real table is very large (at least 10).
    Complexity: rows x real rows x columns, at most 1e8 steps beyond the first 10 rows.
    """
    columns = [
        column
        for column in schema
        if column.kind not in _PASSING and {column.name} <= set(real.columns) & set(synthetic.columns)
    ]
    if not columns or real.height == 0 or synthetic.height == 0:
        return pl.DataFrame()
    affordable = _BUDGET // (real.height * len(columns))
    picked = np.linspace(0, synthetic.height - 1, min(synthetic.height, max(_FEWEST_ROWS, min(_MOST_ROWS, affordable))))
    rows = np.unique(picked.astype(np.int64))
    chosen = synthetic[rows]
    pairs = [_codes(column, chosen[column.name], real[column.name]) for column in columns]
    found = [_nearest(pairs, place) for place in range(len(rows))]
    order = np.argsort([distance for _, distance in found], kind="stable")
    real_rows = np.array([row for row, _ in found], dtype=np.int64)[order]
    table = pl.DataFrame(
        {"row": rows[order], "real_row": real_rows, "distance": np.round([found[place][1] for place in order], 6)}
    )
    left = chosen[order].rename(lambda name: f"synthetic:{name}")
    right = real[real_rows].rename(lambda name: f"real:{name}")
    return pl.concat([table, left, right], how="horizontal")


def _nearest(pairs: list[tuple[NDArray[np.float32], NDArray[np.float32], bool]], place: int) -> tuple[int, float]:
    """Return the real row nearest to one synthetic row, and its distance."""
    total = np.zeros(len(pairs[0][1]), dtype=np.float32)
    for made, seen, ordered in pairs:
        total += np.abs(seen - made[place]) if ordered else seen != made[place]
    row = int(total.argmin())
    return row, float(total[row]) / len(pairs)


def _codes(column: Column, made: pl.Series, seen: pl.Series) -> tuple[NDArray[np.float32], NDArray[np.float32], bool]:
    """Return a column of both tables as ranks from 0 to 1 with missing at -1 (ordered), or as numbers of levels."""
    ordered = column.kind in ("integer", "real", "date", "datetime", "duration") and made.dtype != pl.String
    if ordered:
        both = pl.concat([_physical(made), _physical(seen)])
        codes = both.rank("average") / max(len(both), 1)
    else:
        both = pl.concat([made.cast(pl.String), seen.cast(pl.String)])
        codes = both.rank("dense")
    filled = codes.cast(pl.Float32).fill_null(-1.0).to_numpy()
    return filled[: len(made)], filled[len(made) :], ordered


def _physical(series: pl.Series) -> pl.Series:
    temporal = series.dtype.is_temporal()
    return (
        (series.cast(pl.Datetime("us")) if series.dtype == pl.Date else series).to_physical().cast(pl.Float64)
        if temporal
        else series.cast(pl.Float64)
    )
