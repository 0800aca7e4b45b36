"""Boosting of one column: steps, stopping, what it learns and what it must not."""

from __future__ import annotations

import numpy as np
import pytest

from simulacra.tables import kernels
from simulacra.tables.boost import Boosting, Column, _Sketches, fit_boosted, newton_step, smoothed_margin
from simulacra.tables.learn import BOOSTING
from simulacra.tables.sketch import draw_sketch, rank_levels
from simulacra.tables.trees import grow

HOW = Boosting()
FAST = BOOSTING["fast"]


def fit(codes: np.ndarray, target: int, sizes: np.ndarray, ordered: np.ndarray):
    predictors = np.array([j for j in range(len(sizes)) if j != target], np.int32)
    margin = smoothed_margin(codes[:, target], int(sizes[target]))
    return fit_boosted(Column(codes, target, predictors, sizes, ordered), margin, HOW, np.random.default_rng(0))


@pytest.mark.parametrize("half_width", [0, 2])
def test_leaf_values_are_the_damped_newton_step(half_width: int) -> None:
    rng = np.random.default_rng(0)
    features = rng.integers(0, 8, (300, 2)).astype(np.uint8)
    lanes = np.ones((300, 4), np.float32)
    lanes[:, :3] = rng.normal(size=(300, 3))
    tree = grow(features, lanes, np.array([0, 8, 16], np.int32), depth=3, min_leaf=10)
    probabilities = rng.dirichlet(np.ones(9), 300).astype(np.float32)
    targets = rng.integers(0, 9, 300).astype(np.int32)
    expected_sums = kernels.sum_leaves(probabilities, tree.own_leaves(), len(tree.spans))
    runs = np.array([0, 1, 1, 1, 1, 1, 2, 2, 2])  # missing, one town, another
    task = Column(features, 0, np.zeros(0, np.int32), np.array([9], np.int32), np.array([True]), runs=runs)
    window = _Sketches(np.full(9, 1 / 9), task.neighbours, rng).window(half_width)
    values = newton_step(tree, expected_sums, targets, how=HOW, window=window)
    leaves = tree.leaves(features)
    for leaf in range(len(tree.spans)):
        rows = leaves == leaf
        seen, due = np.bincount(targets[rows], minlength=9), probabilities[rows].sum(0)
        for code in range(9):
            near = (runs == runs[code]) & (np.abs(np.arange(9) - code) <= half_width)
            step = (seen[near] - due[near]).sum() / (due[near].sum() + HOW.damping)
            assert values[leaf, code] * HOW.unit == pytest.approx(
                HOW.rate * np.clip(step, -HOW.clip, HOW.clip), abs=0.51 * HOW.unit
            )


def test_smoothing_prices_what_only_learned_rows_gain() -> None:
    assert HOW.smoothed(1.0) == HOW
    assert [HOW.smoothed(factor).gap for factor in (2.0, 4.0)] == [0.5, 1.5]


def test_noise_stops_early(related) -> None:
    codes, sizes, ordered = related(3000)
    assert len(fit(codes, 3, sizes, ordered).trees) <= 5


def test_a_function_of_another_column_is_learned(related) -> None:
    codes, sizes, ordered = related(3000)
    model = fit(codes, 1, sizes, ordered)
    chosen = model.probabilities(codes)[np.arange(3000), codes[:, 1]]
    assert -np.log(chosen).mean() < 0.02
    assert model.gains.argmax() == np.flatnonzero(model.columns == 0)[0]


def test_the_start_is_the_margin_and_no_features_means_no_trees() -> None:
    codes = np.array([[0], [1], [1], [2]], np.uint8)
    margin = smoothed_margin(codes[:, 0], 3)
    np.testing.assert_allclose(margin, np.array([1.5, 2.5, 1.5]) / 5.5)
    model = fit(codes, 0, np.array([3], np.int32), np.array([True]))
    assert len(model.trees) == 0
    np.testing.assert_allclose(np.exp(model.start), margin, rtol=1e-6)


def test_levels_are_ranked_along_their_effect() -> None:
    rng = np.random.default_rng(0)
    levels = rng.integers(0, 5, 4000).astype(np.uint8)
    chance = np.array([0.5, 0.1, 0.9, 0.3, 0.7])[levels]
    ranks = rank_levels(levels, (rng.random(4000) < chance).astype(np.int32), 5, 2)
    order = np.argsort(ranks[:5]).tolist()
    assert order in ([1, 3, 0, 4, 2], [2, 4, 0, 3, 1])


@pytest.mark.parametrize("ordered", [True, False])
def test_predictors_of_a_wide_table_are_told_apart_less_finely(ordered: bool) -> None:
    rng = np.random.default_rng(0)
    codes = np.stack([rng.integers(0, 200, 4000), rng.integers(0, 2, 4000)], 1).astype(np.uint8)
    sizes, kinds = np.array([200, 2], np.int32), np.array([ordered, False])
    task = Column(codes, 1, np.array([0], np.int32), sizes, kinds, bins=16)
    groups = task.ranks(np.arange(4000))[0]
    assert np.bincount(groups[codes[:, 0]]).tolist() == pytest.approx([250] * 16, rel=0.25)
    assert (np.diff(groups[:200].astype(int)) >= 0).all() == ordered


@pytest.mark.parametrize(("n_codes", "ordered"), [(2, False), (4, True), (9, False), (50, True)])
def test_a_sketch_tells_codes_apart(n_codes: int, ordered: bool) -> None:
    sketch = draw_sketch(np.full(n_codes, 1 / n_codes), ordered, np.random.default_rng(1))
    assert sketch.shape == (3, n_codes)
    assert len(np.unique(sketch.T.round(6), axis=0)) == n_codes


def test_without_runs_only_the_code_of_missing_stands_alone() -> None:
    task = Column(np.zeros((3, 1), np.uint8), 0, np.zeros(0, np.int32), np.array([5], np.int32), np.array([True]))
    assert task.neighbours is not None
    assert task.neighbours.tolist() == [[0, 1, 1, 1, 1], [0, 4, 4, 4, 4]]


def test_what_lies_apart_is_not_smoothed_together() -> None:
    """Ten towns of five neighbouring codes each, told by a category: few rows get a code of another town."""
    rng = np.random.default_rng(0)
    town = rng.integers(0, 10, 3000)
    codes = np.stack([town, 5 * rng.permutation(10)[town] + rng.integers(0, 5, 3000)], 1).astype(np.uint8)
    wrong = []
    for runs in (np.repeat(np.arange(10), 5), np.zeros(50, np.int64)):
        sizes, ordered = np.array([10, 50], np.int32), np.array([False, True])
        task = Column(codes, 1, np.array([0], np.int32), sizes, ordered, runs=runs)
        model = fit_boosted(task, smoothed_margin(codes[:, 1], 50), FAST, rng)
        by_town = model.probabilities(codes).reshape(-1, 10, 5).sum(2)
        wrong.append(1 - by_town[np.arange(3000), codes[:, 1] // 5].mean())
    assert wrong[0] < wrong[1] / 2


def test_the_run_is_learned_on_where_the_place_in_it_is_noise() -> None:
    """Forty towns told by another coordinate: what is left to learn is only which town it is not."""
    rng = np.random.default_rng(0)
    town, rows = rng.integers(0, 40, 4000), np.arange(4000)
    lats, lons = (5 * rng.permutation(40)[town] + rng.integers(0, 5, 4000) for _ in range(2))
    codes = np.stack([lats, lons], 1).astype(np.uint8)
    sizes, ordered, runs = np.array([200, 200], np.int32), np.array([True, True]), np.repeat(np.arange(40), 5)
    task = Column(codes, 1, np.array([0], np.int32), sizes, ordered, runs=runs)
    model = fit_boosted(task, smoothed_margin(codes[:, 1], 200), HOW, rng)
    by_town = model.probabilities(codes).reshape(-1, 40, 5).sum(2)
    assert 1 - by_town[rows, codes[:, 1] // 5].mean() < 0.03
