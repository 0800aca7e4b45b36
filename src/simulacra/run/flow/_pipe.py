"""Messages between a run and its workers: pickled tuples over a socket, never waiting for the reader.

Pickle, because both ends are this program and the socket has no name that a stranger could reach.
"""

from __future__ import annotations

import asyncio
import pickle
import socket
from typing import Any

from ...errors import RecipeError

__all__ = ["FAREWELL", "Pipe", "portable"]

FAREWELL = 2.0
"""Seconds that a worker has to end by itself when its run hangs up."""

_LENGTH = 8


class Pipe:
    """One end. What is sent is buffered without bound: the run bounds how much is under way."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, end: socket.socket) -> Pipe:
        """Return the pipe over one end of a socket pair."""
        return cls(*await asyncio.open_connection(sock=end))

    def send(self, *message: Any) -> None:
        """Send a message; one to an end that is gone is lost. Errors: RecipeError for what cannot be pickled."""
        try:
            content = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            seen = f"what a step or check holds or asks cannot go to another process ({error})"
            hint = "keep rows and prompts to text, numbers, lists and mappings, or use --executor inline"
            raise RecipeError(seen, where="executor", hint=hint) from error
        if not self._writer.is_closing():
            self._writer.write(len(content).to_bytes(_LENGTH, "little") + content)

    async def receive(self) -> tuple[Any, ...] | None:
        """Return the next message, None if the other end is gone."""
        try:
            length = int.from_bytes(await self._reader.readexactly(_LENGTH), "little")
            content = await self._reader.readexactly(length)
        except (asyncio.IncompleteReadError, OSError):
            return None
        message: tuple[Any, ...] = pickle.loads(content)
        return message

    async def drain(self) -> None:
        """Wait until what was sent is on its way."""
        await self._writer.drain()

    def close(self) -> None:
        """Hang up; safe to call twice."""
        self._writer.close()


def portable(error: BaseException) -> BaseException:
    """Return the error if it survives the way, else one that says the same."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # whatever pickling somebody's exception may raise
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
