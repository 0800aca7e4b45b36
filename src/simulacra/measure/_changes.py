"""Changes of shares that chance does not explain, scored alike: the number of places looked at is paid for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from ..contracts import Part, Score

__all__ = ["ALPHA", "Change", "change_of_shares", "real_share", "score_changes"]

ALPHA = 0.001
"""The chance that any place of a measure lies past its floor when the synthetic rows are fresh real ones."""
INTERVAL = 0.05
"""The chance that any place's true change lies outside its interval."""
MOST_PARTS = 30
FEWEST = 5
AGREE = 2.0


@dataclass(frozen=True, slots=True)
class Change:
    """A share at one place, of the synthetic and of the real rows, and the standard deviation of their difference."""

    place: str
    synthetic: float
    real: float
    noise: float

    @property
    def size(self) -> float:
        """How far apart the shares are."""
        return abs(self.synthetic - self.real)


def change_of_shares(place: str, counts: tuple[float, float], rows: tuple[int, int]) -> Change | None:
    """Return the change of a share, hits and rows each of the synthetic and the real side.

    None where too few hits, or misses, are to be expected for the normal law: five.
    """
    (hits, real_hits), (n, m) = counts, rows
    if not n or not m:
        return None
    share = (hits + real_hits) / (n + m)
    if min(share, 1 - share) * min(n, m) < FEWEST:
        return None
    # Half a row on either side: counts are whole numbers.
    noise = (share * (1 - share) * (1 / n + 1 / m)) ** 0.5 + 0.25 / min(n, m)
    return Change(place, hits / n, real_hits / m, noise)


def real_share(real: tuple[float, int], holdout: tuple[float, int]) -> tuple[float, int]:
    """Return hits and rows of all real rows, if the hold-out looks like the rows learned from; else of the latter.

    More real rows make less noise. A hold-out of another time, whose share lies two deviations off, is left aside.
    """
    drift = change_of_shares("", (holdout[0], real[0]), (holdout[1], real[1]))
    if drift is None or drift.size > AGREE * drift.noise:
        return real
    return real[0] + holdout[0], real[1] + holdout[1]


def score_changes(name: str, changes: Sequence[Change], *, n: int, told: str, nothing: str) -> Score:
    """Return the score of the place whose change exceeds chance by most.

    Value: the change there. Floor: the largest change that chance explains there, past which any place of this measure
    lies in one of a thousand clean tables (Bonferroni). Interval: of the true change there, 95 % sure although it was
    chosen among all places. told : sentence with {place}, in
    quotes since a sentence may begin with it, {synthetic}, {real} in percent.
    nothing : why there is no number if there are no changes to look at.
    """
    family = name.split(".")[0]
    if not changes:
        return Score(name, family, "undefined", better="lower", reason=nothing)
    z, wide = (NormalDist().inv_cdf(1 - level / 2 / len(changes)) for level in (ALPHA, INTERVAL))
    ranked = sorted(changes, key=lambda change: z * change.noise - change.size)
    worst = ranked[0]
    reason = told.format(
        place=repr(worst.place), synthetic=f"{100 * worst.synthetic:.1f} %", real=f"{100 * worst.real:.1f} %"
    )
    reason += f" (up to {100 * z * worst.noise:.1f} points are chance; the worst of {len(changes):,} places)"
    return Score(
        name, family, value=worst.size, low=max(0.0, worst.size - wide * worst.noise),
        high=worst.size + wide * worst.noise, floor=z * worst.noise, better="lower", n=n, reason=reason,
        parts=tuple(Part(change.place, change.size, z * change.noise) for change in ranked[:MOST_PARTS]),
    )  # fmt: skip
