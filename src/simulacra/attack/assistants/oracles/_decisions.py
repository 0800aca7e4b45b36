"""What a reply decides: refused or not, yes or no, which amounts, which tools with which arguments.

Two replies to the same question in other words, or of two versions of an assistant, may differ in every word; they must
not differ in what they decide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ....contracts.models import Answer
from ._reading import fold, is_refusal

__all__ = ["Decision", "conflict", "decision_of"]

_YES = re.compile(
    r"^\W*(?:yes|yeah|sure|certainly|of course|correct|right|that is (?:right|correct)|ja|oui|s[ií])\b", re.I
)
_NO = re.compile(r"^\W*(?:no|nope|nein|non|incorrect|that is (?:wrong|not))\b", re.I)
_AMOUNT = re.compile(
    r"(?P<before>[$€£])?\s?(?P<number>\d[\d,]*(?:\.\d+)?)\s?"
    r"(?P<unit>%|percent|dollars?|usd|euros?|eur|pounds?|gbp|days?|weeks?|months?|years?|hours?|minutes?)?(?!\w)",
    re.I,
)
_UNITS = {"%": "percent", "$": "dollar", "usd": "dollar", "€": "euro", "eur": "euro", "£": "pound", "gbp": "pound"}


@dataclass(frozen=True, slots=True)
class Decision:
    """What one reply decides. answer : "yes", "no" or "" if it says neither. amounts : (unit, number), those with a
    unit alone. tools : the calls, name and arguments."""

    refused: bool
    answer: str
    amounts: frozenset[tuple[str, float]]
    tools: frozenset[str]

    def said(self) -> str:
        """Return it in words.

        >>> decision_of(Answer("Yes, within 14 days.")).said()
        'yes, 14 day'
        """
        parts = ["refused"] if self.refused else []
        parts += [self.answer] if self.answer else []
        parts += [f"{number:g} {unit}" for unit, number in sorted(self.amounts)]
        return ", ".join([*parts, *sorted(self.tools)]) or "neither yes nor no, no amount, no tool"

    def plain(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        amounts = sorted([unit, number] for unit, number in self.amounts)
        return {"refused": self.refused, "answer": self.answer, "amounts": amounts, "tools": sorted(self.tools)}

    @staticmethod
    def read(told: Mapping[str, Any]) -> Decision:
        """Return the decision that `plain` wrote."""
        amounts = frozenset((str(unit), float(number)) for unit, number in told["amounts"])
        return Decision(bool(told["refused"]), str(told["answer"]), amounts, frozenset(told["tools"]))


def decision_of(reply: Answer) -> Decision:
    """Return what a reply decides."""
    text = reply.text
    answer = "yes" if _YES.search(text) else "no" if _NO.search(text) else ""
    found = ((_unit(one["before"] or one["unit"]), one["number"]) for one in _AMOUNT.finditer(text))
    amounts = frozenset((unit, float(number.replace(",", ""))) for unit, number in found if unit)
    return Decision(is_refusal(text), answer, amounts, frozenset(_call(one.name, one.arguments) for one in reply.tools))


def conflict(one: Decision, other: Decision) -> str:
    """Return in what two decisions contradict each other, "" if they do not. What only one of them says is no conflict,
    nor are arguments of tools in other words: numbers, codes and single words are compared, sentences are not.

    >>> yes, no = decision_of(Answer("Yes, 14 days.")), decision_of(Answer("No, 30 days."))
    >>> conflict(yes, no), conflict(yes, decision_of(Answer("You have 14 days.")))
    ('yes against no', '')
    """
    if not _same_calls(one.tools, other.tools):
        return f"{_listed(one.tools)} against {_listed(other.tools)}"
    if one.refused != other.refused and not one.tools:
        return "served against refused" if other.refused else "refused against served"
    if one.answer and other.answer and one.answer != other.answer:
        return f"{one.answer} against {other.answer}"
    for unit in sorted({unit for unit, _ in one.amounts} & {unit for unit, _ in other.amounts}):
        ours, theirs = ({number for name, number in some.amounts if name == unit} for some in (one, other))
        if not ours & theirs:
            return f"{_numbers(ours)} {unit} against {_numbers(theirs)} {unit}"
    return ""


def _unit(written: str | None) -> str:
    low = fold(written or "")
    return _UNITS.get(low, low.rstrip("s") if low != "s" else "")


def _call(name: str, arguments: str) -> str:
    try:
        told = json.loads(arguments or "{}")
    except json.JSONDecodeError:
        told = arguments
    return f"{name}({json.dumps(told, sort_keys=True, ensure_ascii=False)})"


def _same_calls(some: frozenset[str], others: frozenset[str]) -> bool:
    """Whether each call has one of the other side that does the same."""
    ours, theirs = ([_parted(one) for one in sorted(calls)] for calls in (some, others))
    pairs = ((ours, theirs), (theirs, ours))
    return all(any(_agree(call, other) for other in right) for left, right in pairs for call in left)


def _parted(call: str) -> tuple[str, Any]:
    name, _, rest = call.partition("(")
    return name, json.loads(rest[:-1])


def _agree(one: Any, other: Any) -> bool:
    """Whether two values may mean the same: what is written in sentences is not compared."""
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_agree(one[name], other[name]) for name in one.keys() & other.keys())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_agree, one, other))
    worded = any(isinstance(some, str) and re.search(r"\w\s+\w", some) for some in (one, other))
    return bool(one == other) or (worded and isinstance(one, str) and isinstance(other, str))


def _listed(tools: frozenset[str]) -> str:
    return " and ".join(sorted(tools)) or "no tool"


def _numbers(some: set[float]) -> str:
    return " and ".join(f"{one:g}" for one in sorted(some))
