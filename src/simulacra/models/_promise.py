"""An answer that several may wait for: who stops waiting takes it from nobody, and does not stop the call."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable

from ..contracts.models import Answer

__all__ = ["Promise"]


class Promise:
    """Kept or broken once. ended : called when that happens, before those who wait go on."""

    __slots__ = ("_answer", "_ended", "_error", "_waiters", "done")

    def __init__(self, ended: Callable[[], object]) -> None:
        self._ended, self._waiters = ended, list[asyncio.Future[Answer]]()
        self._answer: Answer | None = None
        self._error: Exception | None = None
        self.done = False

    async def wait(self) -> Answer:
        """Return the answer; raises what the promise was broken with."""
        if self._error is not None:
            raise copy.copy(self._error)
        if self._answer is not None:
            return self._answer
        # A future for each: the one that is cancelled with its task is its own. Far cheaper than `asyncio.shield`.
        waiter: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        return await waiter

    def keep(self, answer: Answer) -> None:
        """Give the answer to all who wait."""
        if not self.done:
            self._answer = answer
            for waiter in self._end():
                waiter.set_result(answer)

    def break_off(self, error: Exception) -> None:
        """Let all who wait fail, each with an error of its own."""
        if not self.done:
            self._error = error
            for waiter in self._end():
                waiter.set_exception(copy.copy(error))

    def _end(self) -> list[asyncio.Future[Answer]]:
        self.done = True
        self._ended()
        return [waiter for waiter in self._waiters if not waiter.done()]
