"""privacy.singling_out: does what is unique in the synthetic rows point at one real person?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..contracts import Score
from ..registry import register
from ._attacks import FEWEST, score_attack, too_few
from ._chance import binomial_noise
from ._combinations import Hashes, column_subsets, combine, counts_among, holders
from ._tables import Tables

__all__ = ["SinglingOut"]

SUBSETS = 60
GUESSES = 40
TRIED = 2000


Rights = tuple[NDArray[np.int64], NDArray[np.int64]]
"""(right guesses, 2) the synthetic row and the person it fits: of people learned from, and of others."""


@register("metric")
class SinglingOut:
    """An attacker takes combinations of values that occur once among the synthetic rows, and says: one person has them.

    Value: share of such guesses that fit exactly one row learned from; floor: exactly one of as many held-out rows;
    0..1, lower is better. Guesses: 40 synthetic rows on each of 60 subsets of columns (numbers in 20 bins, so that a
    guess can fit). Sees: combinations that lead to people learned from more often than to others. Does not see: what
    leads to everybody alike, which is what the data are for.
    Source: Article 29 Working Party, opinion 05/2014; Giomi et al. 2023 (Anonymeter), with one control for all guesses.
    """

    name = "privacy.singling_out"
    family = "privacy"
    scores = ("privacy.singling_out",)

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        size = min(tables.rows("real"), tables.rows("holdout"), tables.rows("synthetic"))
        if size < FEWEST or not tables.columns:
            return [too_few(self.name, tables, size)]
        rng = tables.rng("singling out")
        combinations = combine(tables, equal=True)
        guesses, found = 0, list[Rights]()
        for places in column_subsets(len(combinations.names), SUBSETS, rng):
            synthetic, pool = combinations.on(places, coarse=True)
            real, other = pool[: combinations.learned], pool[combinations.learned :]
            asked = rng.permutation(len(synthetic))[:TRIED]
            asked = asked[counts_among(synthetic[asked], synthetic) == 1][:GUESSES]
            guesses += len(asked)
            found.append((_right(synthetic, asked, real), _right(synthetic, asked, other)))
        if not guesses:
            why = "no combination of values occurs once among the synthetic rows"
            return [Score(self.name, self.family, "undefined", better="lower", reason=why)]
        rights = [np.concatenate([pair[side] for pair in found]) for side in (0, 1)]
        hits, control = (len(part) for part in rights)
        noise = max(
            3**0.5 * binomial_noise(hits, guesses, control, guesses),
            (_clustered(rights[0]) + _clustered(rights[1])) ** 0.5 / guesses,
        )
        # Which subsets of columns were asked about is chance, too; the control shares it.
        often = np.array([len(right) for right, _ in found])
        spread = (noise**2 + float(often.var()) * len(often) / guesses**2) ** 0.5
        told = f"of {guesses:,} guesses {{hits}} fit exactly one person learned from, {{control}} one never seen"
        return [score_attack(self.name, (hits, control), guesses, noise=noise, told=told, spread=spread)]


def _right(synthetic: Hashes, asked: NDArray[np.int64], people: Hashes) -> NDArray[np.int64]:
    """Return (right guesses, 2) the synthetic row and the one person that it fits."""
    met = holders(synthetic[asked], people)
    return np.stack([asked, met], axis=1)[met >= 0]


def _clustered(rights: NDArray[np.int64]) -> float:
    """Return the variance of the number of right guesses, of which several share a row on either side.

    Source: Cameron, Gelbach, Miller 2011 (two-way clusters), for counts of rare events.
    """
    synthetic, people = (np.bincount(rights[:, side]).astype(np.float64) for side in (0, 1))
    both = np.unique(rights, axis=0, return_counts=True)[1].astype(np.float64) if len(rights) else np.zeros(1)
    return float((synthetic**2).sum() + (people**2).sum() - (both**2).sum())
