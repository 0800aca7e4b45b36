"""Round numbers for the edges of bins, and how they are written on an axis."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from .disclosure import K

__all__ = ["format_tick", "round_edges"]

_BINS = 22
_LOG_RATIO = 300.0
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_DAY = 86_400.0
_SECOND_STEPS = (1, 5, 15, 60, 300, 900, 3600, 10_800, 21_600)
_DAY_STEPS = (1, 2, 7, 14, 30, 60, 90, 180, 365, 730, 1825, 3650, 7300, 18_250, 36_500)
_PLAIN_LIMIT = 10_000


def round_edges(
    values: NDArray[np.float64], *, whole: bool = False, seconds: bool = False
) -> NDArray[np.float64] | None:
    """Return rising round edges that leave 1 % of the values, and at least `K` of them, at or beyond each end.

    values : (n,) finite numbers. whole: edges are whole numbers. seconds: the numbers are seconds, edges fall on whole
    minutes, hours or days. Wide positive values get edges in the steps 1-2-5. None where there are too few values.

    >>> round_edges(np.arange(1000.0), whole=True)[:4]
    array([ 50., 100., 150., 200.])
    """
    if len(values) < 3 * K:
        return None
    share = max(0.01, K / len(values))
    low = float(np.quantile(values, share, method="higher"))
    high = float(np.quantile(values, 1 - share, method="lower"))
    if high <= low:
        return np.array([low]) if np.count_nonzero(values == low) >= K else None
    if not seconds and low > 0 and high / low > _LOG_RATIO:
        return _log_edges(low, high, whole=whole)
    wish = high / _BINS - low / _BINS  # each for itself: the difference may be beyond all floats
    step = _second_step(wish) if seconds else _nice_step(wish, whole=whole)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if last < first:
        return None
    decimals = max(0, 1 - math.floor(math.log10(step)))
    edges: NDArray[np.float64] = np.multiply(np.arange(first, last + 1), step, dtype=np.float64)
    return np.round(edges, decimals) if decimals < 300 else edges


def _nice_step(wish: float, *, whole: bool) -> float:
    """Return the round step nearest to the wish, on a scale of ratios; at least 1 between whole numbers."""
    scale = 10.0 ** math.floor(math.log10(wish))
    steps = [scale * factor for factor in _STEPS]
    if whole:
        steps = [step for step in steps if step >= 1 and step == math.floor(step)] or [1.0]
    return min(steps, key=lambda step: abs(math.log(step / wish)))


def _second_step(least: float) -> float:
    steps = [float(step) for step in _SECOND_STEPS] + [step * _DAY for step in _DAY_STEPS]
    return next((step for step in steps if step >= least), steps[-1])


def _log_edges(low: float, high: float, *, whole: bool) -> NDArray[np.float64]:
    decades = range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)
    grid = [factor * 10.0**decade for decade in decades for factor in (1.0, 2.0, 5.0)]
    return np.array([edge for edge in grid if low <= edge <= high and (not whole or edge >= 1)])


def format_tick(value: float, kind: str) -> str:
    """Return a number of an axis as a person writes it; dates and times are seconds since 1970, durations seconds.

    >>> format_tick(1_500_000, "integer"), format_tick(0.25, "real"), format_tick(86400, "date")
    ('1.5M', '0.25', '1970-01-02')
    """
    if kind == "date":
        return _moment(value).strftime("%Y-%m-%d")
    if kind == "datetime":
        return _moment(value).strftime("%Y-%m-%d" if value % _DAY == 0 else "%Y-%m-%d %H:%M")
    if kind == "duration":
        return _span(value)
    return _number(value)


def _moment(seconds: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


def _span(seconds: float) -> str:
    for size, unit in ((_DAY, "d"), (3600.0, "h"), (60.0, "min")):
        if abs(seconds) >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"


def _number(value: float) -> str:
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= max(size, _PLAIN_LIMIT):
            return f"{value / size:.4g}{unit}"
    return f"{value:.6g}"
