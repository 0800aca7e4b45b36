"""privacy.membership: can an attacker tell who was in the training data?"""

from __future__ import annotations

import numpy as np

from ..contracts import Score
from ..registry import register
from ._chance import auc, chance_error
from ._distance import encode, nearest
from ._tables import Tables
from .copies import NO_HOLDOUT

__all__ = ["Membership"]

MOST_ASKED = 2000
MOST_SYNTHETIC = 30_000
FEWEST = 10


@register("metric")
class Membership:
    """Membership inference by distance: AUC of "a synthetic row lies near" as a sign that a real row was learned from.

    0.5 is a coin toss and best, 1 certain. Sees: memorising of many rows. Does not see: a few exposed people (the mean
    hides them: the reason gives the hit rate at 1 % false accusations, privacy.exposed counts them).
    2,000 training and 2,000 hold-out rows are asked about, against at most 30,000 synthetic rows.
    Source: Chen et al. 2020 (GAN-Leaks); low false-positive rate after Carlini et al. 2022; interval by DeLong.
    """

    name = "privacy.membership"
    family = "privacy"
    scores = ("privacy.membership",)

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        size = min(tables.rows("real"), tables.rows("holdout"), MOST_ASKED)
        if size < FEWEST or not tables.columns:
            why = NO_HOLDOUT if tables.holdout is None else f"only {size} rows a side to ask about ({FEWEST} needed)"
            return [Score(self.name, self.family, "undefined", better="lower", reason=why)]
        synthetic = encode(tables, "synthetic", tables.sample("synthetic", MOST_SYNTHETIC, "membership"))
        real = encode(tables, "real", tables.sample("real", size, "membership"))
        other = encode(tables, "holdout", tables.sample("holdout", size, "membership"))
        distances = nearest(real + other, synthetic)[0].astype(np.float64)
        value, error = auc(-distances[:size], -distances[size:])
        near = float(np.quantile(distances[size:], 0.01))
        caught = float((distances[:size] < near).mean())
        reason = (
            f"guessing from the synthetic rows who was in the data is right {100 * value:.0f} % of the time "
            f"(50 % is a coin toss); at 1 % false accusations it finds {100 * caught:.1f} % of the people"
        )
        return [Score(
            self.name, self.family, value=value, low=max(0.0, value - 1.96 * error),
            high=min(1.0, value + 1.96 * error), floor=0.5, noise=chance_error(size, size), better="lower",
            n=2 * size, reason=reason,
        )]  # fmt: skip
