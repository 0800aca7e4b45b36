"""Instructions made harder step by step: deeper, more constrained, more concrete, or a rarer one of the same kind.

A step that failed is eliminated: the model only repeated it, spoke of the task instead of doing it, declined, or wrote
no text. The text before it stays and another way is tried.
Source: Xu et al. 2023, WizardLM (arXiv 2304.12244), Evol-Instruct with its rules of elimination.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...contracts.rows import Context, Reject, Row
from .spec import Evolution

__all__ = ["WAYS", "evolve", "failed"]

WAYS: dict[str, str] = {
    "deepen": "Rewrite it so that answering it needs deeper knowledge or more steps of reasoning.",
    "constrain": "Rewrite it with one more condition or requirement that the answer has to meet.",
    "concretise": "Rewrite it so that general terms become specific ones: names, numbers, a situation.",
    "broaden": "Write a new one from the same field, of the same length and difficulty, but about something rarer.",
}
"""Way -> what the model is told."""
_TASK = re.compile(
    r"\b(?:given|original|rewritten|new|created|evolved) (?:prompt|question|text|instruction|version)\b"
    r"|^\W*(?:sure|certainly|of course|here(?:'s| is))\b", re.I,
)  # fmt: skip
_SORRY = re.compile(r"\b(?:i(?:'|’)?m sorry|i am sorry|i cannot|i can(?:'|’)t|as an ai)\b", re.I)
_LONGER = 4.0
_SAME = 0.9


async def evolve(name: str, how: Evolution, row: Row, context: Context, parameters: Mapping[str, Any]) -> Any:
    """Return the text of the field `how.of` after its rounds of evolution; Reject if every way of a round failed.

    The steps taken stand in the row's background (`_evolved`), and so in the lineage.
    """
    text, taken = str(row.get(how.of) or ""), list[str]()
    ways = [way for way in WAYS if way in how.ways] or list(WAYS)
    for number in range(how.rounds):
        order = [ways[int(place)] for place in context.seeds.child("evolve", name, number).rng().permutation(len(ways))]
        for way in order:
            asked = f"{WAYS[way]} It has to make sense by itself. Write only the text.\n\n{text}"
            answer = await context.ask(asked, model=row.get("_writer"), sample=number, **parameters)
            found = answer.text.strip().strip('"')
            if not failed(text, found, way):
                text, taken = found, [*taken, way]
                break
        else:
            return Reject(name, f"no way of evolving it gave a new text in round {number + 1}")
    row["_evolved"] = taken
    return text


def failed(before: str, after: str, way: str = "") -> str:
    """Return why a step of evolution is eliminated, "" if it is kept.

    >>> failed("What is a pod?", "what is a pod"), failed("What is a pod?", "How do two pods share a volume?")
    ('it says the same again', '')
    """
    old, new = (re.findall(r"\w+", text.lower()) for text in (before, after))
    if len(new) < 3:
        return "there is no text"
    if _SORRY.search(after[:200]):
        return "the model declined"
    if _TASK.search(after[:200]):
        return "it speaks of the task"
    if len(set(old) & set(new)) >= _SAME * max(1, len(set(old) | set(new))):
        return "it says the same again"
    if way != "broaden" and len(new) > _LONGER * max(len(old), 12):
        return "it grew beyond measure"
    return ""
