"""privacy.singling_out: does what is unique in the synthetic rows point at one real person?"""

from __future__ import annotations

import numpy as np

from ..contracts import Score
from ..registry import register
from ._attacks import FEWEST, score_attack, too_few
from ._chance import binomial_noise
from ._combinations import column_subsets, combine, counts_among
from ._tables import Tables

__all__ = ["SinglingOut"]

SUBSETS = 60
GUESSES = 40


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
        guesses = hits = control = 0
        for places in column_subsets(len(combinations.names), SUBSETS, rng):
            synthetic, pool = combinations.on(places, coarse=True)
            real, other = pool[: combinations.learned], pool[combinations.learned :]
            values, often = np.unique(synthetic, return_counts=True)
            asked = rng.permutation(values[often == 1])[:GUESSES]
            guesses += len(asked)
            hits += int((counts_among(asked, real) == 1).sum())
            control += int((counts_among(asked, other) == 1).sum())
        if not guesses:
            why = "no combination of values occurs once among the synthetic rows"
            return [Score(self.name, self.family, "undefined", better="lower", reason=why)]
        # A row met on several subsets counts as one: the noise is that of a third as many guesses.
        noise = 3**0.5 * binomial_noise(hits, guesses, control, guesses)
        told = f"of {guesses:,} guesses {{hits}} fit exactly one person learned from, {{control}} one never seen"
        return [score_attack(self.name, (hits, control), guesses, noise=noise, told=told)]
