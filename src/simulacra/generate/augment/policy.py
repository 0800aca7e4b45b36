"""Which augmentation, if any: the best whose gain over none, less what choosing adds to it, is above zero."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...contracts.tables import Progress, Silent
from ...seeds import Seeds
from .evidence import Evidence, log_likelihood, mean_gain, optimism, standard_error
from .field import Field, Metric, most_folds
from .sources import Source, Variants
from .students import Student
from .trials import NONE, Candidate, Goal, Trials

__all__ = ["TABLES", "Choice", "Plan", "candidates_of", "choose"]

Floats = NDArray[np.float64]
_WORDS: dict[Metric, str] = {"accuracy": "accuracy", "balanced": "balanced accuracy", "auc": "AUC"}
_MIX = ("synonyms", "rewrite", "keyboard")
_SHARES = (0.5, 0.7)  # of the training examples, for the learning curve


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
class Choice:
    """What the policy says.

    candidate : what to do, None for "do not augment". base : the metric without augmentation. tried : best first.
    optimism : what choosing the best of them adds to its belief, by choosing on some examples and looking at others.
    curve : (examples, metric) without augmentation, for half, seven tenths and all of them: each share is asked about
    the same folds. worth : the gain in real examples (middle, low, high), by what decides; None if that does not rise
    with examples or nothing was chosen.
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
        found = f"{best.gain:+.3f} ± {best.error:.3f} in cross-validation"
        luck = f"of which {self.optimism:.3f} may be luck"
        found += f", {luck}" if self.metric == "auc" else f" (log-likelihood {best.belief:+.3f} an example, {luck})"
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

    All candidates are tried in `plan.screening` repeats of a grouped cross-validation, the best few in more; each
    example is paired with itself without augmentation. What decides is the log-likelihood of the calibrated student, or
    the AUC (`evidence`). The examples themselves are what is uncertain, so the standard error is over examples; what
    looking at many adds to the best is measured (`optimism`) and taken off.
    Complexity: repeats x folds x candidates fits of the student.
    """
    plan, progress = plan or Plan(), progress or Silent()
    candidates = candidates_of(sources, field, plan)
    variants = Variants(sources, seeds.child("variants"))
    trials = Trials(field, student, variants, seeds, min(plan.folds, most_folds(field)))
    progress.start("trials", len(candidates) * plan.screening + plan.finalists * (plan.repeats - plan.screening))
    compared = _Compared(trials)

    def look(asked: Sequence[Candidate], repeats: int) -> list[Evidence]:
        for candidate in asked:
            before = compared.repeats(candidate)
            compared.extend(candidate, repeats)
            progress.advance(repeats - before)
        # Those looked at most come first: only they can be chosen.
        told = [compared.evidence(one, plan.caution) for one in candidates]
        return sorted(told, key=lambda one: (-one.repeats, -one.low))

    compared.extend(NONE, plan.repeats)
    tried = look(candidates, plan.screening)
    screened = np.array([compared.belief(one) for one in candidates])
    tried = look([one.candidate for one in tried[: plan.finalists]], plan.repeats)
    luck = optimism(screened, field, plan.caution, seeds.child("optimism").rng()) if candidates else 0.0
    best = tried[0] if tried and tried[0].low - luck > 0 else None
    shares = [
        (share, [trials.scores(NONE, repeat, share=share) for repeat in range(plan.repeats)]) for share in _SHARES
    ]
    curve = [(round(share * len(field.records)), compared.metric(scores)) for share, scores in shares]
    base = compared.metric(compared.scores[NONE])
    believed = [(count, compared.believed(scores)) for (count, _), (_, scores) in zip(curve, shares, strict=True)]
    believed.append((len(field.records), compared.believed(compared.scores[NONE])))
    worth = _worth(best.belief - luck, compared.doubt(best.candidate), believed) if best else None
    return Choice(
        best.candidate if best else None, base, field.metric, student.name, tuple(tried), luck,
        (*curve, (len(field.records), base)), worth,
    )  # fmt: skip


@dataclass(slots=True)
class _Compared:
    """The scores of what was tried, by repeat, and what they say against those of none in the same repeats."""

    trials: Trials
    scores: dict[Candidate, list[Floats]] = dataclasses.field(default_factory=dict)

    def repeats(self, candidate: Candidate) -> int:
        return len(self.scores.get(candidate, ()))

    def extend(self, candidate: Candidate, repeats: int) -> None:
        found = self.scores.setdefault(candidate, [])
        found += [self.trials.scores(candidate, repeat) for repeat in range(len(found), repeats)]

    def metric(self, scores: Sequence[Floats]) -> float:
        return float(np.mean(self._fares(scores)))

    def believed(self, scores: Sequence[Floats]) -> float:
        data = self.trials.data
        return self.metric(scores) if data.metric == "auc" else float(log_likelihood(data, scores).mean())

    def belief(self, candidate: Candidate) -> Floats:
        """Return (examples,) the gain in what decides."""
        own, none = self._beside_none(candidate)
        if self.trials.data.metric == "auc":
            return self._fares(own) - self._fares(none)
        return log_likelihood(self.trials.data, own) - log_likelihood(self.trials.data, none)

    def doubt(self, candidate: Candidate) -> float:
        return standard_error(self.belief(candidate), self.trials.data)

    def evidence(self, candidate: Candidate, caution: float) -> Evidence:
        data = self.trials.data
        own, none = self._beside_none(candidate)
        gains, belief = self._fares(own) - self._fares(none), self.belief(candidate)
        known = mean_gain(belief, data)
        low = known - caution * standard_error(belief, data)
        return Evidence(candidate, mean_gain(gains, data), standard_error(gains, data), known, low, len(own))

    def _beside_none(self, candidate: Candidate) -> tuple[list[Floats], list[Floats]]:
        own = self.scores[candidate]
        return own, self.scores[NONE][: len(own)]

    def _fares(self, scores: Sequence[Floats]) -> Floats:
        return np.asarray(np.mean([self.trials.fares(one, repeat) for repeat, one in enumerate(scores)], axis=0))


def _worth(gain: float, error: float, curve: Sequence[tuple[int, float]]) -> tuple[float, float, float] | None:
    """Return how many more real examples would give the gain: by the slope of the curve over doublings."""
    sizes = np.log2([size for size, _ in curve])
    slope = float(np.polyfit(sizes, [value for _, value in curve], 1)[0])
    if slope <= 0:
        return None
    size, gains = curve[-1][0], (gain, gain - 1.64 * error, gain + 1.64 * error)
    middle, low, high = (size * (2.0 ** min(max(one / slope, -1.0), 2.0) - 1) for one in gains)
    return middle, low, high
