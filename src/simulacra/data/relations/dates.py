"""Columns that a date decides: its year, its month, the hour on the clock of another place, the name of the weekday."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from ..codes.family import rare_below
from ..constraints import PARTS, quote
from ..quantities import dimension, part_of, quantity
from ..schema import Column
from .relation import SURPRISE, Relation, Search, counts_of, surprise, told

__all__ = ["find_named_parts", "find_parts"]

ZONES = (
    *("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Phoenix"),
    *("America/Anchorage", "Pacific/Honolulu", "America/Halifax", "America/Mexico_City", "America/Bogota"),
    *("America/Sao_Paulo", "America/Santiago", "Europe/London", "Europe/Berlin", "Europe/Athens", "Europe/Moscow"),
    *("Africa/Cairo", "Africa/Lagos", "Africa/Nairobi", "Asia/Dubai", "Asia/Karachi", "Asia/Kolkata", "Asia/Dhaka"),
    *("Asia/Bangkok", "Asia/Shanghai", "Asia/Tokyo", "Australia/Adelaide", "Australia/Sydney", "Australia/Brisbane"),
    *("Australia/Perth", "Pacific/Auckland"),
)
"""Clocks that are tried where the hour of a time stands in a column of its own; one for each set of rules."""
NAMED = ("weekday", "quarter", "month", "hour", "year")
"""Parts that may have names, those of few values first."""


def find_parts(search: Search) -> Iterator[Relation]:
    """Propose columns that are the year, month ... of a date column, maybe counted from another number.

    Where the hours of a time stand in a column on another clock, all parts are tried on that clock as well.
    """
    columns = [column for column in search.left("copy") if column.kind != "constant"]
    dates = [column for column in columns if dimension(column) == "point"]
    for date in dates:
        others = [column for column in columns if column is not date and dimension(column) in ("number", "point")]
        wanted = {column.name: quantity(search.sample[column.name], column).cast(pl.Float64) for column in others}
        wanted = {name: values for name, values in wanted.items() if surprise(counts_of(values)) >= SURPRISE}
        zone = _zone(search.sample, date, wanted)
        for clock in ("", f" {zone}") if zone else ("",):
            parts = {part: part_of(search.sample[date.name], date, part + clock).cast(pl.Float64) for part in PARTS}
            for column in others:
                if column.name in wanted:
                    yield from _proposed(column, date, wanted[column.name], parts, clock)


def _proposed(
    column: Column, date: Column, values: pl.Series, parts: dict[str, pl.Series], clock: str
) -> Iterator[Relation]:
    for part, found in parts.items():
        if (part == "date") != (dimension(column) == "point") or found.n_unique() < 2:
            continue
        shift = _shift(values, found)
        if shift is None or (shift and dimension(column) == "point"):
            continue
        zone = clock.strip()
        inside = quote(date.name) + (f", '{zone}'" if zone else "")
        more = f" {'+' if shift > 0 else '-'} {abs(shift)}" if shift else ""
        why = f"{column.name} is the {part} of {date.name}{f' on the clock of {zone}' if zone else ''}{more}"
        yield told(
            "part", (date.name, column.name), f"{quote(column.name)} = {part}({inside}){more}", f"{why} in every row"
        )
        return


def _shift(values: pl.Series, found: pl.Series) -> int | None:
    """Return by which small whole number two columns differ in every row, None if they do not."""
    gap = (values - found).drop_nulls()
    if not len(gap) or gap.n_unique() > 1 or abs(gap[0]) > 7 or gap[0] != round(gap[0]):
        return None
    return int(gap[0])


def _zone(sample: pl.DataFrame, date: Column, wanted: dict[str, pl.Series]) -> str:
    """Return the zone on whose clock a column tells the hour of the date, "" if there is none."""
    if date.kind != "datetime":
        return ""
    own = part_of(sample[date.name], date, "hour")
    hours = [values for values in wanted.values() if values.n_unique() > 6 and values.is_between(0, 23).all()]
    hours = [values for values in hours if (own != values).any() and ((own - values) % 24).n_unique() <= 3]
    for zone in ZONES if hours else ():
        here = part_of(sample[date.name], date, f"hour {zone}")
        if any((here == values).all() for values in hours):
            return zone
    return ""


def find_named_parts(search: Search) -> Iterator[Relation]:
    """Propose columns that a part of a date decides, as the name of the weekday or whether it is a weekend."""
    columns = [column for column in search.left("copy", "part") if column.kind != "constant"]
    dates = [column for column in columns if column.kind in ("date", "datetime")]
    labels = [column for column in columns if column.kind in ("category", "boolean", "integer") and not column.personal]
    for date in dates:
        for label in labels:
            part = next((part for part in NAMED if _decides(search, date, label, part)), "")
            if part:
                why = f"the {part} of {date.name} decides {label.name}: each has one {label.name} in every row"
                yield told(
                    "function",
                    (date.name, label.name),
                    {"combinations": [f"{part}({quote(date.name)})", label.name]},
                    why,
                )


def _decides(search: Search, date: Column, label: Column, part: str) -> bool:
    """Ask the sample, then all rows, whether each value of the part has one label and enough rows to be told."""
    for frame in (search.sample, search.frame):
        keys = part_of(frame[date.name], date, part).rename("key")
        groups = (
            pl.DataFrame([keys, frame[label.name].rename("label")])
            .group_by("key")
            .agg(pl.col("label").n_unique().alias("different"), pl.col("label").first(), pl.len().alias("rows"))
        )
        if groups.height < 2 or groups["different"].max() != 1 or groups["label"].n_unique() < 2:
            return False
    rows = groups["rows"].to_numpy()
    if rows.min() < rare_below(search.frame.height):
        return False
    share = groups.select(pl.col("rows").sum().over("label")).to_series().to_numpy() / search.frame.height
    return bool(-((rows - 1) * np.log(share)).sum() > SURPRISE)
