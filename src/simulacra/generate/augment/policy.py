"""Which augmentation, if any: the one whose gain over none has the best lower bound; none if no bound is above zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...contracts.rows import Record
from ...contracts.tables import Progress, Silent
from ...errors import DataError
from ...seeds import Seeds
from .sources import Source, Variants
from .students import Student
from .trials import Candidate, Field, Metric, folds_of, fractions

__all__ = ["Choice", "Evidence", "Plan", "candidates_of", "choose", "make_field"]

Floats = NDArray[np.float64]
NONE = Candidate("none")


@dataclass(frozen=True, slots=True)
class Plan:
    """How thoroughly the policy looks.

    folds, screening, repeats : folds; repeats of all candidates; repeats of the best ones in all. finalists : how many.
    caution : standard errors that a gain must exceed. amounts, weights : tried for every source.
    """

    folds: int = 5
    screening: int = 2
    repeats: int = 6
    finalists: int = 4
    caution: float = 1.64
    amounts: tuple[int, ...] = (2,)
    weights: tuple[float, ...] = (0.5, 1.0)


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
    curve : (examples, metric) without augmentation. worth : the gain in real examples (middle, low, high), None if the
    curve does not rise or nothing was chosen.
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
        best = self.tried[0] if self.tried else None
        if self.candidate is None:
            seen = (
                f"; the best of {len(self.tried)}, {best.candidate}, gained {best.gain:+.3f} ± {best.error:.3f}"
                if best
                else ""
            )
            return f"do not augment: nothing raises the {self.metric} of {self.student} for certain{seen}"
        chosen = next(one for one in self.tried if one.candidate == self.candidate)
        return (
            f"augment with {self.candidate}: {self.metric} of {self.student} {self.base:.3f} {chosen.gain:+.3f} "
            f"± {chosen.error:.3f} in cross-validation"
        )


def candidates_of(sources: dict[str, Source], field: Field, plan: Plan) -> list[Candidate]:
    """Return what is tried beside none: duplicates, weights, threshold, sources and mixes by amount and weight."""
    found = [Candidate("duplicates", amount=1, duplicates=True)]
    counts = np.bincount(field.truth)
    if counts.max() > 1.2 * counts[counts > 0].min():
        found += [Candidate("class weights", balance=True), Candidate("threshold", threshold=True)]
    families: dict[str, list[str]] = {}
    for name, source in sources.items():
        families.setdefault(source.transform.kind, []).append(name)
    groups: dict[str, tuple[str, ...]] = {name: (name,) for name in sources}
    groups |= {f"all {kind}": tuple(names) for kind, names in families.items() if len(names) > 1}
    if len(families) > 1:
        groups["paraphrase and noise"] = tuple(
            name for name in sources if sources[name].transform.kind in ("paraphrase", "noise", "translation")
        )
    for name, members in groups.items():
        if members:
            amounts = {max(amount, min(len(members), 4)) for amount in plan.amounts}
            found += [Candidate(name, members, amount, weight) for amount in sorted(amounts) for weight in plan.weights]
    return found


def make_field(records: Sequence[Record], metric: Metric, groups: NDArray[np.int64] | None = None) -> Field:
    """Return the examples of the trials; DataError if there are fewer than two classes, or examples of a class.

    groups : (records,) what must stay in one fold, None for near-duplicate texts or equal rows.
    """
    labels = [str(record.label) for record in records]
    classes = tuple(sorted(set(labels)))
    if len(classes) < 2:
        raise DataError(f"there is {len(classes)} class", hint="give examples of two classes or more, labelled")
    counts = {label: labels.count(label) for label in classes}
    few = min(counts, key=counts.__getitem__)
    if counts[few] < 2:
        raise DataError(f"the class {few!r} has one example", hint="give two or more of each class")
    if metric == "auc" and len(classes) != 2:
        raise DataError(f"AUC is for two classes, here are {len(classes)}", hint="use accuracy or balanced")
    truth = np.array([classes.index(label) for label in labels], dtype=np.int64)
    groups = _groups(records) if groups is None else groups
    for place, label in enumerate(classes):
        if len(np.unique(groups[truth == place])) < 2:
            raise DataError(f"the examples of {label!r} all say the same", hint="give two or more that differ")
    return Field(tuple(records), classes, truth, groups, metric)


def _groups(records: Sequence[Record]) -> NDArray[np.int64]:
    from ...text.near import group_near_duplicates

    if any(record.text for record in records):
        return group_near_duplicates([record.text for record in records])
    first: dict[str, int] = {}
    return np.array(
        [first.setdefault(repr(sorted(record.fields.items())), place) for place, record in enumerate(records)],
        dtype=np.int64,
    )


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
    the standard error is over examples. Complexity: repeats x folds x candidates fits of the student.
    """
    plan, progress = plan or Plan(), progress or Silent()
    variants = Variants(sources, seeds.child("variants"))
    folds = [folds_of(field, plan.folds, seeds.child("folds", repeat).rng()) for repeat in range(plan.repeats)]
    candidates = candidates_of(sources, field, plan)
    progress.start("trials", len(candidates) * plan.screening + plan.finalists * (plan.repeats - plan.screening))
    none = np.array([field.trial(NONE, student, variants, fold) for fold in folds])
    found: dict[Candidate, Floats] = {}

    def look(candidate: Candidate, repeats: range) -> None:
        made = np.array([field.trial(candidate, student, variants, folds[repeat]) for repeat in repeats])
        before = found.get(candidate)
        found[candidate] = made if before is None else np.concatenate([before, made])
        progress.advance(len(repeats))

    for candidate in candidates:
        look(candidate, range(plan.screening))
    ranked = sorted(candidates, key=lambda one: -_evidence(one, found[one], none, field, plan).low)
    for candidate in ranked[: plan.finalists]:
        look(candidate, range(plan.screening, plan.repeats))
    tried = [_evidence(one, found[one], none, field, plan) for one in candidates]
    # Finalists first: only they were looked at often enough to be chosen.
    tried.sort(key=lambda one: (-one.repeats, -one.low))
    best = tried[0] if tried and tried[0].low > 0 else None
    curve = _curve(field, student, plan, seeds.child("curve"), float(none.mean()))
    worth = _worth(best, curve) if best else None
    return Choice(
        best.candidate if best else None, float(none.mean()), field.metric, student.name, tuple(tried), curve, worth
    )


def _evidence(candidate: Candidate, made: Floats, none: Floats, field: Field, plan: Plan) -> Evidence:
    gains = (made - none[: len(made)]).mean(axis=0)
    error = _standard_error(gains, field)
    gain = float(gains.mean()) if field.metric != "auc" else float(gains[field.truth == 1].mean())
    return Evidence(candidate, gain, error, gain - plan.caution * error, len(made))


def _standard_error(gains: Floats, field: Field) -> float:
    """Return the error of the mean gain over groups of examples; of an AUC, over both classes (DeLong)."""
    if field.metric == "auc":
        parts = [gains[field.truth == label] for label in (0, 1)]
        return float(np.sqrt(sum(part.var(ddof=1) / len(part) for part in parts)))
    groups, place = np.unique(field.groups, return_inverse=True)
    sums = np.bincount(place, gains - gains.mean())
    count = len(groups)
    return float(np.sqrt((sums**2).sum() * count / max(count - 1, 1)) / len(gains))


def _curve(field: Field, student: Student, plan: Plan, seeds: Seeds, whole: float) -> tuple[tuple[int, float], ...]:
    """Return (examples, metric) at a half, seven tenths and all of the examples, without augmentation."""
    empty = Variants({}, seeds)
    points = []
    for share in (0.5, 0.7):
        values = []
        for repeat in range(max(2, plan.repeats // 2)):
            rng = seeds.child(str(share), repeat).rng()
            _, part = next(iter(fractions(field, (share,), rng)))
            values.append(float(part.trial(NONE, student, empty, folds_of(part, plan.folds, rng)).mean()))
        points.append((len(part.records), float(np.mean(values))))
    return (*points, (len(field.records), whole))


def _worth(best: Evidence, curve: Sequence[tuple[int, float]]) -> tuple[float, float, float] | None:
    """Return how many more real examples would give the gain: by the slope of the curve over doublings."""
    sizes = np.log2([size for size, _ in curve])
    slope = float(np.polyfit(sizes, [value for _, value in curve], 1)[0])
    if slope <= 0:
        return None
    size = curve[-1][0]
    gains = (best.gain, best.gain - 1.64 * best.error, best.gain + 1.64 * best.error)
    middle, low, high = (size * (2.0 ** min(max(gain / slope, -1.0), 2.0) - 1) for gain in gains)
    return middle, low, high
