"""fidelity.calendar: do dates fall on the weekdays, months and hours they should?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..contracts import Score
from ..registry import register
from ._changes import Change, change_of_shares, score_changes
from ._tables import Coded, Side, Tables

__all__ = ["Calendar"]

DAY = 86_400_000_000
NAMES = {
    "weekday": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "month": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
              "November", "December"),
    "hour": tuple(f"{hour} o'clock" for hour in range(24)),
    "day of the month": tuple(f"day {day}" for day in range(1, 32)),
}  # fmt: skip


@register("metric")
class Calendar:
    """The largest change of the share of a weekday, a month, a day of the month or an hour, over columns of dates and
    times; 0..1, lower is better.

    Sees: weekdays evened out, seasons lost, opening hours ignored, all that the distribution over years hides. Does not
    see: holidays, single days. Times are read as they are written, in their zone's UTC where they have one. Floor: the
    largest change that chance explains (one in a thousand clean tables). Parts: places, the most telling first.
    Source: seasonality as a table of its own parts.
    """  # fmt: skip

    name = "fidelity.calendar"
    family = "fidelity"
    scores = ("fidelity.calendar",)

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        dated = {column.name for column in tables.schema if column.kind in ("date", "datetime")}
        changes: list[Change | None] = []
        for column in tables.columns:
            if column.name in dated and len(column.values):
                for kind, parts in _parts(column.values).items():
                    changes += _changes(column, kind, parts)
        return [
            score_changes(
                self.name,
                [change for change in changes if change is not None],
                n=tables.synthetic.height,
                told="{place}: {synthetic} of the synthetic rows and {real} of the real ones",
                nothing="there is no column of dates with enough rows a weekday, month or hour",
            )
        ]


def _parts(micros: NDArray[np.float64]) -> dict[str, NDArray[np.int64]]:
    """Return kind of part -> (values,) number from 0, of times in microseconds since 1970."""
    whole = micros.astype(np.int64)
    days = whole // DAY
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    first = months.astype("datetime64[D]").astype(np.int64)
    found = {"weekday": (days + 3) % 7, "month": months.astype(np.int64) % 12, "day of the month": days - first}
    hours = (whole % DAY) // 3_600_000_000
    return {**found, "hour": hours} if hours.any() else found


def _changes(column: Coded, kind: str, parts: NDArray[np.int64]) -> list[Change | None]:
    names = NAMES[kind]
    sides: tuple[Side, Side] = ("synthetic", "real")
    made, real = (np.bincount(parts, weights=column.counts(side)[1:], minlength=len(names)) for side in sides)
    rows = int(made.sum()), int(real.sum())
    return [
        change_of_shares(f"{column.name} ({name})", (float(made[place]), float(real[place])), rows)
        for place, name in enumerate(names)
    ]
