"""A run before it is paid for: the calls it would make, with made-up answers in place of a model's."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from typing import Any

from ...contracts.models import Answer, Call, Message
from ...models.filling import fill
from ...recipe.instruct import Recipe
from ...recipe.written import to_spec
from ...seeds import Seeds
from .account import Account
from .attempt import Flow, make_rows
from .order import Attempt
from .road import make_flow, roles, run_async

__all__ = ["Recorder", "rehearse", "rehearse_flow"]


class Recorder:
    """A context whose answers are made up; it keeps the calls."""

    def __init__(self, models: Mapping[str, str], seeds: Seeds, calls: list[Call]) -> None:
        self.seeds, self._models, self._calls = seeds, models, calls

    async def ask(
        self,
        prompt: str | Sequence[Message],
        *,
        model: str | None = None,
        schema: Mapping[str, Any] | None = None,
        complete: bool = False,
        sample: int = 0,
        **parameters: Any,
    ) -> Answer:
        """Return a made-up answer that satisfies the schema."""
        name = next(iter(self._models.values())) if model is None else self._models.get(model, model)
        turns = (Message("user", prompt),) if isinstance(prompt, str) else tuple(prompt)
        chat = () if complete else turns
        call = Call(name, chat, str(prompt) if complete else None, parameters, schema=schema, sample=sample)
        self._calls.append(call)
        await asyncio.sleep(0)
        value = None if schema is None else fill(schema, random.Random(call.key()))
        # Other words for each call, whole as a question and as a sentence: what follows on them is asked, too.
        words = f"What would words such as {call.key()[:8]} say here? They would say something like this."
        return Answer(words if value is None else "", data=value)


def rehearse(recipe: Recipe, slots: int) -> list[Call]:
    """Return the calls that the first tries of so many slots would make; nothing is asked, nothing opened.

    Errors: those that the run would meet before its first call: files that are missing, checks that cannot be made.
    """
    return rehearse_flow(make_flow(recipe, to_spec(recipe)), slots, models=roles(recipe), seed=recipe.seed)


def rehearse_flow(flow: Flow, slots: int, *, models: Mapping[str, str], seed: int) -> list[Call]:
    """Return the calls that the first tries of so many slots of a flow would make, its checks left out."""
    calls, seeds = list[Call](), Seeds(seed)

    def open_row(own: Seeds, account: Account) -> Recorder:
        del account
        return Recorder(models, own, calls)

    async def work() -> None:
        unchecked = Flow(flow.begin, flow.steps, (), flow.per_slot)
        for slot in range(slots):
            await make_rows(unchecked, Attempt(slot, slot, 0), seeds, open_row)

    run_async(work())
    return calls
