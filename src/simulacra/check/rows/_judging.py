"""How judges are asked: scores by a rubric, and which of two texts is better, in both orders."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...contracts.models import Answer, Message
from ...contracts.rows import Row
from ._row import as_text, value_at

__all__ = ["Ask", "Comparison", "Judgement", "compare_pair", "panel_of", "score_row"]

Ask = Callable[..., Awaitable[Answer]]
_SYSTEM = "You judge pieces of a data set, strictly and by the criteria given. First say why, then give the verdict."


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a panel says of a row. scores : criterion -> mean over judges, 1 to 5. each : a mean per judge.

    value : mean of the scores. spread : how far the judges are apart. rationales : a reason per judge.
    """

    scores: Mapping[str, float]
    each: tuple[float, ...]
    rationales: tuple[str, ...]
    models: tuple[str, ...]

    @property
    def value(self) -> float:
        """The mean over criteria and judges, 1 to 5."""
        return sum(self.each) / len(self.each)

    @property
    def spread(self) -> float:
        """The distance between the judge that likes it most and the one that likes it least."""
        return max(self.each) - min(self.each)

    def record(self) -> dict[str, Any]:
        """Return the judgement as plain values."""
        scores = {name: round(score, 3) for name, score in self.scores.items()}
        return {"value": round(self.value, 3), "spread": round(self.spread, 3), "scores": scores,
                "models": list(self.models), "rationales": list(self.rationales)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comparison:
    """Which of two texts is better. margin : mean over judges of +1 (the first), -1 (the second), 0 (a judge that
    changed its mind with the order), from -1 to 1. swayed : judges whose verdict depended on the order.
    """

    margin: float
    swayed: int
    judges: int
    rationales: tuple[str, ...] = ()


async def score_row(
    row: Row, ask: Ask, *, fields: Sequence[str], criteria: Mapping[str, str], panel: Sequence[tuple[str | None, int]]
) -> Judgement:
    """Return the scores of a row's fields by criteria. panel : (model, sample) of each judge; all are asked at once.

    Errors: Declined if a judge gives no valid verdict.
    """
    shown = "\n".join(f"{name}: {as_text(value)}" for name in fields if (value := value_at(row, name)) is not None)
    told = "\n".join(f"- {name}: {about}" if about else f"- {name}" for name, about in criteria.items())
    words = f"Score this by each criterion, from 1 (bad) to 5 (excellent).\n{told}\n\n{shown}"
    schema = _rubric_schema(criteria)
    turns = [Message("system", _SYSTEM), Message("user", words)]
    answers = await asyncio.gather(*(_one(ask, turns, schema, model, sample) for model, sample in panel))
    said = [answer.data for answer in answers]
    scores = {name: sum(one["scores"][name] for one in said) / len(said) for name in criteria}
    each = tuple(sum(one["scores"].values()) / len(criteria) for one in said)
    names = tuple(model or "the first model" for model, _ in panel)
    return Judgement(scores, each, tuple(str(one["reason"]) for one in said), names)


async def compare_pair(
    prompt: str, texts: tuple[str, str], ask: Ask, *, aspects: Sequence[str], panel: Sequence[tuple[str | None, int]]
) -> Comparison:
    """Return which of two answers to a prompt is better by the aspects; each judge is asked in both orders.

    Source: Zheng et al. 2023, Judging LLM-as-a-Judge, section 3.4 (a win counts only if it holds in both orders).
    Errors: Declined if a judge gives no valid verdict.
    """
    orders = [(texts, ("first", "second")), (texts[::-1], ("second", "first"))]
    asked = [
        _one(ask, [Message("system", _SYSTEM), Message("user", _duel(prompt, pair, aspects))], _DUEL, model, sample)
        for model, sample in panel
        for pair, _ in orders
    ]
    answers = [answer.data for answer in await asyncio.gather(*asked)]
    margins, swayed = [], 0
    for place in range(len(panel)):
        straight, turned = answers[2 * place], answers[2 * place + 1]
        first = {"A": 1, "B": -1, "tie": 0}[straight["better"]]
        again = {"A": -1, "B": 1, "tie": 0}[turned["better"]]
        margins.append(first if first == again else 0)
        swayed += first != again
    reasons = tuple(str(answer["reason"]) for answer in answers[::2])
    return Comparison(sum(margins) / len(margins), swayed, len(panel), reasons)


_REASON = {"type": "string", "maxLength": 300}
_DUEL: dict[str, Any] = {
    "type": "object", "required": ["reason", "better"], "additionalProperties": False,
    "properties": {"reason": _REASON, "better": {"type": "string", "enum": ["A", "B", "tie"]}},
}  # fmt: skip


def _duel(prompt: str, pair: Sequence[str], aspects: Sequence[str]) -> str:
    told = ", ".join(aspects)
    return f"Which answer is better by these aspects: {told}?\n\nQuestion: {prompt}\n\nA: {pair[0]}\n\nB: {pair[1]}"


def _rubric_schema(criteria: Mapping[str, str]) -> dict[str, Any]:
    scores = {name: {"type": "integer", "minimum": 1, "maximum": 5} for name in criteria}
    inner = {"type": "object", "properties": scores, "required": list(criteria), "additionalProperties": False}
    properties = {"reason": _REASON, "scores": inner}
    return {"type": "object", "properties": properties, "required": ["reason", "scores"], "additionalProperties": False}


async def _one(ask: Ask, turns: list[Message], schema: Mapping[str, Any], model: str | None, sample: int) -> Answer:
    # The first judge answers as it must; further ones of the same model are other draws.
    heat = 0.0 if sample == 0 else 0.8
    return await ask(turns, model=model, schema=schema, sample=sample, temperature=heat)


def panel_of(models: Sequence[str], samples: int) -> list[tuple[str | None, int]]:
    """Return the judges: every model, `samples` times; no model means the run's first one."""
    return [(model, sample) for model in (models or (None,)) for sample in range(samples)]
