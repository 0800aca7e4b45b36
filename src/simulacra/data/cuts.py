"""Groups that are a cut of a number (age and age_group): their edges, as round as the real rows allow."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import floor, inf, isfinite, log10

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["Cut", "round_between"]

MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Cut:
    """A number up to the first edge has the first label, and so on.

    edges : ascending, one fewer than labels. closed : whether the edge itself belongs to the group below it.
    missing : the label where there is no number, None if there is none.

    >>> ages, groups = pl.Series([3, 17, 18, 64, 65, 90]), pl.Series(["child", "child", "adult", "adult", "old", "old"])
    >>> cut = Cut.fit(ages, groups, fewest=2)
    >>> cut.edges, cut.of(pl.Series([17, 18, 70, None])).to_list()
    ((18.0, 65.0), ['child', 'adult', 'old', None])
    """

    edges: tuple[float, ...]
    closed: tuple[bool, ...]
    labels: tuple[str, ...]
    missing: str | None = None

    @classmethod
    def fit(cls, values: pl.Series, labels: pl.Series, *, fewest: int) -> Cut | None:
        """Return the cut that the rows show, None if they show none; each label needs `fewest` rows.

        labels : as text. Edges are the roundest numbers between the groups, so that they tell no one's number.
        """
        table = pl.DataFrame([values.cast(pl.Float64).rename("value"), labels.rename("label")])
        absent = table.filter(pl.col("value").is_null())["label"]
        if absent.n_unique() > 1 or 0 < len(absent.drop_nulls()) < fewest:
            return None
        there = table.drop_nulls("value")
        if not there["value"].is_finite().all() or there["label"].null_count():
            return None
        groups = there.group_by("label").agg(
            pl.col("value").min().alias("low"), pl.col("value").max().alias("high"), pl.len().alias("rows")
        )
        groups = groups.sort("low")
        lows, highs = groups["low"].to_numpy(), groups["high"].to_numpy()
        if groups.height < 2 or (lows[1:] <= highs[:-1]).any() or groups["rows"].to_numpy().min() < fewest:
            return None
        edges = tuple(round_between(high, low) for high, low in zip(highs[:-1], lows[1:], strict=True))
        closed = tuple(edge == high for edge, high in zip(edges, highs[:-1], strict=True))
        return cls(edges, closed, tuple(groups["label"]), absent[0] if len(absent) else None)

    def of(self, values: pl.Series) -> pl.Series:
        """Return the label of each number as text."""
        numbers = values.cast(pl.Float64)
        place = self._places(numbers.fill_null(0.0).to_numpy())
        found = pl.Series(self.labels, dtype=pl.String).gather(pl.Series(place).cast(pl.UInt32))
        absent = pl.Series([self.missing], dtype=pl.String).new_from_index(0, len(numbers))
        return absent.zip_with(numbers.is_null(), found) if len(numbers) else found

    def spans(self, labels: Collection[str]) -> tuple[tuple[float, float], ...]:
        """Return the closed intervals whose numbers have one of the labels, ascending; those that touch are one.

        >>> Cut((18.0, 65.0), (False, True), ("child", "adult", "old")).spans({"child", "old"})
        ((-inf, 17.999999999999996), (65.00000000000001, inf))
        """
        found: list[tuple[float, float]] = []
        for place, label in enumerate(self.labels):
            low = -inf if not place else self._end(place - 1, above=True)
            high = inf if place == len(self.edges) else self._end(place, above=False)
            if label in labels:
                touches = place and self.labels[place - 1] in labels
                found.append((found.pop()[0], high) if touches else (low, high))
        return tuple(found)

    def _end(self, place: int, *, above: bool) -> float:
        """Return the first number above an edge's lower group, or the last one in it."""
        edge = self.edges[place]
        return edge if self.closed[place] != above else float(np.nextafter(edge, inf if above else -inf))

    def _places(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        above = np.zeros(len(values), np.int64)
        for edge, closed in zip(self.edges, self.closed, strict=True):
            above += (values > edge) if closed else (values >= edge)
        return above

    def to_table(self, number: str, label: str) -> pl.DataFrame:
        """Return the cut as two columns of text: "<18", "<=64.5", "" for the last group, "missing"."""
        bounds = [f"{'<=' if closed else '<'}{edge!r}" for edge, closed in zip(self.edges, self.closed, strict=True)]
        more = [] if self.missing is None else [self.missing]
        return pl.DataFrame({number: [*bounds, "", *([MISSING] if more else [])], label: [*self.labels, *more]})

    @classmethod
    def from_table(cls, bounds: Sequence[str], labels: Sequence[str]) -> Cut:
        """Return what `to_table` wrote; ValueError if it does not make sense."""
        missing = labels[-1] if bounds and bounds[-1] == MISSING else None
        count = len(bounds) - (missing is not None)
        if count < 1 or bounds[count - 1] or len(bounds) != len(labels):
            raise ValueError("no groups")
        closed = tuple(bound.startswith("<=") for bound in bounds[: count - 1])
        edges = tuple(float(bound.lstrip("<=")) for bound in bounds[: count - 1])
        if not all(map(isfinite, edges)) or list(edges) != sorted(set(edges)):
            raise ValueError("edges out of order")
        return cls(edges, closed, tuple(labels[:count]), missing)


def round_between(low: float, high: float) -> float:
    """Return the roundest number from `low` (less than `high`) to `high`.

    >>> round_between(17, 18), round_between(49.97, 50.02), round_between(0.3, 0.31), round_between(-7.0, 12.0)
    (18.0, 50.0, 0.3, 0.0)
    """
    if low <= 0 <= high:
        return 0.0
    for power in range(floor(log10(max(abs(low), abs(high)))) + 1, -20, -1):
        for step in (10.0, 5.0, 2.0, 1.0):
            unit = step * 10.0 ** (power - 1)
            # Through the decimal text, so that 0.3 is 0.3 and not three times a tenth.
            found = float(f"{floor(high / unit) * unit:.{max(0, 1 - power)}f}")
            if low <= found <= high:
                return found
    return high
