"""A discriminator of real rows from made ones: gradient-boosted trees on the codes of two weighted samples.

Its output is the log of the ratio of the two densities: what a made row's weight must be for the made rows to look
like the real ones. Several are learned, each from most of both samples, stopped by the rest.

Source: density ratio by classification (Sugiyama, Suzuki & Kanamori 2012, ch. 4); trees as in Friedman 2001.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import kernels
from .sketch import rank_levels
from .trees import Ensemble, Tree, grow

__all__ = ["Discriminating", "Samples", "fit_odds", "log_odds"]


@dataclass(frozen=True, slots=True)
class Discriminating:
    """How a discriminator learns; `penalty` is added to the curvature of each leaf, `most` is the largest step."""

    rounds: int = 200
    depth: int = 5
    min_leaf: float = 30.0
    rate: float = 0.1
    penalty: float = 5.0
    patience: int = 20
    share: float = 0.6
    most: float = 0.5


@dataclass(frozen=True, slots=True)
class Samples:
    """Real rows over made rows in one matrix, with labels (1 real) and weights that sum to the same for both."""

    codes: NDArray[np.uint8]
    labels: NDArray[np.float32]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, real: NDArray[np.uint8], made: NDArray[np.uint8], weights: NDArray[np.float64]) -> Samples:
        """Put both together; the weights are those of the made rows."""
        half = (len(real) + len(made)) / 2
        labels = np.repeat(np.array([1, 0], np.float32), [len(real), len(made)])
        return cls(
            np.concatenate((real, made)),
            labels,
            np.concatenate((np.full(len(real), half / len(real)), weights * (half / weights.sum()))).astype(np.float32),
        )


def log_odds(model: Ensemble, codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return (n_rows,) the discriminator's log-odds that each row is real."""
    table = model.values[:, 0] * model.unit
    sums = kernels.add_trees(model.features(codes), model.nodes, model.trees, table)
    return model.start + sums  # type: ignore[no-any-return]


def fit_odds(
    samples: Samples,
    learning: NDArray[np.bool_],
    columns: NDArray[np.int32],
    *,
    sizes: NDArray[np.int32],
    ordered: NDArray[np.bool_],
    how: Discriminating,
    rng: np.random.Generator,
) -> tuple[Ensemble, float]:
    """Learn from the rows marked `learning`, stop by the others; return the model and its gain there in nats a row."""
    ranks = np.tile(np.arange(256, dtype=np.uint8), (len(columns), 1))
    targets = samples.labels[learning].astype(np.int32)
    for f, column in enumerate(columns):
        if not ordered[column]:
            ranks[f] = rank_levels(samples.codes[learning, column], targets, int(sizes[column]), 2)
    features = kernels.gather(samples.codes, columns, ranks)
    offsets = np.concatenate(([0], np.cumsum(sizes[columns]))).astype(np.int32)
    train, check = (
        _Side(np.ascontiguousarray(features[rows]), samples.labels[rows], samples.weights[rows])
        for rows in (learning, ~learning)
    )
    grown: list[tuple[Tree, NDArray[np.int8]]] = []
    unit = how.most / 127
    first = best = check.loss()
    best_round = 0
    for number in range(how.rounds):
        tree, leaves, values = train.step(offsets, how, rng)
        steps = values * np.float32(unit)
        train.odds += steps[leaves]
        check.odds += steps[tree.leaves(check.features)]
        grown.append((tree, values[:, None]))
        loss = check.loss()
        if loss < best - 1e-6:
            best, best_round = loss, number + 1
        elif number + 1 - best_round >= how.patience:
            break
    model = Ensemble.join(grown[:best_round], np.zeros(1, np.float32), unit=unit, columns=columns, ranks=ranks)
    return model, first - best


class _Side:
    """One of the two halves with its present log-odds."""

    def __init__(self, features: NDArray[np.uint8], labels: NDArray[np.float32], weights: NDArray[np.float32]) -> None:
        self.features, self.labels, self.weights = features, labels, weights
        self.odds = np.zeros(len(labels), np.float32)

    def loss(self) -> float:
        margin = np.where(self.labels > 0, -self.odds, self.odds)
        return float(np.average(np.log1p(np.exp(margin)), weights=self.weights))

    def step(
        self, offsets: NDArray[np.int32], how: Discriminating, rng: np.random.Generator
    ) -> tuple[Tree, NDArray[np.int32], NDArray[np.int8]]:
        """Return the next tree, grown on some of the rows, the leaf of each row, each leaf's Newton step in units."""
        chances = 1 / (1 + np.exp(-self.odds))
        slopes = self.weights * (self.labels - chances)
        lanes = np.zeros((len(self.labels), kernels.LANES), np.float32)
        lanes[:, 0], lanes[:, 3] = slopes, self.weights
        rows = np.flatnonzero(rng.random(len(lanes)) < how.share).astype(np.int32)
        tree = grow(self.features, lanes, offsets, depth=how.depth, min_leaf=how.min_leaf, rows=rows)
        leaves, n_leaves = tree.leaves(self.features), len(tree.spans)
        curvature = np.bincount(leaves, self.weights * chances * (1 - chances), n_leaves)
        values = how.rate * np.bincount(leaves, slopes, n_leaves) / (curvature + how.penalty)
        return tree, leaves, np.asarray(np.rint(np.clip(values / how.most, -1, 1) * 127), np.int8)
