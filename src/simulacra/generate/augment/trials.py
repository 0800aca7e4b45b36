"""Trials of the policy: what is tried, and how each example fares when it is left out.

All trials of one repeat see the same folds, so their differences are paired by example. Folds keep a parent and its
near-duplicates together and every class in about its share; variants are made of training examples only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...contracts.rows import Record
from .sources import Variants
from .students import Student

__all__ = ["METRICS", "Candidate", "Field", "Metric", "folds_of", "fractions", "training_rows"]

Floats = NDArray[np.float64]
Metric = Literal["accuracy", "balanced", "auc"]
METRICS: tuple[Metric, ...] = ("accuracy", "balanced", "auc")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something to try.

    sources : names of transforms, taken in turn; () for none. amount : variants for each example, 0 for none.
    weight : of a variant beside an example's 1. duplicates : copies in the place of variants. balance : class weights.
    threshold : scores divided by the classes' shares, which moves the operating point and nothing else.
    """

    name: str
    sources: tuple[str, ...] = ()
    amount: int = 0
    weight: float = 1.0
    duplicates: bool = False
    balance: bool = False
    threshold: bool = False

    def __str__(self) -> str:
        return f"{self.name} x{self.amount} at {self.weight:g}" if self.amount else self.name


@dataclass(frozen=True, slots=True)
class Field:
    """The examples of a policy's trials.

    truth : (examples,) places in `classes`. groups : (examples,) what must stay together in one fold.
    """

    records: tuple[Record, ...]
    classes: tuple[str, ...]
    truth: NDArray[np.int64]
    groups: NDArray[np.int64]
    metric: Metric

    def fares(self, scores: Floats, tested: NDArray[np.int64]) -> Floats:
        """Return (tested,) how each example fares; their mean is the metric. Higher is better."""
        truth = self.truth[tested]
        if self.metric == "auc":
            return _ranks(scores[:, 1], truth == 1)
        right = (scores.argmax(axis=1) == truth).astype(np.float64)
        if self.metric == "accuracy":
            return np.asarray(right)
        counts = np.bincount(self.truth, minlength=len(self.classes))
        return np.asarray(right * len(self.truth) / (len(self.classes) * counts[truth]))

    def trial(
        self, candidate: Candidate, student: Student, variants: Variants, folds: Sequence[NDArray[np.int64]]
    ) -> Floats:
        """Return (examples,) how each example fares when its fold is left out."""
        result = np.zeros(len(self.records))
        for tested in folds:
            if not len(tested):
                continue
            left = np.setdiff1d(np.arange(len(self.records)), tested)
            rows, weights = training_rows([self.records[place] for place in left], candidate, variants)
            scores = student.fit(rows, weights, self.classes)([self.records[place] for place in tested])
            if candidate.threshold:
                scores = scores / np.maximum(np.bincount(self.truth[left], minlength=len(self.classes)), 1)
            result[tested] = self.fares(scores, tested)
        return result


def training_rows(records: Sequence[Record], candidate: Candidate, variants: Variants) -> tuple[list[Record], Floats]:
    """Return the training rows of a candidate and (rows,) their weights."""
    rows, weights = list(records), [1.0] * len(records)
    if candidate.duplicates:
        rows += list(records) * candidate.amount
        weights += [candidate.weight] * (len(records) * candidate.amount)
    for place, name in enumerate(candidate.sources):
        share = candidate.amount // len(candidate.sources) + (place < candidate.amount % len(candidate.sources))
        made = variants.of(name, records, share) if share else []
        rows += made
        weights += [candidate.weight] * len(made)
    told = np.array(weights)
    if candidate.balance:
        labels = [record.label for record in rows]
        counts = {label: float(told[[one == label for one in labels]].sum()) for label in set(labels)}
        told = told * np.array([told.sum() / (len(counts) * counts[label]) for label in labels])
    return rows, told


def folds_of(field: Field, count: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
    """Return `count` folds: groups stay together, classes are spread evenly."""
    fold_of: dict[int, int] = {}
    turn = 0
    for label in range(len(field.classes)):
        own = np.unique(field.groups[field.truth == label])
        for group in rng.permutation(own).tolist():
            if group not in fold_of:
                fold_of[group] = turn % count
                turn += 1
    places = np.array([fold_of[group] for group in field.groups.tolist()])
    return [np.flatnonzero(places == fold) for fold in range(count)]


def fractions(field: Field, shares: Sequence[float], rng: np.random.Generator) -> Iterator[tuple[float, Field]]:
    """Yield (share, a field with that share of each class's examples), for learning curves."""
    for share in shares:
        chosen: list[int] = []
        for label in range(len(field.classes)):
            own = rng.permutation(np.flatnonzero(field.truth == label))
            chosen += own[: max(2, round(share * len(own)))].tolist()
        kept = np.array(sorted(chosen))
        records = tuple(field.records[place] for place in kept)
        yield share, Field(records, field.classes, field.truth[kept], field.groups[kept], field.metric)


def _ranks(scores: Floats, positive: NDArray[np.bool_]) -> Floats:
    """Return each example's part in the area under the curve: the share of the other class it is on the right side of.

    Source: the placements of DeLong et al. (1988).
    """
    wins = (scores[positive][:, None] > scores[~positive][None, :]).astype(np.float64)
    wins += 0.5 * (scores[positive][:, None] == scores[~positive][None, :])
    result = np.full(len(scores), 0.5)
    if wins.size:
        result[positive], result[~positive] = wins.mean(axis=1), wins.mean(axis=0)
    return result
