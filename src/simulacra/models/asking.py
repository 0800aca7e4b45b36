"""How a step of a row asks: by role, with the row's own seed, through the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..contracts.models import Answer, Call, Message
from ..errors import RecipeError
from ..seeds import Seeds
from .engine import Engine, Paid
from .schema import as_schema

__all__ = ["Asker"]


@dataclass(frozen=True, slots=True)
class Asker:
    """What a row's steps ask through; a `contracts.rows.Context`.

    seeds : the row's own branch. models : role ("teacher", "judge") -> a model's name; the first one is the default.
    priority : the row's number; older rows go first. keys : the keys of what was asked, in order, for the lineage.
    paid : told of every answer that a question took, with its key: of repairs and further samples too.
    """

    engine: Engine
    seeds: Seeds
    models: Mapping[str, str] = field(default_factory=dict)
    priority: int = 0
    keys: list[str] = field(default_factory=list)
    paid: Paid | None = None

    async def ask(self, prompt: str | Sequence[Message], **options: Any) -> Answer:
        """Return the model's answer; see `contracts.rows.Context.ask`. `schema` may be a pydantic model too.

        The call is seeded by its row, so the same words in two rows are two questions; at `temperature=0` they are one,
        asked once in a run. `seed=`, `tools=` and `system=` are taken from the parameters if given.
        """
        call = self.call(prompt, **options)
        key = call.key()
        self.keys.append(key)
        return await self.engine.ask(call, priority=self.priority, key=key, paid=self.paid)

    def call(
        self,
        prompt: str | Sequence[Message],
        *,
        model: str | None = None,
        schema: Any = None,
        complete: bool = False,
        sample: int = 0,
        **parameters: Any,
    ) -> Call:
        """Return the call that `ask` would make, without asking."""
        identity = self.engine.open(self._name(model))
        drawn = None if parameters.get("temperature") == 0 else self.seeds.child("ask").integer() % 2**31
        seed = parameters.pop("seed", drawn)
        tools = tuple(parameters.pop("tools", ()))
        system = parameters.pop("system", None)
        turns: tuple[Message, ...] = ()
        if not complete:
            turns = (Message("user", prompt),) if isinstance(prompt, str) else tuple(prompt)
            turns = (Message("system", system), *turns) if system else turns
        elif not isinstance(prompt, str):
            raise RecipeError("only text can be continued, not turns", where="ask", hint="leave out complete=True")
        return Call(
            identity,
            messages=turns,
            prompt=str(prompt) if complete else None,
            parameters=parameters,
            schema=None if schema is None else as_schema(schema),
            tools=tools,
            sample=sample,
            seed=seed,
        )

    def _name(self, model: str | None) -> str:
        if model is not None:
            return self.models.get(model, model)
        if not self.models:
            raise RecipeError("no model was named", where="model", hint="e.g. --model embedded or openai:gpt-5-mini")
        return next(iter(self.models.values()))
