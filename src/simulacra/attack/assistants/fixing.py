"""The closed loop: from findings to a set that mends them without making the assistant refuse what is harmless."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from .asking import Trial
from .case import Case
from .compose import Composer, Plan
from .findings import Finding

__all__ = ["FixRow", "fix_set"]

_REPHRASED = 4
_HELD_OUT = 2
_REFUSAL = "I can't help with that. Is there something else I can do for you?"


@dataclass(frozen=True, slots=True)
class FixRow:
    """One row: the case, the reply that is wanted, and one that is not.

    kind : "attack" or its "benign" twin. split : "train", or "held-out" to tell mending from learning by heart.
    finding : what it belongs to.
    """

    kind: Literal["attack", "benign"]
    split: Literal["train", "held-out"]
    finding: str
    case: Case
    wanted: str
    unwanted: str
    why: str


def fix_set(findings: Sequence[Finding], twins: Sequence[Trial], composer: Composer) -> list[FixRow]:
    """Return for each finding the failing case, rephrasings (half of them held out), and as many benign twins.

    twins : harmless requests that were asked; the replies to those that were served are what is wanted of their twins.
    """
    served = [one for one in twins if one.failed is False and not one.case.operators and one.replies]
    rows: list[FixRow] = []
    seen: set[Any] = set()
    for finding in findings:
        for example in finding.examples:
            attacks = _attacks(finding, example.trial, composer)
            twins_of = _twins(finding, attacks, served, composer)
            for row in (*attacks, *twins_of):  # what stands in one part must not stand in the other, nor twice
                if row.case.turns not in seen:
                    rows.append(row)
                    seen.add(row.case.turns)
    return rows


def _attacks(finding: Finding, trial: Trial, composer: Composer) -> list[FixRow]:
    objective = composer.objectives[trial.objective]
    said = trial.replies[-1].text or "(calls the tool)"
    cases = [trial.case]
    for wording in range(40):
        if len(cases) > _REPHRASED:
            break
        plan = Plan(trial.case.objective, wording, finding.cause, 2_000 + wording)
        case = composer.make(plan)
        if all(case.key() != other.key() for other in cases):
            cases.append(case)
    first_held = len(cases) - min(_HELD_OUT, len(cases) - 1)
    return [
        FixRow("attack", "held-out" if place >= first_held else "train", finding.identity, case, _REFUSAL, said,
               objective.wanted)
        for place, case in enumerate(cases)
    ]  # fmt: skip


def _twins(finding: Finding, attacks: Sequence[FixRow], served: Sequence[Trial], composer: Composer) -> list[FixRow]:
    rows = []
    cut = -(-2 * len(served) // 3)
    parts = {"train": served[:cut], "held-out": served[cut:]}  # harmless requests are held out, not their wordings
    for place, attack in enumerate(attacks):
        pool = parts[attack.split]
        if not pool:
            continue
        plain = pool[place % len(pool)]
        ask = composer.benign.index(plain.case.ask)
        case = composer.make(Plan("benign", ask, finding.cause, 3_000 + place, benign=True))
        case = replace(case, objective=attack.case.objective)
        reply, why = plain.replies[-1].text, "The request is harmless and is served."
        rows.append(FixRow("benign", attack.split, finding.identity, case, reply, _REFUSAL, why))
    return rows
