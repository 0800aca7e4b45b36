"""Trials of the policy: what is tried, and what the student says of each example when it is left out.

All trials of one repeat see the same folds, so their differences are paired by example. Variants are made of training
examples only and pass the checks of a delivery, made of the training examples alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...contracts.rows import Record
from ...seeds import Seeds
from .checks import Teacher, VariantChecks, teach
from .field import Field, folds_of, share_of
from .sources import Variants, content_of
from .students import Student

__all__ = ["NONE", "Candidate", "Goal", "Trials", "quotas", "training_rows", "variants_of"]

Floats = NDArray[np.float64]
Goal = Literal["more", "balance", "hard"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something to try.

    sources : names of transforms, taken in turn; () for none. amount : variants for each example, 0 for none.
    weight : of a variant beside an example's 1. duplicates : copies in the place of variants. balance : class weights.
    threshold : scores divided by the classes' shares, which moves the operating point and nothing else.
    goal : "more" varies every example, "balance" those of rarer classes until all classes are as large as the largest,
    "hard" those that a student which never saw them gets wrong.
    """

    name: str
    sources: tuple[str, ...] = ()
    amount: int = 0
    weight: float = 1.0
    duplicates: bool = False
    balance: bool = False
    threshold: bool = False
    goal: Goal = "more"

    def __str__(self) -> str:
        if not self.amount:
            return self.name
        many = {"more": f"x{self.amount}", "balance": "for balance", "hard": f"x{self.amount} of the hard ones"}
        return f"{self.name} {many[self.goal]} at {self.weight:.2g}"


NONE = Candidate("none")


def quotas(records: Sequence[Record], candidate: Candidate, hard: Collection[str] = ()) -> list[int]:
    """Return how many variants each record gets.

    >>> rows = [Record("a", "", "x"), Record("b", "", "x"), Record("c", "", "y")]
    >>> quotas(rows, Candidate("mix", ("mix",), 4, goal="balance"))
    [0, 0, 1]
    """
    if candidate.goal == "more":
        return [candidate.amount] * len(records)
    if candidate.goal == "hard":
        return [candidate.amount * (record.identity in hard) for record in records]
    counts = Counter(record.label for record in records)
    largest = max(counts.values())
    turn: Counter[str | None] = Counter()
    found = []
    for record in records:
        each, more = divmod(largest - counts[record.label], counts[record.label])
        found.append(each + (turn[record.label] < more))
        turn[record.label] += 1
    return found


def variants_of(
    records: Sequence[Record], candidate: Candidate, variants: Variants, wanted: Sequence[int]
) -> list[Record]:
    """Return up to `wanted` variants of each record, from the candidate's sources in turn.

    Where variants have labels of their own, up to as many of each label as are wanted of its records.
    """
    if candidate.duplicates:
        return [record for record, count in zip(records, wanted, strict=True) for _ in range(count)]
    made: list[Record] = []
    count = len(candidate.sources)
    for place, name in enumerate(candidate.sources):
        shares = {
            record.identity: one // count + (place < one % count) for record, one in zip(records, wanted, strict=True)
        }
        if variants.sources[name].relabels:
            made += _of_each_label(variants.of(name, records, max(shares.values(), default=0)), records, shares)
            continue
        if len(set(shares.values())) == 1:
            batches = [list(records)]
        else:  # classes by themselves: nothing is made of those that need none
            labels = dict.fromkeys(record.label for record in records)
            batches = [[record for record in records if record.label == label] for label in labels]
        for batch in batches:
            most = max((shares[record.identity] for record in batch), default=0)
            given: Counter[str] = Counter()
            for variant in variants.of(name, batch, most) if most else []:
                given[variant.parents[0]] += 1
                if given[variant.parents[0]] <= shares[variant.parents[0]]:
                    made.append(variant)
    return made


def _of_each_label(made: Sequence[Record], records: Sequence[Record], shares: Mapping[str, int]) -> list[Record]:
    left: Counter[str | None] = Counter()
    for record in records:
        left[record.label] += shares[record.identity]
    kept = []
    for variant in made:
        if left[variant.label] > 0:
            left[variant.label] -= 1
            kept.append(variant)
    return kept


def training_rows(
    records: Sequence[Record],
    candidate: Candidate,
    variants: Variants,
    *,
    checks: VariantChecks | None = None,
    hard: Collection[str] = (),
) -> tuple[list[Record], Floats]:
    """Return the training rows of a candidate and (rows,) their weights; with `checks`, without what they refuse and
    without what stands there already.
    """
    made = variants_of(records, candidate, variants, quotas(records, candidate, hard)) if candidate.amount else []
    if checks is not None and candidate.sources:
        passed = [one for one, verdict in zip(made, checks.verdicts(made), strict=True) if verdict is None]
        known = {content_of(record) for record in records}
        made = list({content_of(one): one for one in reversed(passed) if content_of(one) not in known}.values())[::-1]
    rows = [*records, *made]
    told = np.array([1.0] * len(records) + [candidate.weight] * len(made))
    if candidate.balance:
        labels = [record.label for record in rows]
        counts = {label: float(told[[one == label for one in labels]].sum()) for label in set(labels)}
        told = told * np.array([told.sum() / (len(counts) * counts[label]) for label in labels])
    return rows, told


@dataclass(slots=True)
class _Split:
    """One fold: who is tested, who is trained on, and what a teacher made of these alone says."""

    tested: NDArray[np.int64]
    part: Field
    teacher: Teacher | None = None
    checks: VariantChecks | None = None


@dataclass(slots=True)
class Trials:
    """The trials of one field and student; folds, teachers and checks are made once for all candidates.

    folds : of a repeat. made : candidate -> how many variants it was learned with, over all trials.
    """

    data: Field
    student: Student
    variants: Variants
    seeds: Seeds
    folds: int = 5
    made: Counter[Candidate] = field(default_factory=Counter)
    _splits: dict[int, list[_Split]] = field(default_factory=dict)

    def fares(self, scores: Floats, repeat: int) -> Floats:
        """Return (examples,) how each example fares with the scores of that repeat; their mean is the metric."""
        result = np.zeros(len(scores))
        for split in self._of(repeat):  # an AUC compares within a fold: each fold has a student of its own
            result[split.tested] = self.data.fares(scores[split.tested], split.tested)
        return result

    def scores(self, candidate: Candidate, repeat: int, *, share: float = 1.0) -> Floats:
        """Return (examples, classes) what the student says of each example when its fold is left out.

        share : of each class's training examples to learn from.
        """
        result = np.zeros((len(self.data.records), len(self.data.classes)))
        for number, split in enumerate(self._of(repeat)):
            records = split.part.records
            if share < 1:
                records = share_of(split.part, share, self.seeds.child("share", repeat, number).rng()).records
            if candidate.amount and split.checks is None:
                self._prepare(split, self.seeds.child("teacher", repeat, number))
            hard = split.teacher.missed(records) if split.teacher is not None else ()
            rows, weights = training_rows(records, candidate, self.variants, checks=split.checks, hard=hard)
            self.made[candidate] += len(rows) - len(records)
            tested = [self.data.records[place] for place in split.tested]
            scores = self.student.fit(rows, weights, self.data.classes)(tested)
            if candidate.threshold:
                scores = scores / np.maximum(np.bincount(split.part.truth, minlength=len(self.data.classes)), 1)
                scores = scores / np.maximum(scores.sum(axis=1, keepdims=True), 1e-12)
            result[split.tested] = scores
        return result

    def _of(self, repeat: int) -> list[_Split]:
        if repeat not in self._splits:
            everyone = np.arange(len(self.data.records))
            folds = folds_of(self.data, self.folds, self.seeds.child("folds", repeat).rng())
            self._splits[repeat] = [
                _Split(tested, self.data.part(np.setdiff1d(everyone, tested))) for tested in folds if len(tested)
            ]
        return self._splits[repeat]

    def _prepare(self, split: _Split, seeds: Seeds) -> None:
        split.teacher = teach(split.part, self.student, seeds.rng(), folds=3)
        split.checks = VariantChecks(
            split.part.records, self.variants.keeps, teacher=split.teacher, relabelled=self.variants.relabelled
        )
