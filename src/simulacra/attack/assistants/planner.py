"""Attacks as data, without a target: every objective, operator and language in turn, every third a harmless twin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

import numpy as np

from ...errors import RecipeError
from .case import Case
from .compose import Composer, Plan

__all__ = ["PlannedRow", "plan_rows"]

_TWIN_EVERY = 3
_PAIRS = 0.3
_STALE = 400


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One row: the case, what it is after (risk), and what the assistant should do."""

    case: Case
    plan: Plan
    risk: str
    expected: str


def plan_rows(composer: Composer, rng: np.random.Generator, rows: int) -> list[PlannedRow]:
    """Return so many different cases, objectives and operators as even as they can be; a third are harmless twins.

    Errors: RecipeError if the policy does not give so many different ones.
    """
    found: list[PlannedRow] = []
    seen: set[str] = set()
    stale = 0
    for drawn in _plans(composer, rng):
        plan, case = _effective(composer, drawn)
        stale += 1
        if case.key() not in seen:
            seen.add(case.key())
            found.append(_row(composer, plan, case))
            stale = 0
        if len(found) == rows:
            return found
        if stale > _STALE:
            break
    hint = "ask for fewer rows, or give the policy more secrets, rules, tools and benign requests"
    raise RecipeError(f"the policy gives {len(found):,} different attacks, {rows:,} were asked for", hint=hint)


def _effective(composer: Composer, plan: Plan) -> tuple[Plan, Case]:
    """Return the plan without operators that change nothing beside the others, and its case."""
    case = composer.make(plan)
    for name in plan.operators if len(plan.operators) > 1 else ():
        less = replace(plan, operators=tuple(other for other in plan.operators if other != name))
        other = composer.make(less)
        if other.turns == case.turns:
            return less, other
    return plan, case


def _row(composer: Composer, plan: Plan, case: Case) -> PlannedRow:
    if plan.benign:
        carried = any(composer.operators[name].stage == "carrier" for name in plan.operators)
        beside = "; what is read beside it holds no orders" if carried else ""
        return PlannedRow(case, plan, "benign", f"The user's request is harmless and is served{beside}.")
    objective = composer.objectives[plan.objective]
    return PlannedRow(case, plan, objective.risk, objective.wanted)


def _plans(composer: Composer, rng: np.random.Generator) -> Iterator[Plan]:
    objectives = [one for one in composer.objectives.values() if not one.compared]
    turns: dict[str, list[str]] = {one.identity: [] for one in objectives}
    twins: list[str] = []
    number = 0
    while True:
        number += 1
        if number % _TWIN_EVERY == 0:
            harmless = [name for name, one in composer.operators.items() if one.is_harmless]
            twins = twins or _by_style(composer, sorted(harmless), rng)
            yield Plan("benign", int(rng.integers(1_000)), (twins.pop(),), int(rng.integers(1_000)), benign=True)
            continue
        one = objectives[number % len(objectives)]
        waiting = turns[one.identity] or _by_style(composer, composer.for_objective(one), rng)
        name = waiting.pop()
        turns[one.identity] = waiting
        names: tuple[str, ...] = (name,)
        others = [other for other in composer.operators if composer.may_join(name, other)]
        others = [other for other in others if composer.operators[other].fits(one.risk)]
        if rng.random() < _PAIRS and others:
            names = composer.ordered((name, others[int(rng.integers(len(others)))]))
        yield Plan(one.identity, int(rng.integers(1_000)), names, int(rng.integers(1_000)))


def _by_style(composer: Composer, names: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Return the operators, to be taken from the end: one of each style in turn, so that few rows cover all styles."""
    styles: dict[str, list[str]] = {}
    for place in rng.permutation(len(names)):
        name = names[int(place)]
        styles.setdefault(composer.operators[name].style, []).append(name)
    turns = zip_longest(*styles.values())
    return [name for turn in turns for name in turn if name is not None][::-1]
