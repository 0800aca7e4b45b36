"""utility.tstr: is a model trained on synthetic rows as good on real ones?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..contracts import Part, Score
from ..registry import register
from ._learn import boosted_trees, features, one_hot, one_thread, without_void
from ._tables import Coded, Side, Tables
from .association import association_matrix

__all__ = ["Tstr"]

MOST_ROWS = 10_000
MOST_TARGETS = 3
FEWEST = 20
FEWEST_A_CLASS = 5
TRAINING_SPREAD = 1.5
"""The hold-out's noise is widened by this for the other draw of training rows."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trial:
    """A target and a kind of model: the score when trained on synthetic and on real rows, noise of the difference."""

    place: str
    synthetic: float
    real: float
    noise: float


@register("metric")
class Tstr:
    """Train on synthetic, test on real: against the same model trained on as many real rows; tested on the hold-out.

    utility.tstr : mean over targets and two kinds of model (boosted trees, a linear model) of AUC (classes: one against
        the rest, macro; 0.5 is useless) or R² (numbers; 0 is useless, less counts as 0); up to 1, higher is better.
        Floor: trained on real rows. Parts: each target and model.
    The target is the one given, or else up to three columns in turn: those with 2 to 20 levels, or more than 20
    different numbers, whose three strongest associations with other columns are highest; none that a rule gives
    from others (any column of an equality, what a code decides), for that would measure the rule.
    Sees: relations that serve a task. Does not see: most other flaws (an AUC can survive a broken joint distribution).
    At most 10,000 training rows for one target, 5,000 for several. Source: Esteban, Hyland, Rätsch 2017 (TSTR).
    """

    name = "utility.tstr"
    family = "utility"
    scores = ("utility.tstr",)

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        why = _unfit(tables)
        targets = [] if why else _targets(tables)
        if not targets:
            return [Score(self.name, self.family, "undefined", reason=why or _no_target(tables))]
        trials = [trial for target in targets for trial in _try(tables, target, MOST_ROWS // min(len(targets), 2))]
        if not trials:
            why = f"{targets[0].name!r} holds one class or value only in the rows to test on"
            return [Score(self.name, self.family, "undefined", reason=why)]
        value, floor = (float(np.mean([getattr(trial, side) for trial in trials])) for side in ("synthetic", "real"))
        noise = float(np.mean([trial.noise for trial in trials]))
        ranked = sorted(trials, key=lambda trial: trial.synthetic - trial.real)
        asked = ", ".join(repr(target.name) for target in targets)
        reason = (
            f"models that predict {asked} reach {value:.3f} on unseen real rows when trained on synthetic rows, "
            f"{floor:.3f} when trained on real ones"
        )
        return [Score(
            self.name, self.family, value=value, low=value - 1.96 * noise, high=value + 1.96 * noise, floor=floor,
            noise=noise, n=tables.rows("holdout"), reason=reason,
            parts=tuple(Part(trial.place, trial.synthetic, trial.real) for trial in ranked),
        )]  # fmt: skip


def _unfit(tables: Tables) -> str:
    """Return why utility cannot be measured, or nothing."""
    if tables.holdout is None:
        return "there is no hold-out: a model must be tested on real rows that nothing was trained on"
    smallest = min(tables.rows(side) for side in ("synthetic", "real", "holdout"))
    if smallest < FEWEST:
        return f"only {smallest} rows to train or test with ({FEWEST} needed)"
    if tables.target is not None and tables.target not in tables.by_name:
        return f"the target {tables.target!r} is made up by design"
    return "" if len(tables.columns) > 1 else "there is no other column to predict from"


def _targets(tables: Tables) -> list[Coded]:
    if tables.target is not None:
        return [tables.by_name[tables.target]]
    names, matrix = association_matrix(tables.real.head(5000), tables.schema)
    strength = np.sort(np.abs(matrix), axis=1)[:, -4:-1].mean(axis=1) if len(names) > 1 else np.zeros(len(names))
    ranked = [tables.by_name[names[place]] for place in np.argsort(-strength, kind="stable")]
    determined = _determined(tables)
    return [column for column in ranked if _can_be_target(column) and column.name not in determined][:MOST_TARGETS]


def _determined(tables: Tables) -> set[str]:
    """Return the columns that a rule gives from others: any one of an equality, and what a code decides."""
    found: set[str] = set()
    for rule in tables.settled.constraints:
        if any(comparison.sign == "=" for comparison in rule.comparisons) and len(rule.columns) > 1:
            found |= set(rule.columns)
        if rule.kind == "combinations":
            pairs = tables.real.select(rule.columns).unique()
            found |= {name for name in rule.columns if pairs.select(pl.exclude(name)).n_unique() == pairs.height}
    return found


def _no_target(tables: Tables) -> str:
    determined = _determined(tables)
    if any(_can_be_target(column) for column in tables.columns if column.name in determined):
        return "every column that could serve as a target is determined by others through a rule of the schema"
    return "no column can serve as a target"


def _can_be_target(column: Coded) -> bool:
    distinct = int(np.count_nonzero(column.counts("real")[1:]))
    return distinct > 20 if column.ordered else 2 <= distinct <= 20


def _try(tables: Tables, target: Coded, most: int) -> list[Trial]:
    """Return the trials of one target: boosted trees and a linear model; none if the test rows hold one value only."""
    columns = [column for column in tables.columns if column is not target]
    size = min(most, tables.synthetic.height, tables.real.height)
    rows = {side: tables.sample(side, size, f"tstr {target.name}") for side in _TRAIN}
    rows["holdout"] = tables.sample("holdout", most, "tstr")
    rows = {side: places[target.codes[side][places] > 0] for side, places in rows.items()}
    numbers = target.ordered and bool(np.count_nonzero(target.counts("real")[1:]) > 2)
    answers = {side: _answers(tables, target, side, rows[side], numbers) for side in rows}
    if min(len(part) for part in answers.values()) < 2 or len(np.unique(answers["holdout"])) < 2:
        return []
    judge = _r_squared if numbers else _macro_auc
    trials = []
    for kind, encode, fit in (("boosted trees", features, _fit_trees), ("linear model", one_hot, _fit_linear)):
        inputs = {side: encode(tables, columns, side, places) for side, places in rows.items()}
        seed = int(tables.rng("tstr", target.name).integers(2**32))
        with one_thread():
            guesses = [fit(inputs[side], answers[side], seed, numbers)(inputs["holdout"]) for side in _TRAIN]
        scores, noise = judge(answers["holdout"], guesses)
        trials.append(Trial(f"{target.name} · {kind}", scores[0], scores[1], TRAINING_SPREAD * noise))
    return trials


_TRAIN: tuple[Side, Side] = ("synthetic", "real")

Guess = Callable[[Floats], dict[float, Floats]]


def _answers(tables: Tables, target: Coded, side: Side, rows: NDArray[np.int64], numbers: bool) -> Floats:
    if numbers:
        return target.numbers(side)[rows]
    return tables.binned(target, side)[0][rows].astype(np.float64)


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


def _macro_auc(truth: Floats, guesses: list[dict[float, Floats]]) -> tuple[list[float], float]:
    """Return the macro AUC of both guesses, and the standard error of their difference (DeLong, paired)."""
    classes, often = np.unique(truth, return_counts=True)
    enough = classes[(often >= FEWEST_A_CLASS) & (len(truth) - often >= FEWEST_A_CLASS)]
    areas, errors = [], []
    for label in enough if len(enough) else classes:
        own = truth == label
        places = [_placements(guess.get(label, np.zeros(len(truth))), own) for guess in guesses]
        areas.append([above.mean() for above, _ in places])
        gaps = [places[0][side] - places[1][side] for side in (0, 1)]
        errors.append(sum(float(gap.var()) / len(gap) for gap in gaps) ** 0.5)
    return [float(mean) for mean in np.mean(areas, axis=0)], max(float(np.mean(errors)), 0.5 / len(truth))


def _placements(scores: Floats, own: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return for each row of the class the share of others below it, and for each other row that of the class above."""
    inside, outside = scores[own], scores[~own]
    a, b = np.sort(inside), np.sort(outside)
    above = (np.searchsorted(b, inside, "left") + np.searchsorted(b, inside, "right")) / (2 * len(b))
    below = 1 - (np.searchsorted(a, outside, "left") + np.searchsorted(a, outside, "right")) / (2 * len(a))
    return above, below


def _r_squared(truth: Floats, guesses: list[dict[float, Floats]]) -> tuple[list[float], float]:
    """Return R² of both guesses (below 0 counts as 0), and the standard error of their difference."""
    spread = float(truth.var())
    losses = [(truth - next(iter(guess.values()))) ** 2 / spread for guess in guesses]
    noise = float((losses[0] - losses[1]).std()) / len(truth) ** 0.5
    return [max(0.0, 1 - float(loss.mean())) for loss in losses], max(noise, 0.5 / len(truth))
