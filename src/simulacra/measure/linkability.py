"""privacy.linkability: do the synthetic rows join two halves of what is known about a person?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..contracts import Score
from ..registry import register
from ._attacks import FEWEST, score_attack, too_few
from ._chance import binomial_noise
from ._distance import encode, neighbours
from ._tables import Side, Tables

__all__ = ["Linkability"]

MOST_ASKED = 2000
MOST_SYNTHETIC = 20_000
NEAR = 3
SPLITS = 3


@register("metric")
class Linkability:
    """An attacker knows some columns of a person from one source and the rest from another, and wants to join them.

    A guess is right when one of the 3 synthetic rows nearest by one half of the columns is also one of the 3 nearest by
    the other half. Value: share of people learned from who are joined, over 3 random halvings; floor: of people held
    out; 0..1, lower is better. 2,000 people of each, 20,000 synthetic rows. Runs only when deep measures are asked for.
    Sees: rows copied or interpolated. Does not see: few people among many.
    Source: Article 29 Working Party, opinion 05/2014; Giomi et al. 2023 (Anonymeter).
    """

    name = "privacy.linkability"
    family = "privacy"
    scores = ("privacy.linkability",)
    deep = True

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        size = min(tables.rows("real"), tables.rows("holdout"), MOST_ASKED)
        if size < FEWEST or len(tables.columns) < 4:
            return [too_few(self.name, tables, size, also=", or fewer than four columns")]
        made = tables.sample("synthetic", MOST_SYNTHETIC, "linkability")
        names = [column.name for column in tables.columns]
        hits = dict.fromkeys(_REAL, 0)
        for split in range(SPLITS):
            order = tables.rng("linkability", str(split)).permutation(names).tolist()
            halves = (order[: len(order) // 2], order[len(order) // 2 :])
            for side in _REAL:
                hits[side] += _joined(tables, side, tables.sample(side, size, "linkability"), (made, halves))
        asked, found, control = size * SPLITS, hits["real"], hits["holdout"]
        noise = SPLITS**0.5 * binomial_noise(found, asked, control, asked)
        told = "two halves of a row were joined for {hits} of people learned from and {control} of people never seen"
        return [score_attack(self.name, (found, control), asked, noise=noise, told=told)]


_REAL: tuple[Side, Side] = ("real", "holdout")


def _joined(
    tables: Tables, side: Side, rows: NDArray[np.int64], against: tuple[NDArray[np.int64], tuple[list[str], list[str]]]
) -> int:
    """Return how many rows of a side are joined."""
    made, halves = against
    found = [
        neighbours(encode(tables, side, rows, names), encode(tables, "synthetic", made, names), NEAR)
        for names in halves
    ]
    return int((found[0][:, :, None] == found[1][:, None, :]).any(axis=(1, 2)).sum())
