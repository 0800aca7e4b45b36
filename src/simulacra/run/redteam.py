"""An attack on an assistant, from what a person names to what was found; and the same findings tried again."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeGuard

from .. import registry
from ..attack.assistants.asking import Prober
from ..attack.assistants.compose import Composer
from ..attack.assistants.http_target import read_template
from ..attack.assistants.objectives import Objective, objectives_of
from ..attack.assistants.planner import PlannedRow, plan_rows
from ..attack.assistants.policy import Policy, policy_to_dict, read_policy
from ..attack.assistants.search import Campaign, search
from ..contracts import Verdict
from ..errors import RecipeError
from ..models.engine import Engine
from ..models.limits import Limits
from ..models.targets import ChatTarget, is_local, open_target
from ..seeds import Seeds
from ..store.calls import CallStore

__all__ = ["Attack", "RedteamRecord", "compose_rows", "fingerprint", "make_composer", "open_prober", "run_redteam"]

_LEAST_QUERIES = 50


@dataclass(frozen=True, slots=True)
class Attack:
    """What to attack: an assistant (an address, a model's name, "module:function" or a function) under a policy.

    queries : replies that are asked for, at most. owned : the person says that a target elsewhere is theirs.
    per_minute : requests a minute, needed for such a target. instruct : send the policy's system prompt along, for a
    bare model that has none of its own. parameters : of every call (temperature, max_tokens).
    """

    target: str | Callable[..., Any] | None
    policy: Policy | Path
    queries: int = 1_500
    seed: int = 0
    owned: bool = False
    per_minute: float | None = None
    instruct: bool = False
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The target's name."""
        if self.target is None:
            return "no target"
        if isinstance(self.target, str):
            return self.target
        kind = self.target if hasattr(self.target, "__qualname__") else type(self.target)
        return f"{kind.__module__}:{kind.__qualname__}"

    def read(self) -> Policy:
        """Return the policy."""
        return read_policy(self.policy) if isinstance(self.policy, Path) else self.policy


@dataclass(frozen=True, slots=True)
class RedteamRecord:
    """Everything known at the end of an attack. objectives, composer : what the cases were made from."""

    attack: Attack
    policy: Policy
    campaign: Campaign
    composer: Composer
    facts: dict[str, str] = field(default_factory=dict)
    cost: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def objectives(self) -> list[Objective]:
        """What was tried to be reached."""
        return list(self.composer.objectives.values())

    @property
    def verdict(self) -> Verdict:
        """fail: something of weight was found; warn: something small; unknown: it never replied; pass: nothing."""
        if not any(trial.replies for trial in self.campaign.trials):
            return "unknown"
        grave = {finding.severity for finding in self.campaign.findings}
        return "fail" if grave & {"high", "medium"} else "warn" if grave else "pass"


def run_redteam(attack: Attack, calls: Path | None = None) -> RedteamRecord:
    """Attack an assistant; replies are kept in the file `calls`, so that a killed attack goes on without asking again.

    Errors: RecipeError if there is no target, it may not be attacked, or the policy is none; those of the engine.
    """
    check_permission(attack)
    if attack.queries < _LEAST_QUERIES:
        raise RecipeError(
            f"{attack.queries} queries are too few", where="queries", hint=f"give {_LEAST_QUERIES} or more"
        )
    began = (time.process_time(), time.perf_counter())
    policy = attack.read()
    composer = make_composer(policy, attack.seed)
    campaign = asyncio.run(_search(attack, policy, composer, calls))
    cost = {
        "cpu_seconds": round(time.process_time() - began[0], 2),
        "wall_seconds": round(time.perf_counter() - began[1], 2),
        "queries": campaign.queries,
    }
    facts = {"target": attack.name, "policy": policy.name, "seed": str(attack.seed), "version": version("simulacra")}
    return RedteamRecord(attack, policy, campaign, composer, facts, cost, _notes(policy))


def compose_rows(attack: Attack, rows: int) -> tuple[Policy, list[PlannedRow], Composer]:
    """Return so many attacks and benign twins as data; nothing is asked. Errors: RecipeError."""
    policy = attack.read()
    composer = make_composer(policy, attack.seed)
    return policy, plan_rows(composer, Seeds(attack.seed).child("rows").rng(), rows), composer


def make_composer(policy: Policy, seed: int) -> Composer:
    """Return what makes the cases of a policy: its objectives and every operator there is."""
    seeds = Seeds(seed)
    operators = {name: registry.find("operator", name)() for name in registry.names("operator")}
    return Composer(policy, objectives_of(policy, seeds.child("objectives").rng()), operators, seeds)


def open_prober(policy: Policy, composer: Composer, target: ChatTarget, queries: int) -> Prober:
    """Return what asks and judges, with every oracle there is."""
    oracles = {name: registry.find("oracle", name)() for name in registry.names("oracle")}
    return Prober(policy, target, list(composer.objectives.values()), oracles, queries=queries)


def check_permission(attack: Attack) -> None:
    """Raise a RecipeError if the target is missing, or elsewhere and not said to be the person's own."""
    if attack.target is None:
        raise RecipeError("there is no target", hint="name one, or give --rows to write the attacks as data")
    if read_template(Path(attack.target)).is_local if _is_template(attack.target) else is_local(attack.target):
        return
    if not attack.owned:
        hint = "attack only what is yours; if it is, say so with --i-own-this-target and give --per-minute"
        raise RecipeError("the target is not on this machine", where=attack.name, hint=hint)
    if not attack.per_minute:
        raise RecipeError("a target elsewhere needs a rate limit", where=attack.name, hint="e.g. --per-minute 60")


def fingerprint(attack: Attack, rows: int | None = None) -> str:
    """Return a digest of all that decides which cases are tried."""
    told = policy_to_dict(attack.read())
    content = [attack.name, told, attack.queries, attack.seed, attack.instruct, attack.parameters, rows]
    return hashlib.sha256(json.dumps([*content, version("simulacra")], default=str).encode()).hexdigest()


def open_attack_target(attack: Attack, policy: Policy, engine: Engine) -> ChatTarget:
    """Return the target of an attack, ready to be asked."""
    assert attack.target is not None
    system = policy.system if attack.instruct else None
    if _is_template(attack.target):
        return ChatTarget(engine, engine.add(read_template(Path(attack.target))), system)
    return open_target(
        attack.target,
        engine,
        system=system,
        tools=policy.functions() if not isinstance(attack.target, str) or attack.target.startswith("http") else (),
        parameters=attack.parameters,
    )


def _is_template(target: Any) -> TypeGuard[str]:
    """Whether the target is the YAML file of an HTTP template."""
    return isinstance(target, str) and target.endswith((".yaml", ".yml")) and "://" not in target


async def _search(attack: Attack, policy: Policy, composer: Composer, calls: Path | None) -> Campaign:
    store = CallStore(calls) if calls is not None else None
    limits = Limits(requests=attack.per_minute) if attack.per_minute else None
    try:
        async with Engine(store=store, limits=limits) as engine:
            prober = open_prober(policy, composer, open_attack_target(attack, policy, engine), attack.queries)
            return await search(prober, composer, Seeds(attack.seed))
    finally:
        if store is not None:
            store.close()


def _notes(policy: Policy) -> tuple[str, ...]:
    notes = []
    if any(one.value is None for one in policy.secrets):
        notes.append("The value of a secret is not known: what looks like one and nobody else said is taken for it.")
    if policy.system is None:
        notes.append("The system prompt is not known: orders to an assistant in a reply are taken for it.")
    if any(not one.holds for one in policy.things):
        notes.append("Some things of other users have no `holds`: whether they were shown could not be scored.")
    return tuple(notes)
