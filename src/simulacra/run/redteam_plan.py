"""What an attack would do and cost, said before anything is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..functions import forgetting_functions
from ..models.prices import LISTED, Prices
from .redteam import check_attack, make_composer
from .redteam_target import Attack, name_of

__all__ = ["AttackPlan", "plan_attack"]

_READ, _WRITTEN = 1_500, 250
"""Tokens of a question to attacker or judge, generously: the talk so far is shown to it."""


@dataclass(frozen=True, slots=True)
class AttackPlan:
    """objectives : what it would be after. operators : by how many ways. models : role, model, calls at most, and what
    these cost at most, None if no price is known. listed : whether a price is one of `models.prices.PRICES`."""

    target: str
    queries: int
    objectives: tuple[str, ...]
    operators: int
    models: tuple[tuple[str, str, int, float | None], ...]
    listed: bool = False

    def document(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        models = [
            {"role": role, "model": model, "calls_at_most": calls, "dollars_at_most": dollars}
            for role, model, calls, dollars in self.models
        ]
        return {"target": self.target, "queries_at_most": self.queries, "objectives": list(self.objectives),
                "operators": self.operators, "models": models,
                **({"prices": LISTED} if self.listed else {})}  # fmt: skip

    def sentences(self) -> list[str]:
        """Return it in words."""
        lines = [
            f"{self.target} would be asked for at most {self.queries:,} replies, after {len(self.objectives)} things "
            f"by {self.operators} ways; what these replies cost is not known here."
        ]
        for role, model, calls, dollars in self.models:
            price = "no price is known" if dollars is None else f"at most about {dollars:.2f} dollars"
            lines.append(f"{role.capitalize()} {model}: at most {calls:,} questions, {price}.")
        return [*lines, *([f"Dollars are {LISTED}."] if self.listed else []), "Nothing was asked."]


@forgetting_functions()
def plan_attack(attack: Attack) -> AttackPlan:
    """Return what an attack would do. Errors: those of `run_redteam` that need no reply."""
    check_attack(attack)
    composer = make_composer(
        attack.read(), attack.seed, written=bool(attack.attacker), judged=bool(attack.judge),
        reference=attack.reference is not None,
    )  # fmt: skip
    each, table = attack.calls_each, Prices(attack.prices)
    models = []
    for role, model in (("attacker", attack.attacker), ("judge", attack.judge)):
        if model is not None:
            price = None if _is_free(model) else table.of(model)
            dollars = 0.0 if _is_free(model) else None if price is None else price.of(each * _READ, each * _WRITTEN)
            models.append((role, model, each, dollars))
    return AttackPlan(
        name_of(attack.target), attack.queries, tuple(composer.objectives), len(composer.operators), tuple(models),
        any(table.is_listed(model) for _, model, *_ in models),
    )  # fmt: skip


def _is_free(model: str) -> bool:
    return model.split(":")[0] in ("embedded", "gguf", "echo", "ollama", "python")
