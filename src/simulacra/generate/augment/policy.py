"""Which augmentation, if any: the one that is believed to gain most, if that is worth the rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...contracts.tables import Progress, Silent
from ...seeds import Seeds
from .evidence import Evidence, mean_gain, prior_of, standard_error, weigh
from .field import Field, Metric, most_folds
from .sources import Source, Variants
from .students import Student
from .trials import NONE, Candidate, Goal, Trials

__all__ = ["LEAST_GAIN", "METRICS", "Choice", "Plan", "candidates_of", "choose"]

LEAST_GAIN = 0.002
"""Of the metric, to be expected: below it nobody should carry the rows along."""

Floats = NDArray[np.float64]
METRICS: dict[Metric, str] = {"accuracy": "accuracy", "balanced": "balanced accuracy", "auc": "AUC"}
_MIX = ("synonyms", "rewrite", "keyboard")
_SHARES = (0.5, 0.7)  # of the training examples, for the learning curve


@dataclass(frozen=True, slots=True)
class Plan:
    """How thoroughly the policy looks.

    folds, repeats : of the cross-validation. amount : variants for each example. goal : see `trials.Candidate`.
    thorough : try every source and mix, not only those that were safe before.
    """

    folds: int = 5
    repeats: int = 2
    amount: int = 4
    goal: Goal = "more"
    thorough: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """What the policy says.

    candidate : what to do, None for "do not augment". base : the metric without augmentation. tried : best first.
    curve : (examples, metric) without augmentation, for half, seven tenths and all of them: each share is asked about
    the same folds. worth : what is believed of it in real examples (middle, low, high); None if the metric does not
    rise with examples or nothing was chosen.
    """

    candidate: Candidate | None
    base: float
    metric: Metric
    student: str
    tried: tuple[Evidence, ...]
    curve: tuple[tuple[int, float], ...] = ()
    worth: tuple[float, float, float] | None = None

    @property
    def says(self) -> str:
        """The verdict in a sentence."""
        if not self.tried:
            return "do not augment: there was nothing to try"
        best, metric = self.tried[0], METRICS[self.metric]
        elsewhere = (
            f"{best.prior.mean:+.3f} ± {best.prior.spread:.3f} on other data"
            if best.prior.measured
            else "not measured elsewhere"
        )
        found = (
            f"{best.gain:+.3f} ± {best.error:.3f} in cross-validation, {elsewhere}: "
            f"{best.belief:+.3f} ± {best.doubt:.3f} is to be expected"
        )
        if self.candidate is None:
            return (
                f"do not augment: nothing is likely to raise the {metric} of {self.student}; "
                f"the best of {len(self.tried)}, {best.candidate}: {found}"
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
    if goal != "more":  # new labels come in the shares of the batch: nobody can ask for those of some rows alone
        relabelled = [one for one in groups if any(sources[member].relabels for member in one[1])]
        groups = [one for one in groups if one not in relabelled]
        if goal == "balance" and field.metric == "balanced":
            found += [
                Candidate(f"{name} and threshold", names, amount, min(1.0, total / amount), threshold=True)
                for name, names, totals in relabelled
                for total in totals
            ]
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

    All candidates are tried in `plan.repeats` repeats of a grouped cross-validation; each example is paired with itself
    without augmentation. The gain in the metric is weighed with what is known of the candidate (`evidence`). Of
    one that made no variant here nothing is expected, whatever it gained elsewhere, and it stands last.
    Complexity: repeats x folds x candidates fits of the student.
    """
    plan, progress = plan or Plan(), progress or Silent()
    variants = Variants(sources, seeds.child("variants"))
    trials = Trials(field, student, variants, seeds, min(plan.folds, most_folds(field)))
    compared = _Compared(trials, plan.repeats)
    candidates = candidates_of(sources, field, plan)
    progress.start("trials", len(candidates) * plan.repeats)
    tried = []
    for candidate in candidates:
        tried.append(compared.evidence(candidate))
        progress.advance(plan.repeats)
    tried.sort(key=lambda one: (compared.idle(one.candidate), -one.belief))
    best = tried[0] if tried and tried[0].belief > LEAST_GAIN else None
    curve = [(round(share * len(field.records)), compared.metric(NONE, share)) for share in (*_SHARES, 1.0)]
    return Choice(
        best.candidate if best else None, curve[-1][1], field.metric, student.name, tuple(tried), tuple(curve),
        _worth(best.belief, best.doubt, curve) if best else None,
    )  # fmt: skip


@dataclass(slots=True)
class _Compared:
    """How the examples fare with what was tried, against none in the same folds."""

    trials: Trials
    repeats: int
    _fares: dict[tuple[Candidate, float], Floats] = dataclasses.field(default_factory=dict)

    def metric(self, candidate: Candidate, share: float = 1.0) -> float:
        return float(self.fares(candidate, share).mean())

    def fares(self, candidate: Candidate, share: float = 1.0) -> Floats:
        """Return (examples,) how each fares; share : of each class's training examples to learn from."""
        if (candidate, share) not in self._fares:
            told = [
                self.trials.fares(self.trials.scores(candidate, repeat, share=share), repeat)
                for repeat in range(self.repeats)
            ]
            self._fares[candidate, share] = np.asarray(np.mean(told, axis=0))
        return self._fares[candidate, share]

    def idle(self, candidate: Candidate) -> bool:
        """Whether its transforms made nothing here that the checks let through: then no gain is to be expected."""
        return bool(candidate.sources) and not self.trials.made[candidate]

    def evidence(self, candidate: Candidate) -> Evidence:
        data, student = self.trials.data, self.trials.student
        gains = self.fares(candidate) - self.fares(NONE)
        prior = prior_of(candidate, student.kind, data.metric)
        if self.idle(candidate):
            prior = dataclasses.replace(prior, mean=0.0)
        return weigh(
            candidate, mean_gain(gains, data), standard_error(gains, data), prior,
            folds=self.trials.folds,
        )  # fmt: skip


def _worth(gain: float, error: float, curve: Sequence[tuple[int, float]]) -> tuple[float, float, float] | None:
    """Return how many more real examples would give the gain: by the slope of the curve over doublings."""
    sizes = np.log2([size for size, _ in curve])
    slope = float(np.polyfit(sizes, [value for _, value in curve], 1)[0])
    if slope <= 0:
        return None
    size, gains = curve[-1][0], (gain, gain - 1.64 * error, gain + 1.64 * error)
    middle, low, high = (size * (2.0 ** min(max(one / slope, -1.0), 2.0) - 1) for one in gains)
    return middle, low, high
