"""Refinement: the cap, the discriminator, the margins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.errors import ModelFileError
from simulacra.seeds import Seeds
from simulacra.tables.accept import choose_cap
from simulacra.tables.odds import Discriminating, Samples, fit_odds, log_odds
from simulacra.tables.refine import Refinement, rake_bins, refine

SIZES, ORDERED = np.array([3, 8], np.int32), np.array([False, True])


def real_rows(n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    kind = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    return np.stack([kind, np.clip(rng.normal(2 + 1.5 * kind, 1), 0, 7)], 1).astype(np.uint8)


def independent_rows(n: int, seeds: Seeds) -> np.ndarray:
    """A generator that gets both margins nearly right and misses their relation."""
    rng = seeds.rng()
    rows = real_rows(n, 5)
    return np.stack([rng.permutation(rows[:, 0]), rng.permutation(rows[:, 1])], 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.001, 100), min_size=1, max_size=40), st.floats(0, 0.5), st.floats(0.02, 1))
def test_the_cap_keeps_its_bounds(weights: list[float], lost: float, least_kept: float) -> None:
    w = np.array(weights)
    cap = choose_cap(w, lost=lost, least_kept=least_kept)
    kept, cut = np.minimum(1, w / cap).mean(), np.maximum(w - cap, 0).sum() / w.sum()
    assert kept >= least_kept - 1e-6
    assert cut <= lost + 1e-6 or kept <= least_kept + 1e-3


def test_odds_are_the_ratio_of_two_known_distributions() -> None:
    rng = np.random.default_rng(0)
    p, q = np.array([0.5, 0.2, 0.2, 0.1]), np.array([0.25, 0.25, 0.25, 0.25])
    real, made = (rng.choice(4, 8000, p=law).astype(np.uint8)[:, None] for law in (p, q))
    samples = Samples.of(real, made, np.ones(8000))
    learning = rng.random(16_000) < 0.7
    columns, sizes, ordered = np.array([0], np.int32), np.array([4], np.int32), np.array([False])
    model, gain = fit_odds(samples, learning, columns, sizes=sizes, ordered=ordered, how=Discriminating(), rng=rng)
    assert gain > 0.03
    np.testing.assert_allclose(log_odds(model, np.arange(4, dtype=np.uint8)[:, None]), np.log(p / q), atol=0.12)


def test_nothing_to_tell_apart_gives_next_to_no_odds() -> None:
    rng = np.random.default_rng(0)
    samples = Samples.of(real_rows(3000, 1), real_rows(3000, 2), np.ones(3000))
    learning = rng.random(6000) < 0.7
    columns = np.arange(2, dtype=np.int32)
    model, gain = fit_odds(samples, learning, columns, sizes=SIZES, ordered=ORDERED, how=Discriminating(), rng=rng)
    assert gain < 2e-3
    assert np.abs(log_odds(model, samples.codes)).mean() < 0.1


def test_refinement_brings_back_a_relation_and_keeps_the_margins() -> None:
    real = real_rows(4000, 0)
    refinement = refine(real, independent_rows, SIZES, ORDERED, seeds=Seeds(1))
    assert refinement.stages
    pool = independent_rows(20_000, Seeds(9))
    kept = pool[np.random.default_rng(0).random(20_000) * refinement.cap < refinement.weights(pool)]
    correlation = [np.corrcoef(rows.T)[0, 1] for rows in (real, pool, kept)]
    assert abs(correlation[1]) < 0.03
    assert correlation[2] == pytest.approx(correlation[0], abs=0.1)
    for column, size in enumerate(SIZES):
        shares = [np.bincount(rows[:, column], minlength=size) / len(rows) for rows in (real, kept)]
        assert np.abs(shares[0] - shares[1]).sum() / 2 < 0.04


def test_raking_alone_mends_a_margin() -> None:
    def lopsided(n: int, seeds: Seeds) -> np.ndarray:
        rows = real_rows(3 * n, seeds.integer() % 1000)
        return rows[(rows[:, 0] != 2) | (np.arange(3 * n) % 3 == 0)][:n]

    real = real_rows(3000, 0)
    refinement = refine(real, lopsided, SIZES, ORDERED, seeds=Seeds(1))
    pool = lopsided(9000, Seeds(7))
    weights = np.minimum(refinement.weights(pool), refinement.cap)
    share = np.bincount(pool[:, 0], weights, 3) / weights.sum()
    np.testing.assert_allclose(share, np.bincount(real[:, 0]) / 3000, atol=0.02)


def test_bins_hold_enough_rows() -> None:
    codes = np.repeat(np.arange(50), np.arange(1, 51)).astype(np.uint8)
    for ordered in (True, False):
        bins = rake_bins(codes, 50, ordered)
        assert np.bincount(bins, np.bincount(codes)).min() >= 30
        assert ordered is bool((np.diff(bins) >= 0).all())


def test_hostile_refinements_are_refused() -> None:
    good = Refinement((), (np.zeros(3, np.float32), np.zeros(8, np.float32)), 1.0).to_state()
    assert Refinement.from_state(good, SIZES).cap == 1.0
    with pytest.raises(ModelFileError, match="no cap"):
        Refinement.from_state(good | {"cap": 1e9}, SIZES)
    with pytest.raises(ModelFileError, match="a stage without"):
        Refinement.from_state(good | {"stages": [[]]}, SIZES)
