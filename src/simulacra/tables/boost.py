"""One column given earlier ones: vector-leaf boosting that stops when rows it did not learn from stop gaining.

A tree is grown on three random projections of the softmax gradient; its leaves then update the logits of all codes with
a Newton step. For ordered targets the step is smoothed over neighbouring codes, coarse in the first rounds, fine later.
Early stopping, column by column, is the guard against memorising.

Source: SketchBoost, arXiv 2211.12858 (sketched growth); the smoothing of steps from coarse to fine is our own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from . import kernels
from .repeats import shuffle
from .sketch import draw_sketch, rank_levels
from .trees import Ensemble, Tree, grow

__all__ = ["Boosting", "Column", "fit_boosted", "newton_step", "smoothed_margin"]

Grown = list[tuple[Tree, NDArray[np.int8]]]


@dataclass(frozen=True, slots=True)
class Boosting:
    """How a column is learned.

    shapes : (depth, least rows of a leaf); each is tried, and a later one must gain `worth` nats a row on the held-out
    rows, since deeper trees remember more; it is given up if it is not half of that ahead after `trial` rounds.
    rate : step of each tree. damping : added to the expected count of each code in a leaf. clip : largest Newton step
    before the rate. patience : rounds without gain on the held-out rows. least : the gain that counts as one.
    held_out : their share. gap : what a nat by which rows learned from gain more than held-out rows costs; above 0
    boosting stops sooner. width : first half-width of the smoothing as a share of the codes; `decay` is its factor each
    round, `jump` its divisor while a step would not gain.
    """

    rounds: int = 200
    shapes: tuple[tuple[int, int], ...] = ((5, 20), (8, 60))
    worth: float = 0.02
    trial: int = 12
    rate: float = 0.2
    damping: float = 2.0
    clip: float = 4.0
    patience: int = 8
    held_out: float = 0.1
    width: float = 0.1
    decay: float = 0.96
    jump: float = 1.5
    least: float = 1e-5
    gap: float = 0.0

    def smoothed(self, factor: float) -> Boosting:
        """Return how to learn at a price on what the rows learned from gain beyond others: .5 for 2, 1.5 for 4."""
        return replace(self, gap=(factor - 1) / 2)

    @property
    def unit(self) -> float:
        """What a leaf value of 1 adds to a logit."""
        return self.rate * self.clip / 127

    def factors(self, values: NDArray[np.int8]) -> NDArray[np.float32]:
        """Return what leaf values multiply probabilities by."""
        return np.asarray(np.exp(values * np.float32(self.unit)), np.float32)


@dataclass(frozen=True, slots=True)
class Column:
    """A learning task: the target's place in a matrix of codes, and which of its columns may be looked at.

    bins : most values of a predictor that are told apart; more codes are joined to groups of about equal rows.
    repeats : (n_rows,) the same number for rows that are learned from or held out together, None for any.
    runs : (n_codes,) the run of each code of an ordered target, ascending: smoothing stays within a run. None: all
        codes but 0, which may stand for a missing value, are one run.
    """

    codes: NDArray[np.uint8]
    target: int
    predictors: NDArray[np.int32]
    sizes: NDArray[np.int32]
    ordered: NDArray[np.bool_]
    bins: int = 256
    repeats: NDArray[np.int64] | None = None
    runs: NDArray[np.int64] | None = None

    @property
    def neighbours(self) -> NDArray[np.int64] | None:
        """Return (2, n_codes) the first and the last code of each code's run; None if the target is not ordered."""
        if not self.ordered[self.target]:
            return None
        runs = np.minimum(np.arange(self.n_codes), 1) if self.runs is None else self.runs
        return np.stack([np.searchsorted(runs, runs, "left"), np.searchsorted(runs, runs, "right") - 1])

    @property
    def n_codes(self) -> int:
        """The number of codes of the target."""
        return int(self.sizes[self.target])

    def ranks(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return (n_predictors, 256): codes as they are for ordered predictors, levels ranked by these rows; at most
        `bins` different ones.
        """
        targets = self.codes[rows, self.target].astype(np.int32)
        ranks = np.tile(np.arange(256, dtype=np.uint8), (len(self.predictors), 1))
        for f, column in enumerate(self.predictors):
            if not self.ordered[column]:
                levels = self.codes[rows, column]
                ranks[f] = rank_levels(levels, targets, int(self.sizes[column]), self.n_codes)
            if self.sizes[column] > self.bins:
                counts = np.bincount(ranks[f][self.codes[rows, column]], minlength=256)
                place = (np.cumsum(counts) - counts / 2) / max(1, len(rows))
                ranks[f] = np.minimum(place * self.bins, self.bins - 1).astype(np.uint8)[ranks[f]]
        return ranks


def smoothed_margin(codes: NDArray[np.uint8], n_codes: int) -> NDArray[np.float64]:
    """Return the share of each code, half a row added everywhere."""
    counts = np.bincount(codes, minlength=n_codes) + 0.5
    return np.asarray(counts / counts.sum())


def fit_boosted(task: Column, margin: NDArray[np.float64], how: Boosting, rng: np.random.Generator) -> Ensemble:
    """Learn a column's logits; `margin` is its distribution over all rows, where boosting starts."""
    columns, start = np.asarray(task.predictors, np.int32), np.log(margin).astype(np.float32)
    shuffled = shuffle(len(task.codes), task.repeats, rng)
    n_held = round(_held_share(how, len(shuffled)) * len(shuffled))
    held, learning = np.sort(shuffled[:n_held]), np.sort(shuffled[n_held:])
    ranks = task.ranks(learning)
    best: Grown = []
    if len(columns) and task.n_codes > 1 and n_held and len(learning) >= 2 * how.shapes[0][1]:
        features = kernels.gather(task.codes, columns, ranks)
        targets = task.codes[:, task.target].astype(np.int32)
        offsets = np.concatenate(([0], np.cumsum(np.minimum(task.sizes[columns], task.bins)))).astype(np.int32)
        least, rival = np.inf, None
        for depth, min_leaf in how.shapes:
            parts = [_Part(features[rows], targets[rows], margin) for rows in (learning, held)]
            run = _Run(parts[0], parts[1], offsets, how, _Sketches(margin, task.neighbours, rng))
            grown, loss, path = run.boost(depth, min_leaf, rival)
            rival = rival or path
            if loss < least - how.worth:
                best, least = grown, loss
    return Ensemble.join(best, start, unit=how.unit, columns=columns, ranks=ranks)


def _held_share(how: Boosting, n_rows: int) -> float:
    """Return the held-out share: more of a small table, where a tenth would say nothing."""
    return min(1 / 3, max(how.held_out, 100 / max(1, n_rows)))


@dataclass(frozen=True, slots=True)
class _Sketches:
    margin: NDArray[np.float64]
    neighbours: NDArray[np.int64] | None
    rng: np.random.Generator

    def draw(self) -> NDArray[np.float32]:
        return draw_sketch(self.margin, self.neighbours is not None, self.rng)

    @property
    def apart(self) -> bool:
        """Whether the codes fall into more runs than one and a missing value."""
        return self.neighbours is not None and len(np.unique(self.neighbours[0])) > 2

    def window(self, half_width: int) -> NDArray[np.int64] | None:
        """Return (2, n_codes) the first and the last code within the half-width of each, in its own run."""
        if self.neighbours is None or not half_width:
            return None
        place = np.arange(len(self.margin))
        first, last = self.neighbours
        return np.stack([np.maximum(place - half_width, first), np.minimum(place + half_width, last)])


class _Part:
    """Some rows of a task with their present probabilities."""

    def __init__(self, features: NDArray[np.uint8], targets: NDArray[np.int32], margin: NDArray[np.float64]) -> None:
        self.features, self.targets = features, targets
        self.probabilities = np.tile(margin.astype(np.float32), (len(targets), 1))

    def advance(self, leaves: NDArray[np.int32], factors: NDArray[np.float32]) -> None:
        kernels.reweight(self.probabilities, leaves, factors)

    def loss(self) -> float:
        """Return the mean negative log-likelihood of the targets, in nats."""
        chosen = self.probabilities[np.arange(len(self.targets)), self.targets]
        return float(-np.log(np.maximum(chosen, 1e-30)).mean())

    def losses(self, leaves: NDArray[np.int32], factors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return each row's negative log-likelihood, in nats, as it would be after this step."""
        products = self.probabilities * factors[leaves]
        chosen = products[np.arange(len(leaves)), self.targets] / products.sum(1)
        return np.asarray(-np.log(np.maximum(chosen, 1e-30)))


@dataclass(frozen=True, slots=True)
class _Run:
    """Boosting at one depth: rows to learn from, rows to stop by."""

    train: _Part
    check: _Part
    offsets: NDArray[np.int32]
    how: Boosting
    sketches: _Sketches

    def boost(self, depth: int, min_leaf: int, rival: list[float] | None) -> tuple[Grown, float, list[float]]:
        """Return the trees up to the best round on the held-out rows, the loss there, and after each round; nothing
        and infinity if it falls behind the rounds of its rival.
        """
        how, train, check = self.how, self.train, self.check
        nothing = np.zeros(len(check.targets), np.int32)
        first = kept = check.losses(nothing, np.ones((1, len(self.sketches.margin)), np.float32))
        best, best_round = float(first.mean()), 0
        width = 0.0 if self.sketches.neighbours is None else how.width * len(self.sketches.margin)
        lanes = np.ones((len(train.targets), kernels.LANES), np.float32)
        grown: Grown = []
        path: list[float] = []
        best_score = best
        while len(grown) < how.rounds and len(grown) - best_round < how.patience:
            kernels.project(train.probabilities, train.targets, self.sketches.draw(), lanes)
            tree = grow(train.features, lanes, self.offsets, depth=depth, min_leaf=min_leaf)
            own, leaves = tree.own_leaves(), tree.leaves(check.features)
            expected = kernels.sum_leaves(train.probabilities, own, len(tree.spans))
            values, losses, width = self._step(tree, expected, leaves, aim=best - how.least, width=width)
            factors = how.factors(values)
            train.advance(own, factors)
            check.advance(leaves, factors)
            grown.append((tree, values))
            path.append(float(losses.mean()))
            if rival and len(path) == how.trial <= len(rival) and path[-1] > rival[how.trial - 1] - how.worth / 2:
                return [], np.inf, path
            width *= how.decay
            score = path[-1] + (how.gap * (path[-1] - train.loss()) if how.gap else 0.0)
            if score < best_score - how.least:
                kept, best, best_round, best_score = losses, path[-1], len(grown), score
        gain = first - kept
        if gain.mean() <= 2 * gain.std() / np.sqrt(len(gain)):  # the best of many rounds on noise gains a little too
            return [], float(first.mean()), path
        return grown[:best_round], best, path

    def _step(
        self, tree: Tree, expected: NDArray[np.float32], leaves: NDArray[np.int32], *, aim: float, width: float
    ) -> tuple[NDArray[np.int8], NDArray[np.float32], float]:
        """Return leaf values, held-out losses after them, and the half-width used: narrower until it gains, or as wide
        as the runs where that gains more.
        """
        while True:
            near = self.sketches.window(int(width))
            values = newton_step(tree, expected, self.train.targets, how=self.how, window=near)
            losses = self.check.losses(leaves, self.how.factors(values))
            if losses.mean() < aim or width < 1:
                break
            width /= self.how.jump
        if (
            self.sketches.apart
        ):  # which run a row belongs to may still be learned where its place in the run no longer is
            whole = newton_step(tree, expected, self.train.targets, how=self.how, window=self.sketches.neighbours)
            after = self.check.losses(leaves, self.how.factors(whole))
            if after.mean() < losses.mean():
                return whole, after, width
        return values, losses, width


def newton_step(
    tree: Tree,
    expected: NDArray[np.float32],
    targets: NDArray[np.int32],
    *,
    how: Boosting,
    window: NDArray[np.int64] | None = None,
) -> NDArray[np.int8]:
    """Return (n_leaves, n_codes) logit updates in units: rate * (seen - expected) / (expected + damping), clipped.

    `expected` holds each leaf's sum of probabilities. window : (2, n_codes) the first and the last of the codes over
    which both counts are summed first.
    """
    n_leaves, n_codes = expected.shape
    leaf = np.repeat(np.arange(n_leaves), np.diff(tree.spans, axis=1)[:, 0])
    seen = np.bincount(leaf * n_codes + targets[tree.rows], minlength=n_leaves * n_codes).reshape(n_leaves, n_codes)
    weight = expected.astype(np.float64)
    excess = seen - weight
    if window is not None:
        excess, weight = _window_sum(excess, window), _window_sum(weight, window)
    step = np.clip(excess / (weight + how.damping), -how.clip, how.clip)
    return np.ascontiguousarray(np.rint(step * (127 / how.clip)), np.int8)


def _window_sum(values: NDArray[np.float64], window: NDArray[np.int64]) -> NDArray[np.float64]:
    sums = np.concatenate((np.zeros((len(values), 1)), np.cumsum(values, axis=1)), axis=1)
    return np.asarray(sums[:, window[1] + 1] - sums[:, window[0]])
