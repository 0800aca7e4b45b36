"""Attempts in worker processes: they compute, the run decides, asks, pays and writes.

A worker that dies takes nothing along: its attempts are given to another one, what their calls were answered lies in
the store, and what is still out is waited for, not asked again. Who was there at two deaths is made alone from then on;
the one whose worker dies three times more is rejected.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import pickle
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from typing import Any, Self

from ...contracts.models import Answer
from ...contracts.rows import Row
from ...errors import RecipeError, SimulacraError
from ...seeds import Seeds
from ._pipe import FAREWELL, Pipe, portable
from ._worker import work
from .account import Account
from .attempt import Flow, Made, Open, Outcome, begin_attempt
from .order import Attempt

__all__ = ["Processes", "without_interrupts"]

_TOGETHER, _ALONE = 2, 3
"""Deaths of workers that an attempt goes through in company, and then alone."""
_FRUITLESS = 10
"""Deaths in a row, without an attempt that came to an end, after which the run ends."""
_SCHEMAS = 256


class Processes:
    """Makes rows in `workers` fresh processes; a `RowExecutor`.

    make_flow : makes the same flow in each of them, so it must be picklable: a function that can be imported, or a
    `functools.partial` of one. Of the run's own flow only the beginning and the ordered checks are used.

    Errors: RecipeError for a flow that cannot travel; SimulacraError if workers cannot be started or keep dying.

    Not handled: a step that never ends holds up its worker, as it would hold up the run in one process.
    """

    def __init__(self, make_flow: Callable[[], Flow], workers: int) -> None:
        try:
            self._source = pickle.dumps(make_flow)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise _rooted(error) from error
        self._count = workers
        self._workers: list[_Worker] = []
        self._moved = asyncio.Event()
        self._error: Exception | None = None
        self._fruitless = 0
        self._closing = False
        self._schemas: dict[bytes, Any] = {}

    async def __aenter__(self) -> Self:
        try:
            for _ in range(self._count):
                self._workers.append(await self._start())
        except BaseException:  # also a Ctrl-C: nobody would end those who have started
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing = True
        await asyncio.gather(*(worker.end() for worker in self._workers))

    async def make(self, flow: Flow, attempt: Attempt, seeds: Seeds, open: Open) -> Outcome:
        """Return the outcome; see `RowExecutor.make`."""
        row, own = begin_attempt(flow, attempt, seeds)
        deaths = 0
        while deaths < _TOGETHER + _ALONE:
            job = _Job(row, own, open, asyncio.get_running_loop().create_future())
            alone = deaths >= _TOGETHER
            worker = await self._choose(alone=alone)
            try:
                return Outcome(await worker.make(job, alone=alone), job.account)
            except _Died as died:
                deaths, last = deaths + 1, died
        reason = f"its worker died {_ALONE} times with no other row in it ({last})"
        return Outcome((Made(row, "worker", reason),), job.account)

    def schema(self, content: bytes | None) -> Any:
        """Return a schema from a worker, the same object each time."""
        if content is None:
            return None
        if content not in self._schemas:
            if len(self._schemas) >= _SCHEMAS:
                self._schemas.clear()
            self._schemas[content] = pickle.loads(content)
        return self._schemas[content]

    def moved(self, *, fruit: bool = False) -> None:
        """Let those look again who wait for a worker; fruit : an attempt came to an end."""
        self._fruitless = 0 if fruit else self._fruitless
        self._moved.set()
        self._moved = asyncio.Event()

    def fail(self, error: Exception) -> None:
        """End the run: no worker can do it."""
        self._error = self._error or error
        for worker in self._workers:
            worker.drop(self._error)
        self.moved()

    async def replace(self, worker: _Worker, code: int | None) -> None:
        """Put a fresh worker in the place of one that has died."""
        if self._closing or self._error is not None:
            return
        self._fruitless += 1
        if not worker.ready and (code or 0) > 0:
            hint = "in a script, start the run under `if __name__ == '__main__':`; or use --executor inline"
            self.fail(SimulacraError(f"a worker process could not be started (exit code {code})", hint=hint))
        elif self._fruitless >= _FRUITLESS:
            seen = f"{self._fruitless} worker processes died one after another ({_how(code)}) and no row came of it"
            self.fail(
                SimulacraError(seen, hint="look at memory, and at the steps and checks; or use --executor inline")
            )
        else:
            try:
                self._workers[self._workers.index(worker)] = await self._start()
            except SimulacraError as error:
                self.fail(error)

    async def _start(self) -> _Worker:
        try:
            return await _Worker.start(self._source, self)
        except OSError as error:
            seen = f"a worker process could not be started ({error.strerror or error})"
            hint = "look at what limits memory, processes and open files, or use --executor inline"
            raise SimulacraError(seen, hint=hint) from error

    async def _choose(self, *, alone: bool) -> _Worker:
        """Return the worker with the fewest attempts; alone : one that has no other, and gets none."""
        while True:
            if self._error is not None:
                raise self._error
            free = [worker for worker in self._workers if not worker.gone and not worker.reserved]
            chosen = min(free, key=lambda worker: len(worker.jobs), default=None)
            if chosen is not None and not alone:
                return chosen
            if chosen is not None:
                chosen.reserved = True
                while chosen.jobs and not chosen.gone:
                    await self._moved.wait()
                if not chosen.gone:
                    return chosen
            else:
                await self._moved.wait()


class _Died(Exception):
    """The worker is gone."""


@dataclass(slots=True, eq=False)
class _Job:
    """An attempt at a worker. asking : its calls that are out."""

    row: Row
    own: Seeds
    open: Open
    done: asyncio.Future[tuple[Made, ...]]
    account: Account = field(default_factory=Account)
    asking: set[asyncio.Task[None]] = field(default_factory=set)


class _Worker:
    """The run's side of one worker. reserved : for one attempt alone. gone : it takes nothing any more."""

    def __init__(self, process: Any, pipe: Pipe, owner: Processes) -> None:
        self.process, self.pipe, self.owner = process, pipe, owner
        self.jobs: dict[int, _Job] = {}
        self.ready = self.reserved = self.gone = False
        self._number = 0
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, source: bytes, owner: Processes) -> _Worker:
        """Return a worker that is starting; it may be given work at once."""
        ours, theirs = socket.socketpair()
        # Not forked: a fork copies the locks of other threads and hangs.
        process = multiprocessing.get_context("spawn").Process(target=work, args=(theirs,), daemon=True)
        try:
            with without_interrupts():
                process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        worker = cls(process, await Pipe.open(ours), owner)
        worker.pipe.send(source)
        return worker

    async def make(self, job: _Job, *, alone: bool) -> tuple[Made, ...]:
        """Return what the worker makes of an attempt. Raises _Died, and what the attempt raises."""
        number = self._number = self._number + 1
        self.jobs[number] = job
        self.pipe.send("make", number, job.row, job.own)
        try:
            return await job.done
        finally:
            self.jobs.pop(number, None)
            for task in job.asking:
                task.cancel()
            self.reserved = self.reserved and not alone
            self.owner.moved()

    def drop(self, error: Exception) -> None:
        """Let all attempts here fail."""
        for job in self.jobs.values():
            if not job.done.done():
                job.done.set_exception(error)

    async def end(self) -> None:
        """Hang up and see the process off."""
        self.gone = True
        self._listening.cancel()
        self.drop(_Died("the run is over"))
        self.pipe.close()
        await self._gone()

    async def _gone(self) -> int | None:
        """Return the exit code of the process, which is killed if it does not end by itself."""
        patience = asyncio.get_running_loop().time() + FAREWELL
        while self.process.is_alive():
            if asyncio.get_running_loop().time() > patience:
                self.process.kill()
            await asyncio.sleep(0.01)
        code: int | None = self.process.exitcode
        return code

    async def _listen(self) -> None:
        try:
            while (message := await self.pipe.receive()) is not None:
                self._take(*message)
        except Exception as error:  # what came cannot be read: nobody else would hear of it
            self.owner.fail(_rooted(error))
        self.gone = True
        self.pipe.close()
        code = await self._gone()
        self.drop(_Died(_how(code)))
        await self.owner.replace(self, code)
        self.owner.moved()

    def _take(self, kind: str, *content: Any) -> None:
        if kind == "ready":
            self.ready = True
        elif kind == "broken":
            self.owner.fail(_rooted(content[0]))
        elif kind == "ask":
            self._ask(*content)
        else:
            self._hear(kind, *content)

    def _hear(self, kind: str, number: int, content: Any) -> None:
        job = self.jobs.get(number)
        if job is None or job.done.done():
            return
        if kind == "made":
            job.done.set_result(content)
        else:
            job.done.set_exception(content)
        self.owner.moved(fruit=True)

    def _ask(self, attempt: int, *content: Any) -> None:
        if (job := self.jobs.get(attempt)) is not None:
            task = asyncio.create_task(self._answer(job, *content))
            job.asking.add(task)
            task.add_done_callback(job.asking.discard)

    async def _answer(self, job: _Job, number: int, seeds: Seeds, prompt: Any, options: dict[str, Any]) -> None:
        try:
            schema = self.owner.schema(options.pop("schema"))
            answer: Answer = await job.open(seeds, job.account).ask(prompt, schema=schema, **options)
            self.pipe.send("answer", number, answer)
        except Exception as error:
            self.pipe.send("error", number, portable(error))


@contextmanager
def without_interrupts() -> Iterator[None]:
    """Start a process that no Ctrl-C reaches before it can ignore it: it would die with a traceback."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # it starts with the first process, and lets signals through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _rooted(error: BaseException) -> SimulacraError:
    """Return what to tell of a flow that is not rooted in importable code."""
    if isinstance(error, SimulacraError):
        return error
    seen = f"the steps of this run cannot go to another process ({str(error) or type(error).__name__})"
    hint = "name functions that can be imported (no lambda, none defined inside of another), or use --executor inline"
    return RecipeError(seen, where="executor", hint=hint)


def _how(code: int | None) -> str:
    return f"killed by signal {-code}" if code is not None and code < 0 else f"exit code {code}"
