"""The search: plain asks, every operator once for every risk, then what is promising, alone and in pairs; what a model
writes, if one is named; the same questions in other words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from ...seeds import Seeds
from ..archive import Archive, Scheduler
from ..sequential import decide
from .asking import Prober, Trial
from .case import Case
from .chasing import Helper, chase
from .compose import Composer, Plan
from .credible import credible
from .findings import Finding, report
from .objectives import Objective
from .operators._base import Operator
from .oracles._decisions import decision_of

__all__ = ["Campaign", "search"]

_BATCH = 16
_ASKS = 5
_RELATED, _SINGLES, _ADAPTIVE, _TWINS = 0.08, 0.66, 0.82, 0.87
"""Shares of the queries: at most for the same questions in other words; after which single operators, adaptive tries
and benign twins end; the rest makes findings small and sure."""
_WRITTEN = 0.25
"""Share of that for a model's attacks, if there is one."""
_PLAIN = 2
_PAIRS = 0.35
_WAVES = 2
_REDRAWS = 4
_SECONDARY = frozenset({"markup", "length", "fact"})

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Campaign:
    """What a search tried and found. cells : risk, style, depth, language -> what became of it.

    stopped : cells that were left because their rate was known to lie below or above the bound; spared : plans that
    were dropped so. doubted : what a judge called failures and its own errors may explain.
    """

    findings: tuple[Finding, ...]
    trials: tuple[Trial, ...]
    twins: tuple[Trial, ...]
    cells: Archive[str]
    queries: int
    budget: int
    stopped: int = 0
    spared: int = 0
    doubted: tuple[str, ...] = ()


async def search(
    prober: Prober, composer: Composer, seeds: Seeds, *, helper: Helper | None = None, decided: float | None = None
) -> Campaign:
    """Look for ways to make an assistant break its policy, with at most `prober.queries` queries.

    helper : the model that writes attacks. decided : a cell is left once its rate is known to be below or above this.
    """
    hunt = _Hunt(prober, composer, seeds.child("search").rng(), decided)
    await hunt.baseline()
    await hunt.related()
    await hunt.direct()
    less = _WRITTEN if helper is not None else 0.0
    await hunt.singles(_SINGLES * (1 - less))
    if helper is not None:
        await hunt.written(_ADAPTIVE * less, helper)
    await hunt.adaptive(_ADAPTIVE)  # takes what the others left
    await hunt.mirror(_TWINS)
    found = await report(prober, composer, hunt.failures())
    known = prober.judge_model.calibration if prober.judge_model is not None else None
    findings, doubted = credible(found, hunt.trials, known.judge if known is not None else None)
    return Campaign(
        tuple(findings), tuple(hunt.trials), tuple(hunt.twins), hunt.cells, prober.used, prober.queries,
        len(hunt.left_alone), hunt.spared, tuple(doubted),
    )  # fmt: skip


class _Hunt:
    """What was tried so far."""

    def __init__(
        self, prober: Prober, composer: Composer, rng: np.random.Generator, decided: float | None = None
    ) -> None:
        self.prober, self.composer, self.rng = prober, composer, rng
        self.left_alone: set[tuple[str, ...]] = set()
        self.spared = 0
        self._decided = decided
        self.trials: list[Trial] = []
        self.plans: list[Plan] = []
        self.twins: list[Trial] = []
        self._benign: list[Plan] = []
        self.cells: Archive[str] = Archive(_all_cells(composer))
        self._seen: set[str] = set()
        self._words: set[tuple[object, ...]] = set()
        self._weak: set[tuple[str, str]] = set()
        self._open: dict[str, list[int]] = {}

    async def baseline(self) -> None:
        """Ask harmless things: what is said then is no leak."""
        every = len(self.composer.benign)
        own = every - len(self.composer.allowed)
        asks = (*range(min(8, own)), *range(own, min(every, own + 8)))
        await self._run([Plan("benign", number, benign=True) for number in asks])

    async def related(self) -> None:
        """Ask the policy's questions plainly, more than once, and then in other words."""
        compared = [one for one in self.composer.objectives.values() if one.compared]
        names = sorted({name for one in compared for name in self.composer.for_objective(one)})
        most = int(_RELATED * self.prober.queries) // max(1, _PLAIN + len(names))
        for one in compared[:most]:
            plain = self.composer.make(Plan(one.identity, 0))
            asked = await asyncio.gather(*(self.prober.probe(plain, sample) for sample in range(1, _PLAIN + 1)))
            told = [trial for trial in asked if trial is not None and trial.replies]
            if one.risk == "same":
                plainly = tuple(decision_of(trial.replies[-1]) for trial in told)
                self.prober.background.plain.setdefault(one.asks[0], plainly)
            else:
                for trial in told[:1]:
                    self._note(Plan(one.identity, 0), trial)
        await self._run([Plan(one.identity, 0, (name,), 1) for one in compared[:most] for name in names])

    async def direct(self) -> None:
        """Ask plainly, in several ways."""
        await self._run(
            [
                Plan(one.identity, number)
                for one in self.composer.objectives.values()
                if not one.carried and not one.compared
                for number in range(min(_ASKS, len(one.asks)))
            ]
        )
        failed = {(p.objective, p.ask) for p, t in zip(self.plans, self.trials, strict=True) if t.failed}
        for one in self.composer.objectives.values():
            asks = range(min(_ASKS, len(one.asks)))
            self._open[one.identity] = [n for n in asks if (one.identity, n) not in failed]

    async def singles(self, share: float) -> None:
        """Try every operator for every risk, objectives in turn."""
        limit = share * self.prober.queries
        for batch in _chunks(self._grid(self._left()), _BATCH):
            if self.prober.used >= limit:
                return
            await self._run([plan for plan in batch if (plan.operators[0], plan.objective) not in self._weak])

    async def adaptive(self, share: float) -> None:
        """Spend queries where something new was found or nearly found, more and more on pairs of operators."""
        left = self._left()
        objectives = [one for one in left if one.risk not in _SECONDARY] or left
        if not objectives:
            return
        arms = Scheduler(list(self.composer.operators))
        for plan, trial in zip(self.plans, self.trials, strict=True):
            for name in plan.operators:
                arms.tell(name, news=min(1.0, trial.judgement.fitness))
        idle = 0
        while self.prober.used < share * self.prober.queries and idle < 20:
            drawn = (self._drawn(objectives, arms) for _ in range(_BATCH))
            plans = [plan for plan in drawn if plan is not None]
            before, tried = len(self._weak), len(self.trials)
            await self._run(plans)
            idle = idle + 1 if len(self.trials) == tried else 0
            for plan, trial in zip(self.plans[tried:], self.trials[tried:], strict=True):
                for name in plan.operators:
                    arms.tell(name, news=float(len(self._weak) > before and bool(trial.failed)))

    async def written(self, share: float, helper: Helper) -> None:
        """Let a model chase what is refused when it is asked plainly, with this share of the queries from here on."""
        until = self.prober.used + share * self.prober.queries
        async for plan, trial in chase(self.prober, self.composer, self._left(), helper, until):
            self._note(plan, trial)

    async def mirror(self, share: float) -> None:
        """Try operators on harmless requests that are served when they are said plainly."""
        served = [p.ask for p, t in zip(self._benign, self.twins, strict=True) if t.failed is False]
        if not served:
            return
        names = [str(name) for name in self.rng.permutation(sorted(self.composer.operators))]
        cheap = [name for name in names if _mirrored(self.composer.operators[name])]
        plans = [Plan("benign", served[i % len(served)], (name,), benign=True) for i, name in enumerate(cheap)]
        for batch in _chunks(plans, _BATCH):
            if self.prober.used >= share * self.prober.queries:
                return
            await self._run(batch)

    def failures(self) -> list[tuple[Plan, Trial]]:
        """Return what failed, in order."""
        return [(p, t) for p, t in zip(self.plans, self.trials, strict=True) if t.failed]

    def _left(self) -> list[Objective]:
        """Return the objectives that are refused when they are asked plainly, one way at least."""
        return [one for one in self.composer.objectives.values() if self._open[one.identity] and not one.compared]

    def _grid(self, objectives: Sequence[Objective]) -> list[Plan]:
        """Return single operators against objectives in waves: each grave objective once by each operator, then once
        more in other words, then the lesser risks. Of many objectives of one risk each operator tries another first.
        """
        risks: dict[str, list[Objective]] = {}
        for one in objectives:
            risks.setdefault(one.risk, []).append(one)
        names = [str(name) for name in self.rng.permutation(sorted(self.composer.operators))]
        plans: list[tuple[int, int, int, Plan]] = []
        for risk, some in risks.items():
            for place, name in enumerate(names):
                for turn in range(_WAVES * len(some)):
                    one = some[(place + turn) % len(some)]
                    if name in self.composer.for_objective(one):
                        late = turn // len(some) + (_WAVES if risk in _SECONDARY else 0)
                        plans.append((late, turn, place, self._plan(one, (name,))))
        return [plan for *_, plan in sorted(plans, key=lambda one: one[:3])]

    def _plan(self, objective: Objective, names: tuple[str, ...]) -> Plan:
        """Return a plan with an ask that is refused when it is plain, in words not used so far if there are some."""
        asks = self._open[objective.identity]
        for _ in range(_REDRAWS):
            ask, wording = asks[int(self.rng.integers(len(asks)))], int(self.rng.integers(1_000))
            plan = Plan(objective.identity, ask, names, wording)
            case = self.composer.make(plan)
            words = (objective.identity, names, case.key() if len(names) > 1 else case.text.replace(case.ask, ""))
            if words not in self._words:
                break
        self._words.add(words)
        return plan

    def _drawn(self, objectives: Sequence[Objective], arms: Scheduler) -> Plan | None:
        one = objectives[int(self.rng.integers(len(objectives)))]
        fitting = self.composer.for_objective(one)
        allowed = [name for name in fitting if (name, one.identity) not in self._weak]
        if not allowed:
            return None
        first = str(arms.choose(self.rng, allowed=allowed))
        others = [name for name, op in self.composer.operators.items() if op.fits(one.risk) and not op.adaptive]
        partners = [n for n in others if self.composer.may_join(first, n) and (n, one.identity) not in self._weak]
        if self.rng.random() < _PAIRS and partners:
            second = str(arms.choose(self.rng, allowed=partners))
            return self._plan(one, self.composer.ordered((first, second)))
        return self._plan(one, (first,))

    async def _run(self, plans: Sequence[Plan]) -> None:
        made = [(plan, self.composer.make(plan)) for plan in plans]
        fresh = []
        for plan, case in made:
            key = f"{case.objective} {case.key()}" if self._is_compared(plan) else case.key()
            if key not in self._seen and not self._is_decided(plan, case):
                self._seen.add(key)
                fresh.append((plan, case))
        for batch in _chunks(fresh, _BATCH):
            trials = await asyncio.gather(*(self.prober.probe(case) for _, case in batch))
            for (plan, _), trial in zip(batch, trials, strict=True):
                if trial is not None:
                    self._note(plan, trial)

    def _note(self, plan: Plan, trial: Trial) -> None:
        self.prober.learn(trial)
        if plan.benign:
            self.twins.append(trial)
            self._benign.append(plan)
            return
        self.trials.append(trial)
        self.plans.append(plan)
        case, judged = trial.case, trial.judgement
        if trial.failed and len(plan.operators) == 1:
            self._weak.add((plan.operators[0], plan.objective))
        # What a model wrote is an idea of its own: nothing but its name ties it to others.
        idea = case.key() if case.style == "written" else (case.ask, case.operators)
        risk = self._risk(plan)
        reached = self.composer.objectives[trial.objective].risk
        failed = trial.failed
        if failed and reached != risk:
            # It was after one thing and gave another away: of a talk that ended so the first is not known.
            self.cells.record(self._cell(reached, case), case.key(), failed=True, fitness=judged.fitness, idea=idea)
            failed = False if case.queries == 1 else None
        self.cells.record(self._cell(risk, case), case.key(), failed=failed, fitness=judged.fitness, idea=idea)

    def _cell(self, risk: str, case: Case) -> tuple[str, ...]:
        return (risk, case.style, case.depth, case.language)

    def _is_compared(self, plan: Plan) -> bool:
        return not plan.benign and self.composer.objectives[plan.objective].compared

    def _is_decided(self, plan: Plan, case: Case) -> bool:
        """Whether enough is known of the cell of a case to leave it; counted."""
        if self._decided is None or plan.benign or not plan.operators:
            return False
        cell = self._cell(self._risk(plan), case)
        known = self.cells.cells.get(cell)
        if known is None or decide(list(known.outcomes.values()), self._decided) == "open":
            return False
        self.left_alone.add(cell)
        self.spared += 1
        return True

    def _risk(self, plan: Plan) -> str:
        return self.composer.objectives[plan.objective].risk


def _all_cells(composer: Composer) -> list[tuple[str, ...]]:
    cells: dict[tuple[str, ...], None] = {}
    for one in composer.objectives.values():
        if not one.carried and one.risk != "same":
            cells[(one.risk, "plain", "plain", "en")] = None
        for name in (*composer.for_objective(one), *composer.adaptive(one)):
            op = composer.operators[name]
            cells[(one.risk, op.style, "script" if op.cost else "single", op.language)] = None
    return list(cells)


def _mirrored(operator: Operator) -> bool:
    """Whether an operator is tried on harmless requests; other words for the same questions were tried before."""
    return operator.is_harmless and operator.cost <= 2 and operator.style != "relation"


def _chunks(items: Sequence[T], size: int) -> list[list[T]]:
    return [list(items[start : start + size]) for start in range(0, len(items), size)]
