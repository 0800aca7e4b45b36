"""privacy.nearest: do synthetic rows lie closer to the rows learned from than to other real rows?"""

from __future__ import annotations

import numpy as np

from ..contracts import Score
from ..registry import register
from ._distance import encode, nearest
from ._tables import Side, Tables
from .copies import NO_HOLDOUT

__all__ = ["Nearest"]

MOST_ROWS = 4000
FEWEST = 10


@register("metric")
class Nearest:
    """The share of synthetic rows whose closest real row is a training row and not a hold-out row, at equal sizes.

    0.5 is best (a row lies as near to people never seen as to those learned from), higher is memorising; ties count
    half. Sees: wide overfitting. Does not see: a few copied rows among many (privacy.exposed does).
    Distance: Gower's, with ranges of all real rows. At most 4,000 rows of each table: sharing below about 1 % of rows
    drowns. Noise: real rows that are nearest to many synthetic rows count as one draw.
    Source: Platzer and Reutterer 2021 (DCR share); noise by exchanging training and hold-out rows.
    """

    name = "privacy.nearest"
    family = "privacy"
    scores = ("privacy.nearest",)

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        size = min(tables.rows("real"), tables.rows("holdout"), MOST_ROWS)
        if size < FEWEST or not tables.columns:
            why = NO_HOLDOUT if tables.holdout is None else f"only {size} rows a side to compare ({FEWEST} needed)"
            return [Score(self.name, self.family, "undefined", better="lower", reason=why)]
        points = encode(tables, "synthetic", tables.sample("synthetic", MOST_ROWS, "nearest"))
        real, other = (encode(tables, side, tables.sample(side, size, "nearest")) for side in _REAL)
        to_real, at_real = nearest(points, real)
        to_other, at_other = nearest(points, other)
        closer, tie = to_real < to_other - 1e-7, np.abs(to_real - to_other) <= 1e-7
        value = float(closer.mean() + tie.mean() / 2)
        # Under the null each real row falls to either side by a coin: all its synthetic neighbours move together.
        votes = np.bincount(np.where(closer, at_real, size + at_other)[~tie], minlength=1)
        noise = max(0.5 * float(np.sqrt((votes.astype(float) ** 2).sum())), 0.5) / len(points)
        reason = (
            f"{100 * value:.1f} % of synthetic rows lie closer to a row learned from than to a row never seen "
            f"(50 % is chance; {len(points):,} rows against {size:,} of each)"
        )
        return [Score(
            self.name, self.family, value=value, low=max(0.0, value - 1.96 * noise),
            high=min(1.0, value + 1.96 * noise), floor=0.5, noise=noise, better="lower", n=len(points), reason=reason,
        )]  # fmt: skip


_REAL: tuple[Side, Side] = ("real", "holdout")
