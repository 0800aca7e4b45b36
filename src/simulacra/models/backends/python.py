"""A Python function as a model: `python:package.module:function`, to test an assistant that is code."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...contracts.models import Answer, Call, Capabilities, ToolCall, Usage
from ...errors import RecipeError, SimulacraError
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
        self._function = target if callable(target) else _load(target)
        label = (
            target if isinstance(target, str) else f"{target.__module__}:{getattr(target, '__qualname__', 'object')}"
        )
        self.identity = f"python:{label}"
        self.capabilities = Capabilities(completions=True, tools=True, local=True)
        self.width = width

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


def _load(target: str) -> Callable[..., Any]:
    module, _, name = target.partition(":")
    hint = "give python:package.module:function; the working folder is looked in too"
    if not module or not name:
        raise RecipeError(f"{target!r} names no function", where="model", hint=hint)
    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))
    try:
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise RecipeError(f"the function cannot be loaded ({error})", where=target, hint=hint) from error
    if not callable(found):
        raise RecipeError(f"{name!r} is no function", where=target, hint=hint)
    function: Callable[..., Any] = found
    return function


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
