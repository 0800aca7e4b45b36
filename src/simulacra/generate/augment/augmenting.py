"""Augmentation end to end: leak guard, policy, variants, checks; what was asked and what was delivered."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ...contracts.rows import Record
from ...contracts.tables import Progress, Silent
from ...errors import RecipeError
from ...seeds import Seeds
from .checks import VariantChecks, teach
from .field import Metric, make_field
from .leaks import Leak, count_duplicates, find_leaks
from .policy import Choice, Plan, choose
from .sources import Source, Variants, content_of
from .students import Student
from .trials import Candidate, Goal, quotas, variants_of

__all__ = ["Augmentation", "Order", "augment_records"]


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asks for.

    factor : rows delivered for each training row, itself among them; goal "balance" sets its own number unless moving
    the threshold does the balancing, and for "hard" it counts those rows alone that the student gets wrong.
    metric : what is to get better. goal : see `trials.Candidate`.
    anyway : deliver the best candidate's variants even if the policy says no. thorough : try all there is.
    """

    factor: float = 5.0
    metric: Metric = "accuracy"
    anyway: bool = False
    goal: Goal = "more"
    thorough: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Augmentation:
    """What came of it.

    choice : the policy's word and evidence. used : the candidate whose variants were delivered, None for none.
    real, made : training rows and their variants. asked : variants asked for. refused : (step, reason) -> count.
    leaks : training rows that stand in the test set; they were left out. duplicates : equal training rows.
    skipped : rows without a label or a text, which were left out before.
    """

    choice: Choice
    used: Candidate | None
    real: tuple[Record, ...]
    made: tuple[Record, ...]
    asked: int
    refused: dict[tuple[str, str], int]
    rejected: tuple[tuple[Record, str, str], ...]
    leaks: tuple[Leak, ...] = ()
    duplicates: int = 0
    skipped: int = 0

    @property
    def shortfall(self) -> str:
        """Why fewer were delivered than asked, "" if none are missing."""
        missing = self.asked - len(self.made)
        if missing <= 0:
            return ""
        steps = Counter[str]()
        for (step, _), count in self.refused.items():
            steps[step] += count
        told = ", ".join(f"{count} refused by {step}" for step, count in steps.most_common())
        return f"{missing} of {self.asked} variants are missing: {told or 'the transforms'} had no more distinct ones"


def augment_records(
    records: Sequence[Record],
    sources: dict[str, Source],
    student: Student,
    order: Order,
    *,
    test: Sequence[Record] = (),
    plan: Plan | None = None,
    progress: Progress | None = None,
) -> Augmentation:
    """Return the training rows with the variants that the policy found to help; none where it says no.

    Training rows that stand in `test` are left out before anything is learned. Errors: RecipeError for a factor below
    1; DataError for fewer than two classes or examples.
    """
    if not 1 <= order.factor <= 100:
        raise RecipeError(f"a factor of {order.factor:g} is not from 1 to 100", where="--factor", hint="5 is usual")
    progress, seeds = progress or Silent(), Seeds(order.seed)
    leaks = find_leaks(records, test) if test else []
    gone = {leak.train for leak in leaks}
    kept = [record for record in records if record.identity not in gone]
    amount = max(1, math.ceil(order.factor) - 1)
    field = make_field(kept, order.metric)
    plan = replace(plan or Plan(), amount=amount, goal=order.goal, thorough=order.thorough)
    choice = choose(field, student, sources, seeds, plan=plan, progress=progress)
    used = choice.candidate or (_best_with_variants(choice) if order.anyway else None)
    if used is None or not used.sources:
        return Augmentation(choice, used, tuple(kept), (), 0, {}, (), tuple(leaks), count_duplicates(kept))
    teacher = teach(field, student, seeds.child("teacher").rng())
    variants = Variants(sources, seeds.child("variants"))
    checks = VariantChecks(kept, variants.keeps, test, teacher, variants.relabelled)
    wanted = quotas(kept, used, teacher.missed(kept))
    if used.goal == "more":  # a factor of 2.5 is met to the row
        wanted = _evenly(wanted, math.floor((order.factor - 1) * len(kept)))
    made, rejected = _make(_ways(used, choice), kept, variants, checks, wanted)
    refused = Counter((step, _in_short(reason)) for _, step, reason in rejected)
    return Augmentation(
        choice,
        used,
        tuple(kept),
        tuple(made),
        sum(wanted),
        dict(refused),
        tuple(rejected),
        tuple(leaks),
        count_duplicates(kept),
    )


def _in_short(reason: str) -> str:
    return "another label" if reason.startswith("taken for") else reason


def _best_with_variants(choice: Choice) -> Candidate | None:
    return next((one.candidate for one in choice.tried if one.candidate.sources), None)


def _make(
    ways: Sequence[Candidate],
    records: Sequence[Record],
    variants: Variants,
    checks: VariantChecks,
    wanted: Sequence[int],
) -> tuple[list[Record], list[tuple[Record, str, str]]]:
    """Return the variants that pass, as many of each label as wanted, and those refused with step and reason.

    ways : the first makes what it can, the others what then lacks.
    """
    open_ = Counter[str | None]()
    for record, count in zip(records, wanted, strict=True):
        open_[record.label] += count
    made: list[tuple[int, Record]] = []
    rejected: list[tuple[Record, str, str]] = []
    tried: set[tuple[str, str]] = set()
    for rank, way in enumerate(ways):
        for depth in (1, 2, 4) if way == ways[-1] else (1, 2):  # further looks where checks refused some
            found = Counter(one.label for _, one in made)
            lacking = {label for label, count in open_.items() if found[label] < count}
            if not lacking:
                break
            more = [depth * count * (one.label in lacking) for one, count in zip(records, wanted, strict=True)]
            pool = variants_of(records, way, variants, more)
            fresh = [one for one in pool if (one.identity, content_of(one)) not in tried]
            tried |= {(one.identity, content_of(one)) for one in fresh}
            for variant, verdict in zip(fresh, checks(fresh), strict=True):
                if verdict is None:
                    made.append((rank, variant))
                else:
                    rejected.append((variant, verdict.step, verdict.reason))
    return _first_of_each(made, open_), rejected


def _ways(used: Candidate, choice: Choice) -> list[Candidate]:
    """Return the candidate that is used, and others that gained in what decides: they make what it cannot.

    Where the policy says no and variants are wanted anyway, all that were tried.
    """
    anyway = choice.candidate is None
    gained = [one.candidate for one in choice.tried if one.candidate.sources and (anyway or one.belief > 0)]
    return [used, *(one for one in gained if one != used)]


def _evenly(counts: Sequence[int], total: int) -> list[int]:
    """Return counts that add up to `total` at most, each at most what it was, none more than one below another.

    >>> _evenly([4, 4, 4], 10)
    [4, 3, 3]
    """
    found = [0] * len(counts)
    left = total
    for _ in range(max(counts, default=0)):
        for place, most in enumerate(counts):
            if left and found[place] < most:
                found[place], left = found[place] + 1, left - 1
    return found


def _first_of_each(made: Sequence[tuple[int, Record]], wanted: Mapping[str | None, int]) -> list[Record]:
    """Return at most as many variants of a label as wanted: those of the first way before those of the second, each
    parent's first before any parent's second.
    """
    turn: Counter[tuple[int, str]] = Counter()
    ranked = []
    for way, variant in made:
        turn[way, variant.parents[0]] += 1
        ranked.append((way, turn[way, variant.parents[0]], variant))
    left = Counter(wanted)
    kept = []
    for _, _, variant in sorted(ranked, key=lambda one: one[:2]):
        if left[variant.label] > 0:
            left[variant.label] -= 1
            kept.append(variant)
    return kept
