"""How fast rows come, for a person who waits: rows a second, time left, how many are refused and who refuses most."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence

__all__ = ["Pace"]

_WINDOW = 60.0  # seconds that the rate is of


class Pace:
    """Counts rows as they are decided. wanted : rows of the run. clock : seconds.

    >>> times = iter([0.0, 10.0])
    >>> pace = Pace(50, clock=lambda: next(times))
    >>> pace.begin()
    >>> pace.see(kept=20, refused=["length", "language", "language"])
    >>> pace.line()
    '20 of 50 rows, 2.0 a second, about 15 s left, 3 of 23 refused (2 by language)'
    """

    def __init__(self, wanted: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._wanted, self._clock = wanted, clock
        self._kept = 0
        self._refused: Counter[str] = Counter()
        self._seen: deque[tuple[float, int]] = deque()

    def begin(self) -> None:
        """What was seen until now was there before; from here on it is counted by the clock."""
        self._seen.append((self._clock(), self._kept))

    def see(self, *, kept: int, refused: Sequence[str]) -> None:
        """Take note of rows: those kept, and for each that was refused the step that did so."""
        self._kept += kept
        self._refused.update(refused)

    def line(self) -> str:
        """Return how it goes, in words; called now and then, the rate is that of the last minute."""
        now = self._clock()
        self._seen.append((now, self._kept))
        while len(self._seen) > 2 and self._seen[1][0] <= now - _WINDOW:
            self._seen.popleft()
        start, before = self._seen[0]
        rate = (self._kept - before) / max(now - start, 1e-9)
        left = max(0, self._wanted - self._kept)
        parts = [f"{min(self._kept, self._wanted):,} of {self._wanted:,} rows", _rate(rate)]
        if rate > 0 and left:
            parts.append(f"about {_time(left / rate)} left")
        if refused := self._refused.total():
            step, rows = self._refused.most_common(1)[0]
            parts.append(f"{refused:,} of {refused + self._kept:,} refused ({rows:,} by {step})")
        return ", ".join(parts)


def _rate(rate: float) -> str:
    """Return rows a second as a person says it.

    >>> [_rate(31.25), _rate(0.07)]
    ['31.2 a second', '4.2 a minute']
    """
    return f"{rate:.1f} a second" if rate >= 1 or rate == 0 else f"{60 * rate:.1f} a minute"


def _time(seconds: float) -> str:
    """Return a time as a person says it.

    >>> [_time(7), _time(400), _time(9000)]
    ['7 s', '7 min', '2.5 h']
    """
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
