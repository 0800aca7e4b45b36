"""Where batches are made: in this process, or in a pool of processes. The rows are the same."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TypeVar

from ..contracts import Executor
from .flow.processes import without_interrupts

__all__ = ["InProcess", "ProcessPool", "make_executor"]

T = TypeVar("T")
R = TypeVar("R")


class InProcess:
    """Runs the work here, one item after the other."""

    def map(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield work(item) in the order of the items."""
        return map(work, items)

    def close(self) -> None:
        """Nothing to release."""


class ProcessPool:
    """Runs the work in `workers` fresh processes; work and items must be picklable and come from this program."""

    def __init__(self, workers: int) -> None:
        # Not forked: a fork copies the locks of polars' threads and hangs.
        self._pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
        self._ahead = 2 * workers

    def map(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield work(item) in the order of the items; at most two items a worker are under way."""
        waiting: deque[Future[R]] = deque()
        for item in items:
            with without_interrupts():  # a worker starts with the first items; Ctrl-C is the run's
                waiting.append(self._pool.submit(work, item))
            if len(waiting) >= self._ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def close(self) -> None:
        """Stop the workers; what is under way is dropped."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def make_executor(workers: int) -> Executor:
    """Return the executor for that many workers (1: this process)."""
    return InProcess() if workers <= 1 else ProcessPool(workers)
