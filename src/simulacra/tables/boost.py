"""One column given earlier ones: vector-leaf boosting that stops when rows it did not learn from stop gaining.

A tree is grown on three random projections of the softmax gradient; its leaves then update the logits of all codes with
a Newton step. For ordered targets the step is smoothed over neighbouring codes, coarse in the first rounds, fine later.

Source: SketchBoost, arXiv 2211.12858. Early stopping per column is the guard against memorising.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import kernels
from .sketch import draw_sketch, rank_levels
from .trees import Ensemble, Tree, grow

__all__ = ["Boosting", "Column", "fit_boosted", "smoothed_margin"]


@dataclass(frozen=True, slots=True)
class Boosting:
    """How a column is learned.

    rate : step of each tree. clip : largest Newton step before the rate. patience : rounds without gain on the
    held-out rows. width, decay : half-width of the smoothing as a share of the codes, and its factor per round.
    """

    rounds: int = 100
    depth: int = 5
    min_leaf: int = 20
    rate: float = 0.2
    clip: float = 4.0
    patience: int = 5
    held_out: float = 0.1
    width: float = 0.1
    decay: float = 0.93


@dataclass(frozen=True, slots=True)
class Column:
    """A learning task: (n_rows,) target codes, the matrix they come from, and which of its columns may be looked at."""

    codes: NDArray[np.uint8]
    target: int
    predictors: NDArray[np.int32]
    sizes: NDArray[np.int32]
    ordered: NDArray[np.bool_]

    @property
    def n_codes(self) -> int:
        """The number of codes of the target."""
        return int(self.sizes[self.target])

    def ranks(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return (n_predictors, 256): codes as they are for ordered predictors, levels ranked by these rows."""
        targets = self.codes[rows, self.target].astype(np.int32)
        ranks = np.tile(np.arange(256, dtype=np.uint8), (len(self.predictors), 1))
        for f, column in enumerate(self.predictors):
            if not self.ordered[column]:
                ranks[f] = rank_levels(self.codes[rows, column], targets, int(self.sizes[column]), self.n_codes)
        return ranks


class _Part:
    """Some rows of a task with their present probabilities."""

    def __init__(self, features: NDArray[np.uint8], targets: NDArray[np.int32], margin: NDArray[np.float64]) -> None:
        self.features, self.targets = features, targets
        self.probabilities = np.tile(margin.astype(np.float32), (len(targets), 1))

    def advance(self, tree: Tree, values: NDArray[np.float16]) -> None:
        kernels.reweight(self.probabilities, tree.leaves(self.features), np.exp(values.astype(np.float32)))

    def loss(self) -> float:
        """Return the mean negative log-likelihood in nats."""
        chosen = self.probabilities[np.arange(len(self.targets)), self.targets]
        return float(-np.log(np.maximum(chosen, 1e-30)).mean())


def smoothed_margin(codes: NDArray[np.uint8], n_codes: int) -> NDArray[np.float64]:
    """Return the share of each code with half a row added everywhere."""
    counts = np.bincount(codes, minlength=n_codes) + 0.5
    return np.asarray(counts / counts.sum())


def fit_boosted(task: Column, margin: NDArray[np.float64], how: Boosting, rng: np.random.Generator) -> Ensemble:
    """Learn a column's logits; `margin` is its distribution over all rows, where boosting starts."""
    start = np.log(margin).astype(np.float32)
    columns = np.asarray(task.predictors, np.int32)
    shuffled = rng.permutation(len(task.codes))
    n_held = round(how.held_out * len(shuffled))
    held, learning = np.sort(shuffled[:n_held]), np.sort(shuffled[n_held:])
    ranks = task.ranks(learning)
    if not len(columns) or task.n_codes == 1 or n_held == 0 or len(learning) < 2 * how.min_leaf:
        return Ensemble.join([], start, columns=columns, ranks=ranks)
    features = kernels.gather(task.codes, columns, ranks)
    targets = task.codes[:, task.target].astype(np.int32)
    train, check = (_Part(features[rows], targets[rows], margin) for rows in (learning, held))
    offsets = np.concatenate(([0], np.cumsum(task.sizes[columns]))).astype(np.int32)
    grown = _boost(train, check, offsets, how=how, sketches=_Sketches(margin, bool(task.ordered[task.target]), rng))
    return Ensemble.join(grown, start, columns=columns, ranks=ranks)


@dataclass(frozen=True, slots=True)
class _Sketches:
    margin: NDArray[np.float64]
    ordered: bool
    rng: np.random.Generator

    def draw(self) -> NDArray[np.float32]:
        return draw_sketch(self.margin, self.ordered, self.rng)


def _boost(
    train: _Part, check: _Part, offsets: NDArray[np.int32], *, how: Boosting, sketches: _Sketches
) -> list[tuple[Tree, NDArray[np.float16]]]:
    """Return the trees up to the best round on `check`."""
    grown: list[tuple[Tree, NDArray[np.float16]]] = []
    best, best_round = check.loss(), 0
    lanes = np.ones((len(train.targets), kernels.LANES), np.float32)
    for number in range(how.rounds):
        kernels.project(train.probabilities, train.targets, sketches.draw(), lanes)
        tree = grow(train.features, lanes, offsets, depth=how.depth, min_leaf=how.min_leaf)
        half = int(how.width * how.decay**number * len(sketches.margin)) if sketches.ordered else 0
        values = newton_step(tree, train.probabilities, train.targets, how=how, half_width=half)
        train.advance(tree, values)
        check.advance(tree, values)
        grown.append((tree, values))
        loss = check.loss()
        if loss < best - 1e-5:
            best, best_round = loss, number + 1
        elif number + 1 - best_round >= how.patience:
            break
    return grown[:best_round]


def newton_step(
    tree: Tree,
    probabilities: NDArray[np.float32],
    targets: NDArray[np.int32],
    *,
    how: Boosting,
    half_width: int = 0,
) -> NDArray[np.float16]:
    """Return (n_leaves, n_codes) logit updates: rate * (seen - expected) / (expected + 1), clipped.

    With a half-width the counts of each leaf are first summed over that many codes on either side.
    """
    expected = kernels.sum_leaves(probabilities, tree.rows, tree.spans)
    n_leaves, n_codes = expected.shape
    leaf = np.repeat(np.arange(n_leaves), np.diff(tree.spans, axis=1)[:, 0])
    seen = np.bincount(leaf * n_codes + targets[tree.rows], minlength=n_leaves * n_codes).reshape(n_leaves, n_codes)
    excess = seen - expected.astype(np.float64)
    weight = expected.astype(np.float64)
    if half_width:
        excess, weight = _box_sum(excess, half_width), _box_sum(weight, half_width)
    return np.ascontiguousarray(how.rate * np.clip(excess / (weight + 1), -how.clip, how.clip), np.float16)


def _box_sum(values: NDArray[np.float64], half_width: int) -> NDArray[np.float64]:
    n = values.shape[1]
    sums = np.concatenate((np.zeros((len(values), 1)), np.cumsum(values, axis=1)), axis=1)
    place = np.arange(n)
    return np.asarray(sums[:, np.minimum(place + half_width + 1, n)] - sums[:, np.maximum(place - half_width, 0)])
