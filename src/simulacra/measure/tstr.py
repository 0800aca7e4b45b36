"""utility.tstr and what belongs to it: is a model trained on synthetic rows as good on real ones?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..contracts import Part, Score
from ..registry import register
from ._changes import Change, score_changes
from ._groups import bin_name, protected_columns
from ._students import Trial, prediction_shifts, try_target
from ._tables import Coded, Tables
from .association import association_matrix

__all__ = ["Tstr"]

MOST_ROWS = 6000
MOST_TARGETS = 3
DRAWS = 3
DRAWN = 0.8
FEWEST = 20
FEWEST_A_CLASS = 5
FEWEST_A_GROUP = 50
FEWEST_CALIBRATED = 500
TRAINING_SPREAD = 1.5
"""The hold-out's noise is widened by this for the other draw of training rows."""
MOVED = 2.5
"""The same for calibration, which another draw of training rows moves more than the hold-out does."""

Floats = NDArray[np.float64]


@register("metric")
class Tstr:
    """Train on synthetic, test on real: against the same model trained on as many real rows; tested on the hold-out.

    utility.tstr : mean over targets, draws and two kinds of model (boosted trees, a linear model) of AUC (classes: one
        against the rest, macro; 0.5 is useless) or R² (numbers; 0 is useless, less counts as 0); up to 1, higher is
        better. Floor: trained on real rows. Parts: each target and model.
    utility.groups : the largest loss of that within a protected group; 0..1, lower is better. Floor: chance.
    utility.calibration : by how much the slope of truth on prediction differs from that of the model trained on real
        rows, the worst of the targets and models; 0 is best, .2 is a prediction a fifth too timid or too bold.
    utility.importance : rank correlation of the columns' importance (how far predictions move when a column is
        shuffled) for the two boosted models; 1 is best. No floor and no default gate.
    The target is the one given, with three draws of training rows; or else up to three columns in turn: those with 2 to
    20 levels, or more than 20 different numbers, whose three strongest associations with other columns are highest;
    classes beyond the fourth count as one.
    Sees: relations that serve a task, label noise. Does not see: most other flaws (an AUC can survive a broken joint
    distribution). At most 6,000 training rows a draw for one target, 3,000 for several; calibration needs 500 rows.
    Source: Esteban, Hyland, Rätsch 2017 (TSTR); calibration slope after Cox 1958.
    """

    name = "utility.tstr"
    family = "utility"
    scores = ("utility.tstr", "utility.groups", "utility.calibration", "utility.importance")

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        why = _unfit(tables)
        targets = [] if why else _targets(tables)
        most = MOST_ROWS if len(targets) == 1 else MOST_ROWS // 2
        smallest = min(tables.synthetic.height, tables.real.height)
        several = len(targets) == 1 and smallest >= FEWEST_CALIBRATED
        draws, share = (DRAWS, DRAWN) if several else (1, 1.0)
        trials = [t for target in targets for d in range(draws) for t in try_target(tables, target, most, d, share)]
        if not trials:
            alone = f"{targets[0].name!r} holds one class or value only in the rows to test on" if targets else ""
            reason = why or alone or _no_target(tables)
            lower = self.scores[1:3]
            return [
                Score(name, self.family, "undefined", better="lower" if name in lower else "higher", reason=reason)
                for name in self.scores
            ]
        return [
            _gain(tables, targets, trials),
            _groups(tables, trials),
            _calibration(tables, trials),
            _importance(tables, trials),
        ]


def _gain(tables: Tables, targets: list[Coded], trials: list[Trial]) -> Score:
    judged = [(trial, *_judge(trial, np.ones(len(trial.truth), dtype=bool))) for trial in trials]
    value, floor = (float(np.mean([scores[side] for _, scores, _ in judged])) for side in (0, 1))
    noise = TRAINING_SPREAD * float(np.mean([noise for *_, noise in judged]))
    places = dict.fromkeys(trial.place for trial in trials)
    means = {
        place: np.mean([scores for trial, scores, _ in judged if trial.place == place], axis=0) for place in places
    }
    ranked = sorted(means.items(), key=lambda item: float(item[1][0] - item[1][1]))
    asked = ", ".join(repr(target.name) for target in targets)
    reason = (
        f"models that predict {asked} reach {_yardstick(trials)} of {value:.3f} on unseen real rows when trained on "
        f"synthetic rows, {floor:.3f} when trained on real ones"
    )
    return Score(
        "utility.tstr", "utility", value=value, low=value - 1.96 * noise, high=value + 1.96 * noise, floor=floor,
        noise=noise, n=tables.rows("holdout"), reason=reason,
        parts=tuple(Part(place, float(both[0]), float(both[1])) for place, both in ranked),
    )  # fmt: skip


def _yardstick(trials: Sequence[Trial]) -> str:
    """Return what the number is: of classes the AUC, of numbers R²."""
    kinds = {trial.numbers for trial in trials}
    return "a mean AUC (numbers: R²)" if len(kinds) > 1 else "an R²" if True in kinds else "an AUC"


def _groups(tables: Tables, trials: list[Trial]) -> Score:
    """Return the largest loss within a group of a protected column."""
    changes = []
    first = trials[0]
    for column in protected_columns(tables)[0]:
        bins, width = tables.binned(column, "holdout", 4)
        for place in range(width):
            own = bins[first.rows] == place
            if first.target == column.name or own.sum() < FEWEST_A_GROUP or len(np.unique(first.truth[own])) < 2:
                continue
            judged = [_judge(trial, own) for trial in trials if trial.target == first.target]
            made, real = (float(np.mean([scores[side] for scores, _ in judged])) for side in (0, 1))
            noise = TRAINING_SPREAD * float(np.mean([noise for _, noise in judged]))
            changes.append(Change(f"{column.name} {bin_name(tables, column, place, 4)}", min(made, real), real, noise))
    return score_changes(
        "utility.groups", changes, n=tables.rows("holdout"),
        told="for {place} models reach {synthetic} when trained on synthetic rows, {real} when trained on real ones",
        nothing="no protected column, or no group of it with enough hold-out rows",
    )  # fmt: skip


def _calibration(tables: Tables, trials: list[Trial]) -> Score:
    name = "utility.calibration"
    if min(tables.rows(side) for side in ("synthetic", "real", "holdout")) < FEWEST_CALIBRATED:
        why = f"fewer than {FEWEST_CALIBRATED} rows to train or test with"
        return Score(name, "utility", "undefined", better="lower", reason=why)
    places: dict[str, list[tuple[float, float, float]]] = {}
    for trial in trials:
        places.setdefault(trial.place, []).append(_slopes(trial))
    found = {place: np.mean(slopes, axis=0) for place, slopes in places.items()}
    ranked = sorted(found.items(), key=lambda item: -abs(float(item[1][0] - item[1][1])))
    place, (made, real, noise) = ranked[0]
    gap, spread = abs(float(made - real)), MOVED * float(noise)
    reason = (
        f"where a model trained on synthetic rows ({place}) says one more, the truth is {made:.2f} more; "
        f"trained on real rows, {real:.2f} more"
    )
    return Score(
        name, "utility", value=gap, low=max(0.0, gap - 1.96 * spread), high=gap + 1.96 * spread, floor=0.0,
        noise=spread, better="lower", n=tables.rows("holdout"), reason=reason,
        parts=tuple(Part(place, float(both[0]), float(both[1])) for place, both in ranked),
    )  # fmt: skip


def _slopes(trial: Trial) -> tuple[float, float, float]:
    """Return the slope of truth on prediction for both trainings, and the standard error of their difference."""
    labels = [0.0] if trial.numbers else [label for label in trial.guesses[1] if (trial.truth == label).any()]
    slopes, influence = [], []
    for guess in trial.guesses:
        top, bottom = np.zeros(len(trial.truth)), np.zeros(len(trial.truth))
        for label in labels:
            truth = trial.truth if trial.numbers else (trial.truth == label).astype(np.float64)
            given = guess.get(label, np.zeros(len(truth)))
            away = given - given.mean()
            top, bottom = top + away * (truth - truth.mean()), bottom + away**2
        slope = float(top.sum() / max(bottom.sum(), 1e-12))
        slopes.append(slope)
        influence.append((top - slope * bottom) / max(bottom.sum(), 1e-12))
    return (
        slopes[0],
        slopes[1],
        float(np.sqrt(((influence[0] - influence[1]) ** 2).sum() + (influence[1] ** 2).sum() / 4)),
    )


def _importance(tables: Tables, trials: list[Trial]) -> Score:
    trial = next(trial for trial in trials if trial.kind == "boosted trees")
    if len(trial.columns) < 3:
        return Score("utility.importance", "utility", "undefined", reason="fewer than three columns to rank")
    made, real = prediction_shifts(trial, tables.rng("importance"))
    ranks = [np.argsort(np.argsort(-part, kind="stable"), kind="stable").astype(float) for part in (made, real)]
    if not made.any() or not real.any():
        return Score("utility.importance", "utility", "undefined", reason="a model found nothing to learn")
    value = float(np.corrcoef(ranks[0], ranks[1])[0, 1])
    order = np.argsort(-np.abs(ranks[0] - ranks[1]), kind="stable")
    top = trial.columns[int(np.argmax(made))], trial.columns[int(np.argmax(real))]
    reason = (
        f"predicting {trial.target!r}, columns matter in the same order to {value:.2f} (1 is the same); "
        f"most matters {top[0]!r} after synthetic rows, {top[1]!r} after real ones"
    )
    return Score(
        "utility.importance", "utility", value=value, n=len(trial.inputs), reason=reason,
        parts=tuple(Part(trial.columns[place], float(made[place]), float(real[place])) for place in order),
    )  # fmt: skip


def _judge(trial: Trial, rows: NDArray[np.bool_]) -> tuple[list[float], float]:
    """Return the scores of both trainings on some of the test rows, and the noise of their difference."""
    guesses = [{label: scores[rows] for label, scores in guess.items()} for guess in trial.guesses]
    return (_r_squared if trial.numbers else _macro_auc)(trial.truth[rows], guesses)


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
    """Return the columns that a rule gives from others: one of an equality, cuts of a number, what a code decides."""
    found: set[str] = set()
    for rule in tables.settled.constraints:
        if any(comparison.sign == "=" for comparison in rule.comparisons) and len(rule.columns) > 1:
            found |= set(rule.columns)
        if rule.kind == "cut":
            found.add(rule.columns[1])
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


def _macro_auc(truth: Floats, guesses: Sequence[dict[float, Floats]]) -> tuple[list[float], float]:
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


def _r_squared(truth: Floats, guesses: Sequence[dict[float, Floats]]) -> tuple[list[float], float]:
    """Return R² of both guesses (below 0 counts as 0), and the standard error of their difference."""
    spread = float(truth.var())
    losses = [(truth - next(iter(guess.values()))) ** 2 / spread for guess in guesses]
    noise = float((losses[0] - losses[1]).std()) / len(truth) ** 0.5
    return [max(0.0, 1 - float(loss.mean())) for loss in losses], max(noise, 0.5 / len(truth))
