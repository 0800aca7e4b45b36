"""When a run that does not get its rows ends by itself, and what it then says."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

__all__ = ["Limits", "Watch"]

_TOLD = 3
"""Checks that are named in the reason."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on paying for nothing.

    attempts : the ceiling on attempts in all. least : the share of attempts that must give a row, 0 for none. The run
    ends when its attempts, the last `window` of them, gave so few that at this share it would happen with a chance
    below `doubt`.

    >>> least_attempts(Limits(350))  # none of 38, one of 56 ...
    (38, 56, 73, 88)
    """

    attempts: int
    least: float = 0.1
    doubt: float = 0.02

    @classmethod
    def usual(cls, rows: int) -> Limits:
        """Return the bounds of a run of so many rows: six attempts a row and fifty."""
        return cls(attempts=6 * rows + 50)

    @classmethod
    def within(cls, attempts: int | None, rows: int) -> Limits:
        """Return the bounds of a run whose ceiling a person set, None for the usual ones.

        A high ceiling is a wish to wait: the share that must give a row is then what fills the run under it.
        """
        return cls.usual(rows) if attempts is None else cls(attempts, least=min(cls.usual(rows).least, rows / attempts))

    @property
    def window(self) -> int:
        """How many of the last attempts are looked at: those in which ten rows are due."""
        return round(10 / self.least) if self.least else 1


@cache
def least_attempts(limits: Limits) -> tuple[int, ...]:
    """Return rows -> the attempts, up to the window, that end a run if they gave no more; none for more rows than are
    listed.
    """
    tries = range(limits.window + 1)
    found: list[int] = []
    while (n := bisect_right(tries, -limits.doubt, key=lambda n: -_chance(len(found), n, limits.least))) < len(tries):
        found.append(n)
    return tuple(found)


def _chance(rows: int, attempts: int, share: float) -> float:
    """Return the chance of at most so many rows."""
    return sum(math.comb(attempts, k) * share**k * (1 - share) ** (attempts - k) for k in range(rows + 1))


class Watch:
    """Counts decisions and says when to stop. The answer is a function of the decisions alone."""

    def __init__(self, limits: Limits) -> None:
        self._limits, self._enough = limits, least_attempts(limits)
        self._last: deque[bool] = deque(maxlen=limits.window)
        self._recent = 0
        self._steps: Counter[str] = Counter()
        self._reasons: Counter[tuple[str, str]] = Counter()
        self.decided = self.kept = 0

    def see(self, accepted: bool, refused: Iterable[tuple[str, str]]) -> None:
        """Take note of a decision; refused : step and reason of each row of it that was rejected."""
        self.decided += 1
        self.kept += accepted
        self._recent += accepted - (len(self._last) == self._last.maxlen and self._last[0])
        self._last.append(accepted)
        for step, reason in refused:
            self._steps[step] += 1
            self._reasons[step, reason] += 1

    def reason(self) -> str:
        """Return why the run ends here, "" if it goes on."""
        tried = len(self._last)
        if self._recent < len(self._enough) and tried >= self._enough[self._recent]:
            if self.kept == 0:
                return f"none of the first {self.decided} attempts gave a row{self._refused()}"
            which = f"the last {tried}" if self.decided > tried else f"{tried}"
            return f"only {self._recent} of {which} attempts gave a row{self._refused()}"
        if self.decided >= self._limits.attempts:
            return f"the ceiling of {self._limits.attempts:,} attempts is reached{self._refused()}"
        return ""

    def chief(self) -> str:
        """Return the step that refused most rows, "" if none was refused."""
        return next((step for step, _ in self._ranked()), "")

    def _ranked(self) -> list[tuple[str, int]]:
        return sorted(self._steps.items(), key=lambda item: (-item[1], item[0]))

    def _refused(self) -> str:
        """Return who refused how many rows, the first one with its commonest reason."""
        told = [f"{step!r} refused {rows:,}" for step, rows in self._ranked()]
        if not told:
            return ""
        of_chief = {why: rows for (step, why), rows in self._reasons.items() if step == self.chief()}
        why = min(of_chief, key=lambda one: (-of_chief[one], one))
        told[0] += f" of {self._steps.total():,} rows ({why})" if why else f" of {self._steps.total():,} rows"
        rest = f", others {sum(rows for _, rows in self._ranked()[_TOLD:]):,}" if len(told) > _TOLD else ""
        return f"; {', '.join(told[:_TOLD])}{rest}"
