"""The watchdog: says now and then how it goes, and names what is waited for when nothing moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ..contracts.tables import Progress
from .tally import EngineReport

if TYPE_CHECKING:
    from ._lane import Lane

__all__ = ["Watch", "waiting_for"]


class Watch:
    """Speaks through `progress` every `every` seconds while calls are under way; every second, if it shows a status
    that the next one replaces (`status(text)`).

    status : what else is said of how it goes, before the calls.
    """

    def __init__(
        self, lanes: Mapping[str, Lane], report: Callable[[], EngineReport], progress: Progress, every: float
    ) -> None:
        self._lanes, self._report, self._progress, self._every = lanes, report, progress, every
        self._show: Callable[[str], None] | None = getattr(progress, "status", None)
        self._task: asyncio.Task[None] | None = None
        self.status: Callable[[], str] = str

    def start(self) -> None:
        """Begin to watch."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        """Stop watching; safe to call twice."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def say(self, text: str) -> None:
        """Say something at once."""
        self._progress.note(text)

    async def _run(self) -> None:
        last, stuck = -1, 0.0
        pause = self._every if self._show is None else min(1.0, self._every)
        while True:
            await asyncio.sleep(pause)
            report, status = self._report(), self.status()
            # Rows that stand still in their steps and checks have no calls out, and are told too.
            if status or any(lane.jobs for lane in self._lanes.values()):
                stuck = stuck + pause if report.total.calls == last else 0.0
                told = [status, report.line(), waiting_for(self._lanes) if stuck >= self._every else ""]
                (self._show or self.say)("; ".join(part for part in told if part))
            last = report.total.calls


def waiting_for(lanes: Mapping[str, Lane]) -> str:
    """Return in words what the calls of each model wait for, with the age of the oldest request."""
    now = asyncio.get_running_loop().time()
    parts = []
    for identity, lane in lanes.items():
        states = [job.state for job in lane.jobs]
        if not states:
            continue
        words = [f"{states.count(state)} {state}" for state in ("sent", "backing off", "waiting") if state in states]
        if "backing off" in states:
            words.append(f"refused last: {lane.trouble}")
        oldest = max((now - job.sent for job in lane.jobs if job.state == "sent"), default=0.0)
        pause = lane.limiter.wait(now)
        extra = f", the oldest sent {oldest:.0f} s ago" if oldest else ""
        extra += f", next request in {pause:.1f} s for the rate limit" if pause > 0.5 else ""
        parts.append(f"waiting for {identity}: {', '.join(words)}{extra}")
    return "; ".join(parts) or "no call is out: steps and checks are at work"
