"""Is this variant fit to be delivered? Each check gives a reason; the first that refuses is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ...contracts.rows import Record, Reject
from ...text.near import NearDuplicates
from ...text.ngrams import compare_form
from ...transform.editing import broken_invariant
from .field import Field, folds_of
from .leaks import NEAR
from .sources import content_of
from .students import Scorer, Student

__all__ = ["Teacher", "VariantChecks", "teach"]

_LEAST_ALIKE = 0.2
_LEAST_BELIEF = 0.9  # of the probability of its source: below, a teacher of all data sees another label too often


@dataclass(frozen=True, slots=True)
class Teacher:
    """A student that never saw the parent.

    said : parent's identity -> what it says of the parent. belief : parent's identity -> probability of its own label.
    ask : variants -> (what it says of each, probability of each one's own label).
    """

    said: Mapping[str, str]
    belief: Mapping[str, float]
    ask: Callable[[Sequence[Record]], list[tuple[str, float]]]

    def missed(self, records: Sequence[Record]) -> frozenset[str]:
        """Return the identities of those that it gets wrong."""
        return frozenset(one.identity for one in records if self.said[one.identity] != one.label)


def teach(data: Field, student: Student, rng: np.random.Generator, *, folds: int = 5) -> Teacher:
    """Return a teacher: one student for each fold, which judges the variants of the parents in its fold."""
    scorers: list[Scorer] = []
    fold_of: dict[str, int] = {}
    told: dict[str, tuple[str, float]] = {}
    for number, tested in enumerate(folds_of(data, folds, rng)):
        left = np.setdiff1d(np.arange(len(data.records)), tested)
        rows = [data.records[place] for place in left]
        scorers.append(student.fit(rows, np.ones(len(rows)), data.classes))
        own = [data.records[place] for place in tested]
        fold_of.update({record.identity: number for record in own})
        told.update(zip([record.identity for record in own], _heard(scorers[-1], own, data.classes), strict=True))

    def ask(variants: Sequence[Record]) -> list[tuple[str, float]]:
        answers = [("", 0.0)] * len(variants)
        for number, scorer in enumerate(scorers):
            places = [place for place, one in enumerate(variants) if fold_of[one.parents[0]] == number]
            heard = _heard(scorer, [variants[place] for place in places], data.classes) if places else []
            for place, answer in zip(places, heard, strict=True):
                answers[place] = answer
        return answers

    said = {identity: label for identity, (label, _) in told.items()}
    return Teacher(said, {identity: belief for identity, (_, belief) in told.items()}, ask)


def _heard(scorer: Scorer, records: Sequence[Record], classes: Sequence[str]) -> list[tuple[str, float]]:
    """Return (the likeliest class, the probability of the record's own) of each."""
    scores = scorer(records)
    own = [classes.index(str(record.label)) for record in records]
    best = scores.argmax(axis=1).tolist()
    return [(classes[top], float(scores[place, one])) for place, (top, one) in enumerate(zip(best, own, strict=True))]


@dataclass(slots=True)
class VariantChecks:
    """The checks of one delivery, cheapest first: invariants, duplicates, near-duplicates of other classes and of the
    test set, too far from the parent, and a teacher's word.

    keeps : operation -> invariants it declares. test : texts that must not come near. relabelled : operations whose
    labels are the word of other learners, which the student's is not held against.
    """

    records: Sequence[Record]
    keeps: Mapping[str, frozenset[str]]
    test: Sequence[Record] = ()
    teacher: Teacher | None = None
    relabelled: frozenset[str] = frozenset()
    _known: set[str] = field(default_factory=set)
    _seen: dict[tuple[str, str], Reject | None] = field(default_factory=dict)
    _others: dict[str | None, NearDuplicates] = field(default_factory=dict)
    _tests: NearDuplicates | None = None

    def __call__(self, variants: Sequence[Record]) -> list[Reject | None]:
        """Return for each variant, in order, why it is refused, None if it is fit. A kept one counts as known."""
        self._known |= {content_of(record) for record in self.records}
        verdicts: list[Reject | None] = []
        for variant, verdict in zip(variants, self.verdicts(variants), strict=True):
            content = content_of(variant)
            if content in self._known and (verdict is None or verdict.step != "invariants"):
                verdict = Reject("duplicates", "the same stands there already")
            if verdict is None:
                self._known.add(content)
            verdicts.append(verdict)
        return verdicts

    def verdicts(self, variants: Sequence[Record]) -> list[Reject | None]:
        """Return the same without regard to duplicates; what was asked before is answered from memory."""
        keys = [(variant.identity, content_of(variant)) for variant in variants]
        fresh = {key: variant for key, variant in zip(keys, variants, strict=True) if key not in self._seen}
        self._seen.update(zip(fresh, self._judge(list(fresh.values())), strict=True))
        return [self._seen[key] for key in keys]

    def _judge(self, variants: Sequence[Record]) -> list[Reject | None]:
        parents = {record.identity: record for record in self.records}
        near_test = self._near_test(variants)
        near_other = self._near_other(variants)
        answers = self.teacher.ask(variants) if self.teacher is not None and variants else [("", 1.0)] * len(variants)
        verdicts = []
        for place, variant in enumerate(variants):
            parent = parents[variant.parents[0]]
            verdicts.append(
                self._invariant(parent, variant)
                or near_test[place]
                or near_other[place]
                or (self._distance(parent, variant) if self.keeps.get(variant.operation) else None)
                or self._disagreement(parent, variant, answers[place])
            )
        return verdicts

    def _invariant(self, parent: Record, variant: Record) -> Reject | None:
        broken = broken_invariant(parent, variant, self.keeps.get(variant.operation, frozenset()))
        return Reject("invariants", broken) if broken else None

    def _near_test(self, variants: Sequence[Record]) -> list[Reject | None]:
        texts = [record.text for record in self.test if record.text]
        if not texts:
            known = {content_of(record) for record in self.test}
            return [
                Reject("test set", "the row is in the test set") if content_of(one) in known else None
                for one in variants
            ]
        if self._tests is None:
            self._tests = NearDuplicates(threshold=NEAR)
            self._tests.add(texts)
        found = self._tests.nearest([variant.text for variant in variants])
        return [Reject("test set", f"{match.similarity:.2f} like a test text") if match else None for match in found]

    def _near_other(self, variants: Sequence[Record]) -> list[Reject | None]:
        verdicts: list[Reject | None] = [None] * len(variants)
        for label in {variant.label for variant in variants if variant.text}:
            others = [record for record in self.records if record.label != label]
            if label not in self._others:
                self._others[label] = NearDuplicates(threshold=NEAR)
                self._others[label].add([record.text for record in others])
            own = [place for place, variant in enumerate(variants) if variant.label == label]
            for place, match in zip(own, self._others[label].nearest([variants[one].text for one in own]), strict=True):
                if match is not None:
                    kind = others[match.position].label
                    verdicts[place] = Reject("other classes", f"{match.similarity:.2f} like a text of {kind!r}")
        return verdicts

    def _distance(self, parent: Record, variant: Record) -> Reject | None:
        if not parent.text or len(variant.parents) > 1:
            return None
        old, new = (set(compare_form(record.text).split()) for record in (parent, variant))
        alike = len(old & new) / max(1, len(old | new))
        return Reject("similarity", "too far from its source") if alike < _LEAST_ALIKE else None

    def _disagreement(self, parent: Record, variant: Record, heard: tuple[str, float]) -> Reject | None:
        if self.teacher is None or variant.operation in self.relabelled:
            return None
        answer, belief = heard
        if self.teacher.said[parent.identity] == parent.label and answer != variant.label:
            return Reject("teacher", f"taken for {answer!r} by a student that knew its source as {parent.label!r}")
        if parent.text and belief < _LEAST_BELIEF * self.teacher.belief[parent.identity]:
            return Reject("teacher", "less like its class than its source, says a student that never saw that")
        return None
