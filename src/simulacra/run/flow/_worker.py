"""A worker's side: it gets begun rows, takes them through steps and checks, and asks the run whatever they ask."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import pickle
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from ...contracts.models import Answer, Message
from ...contracts.rows import Row
from ...seeds import Seeds
from ._pipe import FAREWELL, Pipe, portable
from .attempt import Flow, finish_attempt

__all__ = ["work"]


def work(end: socket.socket) -> None:
    """Serve the run at the other end of the socket until it hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the run's: it hangs up
    if hasattr(signal, "pthread_sigmask"):  # it was held back until here
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_leave_with_the_run, daemon=True).start()
    asyncio.run(_serve(end))


def _leave_with_the_run() -> None:
    """End a worker whose run has died while a step holds it: it would never see that nobody is there."""
    run = multiprocessing.parent_process()
    if run is not None:
        run.join()
        time.sleep(FAREWELL)
        os._exit(1)


async def _serve(end: socket.socket) -> None:
    pipe = await Pipe.open(end)
    message = await pipe.receive()
    if message is None:
        return
    try:
        make_flow: Callable[[], Flow] = pickle.loads(message[0])
        desk = _Desk(make_flow(), pipe)
    except Exception as error:
        pipe.send("broken", portable(error))
        await pipe.drain()
        return
    pipe.send("ready")
    while (message := await pipe.receive()) is not None:
        desk.take(*message)
    desk.leave()


class _Desk:
    """The attempts of this worker and the questions that they wait for."""

    def __init__(self, flow: Flow, pipe: Pipe) -> None:
        self.flow, self.pipe = flow, pipe
        self._tasks: set[asyncio.Task[None]] = set()
        self._asked: dict[int, asyncio.Future[Answer]] = {}
        self._count = 0

    def take(self, kind: str, number: int, *content: Any) -> None:
        """Take a message: an attempt to "make", an "answer", or an "error" in its place."""
        if kind == "make":
            task = asyncio.create_task(self._make(number, *content))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif (waiting := self._asked.pop(number)) and not waiting.done():
            waiting.set_result(content[0]) if kind == "answer" else waiting.set_exception(content[0])

    def leave(self) -> None:
        """Drop what is under way."""
        for task in self._tasks:
            task.cancel()

    async def ask(self, attempt: int, seeds: Seeds, prompt: Any, options: dict[str, Any]) -> Answer:
        """Have the run ask; its answer or error comes back."""
        number = self._count = self._count + 1
        waiting: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._asked[number] = waiting
        # As bytes: the run knows the schema again without reading it, and compiles it once.
        schema = None if options.get("schema") is None else pickle.dumps(options["schema"])
        self.pipe.send("ask", attempt, number, seeds, prompt, {**options, "schema": schema})
        return await waiting

    async def _make(self, number: int, row: Row, own: Seeds) -> None:
        try:
            made = await finish_attempt(self.flow, row, own, lambda at: _Context(at, number, self))
            self.pipe.send("made", number, made)
        except Exception as error:
            self.pipe.send("failed", number, portable(error))


class _Context:
    """What a step or check sees here; a `contracts.rows.Context`."""

    __slots__ = ("_attempt", "_desk", "seeds")

    def __init__(self, seeds: Seeds, attempt: int, desk: _Desk) -> None:
        self.seeds, self._attempt, self._desk = seeds, attempt, desk

    async def ask(self, prompt: str | Sequence[Message], **options: Any) -> Answer:
        """Return the model's answer; see `contracts.rows.Context.ask`."""
        return await self._desk.ask(self._attempt, self.seeds, prompt, options)
