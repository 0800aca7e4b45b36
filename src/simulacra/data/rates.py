"""A number that is another one times a rate that a category decides: total = net * (1 + rate of the country)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["Rates"]

FEWEST = 5
"""Different numbers that a level must hold for its rate to be told."""
COVERED = 0.95
"""Share of the rows whose levels must have a rate."""
CLEAR = 20.0
"""How many times as wide as its rounding the number must spread within a level."""
_DIGITS = (0, 1, 2, 3, 4, 6)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rates:
    """levels : as text, in order. factors : of each, with as few digits as do."""

    levels: tuple[str, ...]
    factors: tuple[float, ...]

    @classmethod
    def fit(cls, levels: pl.Series, base: Floats, target: Floats, *, reach: float, fewest: int) -> Rates | None:
        """Return the rates if every row keeps them to within `reach`, None if not, or if fewer than two differ.

        levels : as text. Levels of fewer than `fewest` rows, or of too few different numbers, get none.
        """
        known = ~np.isnan(base) & ~np.isnan(target) & levels.is_not_null().to_numpy()
        if not known.any():
            return None
        words = levels.filter(pl.Series(known))
        names = words.unique().sort()
        place = words.replace_strict(names, np.arange(len(names)), return_dtype=pl.Int64).to_numpy()
        base, target = base[known], target[known]
        found: list[tuple[str, float]] = []
        rows = 0
        for number, name in enumerate(names):
            here = place == number
            if here.sum() < fewest or len(np.unique(base[here])) < FEWEST:
                continue
            factor = _factor(base[here], target[here], reach)
            if factor is None:
                return None
            found.append((name, factor))
            rows += int(here.sum())
        if rows < COVERED * known.sum() or len({factor for _, factor in found}) < 2:
            return None
        return cls(tuple(name for name, _ in found), tuple(factor for _, factor in found))

    def of(self, levels: pl.Series, base: pl.Series) -> pl.Series:
        """Return the number of each row, null where the level has no rate."""
        text = levels.cast(pl.String)
        factors = text.replace_strict(list(self.levels), list(self.factors), default=None, return_dtype=pl.Float64)
        return base.cast(pl.Float64) * factors


def _factor(base: Floats, target: Floats, reach: float) -> float | None:
    size = float(base @ base)
    if not size or np.ptp(target) < CLEAR * reach:
        return None
    fitted = float(base @ target) / size
    allowed = reach + 1e-9 * np.abs(target).max()
    for digits in _DIGITS:
        factor = round(fitted, digits)
        if factor and (np.abs(target - factor * base) <= allowed).all():
            return factor
    return None
