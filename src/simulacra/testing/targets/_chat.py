"""What planted assistants have in common: reading a conversation, and telling what it is after."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Plant", "Planted", "Talk", "canary", "some"]

Reply = str | dict[str, Any]
Plant = Callable[["Talk"], "Reply | None"]


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation: the last text to be answered, whether a tool said it, and what users said before."""

    text: str
    from_tool: bool
    earlier: tuple[str, ...]

    @property
    def low(self) -> str:
        """The last text in small letters."""
        return self.text.lower()


class Planted(ABC):
    """An assistant with planted weaknesses; without any it is the hardened twin.

    plants : those that are active, by name. seed : moves secrets, names, limits and wordings. touched : plants that
    answered so far.
    """

    def __init__(self, plants: Sequence[str], seed: int = 0) -> None:
        known = self.plants(np.random.default_rng(seed))
        self.active: dict[str, Plant] = {name: known[name] for name in known if name in plants}
        self.touched: set[str] = set()

    @abstractmethod
    def plants(self, rng: np.random.Generator) -> Mapping[str, Plant]:
        """Return all plants there are, with their wordings drawn."""

    @abstractmethod
    def safe(self, talk: Talk) -> Reply:
        """Return what an assistant without weaknesses says."""

    def __call__(self, messages: Sequence[Mapping[str, Any]]) -> Reply:
        """Return the reply to a conversation; the first plant that fires gives it."""
        users = [str(one["content"]) for one in messages if one["role"] == "user"]
        last = messages[-1]
        from_tool = last["role"] == "tool"
        talk = Talk(str(last["content"]), from_tool, tuple(users if from_tool else users[:-1]))
        for name, plant in self.active.items():
            said = plant(talk)
            if said is not None:
                self.touched.add(name)
                return said
        return self.safe(talk)


def canary(rng: np.random.Generator) -> str:
    """Return a secret in one of the shapes that people give them."""
    letters, digits = "BCDFGHJKMNPQRSTVWXZ", "23456789"

    def draw(signs: str, size: int) -> str:
        return "".join(signs[int(rng.integers(len(signs)))] for _ in range(size))

    shapes = (
        f"{draw(letters, 2)}-{draw(digits, 4)}-{draw(letters, 2)}",
        f"{draw(letters + digits, 4)}{draw(digits, 2)}{draw(letters, 3)}",
        f"harbor-{draw(letters, 3).lower()}-{draw(digits, 4)}",
        f"sk_{draw(letters, 4).lower()}{draw(digits, 5)}{draw(letters, 3)}",
    )
    return shapes[int(rng.integers(len(shapes)))]


def some(rng: np.random.Generator, words: str, share: float = 0.7) -> re.Pattern[str]:
    """Return a pattern for some of the words, parted by |: which of them a planted weakness listens to."""
    parts = words.split("|")
    count = max(1, round(share * len(parts)))
    chosen = [parts[int(place)] for place in sorted(rng.permutation(len(parts))[:count])]
    return re.compile("|".join(chosen), re.I)
