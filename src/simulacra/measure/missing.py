"""fidelity.missing: are values missing as often, and where, as in the real rows?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..contracts import Score
from ..registry import register
from ._changes import Change, change_of_shares, score_changes
from ._groups import bin_name
from ._tables import Coded, Side, Tables

__all__ = ["Missing"]

MOST_COLUMNS = 40
PARTS = 4
SIDES: tuple[Side, Side] = ("synthetic", "real")


@register("metric")
class Missing:
    """The largest change of a share of missing values: of a column, or of a column where another one is low, middle,
    high, missing, or one of its frequent levels. 0..1, lower is better.

    Sees: values missing too often or too rarely, and missing at the right rate in the wrong rows. Does not see:
    patterns of three columns. Floor: the largest change that chance explains (one in a thousand clean tables). At most
    40 columns with missing values are looked at, against at most 40 others. Parts: places, the most telling first.
    Source: missing-value similarity of SDMetrics, conditional and with the number of places paid for.
    """  # fmt: skip

    name = "fidelity.missing"
    family = "fidelity"
    scores = ("fidelity.missing",)

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        holed = [c for c in tables.columns if any((c.codes[side] == 0).any() for side in SIDES)][:MOST_COLUMNS]
        causes = [(other, *_bins(tables, other)) for other in tables.columns[:MOST_COLUMNS]]
        names = {
            other.name: [f"{other.name} {bin_name(tables, other, place, PARTS)}" for place in range(width)]
            for other, _, width in causes
        }
        changes = []
        for column in holed:
            gone = [column.codes[side] == 0 for side in SIDES]
            counts, rows = [float(part.sum()) for part in gone], [len(part) for part in gone]
            changes.append(change_of_shares(column.name, (counts[0], counts[1]), (rows[0], rows[1])))
            for other, bins, width in causes:
                if other is not column:
                    changes += _within(column, (names[other.name], gone), bins, width)
        return [
            score_changes(
                self.name,
                [change for change in changes if change is not None],
                n=tables.synthetic.height,
                told="in {place} {synthetic} of values are missing, of the real ones {real}",
                nothing="no column with missing values to speak of",
            )
        ]


def _bins(tables: Tables, column: Coded) -> tuple[tuple[NDArray[np.int32], ...], int]:
    found = [tables.binned(column, side, PARTS) for side in SIDES]
    return tuple(bins for bins, _ in found), found[0][1]


def _within(
    column: Coded, what: tuple[list[str], list[NDArray[np.bool_]]], bins: tuple[NDArray[np.int32], ...], width: int
) -> list[Change | None]:
    """Return the changes of a column's missing share within each bin of another column."""
    names, gone = what
    hits = [np.bincount(bins[side][gone[side]], minlength=width) for side in (0, 1)]
    rows = [np.bincount(bins[side], minlength=width) for side in (0, 1)]
    return [
        change_of_shares(
            f"{column.name} where {names[place]}",
            (float(hits[0][place]), float(hits[1][place])),
            (int(rows[0][place]), int(rows[1][place])),
        )
        for place in range(width)
    ]
