"""privacy.exchangeability and privacy.exposed: is anybody's row in there, and how many people's, at least?"""

from __future__ import annotations

from ..contracts import Part, Score
from ..registry import register
from ._battery import WHOLE, battery
from ._exchange import Pool, Suspects, excess, joint_p_value, visible
from ._tables import Tables
from .copies import NO_HOLDOUT

__all__ = ["Exposed"]

ALPHA = 0.001
CONFIDENCE = 0.05
FEWEST = 20
MOST_PARTS = 10


@register("metric")
class Exposed:
    """Null: given the synthetic rows, rows learned from and rows held out are exchangeable. A battery of tests on it.

    Suspects are: rows unique among all real ones that are met again, on whole rows, single columns (rare values), the
    row without one column each, pairs and random subsets of columns (200 in all), the large ones also with numbers in
    20 bins; people met in many ways at once; rows nearest to a synthetic one for their surroundings, of all and of the
    most unusual. Each test asks whether more suspects were learned from than chance allows.

    privacy.exchangeability : p-value of all tests together, 0..1, higher is better; uniform when nothing leaks.
    privacy.exposed : a lower bound, 95 % sure, on the rows learned from that give themselves away; 0 unless the p-value
        is below 0.001. Lower is better. Parts: where they show.
    Sees: copies, noisy copies, outliers apart, rare values, overfitting. Does not see: fewer people than the reason
    names; one person many times (privacy.repeated does); a single attribute of known people, if only few leak. At most
    200,000 synthetic and 100,000 + 100,000 real rows of 15 columns are looked up, fewer subsets for large tables;
    nearness is asked of 4,000 + 4,000 rows.
    Source: permutation with early stopping after Besag and Clifford 1991; bound by Clopper and Pearson 1934, the level
    shared by all tests; the null after "The DCR Delusion" (Yao et al. 2025) and findings on planted leaks.
    """

    name = "privacy.exposed"
    family = "privacy"
    scores = ("privacy.exposed", "privacy.exchangeability")

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        n, m = tables.rows("real"), tables.rows("holdout")
        made = tables.synthetic.height
        if min(m, made) < FEWEST or not tables.columns:
            few = f"the hold-out has {m} rows" if m < FEWEST else f"the synthetic rows number {made}"
            why = NO_HOLDOUT if tables.holdout is None else f"{few} ({FEWEST} needed)"
            return [
                Score(self.scores[0], self.family, "undefined", better="lower", reason=why),
                Score(self.scores[1], self.family, "undefined", reason=why),
            ]
        tests, pool = battery(tables)
        p = joint_p_value(tests, pool, tables.rng("exposed"))
        bounds = _bounds(tests, pool) if p <= ALPHA else []
        power = visible(*pool.counts(inner=False), ALPHA * WHOLE)
        return [_people(bounds, p, (n, power)), _test(p, n + m, power)]


def _bounds(tests: list[Suspects], pool: Pool) -> list[tuple[int, Suspects]]:
    """Return for each test that proves something the least number of people, most first."""
    found = [
        (excess(*test.split(pool), pool.counts(inner=test.inner), CONFIDENCE * test.weight), test) for test in tests
    ]
    return sorted((one for one in found if one[0]), key=lambda one: (-one[0], len(one[1].rows)))


def _people(bounds: list[tuple[int, Suspects]], p: float, rows: tuple[int, int]) -> Score:
    n, power = rows
    if bounds:
        people, test = bounds[0]
        reason = (
            f"at least {people:,} of {n:,} people learned from can be found again, by {test.place} "
            f"({_odds(p)} if nobody's data had leaked)"
        )
    elif p <= ALPHA:
        reason = f"rows learned from can be told from rows never seen, though not whose they are ({_odds(p)} by chance)"
    else:
        reason = f"no real row shows beyond chance; {power:,} or more copied rows of {n:,} would have shown"
    parts: dict[str, Part] = {}
    for people, test in bounds:
        parts.setdefault(test.place, Part(test.place, people, 0.0))
    value = float(bounds[0][0]) if bounds else 0.0
    return Score(
        "privacy.exposed", "privacy", value=value, floor=0.0, better="lower", n=n, reason=reason,
        parts=tuple(list(parts.values())[:MOST_PARTS]),
    )  # fmt: skip


def _test(p: float, n: int, power: int) -> Score:
    reason = (
        f"if nothing had leaked, rows learned from would look as well known to the synthetic ones as they do in "
        f"{_odds(p)}; {power:,} or more copied rows would have shown"
    )
    return Score("privacy.exchangeability", "privacy", value=float(f"{p:.2g}"), n=n, reason=reason)


def _odds(p: float) -> str:
    if p >= 0.01:
        return f"{100 * p:.0f} of 100 cases"
    return f"{max(1, round(1e4 * p))} of 10,000 cases" if p >= 1e-4 else "less than 1 of 10,000 cases"
