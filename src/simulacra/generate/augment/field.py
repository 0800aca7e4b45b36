"""The examples of a policy's trials: how each fares, and folds that keep near-duplicates together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...contracts.rows import Record
from ...errors import DataError

__all__ = ["Field", "Metric", "folds_of", "make_field", "most_folds", "share_of"]

Floats = NDArray[np.float64]
Metric = Literal["accuracy", "balanced", "auc"]


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

    def part(self, places: NDArray[np.int64]) -> Field:
        """Return the field of some of the examples."""
        records = tuple(self.records[place] for place in places)
        return Field(records, self.classes, self.truth[places], self.groups[places], self.metric)


def make_field(records: Sequence[Record], metric: Metric, groups: NDArray[np.int64] | None = None) -> Field:
    """Return the examples of the trials; DataError if there are fewer than two classes, or examples of a class.

    groups : (records,) what must stay in one fold, None for near-duplicate texts or equal rows.
    """
    labels = [str(record.label) for record in records]
    classes = tuple(sorted(set(labels)))
    if len(classes) < 2:
        raise DataError(f"there is {len(classes)} class", hint="give examples of two classes or more, labelled")
    counts = {label: labels.count(label) for label in classes}
    few = min(counts, key=counts.__getitem__)
    if counts[few] < 2:
        hint = "give two or more of each class"
        if len(counts) > len(records) / 2:
            hint = f"{len(counts)} of {len(records)} labels differ: name a column of classes, not of numbers or texts"
        raise DataError(f"the class {few!r} has one example", hint=hint)
    if metric == "auc" and len(classes) != 2:
        raise DataError(f"AUC is for two classes, here are {len(classes)}", hint="use accuracy or balanced")
    truth = np.array([classes.index(label) for label in labels], dtype=np.int64)
    groups = _groups(records) if groups is None else groups
    for place, label in enumerate(classes):
        if len(np.unique(groups[truth == place])) < 2:
            raise DataError(f"the examples of {label!r} all say the same", hint="give two or more that differ")
    return Field(tuple(records), classes, truth, groups, metric)


def _groups(records: Sequence[Record]) -> NDArray[np.int64]:
    from ...text.near import group_near_duplicates

    if any(record.text for record in records):
        return group_near_duplicates([record.text for record in records])
    first: dict[str, int] = {}
    return np.array(
        [first.setdefault(repr(sorted(record.fields.items())), place) for place, record in enumerate(records)],
        dtype=np.int64,
    )


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


def most_folds(field: Field) -> int:
    """Return how many folds may be: an AUC compares within a fold, so each needs an example of the rarer class."""
    if field.metric != "auc":
        return len(field.records)
    return min(len(np.unique(field.groups[field.truth == label])) for label in range(len(field.classes)))


def share_of(field: Field, share: float, rng: np.random.Generator) -> Field:
    """Return the field of that share of each class's examples, at least two of each."""
    chosen: list[int] = []
    for label in range(len(field.classes)):
        own = rng.permutation(np.flatnonzero(field.truth == label))
        chosen += own[: max(2, round(share * len(own)))].tolist()
    return field.part(np.array(sorted(chosen)))


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
