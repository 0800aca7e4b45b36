"""The three tables as every metric sees them: each column coded once, on a scale shared by all three.

A code is the rank of a value among all values of the three tables, 0 is missing. Margins, pairs, copies, distances and
learners all work from these codes, so no metric parses or sorts a column again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..data.codes.calendar import to_ticks
from ..data.codes.category import RARE
from ..data.codes.family import rare_below as withheld_below
from ..data.dates import parse_dates
from ..data.schema import Column, Schema
from ..errors import DataError
from ..seeds import Seeds

__all__ = ["Coded", "Side", "Tables", "rare_below"]

Side = Literal["synthetic", "real", "holdout"]
SIDES: tuple[Side, ...] = ("synthetic", "real", "holdout")
ORDERED = ("integer", "real", "date", "datetime", "duration")
MADE_UP = ("text", "identifier")
BINS = 20
LEVELS = 40

Codes = NDArray[np.int32]
Floats = NDArray[np.float64]


def rare_below(rows: int) -> int:
    """Return the count under which levels are pooled: 5, or 2 in tables of fewer than 100 rows.

    What a handful of rows show is noise; kept apart, it would drown what the common levels say.
    """
    return 5 if rows >= 100 else 2


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """One column of the three tables.

    Parameters
    ----------
    name : the column.
    ordered : whether its values have an order (numbers, dates) or are levels.
    values : (levels,) ascending numbers behind codes 1, 2, ... of an ordered column; empty for levels.
    labels : text behind codes 1, 2, ... of a column of levels; empty for an ordered one.
    codes : side -> (rows,) codes, 0 is missing; the hold-out's are empty if there is none.
    width : number of codes, missing included.
    """

    name: str
    ordered: bool
    values: Floats
    labels: tuple[str, ...]
    codes: dict[Side, Codes]
    width: int

    def counts(self, side: Side) -> NDArray[np.int64]:
        """Return (width,) how often each code occurs."""
        return np.bincount(self.codes[side], minlength=self.width)

    def numbers(self, side: Side) -> Floats:
        """Return (rows,) values of an ordered column, NaN where missing."""
        return np.concatenate(([np.nan], self.values))[self.codes[side]]

    def bins(self, most: int = BINS) -> tuple[Codes, int]:
        """Return (width,) code -> bin and the number of bins; bin 0 is missing.

        Ordered: at most `most` bins of equal real mass, a frequent value filling one alone. Levels: those frequent in
        all tables together each alone (at most `LEVELS`), all others, seen or not, in the last bin. Chosen by the real
        rows alone they would be rarer in any other table: of many like levels, luck made those frequent.
        """
        real = self.counts("real")
        if self.ordered:
            below = np.cumsum(real[1:]) - real[1:]
            raw = (below * most) // max(int(real[1:].sum()), 1)
            _, dense = np.unique(raw, return_inverse=True)
            lut = np.concatenate(([0], dense + 1)).astype(np.int32)
            return lut, int(lut.max()) + 1
        sides = [self.counts(side) for side in SIDES if len(self.codes[side])]
        pooled = np.sum(sides, axis=0) if sides else real
        order = np.argsort(-pooled[1:], kind="stable")[:LEVELS]
        kept = order[pooled[1:][order] >= len(sides) * rare_below(int(real.sum()))]
        lut = np.full(self.width, len(kept) + 1, dtype=np.int32)
        lut[0] = 0
        lut[kept + 1] = np.arange(1, len(kept) + 1)
        return lut, len(kept) + 2


@dataclass(eq=False)
class Tables:
    """Synthetic rows, the real rows they were learned from, and real rows never seen; a `Comparison`.

    Columns made up by design (free text, identifiers, personal values) are not compared: `left_out` names them.
    protected : columns whose groups must not be treated worse; None if nobody named any. epsilon : the privacy budget
    that is stated, None if there is none. cache : what several metrics need, by name.
    """

    synthetic: pl.DataFrame
    real: pl.DataFrame
    holdout: pl.DataFrame | None
    schema: Schema
    target: str | None
    seeds: Seeds
    depth: int | None = None
    protected: tuple[str, ...] | None = None
    epsilon: float | None = None
    cache: dict[str, object] = field(default_factory=dict, repr=False, compare=False)
    _bins: dict[tuple[str, int], tuple[Codes, int]] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        for side in SIDES:
            frame = self.frame(side)
            missing = [name for name in self.schema.names if frame is not None and name not in frame.columns]
            if missing:
                raise DataError(
                    f"the {_NAMES[side]} rows have no column {missing[0]!r}",
                    hint="compare tables with the same columns",
                )

    def frame(self, side: Side) -> pl.DataFrame | None:
        """Return the table of that side."""
        return {"synthetic": self.synthetic, "real": self.real, "holdout": self.holdout}[side]

    def rows(self, side: Side) -> int:
        """Return the number of rows of that side; 0 if there is no hold-out."""
        frame = self.frame(side)
        return 0 if frame is None else frame.height

    @cached_property
    def left_out(self) -> tuple[str, ...]:
        """Names of the columns that are made up by design and therefore not compared."""
        return tuple(column.name for column in self.schema if is_made_up(column))

    @cached_property
    def columns(self) -> tuple[Coded, ...]:
        """The compared columns, coded, in schema order."""
        return tuple(self._code(column) for column in self.schema if not is_made_up(column))

    @cached_property
    def by_name(self) -> dict[str, Coded]:
        """The compared columns by name."""
        return {column.name: column for column in self.columns}

    @cached_property
    def settled(self) -> Schema:
        """The schema with the rules found in the real rows, unless it has been searched before."""
        from ..data.relations.find import settle

        return settle(self.real, self.schema)

    def binned(self, column: Coded, side: Side, most: int = BINS) -> tuple[Codes, int]:
        """Return (rows,) bins of one side of a column, and the number of bins."""
        key = (column.name, most)
        if key not in self._bins:
            self._bins[key] = column.bins(most)
        lut, width = self._bins[key]
        return lut[column.codes[side]], width

    def sample(self, side: Side, most: int, purpose: str) -> NDArray[np.int64]:
        """Return sorted indices of at most `most` rows of a side, drawn without replacement."""
        rows = self.rows(side)
        if rows <= most:
            return np.arange(rows)
        return np.sort(self.rng(purpose, side).choice(rows, size=most, replace=False))

    def rng(self, *purpose: str) -> np.random.Generator:
        """Return the generator for one purpose."""
        return self.seeds.child("measure", *purpose).rng()

    def _code(self, column: Column) -> Coded:
        frames = [frame for frame in (self.frame(side) for side in SIDES) if frame is not None]
        series = [frame[column.name] for frame in frames]
        sizes = [len(part) for part in series]
        if column.kind in ORDERED:
            joined = np.concatenate([as_numbers(part, column) for part in series])
            if any(part.dtype == pl.Float32 for part in series):
                joined = joined.astype(np.float32).astype(np.float64)
            codes, values = _rank(joined)
            labels: tuple[str, ...] = ()
        else:
            if column.dtype == "String":
                series = _pooled_alike(series)
            codes, labels = _levels(series)
            values = np.empty(0)
        width = (len(values) or len(labels)) + 1
        parts = np.split(codes, np.cumsum(sizes)[:-1])
        empty = np.empty(0, dtype=np.int32)
        sides: dict[Side, Codes] = dict(zip(SIDES, [*parts, empty][: len(SIDES)], strict=True))
        return Coded(column.name, column.kind in ORDERED, values, labels, sides, width)


_NAMES = {"synthetic": "synthetic", "real": "real", "holdout": "hold-out"}


def is_made_up(column: Column) -> bool:
    """Whether the values of a column are invented by design: free text, identifiers, personal values."""
    return column.kind in MADE_UP or column.personal is not None


def as_numbers(series: pl.Series, column: Column) -> Floats:
    """Return (rows,) numbers of an ordered column, NaN where missing or not to be read.

    Dates and times become microseconds since 1970, durations microseconds; text is read by the column's format.
    """
    if series.dtype in (pl.String, pl.Categorical) or isinstance(series.dtype, pl.Enum):
        series = _read(series.cast(pl.String), column)
    if series.dtype == pl.Date:
        series = series.cast(pl.Datetime("us"))
    if isinstance(series.dtype, pl.Datetime):
        series = series.dt.timestamp("us")
    elif isinstance(series.dtype, pl.Duration):
        series = series.dt.total_microseconds()
    elif series.dtype == pl.Time:
        series = series.cast(pl.Int64)
    numbers: Floats = series.cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy().astype(np.float64)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _read(series: pl.Series, column: Column) -> pl.Series:
    if column.kind in ("date", "datetime"):
        if column.format is None:  # polars would guess, and fail where it cannot
            parsed = series.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us")
            parsed = parsed.fill_null(series.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us"))
            return parsed.fill_null(series.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us")))
        return parse_dates(series, column.format)
    if column.kind == "duration":
        return to_ticks(series, column)[0]
    return series.str.strip_chars().str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)


def _rank(numbers: Floats) -> tuple[Codes, Floats]:
    """Return dense ranks from 1, 0 where NaN, and the values behind them."""
    known = ~np.isnan(numbers)
    values, ranks = np.unique(numbers[known], return_inverse=True)
    codes = np.zeros(len(numbers), dtype=np.int32)
    codes[known] = ranks + 1
    return codes, values


def _pooled_alike(series: list[pl.Series]) -> list[pl.Series]:
    """Return the column of the synthetic and the real tables, rare real levels as "(rare)" where that is what the
    synthetic rows call them.

    Levels that the synthetic rows hold all the same stay as they are, on every side: somebody's rare level is no less
    rare because others were hidden.
    """
    made, real, *more = (part.cast(pl.String) for part in series)
    if not (made == RARE).any() or (real == RARE).any():
        return series
    counts = real.drop_nulls().rename("level").value_counts(name="rows")
    shown = counts.filter(pl.col("rows") >= withheld_below(len(real)))["level"]
    kept = pl.concat([shown, made.drop_nulls().rename("level")]).unique()
    word = pl.Series([RARE])
    pooled = [part.zip_with(part.is_in(kept.implode()) | part.is_null(), word) for part in (real, *more)]
    return [made, *pooled]


def _levels(series: list[pl.Series]) -> tuple[Codes, tuple[str, ...]]:
    """Return codes of text levels, 0 where null, and the text behind codes 1, 2, ..."""
    if all(part.dtype.is_numeric() for part in series) and len({part.dtype for part in series}) > 1:
        series = [part.cast(pl.Float64) for part in series]
    joined = pl.concat([part.cast(pl.String).rename("") for part in series])
    labels = joined.drop_nulls().unique().sort()
    order = pl.DataFrame({"label": labels, "code": np.arange(1, len(labels) + 1, dtype=np.int32)})
    coded = pl.DataFrame({"label": joined}).join(order, on="label", how="left", maintain_order="left")["code"]
    return coded.fill_null(0).to_numpy().astype(np.int32), tuple(labels)
