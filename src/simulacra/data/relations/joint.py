"""A column that two others decide together: what is drawn for it gives way to what real rows show with the two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl

from ..codes.family import rare_below
from ..saved import damaged, value_of
from ..schema import Column
from .lookup import plain_labels, typed_labels

__all__ = ["Joint"]


@dataclass(frozen=True, slots=True)
class Joint:
    """(one, other) -> label.

    pairs : per combination of at least `rare_below` rows the levels of the two as text. labels : theirs, as plain
    values; of a pair with several the most frequent one comes first. The label is coded as it is; where what is drawn
    does not go with its pair, it becomes that first one. Pairs that are not there are left to whoever draws again.
    """

    one: Column
    other: Column
    label: Column
    pairs: tuple[tuple[str, str], ...]
    labels: tuple[Any, ...]
    kind: ClassVar[str] = "joint"

    @classmethod
    def fit(cls, frame: pl.DataFrame, one: Column, other: Column, label: Column) -> Joint | None:
        """Return the step; None if no combination is held by enough rows."""
        table = pl.DataFrame(
            [_text(frame[one.name], "one"), _text(frame[other.name], "other"), frame[label.name].rename("label")]
        )
        groups = table.drop_nulls().group_by("one", "other", "label").len(name="rows")
        kept = groups.filter(pl.col("rows") >= rare_below(frame.height))
        kept = kept.sort("one", "other", "rows", "label", descending=[False, False, True, False])
        if not kept.height:
            return None
        pairs = tuple(zip(kept["one"], kept["other"], strict=True))
        return cls(one, other, label, pairs, tuple(plain_labels(kept["label"]).to_list()))

    def rewrite(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        """Return the columns as they are."""
        return dict(columns)

    def forward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table as it is."""
        return frame

    def backward(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the table with labels that go with their pairs."""
        drawn = frame[self.label.name]
        asked = pl.DataFrame(
            [_text(frame[self.one.name], "one"), _text(frame[self.other.name], "other"), drawn.rename("label")]
        )
        first = self._known().unique(["one", "other"], keep="first", maintain_order=True)
        found = asked.join(first, on=["one", "other"], how="left", maintain_order="left")["label_right"]
        listed = self._known().with_columns(pl.lit(value=True).alias("listed"))
        fits = asked.join(listed, on=["one", "other", "label"], how="left", maintain_order="left")["listed"]
        keep = fits.fill_null(value=False) | found.is_null() | drawn.is_null()
        return frame.with_columns(drawn.zip_with(keep, found.rename(drawn.name)))

    def _known(self) -> pl.DataFrame:
        ones, others = ([pair[place] for pair in self.pairs] for place in (0, 1))
        return pl.DataFrame({"one": ones, "other": others, "label": typed_labels(self.labels, self.label)})

    def to_state(self) -> dict[str, Any]:
        """Return names, pairs and labels."""
        names = {"one": self.one.name, "other": self.other.name, "label": self.label.name}
        return {**names, "pairs": [list(pair) for pair in self.pairs], "labels": list(self.labels)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], columns: Mapping[str, Column]) -> Joint:
        """Return what `to_state` wrote; ModelFileError if it does not make sense."""
        names = [value_of(state, part, str) for part in ("one", "other", "label")]
        if not set(names) <= set(columns) or len(set(names)) < 3:
            raise damaged("one", "names columns that are not there")
        pairs, labels = value_of(state, "pairs", list), value_of(state, "labels", list)
        texts = all(
            isinstance(pair, list) and len(pair) == 2 and all(isinstance(k, str) for k in pair) for pair in pairs
        )
        if not pairs or len(pairs) != len(labels) or not texts:
            raise damaged("pairs", "do not fit their labels")
        one, other, label = (columns[name] for name in names)
        try:
            typed_labels(tuple(labels), label)
        except (pl.exceptions.PolarsError, TypeError, OverflowError):
            raise damaged("labels", f"are no {label.dtype}") from None
        return cls(one, other, label, tuple((first, second) for first, second in pairs), tuple(labels))


def _text(series: pl.Series, name: str) -> pl.Series:
    return series.cast(pl.String).rename(name)
