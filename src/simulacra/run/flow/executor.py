"""Where the work of attempts runs: in this process, or in others. The rows are the same."""

from __future__ import annotations

import os
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from ...errors import RecipeError
from ...seeds import Seeds
from .attempt import Flow, Open, Outcome, make_rows
from .order import Attempt

__all__ = ["EXECUTORS", "Inline", "RowExecutor", "open_executor"]

EXECUTORS = ("inline", "process")


class RowExecutor(Protocol):
    """Computes outcomes of attempts, never decisions: those stay with the run, a function of outcomes alone.

    What an outcome may depend on travels with it: the begun row, its seeds and the answers to its calls. Calls go
    through the run's `open`, in the process of the run, which alone holds engine, store, limits and money. So it makes
    no difference to a row, or to what is paid, where its attempt runs, how often, and what died meanwhile.
    """

    async def __aenter__(self) -> Self:
        """Get ready to make rows."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release whoever works; what is under way is dropped."""

    async def make(self, flow: Flow, attempt: Attempt, seeds: Seeds, open: Open) -> Outcome:
        """Return what `attempt.make_rows` returns for these; many may be asked for at once.

        Errors: what steps and engine raise.
        """


class Inline:
    """Runs the work here, in the one loop of the run."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def make(self, flow: Flow, attempt: Attempt, seeds: Seeds, open: Open) -> Outcome:
        """Return the outcome; see `RowExecutor.make`."""
        return await make_rows(flow, attempt, seeds, open)


def open_executor(name: str, make_flow: Callable[[], Flow], workers: int | None = None) -> RowExecutor:
    """Return the executor of that name. make_flow : makes the run's flow, in each worker once.

    workers : processes, None for one a core. Errors: RecipeError for a name that is none, or a flow that cannot travel.
    """
    if name == "inline":
        return Inline()
    if name != "process":
        raise RecipeError(f"no executor is called {name!r}", where="executor", hint=f"there are {', '.join(EXECUTORS)}")
    from .processes import Processes

    return Processes(make_flow, workers or _cores())


def _cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
