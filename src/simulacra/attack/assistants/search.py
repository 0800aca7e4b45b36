"""The search: plain asks, every operator once for every risk, then what is promising, alone and in pairs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from ...seeds import Seeds
from ..archive import Archive, Scheduler
from .asking import Prober, Trial
from .compose import Composer, Plan
from .findings import Finding, report
from .objectives import Objective

__all__ = ["Campaign", "search"]

_BATCH = 16
_ASKS = 5
_SINGLES, _ADAPTIVE, _TWINS = 0.66, 0.82, 0.87
"""Shares of the queries after which single operators, adaptive tries and benign twins end; the rest makes findings
small and sure."""
_PAIRS = 0.35
_WAVES = 2
_REDRAWS = 4
_SECONDARY = frozenset({"markup", "length", "fact"})
_ASKING = frozenset(
    {"one_by_one", "halves", "contrary", "previous_user", "impersonation", "owner_first", "instalments", "approved"}
)
"""Operators that ask for something themselves, so that they are not harmless on a harmless request."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Campaign:
    """What a search tried and found. cells : risk, style, depth, language -> what became of it."""

    findings: tuple[Finding, ...]
    trials: tuple[Trial, ...]
    twins: tuple[Trial, ...]
    cells: Archive[str]
    queries: int
    budget: int


async def search(prober: Prober, composer: Composer, seeds: Seeds) -> Campaign:
    """Look for ways to make an assistant break its policy, with at most `prober.queries` queries."""
    hunt = _Hunt(prober, composer, seeds.child("search").rng())
    await hunt.baseline()
    await hunt.direct()
    await hunt.singles(_SINGLES)
    await hunt.adaptive(_ADAPTIVE)
    await hunt.mirror(_TWINS)
    findings = await report(prober, composer, hunt.failures())
    return Campaign(tuple(findings), tuple(hunt.trials), tuple(hunt.twins), hunt.cells, prober.used, prober.queries)


class _Hunt:
    """What was tried so far."""

    def __init__(self, prober: Prober, composer: Composer, rng: np.random.Generator) -> None:
        self.prober, self.composer, self.rng = prober, composer, rng
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
        plans = [Plan("benign", number, benign=True) for number in range(min(8, len(self.composer.benign)))]
        await self._run(plans)

    async def direct(self) -> None:
        """Ask plainly, in several ways."""
        await self._run(
            [
                Plan(one.identity, number)
                for one in self.composer.objectives.values()
                if not one.carried
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
        objectives = [one for one in self.composer.objectives.values() if self._open[one.identity]]
        for batch in _chunks(self._grid(objectives), _BATCH):
            if self.prober.used >= limit:
                return
            await self._run([plan for plan in batch if (plan.operators[0], plan.objective) not in self._weak])

    async def adaptive(self, share: float) -> None:
        """Spend queries where something new was found or nearly found, more and more on pairs of operators."""
        left = [one for one in self.composer.objectives.values() if self._open[one.identity]]
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

    async def mirror(self, share: float) -> None:
        """Try operators on harmless requests that are served when they are said plainly."""
        served = [p.ask for p, t in zip(self._benign, self.twins, strict=True) if t.failed is False]
        if not served:
            return
        names = [str(name) for name in self.rng.permutation(sorted(self.composer.operators))]
        cheap = [name for name in names if self.composer.operators[name].cost <= 2 and name not in _ASKING]
        plans = [Plan("benign", served[i % len(served)], (name,), benign=True) for i, name in enumerate(cheap)]
        for batch in _chunks(plans, _BATCH):
            if self.prober.used >= share * self.prober.queries:
                return
            await self._run(batch)

    def failures(self) -> list[tuple[Plan, Trial]]:
        """Return what failed, in order."""
        return [(p, t) for p, t in zip(self.plans, self.trials, strict=True) if t.failed]

    def _grid(self, objectives: Sequence[Objective]) -> list[Plan]:
        """Return single operators against objectives in waves: each grave risk once for each operator, then once more
        in other words and for other objectives, then the lesser risks.
        """
        risks: dict[str, list[Objective]] = {}
        for one in objectives:
            risks.setdefault(one.risk, []).append(one)
        names = [str(name) for name in self.rng.permutation(sorted(self.composer.operators))]
        plans: list[tuple[int, int, Plan]] = []
        for risk, some in risks.items():
            for place, name in enumerate(names):
                for turn in range(max(_WAVES, len(some))):
                    one = some[(place + turn) % len(some)]
                    if name in self.composer.for_objective(one):
                        late = turn + (_WAVES if risk in _SECONDARY else 0)
                        plans.append((late, place, self._plan(one, (name,))))
        return [plan for _, _, plan in sorted(plans, key=lambda one: one[:2])]

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
        others = [name for name, op in self.composer.operators.items() if op.fits(one.risk)]
        partners = [n for n in others if self.composer.may_join(first, n) and (n, one.identity) not in self._weak]
        if self.rng.random() < _PAIRS and partners:
            second = str(arms.choose(self.rng, allowed=partners))
            return self._plan(one, self.composer.ordered((first, second)))
        return self._plan(one, (first,))

    async def _run(self, plans: Sequence[Plan]) -> None:
        made = [(plan, self.composer.make(plan)) for plan in plans]
        fresh = []
        for plan, case in made:
            if case.key() not in self._seen:
                self._seen.add(case.key())
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
        risk = self._risk(plan)
        if trial.failed and len(plan.operators) == 1:
            self._weak.add((plan.operators[0], plan.objective))
        cell = (risk, case.style, case.depth, case.language)
        self.cells.record(
            cell, case.key(), failed=trial.failed, fitness=judged.fitness, idea=(case.ask, case.operators)
        )

    def _risk(self, plan: Plan) -> str:
        return self.composer.objectives[plan.objective].risk


def _all_cells(composer: Composer) -> list[tuple[str, ...]]:
    cells: dict[tuple[str, ...], None] = {}
    for one in composer.objectives.values():
        if not one.carried:
            cells[(one.risk, "plain", "plain", "en")] = None
        for name in composer.for_objective(one):
            op = composer.operators[name]
            cells[(one.risk, op.style, "script" if op.cost else "single", op.language)] = None
    return list(cells)


def _chunks(items: Sequence[T], size: int) -> list[list[T]]:
    return [list(items[start : start + size]) for start in range(0, len(items), size)]
