"""How columns go together: correlations, contingency, one matrix for a heatmap."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..data.schema import Schema
from ..seeds import Seeds
from ._tables import Coded, Side, Tables

__all__ = ["association_matrix", "correlations", "cramers_v", "joint_cells"]

MOST_ROWS = 20_000
MOST_COLUMNS = 100

Floats = NDArray[np.float64]


def association_matrix(frame: pl.DataFrame, schema: Schema) -> tuple[list[str], Floats]:
    """Return column names and a (k, k) matrix of their association.

    Two ordered columns: Pearson correlation in [-1, 1]; two columns of levels: Cramér's V, bias-corrected, in [0, 1];
    one of each: the correlation ratio in [0, 1]. Made-up columns (text, identifiers, personal), constant ones and those
    beyond the first 100 are left out. At most 20,000 rows, spread evenly, are read.

    Source: Bergsma 2013 (bias correction of V).

    >>> from simulacra.data.schema import Column
    >>> frame = pl.DataFrame({"a": [1, 2, 3, 4], "b": [4, 3, 2, 1], "c": [None] * 4})
    >>> names, matrix = association_matrix(frame, Schema(tuple(Column(name, "integer") for name in "abc")))
    >>> names, matrix.round(6).tolist()
    (['a', 'b'], [[1.0, -1.0], [-1.0, 1.0]])
    """
    frame = frame.gather_every(max(1, -(-frame.height // MOST_ROWS)))
    tables = Tables(frame.clear(), frame, None, schema, None, Seeds(0))
    columns = [column for column in tables.columns if np.count_nonzero(column.counts("real")[1:]) > 1][:MOST_COLUMNS]
    matrix = np.eye(len(columns))
    ordered = [place for place, column in enumerate(columns) if column.ordered]
    if ordered:
        values = np.stack([columns[place].numbers("real") for place in ordered], axis=1)
        matrix[np.ix_(ordered, ordered)] = np.nan_to_num(correlations(values))
    for i, first in enumerate(columns):
        for j in range(i):
            if not (first.ordered and columns[j].ordered):
                matrix[i, j] = matrix[j, i] = _mixed(tables, first, columns[j])
    np.fill_diagonal(matrix, 1.0)
    return [column.name for column in columns], matrix


def correlations(values: Floats) -> Floats:
    """Return (k, k) Pearson correlations of (n, k) columns over the rows known in both; NaN where undefined.

    O(n k²) as matrix products, in standardised units.
    """
    known = ~np.isnan(values)
    if known.all():
        return _complete(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        count = np.maximum(known.sum(axis=0), 1)
        filled = np.where(known, values, 0.0)
        centre = filled.sum(axis=0) / count
        filled = np.where(known, filled - centre, 0.0)
        spread = np.sqrt((filled**2).sum(axis=0) / count)
        filled = filled / np.where(spread > 0, spread, 1.0)
        mask = known.astype(np.float64)
        n = mask.T @ mask
        sums, squares = filled.T @ mask, (filled**2).T @ mask
        covariance = filled.T @ filled - sums * sums.T / n
        variance = squares - sums**2 / n
        result = covariance / np.sqrt(variance * variance.T)
    result[~((variance > 1e-9) & (variance.T > 1e-9))] = np.nan
    return np.asarray(np.clip(result, -1.0, 1.0))


def _complete(values: Floats) -> Floats:
    """Return the correlations of columns without missing values: one matrix product."""
    centred = values - values.mean(axis=0)
    spread = np.sqrt((centred**2).mean(axis=0))
    flat = spread <= 1e-9 * np.abs(values).max(axis=0, initial=0.0)
    centred = centred / np.where(flat, 1.0, spread)
    result = centred.T @ centred / max(len(values), 1)
    result[flat] = result[:, flat] = np.nan
    return np.asarray(np.clip(result, -1.0, 1.0))


def joint_cells(
    tables: Tables, pair: tuple[Coded, Coded], rows: Mapping[Side, NDArray[np.int64]], most: int
) -> tuple[dict[Side, NDArray[np.int64]], int]:
    """Return for some rows of each side the cell of the pair's contingency table, and the number of cells.

    A cell is (bin of the first column) * (bins of the second) + (bin of the second); bin 0 is missing.
    """
    cells, width = {}, 0
    for side, places in rows.items():
        first, a = tables.binned(pair[0], side, most)
        second, b = tables.binned(pair[1], side, most)
        cells[side] = first[places].astype(np.int64) * b + second[places]
        width = a * b
    return cells, width


def cramers_v(counts: NDArray[np.int64]) -> float:
    """Return the bias-corrected Cramér's V of a contingency table, 0 (independent) to 1.

    >>> cramers_v(np.array([[50, 0], [0, 50]]))
    1.0
    """
    table = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0].astype(np.float64)
    n = table.sum()
    if n < 2 or min(table.shape) < 2:
        return 0.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / n
    a, b = table.shape
    excess = max(0.0, float(((table - expected) ** 2 / expected).sum()) / n - (a - 1) * (b - 1) / (n - 1))
    most = min(a - (a - 1) ** 2 / (n - 1), b - (b - 1) ** 2 / (n - 1)) - 1
    return float(min(1.0, (excess / most) ** 0.5)) if most > 0 else 0.0


def _mixed(tables: Tables, first: Coded, second: Coded) -> float:
    if not first.ordered and not second.ordered:
        (a, height), (b, width) = (tables.binned(column, "real") for column in (first, second))
        counts = np.bincount(a.astype(np.int64) * width + b, minlength=height * width)
        return cramers_v(counts.reshape(height, width)[1:, 1:])
    levels, numbers = (second, first) if first.ordered else (first, second)
    return correlation_ratio(tables.binned(levels, "real")[0], numbers.numbers("real"))


def correlation_ratio(levels: NDArray[np.int32], numbers: Floats) -> float:
    """Return eta: the share of the spread of a number that its level explains, as a correlation in [0, 1]."""
    known = ~np.isnan(numbers)
    levels, numbers = levels[known], numbers[known]
    total = float(((numbers - numbers.mean()) ** 2).sum()) if len(numbers) else 0.0
    if total <= 0:
        return 0.0
    count = np.bincount(levels)
    mean = np.bincount(levels, weights=numbers - numbers.mean()) / np.maximum(count, 1)
    return float(np.sqrt(min(1.0, float((count * mean**2).sum()) / total)))
