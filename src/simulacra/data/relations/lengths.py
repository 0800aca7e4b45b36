"""Numbers that are a length of time: the seconds of a span, the days between two dates.

The number may be rounded to its last digit, and counted from another small whole number (the last day counts, too).
Not handled: lengths cut off instead of rounded; months and years.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np
import numpy.typing as npt

from ..constraints import LENGTHS, quote
from ..quantities import dimension, floats, last_digit
from .relation import SURPRISE, Relation, Search, counts_of, surprise, told

__all__ = ["find_lengths"]

MOST_TIMES = 20
"""Columns of dates, and of spans, that are looked at."""
MOST_SHIFT = 7
GLANCE = 200
Floats = npt.NDArray[np.float64]


def find_lengths(search: Search) -> Iterator[Relation]:
    """Propose numbers that say how long a span is, or how far two dates lie apart; the first that does is told."""
    columns = [column for column in search.left("copy", "part") if column.kind != "constant"]
    numbers = {
        column.name: (floats(search.sample[column.name], column), last_digit(column) / 2)
        for column in columns
        if dimension(column) == "number" and surprise(counts_of(search.sample[column.name])) >= SURPRISE
    }
    spans = [column for column in columns if dimension(column) == "span"][:MOST_TIMES]
    points = [column for column in columns if dimension(column) == "point"][:MOST_TIMES]
    micros = {column.name: floats(search.sample[column.name], column) for column in (*spans, *points)}
    for span in spans:
        yield from _told(micros[span.name], [span.name], numbers)
    for end, start in permutations(points, 2):
        yield from _told(micros[end.name] - micros[start.name], [end.name, start.name], numbers)


def _told(lengths: Floats, times: list[str], numbers: dict[str, tuple[Floats, float]]) -> Iterator[Relation]:
    """Yield the numbers that are the lengths in some unit."""
    for name, (values, reach) in numbers.items():
        for unit, size in LENGTHS.items():
            shift = _shift(values, lengths / size, reach)
            if shift is None:
                continue
            inside = " - ".join(f"{unit}({quote(time)})" for time in times)
            more = f" {'+' if shift > 0 else '-'} {abs(shift)}" if shift else ""
            what = f"{times[0]} in {unit}" if len(times) == 1 else f"the {unit} from {times[1]} to {times[0]}"
            yield told(
                "part", (*times, name), f"{quote(name)} = {inside}{more}", f"{name} is {what}{more} in every row"
            )
            break


def _shift(values: Floats, lengths: Floats, reach: float) -> int | None:
    """Return by which small whole number two columns differ in every row but for rounding, None if they do not."""
    for rows in (slice(GLANCE), slice(None)):
        gap = (values - lengths)[rows]
        gap = gap[~np.isnan(gap)]
        if not len(gap):
            return None
        shift = round(float(np.median(gap)))
        off = 1e-9 * np.nanmax(np.abs(lengths[rows])) + 1e-9
        if abs(shift) > MOST_SHIFT or np.abs(gap - shift).max() > reach + off:
            return None
    return int(shift)
