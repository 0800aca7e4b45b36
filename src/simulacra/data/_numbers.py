"""How many digits after the point a column of floats has."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["decimals_of"]

_MOST = 12
_EXACT = 2.0**50  # integers up to here leave room for a few rounding errors


def decimals_of(values: pl.Series) -> int | None:
    """Return the least number of decimals that writes every value, None if there is none up to 12.

    Whether a value has d decimals is an absolute question: it is the float nearest to m / 10^d for a whole m, give or
    take the last bits that arithmetic in floats costs. A tolerance relative to the size of the values would see fewer
    decimals the larger they are.

    >>> decimals_of(pl.Series([1.25, 1e9 + 0.5])), decimals_of(pl.Series([1.0, 2.0])), decimals_of(pl.Series([1 / 3]))
    (2, 0, None)
    """
    single = values.dtype == pl.Float32
    distinct = values.drop_nulls().cast(pl.Float64).unique().to_numpy()
    if not len(distinct):
        return None
    # Most columns fail on a few values: the glance spares the whole.
    glance = distinct[:: max(1, len(distinct) // 256)]
    for decimals in range(_MOST + 1):
        if _fits(glance, decimals, single) and _fits(distinct, decimals, single):
            return decimals
    return None


def _fits(values: npt.NDArray[np.float64], decimals: int, single: bool) -> bool:
    power = 10.0**decimals
    with np.errstate(over="ignore"):  # beyond all floats: not finite, and so never below a bound
        whole = np.rint(values * power)
    if single:
        # Seven digits are all a single-precision float has; beyond them anything would fit.
        return bool((np.abs(whole) < 10**7).all() and (np.float32(whole / power) == values.astype(np.float32)).all())
    if not (np.abs(whole) < _EXACT).all():
        return False
    return bool((np.abs(whole / power - values) <= 4 * np.spacing(np.abs(values))).all())
