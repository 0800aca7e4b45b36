"""fidelity.levels: is each level as frequent as in the real rows?"""

from __future__ import annotations

import numpy as np

from ..contracts import Score
from ..registry import register
from ._changes import Change, change_of_shares, real_share, score_changes
from ._tables import Side, Tables

__all__ = ["Levels"]

MOST_LEVELS = 200
SIDES: tuple[Side, ...] = ("synthetic", "real", "holdout")


@register("metric")
class Levels:
    """The largest change of the share of one level, over all columns of levels; 0..1, lower is better.

    Sees: a mode half lost, a minority thinned, which a distance over the whole column drowns. Does not see: levels of
    which fewer than five rows are to be expected; levels too frequent and too rare at once in a third column. The 200
    most frequent levels of a column. A hold-out that agrees with the rows learned from counts with them. Floor: the
    largest change that chance explains (one in a thousand clean tables).
    Parts: levels, the most telling first. Source: simultaneous intervals of proportions (Goodman 1965).
    """

    name = "fidelity.levels"
    family = "fidelity"
    scores = ("fidelity.levels",)

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        changes: list[Change | None] = []
        for column in tables.columns:
            if column.ordered or column.width < 3:
                continue
            made, real, kept = (column.counts(side)[1:] for side in SIDES)
            n, m, k = (int(part.sum()) for part in (made, real, kept))
            for place in np.argsort(-(made + real), kind="stable")[:MOST_LEVELS]:
                hits, rows = real_share((float(real[place]), m), (float(kept[place]), k))
                told = f"{column.name} = {column.labels[place]}"
                changes.append(change_of_shares(told, (float(made[place]), hits), (n, rows)))
        return [
            score_changes(
                self.name,
                [change for change in changes if change is not None],
                n=tables.synthetic.height,
                told="{place} holds {synthetic} of the synthetic rows and {real} of the real ones",
                nothing="there is no column of levels with more than one of them frequent",
            )
        ]
