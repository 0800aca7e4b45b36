"""A label that its code decides: looked up after the code is drawn, for the codes that enough rows hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import polars as pl

from ..codes.family import rare_below
from ..dtypes import parse_dtype
from ..quantities import dimension, quantity
from ..saved import damaged, value_of
from ..schema import Column

__all__ = ["Lookup", "plain_labels", "typed_labels"]

FEW = 200
"""A numeric code of more levels is coded as a category: between its levels there is nothing."""
POOLED = 0.01
"""With a larger share of rare codes the label is learned too: a pooled code has no label of its own."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """code -> label.

    keys : the codes of at least `rare_below` rows, as text, numbers or microseconds; labels : theirs, as plain values.
    A drawn number that is no key becomes the nearest one. learned : the label stays in the table and is overruled
    where the code is a key. as_levels : the code is a number and coded as a category.
    """

    code: Column
    label: Column
    keys: tuple[Any, ...]
    labels: tuple[Any, ...]
    learned: bool = False
    as_levels: bool = False
    kind: ClassVar[str] = "lookup"

    @classmethod
    def fit(cls, frame: pl.DataFrame, code: Column, label: Column) -> Lookup | None:
        """Return the map; None if no code is held by enough rows."""
        keys = quantity(frame[code.name], code).rename("key")
        table = pl.DataFrame([keys, frame[label.name].rename("label")])
        groups = table.group_by("key").agg(pl.col("label").first(), pl.len().alias("rows")).sort("key")
        kept = groups.filter(pl.col("rows") >= rare_below(frame.height))
        if not kept.height:
            return None
        rare = 1 - kept["rows"].sum() / frame.height
        numeric = dimension(code) != "text"
        as_levels = numeric and code.kind == "integer" and groups.height > FEW
        return cls(
            code,
            label,
            tuple(kept["key"].to_list()),
            tuple(plain_labels(kept["label"]).to_list()),
            learned=rare > POOLED and (not numeric or as_levels),
            as_levels=as_levels,
        )

    def rewrite(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        """Return the columns without the label, the code as what it is."""
        made = {name: column for name, column in columns.items() if self.learned or name != self.label.name}
        if self.as_levels:
            made[self.code.name] = replace(made[self.code.name], kind="category", decimals=None)
        return made

    def forward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table without the label."""
        return frame if self.learned else frame.drop(self.label.name)

    def backward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table with the label of each code."""
        drawn = quantity(frame[self.code.name], self.code)
        keys = pl.Series(self.keys, dtype=drawn.dtype)
        if drawn.dtype == pl.String:
            place = drawn.replace_strict(keys, np.arange(len(keys)), default=None, return_dtype=pl.Int64)
        else:
            place, frame = self._nearest(drawn, keys, frame)
        made = self.words().gather(place.fill_null(0).cast(pl.UInt32)).rename(self.label.name)
        if self.learned:
            made = made.zip_with(place.is_not_null(), frame[self.label.name])
        return frame.with_columns(made)

    def of(self, codes: pl.Series) -> pl.Series:
        """Return the label of each code that is a key, null for any other."""
        table = pl.DataFrame([pl.Series("key", self.keys), self.words().rename("label")])
        asked = quantity(codes, self.code).cast(table.schema["key"]).rename("key").to_frame()
        return asked.join(table, on="key", how="left", maintain_order="left")["label"].rename(self.label.name)

    def words(self) -> pl.Series:
        """Return the label of each key, in the label's own type."""
        return typed_labels(self.labels, self.label)

    def _nearest(self, drawn: pl.Series, keys: pl.Series, frame: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
        """Return the place of the key next to each number, and the table with that key as its code."""
        from .restore import restore

        known, values = keys.to_numpy(), drawn.fill_null(0).to_numpy()
        right = np.clip(np.searchsorted(known, values), 0, len(known) - 1)
        left = np.maximum(right - 1, 0)
        near = np.where(values - known[left] < known[right] - values, left, right)
        if (known[near] == values).all():
            return pl.Series(near), frame
        if self.learned:
            return pl.Series(near).set(pl.Series(known[near] != values), None), frame
        return pl.Series(near), frame.with_columns(restore(pl.Series(known[near]), self.code))

    def to_state(self) -> dict[str, Any]:
        """Return names, keys and labels."""
        return {
            "code": self.code.name,
            "label": self.label.name,
            "keys": list(self.keys),
            "labels": list(self.labels),
            "learned": self.learned,
            "as_levels": self.as_levels,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any], columns: Mapping[str, Column]) -> Lookup:
        """Return what `to_state` wrote; ModelFileError if it does not make sense."""
        names = value_of(state, "code", str), value_of(state, "label", str)
        if not set(names) <= set(columns) or names[0] == names[1]:
            raise damaged("code", "names columns that are not there")
        code, label = (columns[name] for name in names)
        keys, labels = value_of(state, "keys", list), value_of(state, "labels", list)
        kinds = (str,) if dimension(code) == "text" else (int, float)
        if not keys or len(keys) != len(labels) or not all(type(key) in kinds for key in keys):
            raise damaged("keys", "do not fit their labels")
        if sorted(set(keys)) != keys:
            raise damaged("keys", "are not in order")
        try:
            typed_labels(tuple(labels), label)
        except (pl.exceptions.PolarsError, TypeError, OverflowError):
            raise damaged("labels", f"are no {label.dtype}") from None
        learned, as_levels = value_of(state, "learned", bool), value_of(state, "as_levels", bool)
        return cls(code, label, tuple(keys), tuple(labels), learned, as_levels)


def plain_labels(labels: pl.Series) -> pl.Series:
    """Return labels as JSON can hold them: text, numbers, booleans; times as their ticks."""
    if labels.dtype in (pl.Categorical, pl.Enum):
        return labels.cast(pl.String)
    return labels.to_physical() if labels.dtype.is_temporal() else labels


def typed_labels(labels: tuple[Any, ...], column: Column) -> pl.Series:
    """Return what `plain_labels` gave as the column's own type."""
    dtype = parse_dtype(column.dtype)
    if dtype in (pl.Categorical, pl.Enum):
        return pl.Series(labels, dtype=pl.String).cast(dtype)
    if dtype.is_temporal():
        return pl.Series(labels, dtype=pl.Int32 if dtype == pl.Date else pl.Int64).cast(dtype)
    return pl.Series(labels, dtype=dtype)
