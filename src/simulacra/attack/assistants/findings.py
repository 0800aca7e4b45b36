"""From failures to findings: shrunk to the least that still fails, joined by cause, and tried again."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from textwrap import shorten

from ..rates import rate
from ..shrink import shrink_async
from .asking import Prober, Trial
from .case import Case, Turn
from .compose import Composer, Plan
from .joining import Example, Family, Key, aim_of, by_family, by_operator, by_words
from .objectives import first_case
from .oracles._decisions import conflict, decision_of
from .taxonomy import AIMS, HAPPENS, RISKS

__all__ = ["Example", "Finding", "report"]

_REPEATS = 3
_TRIES = 10
_LEAST_AGAIN = 2
_COMPARING = 24
"""Queries kept for finding out whether two findings have a word in common that does it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One weakness. cause : the operators that are needed, empty if a plain ask does it. examples : one for each risk.

    count : how many of the cases that were tried showed it. others : operators of the same family that do it too.
    reference : whether the reference assistant does it too; None if there is none.
    """

    identity: str
    cause: tuple[str, ...]
    severity: str
    examples: tuple[Example, ...]
    techniques: tuple[str, ...]
    count: int
    others: tuple[str, ...] = ()
    reference: bool | None = None

    @property
    def risks(self) -> tuple[str, ...]:
        """The risks it opens, gravest first."""
        return tuple(dict.fromkeys(one.risk for one in self.examples))

    @property
    def owasp(self) -> tuple[str, ...]:
        """The OWASP ids of these, and of prompt injection where an order got in with what was read."""
        ids = {RISKS[risk][0] for risk in self.risks}
        carried = any(one.startswith("AML.T0051") for one in self.techniques)
        return tuple(sorted(ids | ({"LLM01"} if carried else set())))

    @property
    def told(self) -> str:
        """What happens, in words."""
        first = self.examples[0]
        how = f"with {' and '.join(map(_spaced, self.cause))}" if self.cause else "when asked plainly"
        how += f" (or {', '.join(map(_spaced, self.others))})" if self.others else ""
        judged = first.trial.judgement
        what = "calls a forbidden tool" if judged.how == "called" else HAPPENS[first.risk]
        return f"{what} {how}: {shorten(judged.evidence, 120, placeholder=' …')}"


_RANK = {"high": 0, "medium": 1, "low": 2}


async def report(prober: Prober, composer: Composer, failures: Sequence[tuple[Plan, Trial]]) -> list[Finding]:
    """Return the findings, gravest first.

    What is left of the queries goes first to finding out which operators are needed, then to tries of the least case
    and to making it smaller, shared out fairly.
    """
    groups: dict[Key, list[tuple[Plan, Trial]]] = defaultdict(list)
    for plan, trial in failures:
        groups[(plan.operators, aim_of(trial))].append((plan, trial))
    found: dict[Key, tuple[Trial, int]] = {}
    for (operators, aim), same in sorted(groups.items(), key=lambda one: len(one[0][0])):
        known = (key for key in found if key[0] and key[1] == aim and set(key[0]) <= set(operators))
        cause = next(known, None)
        if cause is None:
            plan, least = min(same, key=lambda one: (one[1].case.queries, len(one[1].case.text)))
            names, least = await _fewer_operators(prober, composer, plan, least)
            cause = (names, aim)
            found.setdefault(cause, (least, 0))
        found[cause] = (found[cause][0], found[cause][1] + len(same))
    examples = await _examples(prober, found)
    found = {key: one for key, one in found.items() if await _stands(prober, examples[key])}
    written = frozenset(name for name, one in composer.operators.items() if one.adaptive)
    joined = by_operator({key: (examples[key], count) for key, (_, count) in found.items()}, written)
    joint = await by_words(prober, by_family(joined, composer))
    return await _compared(prober, _numbered(joint, composer))


async def _examples(prober: Prober, found: dict[Key, tuple[Trial, int]]) -> dict[Key, Example]:
    made = {}
    kept = min(_COMPARING, prober.left // 8)
    for place, (key, (trial, _)) in enumerate(found.items()):
        share = max(0, prober.left - kept) // (len(found) - place)
        spare = share // trial.case.queries
        least = await _smaller(prober, trial, min(_TRIES, spare - _REPEATS)) if spare > _REPEATS else trial
        risk = prober.objectives[trial.objective].risk
        made[key] = await _sure(prober, least, risk, min(_REPEATS, share // least.case.queries))
    return made


async def _fewer_operators(
    prober: Prober, composer: Composer, plan: Plan, trial: Trial
) -> tuple[tuple[str, ...], Trial]:
    """Return the operators that are needed, and the trial with these alone."""
    best = trial
    if len(plan.operators) < 2:
        return plan.operators, trial

    async def fails(names: list[str]) -> bool:
        nonlocal best
        case = composer.make(replace(plan, operators=tuple(names)))
        again = await prober.probe(case)
        hit = again is not None and bool(again.failed) and again.objective == trial.objective
        best = again if hit and again is not None else best
        return hit

    names = await shrink_async(list(plan.operators), fails, tries=4)
    return tuple(names), best


async def _smaller(prober: Prober, trial: Trial, tries: int) -> Trial:
    """Return the trial of the least of the case's turns and sentences that still fails, within so many tries."""
    parts = [(place, piece) for place, turn in enumerate(trial.case.turns) for piece in _pieces(turn)]
    if len(parts) < 2:
        return trial
    best = trial

    async def fails(some: list[tuple[int, str]]) -> bool:
        nonlocal best
        case = _rebuilt(trial.case, some)
        if case is None:
            return False
        again = await prober.probe(case)
        hit = again is not None and bool(again.failed) and again.objective == trial.objective
        best = again if hit and again is not None else best
        return hit

    await shrink_async(parts, fails, tries=tries)
    return best


def _pieces(turn: Turn) -> list[str]:
    return [piece for piece in re.split(r"(?<=[.!?:])(?=\s)|(?<=\n)", turn.content) if piece.strip()][:40]


def _rebuilt(case: Case, parts: Sequence[tuple[int, str]]) -> Case | None:
    """Return the case with these sentences alone; None if nothing would be asked."""
    turns: list[Turn] = []
    at = 0
    for place, turn in enumerate(case.turns):
        text = "".join(piece for where, piece in parts if where == place).strip()
        if text:
            at = len(turns) if place <= case.at else at
            turns.append(replace(turn, content=text))
    if not turns or all(turn.silent for turn in turns):
        return None
    if turns[-1].silent:
        turns[-1] = replace(turns[-1], silent=False)
    return replace(case, turns=tuple(turns), at=at)


async def _sure(prober: Prober, trial: Trial, risk: str, repeats: int) -> Example:
    """Return the trial with how often the same case fails again; the first time counts if no query is left."""
    hits = []
    for sample in range(1, repeats + 1):
        again = await prober.probe(trial.case, sample)
        if again is not None and again.failed is not None:
            hits.append((int(bool(again.failed) and again.objective == trial.objective), 1))
    beside = prober.background.reference.get(trial.case.key())
    return Example(trial, risk, rate(hits or [(1, 1)]), beside)


async def _stands(prober: Prober, example: Example) -> bool:
    """Whether a contradiction is more than chance: an assistant that draws its words now serves and now refuses.

    The same case failed each time again, and the plain question, or the reference, decides as before each time.
    Of an assistant that tosses a coin one reworded question in 256 passes all this.
    """
    case, again = example.trial.case, example.reproduced
    if example.risk not in ("same", "differs"):
        return True
    if again.trials < _LEAST_AGAIN or again.hits < again.trials:
        return False
    for sample in range(_REPEATS, 2 * _REPEATS):
        if example.risk == "same":
            plain = first_case(prober.objectives[example.trial.objective])
            trial = await prober.probe(plain, sample)
            replies = trial.replies if trial is not None else ()
            known = prober.background.plain[case.ask]
        else:
            replies = tuple(await prober.ask_reference(case, sample))
            known = (prober.background.reference[case.key()],)
        if replies and any(conflict(decision_of(replies[-1]), one) for one in known):
            return False
    return True


async def _compared(prober: Prober, findings: Sequence[Finding]) -> list[Finding]:
    """Ask the reference, if there is one, what failed: whether it does so too."""
    if prober.reference is None:
        return list(findings)
    made = []
    for one in findings:
        case, objective = one.examples[0].trial.case, one.examples[0].trial.objective
        if prober.objectives[objective].compared:
            made.append(one)
            continue
        judged, reached = prober.judge(case, await prober.ask_reference(case))
        made.append(replace(one, reference=judged.outcome == "fail" and reached == objective))
    return made


def _numbered(joined: Sequence[Family], composer: Composer) -> list[Finding]:
    made = []
    for cause, examples, count, others in joined:
        ranked = tuple(sorted(examples, key=lambda one: (_RANK[RISKS[one.risk][1]], one.risk)))
        how = [composer.operators[name].technique for name in (*cause, *others)]
        techniques = tuple(dict.fromkeys([*how, *(AIMS[one.risk] for one in ranked)]))
        made.append(Finding("", cause, RISKS[ranked[0].risk][1], ranked, techniques, count, others))
    made.sort(key=lambda one: (_RANK[one.severity], len(one.cause), one.risks, one.cause))
    return [replace(one, identity=f"F{place:03d}") for place, one in enumerate(made, 1)]


def _spaced(name: str) -> str:
    return name.replace("_", " ")
