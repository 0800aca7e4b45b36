"""Kernels against slow, obvious versions."""

from __future__ import annotations

import numpy as np
import pytest

from simulacra.tables import kernels
from simulacra.tables.trees import grow


def one_split_task(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    sizes = np.array([5, 9, 3])
    features = np.stack([rng.integers(0, size, 200) for size in sizes], 1).astype(np.uint8)
    lanes = np.ones((200, 4), np.float32)
    lanes[:, :3] = rng.normal(0, 1, (200, 3)) + (features[:, 1:2] > 4) * [0.5, -0.3, 0.2]
    return features, lanes, np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)


def gain(lanes: np.ndarray) -> float:
    total = lanes.sum(0, dtype=np.float64)
    return float((total[:3] ** 2).sum() / (total[3] + 1))


@pytest.mark.parametrize("seed", range(5))
def test_first_split_is_the_best_of_all(seed: int) -> None:
    features, lanes, offsets = one_split_task(seed)
    gains = {
        (f, t): gain(lanes[left]) + gain(lanes[~left]) - gain(lanes)
        for f in range(3)
        for t in range(int(np.diff(offsets)[f]) - 1)
        if min((left := features[:, f] <= t).sum(), (~left).sum()) >= 15
    }
    tree = grow(features, lanes, offsets, depth=1, min_leaf=15)
    root = tree.nodes[0]
    assert (int(root["feature"]), int(root["threshold"])) == max(gains, key=gains.__getitem__)
    assert tree.gains.sum() == pytest.approx(max(gains.values()), rel=1e-3)


@pytest.mark.parametrize("depth", [0, 1, 3, 6])
def test_leaves_of_a_tree_partition_the_rows_as_routing_does(depth: int) -> None:
    features, lanes, offsets = one_split_task(1)
    tree = grow(features, lanes, offsets, depth=depth, min_leaf=7)
    assert tree.depth <= depth
    assert sorted(tree.rows) == list(range(200))
    assert np.diff(tree.spans, axis=1).min() >= 7
    np.testing.assert_array_equal(tree.leaves(features), tree.own_leaves())


def test_every_split_below_the_root_has_the_gain_of_its_rows() -> None:
    """The subtraction of histograms gives what summing the node's own rows gives."""
    features, lanes, offsets = one_split_task(2)
    tree = grow(features, lanes, offsets, depth=4, min_leaf=10)
    total, rows_of = 0.0, {0: np.arange(200)}
    for node, part in enumerate(tree.nodes):
        rows, left = rows_of[node], int(part["left"])
        if left == node:
            continue
        goes_left = features[rows, part["feature"]] <= part["threshold"]
        rows_of[left], rows_of[left + 1] = rows[goes_left], rows[~goes_left]
        total += gain(lanes[rows_of[left]]) + gain(lanes[rows_of[left + 1]]) - gain(lanes[rows])
    assert tree.depth >= 2
    assert tree.gains.sum() == pytest.approx(total, rel=1e-3)


def test_projected_gradient_is_one_hot_less_probabilities() -> None:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(7), 30).astype(np.float32)
    targets = rng.integers(0, 7, 30).astype(np.int32)
    sketch = rng.normal(size=(3, 7)).astype(np.float32)
    lanes = np.ones((30, 4), np.float32)
    kernels.project(probabilities, targets, sketch, lanes)
    np.testing.assert_allclose(lanes[:, :3], (np.eye(7)[targets] - probabilities) @ sketch.T, atol=1e-5)
    assert (lanes[:, 3] == 1).all()


def test_reweighting_equals_softmax_of_added_logits() -> None:
    rng = np.random.default_rng(0)
    logits, step = rng.normal(size=(20, 6)), rng.normal(size=(3, 6))
    leaves = rng.integers(0, 3, 20).astype(np.int32)
    softmax = lambda z: np.exp(z) / np.exp(z).sum(1, keepdims=True)  # noqa: E731
    probabilities = softmax(logits).astype(np.float32)
    kernels.reweight(probabilities, leaves, np.exp(step).astype(np.float32))
    np.testing.assert_allclose(probabilities, softmax(logits + step[leaves]), rtol=1e-4)


def test_frequencies_of_drawn_codes_are_the_softmax_probabilities() -> None:
    rng = np.random.default_rng(3)
    n, n_trees = 60_000, 40
    nodes = np.zeros(3 * n_trees, kernels.NODE)
    for t in range(n_trees):
        nodes[3 * t : 3 * t + 3] = [
            (3 * t + 1, 0, 0, 0),
            (3 * t + 1, 2 * t, 0, 255),
            (3 * t + 2, 2 * t + 1, 0, 255),
        ]
    trees = np.stack([np.arange(0, 3 * n_trees, 3), np.ones(n_trees)], 1).astype(np.int32)
    values, unit = rng.integers(-127, 128, (2 * n_trees, 5)).astype(np.int8), 0.004
    start = rng.normal(0, 2, 5).astype(np.float32)
    model = (nodes, trees, values, (start * np.log2(np.e)).astype(np.float32), np.float32(unit * np.log2(np.e)))
    features = rng.integers(0, 2, (n, 1)).astype(np.uint8)
    drawn = kernels.draw_codes(features, *model, rng.random(n))
    for side in (0, 1):
        logits = start + unit * values[side::2].sum(0)
        expected = np.exp(logits) / np.exp(logits).sum()
        rows = features[:, 0] == side
        seen = np.bincount(drawn[rows], minlength=5) / rows.sum()
        assert np.abs(seen - expected).max() < 4 * np.sqrt(0.25 / rows.sum())
        np.testing.assert_allclose(kernels.predict(features[rows][:1], *model)[0], expected, rtol=1e-3)


def test_a_code_of_no_probability_is_never_drawn() -> None:
    start = np.array([-200, -1, -200, -1, -200], np.float32)
    features, nodes, trees = np.zeros((4, 0), np.uint8), np.zeros(0, kernels.NODE), np.zeros((0, 2), np.int32)
    model = (nodes, trees, np.zeros((0, 5), np.int8), start, np.float32(1))
    uniforms = np.array([0.0, 0.4999999, 0.5, np.nextafter(1, 0)])
    assert kernels.draw_codes(features, *model, uniforms).tolist() == [1, 1, 3, 3]


def test_mutual_information_against_scikit_learn() -> None:
    from sklearn.metrics import mutual_info_score

    rng = np.random.default_rng(0)
    codes = rng.integers(0, 6, (3, 500)).astype(np.uint8)
    codes[2] = (codes[0] + (rng.random(500) < 0.2)) % 6
    found = kernels.mutual_information(codes, np.full(3, 6, np.int32))
    for i in range(3):
        for j in range(3):
            assert found[i, j] == pytest.approx(mutual_info_score(codes[i], codes[j]), abs=1e-9)
