"""From rows of any shape to what training formats share: turns of a conversation, or a prompt with two answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import RecipeError

__all__ = ["Pair", "Shape", "Talk", "find_shape", "pair_of", "talk_of"]

_TALKS = ("messages", "conversation", "conversations", "dialogue", "chat")
_ASKS = ("prompt", "instruction", "question", "input", "user", "query", "text")
_SAYS = ("response", "answer", "completion", "output", "assistant", "reply", "label")
_ROLES = {"human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant", "system": "system",
          "tool": "tool"}  # fmt: skip
Row = Mapping[str, Any]
Talk = list[dict[str, str]]
"""Turns: {"role": "system" | "user" | "assistant" | "tool", "content": text}, the last one the assistant's."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Which columns of the rows mean what. talk : a column of turns, or else ask and say; system : told to all.

    context : a column that stands beside the instruction (Alpaca's `input`). chosen, rejected : of pairs.
    """

    ask: str = ""
    say: str = ""
    talk: str = ""
    context: str = ""
    chosen: str = ""
    rejected: str = ""
    system: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """A prompt as turns, the better and the worse answer, and by how much the better one leads (None: not known)."""

    prompt: Talk
    chosen: str
    rejected: str
    margin: float | None = None


def find_shape(columns: Sequence[str], *, ask: str = "", say: str = "", system: str = "") -> Shape:
    """Return the shape of rows with these columns, by their names unless `ask` and `say` give them.

    Errors: RecipeError for a column that is not there, and where no columns are found.

    >>> find_shape(["question", "answer"])
    Shape(ask='question', say='answer', talk='', context='', chosen='', rejected='', system='')
    """
    for name in filter(None, (ask, say)):
        if name not in columns:
            raise RecipeError(f"there is no column {name!r}", where="export", hint=f"there are: {', '.join(columns)}")
    pairs = ("chosen", "rejected") if {"chosen", "rejected"} <= set(columns) else ("", "")
    talk = "" if ask else next((name for name in _TALKS if name in columns), "")
    ask = ask or next((name for name in _ASKS if name in columns and name != say), "")
    say = say or next((name for name in _SAYS if name in columns and name != ask), "")
    context = "input" if "input" in columns and ask not in ("input", "") else ""
    if not talk and not (ask and (say or pairs[0])):
        hint = f"name them: --ask COLUMN --say COLUMN; there are: {', '.join(columns)}"
        raise RecipeError("no columns of questions and answers are found", where="export", hint=hint)
    return Shape(ask, say, talk, context, *pairs, system)


def talk_of(row: Row, shape: Shape) -> Talk | None:
    """Return the turns of a row; None if there is no answer in it, or no turn at all."""
    if shape.talk:
        turns = _turns(row.get(shape.talk))
    else:
        say = shape.say or shape.chosen
        turns = [*_asked(row, shape), *_turns_or_text(row.get(say), "assistant")] if say else []
    if shape.system and turns and turns[0]["role"] != "system":
        turns = [{"role": "system", "content": shape.system}, *turns]
    whole = len(turns) > 1 and turns[-1]["role"] == "assistant" and any(turn["role"] == "user" for turn in turns)
    return turns if whole and all(turn["content"].strip() for turn in turns) else None


def pair_of(row: Row, shape: Shape) -> Pair | None:
    """Return the pair of a row; None if one of the answers is missing, or both are the same.

    Errors: RecipeError if the rows have no columns `chosen` and `rejected`.
    """
    if not shape.chosen:
        hint = "make pairs first: `simulacra run examples/preference.yaml`"
        raise RecipeError("the rows have no columns chosen and rejected", where="export", hint=hint)
    prompt = _asked(row, shape) if not shape.talk else _turns(row.get(shape.talk))
    if shape.system and prompt and prompt[0]["role"] != "system":
        prompt = [{"role": "system", "content": shape.system}, *prompt]
    chosen, rejected = (_last(row.get(name)) for name in (shape.chosen, shape.rejected))
    if not prompt or not chosen.strip() or not rejected.strip() or chosen == rejected:
        return None
    margin = row.get("margin")
    return Pair(prompt, chosen, rejected, float(margin) if isinstance(margin, int | float) else None)


def _asked(row: Row, shape: Shape) -> Talk:
    beside = str(row.get(shape.context) or "").strip() if shape.context else ""
    turns = _turns_or_text(row.get(shape.ask), "user")
    if beside and turns:
        turns[-1] = {**turns[-1], "content": f"{turns[-1]['content']}\n\n{beside}"}
    return turns


def _turns_or_text(value: Any, role: str) -> Talk:
    if isinstance(value, list):
        return _turns(value)
    return [] if value is None else [{"role": role, "content": value if isinstance(value, str) else _json(value)}]


def _turns(value: Any) -> Talk:
    """Return turns from a list of {"role", "content"} or of {"from", "value"}, or from its JSON text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return []
    found = []
    for turn in value if isinstance(value, list) else []:
        role = _ROLES.get(str(turn.get("role") or turn.get("from"))) if isinstance(turn, Mapping) else None
        if role is None:
            return []
        content = turn.get("content", turn.get("value"))
        found.append({"role": role, "content": content if isinstance(content, str) else _json(content)})
    return found


def _last(value: Any) -> str:
    if isinstance(value, list):
        turns = _turns(value)
        return turns[-1]["content"] if turns else ""
    return "" if value is None else str(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
