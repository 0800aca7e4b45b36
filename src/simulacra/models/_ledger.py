"""Group commit: answers that came in within a few milliseconds are written in one transaction, then handed on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..errors import SimulacraError
from ..store.calls import CallStore, Loss, Paid
from ._promise import Promise
from .errors import Fatal, StoreFailed

__all__ = ["Ledger"]

_TICK, _LONGEST = 0.004, 0.02
_FEW, _MANY = 2, 64


class Ledger:
    """Nobody sees an answer before it is on disk. store : None keeps nothing, answers pass at once."""

    def __init__(self, store: CallStore | None, fail: Callable[[Fatal], None]) -> None:
        self._store, self._fail = store, fail
        self._paid: list[tuple[Paid, Promise]] = []
        self._losses: list[Loss] = []
        self._timer: asyncio.TimerHandle | None = None
        self._seen = 0
        self._begun = 0.0

    def put(self, paid: Paid, promise: Promise) -> None:
        """Write an answer within a few milliseconds, then keep the promise to who waits for it."""
        if self._store is None:
            promise.keep(paid.answer)
            return
        self._paid.append((paid, promise))
        self._soon(now=len(self._paid) >= _MANY)

    def lose(self, loss: Loss) -> None:
        """Write a loss with the next answers."""
        if self._store is not None:
            self._losses.append(loss)
            self._soon()

    def flush(self) -> None:
        """Write what is pending now. A store that cannot be written ends the run."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        paid, self._paid = self._paid, []
        losses, self._losses = self._losses, []
        if self._store is None or not (paid or losses):
            return
        try:
            self._store.put([one for one, _ in paid], losses)
        except SimulacraError as error:
            fatal = StoreFailed(error.seen, where=error.where, hint=error.hint)
            for _, promise in paid:
                promise.break_off(fatal)
            self._fail(fatal)
        else:
            for one, promise in paid:
                promise.keep(one.answer)

    def _soon(self, *, now: bool = False) -> None:
        if now:
            self.flush()
        elif self._timer is None:
            loop = asyncio.get_running_loop()
            self._begun, self._seen = loop.time(), 0
            self._timer = loop.call_later(_TICK, self._tick, loop)

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        # As long as answers keep coming, one commit for more of them; a lone one is not kept waiting.
        came, self._seen = len(self._paid) - self._seen, len(self._paid)
        if came >= _FEW and loop.time() - self._begun < _LONGEST:
            self._timer = loop.call_later(_TICK, self._tick, loop)
        else:
            self.flush()
