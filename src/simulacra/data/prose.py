"""Made-up free text: as long as real texts are, in their case and with their final stop, and of none of their words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import polars as pl

from .draws import Draws, Rows
from .saved import array_of, damaged, value_of
from .schema import Column
from .words import prose

__all__ = ["ProseShape"]

_QUANTILES = 64
_LONGEST = 100_000.0


@dataclass(frozen=True, slots=True)
class ProseShape:
    """How texts look.

    lengths : (quantiles,) of the texts' lengths in characters, each a mean of five neighbours. case : "plain", "lower"
    or "upper". stop : texts mostly end with a full stop.
    """

    lengths: npt.NDArray[np.float64]
    case: str
    stop: bool
    shape: ClassVar[str] = "prose"

    @classmethod
    def learn(cls, series: pl.Series) -> ProseShape:
        """Learn lengths, case and final stops."""
        text = series.drop_nulls().cast(pl.String)
        if text.is_empty():
            text = pl.Series(["none"])
        sizes = np.sort(np.minimum(text.str.len_chars().to_numpy().astype(np.float64), _LONGEST))
        ranks = np.linspace(2, max(2, len(sizes) - 3), min(_QUANTILES, len(sizes))).round().astype(np.int64)
        near = np.clip(ranks[:, None] + np.arange(-2, 3), 0, len(sizes) - 1)
        upper, lower = (text == text.str.to_uppercase()).mean(), (text == text.str.to_lowercase()).mean()
        case = "upper" if _most(upper) else "lower" if _most(lower) else "plain"
        return cls(sizes[near].mean(axis=1), case, _most(text.str.ends_with(".").mean()))

    def make(self, rows: Rows, draws: Draws, column: Column, key: int) -> pl.Series:  # noqa: ARG002
        """Return one text per row: a stretch of a long run of sentences, from a sentence's start to a word's end."""
        run, starts, ends = prose()
        start = starts[draws.below(len(starts))]
        place = draws.uniform() * (len(self.lengths) - 1)
        wanted = np.rint(np.interp(place, np.arange(len(self.lengths)), self.lengths)).astype(np.int64)
        low, high = (max(0, int(np.rint(end)) - self.stop) for end in (self.lengths[0], self.lengths[-1]))
        stop = _nearest_end(ends, start, np.maximum(wanted - self.stop, 1))
        # No text is longer or shorter than texts are, though a word be cut for it.
        stop = np.where(
            (stop - start > high) | (stop - start < low), start + np.clip(wanted - self.stop, low, high), stop
        )
        texts = [run[a:b] for a, b in zip(start.tolist(), stop.tolist(), strict=True)]
        series = pl.Series(column.name, texts, dtype=pl.String).str.strip_chars_end(". ").str.pad_end(low, "s")
        series = series + "." if self.stop else series
        if self.case == "plain":
            return series
        return series.str.to_uppercase() if self.case == "upper" else series.str.to_lowercase()

    def to_state(self) -> dict[str, Any]:
        """Return the fields."""
        return {"lengths": self.lengths, "case": self.case, "stop": self.stop}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> ProseShape:
        """Return what `to_state` wrote."""
        lengths, case = array_of(state, "lengths", np.float64, (None,)), value_of(state, "case", str)
        if not 1 <= len(lengths) <= 4096 or lengths.min() < 0 or lengths.max() > _LONGEST:
            raise damaged("lengths", "do not fit a text")
        if case not in ("plain", "lower", "upper"):
            raise damaged("case", f"is {case[:20]!r}")
        return cls(lengths, case, value_of(state, "stop", bool))


def _nearest_end(
    ends: npt.NDArray[np.int64], start: npt.NDArray[np.int64], wanted: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return the end of a word nearest to start + wanted, after the start."""
    goal = start + wanted
    last = np.minimum(np.searchsorted(ends, goal), len(ends) - 1)
    before = ends[np.maximum(last - 1, 0)]
    return np.where((goal - before < ends[last] - goal) & (before > start), before, ends[last])


def _most(share: Any) -> bool:
    return share is not None and share > 0.6
