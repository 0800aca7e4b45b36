"""privacy.membership and privacy.accusations: can an attacker tell who was in the training data?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..contracts import Part, Score
from ..data.shares import wilson
from ..registry import register
from ._battery import Isolation, isolation
from ._chance import auc, binomial_noise, chance_error
from ._tables import Tables
from .copies import NO_HOLDOUT

__all__ = ["Membership"]

FEWEST = 10
FEWEST_LOW = 100
FALSE_ALARMS = 0.01
UNUSUAL = 0.05

Mask = NDArray[np.bool_]


@register("metric")
class Membership:
    """Membership inference by distance: a synthetic row that lies near is a sign that a real row was learned from.

    privacy.membership : AUC of the distance; 0.5 is a coin toss and best, 1 certain. Sees: memorising of many rows.
        Does not see: a few exposed people, whom the mean hides.
    privacy.accusations : share of the people learned from whom an attacker finds that accuses 1 % of the others wrongly
        (the hold-out quantile that leaves at least one row beyond); floor: the share of others he does accuse; lower is
        better. The distance is taken in units of the local density. Parts: everybody, and the most unusual 5 %.
    4,000 rows learned from and 4,000 held out are asked about, against at most 8,000 synthetic rows.
    Source: Chen et al. 2020 (GAN-Leaks); low false-positive rate after Carlini et al. 2022; DeLong; Wilson's
        intervals of both shares, joined as by Newcombe 1998.
    """

    name = "privacy.membership"
    family = "privacy"
    scores = ("privacy.membership", "privacy.accusations")

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        size = min(tables.rows("real"), tables.rows("holdout"))
        if size < FEWEST or not tables.columns:
            why = NO_HOLDOUT if tables.holdout is None else f"only {size} rows a side to ask about ({FEWEST} needed)"
            return [Score(name, self.family, "undefined", better="lower", reason=why) for name in self.scores]
        found = isolation(tables)
        return [_average(found), _accusations(found)]


def _average(found: Isolation) -> Score:
    real, other = found.near[: found.learned], found.near[found.learned :]
    value, error = auc(-real, -other)
    reason = (
        f"guessing from the synthetic rows who was in the data is right {100 * value:.0f} % of the time "
        f"(50 % is a coin toss)"
    )
    return Score(
        "privacy.membership", "privacy", value=value, low=max(0.0, value - 1.96 * error),
        high=min(1.0, value + 1.96 * error), floor=0.5, noise=chance_error(len(real), len(other)), better="lower",
        n=len(found.near), reason=reason,
    )  # fmt: skip


def _accusations(found: Isolation) -> Score:
    learned = np.arange(len(found.near)) < found.learned
    n, m = int(learned.sum()), int((~learned).sum())
    if m < FEWEST_LOW:
        why = f"only {m} rows held out: a share of 1 % of them cannot be counted ({FEWEST_LOW} needed)"
        return Score("privacy.accusations", "privacy", "undefined", better="lower", reason=why)
    cut = np.sort(found.closeness[~learned])[int(np.ceil(FALSE_ALARMS * m)) - 1]
    accused = found.closeness <= cut
    unusual = np.zeros(len(learned), dtype=bool)
    unusual[np.argsort(-found.apart, kind="stable")[: int(UNUSUAL * len(learned))]] = True
    hits, control = int(accused[learned].sum()), int(accused[~learned].sum())
    rate, share = hits / n, control / m
    (low, high), (least, most) = wilson(hits, n), wilson(control, m)
    # The cut was drawn from the hold-out: where it may lie moves the share of those found in proportion.
    odds = rate / share if share else 1.0
    low = max(0.0, rate - ((rate - low) ** 2 + (odds * (most - share)) ** 2) ** 0.5)
    high = min(1.0, rate + ((high - rate) ** 2 + (odds * (share - least)) ** 2) ** 0.5)
    reason = (
        f"an attacker who accuses {100 * control / m:.1f} % of people wrongly finds {100 * hits / n:.1f} % of those "
        f"learned from; {100 * _share(accused, learned & unusual):.1f} % of the most unusual 5 %"
    )
    parts = (
        Part("everybody", hits / n, control / m),
        Part("the most unusual 5 %", _share(accused, learned & unusual), _share(accused, ~learned & unusual)),
    )
    return Score(
        "privacy.accusations", "privacy", value=hits / n, low=low, high=high, floor=control / m,
        noise=binomial_noise(hits, n, control, m), better="lower", n=n + m, reason=reason, parts=parts,
    )  # fmt: skip


def _share(accused: Mask, rows: Mask) -> float:
    return float(accused[rows].mean()) if rows.any() else 0.0
