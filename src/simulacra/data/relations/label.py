"""A label that is computed where its number or date is drawn: groups that are a cut, names of parts of a date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import polars as pl

from ...errors import SchemaError
from ..constraints import Constraint, parse_constraint
from ..cuts import Cut
from ..dtypes import parse_dtype
from ..lists import check_list, is_list, list_allowed
from ..quantities import part_of, quantity
from ..saved import damaged, value_of
from ..schema import Column, Schema

__all__ = ["Label"]


@dataclass(frozen=True, slots=True)
class Label:
    """source -> label, by a cut or by a part of a date.

    rule : what the label keeps. keys, labels : as `lists.list_allowed` gives them. A part of a date that has no label
    takes that of the nearest one.
    """

    source: Column
    label: Column
    rule: Constraint
    keys: tuple[str, ...]
    labels: tuple[str, ...]
    kind: ClassVar[str] = "label"

    @classmethod
    def fit(cls, frame: pl.DataFrame, rule: Constraint, source: Column, label: Column) -> Label | None:
        """Return the step if it gives the label back in every row of the table, missing ones among them."""
        allowed = list_allowed(rule, frame, Schema((source, label)))
        if allowed is None or not allowed.height:
            return None
        step = cls(source, label, rule, tuple(allowed[source.name]), tuple(allowed[label.name]))
        same = step.compute(frame).eq_missing(frame[label.name])
        return step if len(set(step.keys)) == len(step.keys) and same.all() else None

    def rewrite(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        """Return the columns without the label."""
        return {name: column for name, column in columns.items() if name != self.label.name}

    def forward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table without the label."""
        return frame.drop(self.label.name)

    def backward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table with the label computed."""
        return frame.with_columns(self.compute(frame))

    def compute(self, frame: pl.DataFrame) -> pl.Series:
        """Return the label of each row."""
        series = frame[self.source.name]
        if self.rule.kind == "cut":
            text = Cut.from_table(self.keys, self.labels).of(quantity(series, self.source))
        else:
            parts = part_of(series, self.source, self.rule.text)
            keys = np.array([int(key) for key in self.keys])
            order = np.argsort(keys)
            values = parts.fill_null(0).to_numpy()
            right = np.clip(np.searchsorted(keys[order], values), 0, len(keys) - 1)
            left = np.maximum(right - 1, 0)
            near = np.where(values - keys[order][left] < keys[order][right] - values, left, right)
            text = pl.Series(self.labels, dtype=pl.String).gather(pl.Series(order[near]).cast(pl.UInt32))
            text = text.set(parts.is_null(), None)
        return _typed(text, self.label)

    @property
    def cut(self) -> Cut | None:
        """The cut that gives the label, None if a part of a date does."""
        return Cut.from_table(self.keys, self.labels) if self.rule.kind == "cut" else None

    def words(self) -> pl.Series:
        """Return every label, in its own type."""
        return _typed(pl.Series(self.labels, dtype=pl.String), self.label)

    def to_state(self) -> dict[str, Any]:
        """Return names, rule, keys and labels."""
        from ..constraints import constraint_to_plain

        names = {"source": self.source.name, "label": self.label.name}
        return {**names, "rule": constraint_to_plain(self.rule), "keys": list(self.keys), "labels": list(self.labels)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], columns: Mapping[str, Column]) -> Label:
        """Return what `to_state` wrote; ModelFileError if it does not make sense."""
        names = value_of(state, "source", str), value_of(state, "label", str)
        if not set(names) <= set(columns) or names[0] == names[1]:
            raise damaged("source", "names columns that are not there")
        source, label = (columns[name] for name in names)
        keys, labels = value_of(state, "keys", list), value_of(state, "labels", list)
        try:
            rule = parse_constraint(state.get("rule"))
            check_list(rule, Schema((source, label)), "")
        except SchemaError as error:
            raise damaged("rule", f"cannot be read: {error.seen}") from None
        fits = rule.columns == names and (rule.kind == "cut" or (rule.kind == "combinations" and rule.text))
        if not fits or not keys or not is_list({names[0]: keys, names[1]: labels}, rule):
            raise damaged("keys", "do not fit their labels")
        if rule.text and not all(
            key.lstrip("-").isascii() and key.lstrip("-").isdigit() and len(key) < 9 for key in keys
        ):
            raise damaged("keys", "are no parts of a date")
        step = cls(source, label, rule, tuple(keys), tuple(labels))
        try:
            step.words()
        except pl.exceptions.PolarsError:
            raise damaged("labels", f"are no {label.dtype}") from None
        return step


def _typed(text: pl.Series, column: Column) -> pl.Series:
    dtype = parse_dtype(column.dtype)
    if dtype == pl.Boolean:
        values = text.replace_strict(["true", "false"], [True, False], default=None, return_dtype=pl.Boolean)
        return values.rename(column.name)
    return text.cast(dtype).rename(column.name)
