"""What a tree looks at: random projections of the target, and an order for the levels of each category.

Source: SketchBoost, arXiv 2211.12858 (random projections of the gradient); the sorting of categories by their first
component is Coppersmith et al. 1999's heuristic for splits of unordered predictors.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["draw_sketch", "rank_levels"]

N_SKETCHES = 3
_POWER_STEPS = 12


def draw_sketch(margin: NDArray[np.float64], ordered: bool, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return (3, n_codes): what the codes of a target count as while one tree is grown.

    Ordered codes become cosines of their place in the distribution, the first one half a wave long (low against
    high), the others of random frequency and phase; categories get Gaussian values. Up to 4 codes need no sketch.
    """
    n_codes = len(margin)
    if n_codes <= N_SKETCHES + 1:
        sketch = np.zeros((N_SKETCHES, n_codes), np.float32)
        sketch[: n_codes - 1, : n_codes - 1] = np.eye(n_codes - 1)
        return sketch
    if not ordered:
        return rng.standard_normal((N_SKETCHES, n_codes)).astype(np.float32)
    place = np.cumsum(margin) - margin / 2
    frequency = np.array([1, rng.integers(1, 8), rng.integers(4, 24)])[:, None]
    phase = np.concatenate(([0.0], rng.random(2)))[:, None]
    return np.asarray(np.sqrt(2) * np.cos(np.pi * (frequency * place + 2 * phase)), np.float32)


def rank_levels(levels: NDArray[np.uint8], targets: NDArray[np.int32], size: int, n_codes: int) -> NDArray[np.uint8]:
    """Return (256,) the rank of each level of a categorical predictor along its main contrast in the target.

    The contrast is the first component of the levels' target profiles, rare levels shrunk to the mean.
    """
    ranks = np.arange(256, dtype=np.uint8)
    if size <= 2:
        return ranks
    counts = np.bincount(levels.astype(np.int64) * n_codes + targets, minlength=size * n_codes).reshape(size, n_codes)
    weight = counts.sum(1, keepdims=True)
    margin = counts.sum(0) / max(1, counts.sum())
    deviation = (counts - weight * margin) / (weight + 5) / np.sqrt(margin + 1e-9)
    scaled = deviation * np.sqrt(weight)
    axis = np.cos(np.arange(1.0, n_codes + 1))
    for _ in range(_POWER_STEPS):
        axis = scaled.T @ (scaled @ axis)
        length = np.linalg.norm(axis)
        if length < 1e-12:
            return ranks
        axis /= length
    ranks[np.argsort(deviation @ axis, kind="stable")] = np.arange(size, dtype=np.uint8)
    return ranks
