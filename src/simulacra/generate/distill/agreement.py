"""Does a text belong to the class it was written for? A classifier of the seeds, or the teacher, is asked; whoever is
asked must first show, on seeds held out, that it knows better than chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from ...contracts.rows import Context, Row
from ...data.shares import wilson
from ...measure.text._students import Student, train_student
from .labelling import Opinion, TeacherLabels
from .lesson import Lesson

if TYPE_CHECKING:
    from ...contracts import Embedder

__all__ = ["Agreement", "Held", "SeedClassifier", "TeacherAgrees", "choose_filter"]

_FOLDS = 10
Way = Literal["seeds", "teacher"]


@dataclass(frozen=True, slots=True)
class Held:
    """How a labeller did on seeds held out: hits of n; `chance` is what guessing gives."""

    way: Way
    hits: int
    n: int
    chance: float

    @property
    def accuracy(self) -> float:
        """The share of held-out seeds it labelled rightly."""
        return self.hits / self.n if self.n else 0.0

    @property
    def knows(self) -> bool:
        """Whether it is better than chance beyond doubt (Wilson interval, 95 %)."""
        return self.n > 0 and wilson(self.hits, self.n)[0] > self.chance

    def sentence(self) -> str:
        """Return what this means, in words."""
        who = "a classifier of the seeds" if self.way == "seeds" else "the teacher"
        told = f"{who} labels {self.hits} of {self.n} held-out seeds rightly (chance: {self.chance:.0%})"
        return told if self.knows else f"{told}: that is not enough to reject by it"


class SeedClassifier:
    """A classifier of the seeds: linear, on embeddings if there is an embedder, else on TF-IDF."""

    way: Way = "seeds"

    def __init__(self, lesson: Lesson, embedder: Embedder | None) -> None:
        self._lesson, self._embedder = lesson, embedder
        self._student = self._train(range(len(lesson.records)))
        self._known: dict[str, Mapping[str, float]] = {}

    def score(self, text: str) -> Mapping[str, float]:
        """Return label -> probability."""
        if text not in self._known:
            self._known[text] = dict(zip(self._student.classes, self._student.score([text])[0].tolist(), strict=True))
        return self._known[text]

    def held_out(self) -> Held:
        """Return how it does on seeds that it did not learn from. A round holds out as many of each class, or the
        classes it does not hold out would be favoured.
        """
        records, ranks = self._lesson.records, self._lesson.ranks()
        rounds = min(_FOLDS, 1 + max(ranks))
        hits = 0
        for number in range(rounds):
            kept = [place for place in range(len(records)) if ranks[place] % rounds != number]
            asked = [record for place, record in enumerate(records) if ranks[place] % rounds == number]
            if not kept:
                return Held(self.way, 0, 0, 1 / len(self._lesson.labels))
            student = self._train(kept)
            guesses = student.predict([record.text for record in asked])
            hits += sum(guess == record.label for guess, record in zip(guesses, asked, strict=True))
        return Held(self.way, hits, len(records), 1 / len(self._lesson.labels))

    def _train(self, places: Sequence[int] | range) -> Student:
        records = self._lesson.records
        texts, labels = [records[x].text for x in places], [str(records[x].label) for x in places]
        kind: Literal["tfidf", "embedding"] = "tfidf" if self._embedder is None else "embedding"
        return train_student(texts, labels, kind=kind, embedder=self._embedder)


class Agreement:
    """Row check: the classifier of the seeds finds the text's own class the likeliest."""

    name = "agreement"
    ordered = False

    def __init__(self, scorer: SeedClassifier, lesson: Lesson, columns: tuple[str, str]) -> None:
        self._scorer, self._lesson, self._columns = scorer, lesson, columns

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return the class that is likelier."""
        del context
        text, label = (row[column] for column in self._columns)
        scores = self._scorer.score(text)
        first = max(scores, key=scores.__getitem__)
        row["_opinion"] = {"by": "seeds", "label": first, "score": round(scores.get(label, 0.0), 4)}
        return None if first == label else f"reads like another class: {first}"

    def accept(self, row: Row) -> None:
        """Remember nothing."""


class TeacherAgrees(Agreement):
    """Row check: the teacher itself, asked again as a labeller, finds the text's own class the likeliest."""

    def __init__(self, teacher: TeacherLabels, columns: tuple[str, str]) -> None:
        self._teacher, self._columns = teacher, columns

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return the class that is likelier."""
        text, label = (row[column] for column in self._columns)
        said: Opinion = await self._teacher.label(text, context.ask)
        row["_opinion"] = {"by": "teacher", "label": said.label, "score": round(said.scores.get(label, 0.0), 4)}
        return None if said.label == label else f"reads like another class: {said.label}"


def choose_filter(held: Sequence[Held]) -> Held | None:
    """Return the labeller that knows best, None if none is better than chance.

    >>> choose_filter([Held("seeds", 9, 18, 1 / 6), Held("teacher", 4, 18, 1 / 6)]).way
    'seeds'
    """
    able = [one for one in held if one.knows]
    return max(able, key=lambda one: one.accuracy) if able else None


def calibrated_hits(hits: Sequence[bool], lesson: Lesson) -> Held:
    """Return what `TeacherLabels.calibrate` found, as a `Held`."""
    return Held("teacher", int(np.sum(hits)), len(hits), 1 / len(lesson.labels))
