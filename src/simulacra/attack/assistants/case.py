"""One attack as a value: the turns that will be said, what it wants, and by which operators it came about."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["Case", "Turn"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn before the assistant's reply.

    content : what is said. tool : the name of the tool that returns it; "" if the user says it. silent : no reply is
    awaited, the next turn follows at once (a tool's result after the user's question).
    """

    content: str
    tool: str = ""
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One attack, or a harmless twin of one.

    objective : what it is after. ask : the plain words of it. turns : all that is said, in order.
    at : the turn that holds the ask. operators : what changed it, in order. benign : it is a harmless twin.
    about : what it asks for, by name. owner : whose it is. tool : one
    that reads from outside.
    """

    objective: str
    ask: str
    turns: tuple[Turn, ...]
    at: int = 0
    operators: tuple[str, ...] = ()
    style: str = "plain"
    language: str = "en"
    benign: bool = False
    about: str = ""
    owner: str = ""
    tool: str = ""

    @property
    def text(self) -> str:
        """What the turn that holds the ask says."""
        return self.turns[self.at].content

    def say(self, text: str) -> Case:
        """Return the case with another text in the turn that holds the ask."""
        turn = replace(self.turns[self.at], content=text)
        return replace(self, turns=(*self.turns[: self.at], turn, *self.turns[self.at + 1 :]))

    def after(self, *earlier: Turn) -> Case:
        """Return the case with turns said before the one that holds the ask."""
        turns = (*self.turns[: self.at], *earlier, *self.turns[self.at :])
        return replace(self, turns=turns, at=self.at + len(earlier))

    def then(self, *later: Turn) -> Case:
        """Return the case with turns said after all others."""
        return replace(self, turns=(*self.turns, *later))

    @property
    def queries(self) -> int:
        """How often the assistant is asked."""
        return sum(1 for turn in self.turns if not turn.silent)

    @property
    def depth(self) -> str:
        """How deep the attack goes: "plain", "single" or "composed" operators, "script" of several turns."""
        if self.queries > 1:
            return "script"
        return ("plain", "single")[len(self.operators)] if len(self.operators) < 2 else "composed"

    def key(self) -> str:
        """Return a digest of all that is said."""
        content = [[turn.content, turn.tool, turn.silent] for turn in self.turns]
        return hashlib.blake2b(json.dumps(content).encode(), digest_size=8).hexdigest()

    def plain(self) -> dict[str, Any]:
        """Return the case as JSON holds it."""
        return {
            "objective": self.objective, "ask": self.ask, "operators": list(self.operators), "style": self.style,
            "language": self.language, "depth": self.depth, "benign": self.benign, "at": self.at,
            "about": self.about, "owner": self.owner,
            "turns": [_turn(turn) for turn in self.turns],
        }  # fmt: skip

    @staticmethod
    def read(told: dict[str, Any]) -> Case:
        """Return the case that `plain` wrote."""
        turns = tuple(Turn(one["content"], one.get("tool", ""), one.get("silent", False)) for one in told["turns"])
        return Case(
            told["objective"], told["ask"], turns, told["at"], tuple(told["operators"]), told["style"],
            told["language"], told["benign"], told.get("about", ""), told.get("owner", ""),
        )  # fmt: skip


def _turn(turn: Turn) -> dict[str, Any]:
    told: dict[str, Any] = {"content": turn.content}
    return told | ({"tool": turn.tool} if turn.tool else {}) | ({"silent": True} if turn.silent else {})
