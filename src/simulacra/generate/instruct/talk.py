"""Conversations: two sides that take turns, each briefed apart, or lines of a script that a model goes on with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...contracts.models import Message
from ...contracts.rows import Context, Reject, Row
from .lines import cut_text, join_text, material
from .prompts import SYSTEM
from .spec import Field, Spec
from .templates import render

__all__ = ["converse"]

Turn = dict[str, str]
_MOST_TOKENS = 60


async def converse(
    spec: Spec, one: Field, row: Row, context: Context, parameters: Mapping[str, Any]
) -> list[Turn] | Reject:
    """Return the turns of a conversation field; Reject where a side says nothing whole.

    Without `continues` each side sees what was said and its own briefing, never the other's. With it, a model goes on
    with a script whose lines begin with a speaker's name: for models that write better from examples.
    """
    plan = one.conversation
    if plan is None:  # a field of another kind
        return []
    if plan.continues:
        return await _script(spec, one, row, context, parameters)
    user, assistant = render(plan.user, row), render(plan.assistant, row)
    asker, answerer = _sides(spec, one, row)
    said: list[Turn] = []
    for number in range(plan.rounds):
        told = "Write your first message." if not said else "Write your next message."
        briefing = f"You play the person who writes to an assistant. {user}\nWrite only what that person writes."
        turns = [Message("system", briefing), *_swapped(said), Message("user", told)]
        asked = await context.ask(turns, model=asker, sample=number, **parameters)
        said.append({"role": "user", "content": asked.text.strip()})
        turns = [Message("system", assistant or SYSTEM), *(Message(_role(turn), turn["content"]) for turn in said)]
        reply = await context.ask(turns, model=answerer, sample=number, **parameters)
        said.append({"role": "assistant", "content": reply.text.strip()})
    return said


def _sides(spec: Spec, one: Field, row: Row) -> tuple[str, str]:
    """Return who plays the user, and who the assistant: the one model named, the second of two, else the writer."""
    models = [spec.model(name, row["_slot"]) for name in one.models]
    return (models[0] if len(models) > 1 else row["_writer"]), (models[-1] if models else row["_writer"])


async def _script(
    spec: Spec, one: Field, row: Row, context: Context, parameters: Mapping[str, Any]
) -> list[Turn] | Reject:
    plan = one.conversation
    if plan is None:
        return []
    told = material(spec, row)
    text = render(plan.continues, told)
    speakers = (("user", render(plan.user, told)), ("assistant", render(plan.assistant, told) or "Assistant"))
    asked = {"max_tokens": _MOST_TOKENS, "stop": ["\n"], **parameters}
    begins = render(one.begins, told) if one.begins else ""
    said: list[Turn] = []
    for number in range(plan.rounds):
        for role, name in speakers:
            text = f"{text}\n{name}:" + (f" {begins}" if begins else "")
            answer = await context.ask(text, model=row["_writer"], complete=True, sample=number, **asked)
            whole = join_text(begins, answer.text)
            line = cut_text(whole, "sentence", was_cut=answer.finish == "length")
            if not line:
                return Reject(one.name, "a turn has no whole sentence")
            if any(line == turn["content"] for turn in said):
                return Reject(one.name, "a turn says again what was said")
            said.append({"role": role, "content": line})
            text, begins = f"{text[: len(text) - len(begins)].rstrip()} {line}", ""
    return said


def _swapped(said: list[Turn]) -> list[Message]:
    """Return the turns as the one sees them who plays the user."""
    return [Message("assistant" if turn["role"] == "user" else "user", turn["content"]) for turn in said]


def _role(turn: Mapping[str, str]) -> Any:
    return turn["role"]
