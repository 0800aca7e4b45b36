"""privacy.verbatim and privacy.repeated: whole real rows found as they are, and one of them many times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..contracts import Part, Score
from ..registry import register
from ._combinations import Combinations, combine, counts_among, once, unique_hits
from ._tables import Tables
from .copies import NO_HOLDOUT

__all__ = ["Verbatim"]

FEWEST = 20

Rows = NDArray[np.int64]


@register("metric")
class Verbatim:
    """Evidence of the second kind, beside the test of privacy.exchangeability: what can be pointed at.

    privacy.verbatim : how many rows learned from, unique among all real ones, stand whole among the synthetic rows;
        lower is better. Floor: what fresh real rows would meet by chance, the larger of two guesses: by the real rows
        that occur twice (Good and Turing), and by the hold-out's own. Parts: whole rows, and rows but for one column.
    privacy.repeated : how often the synthetic rows repeat the one unique training row that they repeat most; lower is
        better. Floor: the most that a synthetic row which is nobody's, or a real one, is repeated.
    Sees: ten copied people whatever the size of the hold-out; one person many times. Does not see: rows changed in two
    columns. At most 200,000 synthetic and 100,000 + 100,000 real rows of 15 columns are looked up.
    Source: Good 1953 on the chance of meeting what was seen once.
    """

    name = "privacy.verbatim"
    family = "privacy"
    scores = ("privacy.verbatim", "privacy.repeated")

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        if tables.rows("holdout") < FEWEST or not tables.columns:
            m = tables.rows("holdout")
            why = NO_HOLDOUT if tables.holdout is None else f"the hold-out has {m} rows ({FEWEST} needed)"
            return [Score(name, self.family, "undefined", better="lower", reason=why) for name in self.scores]
        combinations = combine(tables)
        everything = list(range(len(combinations.names)))
        whole = _found(combinations, everything)
        parts = [("all columns", whole)]
        if len(everything) > 3:
            for left in everything:
                rest = [place for place in everything if place != left]
                parts.append((f"all columns but {combinations.names[left]}", _found(combinations, rest)))
        return [_verbatim(whole, parts, combinations.learned), _repeated(combinations, everything)]


def _found(combinations: Combinations, places: list[int]) -> tuple[int, float, float]:
    """Return how many unique rows learned from are met on some columns, how many chance would, and its noise."""
    synthetic, pool = combinations.on(places)
    met = unique_hits(synthetic, pool)
    found = int((met < combinations.learned).sum())
    control = len(met) - found
    share = combinations.learned / len(pool)
    often = np.unique(pool, return_counts=True)[1]
    twice, alone = int((often == 2).sum()), float((often == 1).sum()) * share
    # One pair more than seen, so that none among few rows is not taken for never.
    guess = min(len(synthetic) * 2 * (twice + 1) / len(pool) * share, alone)
    guess_noise = guess / (twice + 1) ** 0.5
    ratio = combinations.learned / max(combinations.held_out, 1)
    if control * ratio > guess:
        return found, control * ratio, float((control * ratio + ratio**2 * control) ** 0.5)
    return found, guess, float((guess + guess_noise**2) ** 0.5)


def _verbatim(whole: tuple[int, float, float], parts: list[tuple[str, tuple[int, float, float]]], n: int) -> Score:
    found, floor, noise = whole
    reason = (
        f"{found:,} people's rows stand whole among the synthetic ones, where fresh real rows would meet "
        f"{'none' if floor < 0.5 else f'{floor:,.0f}'} to {floor + 3 * noise:,.0f} by chance"
    )
    ranked = sorted(parts, key=lambda part: (part[1][1] - part[1][0]) / max(part[1][2], 1.0))
    return Score(
        "privacy.verbatim", "privacy", value=float(found), floor=floor, noise=noise, better="lower", n=n, reason=reason,
        parts=tuple(Part(place, float(count), expected) for place, (count, expected, _) in ranked[:10]),
    )  # fmt: skip


def _repeated(combinations: Combinations, everything: list[int]) -> Score:
    synthetic, pool = combinations.on(everything)
    real = pool[: combinations.learned]
    often = counts_among(real, synthetic)[once(pool)[: combinations.learned]]
    value = float(often.max(initial=0))
    known = counts_among(synthetic, real) > 0
    nobody = counts_among(synthetic[~known], synthetic[~known]) if (~known).any() else np.zeros(1, dtype=np.int64)
    scale = len(synthetic) / len(pool)
    floor = max(float(nobody.max()), scale * float(np.unique(pool, return_counts=True)[1].max()), 1.0)
    reason = (
        f"the person repeated most is there {value:,.0f} times; rows that are nobody's, or common, "
        f"are there up to {floor:,.0f} times"
    )
    return Score(
        "privacy.repeated", "privacy", value=value, floor=floor, noise=floor**0.5, better="lower",
        n=len(synthetic), reason=reason,
    )  # fmt: skip
