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
