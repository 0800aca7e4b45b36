"""Models that learn a target from one table and are asked about another: what utility is measured with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._learn import boosted_trees, features, one_hot, one_thread, without_void
from ._tables import Coded, Side, Tables

__all__ = ["Trial", "answers_of", "prediction_shifts", "try_target"]

MOST_CLASSES = 4
TRAIN: tuple[Side, Side] = ("synthetic", "real")

Floats = NDArray[np.float64]
Guess = Callable[[Floats], dict[float, Floats]]


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One target and one kind of model, trained twice (on synthetic rows, on real ones) and asked about hold-out rows.

    truth : (rows,) numbers, or classes. guesses : for both trainings class -> (rows,) score (a number: class 0).
    rows : the hold-out rows asked about. students, inputs : the two models and what they are asked with.
    """

    target: str
    kind: str
    numbers: bool
    truth: Floats
    guesses: tuple[dict[float, Floats], dict[float, Floats]]
    rows: NDArray[np.int64]
    columns: tuple[str, ...]
    students: tuple[Guess, Guess]
    inputs: Floats

    @property
    def place(self) -> str:
        """The target and the kind of model."""
        return f"{self.target} · {self.kind}"


def try_target(tables: Tables, target: Coded, most: int, draw: int, share: float) -> list[Trial]:
    """Return the trials of one target, boosted trees and a linear model; none if the test rows hold one value only.

    most : rows to train with at most; share : of the smaller table; draw : which of several draws of them.
    """
    columns = [column for column in tables.columns if column is not target]
    size = min(most, round(share * min(tables.synthetic.height, tables.real.height)))
    rows = {side: _drawn(tables, side, size, f"tstr {target.name} {draw}") for side in TRAIN}
    rows["holdout"] = tables.sample("holdout", most, "tstr")
    rows = {side: places[target.codes[side][places] > 0] for side, places in rows.items()}
    numbers = target.ordered and bool(np.count_nonzero(target.counts("real")[1:]) > 2)
    answers = {side: answers_of(tables, target, side, rows[side], numbers=numbers) for side in rows}
    if min(len(part) for part in answers.values()) < 2 or len(np.unique(answers["holdout"])) < 2:
        return []
    trials = []
    for kind, encode, fit in (("boosted trees", features, _fit_trees), ("linear model", one_hot, _fit_linear)):
        inputs = {side: encode(tables, columns, side, places) for side, places in rows.items()}
        seed = int(tables.rng("tstr", target.name, str(draw)).integers(2**32))
        with one_thread():
            made, real = (fit(inputs[side], answers[side], seed, numbers) for side in TRAIN)
            guesses = made(inputs["holdout"]), real(inputs["holdout"])
        names = tuple(column.name for column in columns) if kind == "boosted trees" else ()
        trials.append(Trial(
            target.name, kind, numbers, answers["holdout"], guesses, rows["holdout"], names, (made, real),
            inputs["holdout"],
        ))  # fmt: skip
    return trials


def _drawn(tables: Tables, side: Side, size: int, purpose: str) -> NDArray[np.int64]:
    """Return sorted rows; tables of one height give the same places, so that equal tables train equal models."""
    rows = tables.rows(side)
    return np.arange(rows) if rows <= size else np.sort(tables.rng(purpose).choice(rows, size=size, replace=False))


def answers_of(tables: Tables, target: Coded, side: Side, rows: NDArray[np.int64], *, numbers: bool) -> Floats:
    """Return (rows,) numbers, or classes 1, 2, ... by frequency; those beyond the fourth count as one."""
    if numbers:
        return target.numbers(side)[rows]
    bins = tables.binned(target, side)[0][rows].astype(np.float64)
    return bins if target.ordered else np.minimum(bins, MOST_CLASSES + 1)


def prediction_shifts(trial: Trial, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return for both students (columns,) how far predictions move when a column is shuffled: its importance."""
    inputs = trial.inputs[:1000]
    shifts = []
    for student in trial.students:
        before = student(inputs)
        moved = []
        for place in range(inputs.shape[1]):
            shuffled = inputs.copy()
            shuffled[:, place] = rng.permutation(shuffled[:, place])
            after = student(shuffled)
            moved.append(float(np.mean([np.abs(after[label] - before[label]).mean() for label in before])))
        shifts.append(np.array(moved))
    return shifts[0], shifts[1]


def _fit_trees(inputs: Floats, answers: Floats, seed: int, numbers: bool) -> Guess:
    """Return a function from inputs to class -> score (regression: one class, 0)."""
    if len(np.unique(answers)) == 1:
        return lambda rows: {float(answers[0]): np.zeros(len(rows))}
    model = boosted_trees(inputs.shape[1], seed, regression=numbers).fit(without_void(inputs), answers)
    if numbers:
        return lambda rows: {0.0: model.predict(rows)}
    return lambda rows: dict(zip(model.classes_.tolist(), model.predict_proba(rows).T, strict=True))


def _fit_linear(inputs: Floats, answers: Floats, seed: int, numbers: bool) -> Guess:
    """Ridge regression on the answer, or on each class as 0 or 1, in closed form."""
    del seed  # drawn by the other kind of model only
    classes = [0.0] if numbers else np.unique(answers).tolist()
    middle = float(answers.mean()) if numbers else 0.0
    wanted = (answers - middle)[:, None] if numbers else (answers[:, None] == np.array(classes)).astype(np.float64)
    gram = inputs.T @ inputs + np.eye(inputs.shape[1])
    weights = np.linalg.solve(gram, inputs.T @ wanted)
    return lambda rows: dict(zip(classes, (rows @ weights + middle).T, strict=True))
