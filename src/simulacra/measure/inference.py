"""privacy.inference: does knowing the rest of a person give away a secret, beyond what it does for anybody?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..contracts import Part, Score
from ..data.shares import Z95
from ..registry import register
from ._attacks import FEWEST, added_risk, too_few
from ._distance import encode, nearest_without
from ._tables import Coded, Side, Tables

__all__ = ["Inference"]

MOST_ASKED = 1000
MOST_SYNTHETIC = 8000
MOST_SECRETS = 30
BINS = 20

Hits = NDArray[np.bool_]


@register("metric")
class Inference:
    """Attribute inference: an attacker knows all of a person but one value, and reads it off the nearest synthetic row.

    Value: share of right guesses for people learned from, mean over columns; floor: the same for people held out, which
    is what the data teach about anybody; 0..1, lower is better. Right: the level, or the bin of 20 of equal real mass.
    1,000 people learned from and 1,000 held out, 8,000 synthetic rows, at most 30 columns. Parts: columns, by the
    excess. Sees: people whose rest gives away a value because they were learned from. Does not see: leaks of few
    people (privacy.exposed does).
    Source: Article 29 Working Party, opinion 05/2014; Giomi et al. 2023 (Anonymeter); interval over people.
    """

    name = "privacy.inference"
    family = "privacy"
    scores = ("privacy.inference",)

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        size = min(tables.rows("real"), tables.rows("holdout"), MOST_ASKED)
        columns = [column for column in tables.columns if column.width > 2]
        if size < FEWEST or len(columns) < 2:
            return [too_few(self.name, tables, size, also=", or fewer than two columns")]
        if len(columns) > MOST_SECRETS:
            drawn = tables.rng("inference", "secrets").choice(len(columns), size=MOST_SECRETS, replace=False)
            columns = [columns[place] for place in sorted(drawn.tolist())]
        rows = {side: tables.sample(side, size, "inference") for side in _REAL}
        made = tables.sample("synthetic", MOST_SYNTHETIC, "inference")
        hits = [_hits(tables, columns, (side, rows[side]), made) for side in _REAL]
        return [_score(columns, hits)]


_REAL: tuple[Side, Side] = ("real", "holdout")


def _hits(tables: Tables, columns: list[Coded], asked: tuple[Side, NDArray[np.int64]], made: NDArray[np.int64]) -> Hits:
    """Return (people, secrets) whether a guess was right."""
    side, rows = asked
    points, synthetic = encode(tables, side, rows), encode(tables, "synthetic", made)
    found = nearest_without(points, synthetic, [column.name for column in columns])
    right = []
    for place, column in enumerate(columns):
        truth = tables.binned(column, side, BINS)[0][rows]
        guess = tables.binned(column, "synthetic", BINS)[0][made][found[:, place]]
        right.append(truth == guess)
    return np.stack(right, axis=1)


def _score(columns: list[Coded], hits: list[Hits]) -> Score:
    real, other = (part.mean(axis=1) for part in hits)
    value, floor = float(real.mean()), float(other.mean())
    noise = float((real.var() / len(real) + other.var() / len(other)) ** 0.5) or 0.5 / len(real)
    half = Z95 * float(real.std()) / len(real) ** 0.5
    parts = [
        Part(column.name, float(hits[0][:, place].mean()), float(hits[1][:, place].mean()))
        for place, column in enumerate(columns)
    ]
    parts.sort(key=lambda part: (part.floor or 0.0) - part.value)
    reason = (
        f"one hidden value is guessed right for {100 * value:.1f} % of people learned from and {100 * floor:.1f} % of "
        f"people never seen: {added_risk(value - floor, noise)}"
    )
    return Score(
        "privacy.inference", "privacy", value=value, low=max(0.0, value - half), high=min(1.0, value + half),
        floor=floor, noise=noise, better="lower", n=len(real) + len(other), reason=reason, parts=tuple(parts),
    )  # fmt: skip
