"""The audit of epsilon: never beyond a budget that was kept, far beyond one that was not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from measure_tables import PEOPLE, people
from scipy import stats

from simulacra.contracts import Score
from simulacra.measure.assess import assess, compare
from simulacra.measure.epsilon import lower_bound
from simulacra.registry import find, names
from simulacra.report.glossary import define_score
from simulacra.seeds import Seeds

REAL, HOLDOUT, FRESH = people(1500, 1), people(1500, 2), people(1500, 3)


def audit(synthetic, holdout=HOLDOUT, epsilon: float | None = None) -> tuple[Score, str]:
    tables = compare(synthetic, REAL, holdout, schema=PEOPLE, target="buys", seeds=Seeds(1), epsilon=epsilon)
    assessment = assess(tables, metrics=["privacy.epsilon"])
    return assessment.scores[0], assessment.gates[0].verdict


def test_copies_contradict_a_stated_budget_and_fresh_rows_do_not() -> None:
    copied, verdict = audit(REAL, epsilon=1.0)
    assert copied.value is not None
    assert copied.value > 3
    assert verdict == "fail"
    assert copied.reason.startswith("a privacy budget of epsilon 1 is stated; the rows show at least ")
    assert copied.reason.endswith(": the statement is false")
    fresh, verdict = audit(FRESH, epsilon=1.0)
    assert (fresh.value, verdict) == (0.0, "pass")


def test_rows_without_a_stated_budget_say_that_nothing_is_guaranteed() -> None:
    fresh, verdict = audit(FRESH)
    assert verdict == "unknown"
    assert fresh.reason.startswith("no epsilon is stated, so these rows carry no formal guarantee")
    unheld, verdict = audit(FRESH, holdout=None)
    assert (unheld.state, verdict) == ("undefined", "unknown")
    assert "no formal guarantee" in unheld.reason


@pytest.mark.parametrize("epsilon", [0.5, 2.0])
def test_the_bound_is_beyond_the_truth_in_one_of_twenty_cases_at_most(epsilon: float) -> None:
    """Randomised response keeps exactly its epsilon: a guess is right with probability e^eps / (1 + e^eps)."""
    rng = np.random.default_rng(4)
    right = rng.binomial(300, math.exp(epsilon) / (1 + math.exp(epsilon)), size=600)
    bounds = np.array([lower_bound((int(k), 300 - int(k)), (1000, 1000), 0.05) for k in right])
    assert np.mean(bounds > epsilon) <= stats.binom.ppf(0.999, 600, 0.05) / 600
    assert np.mean(bounds) > 0.5 * epsilon


def test_every_score_of_every_measure_is_explained() -> None:
    scores = [score for name in names("metric") for score in getattr(find("metric", name), "scores", (name,))]
    assert [score for score in scores if not define_score(score)] == []
