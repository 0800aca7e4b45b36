"""Integer and real columns, also when their numbers are held as text: one coded column each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import polars as pl

from ..dtypes import limits, parse_dtype
from ..saved import array_of, damaged, value_of
from ..schema import Column
from .axis import Axis, Floats
from .cut import FLOOR, cut
from .family import Codes, Uniforms, blank, round_count
from .fixed import ConstantCodes
from .wide import EXACT, Patterns, centre, draw_integers, exact_knots

__all__ = ["NumericCodes"]

MOST_DECIMALS = 9


@dataclass(frozen=True, slots=True)
class NumericCodes:
    """Codes of a numeric column. Value = axis value / scale + offset.

    offset : keeps large integers exact (ids, nanoseconds). scale : power of two that keeps the arithmetic of huge or
    subnormal numbers in range. style : how text shows numbers: "fixed" with all decimals ("12.50"), "bare" without a
    point where they are whole ("12"), else "plain" ("12.0"). exact : (codes, knots) 64-bit patterns of the knots of
    integers that span more than a float keeps apart; else (0, 0).
    """

    column: Column
    axis: Axis
    missing: bool
    offset: int = 0
    scale: float = 1.0
    style: str = "plain"
    exact: Patterns = field(default_factory=lambda: np.empty((0, 0), np.uint64))
    notes: tuple[str, ...] = ()
    family: ClassVar[str] = "numeric"

    @classmethod
    def fit(cls, series: pl.Series, column: Column) -> NumericCodes | ConstantCodes:
        """Return the codes for the column's values; infinite numbers and text that is no number count as missing.

        Nothing is learned from fewer than `FLOOR` numbers: the column is then withheld.
        """
        values, style, notes = numbers(series, column)
        missing = bool(values.null_count())
        present = values.drop_nulls()
        offset, scale, decimals = 0, 1.0, None
        exact = np.empty((0, 0), np.uint64)
        if len(present) < FLOOR:
            return ConstantCodes.withheld(column, len(present), FLOOR, tuple(notes))
        if column.kind == "integer" and present.dtype.is_integer():
            offset = centre(present)
            decimals = 0
        else:
            scale = _scale(present.to_numpy())
            decimals = _decimals(present.to_numpy(), column) if scale == 1.0 else None
        place = _to_axis(present, offset, scale, decimals)
        axis = cut(place, decimals)
        if offset and np.abs(place).max() > EXACT:
            axis, exact = exact_knots(axis, place, present.to_numpy(), offset)
        elif decimals is not None and present.dtype.is_float():
            axis = _as_written(axis, place, present.to_numpy())
        return cls(column, axis, missing, offset, scale, style, exact, tuple(notes))

    @property
    def sizes(self) -> tuple[int, ...]:
        """One coded column: missing first if there is any, then the axis."""
        return (self.axis.size + self.missing,)

    @property
    def ordered(self) -> tuple[bool, ...]:
        """Codes follow the values."""
        return (True,)

    @property
    def uniforms(self) -> int:
        """One if there are bins."""
        return int(self.axis.has_bins)

    def encode(self, series: pl.Series) -> list[Codes]:
        """Return the codes; a missing value in a column that had none gets the middle code."""
        values, _, _ = numbers(series, self.column)
        decimals = self.axis.decimals
        axis_values = _to_axis(values.fill_null(strategy="zero"), self.offset, self.scale, decimals)
        codes = self.axis.encode(axis_values).astype(np.uint8)
        if self.missing:
            codes += 1
        if values.null_count():
            codes[values.is_null().to_numpy()] = 0 if self.missing else self.axis.size // 2
        return [codes]

    def decode(self, codes: Codes, uniforms: Uniforms, first_row: int) -> pl.Series:  # noqa: ARG002
        """Return numbers in the column's dtype, null for missing."""
        place = codes[:, 0]
        if self.missing:
            place = np.maximum(place, 1) - 1
        draws = uniforms[:, 0] if self.uniforms else np.zeros(len(codes))
        if len(self.exact):
            values = _as_integers(draw_integers(self.exact, place, draws), self.column)
        else:
            values = _from_axis(self.axis.decode(place, draws), self.offset, self.scale, self.column)
        series = pl.Series(self.column.name, values)
        series = write_numbers(series, self.column, self.style, self.axis.decimals)
        return blank(series, codes[:, 0] == 0) if self.missing else series

    def to_state(self) -> dict[str, Any]:
        """Return the axis and how its numbers are written."""
        return {
            "axis": self.axis.to_state(),
            "missing": self.missing,
            "offset": self.offset,
            "scale": self.scale,
            "style": self.style,
            "exact": self.exact,
            "notes": list(self.notes),
        }

    @classmethod
    def from_state(cls, column: Column, state: Mapping[str, Any]) -> NumericCodes:
        """Return what `to_state` wrote."""
        scale = value_of(state, "scale", float)
        if not (np.isfinite(scale) and scale > 0):
            raise damaged("scale", f"is {scale}")
        offset = value_of(state, "offset", int)
        if not -(2**63) <= offset < 2**64:
            raise damaged("offset", "is out of range")
        axis = Axis.from_state(value_of(state, "axis", dict))
        missing = value_of(state, "missing", bool)
        if axis.size + missing > 256:
            raise damaged("axis", "has too many codes")
        style, notes = value_of(state, "style", str), value_of(state, "notes", list)
        exact = array_of(state, "exact", np.uint64, axis.knots.shape if len(state.get("exact", ())) else (0, 0))
        return cls(column, axis, missing, offset, scale, style, exact, tuple(map(str, notes)))


def numbers(series: pl.Series, column: Column) -> tuple[pl.Series, str, list[str]]:
    """Return the column as integers or finite floats, the style of its text, and notes."""
    notes: list[str] = []
    style = "plain"
    if series.dtype in (pl.String, pl.Categorical) or isinstance(series.dtype, pl.Enum):
        text = series.cast(pl.String).str.strip_chars()
        series = text.cast(pl.Float64, strict=False)
        if column.kind == "integer":
            whole = text.cast(pl.Int64, strict=False)
            series = whole if whole.null_count() == series.null_count() else series
        style = _style(text)
        unread = series.null_count() - text.null_count()
        if unread:
            notes.append(f"Column {column.name!r}: {round_count(unread)} cells are no numbers and count as missing.")
    elif series.dtype == pl.Boolean:
        series = series.cast(pl.Int64)
    elif not series.dtype.is_integer():
        series = series.cast(pl.Float64, strict=False)
    if series.dtype.is_float():
        odd = int((~series.is_finite() & ~series.is_nan()).sum())
        if odd:
            notes.append(f"Column {column.name!r}: {round_count(odd)} infinite numbers count as missing.")
        finite = series.is_finite().fill_null(False)
        series = series if finite.all() else series.zip_with(finite, pl.Series([None], dtype=pl.Float64))
    return series, style, notes


def _style(text: pl.Series) -> str:
    """A trailing zero that is not the only decimal is written on purpose; a whole number without a point is, too."""
    shares = [text.str.contains(form).mean() for form in (r"\.\d+0$", r"^[+-]?\d+$")]
    if (shares[0] or 0) > 0.02:  # type: ignore[operator]
        return "fixed"
    return "bare" if shares[1] else "plain"


def write_numbers(series: pl.Series, column: Column, style: str, decimals: int | None) -> pl.Series:
    """Return numbers in the column's dtype, text in its style."""
    dtype = parse_dtype(column.dtype)
    if dtype == pl.String and style == "fixed" and decimals:
        digits = (series * 10**decimals).round().abs().cast(pl.Int64).cast(pl.String).str.zfill(decimals + 1)
        sign = pl.Series([""]).extend_constant("-", 1).gather((series < 0).cast(pl.UInt32))
        length = digits.str.len_chars() - decimals
        text: pl.Series = sign + digits.str.head(length) + "." + digits.str.tail(decimals)
        return text.rename(column.name)
    if dtype.is_integer() and series.dtype.is_float():
        series = series.round()
    if dtype == pl.String and column.kind == "integer" and column.format:
        return series.cast(pl.Int64, strict=False).cast(pl.String).str.zfill(len(column.format))
    if dtype == pl.String and style == "bare":
        return series.cast(pl.String).str.strip_suffix(".0")
    return series.cast(dtype, strict=False)


def _scale(values: Floats) -> float:
    largest = float(np.abs(values).max())
    if largest > 1e100:
        return 2.0**-600
    return 2.0**600 if 0 < largest < 1e-100 else 1.0


def _decimals(values: Floats, column: Column) -> int | None:
    """Return how many digits after the point the values have: as the schema says, else by an absolute test."""
    if column.kind == "integer":
        return 0
    most = MOST_DECIMALS if column.decimals is None else column.decimals
    largest = max(1.0, float(np.abs(values).max()))
    if column.decimals is not None and 0 <= most <= 15 and largest * 10.0**most < EXACT:
        return most
    distinct = np.unique(values)
    for decimals in range(most + 1):
        if largest * 10.0**decimals >= EXACT:
            return None
        if np.array_equal(np.round(distinct, decimals), distinct):
            return decimals
    return None


def _as_written(axis: Axis, place: Floats, values: Floats) -> Axis:
    """Return the axis with each atom as the data have it: 10.35702 may be a bit off what rounding makes of it."""
    noise = np.abs(place - values)
    if not noise.any() or (noise > 8 * np.spacing(np.abs(values))).any():
        return axis  # nothing was rounded, or rounding was asked for
    distinct, first, counts = np.unique(values, return_index=True, return_counts=True)
    order = np.argsort(counts, kind="stable")
    exact = np.zeros(axis.size)
    exact[axis.encode(place[first])[order]] = distinct[order]  # the most frequent one
    return replace(axis, knots=np.where(axis.atom[:, None], exact[:, None], axis.knots))


def _to_axis(values: pl.Series, offset: int, scale: float, decimals: int | None) -> Floats:
    if offset and values.dtype.is_integer():
        whole = values.to_numpy()
        kind = whole.dtype.type
        # Difference in the unsigned integers wraps to the right answer for any pair of 64-bit numbers.
        shifted = whole.astype(np.uint64) - np.uint64(offset % 2**64)
        below = whole < kind(offset)
        return np.where(below, -((~shifted) + np.uint64(1)).astype(np.float64), shifted.astype(np.float64))
    numbers = values.cast(pl.Float64).to_numpy()
    if offset or scale != 1.0:
        return (numbers - offset) * scale
    return numbers if decimals is None else np.round(numbers, decimals)


def _from_axis(values: Floats, offset: int, scale: float, column: Column) -> npt.NDArray[Any]:
    if scale != 1.0:
        values = values / scale
    if column.kind != "integer" or (
        not parse_dtype(column.dtype).is_integer() and parse_dtype(column.dtype) != pl.String
    ):
        return values
    low, high = limits(parse_dtype(column.dtype))
    if not offset:
        top = np.nextafter(float(high), 0.0) if high >= EXACT else float(high)
        return np.clip(np.rint(values), float(low), top).astype(np.uint64 if low == 0 else np.int64)
    whole = np.clip(np.rint(values), max(low - offset, -(2**63)), np.nextafter(2.0**63, 0))
    shifted = whole.astype(np.int64).astype(np.uint64) + np.uint64(offset % 2**64)
    return _as_integers(shifted, column)


def _as_integers(patterns: Patterns, column: Column) -> npt.NDArray[Any]:
    """Return 64-bit patterns as the integers of the column's dtype."""
    return patterns if limits(parse_dtype(column.dtype))[0] == 0 else patterns.astype(np.int64)
