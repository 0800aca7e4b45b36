"""What is put to the test: an assistant behind an endpoint, or a Python function, asked through the same engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .. import registry
from ..contracts.models import Answer, Call, Message
from ..errors import RecipeError
from ..functions import is_function_name
from ._http import LOOPBACK
from .backends.python import Function
from .engine import Engine

__all__ = ["ChatTarget", "engine_name", "is_local", "open_target"]


@dataclass(frozen=True, slots=True)
class ChatTarget:
    """An assistant under test.

    engine : asks it, keeps its limits and the budget, stores what it said. identity : of the model behind it.
    system : its instructions, if they are not its own already. tools : JSON schemas of functions it may call.
    parameters : of every call.

    >>> import asyncio
    >>> async def hello():
    ...     async with Engine() as engine:
    ...         target = open_target(lambda messages: messages[-1]["content"].upper(), engine)
    ...         return (await target.reply("hello")).text
    >>> asyncio.run(hello())
    'HELLO'
    """

    engine: Engine
    identity: str
    system: str | None = None
    tools: tuple[Mapping[str, Any], ...] = ()
    parameters: Mapping[str, Any] | None = None

    async def reply(self, turns: str | Sequence[Message], *, trial: int = 0, seed: int | None = None) -> Answer:
        """Return the assistant's next turn; its `tools` are the calls it wants to make.

        turns : the conversation so far; text is one user turn. trial : which of several replies to the same turns, each
        asked for once. To ask again what was asked before (after a fix), use an engine with another store.

        Errors: models.errors.Declined if there is no reply; a refusal of the assistant's own is a reply.
        """
        said = (Message("user", turns),) if isinstance(turns, str) else tuple(turns)
        if self.system:
            said = (Message("system", self.system), *said)
        call = Call(self.identity, said, parameters=self.parameters or {}, tools=self.tools, sample=trial, seed=seed)
        return await self.engine.ask(call, refusals=True)


def open_target(
    target: str | Callable[..., Any],
    engine: Engine,
    *,
    system: str | None = None,
    tools: Sequence[Mapping[str, Any]] = (),
    parameters: Mapping[str, Any] | None = None,
) -> ChatTarget:
    """Return the target ready to be asked.

    target : a model's name or an address (see `naming`), `module:function`, `file.py:function`, or a Python function of
    the messages.
    Errors: RecipeError if it is none of these.
    """
    identity = engine.add(Function(target)) if callable(target) else engine.open(engine_name(target))
    return ChatTarget(engine, identity, system, tuple(tools), parameters)


def engine_name(target: str | Callable[..., Any]) -> str:
    """Return the name by which an engine knows a target, e.g. to give it limits.

    >>> engine_name("shop/app.py:reply"), engine_name("openai:gpt-5"), engine_name(print)
    ('python:shop/app.py:reply', 'openai:gpt-5', 'python:builtins:print')
    """
    if callable(target):
        return Function(target).identity
    return f"python:{target}" if _is_function(target) else target


def is_local(target: str | Callable[..., Any]) -> bool:
    """Whether the target runs on this machine: a Python function, or an address on loopback.

    >>> is_local("http://127.0.0.1:8000/v1"), is_local("app:reply"), is_local("openai:gpt-5"), is_local("embedded")
    (True, True, False, True)
    """
    if callable(target) or _is_function(target) or target.split(":")[0] in ("embedded", "gguf", "echo", "python"):
        return True
    if not target.startswith(("http://", "https://")):
        return False
    try:
        return urlsplit(target).hostname in LOOPBACK
    except ValueError as error:
        raise RecipeError(
            "the target's address is none", where="target", hint="e.g. http://127.0.0.1:8000/v1"
        ) from error


def _is_function(target: str) -> bool:
    """`package.module:function`, told from `backend:model`."""
    return is_function_name(target) and target.partition(":")[0] not in registry.names("model")
