"""What the teacher's texts are worth to a student, on held-out real texts: gain, curves, the real rows they replace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ...contracts.rows import Record
from ...measure.text._students import Student, train_student
from ...seeds import Seeds

if TYPE_CHECKING:
    from ...contracts import Embedder

from ...data.shares import Z95

__all__ = ["Arm", "Exam", "Gain", "Point", "Worth", "weigh"]

Floats = NDArray[np.float64]
Kind = Literal["tfidf", "embedding"]
_REPEATS = 5
"""Trainings on other draws of the same rows, by which the luck of a draw is told."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to get a student, and how it fares on the exam. rows : it was trained on; value in [0, 1]."""

    name: str
    rows: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a learning curve: rows, the mean over draws, and the standard deviation between draws."""

    rows: int
    value: float
    spread: float


@dataclass(frozen=True, slots=True)
class Gain:
    """A difference of two arms with its 95 % interval: both the exam's and the training rows' luck are in it."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Worth:
    """What one student says.

    chance : what guessing gets. arms : by name: "seeds", "written", "seeds and written", and "real" if there are more
    real rows. gain : of seeds and written over the seeds. alone : of the written over the seeds. by_written :
    the curve over synthetic rows beside the seeds. by_real : over real rows.
    replaces : real rows beyond the seeds that would do as much: (about, at least, at most); None for an end that the
    real rows at hand do not reach, and all None if there are none.
    """

    student: Kind
    metric: str
    chance: float
    arms: tuple[Arm, ...]
    gain: Gain
    alone: Gain
    by_written: tuple[Point, ...]
    by_real: tuple[Point, ...]
    replaces: tuple[float | None, float | None, float | None]

    def arm(self, name: str) -> Arm | None:
        """Return the arm of that name, None if it was not measured."""
        return next((arm for arm in self.arms if arm.name == name), None)


class Exam:
    """Held-out real texts, and how guesses fare on them.

    metric : "balanced" is the mean over classes of the share found, "accuracy" the share found. Both in [0, 1].
    """

    def __init__(self, records: Sequence[Record], metric: Literal["balanced", "accuracy"] = "balanced") -> None:
        self.metric = metric
        self.texts = [record.text for record in records]
        self.labels = [str(record.label) for record in records]
        known, places = np.unique(self.labels, return_inverse=True)
        counts = np.bincount(places)
        even = len(self.labels) / (len(known) * counts[places])
        self._weights = even if metric == "balanced" else np.ones(len(self.labels))
        self.chance = 1 / len(known) if metric == "balanced" else float(counts.max() / counts.sum())

    def fares(self, guesses: Sequence[str]) -> Floats:
        """Return (texts,) how each text fares; the mean is the metric."""
        return np.asarray(self._weights * [guess == label for guess, label in zip(guesses, self.labels, strict=True)])

    def arm(self, name: str, rows: int, fares: Floats) -> Arm:
        """Return the arm with its interval over other texts of the exam."""
        value, half = float(fares.mean()), Z95 * _error(fares)
        return Arm(name, rows, value, max(0.0, value - half), min(1.0, value + half))

    def ask(self, student: Student) -> Floats:
        """Return how a student fares."""
        return self.fares(student.predict(self.texts))


def weigh(
    seeds: Sequence[Record],
    written: Sequence[Record],
    exam: Exam,
    *,
    real: Sequence[Record] = (),
    kind: Kind = "tfidf",
    embedder: Embedder | None = None,
    branch: Seeds,
) -> Worth:
    """Return what the written rows are worth to a student of that kind.

    real : labelled real rows beyond the seeds; the teacher never saw them, they only tell the worth. About 30
    trainings. Errors: those of `train_student`.
    """
    trainer = _Trainer(exam, kind, embedder)
    only, made, both = trainer(seeds), trainer(written), trainer([*seeds, *written])
    arms = [exam.arm("seeds", len(seeds), only), exam.arm("written", len(written), made)]
    arms.append(exam.arm("seeds and written", len(seeds) + len(written), both))
    if real:
        arms.append(exam.arm("real", len(seeds) + len(real), trainer([*seeds, *real])))
    luck_both = trainer.luck(seeds, written, branch.child("with seeds"))
    luck_made = trainer.luck((), written, branch.child("alone"))
    by_real = trainer.curve(seeds, real, branch.child("real")) if real else ()
    return Worth(
        kind, exam.metric, exam.chance, tuple(arms), _gain(both - only, luck_both), _gain(made - only, luck_made),
        trainer.curve(seeds, written, branch.child("written")), by_real, _replaces(arms[2], by_real),
    )  # fmt: skip


class _Trainer:
    """Trains students of one kind and asks them; a student of no rows guesses."""

    def __init__(self, exam: Exam, kind: Kind, embedder: Embedder | None) -> None:
        self._exam, self._kind, self._embedder = exam, kind, embedder

    def __call__(self, rows: Sequence[Record]) -> Floats:
        if not rows:
            return np.full(len(self._exam.labels), self._exam.chance)
        texts, labels = [row.text for row in rows], [str(row.label) for row in rows]
        return self._exam.ask(train_student(texts, labels, kind=self._kind, embedder=self._embedder))

    def luck(self, kept: Sequence[Record], drawn: Sequence[Record], branch: Seeds) -> float:
        """Return the standard deviation that another draw of the same number of rows would bring (bootstrap)."""
        values = []
        for turn in range(_REPEATS):
            places = branch.child(turn).rng().integers(max(len(drawn), 1), size=len(drawn)).tolist()
            values.append(float(self([*kept, *(drawn[place] for place in places)]).mean()))
        return float(np.std(values, ddof=1))

    def curve(self, kept: Sequence[Record], added: Sequence[Record], branch: Seeds) -> tuple[Point, ...]:
        """Return the curve from no added rows to all of them, doubling; each class gets its share."""
        points = [Point(0, float(self(kept).mean()), 0.0)]
        sizes = sorted({round(len(added) / 2**power) for power in range(6)} - {0})
        for size in sizes:
            turns = 1 if size == len(added) else _REPEATS
            rows = [self([*kept, *_share(added, size, branch.child(size, turn))]) for turn in range(turns)]
            values = [float(one.mean()) for one in rows]
            points.append(Point(size, float(np.mean(values)), float(np.std(values)) if turns > 1 else 0.0))
        return tuple(points)


def _share(rows: Sequence[Record], size: int, branch: Seeds) -> list[Record]:
    """Return `size` rows in which the classes stand as in all of them, as nearly as whole rows allow."""
    rng = branch.rng()
    by_label: Mapping[str, list[int]] = {}
    for place in rng.permutation(len(rows)).tolist():
        by_label.setdefault(str(rows[place].label), []).append(place)  # type: ignore[attr-defined]
    ranked = sorted(
        ((turn + 0.5) / len(own), place) for own in by_label.values() for turn, place in enumerate(own)
    )  # fmt: skip
    return [rows[place] for _, place in ranked[:size]]


def _error(values: Floats) -> float:
    # One miss more than seen: a student that is right everywhere is not known to be perfect.
    count = len(values)
    return float((max(float(values.var()), 1 / (count + 1)) / max(count, 1)) ** 0.5)


def _gain(fares: Floats, luck: float) -> Gain:
    value, half = float(fares.mean()), Z95 * (_error(fares) ** 2 + luck**2) ** 0.5
    return Gain(value, value - half, value + half)


def _replaces(arm: Arm, by_real: Sequence[Point]) -> tuple[float | None, float | None, float | None]:
    """Return the real rows beyond the seeds at which the real curve reaches the arm, and the ends of its interval."""
    if len(by_real) < 2:
        return None, None, None
    return _rows_at(arm.value, by_real), _rows_at(arm.low, by_real), _rows_at(arm.high, by_real)


def _rows_at(value: float, curve: Sequence[Point]) -> float | None:
    """Return where a curve, held to rise, reaches a value; None beyond its end. Linear in the square root of rows."""
    rows = np.sqrt([point.rows for point in curve])
    heights = np.maximum.accumulate([point.value for point in curve])
    if value > heights[-1]:
        return None
    after = int(np.searchsorted(heights, value, side="left"))
    if after == 0:
        return 0.0
    step = heights[after] - heights[after - 1]
    part = (value - heights[after - 1]) / step if step > 0 else 0.0
    found = float((rows[after - 1] + part * (rows[after] - rows[after - 1])) ** 2)
    return min(found, float(curve[after].rows))  # the square of a square root may lie a rounding error above
