"""An event loop whose clock jumps to the next timer: schedules of hours are tried in seconds, without the machine."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["JumpingLoop", "run_jumping"]

T = TypeVar("T")


class JumpingLoop(asyncio.SelectorEventLoop):
    """Instead of waiting, `time()` is set to when the next timer is due. Nothing may come from outside: no sockets."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        """Return the simulated seconds since the start."""
        return self._now

    def jump(self, seconds: float) -> None:
        """Let so much time pass at once."""
        self._now += seconds


class _Jumping(selectors.DefaultSelector):
    """Passes the time that it was to wait."""

    def __init__(self, loop: JumpingLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready now; if nothing is, the time has passed."""
        ready = super().select(0)
        if not ready and timeout:
            self._loop.jump(timeout)
        return ready


def run_jumping(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in simulated time.

    >>> async def wait():
    ...     await asyncio.sleep(3600)
    ...     return asyncio.get_running_loop().time()
    >>> run_jumping(wait())
    3600.0
    """
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(work)
