"""One column at a time: the bars of real and synthetic rows, as they may be shown.

Edges of bins are round numbers between quantiles that leave at least `K` real rows beyond them; what lies outside is
in two open bins, so no real extreme is drawn. Levels of a category are named only where `K` real rows hold them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..data.quantities import quantity
from ..data.schema import Column, Schema
from .axis import format_tick, round_edges
from .disclosure import K, public_share

__all__ = ["OTHERS", "Bar", "Margin", "draw_margin", "draw_margins"]

OTHERS = "all other levels"
"""Label of the bar of all levels that are not named."""

_LEVELS = 9
_ATOM_SHARE = 0.5
_MOST_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label and its shares of rows; `real` is None where it is suppressed or there is no real table."""

    label: str
    real: float | None
    synthetic: float
    suppressed: bool = False


@dataclass(frozen=True, slots=True)
class Margin:
    """The picture of one column.

    Parameters
    ----------
    form : "bins", "levels", or "words" where there is only a sentence (keys, personal values, constants).
    bars : of bins, the first and the last are open: everything below the first edge, everything from the last one on.
    edges : labels of the edges between the bins.
    distance : half the summed difference of the bars that are shown (total variation, 0 equal to 1 disjoint); None
        where there is nothing to compare.
    notes : sentences below the picture.
    """

    name: str
    kind: str
    form: str
    bars: tuple[Bar, ...] = ()
    edges: tuple[str, ...] = ()
    distance: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Side:
    """The values of one table: the number of rows, how many miss a value, and the values."""

    rows: int
    missing: int
    numbers: NDArray[np.float64]
    levels: dict[str, int]


def draw_margins(synthetic: pl.DataFrame, real: pl.DataFrame | None, schema: Schema) -> list[Margin]:
    """Return one margin for each column: those that differ most first, those without a picture last."""
    margins = [
        draw_margin(column, _find(synthetic, column.name), None if real is None else _find(real, column.name))
        for column in schema
    ]
    return sorted(margins, key=lambda margin: (margin.form == "words", -(margin.distance or 0.0)))


def draw_margin(column: Column, synthetic: pl.Series | None, real: pl.Series | None) -> Margin:
    """Return the picture of one column; None stands for a table that is not there or lacks the column."""
    sentence = (
        _sentence_only(column, synthetic, real)
        if synthetic is not None
        else "This column is not in the synthetic rows."
    )
    if sentence or synthetic is None:
        return Margin(column.name, column.kind, "words", notes=(sentence,))
    draw = _draw_levels if column.kind in ("category", "boolean") else _draw_bins
    return draw(column, _side(column, synthetic), None if real is None else _side(column, real))


def _find(frame: pl.DataFrame, name: str) -> pl.Series | None:
    """Return a column, thinned evenly where it is longer than a picture needs."""
    if name not in frame.columns:
        return None
    series = frame.get_column(name)
    return series.gather_every(-(-len(series) // _MOST_ROWS)) if len(series) > _MOST_ROWS else series


def _sentence_only(column: Column, synthetic: pl.Series, real: pl.Series | None) -> str:
    if column.personal:
        return f"Personal values ({column.personal}): nothing real is shown or compared."
    if column.kind == "identifier":
        return "A key: every row has its own value, so there is nothing to compare."
    if column.kind != "constant":
        return ""
    if synthetic.null_count() < len(synthetic):
        return "One value in every row." if not synthetic.null_count() else "One value wherever there is one."
    if real is not None and real.null_count() < len(real):
        return "Missing in every synthetic row: too few real rows hold its one value for it to be told."
    return "No value in any row."


def _side(column: Column, series: pl.Series) -> _Side:
    if column.kind in ("category", "boolean"):
        counts = series.drop_nulls().cast(pl.String).alias("level").value_counts(name="rows")
        levels = dict(zip(counts["level"].to_list(), counts["rows"].to_list(), strict=True))
        return _Side(len(series), series.null_count(), np.empty(0), levels)
    numbers = _numbers(column, series).drop_nulls().to_numpy()
    numbers = numbers[np.isfinite(numbers)]
    return _Side(len(series), len(series) - len(numbers), numbers, {})


def _numbers(column: Column, series: pl.Series) -> pl.Series:
    """Return a column as floats: dates, times (of day, or since 1970) and durations in seconds, text as its length."""
    if column.kind == "text":
        return series.cast(pl.String).str.len_chars().cast(pl.Float64)
    if column.kind == "duration" and series.dtype == pl.String:
        return quantity(series, column).cast(pl.Float64) / 1e6
    if column.kind in ("date", "datetime") and series.dtype == pl.String:
        series = series.str.to_datetime(column.format, strict=False, time_unit="us")
    if isinstance(series.dtype, pl.Datetime):
        series = series.dt.replace_time_zone(None)
    if series.dtype == pl.Time:
        return series.to_physical().cast(pl.Float64) / 1e9
    if series.dtype.is_temporal() and not isinstance(series.dtype, pl.Duration):
        return series.cast(pl.Datetime("us")).to_physical().cast(pl.Float64) / 1e6
    if isinstance(series.dtype, pl.Duration):
        return series.cast(pl.Duration("us")).to_physical().cast(pl.Float64) / 1e6
    return series.cast(pl.Float64, strict=False)


def _bar(label: str, made: int, synthetic: _Side, seen: int, real: _Side | None) -> Bar:
    share = round(made / max(synthetic.rows, 1), 4)
    if real is None:
        return Bar(label, None, share)
    return Bar(label, public_share(seen, real.rows) if seen else 0.0, share, suppressed=0 < seen < K)


def _draw_levels(column: Column, synthetic: _Side, real: _Side | None) -> Margin:
    seen = synthetic.levels if real is None else real.levels
    # By both sides: of many like levels, those most frequent in the real rows are so by luck.
    often = {level: rows / max(sum(seen.values()), 1) + _share(level, synthetic) for level, rows in seen.items()}
    ranked = sorted((level for level, rows in seen.items() if rows >= K), key=lambda level: (-often[level], level))
    if not ranked:  # one bar of all levels together would say nothing
        alone = f"No level is held by {K} rows or more{' of the real ones' if real is not None else ''}: none is drawn."
        return Margin(column.name, column.kind, "words", notes=(alone, *_missing(synthetic, real)))
    named = ranked if len(ranked) <= _LEVELS + 1 else ranked[:_LEVELS]
    bars = [_bar(level, synthetic.levels.get(level, 0), synthetic, seen[level], real) for level in named]
    rest = sum(seen.values()) - sum(seen[level] for level in named)
    made_rest = sum(synthetic.levels.values()) - sum(synthetic.levels.get(level, 0) for level in named)
    if rest or made_rest:
        bars.append(_bar(OTHERS, made_rest, synthetic, rest, real))
    return _margin(column, "levels", bars, real, notes=tuple(_missing(synthetic, real)))


def _share(level: str, side: _Side) -> float:
    return side.levels.get(level, 0) / max(sum(side.levels.values()), 1)


def _draw_bins(column: Column, synthetic: _Side, real: _Side | None) -> Margin:
    reference = synthetic.numbers if real is None else real.numbers
    atom = _find_atom(reference)
    body = reference if atom is None else reference[reference != atom]
    seconds = column.kind in ("date", "datetime", "duration")
    edges = round_edges(body, whole=column.kind in ("integer", "text"), seconds=seconds)
    notes = [] if column.kind != "text" else ["Free text: the bars show its length in characters."]
    if atom is not None:
        notes.append(_atom_note(format_tick(atom, column.kind), atom, synthetic, real))
    notes += _missing(synthetic, real)
    if edges is None or len(edges) == 0:
        return Margin(column.name, column.kind, "words", notes=("Too few real rows to draw.", *notes))
    ticks = tuple(format_tick(edge, column.kind) for edge in edges)
    made = _count_bins(synthetic.numbers, edges, atom)
    seen = made if real is None else _count_bins(real.numbers, edges, atom)
    bars = [
        _bar(label, int(made[place]), synthetic, int(seen[place]), real)
        for place, label in enumerate(_bin_labels(ticks))
    ]
    return _margin(column, "bins", bars, real, notes=tuple(notes), edges=ticks)


def _find_atom(values: NDArray[np.float64]) -> float | None:
    """Return the value that at least half of the rows hold, if there is one: it would flatten all other bars."""
    if len(values) < K:
        return None
    middle = float(np.median(values))
    return middle if np.count_nonzero(values == middle) >= max(K, _ATOM_SHARE * len(values)) else None


def _atom_note(label: str, atom: float, synthetic: _Side, real: _Side | None) -> str:
    made = np.count_nonzero(synthetic.numbers == atom) / max(synthetic.rows, 1)
    if real is None:
        return f"{made:.1%} of the rows are exactly {label}; the bars show the others."
    seen = public_share(int(np.count_nonzero(real.numbers == atom)), real.rows)
    return f"Exactly {label}: {seen:.1%} of real and {made:.1%} of synthetic rows. The bars show the others."


def _count_bins(values: NDArray[np.float64], edges: NDArray[np.float64], atom: float | None) -> NDArray[np.int64]:
    """Return the number of values in each of the len(edges) + 1 bins, the first and the last open."""
    body = values if atom is None else values[values != atom]
    return np.bincount(np.searchsorted(edges, body, side="right"), minlength=len(edges) + 1)


def _bin_labels(ticks: tuple[str, ...]) -> Iterator[str]:
    yield f"below {ticks[0]}"
    for low, high in pairwise(ticks):
        yield f"{low} to {high}"
    yield f"{ticks[-1]} and more"


def _margin(
    column: Column,
    form: str,
    bars: list[Bar],
    real: _Side | None,
    *,
    notes: tuple[str, ...],
    edges: tuple[str, ...] = (),
) -> Margin:
    shown = [bar for bar in bars if bar.real is not None]
    distance = sum(abs((bar.real or 0.0) - bar.synthetic) for bar in shown) / 2 if real is not None and shown else None
    hidden = sum(bar.suppressed for bar in bars)
    if hidden:
        what = "1 bar holds" if hidden == 1 else f"{hidden} bars hold"
        notes = (*notes, f"{what} fewer than {K} real rows, drawn as zero.")
    return Margin(column.name, column.kind, form, tuple(bars), edges, distance, notes)


def _missing(synthetic: _Side, real: _Side | None) -> Iterator[str]:
    if synthetic.missing == 0 and (real is None or real.missing == 0):
        return
    made = f"{synthetic.missing / max(synthetic.rows, 1):.1%}"
    if real is None:
        yield f"Missing: {made}."
        return
    seen = public_share(real.missing, real.rows)
    told = f"{seen or 0.0:.1%} of" if seen is not None or real.missing == 0 else f"fewer than {K}"
    yield f"Missing: {told} real and {made} of synthetic rows."
