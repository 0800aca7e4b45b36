"""Which augmentation, if any: the one whose gain over none, less what choosing adds to it, is surely above zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...contracts.tables import Progress, Silent
from ...seeds import Seeds
from .field import Field, Metric, make_field
from .sources import Source, Variants
from .students import Student
from .trials import NONE, Candidate, Goal, Trials

__all__ = ["NONE", "TABLES", "Choice", "Evidence", "Plan", "candidates_of", "choose", "make_field", "optimism"]

Floats = NDArray[np.float64]
_WORDS: dict[Metric, str] = {"accuracy": "accuracy", "balanced": "balanced accuracy", "auc": "AUC"}
_MIX = ("synonyms", "rewrite", "keyboard")
_PARTS, _PARTINGS = 5, 4


@dataclass(frozen=True, slots=True)
class Plan:
    """How thoroughly the policy looks.

    folds, screening, repeats : folds; repeats of all candidates; repeats of the best ones in all. finalists : how many.
    caution : standard errors that a gain must exceed once what choosing adds is taken off; at 0 the best guess decides,
    as with few examples no error is small. amount : variants for each example.
    goal : see `trials.Candidate`. thorough : try every source and mix, not only those that were safe before.
    """

    folds: int = 5
    screening: int = 2
    repeats: int = 4
    finalists: int = 2
    caution: float = 0.0
    amount: int = 4
    goal: Goal = "more"
    thorough: bool = False


TABLES = Plan(repeats=3, finalists=1, caution=1.0)
"""For rows of tables, whose students learn more slowly."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a candidate was found to be worth against none: mean gain of the metric, its standard error, lower bound.

    repeats : how many repeats of the cross-validation it rests on.
    """

    candidate: Candidate
    gain: float
    error: float
    low: float
    repeats: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What the policy says.

    candidate : what to do, None for "do not augment". base : the metric without augmentation. tried : best first.
    optimism : what choosing the best of them adds to its gain, by choosing on some examples and looking at others.
    curve : (examples, metric) without augmentation. worth : the gain in real examples (middle, low, high), None if the
    curve does not rise or nothing was chosen.
    """

    candidate: Candidate | None
    base: float
    metric: Metric
    student: str
    tried: tuple[Evidence, ...]
    optimism: float = 0.0
    curve: tuple[tuple[int, float], ...] = ()
    worth: tuple[float, float, float] | None = None

    @property
    def says(self) -> str:
        """The verdict in a sentence."""
        if not self.tried:
            return "do not augment: there was nothing to try"
        best, metric = self.tried[0], _WORDS[self.metric]
        found = f"{best.gain:+.3f} ± {best.error:.3f} in cross-validation, of which {self.optimism:.3f} may be luck"
        if self.candidate is None:
            return (
                f"do not augment: nothing raises the {metric} of {self.student} for certain; "
                f"the best of {len(self.tried)}, {best.candidate}, gained {found}"
            )
        return f"augment with {self.candidate}: {metric} of {self.student} {self.base:.3f}, {found}"


def candidates_of(sources: dict[str, Source], field: Field, plan: Plan) -> list[Candidate]:
    """Return what is tried beside none: weights, threshold, sources and mixes by weight, aimed at the plan's goal."""
    found: list[Candidate] = []
    counts = np.bincount(field.truth)
    if counts.max() > 1.2 * counts[counts > 0].min():
        found += [Candidate("class weights", balance=True)]
        if field.metric != "auc":
            found += [Candidate("threshold", threshold=True)]
    amount, goal = plan.amount, plan.goal
    if plan.thorough:
        found.append(
            Candidate("duplicates", amount=amount, weight=_weight(1.0, plan, amount), duplicates=True, goal=goal)
        )
    wide = plan.thorough or goal == "balance"  # few ways to balance, so all are looked at
    groups: list[tuple[str, tuple[str, ...], tuple[float, ...]]] = [
        (name, (name,), source.totals or ((1.0,) if wide else ())) for name, source in sources.items()
    ]
    if plan.thorough:
        groups += [("paraphrase and slips", _MIX, (1.5,))] if set(_MIX) <= set(sources) else []
        groups += [(f"all {kind}", names, (1.0,)) for kind, names in _kinds(sources).items() if len(names) > 1]
    for name, members, totals in groups:
        most = sum(amount if (one := sources[member].most) is None else one for member in members)
        count = min(amount, most)
        weights = dict.fromkeys(_weight(total, plan, count) for total in totals)
        found += [Candidate(name, members, count, weight, goal=goal) for weight in weights]
    return found


def _weight(total: float, plan: Plan, amount: int) -> float:
    return 1.0 if plan.goal == "balance" else min(1.0, total / amount)


def _kinds(sources: dict[str, Source]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, source in sources.items():
        found[source.transform.kind] = (*found.get(source.transform.kind, ()), name)
    return found


def choose(
    field: Field,
    student: Student,
    sources: dict[str, Source],
    seeds: Seeds,
    *,
    plan: Plan | None = None,
    progress: Progress | None = None,
) -> Choice:
    """Return what to do with these examples and this student, and the evidence.

    All candidates are tried in `plan.screening` repeats of a grouped cross-validation, the best few in more; the gain
    of each example is paired with how it fares without augmentation. The examples themselves are what is uncertain, so
    the standard error is over examples; what looking at many adds to the best is measured (`optimism`) and taken off.
    Complexity: repeats x folds x candidates fits of the student.
    """
    plan, progress = plan or Plan(), progress or Silent()
    candidates = candidates_of(sources, field, plan)
    trials = Trials(field, student, Variants(sources, seeds.child("variants")), seeds, plan.folds)
    progress.start("trials", len(candidates) * plan.screening + plan.finalists * (plan.repeats - plan.screening))
    none = np.array([trials.fares(NONE, repeat) for repeat in range(plan.repeats)])
    found: dict[Candidate, list[Floats]] = {candidate: [] for candidate in candidates}

    def look(asked: Sequence[Candidate], repeats: range) -> list[Evidence]:
        for candidate in asked:
            found[candidate] += [trials.fares(candidate, repeat) - none[repeat] for repeat in repeats]
            progress.advance(len(repeats))
        # Those looked at most come first: only they can be chosen.
        told = [_evidence(one, np.array(gains), field, plan) for one, gains in found.items()]
        return sorted(told, key=lambda one: (-one.repeats, -one.low))

    tried = look(candidates, range(plan.screening))
    screened = np.array([np.mean(found[one], axis=0) for one in candidates])
    tried = look([one.candidate for one in tried[: plan.finalists]], range(plan.screening, plan.repeats))
    luck = optimism(screened, field, plan.caution, seeds.child("optimism").rng()) if candidates else 0.0
    best = tried[0] if tried and tried[0].low - luck > 0 else None
    curve = _curve(trials, plan.repeats, float(none.mean()))
    worth = _worth(best, luck, curve) if best else None
    return Choice(
        best.candidate if best else None, float(none.mean()), field.metric, student.name, tuple(tried), luck, curve,
        worth,
    )  # fmt: skip


def optimism(gains: Floats, field: Field, caution: float, rng: np.random.Generator) -> float:
    """Return by how much the gain of the best of several candidates is too high because it was chosen.

    gains : (candidates, examples). The examples are parted by group, some times over; for each part the best is chosen
    on the others and looked at on this one. The mean of what is then seen is free of the choice; the difference to the
    gain of the best of all is the answer, 0 if that is below zero. So candidates count as what they are worth: many
    that say the same cost nothing.
    """
    groups, place = np.unique(field.groups, return_inverse=True)

    def best(seen: NDArray[np.bool_]) -> int:
        lows = [_mean(one, field, seen) - caution * _standard_error(one, field, seen) for one in gains]
        return int(np.argmax(lows))

    everyone = np.ones(gains.shape[1], dtype=bool)
    honest = np.zeros(gains.shape[1])
    for _ in range(_PARTINGS):
        part = rng.permutation(np.arange(len(groups)) % _PARTS)[place]
        for number in range(_PARTS):
            held = part == number
            if held.any():
                honest[held] += gains[best(~held)][held] / _PARTINGS
    return max(0.0, _mean(gains[best(everyone)], field, everyone) - _mean(honest, field, everyone))


def _evidence(candidate: Candidate, gains: Floats, field: Field, plan: Plan) -> Evidence:
    mean = gains.mean(axis=0)
    everyone = np.ones(len(mean), dtype=bool)
    gain, error = _mean(mean, field, everyone), _standard_error(mean, field, everyone)
    return Evidence(candidate, gain, error, gain - plan.caution * error, len(gains))


def _mean(gains: Floats, field: Field, seen: NDArray[np.bool_]) -> float:
    """Return the gain of the metric; of an AUC the mean over both classes, whose parts are the same if all are seen."""
    if field.metric != "auc":
        return float(gains[seen].mean())
    parts = [gains[seen & (field.truth == label)] for label in (0, 1)]
    return float(np.mean([part.mean() for part in parts if len(part)]))


def _standard_error(gains: Floats, field: Field, seen: NDArray[np.bool_]) -> float:
    """Return the error of the mean gain over groups of examples; of an AUC, over both classes (DeLong)."""
    if field.metric == "auc":
        parts = [gains[seen & (field.truth == label)] for label in (0, 1)]
        return float(np.sqrt(sum(part.var(ddof=1) / len(part) for part in parts if len(part) > 1)))
    gains, own = gains[seen], field.groups[seen]
    groups, place = np.unique(own, return_inverse=True)
    sums = np.bincount(place, gains - gains.mean())
    count = len(groups)
    return float(np.sqrt((sums**2).sum() * count / max(count - 1, 1)) / len(gains))


def _curve(trials: Trials, repeats: int, whole: float) -> tuple[tuple[int, float], ...]:
    """Return (examples, metric) at a half, seven tenths and all of the examples, without augmentation.

    Each share of the training examples is asked about the same folds, so the points differ by what was learned alone.
    """
    count = len(trials.data.records)
    points = [
        (round(share * count), float(np.mean([trials.fares(NONE, repeat, share=share) for repeat in range(repeats)])))
        for share in (0.5, 0.7)
    ]
    return (*points, (count, whole))


def _worth(best: Evidence, luck: float, curve: Sequence[tuple[int, float]]) -> tuple[float, float, float] | None:
    """Return how many more real examples would give the gain: by the slope of the curve over doublings."""
    sizes = np.log2([size for size, _ in curve])
    slope = float(np.polyfit(sizes, [value for _, value in curve], 1)[0])
    if slope <= 0:
        return None
    size, gain = curve[-1][0], best.gain - luck
    gains = (gain, gain - 1.64 * best.error, gain + 1.64 * best.error)
    middle, low, high = (size * (2.0 ** min(max(one / slope, -1.0), 2.0) - 1) for one in gains)
    return middle, low, high
