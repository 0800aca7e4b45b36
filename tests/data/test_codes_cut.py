"""The line of numbers cut into atoms and bins: bins end where nothing is."""

import numpy as np

from simulacra.data.codes.cut import cut


def test_nothing_lies_between_two_towns():
    rng = np.random.default_rng(0)
    towns = np.repeat([-74.0, -22.0, 2.35, 13.4, 139.7], [600, 300, 1500, 1800, 1203])
    values = np.round(towns + rng.normal(0, 0.05, len(towns)), 5)
    axis = cut(values, 5)
    codes = np.repeat(np.arange(axis.size, dtype=np.uint8), 200)
    made = axis.decode(codes, rng.random(len(codes)))
    nearest = np.abs(made[:, None] - np.unique(towns)[None, :]).min(axis=1)
    assert nearest.max() < 0.3
    assert np.bincount(axis.encode(values), minlength=axis.size).min() >= 5


def test_runs_end_where_nothing_lies_and_nowhere_else():
    rng = np.random.default_rng(0)
    towns = np.repeat([-74.0, -22.0, 2.35, 13.4, 139.7], [600, 300, 1500, 1800, 1203])
    apart = cut(np.round(towns + rng.normal(0, 0.05, len(towns)), 5), 5)
    town = np.abs(apart.knots[:, [0, -1]].mean(1)[:, None] - np.unique(towns)[None, :]).argmin(1)
    assert apart.runs().tolist() == town.tolist()
    for whole in (rng.uniform(0, 1, 4000), rng.normal(0, 1, 4000), rng.integers(0, 90, 4000).astype(float)):
        runs = cut(np.round(whole, 2), 2).runs()
        assert np.bincount(runs).max() > 0.9 * len(runs)
    spike = cut(np.concatenate([np.zeros(500), rng.uniform(1000, 2000, 3000)]))
    assert spike.runs().tolist() == [0] + [1] * (spike.size - 1)
