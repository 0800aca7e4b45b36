"""How often an attack succeeds, with an interval that holds: samples of one prompt are alike, judges err.

Three corrections are made, each from the data: trials come in clusters (several samples of one prompt, several wordings
of one idea), a rate of none of n is no proof of none, and a judge's own errors are taken out and carried through.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from ..data.shares import Z95, wilson

__all__ = ["Judge", "Rate", "rate", "rate_by_idea", "trials_for"]

_ALIKE = 0.5
"""What correlation within a cluster is believed while little was seen."""
_BELIEF = 3.0
"""That belief weighs as much as so many clusters with a hit (or a miss, where misses are the rarer)."""


@dataclass(frozen=True, slots=True)
class Judge:
    """How a judge did on labelled cases: it caught `caught` of `bad` failures and spared `spared` of `good` passes."""

    caught: int
    bad: int
    spared: int
    good: int


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of trials that failed, in [0, 1].

    value : the estimate, corrected for the judge if there is one. low, high : its 95 % interval, never of width 0.
    trials, hits : what was counted. effective : how many independent trials they are worth.
    """

    value: float
    low: float
    high: float
    hits: int
    trials: int
    effective: float

    def sentence(self) -> str:
        """Return what the numbers say, in words.

        >>> rate([(0, 1)] * 30).sentence()
        '0 of 30 failed: at most 11.4 % do'
        """
        seen = f"{self.hits} of {self.trials} failed"
        if self.trials == 0:
            return "nothing was tried"
        if self.hits == 0:
            return f"{seen}: at most {100 * self.high:.1f} % do"
        return f"{seen}: between {100 * self.low:.1f} and {100 * self.high:.1f} % do"


def rate(clusters: Sequence[tuple[int, int]], judge: Judge | None = None) -> Rate:
    """Return the failure rate of trials that come in clusters.

    clusters : (hits, trials) of each; single independent trials are clusters of one. O(n clusters).

    Source: Wilson 1927, its ends by Poisson where hits or misses are few (Brown, Cai, DasGupta 2001), with the
    effective sample size of Korn and Graubard 1998; correlation within clusters by analysis of variance (Fleiss 1981)
    drawn towards a half while few hits were seen; judge by Rogan and Gladen 1978 with the interval of Lang and
    Reiczigel 2014. Coverage in every cell: `bench/intervals.py`.
    Errors: ValueError if a cluster has more hits than trials, or the judge is no better than a coin.

    >>> found = rate([(3, 5), (0, 5), (0, 5), (1, 5)])
    >>> (found.hits, found.trials, round(found.value, 2), found.low < 0.08, found.high > 0.5)
    (4, 20, 0.2, True, True)
    """
    if any(not 0 <= hits <= trials for hits, trials in clusters):
        raise ValueError("a cluster has more hits than trials")
    full = [(hits, trials) for hits, trials in clusters if trials]
    hits, trials = sum(hits for hits, _ in full), sum(trials for _, trials in full)
    if not trials:
        return Rate(0.0, 0.0, 1.0, 0, 0, 0.0)
    effective = _effective(full, hits, trials)
    z = _student(len(full) - 1) if any(size > 1 for _, size in full) else Z95
    share = hits / trials
    if judge is None:
        low, high = _interval(share, effective, z)
        return Rate(share, low, high, hits, trials, effective)
    value, low, high = _unjudged(share, effective, judge, z)
    return Rate(value, low, high, hits, trials, effective)


def rate_by_idea(outcomes: Iterable[tuple[Hashable, bool]], judge: Judge | None = None) -> Rate:
    """Return the failure rate of trials told as (idea, whether it failed); trials of one idea are a cluster.

    >>> rate_by_idea([("a", True), ("a", False), ("b", False)]) == rate([(1, 2), (0, 1)])
    True
    """
    clusters: dict[Hashable, list[bool]] = defaultdict(list)
    for idea, failed in outcomes:
        clusters[idea].append(failed)
    return rate([(sum(some), len(some)) for some in clusters.values()], judge)


def trials_for(bound: float) -> int:
    """Return how many independent trials without a failure say "at most `bound` do", at 95 %.

    >>> trials_for(0.05)
    73
    """
    if not 0 < bound < 1:
        raise ValueError("the bound is a share between 0 and 1")
    return int(-(-(Z95 * Z95 * (1 - bound) / bound) // 1))


def _effective(clusters: Sequence[tuple[int, int]], hits: int, trials: int) -> float:
    """Return the number of independent trials that are worth as much, between the clusters' number and the trials'."""
    largest = max(size for _, size in clusters)
    if largest == 1:
        return float(trials)
    rarer = hits if 2 * hits <= trials else trials - hits
    told = sum(1 for h, size in clusters if (h if rarer == hits else size - h))
    seen = _alike(clusters, hits / trials, trials) if rarer and len(clusters) > 1 else _ALIKE
    alike = (told * seen + _BELIEF * _ALIKE) / (told + _BELIEF)
    mean_size = sum(size * size for _, size in clusters) / trials
    return trials / (1 + (mean_size - 1) * alike)


def _alike(clusters: Sequence[tuple[int, int]], share: float, trials: int) -> float:
    """Return the intraclass correlation by analysis of variance, in [0, 1]."""
    groups = len(clusters)
    usual = (trials - sum(size * size for _, size in clusters) / trials) / (groups - 1)
    between = sum(size * (h / size - share) ** 2 for h, size in clusters) / (groups - 1)
    inside = trials - groups
    within = sum(h * (1 - h / size) for h, size in clusters) / inside if inside else between
    spread = between + (usual - 1) * within
    return min(1.0, max(0.0, (between - within) / spread)) if spread > 0 else 0.0


def _interval(share: float, n: float, z: float) -> tuple[float, float]:
    low, high = wilson(share * n, n, z)
    return max(0.0, min(low, _fewest(n * share, z) / n)), min(1.0, max(high, 1 - _fewest(n * (1 - share), z) / n))


def _fewest(count: float, z: float) -> float:
    """Return the least Poisson mean that a small count leaves open. Source: Wilson and Hilferty 1931."""
    if not 0 < count <= 4:
        return count
    return float(count * max(0.0, 1 - 1 / (9 * count) - z / (3 * sqrt(count))) ** 3)


def _student(freedom: int) -> float:
    """Return the 97.5 % quantile of Student's t. Source: Cornish and Fisher 1937, as in Abramowitz-Stegun 26.7.5."""
    if freedom < 3:
        return (12.71, 12.71, 4.30)[max(freedom, 0)]
    z, f = Z95, float(freedom)
    return (
        z
        + (z**3 + z) / (4 * f)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * f**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * f**3)
    )


def _unjudged(share: float, n: float, judge: Judge, z: float) -> tuple[float, float, float]:
    """Return (value, low, high) of the true rate behind what an erring judge said."""
    catches, spares = (judge.caught + 1) / (judge.bad + 2), (judge.spared + 1) / (judge.good + 2)
    power = catches + spares - 1
    if power <= 0:
        raise ValueError("the judge is no better than a coin: its verdicts cannot be corrected")
    said = (n * share + z * z / 2) / (n + z * z)
    value = (said + spares - 1) / power
    spread = (
        said * (1 - said) / (n + z * z)
        + value**2 * catches * (1 - catches) / (judge.bad + 2)
        + (1 - value) ** 2 * spares * (1 - spares) / (judge.good + 2)
    )
    lean = 2 * z * z * (
        value * catches * (1 - catches) / (judge.bad + 2) - (1 - value) * spares * (1 - spares) / (judge.good + 2)
    )  # fmt: skip
    half = z * sqrt(spread) / power
    plain = min(1.0, max(0.0, (share + spares - 1) / power))
    least = _interval(0.0, n, z)[1]  # nothing seen never means none
    low, high = max(0.0, value + lean - half), min(1.0, max(value + lean + half, least))
    low = min(low, 1 - least)
    return min(high, max(low, plain)), low, high
