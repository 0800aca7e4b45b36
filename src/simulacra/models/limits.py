"""How fast one model may be asked: told limits (requests and tokens a minute), and limits found by evidence.

A stray 429 says nothing about the rate: only the request that got it waits. Whether refusals are stray or a limit is
found by asking less for half a second (`Pacer`). Times are passed in, so the law can be tested without waiting.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace

__all__ = ["Bucket", "Limiter", "Limits", "Pacer"]

BLOCKED = 0.8
"""Share of refused requests from which a server is taken to let nothing through."""
_WINDOW = 0.5  # seconds of sending that are judged together
_FEW = 12  # requests below which a window says nothing and is extended,
_LONG, _FEWEST = 3.0, 4  # but not for ever
_SETTLE = 0.25  # refusals come back fast; what is out longer than this is being answered
_TEST = 0.85  # of what passed: the rate of a test
_ODD = 0.4  # share of refusals above which a test is made again
_SURE = 2.5  # standard errors by which refusals must have become fewer, or the test goes on,
_TESTS = 4  # but not for more windows than this
_HOLD, _HOLD_MOST = 6, 60  # windows that a found rate is held before it is raised again
_STEP, _STEP_MOST = 0.01, 0.41  # share by which it is raised per window: at most to double in a second
_SLOWEST = 0.5  # requests a second


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server allows in a minute; None: not known."""

    requests: float | None = None
    tokens: float | None = None


class Bucket:
    """A token bucket: `rate` a second, `burst` at once.

    >>> bucket = Bucket(rate=10, burst=2)
    >>> [bucket.wait(0.0, 1), bucket.take(0.0, 1), bucket.take(0.0, 1), bucket.wait(0.0, 1)]
    [0.0, None, None, 0.1]
    """

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self._burst, self._full, self._at = rate, burst, burst, 0.0

    def wait(self, now: float, amount: float) -> float:
        """Return the seconds until `amount` may be taken. More than the burst is lent by a full bucket."""
        self._fill(now)
        missing = min(amount, self._burst) - self._full
        return missing / self.rate if missing > 1e-9 else 0.0

    def take(self, now: float, amount: float) -> None:
        """Take the amount; a negative one is given back."""
        self._fill(now)
        self._full = min(self._burst, self._full - amount)

    def change(self, now: float, rate: float, burst: float) -> None:
        """Go on at another rate."""
        self._fill(now)
        self.rate, self._burst = rate, burst
        self._full = min(self._full, burst)

    def empty(self, now: float) -> None:
        """Nothing is left to take at once."""
        self._fill(now)
        self._full = min(self._full, 0.0)

    def _fill(self, now: float) -> None:
        self._full = min(self._burst, self._full + max(0.0, now - self._at) * self.rate)
        self._at = max(now, self._at)


@dataclass(slots=True)
class Window:
    """Requests sent between `start` and `end`, and how many of them were refused; `late` : in its second half."""

    start: float
    end: float = math.inf
    sent: int = 0
    refused: int = 0
    late_sent: int = 0
    late_refused: int = 0

    def passed(self) -> float:
        """Return how many a second were let through."""
        length = self.end - self.start
        early = (self.refused - self.late_refused, self.sent - self.late_sent)
        late = (self.late_refused, self.late_sent)
        if self.late_sent >= _FEW / 2 and (2 * self.late_refused > self.late_sent or _fewer(early, late) > 1):
            # A burst that the server allows was used up in the first half.
            return (self.late_sent - self.late_refused) / (length - _WINDOW / 2)
        return (self.sent - self.refused) / length


@dataclass(slots=True)
class _Test:
    """Less is asked for a while. before : the rate until then. passed : how many a second were let through at it.

    high : (refused, sent) when it began; low : since then.
    """

    before: float
    passed: float
    high: tuple[int, int]
    low: tuple[int, int] = (0, 0)
    windows: int = 0

    def add(self, window: Window) -> None:
        self.low = (self.low[0] + window.refused, self.low[1] + window.sent)
        self.windows += 1


def _fewer(low: tuple[int, int], high: tuple[int, int]) -> float:
    """Return by how many standard errors the first share of (refused, sent) is below the second."""
    if not low[1] or not high[1]:
        return 0.0
    pooled = (low[0] + high[0]) / (low[1] + high[1])
    error = math.sqrt(pooled * (1 - pooled) * (1 / low[1] + 1 / high[1]))
    return (high[0] / high[1] - low[0] / low[1]) / error if error else 0.0


class Pacer:
    """Finds the rate a server lets through, from its refusals alone; `rate` is infinite as long as there is none.

    More refusals than usual start a test: a window at less than what passed before. If the share falls for sure, it is
    a limit: what passed is held for a while, then raised in steps that grow as long as nothing is refused for it; each
    time the ceiling is met again it is held twice as long. If the share stays, it is stray: learned, and the old rate
    goes on. A limit at which as much is refused as before it was found was none: the rate before it goes on.
    """

    def __init__(self) -> None:
        self.rate = math.inf
        self._stray = 0.0
        self._test: _Test | None = None
        self._found: _Test | None = None  # the one that found the present limit
        self._shut = False
        self._hold, self._holds = 0, _HOLD
        self._step = _STEP
        self._windows: deque[Window] = deque()

    def sent(self, now: float) -> tuple[Window, bool]:
        """Note a request; returns what `refused` wants to know of it."""
        window = self._windows[-1] if self._windows else None
        if window is not None:
            age = now - window.start
            if (age >= _WINDOW and window.sent >= _FEW) or (age >= _LONG and window.sent >= _FEWEST):
                window.end, window = now, None
        if window is None:
            window = Window(now)
            self._windows.append(window)
        late = now - window.start >= _WINDOW / 2
        window.sent += 1
        window.late_sent += late
        return window, late

    @staticmethod
    def refused(ticket: tuple[Window, bool]) -> None:
        """Note that the request was answered with 429."""
        window, late = ticket
        window.refused += 1
        window.late_refused += late

    def judge(self, now: float) -> bool:
        """Draw the conclusions that are due; returns whether the rate changed."""
        old = self.rate
        while self._windows and self._windows[0].end + _SETTLE <= now:
            self._conclude(self._windows.popleft())
        return self.rate != old

    def _conclude(self, window: Window) -> None:
        share = window.refused / window.sent
        if self._test is not None:
            self._test.add(window)
            self._end_test(self._test, window)
        elif share > self._stray + 0.04 + 2 * math.sqrt(max(self._stray, 0.01) / window.sent):
            self._begin_test(window)
        else:
            self._stray += 0.1 * (min(share, self._stray) - self._stray)
            if not self._was_none(window) and math.isfinite(self.rate):
                self._raise()

    def _was_none(self, window: Window) -> bool:
        if self._found is None or not self._hold:
            return False
        self._found.add(window)
        (refused, sent), high = self._found.low, self._found.high
        if sent < 2 * _FEW or refused / sent <= 0.6 * high[0] / high[1]:
            return False
        self._stray = max(self._stray, refused / sent)
        before, self._found, self._hold, self._holds = self._found.before, None, 0, _HOLD
        self._go(before)
        return True

    def _begin_test(self, window: Window) -> None:
        passed = window.passed()
        if not passed:
            passed = min(self.rate, 1 / (window.end - window.start)) / 2
        self._test = _Test(self.rate, passed, (window.refused, window.sent))
        self._go(max(_SLOWEST, _TEST * passed))

    def _end_test(self, test: _Test, window: Window) -> None:
        share, high = test.low[0] / test.low[1], test.high[0] / test.high[1]
        if share > BLOCKED and high > BLOCKED:
            # Nothing gets through at any rate: ask more and more rarely until something does.
            self._test, self._shut = _Test(test.before, test.passed, test.low), True
            self._go(max(_SLOWEST, self.rate / 2))
        elif share > 0.6 * high and share > _ODD and test.windows < _TESTS and window.passed():
            # So many are hardly stray: the first window let a burst through, this one tells better what passes.
            self._test = replace(test, passed=window.passed(), low=(0, 0))
            self._go(max(_SLOWEST, _TEST * window.passed()))
        elif share > 0.6 * high:
            self._test, self._stray = None, (share + high) / 2
            self._go(test.before)
        elif _fewer(test.low, test.high) >= _SURE or test.windows >= _TESTS:
            self._test, self._stray = None, min(share, high)
            self._keep(test)

    def _keep(self, test: _Test) -> None:
        """A limit was found: hold what passed."""
        self._go(min(test.before, max(_SLOWEST, 0.99 * test.passed / (1 - self._stray))))
        self._found = _Test(test.before, test.passed, test.high)
        if self._shut:
            self._shut = False
            self._hold, self._step = 0, _STEP_MOST  # what passed says little where all was shut: find out fast
        else:
            self._hold = self._holds
            self._holds = min(2 * self._holds, _HOLD_MOST)

    def _raise(self) -> None:
        if self._hold:
            self._hold -= 1
            return
        if self._step > 0.1:
            self._holds = _HOLD  # the old ceiling is gone
        self.rate *= 1 + self._step
        self._step = min(_STEP_MOST, 1.5 * self._step)

    def _go(self, rate: float) -> None:
        self.rate, self._step = rate, _STEP
        # What was sent before says nothing about the new rate.
        self._windows.clear()


class Limiter:
    """May the next request to one model be sent now? Told limits and found ones together."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._requests: Bucket | None = None
        self._tokens: Bucket | None = None
        self._found: Bucket | None = None
        self._pacer = Pacer()
        self._told = limits is not None
        self._announced: Limits | None = None
        if limits is not None:
            self._set(limits, 0.0)

    @property
    def rate(self) -> float:
        """Requests a second that are let through, as far as known; infinite if nothing limits them."""
        return min(self._pacer.rate, self._requests.rate if self._requests else math.inf)

    @property
    def counts_tokens(self) -> bool:
        """Whether `tokens` matters in `wait` and `sent`."""
        return self._tokens is not None

    def announce(self, limits: Limits, now: float) -> None:
        """Take over what the server says of itself, unless the user has said something."""
        if self._told or limits == self._announced:
            return
        self._announced = limits
        self._pacer = Pacer()
        self._found = None
        self._set(limits, now)
        for bucket in (self._requests, self._tokens):
            if bucket is not None:
                bucket.empty(now)  # what is out already has used up what may be sent at once

    def wait(self, now: float, tokens: float = 0.0) -> float:
        """Return the seconds until a request of about so many tokens may be sent; 0: now."""
        if self._pacer.judge(now):
            self._pace(now)
        waits = [bucket.wait(now, 1) for bucket in (self._requests, self._found) if bucket is not None]
        if self._tokens is not None:
            waits.append(self._tokens.wait(now, tokens))
        return max(waits, default=0.0)

    def sent(self, now: float, tokens: float = 0.0) -> tuple[Window, bool]:
        """Note that a request goes out; give what this returns to `refused`, if it is."""
        for bucket in (self._requests, self._found):
            if bucket is not None:
                bucket.take(now, 1)
        if self._tokens is not None:
            self._tokens.take(now, tokens)
        return self._pacer.sent(now)

    def settle(self, now: float, reserved: float, used: float) -> None:
        """Correct the tokens of a request by what it really took."""
        if self._tokens is not None:
            self._tokens.take(now, used - reserved)

    def refused(self, ticket: tuple[Window, bool]) -> None:
        """Note that a request was answered with 429."""
        self._pacer.refused(ticket)

    def _pace(self, now: float) -> None:
        rate = self._pacer.rate
        if math.isinf(rate):
            self._found = None
        elif self._found is None:
            self._found = Bucket(rate, 1.0)
            self._found.change(now, rate, max(1.0, rate / 20))
        else:
            self._found.change(now, rate, max(1.0, rate / 20))

    def _set(self, limits: Limits, now: float) -> None:
        # A second's worth at once: servers count in buckets of at least that.
        for name, amount in (("_requests", limits.requests), ("_tokens", limits.tokens)):
            if amount is not None and amount > 0:
                rate = amount / 60
                bucket: Bucket | None = getattr(self, name)
                if bucket is None:
                    setattr(self, name, Bucket(rate, max(1.0, rate)))
                elif abs(bucket.rate - rate) > 1e-6 * rate:
                    bucket.change(now, rate, max(1.0, rate))
