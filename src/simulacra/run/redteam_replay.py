"""Findings tried again on a target that was changed: fixed, not fixed, and harmless requests that it now refuses."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from ..attack.assistants.asking import Prober, Trial
from ..attack.assistants.case import Case
from ..attack.assistants.objectives import first_case
from ..attack.assistants.oracles._decisions import Decision, decision_of
from ..attack.assistants.policy import Policy, read_policy
from ..attack.rates import Rate, rate
from ..contracts import Verdict
from ..errors import RecipeError
from ..functions import forgetting_functions
from ..models.engine import Engine
from .redteam import make_composer, open_prober
from .redteam_models import open_judge
from .redteam_target import Attack, check_permission, limits_of, open_attack_target

__all__ = ["ReplayRecord", "Replayed", "replay"]

_SAMPLES = 3
State = Literal["fixed", "not fixed", "unknown"]


@dataclass(frozen=True, slots=True)
class Replayed:
    """One finding tried again. trials : the cases asked; rate : how many of them failed."""

    identity: str
    told: str
    state: State
    rate: Rate
    trials: tuple[Trial, ...]


@dataclass(frozen=True, slots=True)
class ReplayRecord:
    """What became of the findings. refused : harmless requests, served before, that are refused now; of how many."""

    target: str
    findings: tuple[Replayed, ...]
    refused: tuple[Trial, ...]
    served_before: int

    @property
    def verdict(self) -> Verdict:
        """fail: something is not fixed; warn: all is, but harmless requests are refused now; unknown: no replies."""
        states = {one.state for one in self.findings}
        if "not fixed" in states:
            return "fail"
        return "unknown" if "unknown" in states else "warn" if self.refused else "pass"


@forgetting_functions()
def replay(folder: Path, attack: Attack, *, only: str | None = None) -> ReplayRecord:
    """Ask what failed again, each case three times, and the harmless requests that were served.

    folder : the bundle of the findings. attack : its target is asked; its policy is the bundle's. only : one finding.
    What a judge found is tried again only if the attack names one; what differed from a reference is held against the
    decision that the reference took then. Errors: RecipeError if the folder holds no findings.
    """
    check_permission(attack)
    told, policy = _read(folder)
    found = [one for one in told["findings"] if only is None or one["id"] == only]
    if only is not None and not found:
        raise RecipeError(f"there is no finding {only!r}", where=str(folder))
    return asyncio.run(
        _replay(replace(attack, policy=policy, seed=int(told["facts"]["seed"])), policy, found, told["twins"])
    )


async def _replay(attack: Attack, policy: Policy, found: list[Any], twins: dict[str, Any]) -> ReplayRecord:
    composer = make_composer(policy, attack.seed, judged=True, reference=True)
    async with Engine(limits=limits_of(attack), budget=attack.budget, prices=attack.prices) as engine:
        judge = None
        if attack.judge is not None:
            examples, calls, least = attack.judge_examples, attack.model_calls, attack.judge_agreement
            judge = await open_judge(engine, attack.judge, policy, examples, calls=calls, least=least)
        target = open_attack_target(attack, policy, engine)
        prober = open_prober(policy, composer, target, 10**9, judge=judge)
        for text in twins["harmless"]:
            prober.background.harmless.add(text)
        again = [await _again(prober, one) for one in found]
        served = [Case.read(one) for one in twins["served"]]
        asked = [await prober.probe(case) for case in served]
    refused = tuple(one for one in asked if one is not None and one.failed)
    return ReplayRecord(attack.name, tuple(again), refused, len(served))


async def _again(prober: Prober, told: dict[str, Any]) -> Replayed:
    trials: list[Trial] = []
    for example in told["examples"]:
        case = Case.read(example["case"])
        await _learn(prober, case, example.get("beside"))
        some = [await prober.probe(case, sample) for sample in range(_SAMPLES)]
        kept = [one for one in some if one is not None and one.failed is not None]
        trials += kept
    result = rate([(int(bool(one.failed)), 1) for one in trials])  # of these very cases: each try is one of its own
    state: State = "unknown" if not result.trials else "not fixed" if result.hits else "fixed"
    return Replayed(told["id"], told["told"], state, result, tuple(trials))


async def _learn(prober: Prober, case: Case, beside: dict[str, Any] | None) -> None:
    """Learn what a comparison needs: the plain question's decision now, the reference's as it was."""
    risk = prober.objectives[case.objective].risk if case.objective in prober.objectives else ""
    if risk == "same" and case.ask not in prober.background.plain:
        plain = first_case(prober.objectives[case.objective])
        asked = [await prober.probe(plain, sample) for sample in range(1, 3)]
        said = tuple(decision_of(one.replies[-1]) for one in asked if one is not None and one.replies)
        prober.background.plain[case.ask] = said
    elif risk == "differs" and beside is not None:
        prober.background.reference[case.key()] = Decision.read(beside)


def _read(folder: Path) -> tuple[dict[str, Any], Policy]:
    path = folder / "report.json"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told.get("format") != "simulacra.redteam":
            raise ValueError("it is of another kind")
    except (OSError, ValueError) as error:
        hint = "give the folder that `simulacra redteam TARGET -o FOLDER` wrote"
        raise RecipeError(f"these are no findings ({error})", where=str(path), hint=hint) from error
    return told, read_policy(folder / "policy.yaml")
