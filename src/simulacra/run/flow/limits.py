"""When a run that does not get its rows ends by itself, and what it then says."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass

__all__ = ["Limits", "Watch"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on paying for nothing.

    attempts : the ceiling on attempts in all. window, least : the run ends when of the last `window` attempts less than
    the share `least` was accepted.
    """

    attempts: int
    window: int = 100
    least: float = 0.03

    @classmethod
    def usual(cls, rows: int) -> Limits:
        """Return the bounds of a run of so many rows: six attempts a row and fifty."""
        return cls(attempts=6 * rows + 50)


class Watch:
    """Counts decisions and says when to stop. The answer is a function of the decisions alone."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._last: deque[bool] = deque(maxlen=limits.window)
        self._steps: Counter[str] = Counter()
        self.decided = self.kept = 0

    def see(self, accepted: bool, steps: tuple[str, ...]) -> None:
        """Take note of a decision; steps : who refused rows of it."""
        self.decided += 1
        self.kept += accepted
        self._last.append(accepted)
        self._steps.update(steps)

    def reason(self) -> str:
        """Return why the run ends here, "" if it goes on."""
        recent = sum(self._last) / len(self._last) if self._last else 1.0
        if len(self._last) == self._limits.window and recent < self._limits.least:
            return f"of the last {self._limits.window} attempts {sum(self._last)} gave a row{self._chief()}"
        if self.decided >= self._limits.attempts:
            return f"the ceiling of {self._limits.attempts:,} attempts is reached{self._chief()}"
        return ""

    def _chief(self) -> str:
        if not self._steps:
            return ""
        step, rows = self._steps.most_common(1)[0]
        return f"; {rows:,} of {sum(self._steps.values()):,} rejects are by {step!r}"
