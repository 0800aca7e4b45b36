"""Group commit: answers that came in within a few milliseconds are written in one transaction, then handed on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..contracts.models import Answer
from ..errors import SimulacraError
from ..store.calls import CallStore, Loss, Paid
from .errors import Fatal, StoreFailed

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Ledger"]

_TICK = 0.004
_MANY = 64


class Ledger:
    """Nobody sees an answer before it is on disk. store : None keeps nothing, answers pass at once."""

    def __init__(self, store: CallStore | None, fail: Callable[[Fatal], None]) -> None:
        self._store, self._fail = store, fail
        self._paid: list[tuple[Paid, asyncio.Future[Answer]]] = []
        self._losses: list[Loss] = []
        self._timer: asyncio.TimerHandle | None = None

    def put(self, paid: Paid, future: asyncio.Future[Answer]) -> None:
        """Write an answer within a few milliseconds, then give it to who waits for it."""
        if self._store is None:
            _hand_on([(paid, future)])
            return
        self._paid.append((paid, future))
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
            for _, future in paid:
                if not future.done():
                    future.set_exception(fatal)
            self._fail(fatal)
        else:
            _hand_on(paid)

    def _soon(self, *, now: bool = False) -> None:
        if now:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_TICK, self.flush)


def _hand_on(paid: Iterable[tuple[Paid, asyncio.Future[Answer]]]) -> None:
    for one, future in paid:
        if not future.done():
            future.set_result(one.answer)
