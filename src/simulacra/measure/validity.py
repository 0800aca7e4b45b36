"""validity.schema: is every row one that could be in the real table?"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..contracts import Part, Score
from ..data.codes.category import RARE
from ..data.schema import Column
from ..data.shares import wilson
from ..registry import register
from ._chance import binomial_noise
from ._tables import ORDERED, Coded, Side, Tables, rare_below

__all__ = ["SchemaValidity"]

MARGIN = 0.1
OPEN = 0.1

Mask = NDArray[np.bool_]


@register("metric")
class SchemaValidity:
    """The share of rows in which every value is one its column can hold; 0..1, higher is better.

    Checked against the rows learned from: readable as its type (or text that the real column holds without being
    readable); whole numbers whole, no more decimals than the schema says; not beyond the range by more than a tenth of
    it, and no negative number where there is none; a known level, or "(rare)" where text has rare ones (unless more
    than a tenth of the real rows hold levels of their own); missing only where real values are missing;
    identifiers present and unique. Does not see: rules between columns. Floor: the hold-out rows; without them, the
    chance of a new level by Good-Turing. Parts: columns, by share of valid values.
    Source: DataValidity of SDMetrics' diagnostic report, per row.
    """

    name = "validity.schema"
    family = "validity"
    scores = ("validity.schema",)

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        bad = {column.name: _wrong(tables, column, "synthetic") for column in tables.schema}
        n = tables.synthetic.height
        valid = n - int(np.any(list(bad.values()), axis=0).sum())
        if tables.holdout is not None and tables.holdout.height:
            m = tables.holdout.height
            control = m - int(np.any([_wrong(tables, column, "holdout") for column in tables.schema], axis=0).sum())
        else:
            m = tables.real.height
            control = m - _expect_new(tables)
        # Where the range and the levels end is drawn with the real rows: both tables' chance counts.
        seen = n * tables.real.height / (n + tables.real.height)
        low, high = wilson(valid / n * seen, seen)
        parts = sorted((Part(name, 1 - float(mask.mean())) for name, mask in bad.items()), key=lambda part: part.value)
        reason = f"{valid:,} of {n:,} rows hold only values that their columns can hold"
        if valid < n:
            reason += f"; most often wrong: {parts[0].place!r} ({100 * (1 - parts[0].value):.2f} % of rows)"
        return [Score(
            self.name, self.family, value=valid / n, low=low, high=high, floor=control / m,
            noise=binomial_noise(n - valid, n, m - control, m), n=n, reason=reason, parts=tuple(parts),
        )]  # fmt: skip


def _wrong(tables: Tables, column: Column, side: Side) -> Mask:
    """Return (rows,) where a value of a side cannot be in its column."""
    frame = tables.frame(side)
    assert frame is not None
    if column.name not in tables.by_name:
        return _wrong_made_up(tables, column, frame)
    coded = tables.by_name[column.name]
    real = coded.counts("real")
    lut = _impossible(column, coded, real) if coded.ordered else _unknown(real)
    if column.kind == "category" and column.dtype == "String" and RARE in coded.labels and _has_rare(real):
        lut[1 + coded.labels.index(RARE)] = False  # what generators write for levels that too few rows hold
    wrong = lut[coded.codes[side]]
    if frame[column.name].dtype == pl.String:  # text that could not be read is not a missing value
        unread = tables.real[column.name].filter(coded.codes["real"] == 0).drop_nulls().unique()
        if column.kind == "integer" and column.format:  # padded with zeros to one width
            wrong |= (frame[column.name].str.len_chars() != len(column.format)).fill_null(value=False).to_numpy()
        strange = frame[column.name].is_not_null() & ~frame[column.name].is_in(unread.implode())
        wrong |= (coded.codes[side] == 0) & strange.fill_null(value=False).to_numpy()
    return wrong


def _wrong_made_up(tables: Tables, column: Column, frame: pl.DataFrame) -> Mask:
    values, real = frame[column.name], tables.real[column.name]
    wrong = np.zeros(len(values), dtype=bool)
    if not real.null_count():
        wrong |= values.is_null().to_numpy()
    if column.kind == "identifier" and not real.drop_nulls().is_duplicated().any():
        wrong |= (values.is_duplicated() & values.is_not_null()).to_numpy()
    return wrong


def _impossible(column: Column, coded: Coded, real: NDArray[np.int64]) -> Mask:
    """Return (width,) which codes of an ordered column are outside the range or written with too many decimals."""
    seen = coded.values[real[1:] > 0]
    values = coded.values
    wrong = np.zeros(len(values), dtype=bool)
    if len(seen):
        low, high = float(seen[0]), float(seen[-1])
        reach = MARGIN * (high - low)
        wrong = (values < low - reach) | (values > high + reach) | ((values < 0) if low >= 0 else False)
    decimals = 0 if column.kind == "integer" else column.decimals
    if column.kind in ORDERED[:2] and decimals is not None and _fits(seen, decimals):
        wrong |= ~_fit(values, decimals)
    return np.concatenate(([real[0] == 0], wrong))


def _fit(values: NDArray[np.float64], decimals: int) -> Mask:
    return np.isclose(np.round(values, decimals), values, rtol=1e-9, atol=10.0 ** -(decimals + 6))


def _fits(values: NDArray[np.float64], decimals: int) -> bool:
    return bool(_fit(values, decimals).all())


def _unknown(real: NDArray[np.int64]) -> Mask:
    """Return (width,) which codes are levels that no training row holds; none if new levels are to be expected."""
    if (real[1:] == 1).sum() > OPEN * real.sum():
        return np.concatenate(([real[0] == 0], np.zeros(len(real) - 1, dtype=bool)))
    return np.asarray(real == 0)


def _has_rare(real: NDArray[np.int64]) -> bool:
    return bool(((real[1:] > 0) & (real[1:] < rare_below(int(real.sum())))).any())


def _expect_new(tables: Tables) -> int:
    """Return how many rows of a fresh real table would hold a new level: as many as hold one alone (Good 1953)."""
    alone = 0
    for column in tables.columns:
        real = column.counts("real")
        if not column.ordered and (real[1:] == 1).sum() <= OPEN * real.sum():
            alone += int((real[1:] == 1).sum())
    return min(alone, tables.real.height)
