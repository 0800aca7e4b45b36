"""One model's lane: calls wait, oldest row first, and go out as soon as width, limits and money allow.

Nothing waits for a batch: whoever comes back makes room for the next at once. A call that has to be tried again gives
its place up while it waits.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..contracts.models import Answer, Backend, Call, Usage
from ..store.calls import Loss, Paid
from ._promise import Promise
from ._whole import whole
from .errors import (
    BudgetSpent,
    Busy,
    Declined,
    Fatal,
    Faulty,
    KeyRefused,
    ModelError,
    ModeRefused,
    QuotaSpent,
    RequestRefused,
    RequestWrong,
    Retryable,
    Unconnected,
    Unreachable,
)
from .limits import Limiter, Limits
from .modes import Ladder
from .prices import Price, Purse, tokens_at_most, tokens_likely
from .tally import Tally

if TYPE_CHECKING:
    from ._ledger import Ledger

__all__ = ["Job", "Lane", "Retry"]

_STRAY = 0.2
"""Share of the usual pause after a failure that others do not share,"""
_LATELY = 1.0  # that is, if another call was answered since so many seconds before this one was sent
_OFTEN, _UNLIKELY = 6, 1e-6
"""Refusals for the rate, and the chance of so many in a row at the others' share of them, from which it is the call."""
_NEVER_LET_IN = 300.0
"""Seconds, some windows of any limit by the minute, that a server may refuse for the rate before its first answer."""
RESUME = "what was answered is stored: run the same command again and it goes on where it stopped"


@dataclass(frozen=True, slots=True)
class Retry:
    """How patient the engine is.

    attempts : requests for one call before it is given up (429 does not count). first, most : seconds before the second
    attempt, and the longest pause. timeout : seconds for one request. deadline : seconds from a call's first request to
    the last, everything included.
    """

    attempts: int = 6
    first: float = 0.5
    most: float = 30.0
    timeout: float = 300.0
    deadline: float = 900.0


@dataclass(slots=True, eq=False)
class Job:
    """A call under way. before : `Lane.met` when it was first sent."""

    call: Call
    key: str
    priority: int
    promise: Promise
    bound: float = 0.0
    tokens: float = 0.0
    attempts: int = 0
    busy: int = 0
    first_sent: float = 0.0
    sent: float = 0.0
    ticket: object = None
    before: tuple[int, int] = (0, 0)
    state: str = "waiting"


@dataclass(eq=False)
class Lane:
    """The calls to one model; made and owned by the engine."""

    backend: Backend
    width: int
    ledger: Ledger
    purse: Purse
    price: Price | None
    retry: Retry
    ladder: Ladder
    fail: Callable[[Fatal], None]
    settled: Callable[[], None]
    limits: Limits | None = None

    def __post_init__(self) -> None:
        self.tally = Tally()
        self.limiter = Limiter(self.limits)
        self.jobs: set[Job] = set()
        self.active = self.resting = 0
        self.last_success = -1.0
        self.trouble = ""  # of the request that failed last
        self.met = (0, 0)  # refusals that answered calls met before they were answered, and such calls
        self._waiting: list[tuple[int, int, Job]] = []
        self._count = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = False
        # Only for the jitter of retries: decides when, never what.
        self._jitter = random.Random(time.monotonic_ns())

    def submit(self, job: Job) -> None:
        """Take a call on."""
        if self.price is not None:
            job.bound = self.price.of(tokens_at_most(job.call), _written_at_most(job.call))
        if self.limiter.counts_tokens:
            job.tokens = tokens_likely(job.call) + min(_written_at_most(job.call), 1000)
        self.jobs.add(job)
        self._enqueue(job)

    def pump(self) -> None:
        """Send what may be sent now."""
        loop = asyncio.get_running_loop()
        while job := self._draw(loop):
            task = loop.create_task(self._work(job, loop))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def end(self, error: Fatal) -> None:
        """Nothing more is sent; what waits fails, what is out may still come back and is stored."""
        self._ended = True
        for job in list(self.jobs):
            if job.state != "sent":
                self._close(job, error)
        self._waiting.clear()

    async def finish(self, grace: float) -> None:
        """Wait that long for what is out, then give it up; close the backend."""
        self._ended = True
        if self._tasks and grace > 0:
            await asyncio.wait(self._tasks, timeout=grace)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._timer is not None:
            self._timer.cancel()
        await self.backend.close()

    def _enqueue(self, job: Job) -> None:
        if self._ended:
            return
        job.state = "waiting"
        heapq.heappush(self._waiting, (job.priority, next(self._count), job))
        self.pump()

    def _return(self, job: Job) -> None:
        self.resting -= 1
        self._enqueue(job)

    def _wake(self, loop: asyncio.AbstractEventLoop, pause: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_later(pause, self.pump)

    def _afford(self, job: Job) -> bool:
        if self.price is None or self.purse.reserve(job.bound):
            return True
        if self.purse.reserved <= 1e-12:
            spent = f"{self.purse.spent:.4f}"
            earlier = f" ({self.purse.before:.4f} of it in earlier runs over this store)" if self.purse.before else ""
            seen = (
                f"the budget of {self.purse.budget:g} dollars would be exceeded: {spent} are spent{earlier}"
                f" and the next call may cost {job.bound:.4f}"
            )
            self.fail(BudgetSpent(seen, where=self.backend.identity, hint=f"raise --budget to go on; {RESUME}"))
        return False  # what is out may cost less than was reserved: `settled` pumps again

    def _draw(self, loop: asyncio.AbstractEventLoop) -> Job | None:
        """Return the next job if it may be sent now, counted as sent; else see to being called again."""
        if not self._waiting or self.active >= self.width or self._ended:
            return None
        job, now = self._waiting[0][2], loop.time()
        if (pause := self.limiter.wait(now, job.tokens)) > 0:
            self._wake(loop, pause)
            return None
        if not self._afford(job):
            return None
        heapq.heappop(self._waiting)
        self.active += 1
        job.state, job.sent = "sent", now
        if not job.first_sent:
            job.first_sent, job.before = now, self.met
        job.ticket = self.limiter.sent(now, job.tokens)
        return job

    async def _work(self, job: Job | None, loop: asyncio.AbstractEventLoop) -> None:
        # The next request goes out in the same turn of the loop in which an answer was read: where many answers come
        # at once, their successors are not kept waiting until the last of them is read.
        while job is not None:
            await self._send(job, loop)
            job = self._draw(loop)

    async def _send(self, job: Job, loop: asyncio.AbstractEventLoop) -> None:
        cost = 0.0
        try:
            answer = await self._ask(job)
            cost = self._price(answer)
            outcome: Answer | ModelError = answer
        except asyncio.CancelledError:  # the run ends while it is out: it may have been answered, and billed
            cost = job.bound
            self.tally.lost += cost
            self.ledger.lose(Loss(job.key, self.backend.identity, "given up when the run ended", cost, time.time()))
            self._close(job, Fatal("the run ended before the answer came", where=self.backend.identity))
            raise
        except Exception as error:
            outcome = error if isinstance(error, ModelError) else self._surprise(error)
            if isinstance(error, Busy):
                self.limiter.refused(job.ticket)  # type: ignore[arg-type]
            if isinstance(error, Retryable) and error.charged:
                cost = job.bound
        finally:
            now = loop.time()
            self.active -= 1
            if self.price is not None:
                self.purse.settle(job.bound, cost)
        if isinstance(outcome, Answer):
            self.limiter.settle(now, job.tokens, outcome.usage.tokens_in + outcome.usage.tokens_out)
        self._hear(now)
        self._take(job, outcome, cost, now)
        if self.price is not None:
            self.settled()

    async def _ask(self, job: Job) -> Answer:
        left = job.first_sent + self.retry.deadline - job.sent
        # Who waited long for a limit still gets time to be answered: what is sent is billed.
        limit = min(self.retry.timeout, left) if left > 1 else self.retry.timeout
        mode = self.ladder.mode if job.call.schema is not None else ""
        try:
            async with asyncio.timeout(limit):
                answer = await self.backend.send(self.ladder.ask(self._capped(job.call), mode))
        except TimeoutError:
            raise Faulty(f"no answer within {limit:.3g} s", where=self.backend.identity, charged=True) from None
        except ModeRefused as error:
            if mode and self.ladder.down(mode):
                raise Faulty("another mode of structured output is tried", where=self.backend.identity) from error
            raise RequestRefused(error.seen, where=error.where, hint=error.hint) from error
        return whole(self.ladder.read(answer, mode))

    def _surprise(self, error: Exception) -> Fatal:
        """A backend raises `models.errors`; what else it raises must not leave a call without an end."""
        seen = f"the model's backend failed ({type(error).__name__}: {str(error)[:200]})"
        return Fatal(seen, where=self.backend.identity, hint="this is a bug of the backend: please report it")

    def _capped(self, call: Call) -> Call:
        """With a budget every priced call has a bound on what it writes; it is not part of the call's key."""
        if self.price is None or self.purse.budget is None or call.parameters.get("max_tokens") is not None:
            return call
        return replace(call, parameters={**call.parameters, "max_tokens": _written_at_most(call)})

    def _price(self, answer: Answer) -> float:
        if self.price is None:
            return 0.0
        return self.price.of(answer.usage.tokens_in, answer.usage.tokens_out)

    def _hear(self, now: float) -> None:
        announced = getattr(self.backend, "announced", None)
        if announced is not None:
            self.limiter.announce(announced, now)

    def _take(self, job: Job, outcome: Answer | ModelError, cost: float, now: float) -> None:
        if isinstance(outcome, Answer):
            self.last_success = now
            self._deliver(job, outcome, cost, now)
        elif isinstance(outcome, Fatal):
            if isinstance(outcome, KeyRefused | QuotaSpent) and self.last_success >= 0:
                outcome = type(outcome)(
                    outcome.seen, where=outcome.where, hint=f"{outcome.hint}; {RESUME}".lstrip("; ")
                )
            self._close(job, outcome)
            self.fail(outcome)
        elif isinstance(outcome, Retryable):
            self._again(job, outcome, cost, now)
        elif isinstance(outcome, RequestRefused) and self.last_success < 0:
            # Nothing has gone through yet: it is the request's form, and the next ones will fare no better.
            fatal = RequestWrong(outcome.seen, where=outcome.where, hint=outcome.hint)
            self._close(job, fatal)
            self.fail(fatal)
        else:
            declined = Declined(outcome.seen, where=outcome.where, hint=outcome.hint)
            self.tally.declined += 1
            self._close(job, declined)

    def _deliver(self, job: Job, answer: Answer, cost: float, now: float) -> None:
        job.state = "storing"
        job.attempts += 1
        self.met = (self.met[0] + job.busy, self.met[1] + 1)
        if cost != answer.usage.dollars:
            answer = replace(answer, usage=Usage(answer.usage.tokens_in, answer.usage.tokens_out, cost))
        self.tally.add(answer.usage)
        seconds = now - job.sent
        self.ledger.put(Paid(job.call, job.key, answer, time.time() - seconds, seconds, job.attempts), job.promise)
        self.jobs.discard(job)

    def _again(self, job: Job, error: Retryable, cost: float, now: float) -> None:
        if error.charged:
            self.tally.lost += cost
            self.ledger.lose(Loss(job.key, self.backend.identity, error.seen, cost, time.time()))
        if isinstance(error, Busy):
            job.busy += 1
            self.tally.busy += 1
        else:
            job.attempts += 1
            self.tally.faults += 1
        self.trouble = error.seen
        pause = self._pause(job, error)
        # Who waits for a limit that lets others through is not stuck.
        since = max(job.first_sent, self.last_success) if isinstance(error, Busy) else job.first_sent
        late = now + pause - since > self._patience(error)
        # An address where nothing ever listened is more likely wrong than about to come up.
        few = isinstance(error, Unconnected) and self.last_success < 0
        late = late or (isinstance(error, Busy) and self._is_singled_out(job))
        if late or job.attempts >= (min(3, self.retry.attempts) if few else self.retry.attempts):
            self._give_up(job, error, now)
        elif not self._ended:
            job.state = "backing off"
            self.resting += 1
            asyncio.get_running_loop().call_later(pause, self._return, job)
            self.settled()
        else:
            self._close(job, error)

    def _patience(self, error: Retryable) -> float:
        if isinstance(error, Busy) and self.last_success < 0:
            return min(self.retry.deadline, _NEVER_LET_IN)
        return self.retry.deadline

    def _pause(self, job: Job, error: Retryable) -> float:
        jitter = 0.5 + self._jitter.random()
        if error.after is not None:
            return error.after + 0.2 * jitter
        first, times = self.retry.first, job.attempts
        if isinstance(error, Busy):
            first, times = 0.4 * first, job.busy
        if self.last_success > max(0.0, job.sent - _LATELY):
            first = min(first, _STRAY * self.retry.first)
        return min(self.retry.most, first * 2.0 ** min(times - 1, 20)) * jitter

    def _is_singled_out(self, job: Job) -> bool:
        """Say whether a call is refused for the rate so much more often than answered ones were that it is for its
        own sake, as one that is larger than what a minute allows.
        """
        refused, answered = (now - before for now, before in zip(self.met, job.before, strict=True))
        share = (refused + 1) / (refused + answered + 2)
        return job.busy >= _OFTEN and share**job.busy < _UNLIKELY

    def _give_up(self, job: Job, error: Retryable, now: float) -> None:
        spell = f"{job.attempts + job.busy} requests in {now - job.first_sent:.0f} s: {error.seen}"
        if self.last_success > job.first_sent:
            # Others were answered meanwhile: it is this call.
            self.tally.declined += 1
            hint = error.hint or ("it may be larger than the limit allows" if isinstance(error, Busy) else "")
            self._close(job, Declined(f"no usable answer after {spell}", where=error.where, hint=hint))
            return
        hint = error.hint or "look at the server, the address and the account's limits"
        fatal = Unreachable(f"nothing was answered after {spell}", where=error.where, hint=f"{hint}; {RESUME}")
        self._close(job, fatal)
        self.fail(fatal)

    def _close(self, job: Job, error: ModelError) -> None:
        job.state = "closed"
        self.jobs.discard(job)
        job.promise.break_off(error)


def _written_at_most(call: Call) -> int:
    """Return the tokens an answer may have; 4,096 where the call does not say."""
    return int(call.parameters.get("max_tokens") or 4096)
