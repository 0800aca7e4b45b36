"""In which order attempts are drawn up and decided: a function of earlier outcomes alone, never of who was faster.

A run has slots 0, 1, 2 ...; each is tried until a row of it is accepted. The order is a line of attempts: first tries
in the order of slots, and a replacement joins the line when its reject is decided. Decisions fall in the order of the
line. An attempt is drawn up as soon as all but the last `LAG` before it are decided: so many may be under way at once,
and what was decided by then is all that an attempt can know of the others.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

__all__ = ["LAG", "TRIES", "Attempt", "Order"]

LAG = 1024
"""How far work may run ahead of decisions. A constant: rows must not depend on how many calls are made at once."""
TRIES = 12
"""Tries of one slot; after so many rejects it is given up and another slot is opened in its stead."""
_RECENT = 64


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to fill a slot. position : its place in the line. retry : 0 for a slot's first try.

    recent : the share of the last 64 decisions before it was drawn up that accepted something, 1 at the start.
    repeats : the share of them refused because they said again what was there. known : rows accepted by then.
    """

    position: int
    slot: int
    retry: int
    recent: float = 1.0
    repeats: float = 0.0
    known: int = 0


class Order:
    """The line of attempts.

    >>> order = Order(lag=2)
    >>> order.open(3)
    >>> [order.draw().slot for _ in range(2)], order.draw()  # the third waits for a decision
    ([0, 1], None)
    >>> order.decide(False)
    >>> order.draw()
    Attempt(position=2, slot=0, retry=1, recent=0.0, repeats=0.0, known=0)
    """

    def __init__(self, *, lag: int = LAG, tries: int = TRIES) -> None:
        self._lag, self._tries = lag, tries
        self._waiting: deque[Attempt] = deque()
        self._out: deque[Attempt] = deque()  # drawn, not decided
        self._again: deque[tuple[int, int]] = deque()
        self._last: deque[tuple[bool, bool]] = deque(maxlen=_RECENT)
        self._kept = 0
        self._fresh = self._slots = self._length = 0
        self.decided = 0
        self.given_up: list[int] = []

    @property
    def finished(self) -> bool:
        """Say whether every attempt in the line is decided."""
        return self.decided == self._length

    def open(self, slots: int) -> None:
        """Add slots to the run."""
        self._slots += slots
        self._fill()

    def draw(self) -> Attempt | None:
        """Return the next attempt to work on, None if there is none before the next decision."""
        if not self._waiting:
            return None
        self._out.append(self._waiting.popleft())
        return self._out[-1]

    def decide(self, accepted: bool, *, repeated: bool = False, rows: int = 1) -> None:
        """Take the decision on the first drawn attempt that has none.

        repeated : it was refused for saying again what was there. rows : accepted of it.
        """
        attempt = self._out.popleft()
        self.decided += 1
        self._last.append((accepted, repeated))
        self._kept += rows if accepted else 0
        if not accepted and attempt.retry + 1 < self._tries:
            self._again.append((attempt.slot, attempt.retry + 1))
        elif not accepted:
            self.given_up.append(attempt.slot)
            self._slots += 1
        self._fill()

    def _fill(self) -> None:
        while self._length < self.decided + self._lag and (self._again or self._fresh < self._slots):
            slot, retry = self._again.popleft() if self._again else (self._fresh, 0)
            self._fresh += retry == 0
            last = max(1, len(self._last))
            recent = sum(kept for kept, _ in self._last) / last if self._last else 1.0
            repeats = sum(again for _, again in self._last) / last
            self._waiting.append(Attempt(self._length, slot, retry, recent, repeats, self._kept))
            self._length += 1
