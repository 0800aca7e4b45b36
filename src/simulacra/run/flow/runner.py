"""Rows one at a time: a pool that never waits for a batch, and decisions in an order that owes nothing to speed.

Workers draw attempts from the line (`order`), make their rows, and lay them into a reorder buffer. Whoever completes
the next one in line decides: the ordered checks see it against all that was accepted before. Decisions are committed in
groups; after a kill they are read back and the run goes on to the same bytes.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from ...contracts import Progress, Silent
from ...contracts.rows import Row
from ...errors import OutputError, SimulacraError
from ...seeds import Seeds
from ...store.rows import Decision, RowStore, StoredRow
from .attempt import Flow, Made, Open, Outcome, check_row
from .executor import Inline, RowExecutor
from .limits import Limits, Watch
from .order import TRIES, Order
from .pace import Pace

__all__ = ["End", "fill"]

_GROUP = 256
_GROUP_SECONDS = 0.05

Sink = Callable[[list[Row]], None]
"""Takes accepted rows once they are durable, in their order."""


@dataclass(frozen=True, slots=True)
class End:
    """How a run ended. reason : why it has fewer rows than asked for, "" if it has all; chief : the step that refused
    most rows of such a run, "" if none was refused.
    """

    accepted: int
    attempts: int
    reason: str = ""
    chief: str = ""
    given_up: tuple[int, ...] = ()


async def fill(
    flow: Flow,
    rows: int,
    store: RowStore,
    *,
    seeds: Seeds,
    open: Open,
    width: int = 16,
    progress: Progress | None = None,
    limits: Limits | None = None,
    tries: int = TRIES,
    sink: Sink | None = None,
    executor: RowExecutor | None = None,
    narrate: Callable[[Callable[[], str]], None] | None = None,
) -> End:
    """Make rows until `rows` are accepted; what `store` holds of an earlier run of the same flow is kept.

    open : gives the context of a row. width : attempts under way at once; the rows do not depend on it.
    sink : gets every accepted row, those of earlier runs first. executor : where attempts are worked on, None: here.
    narrate : is given what says how it goes, to be shown while the run goes on.

    Errors: OutputError if the store holds another flow's rows; what steps and engine raise, after all that was decided
    is durable.
    """
    run = _Run(flow, rows, store, seeds=seeds, open=open, limits=limits or Limits.usual(rows), tries=tries)
    run.progress, run.sink = progress or Silent(), sink
    run.progress.start("writing rows", rows)
    run.resume()
    run.pace.begin()
    if narrate is not None:
        narrate(run.pace.line)
    async with Inline() if executor is None or run.over else executor as run.executor:
        await run.work(min(width, flow.lag))
    return run.end()


class _Run:
    """One run under way."""

    def __init__(
        self, flow: Flow, wanted: int, store: RowStore, *, seeds: Seeds, open: Open, limits: Limits, tries: int
    ) -> None:
        self._flow, self._wanted, self._store = flow, wanted, store
        self._seeds, self._open = seeds, open
        self._order, self._watch = Order(lag=flow.lag, tries=tries), Watch(limits)
        self._ordered = [check for check in flow.checks if check.ordered]
        self._repeats = {check.name for check in self._ordered}
        self._buffer: dict[int, tuple[Outcome, int, int]] = {}
        self._group: list[Decision] = []
        self._timer: asyncio.TimerHandle | None = None
        self._moved = asyncio.Event()
        self._deciding = False
        self._failed: SimulacraError | None = None
        self._accepted = self._promised = self._delivered = 0
        self.progress: Progress = Silent()
        self.sink: Sink | None = None
        self.executor: RowExecutor = Inline()
        self.pace = Pace(wanted)

    def resume(self) -> None:
        """Go through what was decided before, then open what is still wanted."""
        opened = deque(self._store.opened())
        for decision in self._store.decisions():
            while opened and opened[0][0] <= decision.position:
                self._reopen(*opened.popleft())
            attempt = self._order.draw()
            if attempt is None or (attempt.slot, attempt.retry) != (decision.slot, decision.retry):
                seen = f"the stored rows are not those of this recipe (attempt {decision.position})"
                raise OutputError(seen, hint="choose another folder, or start again with --fresh")
            for row in decision.rows:
                self._remember(Made(row.content, row.step, row.reason))
            self._take(decision)
            self._deliver([decision])
        for event in opened:
            self._reopen(*event)
        if self._wanted > self._promised:
            self._add(self._wanted - self._promised)
        self._add_missing()

    async def work(self, width: int) -> None:
        """Run `width` workers until the run has its rows or ends."""
        tasks = [asyncio.create_task(self._work()) for _ in range(width)]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._flush()

    def end(self) -> End:
        """Return how the run ended."""
        short = self._accepted < self._wanted
        reason, chief = (self._watch.reason(), self._watch.chief()) if short else ("", "")
        return End(self._accepted, self._order.decided, reason, chief, tuple(self._order.given_up))

    @property
    def over(self) -> bool:
        """Say whether nothing more is to be made."""
        return self._accepted >= self._wanted or bool(self._watch.reason())

    async def _work(self) -> None:
        while not self.over:
            attempt = self._order.draw()
            if attempt is None:
                await self._moved.wait()
                continue
            outcome = await self.executor.make(self._flow, attempt, self._seeds, self._open)
            self._buffer[attempt.position] = (outcome, attempt.slot, attempt.retry)
            await self._decide_ready()

    async def _decide_ready(self) -> None:
        if self._deciding:  # the one who decides sees the new outcome too: there is no await between look and leave
            return
        self._deciding = True
        try:
            while not self.over and self._order.decided in self._buffer:
                position = self._order.decided
                decision = await self._decide(position, *self._buffer.pop(position))
                self._group.append(decision)
                self._take(decision)
                self._add_missing()
                self._flush_soon()
        finally:
            self._deciding = False
            self._moved.set()
            self._moved = asyncio.Event()

    async def _decide(self, position: int, outcome: Outcome, slot: int, retry: int) -> Decision:
        account = outcome.account
        made = []
        for place, one in enumerate(outcome.made):
            at = self._seeds.child("slot", slot, "try", retry, "decide", place)
            checked = await check_row(one, self._ordered, self._open(at, account)) if self._ordered else one
            self._remember(checked)
            made.append(StoredRow(checked.row, checked.step, checked.reason, position))
        usage = (account.tokens_in, account.tokens_out, account.dollars)
        calls, models = tuple(sorted(account.calls)), tuple(sorted(set(account.models)))
        return Decision(position, slot, retry, tuple(made), usage, calls, models)

    def _remember(self, made: Made) -> None:
        if not made.step:
            for check in self._ordered:
                check.accept(made.row)

    def _take(self, decision: Decision) -> None:
        """Let order, counts and limits know of a decision."""
        repeated = sum(row.step in self._repeats for row in decision.rows)
        kept = sum(not row.step for row in decision.rows)
        self._order.decide(decision.accepted, repeated=repeated > 0, rows=kept)
        self._accepted += kept
        refused = [(row.step, row.reason) for row in decision.rows if row.step]
        self._watch.see(decision.accepted, refused)
        self.pace.see(kept=kept, refused=[step for step, _ in refused])
        self.progress.advance(kept)

    def _add_missing(self) -> None:
        """Open slots where all are decided and rows are still wanted: records branched into fewer than expected."""
        if self._order.finished and not self.over:
            self._add(self._wanted - self._accepted)

    def _add(self, rows: int) -> None:
        self._flush()  # a slot may not be known before the decisions that it follows
        event = (self._order.decided, -(-rows // self._flow.per_slot), self._wanted)
        self._store.put_opened(*event)
        self._reopen(*event)

    def _reopen(self, position: int, slots: int, wanted: int) -> None:
        del position
        self._promised = max(self._promised, wanted)
        self._order.open(slots)

    def _flush_soon(self) -> None:
        """Commit the group if it is large, else within 50 ms."""
        if self._failed is not None:
            raise self._failed
        if len(self._group) >= _GROUP:
            self._flush()
        elif self._timer is None and self._group:
            self._timer = asyncio.get_running_loop().call_later(_GROUP_SECONDS, self._flush_late)

    def _flush_late(self) -> None:
        try:
            self._flush()
        except SimulacraError as error:  # raised by the worker that comes next: nobody listens to a timer
            self._failed = error

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._group:
            self._store.put(self._group)
            group, self._group = self._group, []  # written once, whatever becomes of the delivery
            self._deliver(group)

    def _deliver(self, decisions: list[Decision]) -> None:
        rows = [row.content for one in decisions for row in one.rows if not row.step]
        rows = rows[: self._wanted - self._delivered]
        self._delivered += len(rows)
        if rows and self.sink is not None:
            self.sink(rows)
