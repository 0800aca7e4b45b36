"""Who is attacked: the assistant a person names, whether it may be, how fast, and how it is opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

from ..attack.assistants.http_target import read_template
from ..attack.assistants.policy import Policy, read_policy
from ..errors import RecipeError
from ..functions import load_function
from ..models.engine import Engine
from ..models.limits import Limits
from ..models.prices import PriceTable
from ..models.targets import ChatTarget, engine_name, is_local, open_target
from .target_code import code_digest, name_of

__all__ = ["Attack", "check_permission", "code_of", "limits_of", "name_of", "open_attack_target"]


@dataclass(frozen=True, slots=True)
class Attack:
    """What to attack under a policy: an assistant, by address, model's name, "module:function", "file.py:function", or
    as a function.

    queries : replies that are asked for, at most. owned : the person says that a target elsewhere is theirs.
    per_minute : requests a minute, needed for such a target. instruct : send the policy's system prompt along, for a
    bare model that has none of its own. parameters : of every call (temperature, max_tokens).

    attacker : a model that writes attacks. judge : a model that scores rules in words, held against `judge_examples` (a
    file of labelled replies), the policy's own or made ones; without an agreement of `judge_agreement` at the low end
    it produces no findings. reference : another version of the assistant to be compared with. model_calls : questions
    to attacker and judge together, at most. budget : dollars for all models, at most. prices : one's own, see
    `models.prices`. decide : a cell of the search is left once its rate is known to be below or above this.
    """

    target: str | Callable[..., Any] | None
    policy: Policy | Path
    queries: int = 1_500
    seed: int = 0
    owned: bool = False
    per_minute: float | None = None
    instruct: bool = False
    parameters: dict[str, Any] = field(default_factory=dict)
    attacker: str | None = None
    judge: str | None = None
    judge_examples: Path | None = None
    judge_agreement: float = 0.7
    reference: str | Callable[..., Any] | None = None
    model_calls: int = 400
    budget: float | None = None
    prices: PriceTable | None = None
    decide: float | None = None

    @property
    def name(self) -> str:
        """The target's name."""
        return name_of(self.target)

    @property
    def calls_each(self) -> int:
        """Questions to each of attacker and judge, at most: two share them half and half."""
        return self.model_calls // 2 if self.judge and self.attacker else self.model_calls

    def read(self) -> Policy:
        """Return the policy."""
        return read_policy(self.policy) if isinstance(self.policy, Path) else self.policy


def check_permission(attack: Attack) -> None:
    """Raise a RecipeError if the target is missing, or what is asked is elsewhere and not said to be one's own."""
    if attack.target is None:
        raise RecipeError("there is no target", hint="name one, or give --rows to write the attacks as data")
    for target in (attack.target, attack.reference):
        if target is None or _is_here(target):
            continue
        if not attack.owned:
            hint = "attack only what is yours; if it is, say so with --i-own-this-target and give --per-minute"
            raise RecipeError("the target is not on this machine", where=name_of(target), hint=hint)
        if not attack.per_minute:
            hint = "e.g. --per-minute 60"
            raise RecipeError("a target elsewhere needs a rate limit", where=name_of(target), hint=hint)


def _is_here(target: str | Callable[..., Any]) -> bool:
    return read_template(Path(target)).is_local if _is_template(target) else is_local(target)


def limits_of(attack: Attack) -> dict[str, Limits] | None:
    """Return how fast target and reference may be asked; models that help keep to their own limits."""
    if not attack.per_minute:
        return None
    named = [one for one in (attack.target, attack.reference) if one is not None]
    names = [read_template(Path(one)).identity if _is_template(one) else engine_name(one) for one in named]
    return dict.fromkeys(names, Limits(requests=attack.per_minute))


def code_of(target: str | Callable[..., Any] | None) -> str:
    """Return a digest of the code of a function, loaded if only its name is given; "" for what is no Python."""
    name = engine_name(target) if isinstance(target, str) else ""
    function = load_function(name.removeprefix("python:")) if name.startswith("python:") else target
    return code_digest(function) if callable(function) else ""


def open_attack_target(
    attack: Attack, policy: Policy, engine: Engine, *, target: str | Callable[..., Any] | None = None
) -> ChatTarget:
    """Return the target of an attack, or another one that is asked in the same way, ready to be asked."""
    target = attack.target if target is None else target
    assert target is not None
    system = policy.system if attack.instruct else None
    if _is_template(target):
        return ChatTarget(engine, engine.add(read_template(Path(target))), system)
    return open_target(
        target,
        engine,
        system=system,
        tools=policy.functions() if not isinstance(target, str) or target.startswith("http") else (),
        parameters=attack.parameters,
    )


def _is_template(target: Any) -> TypeGuard[str]:
    """Whether the target is the YAML file of an HTTP template."""
    return isinstance(target, str) and target.endswith((".yaml", ".yml")) and "://" not in target
