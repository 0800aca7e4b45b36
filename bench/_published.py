"""What papers print and how: Shape and Trend by their definition, and the figures of three of them.

Source: SDMetrics' KSComplement, TVComplement, CorrelationSimilarity and ContingencySimilarity, as TabSyn (ICLR 2024)
and TabDiff (ICLR 2025) average them; the figures from "A Sobering Look at Tabular Data Generation via Probabilistic
Circuits" (arXiv 2603.23016), which took all three models, on a GPU.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["FIGURES", "shape_error", "trend_error"]

FIGURES = {
    # C2ST = 2 (1 - AUC) of XGBoost; shape and trend error in %; utility: AUC, or RMSE of the log target; DCR share
    "adult": {
        "TabDiff": (0.841, 0.68, 1.54, 0.913, 0.549),
        "TabPC": (0.855, 0.58, 1.44, 0.916, 0.543),
    },
    "beijing": {
        "TabDiff": (0.772, 1.05, 2.59, 0.564, 0.514),
        "TabPC": (0.570, 0.57, 2.19, 0.656, 0.516),
    },
    "magic": {
        "TabDiff": (0.773, 0.80, 0.84, 0.936, 0.501),
        "TabPC": (0.860, 0.98, 1.70, 0.932, 0.529),
    },
    "shoppers": {
        "TabDiff": (0.736, 1.49, 1.91, 0.917, 0.512),
        "TabPC": (0.894, 0.90, 1.78, 0.897, 0.513),
    },
}
BINS = 10
Floats = NDArray[np.float64]


def shape_error(real: pl.DataFrame, made: pl.DataFrame, categories: set[str]) -> float:
    """Return the mean over columns, in %, of the KS distance, or the total variation where it is a category."""
    return 100 * float(np.mean([_margin(real[name], made[name], name in categories) for name in real.columns]))


def _margin(real: pl.Series, made: pl.Series, category: bool) -> float:
    if category:
        a, b, size = _levels(real, made)
        return _variation(a, b, size)
    a, b = (np.sort(_numbers(side)[~np.isnan(_numbers(side))]) for side in (real, made))
    both = np.concatenate([a, b])
    below = [np.searchsorted(side, both, "right") / len(side) for side in (a, b)]
    return float(np.abs(below[0] - below[1]).max())


def trend_error(real: pl.DataFrame, made: pl.DataFrame, categories: set[str], *, common: bool = False) -> float:
    """Return the mean over pairs of columns, in %: half the difference of correlations, or the total variation of the
    table of both columns, numbers cut into 10 bins of equal width.

    The papers cut each side by its own range, so that one outlier moves all bins; common : both by the real range.
    """
    cells = {}
    for name in real.columns:
        if name in categories:
            cells[name] = _levels(real[name], made[name])
        else:
            a, b = _numbers(real[name]), _numbers(made[name])
            edges = [np.histogram_bin_edges(side[~np.isnan(side)], BINS) for side in (a, b)]
            cells[name] = np.digitize(a, edges[0]), np.digitize(b, edges[0 if common else 1]), BINS + 2
    errors = []
    for one, other in combinations(real.columns, 2):
        if one in categories or other in categories:
            (a, b, _), (c, d, size) = cells[one], cells[other]
            errors.append(_variation(a * size + c, b * size + d, cells[one][2] * size))
        else:
            r, s = (_correlation(side[one], side[other]) for side in (real, made))
            errors.append(abs(r - s) / 2)
    return 100 * float(np.mean(errors))


def _correlation(one: pl.Series, other: pl.Series) -> float:
    pair = np.array([_numbers(one), _numbers(other)])
    return float(np.corrcoef(pair[:, ~np.isnan(pair).any(0)])[0, 1])


def _levels(real: pl.Series, made: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    both = [side.cast(pl.String).fill_null("?") for side in (real, made)]
    names, codes = np.unique(np.concatenate([side.to_numpy() for side in both]).astype(str), return_inverse=True)
    return codes[: len(real)], codes[len(real) :], len(names)


def _variation(a: NDArray[np.int64], b: NDArray[np.int64], size: int) -> float:
    shares = [np.bincount(side, minlength=size) / len(side) for side in (a, b)]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)


def _numbers(column: pl.Series) -> Floats:
    return column.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
