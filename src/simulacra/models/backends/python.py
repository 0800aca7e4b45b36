"""A Python function as a model: `python:package.module:function` or `python:folder/file.py:function`."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable
from typing import Any

from ...contracts.models import Answer, Call, Capabilities, ToolCall, Usage
from ...errors import SimulacraError
from ...functions import load_function
from ...registry import register
from ..errors import Declined

__all__ = ["Function"]


@register("model")
class Function:
    """Calls `function(messages)`, messages as mappings with "role" and "content"; plain functions run in a thread.

    It returns text, a JSON value, a mapping {"text": .., "tools": [{"name": .., "arguments": {..}}]}, or an `Answer`.
    What it raises is this call's end: the row is rejected with that reason.
    """

    name = "python"

    def __init__(self, target: str | Callable[..., Any], *, width: int = 4) -> None:
        self._function = target if callable(target) else load_function(target)
        self.identity = f"python:{target if isinstance(target, str) else _label(target)}"
        self.capabilities = Capabilities(completions=True, tools=True, local=True)
        self.width = width

    def __eq__(self, other: object) -> bool:
        """Whether it calls the same function: two of one name may not."""
        return isinstance(other, Function) and self._function == other._function

    def __hash__(self) -> int:
        """Return what equal ones share."""
        return hash(self.identity)

    async def send(self, call: Call) -> Answer:
        """Call the function once."""
        turns = [{"role": turn.role, "content": turn.content} for turn in call.messages]
        given: Any = call.prompt if call.prompt is not None else turns
        try:
            if inspect.iscoroutinefunction(self._function):
                said = await self._function(given)
            else:
                said = await asyncio.to_thread(self._function, given)
        except SimulacraError:
            raise
        except Exception as error:
            seen = f"the function raised {type(error).__name__}: {str(error)[:200]}"
            raise Declined(seen, where=self.identity) from error
        return _answer(said)

    async def close(self) -> None:
        """Nothing to release."""


def _label(function: Callable[..., Any]) -> str:
    named = function if hasattr(function, "__qualname__") else type(function)
    return f"{named.__module__}:{named.__qualname__}"


def _answer(said: Any) -> Answer:
    if isinstance(said, Answer):
        return said
    tools: tuple[ToolCall, ...] = ()
    if isinstance(said, dict) and set(said) <= {"text", "tools"} and said:
        tools = tuple(
            ToolCall(str(one["name"]), json.dumps(one.get("arguments", {})), str(one.get("identity", "")))
            for one in said.get("tools", ())
        )
        said = said.get("text", "")
    text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False, default=str)
    return Answer(text, finish="tools" if tools else "stop", tools=tools, usage=Usage(0, len(text) // 4 + 1))
