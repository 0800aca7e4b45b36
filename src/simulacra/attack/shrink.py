"""Delta debugging: from something that fails to the least of it that still does.

The search asks and is told, so that it serves targets that answer at once and targets that are awaited alike.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Sequence
from itertools import pairwise
from typing import TypeVar

__all__ = ["shrink", "shrink_async", "shrinking"]

T = TypeVar("T")


def shrinking(parts: Sequence[T]) -> Generator[list[T], bool, list[T]]:
    """Yield subsets of `parts` to be tried, take whether each still fails, return a 1-minimal one in the same order.

    `parts` itself is known to fail. At most O(n²) tries, O(n log n) when few parts matter.

    Source: Zeller and Hildebrandt 2002, ddmin; the empty set is tried first, subsets at the coarsest cut only.
    """
    rest = list(parts)
    if rest and (yield []):
        return []
    pieces = 2
    while len(rest) >= 2:
        cuts = _cut(rest, min(pieces, len(rest)))
        smaller = yield from _first_failing(cuts if pieces == 2 else [])
        if smaller is None:
            without = [[part for j, chunk in enumerate(cuts) if j != i for part in chunk] for i in range(len(cuts))]
            smaller = yield from _first_failing(without if len(cuts) > 2 else [])
        if smaller is not None:
            pieces = max(2, min(pieces - 1, len(smaller)))
            rest = smaller
        elif pieces >= len(rest):
            break
        else:
            pieces = min(2 * pieces, len(rest))
    return rest


def shrink(parts: Sequence[T], fails: Callable[[list[T]], bool], *, tries: int = 200) -> list[T]:
    """Return the least of `parts` that still fails, or the least seen when `tries` are used up.

    >>> shrink(list("abcdefgh"), lambda rest: "c" in rest and "g" in rest)
    ['c', 'g']
    """
    search, best = shrinking(parts), list(parts)
    try:
        candidate = next(search)
        for _ in range(tries):
            failed = fails(candidate)
            best = candidate if failed else best
            candidate = search.send(failed)
    except StopIteration as done:
        return list(done.value)
    return best


async def shrink_async(parts: Sequence[T], fails: Callable[[list[T]], Awaitable[bool]], *, tries: int = 200) -> list[T]:
    """Return what `shrink` does, for a target that is awaited."""
    search, best = shrinking(parts), list(parts)
    try:
        candidate = next(search)
        for _ in range(tries):
            failed = await fails(candidate)
            best = candidate if failed else best
            candidate = search.send(failed)
    except StopIteration as done:
        return list(done.value)
    return best


def _first_failing(candidates: Sequence[list[T]]) -> Generator[list[T], bool, list[T] | None]:
    for candidate in candidates:
        if (yield candidate):
            return candidate
    return None


def _cut(parts: list[T], pieces: int) -> list[list[T]]:
    """Return the parts cut into so many chunks of nearly one size, none empty."""
    size, longer = divmod(len(parts), pieces)
    ends = [0]
    for i in range(pieces):
        ends.append(ends[-1] + size + (i < longer))
    return [parts[start:end] for start, end in pairwise(ends)]
