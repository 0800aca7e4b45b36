"""Category and boolean columns: one coded column, or two digits when there are more levels than codes.

Rare levels identify people, so levels below a floor of rows share one code. That code becomes a draw from the kept
levels when it stands for at most 1 % of the rows (or the dtype has no room for a word, or the word is one of the
levels), else the level "(rare)".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import polars as pl

from ..dtypes import parse_dtype
from ..saved import array_of, damaged, value_of
from ..schema import Column
from .family import Codes, Uniforms, rare_below, round_count

__all__ = ["RARE", "CategoryCodes"]

RARE = "(rare)"
ALONE = 128
"""With two digits, so many of the most frequent levels still have a first digit of their own."""
GROUPS = 120
ROOM = ALONE + GROUPS * 256
SMALL_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class CategoryCodes:
    """Codes of a category.

    levels : kept levels as text, most frequent first. counts : their rounded rows, to draw pooled cells by.
    first, second : (levels,) digits of each level, without the missing code; second is all zero if one digit does.
    pooled : "" nothing was pooled, "draw" or "level": what pooled cells become; their first digit is the last one.
    """

    column: Column
    levels: pl.Series
    counts: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    missing: bool
    pooled: str = ""
    notes: tuple[str, ...] = ()
    family: ClassVar[str] = "category"

    @classmethod
    def fit(cls, series: pl.Series, column: Column) -> CategoryCodes:
        """Return the codes for the column's levels."""
        text = series.cast(pl.String)
        table = text.drop_nulls().rename("level").value_counts(name="rows")
        table = table.sort(["rows", table.columns[0]], descending=[True, False])
        levels, counts = table.to_series(0).rename("levels"), table["rows"].to_numpy().astype(np.int64)
        floor = rare_below(len(series))
        keep = min(int((counts >= floor).sum()), ROOM)
        pooled = ""
        notes: tuple[str, ...] = ()
        if keep < len(counts):
            own = RARE in levels[:keep]
            pooled, notes = _pool(column, counts, keep, floor, own=own)
        first, second = _digits(levels[:keep])
        missing = text.null_count() > 0
        rounded = np.maximum(5, (counts[:keep] + 2) // 5 * 5)
        return cls(column, levels[:keep], rounded, first, second, missing, pooled, notes)

    @property
    def sizes(self) -> tuple[int, ...]:
        """One size, or two when the levels take two digits."""
        top = self._pool_digit + bool(self.pooled)
        one = max(1, top + self.missing)
        return (one, int(self.second.max()) + 1) if self._two else (one,)

    @property
    def _two(self) -> bool:
        return bool(self.second.any())

    @property
    def _pool_digit(self) -> int:
        return int(self.first.max()) + 1 if len(self.first) else 0

    @property
    def ordered(self) -> tuple[bool, ...]:
        """Levels have no order."""
        return (False, False) if self._two else (False,)

    @property
    def uniforms(self) -> int:
        """One if pooled cells are drawn."""
        return int(self.pooled == "draw")

    def encode(self, series: pl.Series) -> list[Codes]:
        """Return the digits; a level never seen is pooled, or the most frequent one where nothing was pooled."""
        text = series.cast(pl.String)
        place = text.cast(pl.Enum(self.levels), strict=False).to_physical() if len(self.levels) else None
        known = np.zeros(len(text), bool) if place is None else place.is_not_null().to_numpy()
        index = np.zeros(len(text), np.int64) if place is None else place.fill_null(0).cast(pl.Int64).to_numpy()
        first = np.where(known, self._take(self.first, index), self._pool_digit if self.pooled else 0)
        first = np.where(text.is_null().to_numpy(), 0 if not self.missing else -1, first) + self.missing
        digits = [first.astype(np.uint8)]
        if self._two:
            digits.append(np.where(known, self._take(self.second, index), 0).astype(np.uint8))
        return digits

    @staticmethod
    def _take(digit: npt.NDArray[np.int64], index: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        return digit[index] if len(digit) else index

    def decode(self, codes: Codes, uniforms: Uniforms, first_row: int) -> pl.Series:  # noqa: ARG002
        """Return the levels in the column's dtype."""
        first = codes[:, 0].astype(np.int64) - self.missing
        index = self._level_of(first, codes[:, 1] if self._two else None)
        pool = len(self.levels)
        if self.pooled == "draw" and pool:
            drawn = first == self._pool_digit
            share = np.cumsum(self.counts) / self.counts.sum()
            index = np.where(drawn, np.searchsorted(share[:-1], uniforms[:, 0], side="right"), index)
        index = np.where(first < 0, pool + 1, index)
        words = pl.concat(
            [self.levels, pl.Series("levels", [RARE if self.pooled == "level" else None, None], pl.String)]
        )
        dtype = parse_dtype(self.column.dtype)
        values = words if dtype == pl.String else _cast(words, dtype)
        return values.gather(pl.Series(index, dtype=pl.UInt32)).rename(self.column.name)

    def _level_of(self, first: npt.NDArray[np.int64], second: Codes | None) -> npt.NDArray[np.int64]:
        """Return the index of the level with these digits; a second digit too large for its group wraps around."""
        groups = self._pool_digit + 1
        order = np.lexsort((self.second, self.first))
        size = np.bincount(self.first, minlength=groups)
        start = np.cumsum(size) - size
        group = np.clip(first, 0, groups - 1)
        within = 0 if second is None else second.astype(np.int64) % np.maximum(1, size[group])
        index: npt.NDArray[np.int64] = np.append(order, len(order))[np.minimum(start[group] + within, len(order))]
        return index

    def to_state(self) -> dict[str, Any]:
        """Return levels, digits and rounded weights."""
        return {
            "levels": self.levels.to_list(),
            "counts": self.counts,
            "first": self.first,
            "second": self.second,
            "missing": self.missing,
            "pooled": self.pooled,
            "notes": list(self.notes),
        }

    @classmethod
    def from_state(cls, column: Column, state: Mapping[str, Any]) -> CategoryCodes:
        """Return what `to_state` wrote."""
        levels = value_of(state, "levels", list)
        if not all(isinstance(level, str) for level in levels) or len(set(levels)) < len(levels):
            raise damaged("levels", "is not a list of different words")
        if len(levels) > ROOM:
            raise damaged("levels", f"has {len(levels):,} words, more than codes can tell apart")
        counts, first, second = (
            array_of(state, part, np.int64, (len(levels),)) for part in ("counts", "first", "second")
        )
        missing, pooled = value_of(state, "missing", bool), value_of(state, "pooled", str)
        if pooled not in ("", "draw", "level") or (len(counts) and counts.min() < 1):
            raise damaged("pooled", "does not fit the counts")
        words = pl.Series("levels", levels, pl.String)
        if not all(map(np.array_equal, (first, second), _digits(words))):
            raise damaged("first", "does not number the levels")
        notes = tuple(map(str, value_of(state, "notes", list)))
        return cls(column, words, counts, first, second, missing, pooled, notes)


def _pool(
    column: Column, counts: npt.NDArray[np.int64], keep: int, floor: int, *, own: bool
) -> tuple[str, tuple[str, ...]]:
    """Return what pooled cells become and the sentence that says so; own : the table has a level "(rare)" itself."""
    share = float(counts[keep:].sum() / counts.sum())
    as_level = parse_dtype(column.dtype) == pl.String and (share > SMALL_SHARE or not keep) and not own
    fate = f'appear as "{RARE}"' if as_level else "are drawn from the other levels by their frequency"
    if not as_level and not keep:
        fate = "are missing, for no level is frequent enough to be shown"
    percent = "at most 1 %" if share <= SMALL_SHARE else f"about {max(1, round(share * 100))} %"
    note = (
        f"Column {column.name!r}: {round_count(len(counts) - keep)} levels of fewer than {floor} rows each "
        f"({percent} of the rows) {fate}."
    )
    return ("level" if as_level else "draw"), (note,)


def _digits(levels: pl.Series) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return two digits per level: frequent levels alone, the rest in alphabetical groups, frequent ones first in each.

    Words that sort together often belong together (postcodes, product codes), and a digit that means "how frequent in
    its group" has nearly the same distribution in each group.
    """
    number = len(levels)
    first, second = np.arange(number, dtype=np.int64), np.zeros(number, np.int64)
    if number <= 254:
        return first, second
    rest = number - ALONE
    groups = min(GROUPS, max(2, round(rest**0.5), -(-rest // 256)))
    alphabetical = levels[ALONE:].arg_sort().to_numpy()
    group = np.empty(rest, np.int64)
    group[alphabetical] = np.arange(rest) * groups // rest
    first[ALONE:] = ALONE + group
    order = np.argsort(group, kind="stable")
    start = np.searchsorted(group[order], group[order])
    second[ALONE + order] = np.arange(rest) - start
    return first, second


def _cast(words: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Return level names in the column's own dtype."""
    if dtype == pl.Boolean:
        truth = {"true": True, "false": False, "1": True, "0": False}
        return pl.Series([truth.get(word or "") for word in words], dtype=pl.Boolean)
    return words.cast(dtype, strict=False)
