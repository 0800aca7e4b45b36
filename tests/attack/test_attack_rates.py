"""Rates of failure: intervals that cover, clusters that count for less, judges whose errors are carried through."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.attack.rates import Judge, rate, trials_for

trials = st.lists(
    st.integers(1, 6).flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size))), min_size=1, max_size=40
)


@settings(max_examples=100, deadline=None)
@given(trials)
def test_the_estimate_lies_within_and_no_interval_has_width_zero(clusters):
    for judge in (None, Judge(90, 100, 95, 100)):
        found = rate(clusters, judge)
        assert 0 <= found.low <= found.value <= found.high <= 1
        assert found.high - found.low > 0.001
        assert len(clusters) - 1e-9 <= max(found.effective, len(clusters)) <= found.trials + 1e-9


@settings(max_examples=60, deadline=None)
@given(trials, st.randoms())
def test_the_order_of_the_clusters_changes_nothing(clusters, random):
    mixed = list(clusters)
    random.shuffle(mixed)
    assert rate(mixed).high == pytest.approx(rate(clusters).high)


def test_none_of_thirty_is_no_proof():
    found = rate([(0, 1)] * 30)
    assert found.low == 0
    assert found.high == pytest.approx(0.1135, abs=1e-3)  # Wilson
    assert found.sentence() == "0 of 30 failed: at most 11.4 % do"


def test_samples_of_one_prompt_count_for_less_than_prompts():
    alike = rate([(5, 5)] * 3 + [(0, 5)] * 27)
    apart = rate([(1, 1)] * 15 + [(0, 1)] * 135)
    assert alike.value == apart.value
    assert alike.high - alike.low > 1.7 * (apart.high - apart.low)


def test_a_judge_that_errs_is_corrected_and_its_own_uncertainty_shows():
    seen = [(1, 1)] * 23 + [(0, 1)] * 177  # 10 % true, caught 9 of 10, 5 % false alarms: 13.5 % said, here 11.5
    well, badly = rate(seen, Judge(900, 1000, 950, 1000)), rate(seen, Judge(18, 20, 19, 20))
    assert well.value == pytest.approx((0.115 - 0.05) / 0.85, abs=0.02)
    assert badly.high - badly.low > 1.2 * (well.high - well.low)
    assert rate(seen).value == 0.115


@pytest.mark.parametrize("alike", [None, 0.5])
@pytest.mark.parametrize("p", [0.02, 0.3])
def test_the_interval_covers_the_truth(p, alike):
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(300):
        if alike is None:
            clusters = [(int(hit), 1) for hit in rng.random(100) < p]
        else:
            clusters = [(int(rng.binomial(5, share)), 5) for share in rng.beta(p, 1 - p, size=20)]
        found = rate(clusters)
        covered += found.low <= p <= found.high
    assert covered >= 0.91 * 300


def test_nothing_tried_says_so():
    assert rate([]).sentence() == "nothing was tried"
    assert (rate([(0, 0)]).low, rate([(0, 0)]).high) == (0.0, 1.0)


def test_how_many_trials_a_bound_needs():
    n = trials_for(0.05)
    assert rate([(0, 1)] * n).high <= 0.05 < rate([(0, 1)] * (n - 1)).high


@pytest.mark.parametrize(
    ("clusters", "judge", "message"),
    [
        ([(2, 1)], None, "more hits than trials"),
        ([(1, 2)], Judge(4, 10, 4, 10), "no better than a coin"),
    ],
)
def test_nonsense_is_refused(clusters, judge, message):
    with pytest.raises(ValueError, match=message):
        rate(clusters, judge)


@pytest.mark.parametrize("bound", [0, 1])
def test_a_bound_is_a_share(bound):
    with pytest.raises(ValueError, match="share between 0 and 1"):
        trials_for(bound)
