"""privacy.epsilon: what privacy budget do the rows themselves show, and does a stated one hold?"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..contracts import Part, Score
from ..registry import register
from ._battery import battery
from ._exchange import Pool, Suspects
from ._tables import Tables
from .copies import NO_HOLDOUT

__all__ = ["Epsilon"]

CONFIDENCE = 0.05
FEWEST = 20
MOST_PARTS = 10


@register("metric")
class Epsilon:
    """An audit of differential privacy in one run: a lower bound, 95 % sure, on epsilon; from 0, lower is better.

    Each test of privacy.exchangeability guesses that its suspects were learned from. Under epsilon a guess is right
    with odds of at most exp(epsilon) times those of the split into learned and held out, whatever the other guesses
    do; the least epsilon that allows as many right ones is the bound, the level shared by all tests. Floor: the stated
    epsilon, if there is one; a bound beyond it proves the statement false. A bound of 0 proves nothing: what no attack
    here finds another may. Sees: gross errors, a claim on data that were copied. Does not see: delta (taken as 0); what
    the statement leaves out (categories and ranges read from the data, tuning). Hold-out rows must have been drawn at
    random from the same table. Parts: the tests that show most.
    Source: Steinke, Nasr, Jagielski 2023 (one-run audit, Theorem 5.2 for pure privacy); Clopper and Pearson 1934.
    """

    name = "privacy.epsilon"
    family = "privacy"
    scores = ("privacy.epsilon",)

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the score; undefined without a hold-out of at least 20 rows."""
        m = tables.rows("holdout")
        if m < FEWEST or not tables.columns:
            why = NO_HOLDOUT if tables.holdout is None else f"the hold-out has {m} rows ({FEWEST} needed)"
            return [Score(self.name, self.family, "undefined", better="lower", reason=f"{_stated(tables)}; {why}")]
        tests, pool = battery(tables)
        bounds = _bounds(tests, pool)
        value = bounds[0][0] if bounds else 0.0
        shown = f"the rows show at least {value:.1f} (95 % sure)" if value else "the rows themselves contradict none"
        if tables.epsilon is not None and value > tables.epsilon:
            shown += ": the statement is false"
        parts = {test.place: Part(test.place, bound) for bound, test in reversed(bounds)}
        return [Score(
            self.name, self.family, value=value, low=value, floor=tables.epsilon, better="lower",
            n=tables.rows("real") + m, reason=f"{_stated(tables)}; {shown}",
            parts=tuple(list(parts.values())[::-1][:MOST_PARTS]),
        )]  # fmt: skip


def _stated(tables: Tables) -> str:
    if tables.epsilon is None:
        return "no epsilon is stated, so these rows carry no formal guarantee"
    return f"a privacy budget of epsilon {tables.epsilon:g} is stated"


def _bounds(tests: Sequence[Suspects], pool: Pool) -> list[tuple[float, Suspects]]:
    """Return each test's lower bound on epsilon above 0, largest first."""
    found = [(lower_bound(test.split(pool), pool.counts(inner=test.inner), CONFIDENCE * test.weight), test)
             for test in tests]  # fmt: skip
    return sorted((one for one in found if one[0] > 0), key=lambda one: -one[0])


def lower_bound(found: tuple[int, int], rows: tuple[int, int], level: float) -> float:
    """Return the least epsilon that explains so many right (and wrong) guesses, at confidence 1 - level; 0 if none.

    rows : how many were learned from and held out.

    >>> round(lower_bound((100, 0), (500, 500), 0.05), 2), lower_bound((10, 9), (500, 500), 0.05)
    (3.49, 0.0)
    """
    from scipy.special import betaincinv  # type: ignore[import-untyped]

    right, wrong = found
    if not right or not all(rows):
        return 0.0
    least = float(betaincinv(right, wrong + 1, level))
    if least >= 1.0:
        return math.inf
    return max(0.0, math.log(least / (1 - least)) - math.log(rows[0] / rows[1])) if least > 0 else 0.0
