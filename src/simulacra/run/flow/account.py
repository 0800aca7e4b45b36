"""What an attempt asks of models, and what it pays."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ...contracts.models import Answer
from ...models.asking import Asker
from ...models.engine import Engine
from ...seeds import Seeds

__all__ = ["Account", "row_context"]


class Account:
    """The calls of one attempt: their keys and the models asked, tokens and dollars in all."""

    __slots__ = ("_paid", "calls", "models", "tokens_in", "tokens_out")

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.models: list[str] = []
        self._paid: dict[str, float] = {}
        self.tokens_in = self.tokens_out = 0

    @property
    def dollars(self) -> float:
        """What it cost; the same to the last bit in whatever order the answers came."""
        return math.fsum(self._paid.values())

    def add(self, key: str, model: str, answer: Answer) -> None:
        """Take note of an answer, also of one that an earlier run paid for: it is what the row cost.

        Repairs and further samples are answers of their own. One that two questions of the row share counts once.
        """
        if key not in self.calls:
            self.calls.append(key)
        if key in self._paid:
            return
        self._paid[key] = answer.usage.dollars
        if model not in self.models:
            self.models.append(model)
        self.tokens_in += answer.usage.tokens_in
        self.tokens_out += answer.usage.tokens_out


def row_context(
    engine: Engine, models: Mapping[str, str], seeds: Seeds, account: Account, *, priority: int = 0
) -> Asker:
    """Return what a step sees beside its row: it asks through the engine, and its attempt keeps account.

    models : role -> a model's name; the first is the default. priority : the row's number; older rows go first.
    """
    return Asker(engine, seeds, models, priority=priority, keys=account.calls, paid=account.add)
