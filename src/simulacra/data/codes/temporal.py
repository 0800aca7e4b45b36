"""Date, datetime and duration columns: whole numbers on their natural grain, with their weekly and daily patterns.

Three plans, chosen from the data:
- "line": one coded column of grains (durations; datetimes that span less than `SHORT` days).
- "month": one coded column of months, when every date is the first of its month.
- "days": one coded column of days and, where it adds something, a second one for weekday and hour; minutes and
  finer are drawn from what all hours share.
Datetimes with a zone are taken apart on the clock of that zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import polars as pl

from ...errors import SchemaError
from ..saved import array_of, damaged, value_of
from ..schema import Column
from .axis import Axis, Floats
from .calendar import HOUR_TICKS, check_times, from_ticks, month_number, month_start, ticks_per_day, to_ticks
from .cut import FLOOR, cut
from .family import Codes, Uniforms, blank, rare_below, round_count
from .fixed import ConstantCodes
from .margin import Margin

__all__ = ["TemporalCodes"]

SHORT = 4
Ticks = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TemporalCodes:
    """Codes of a temporal column.

    axis : of grains, months or days. grain : ticks (days for a date) that one step of a "line" stands for.
    phases : weekday * 24 + hour of each code of the second coded column; empty if there is none.
    clock : grains within the hour, as all hours share them; None if every time is a full hour.
    """

    column: Column
    plan: str
    axis: Axis
    grain: int
    missing: bool
    phases: Ticks
    clock: Margin | None = None
    notes: tuple[str, ...] = ()
    family: ClassVar[str] = "temporal"

    @classmethod
    def fit(cls, series: pl.Series, column: Column) -> TemporalCodes | ConstantCodes:
        """Return the codes; text without the column's format counts as missing; SchemaError if no text can have it.

        Nothing is learned from fewer than `FLOOR` times: the column is then withheld.
        """
        check_times(column)
        ticks, notes = to_ticks(series, column)
        missing = ticks.null_count() > 0
        whole = ticks.drop_nulls().to_numpy()
        none = np.empty(0, np.int64)
        day = ticks_per_day(column)
        if len(whole) < FLOOR:
            return ConstantCodes.withheld(column, len(whole), FLOOR, notes)
        grain = _grain(whole, column)
        if column.kind != "duration":
            if grain == day and _all_first(whole // day):
                months = month_number(whole // day).astype(np.float64)
                return cls(column, "month", cut(months, 0), day, missing, none, notes=notes)
            if grain == day or int(whole.max()) - int(whole.min()) >= SHORT * day:
                return _by_days(cls, column, whole, grain, (missing, notes))
        return cls(column, "line", cut((whole // grain).astype(np.float64), 0), grain, missing, none, notes=notes)

    @property
    def sizes(self) -> tuple[int, ...]:
        """One or two coded columns, missing first in both."""
        first = (self.axis.size + self.missing,)
        return (*first, len(self.phases) + self.missing) if len(self.phases) else first

    @property
    def ordered(self) -> tuple[bool, ...]:
        """Days follow time; hours of the week do not, hours of a day do."""
        return (True, bool(self.phases.max() < 24)) if len(self.phases) else (True,)

    @property
    def uniforms(self) -> int:
        """One for the axis, one for the time within the hour."""
        return int(self.axis.has_bins) + (self.clock is not None)

    def encode(self, series: pl.Series) -> list[Codes]:
        """Return the codes; a missing value in a column that had none gets the middle code."""
        ticks, _ = to_ticks(series, self.column)
        gone = ticks.is_null().to_numpy()
        whole = ticks.fill_null(0).to_numpy()
        day = ticks_per_day(self.column)
        digits = [self.axis.encode(self._place(whole)).astype(np.uint8)]
        if len(self.phases):
            digits.append(self._nearest_phase(_phase(whole, day, self.axis.has_bins)))
        for digit in digits:
            digit += self.missing
            digit[gone] = 0 if self.missing else self.axis.size // 2 if digit is digits[0] else 0
        return digits

    def _place(self, whole: Ticks) -> Floats:
        if self.plan == "line":
            return (whole // self.grain).astype(np.float64)
        days = whole // ticks_per_day(self.column)
        return (month_number(days) if self.plan == "month" else days).astype(np.float64)

    def _nearest_phase(self, phase: Ticks) -> Codes:
        right = np.clip(np.searchsorted(self.phases, phase), 0, len(self.phases) - 1)
        left = np.maximum(right - 1, 0)
        nearer_left = np.abs(self.phases[left] - phase) < np.abs(self.phases[right] - phase)
        return np.where(nearer_left, left, right).astype(np.uint8)

    def decode(self, codes: Codes, uniforms: Uniforms, first_row: int) -> pl.Series:  # noqa: ARG002
        """Return times in the column's dtype or text format."""
        first = np.maximum(codes[:, 0], int(self.missing)) - np.uint8(self.missing)
        draws = uniforms[:, 0] if self.axis.has_bins else np.zeros(len(codes))
        place = np.rint(self.axis.decode(first, draws)).astype(np.int64)
        day = ticks_per_day(self.column)
        if self.plan == "line":
            ticks = place * self.grain
        elif self.plan == "month":
            ticks = month_start(place) * day
        else:
            ticks = self._days_to_ticks(place, first, codes, uniforms)
        series = from_ticks(ticks, self.column)
        return blank(series, codes[:, 0] == 0) if self.missing else series

    def _days_to_ticks(self, days: Ticks, first: Codes, codes: Codes, uniforms: Uniforms) -> Ticks:
        """Move each day to the weekday of its phase, then add hour and time within the hour."""
        day = ticks_per_day(self.column)
        if not len(self.phases):
            return days * day
        second = np.maximum(codes[:, 1], int(self.missing)) - np.uint8(self.missing)
        phase = self.phases[second]
        if self.axis.has_bins:
            days = self._to_weekday(days, phase // 24, first)
        ticks = days * day + (phase % 24) * (day // 24)
        if self.clock is None:
            return ticks
        steps = np.rint(self.clock.draw(uniforms[:, -1])).astype(np.int64) * self.grain
        return ticks + np.clip(steps, 0, day // 24 - self.grain)

    def _to_weekday(self, days: Ticks, weekday: Ticks, first: Codes) -> Ticks:
        """Return the day of that weekday nearest to each day, inside its bin where it has one; atoms stay."""
        low = np.ceil(self.axis.knots[:, 0] - 0.5).astype(np.int64)
        high = np.floor(self.axis.knots[:, -1] + 0.5).astype(np.int64)
        near = days + (weekday - _weekday(days) + 3) % 7 - 3
        moved = np.where(near > high[first], near - 7, np.where(near < low[first], near + 7, near))
        outside = (moved < low[first]) | (moved > high[first])
        moved = np.where(outside, near, moved)
        moved = np.where(moved > high[-1], moved - 7, np.where(moved < low[0], moved + 7, moved))
        return np.where(self.axis.atom[first], days, np.clip(moved, low[0], high[-1]))

    def to_state(self) -> dict[str, Any]:
        """Return the axes and the phases."""
        return {
            "plan": self.plan,
            "axis": self.axis.to_state(),
            "grain": self.grain,
            "missing": self.missing,
            "phases": self.phases,
            "clock": None if self.clock is None else self.clock.to_state(),
            "notes": list(self.notes),
        }

    @classmethod
    def from_state(cls, column: Column, state: Mapping[str, Any]) -> TemporalCodes:
        """Return what `to_state` wrote."""
        try:
            check_times(column)
        except SchemaError as error:
            raise damaged("column", f"cannot be: {error.seen}") from None
        plan, grain = value_of(state, "plan", str), value_of(state, "grain", int)
        if plan not in ("line", "month", "days") or not 1 <= grain <= 86_400 * 10**9:
            raise damaged("plan", f"is {plan!r} with grain {grain}")
        axis, missing = Axis.from_state(value_of(state, "axis", dict)), value_of(state, "missing", bool)
        phases = array_of(state, "phases", np.int64, (None,))
        if len(phases) and (phases.min() < 0 or phases.max() >= 168 or (np.diff(phases) <= 0).any()):
            raise damaged("phases", "are no hours of a week in order")
        if float(np.abs(axis.knots).max()) * (grain if plan == "line" else ticks_per_day(column)) >= 2.0**63:
            raise damaged("axis", "reaches beyond the calendar")
        if axis.size + missing > 256:
            raise damaged("axis", "has too many codes")
        clock = None if state.get("clock") is None else Margin.from_state(value_of(state, "clock", dict))
        notes = tuple(map(str, value_of(state, "notes", list)))
        return cls(column, plan, axis, grain, missing, phases, clock, notes)


def _by_days(
    cls: type[TemporalCodes], column: Column, whole: Ticks, grain: int, known: tuple[bool, tuple[str, ...]]
) -> TemporalCodes:
    missing, notes = known
    day = ticks_per_day(column)
    axis = cut((whole // day).astype(np.float64), 0)
    phases, rows = np.unique(_phase(whole, day, axis.has_bins), return_counts=True)
    kept = rows >= min(rare_below(len(whole)), int(rows.max()))
    hour = day // 24
    if not kept.all():
        lost = round_count(int(rows[~kept].sum()))
        notes = (
            *notes,
            f"Column {column.name!r}: {lost} rows at rare hours of the week moved to the nearest usual hour.",
        )
    clock = Margin.fit((whole % hour // grain).astype(np.float64), 0) if grain < hour else None
    phases = phases[kept].astype(np.int64)
    if len(phases) == 1 and phases[0] % 24 == 0 and clock is None:
        phases = phases[:0] if not axis.has_bins else phases
    return cls(column, "days", axis, grain, missing, phases, clock, notes)


def _phase(whole: Ticks, day: int, weekly: bool) -> Ticks:
    hour = whole % day * 24 // day if day >= HOUR_TICKS else np.zeros(len(whole), np.int64)
    return _weekday(whole // day) * 24 + hour if weekly else hour


def _weekday(days: Ticks) -> Ticks:
    """Return 0 for Monday to 6 for Sunday; day 0, 1970-01-01, was a Thursday."""
    return (days + 3) % 7


def _grain(whole: Ticks, column: Column) -> int:
    """Return the coarsest of day, hour, minute, second, millisecond ... that loses nothing, in ticks."""
    day = ticks_per_day(column)
    for parts in (1, 24, 1_440, 86_400, 86_400_000, 86_400_000_000):
        if day % parts == 0 and day // parts >= 1 and not (whole % (day // parts)).any():
            return day // parts
    return 1


def _all_first(days: Ticks) -> bool:
    return len(days) > 1 and bool((month_start(month_number(days)) == days).all()) and int(np.ptp(days)) > 31
