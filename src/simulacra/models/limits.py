"""How fast one model may be asked: told limits (requests and tokens a minute), and limits found by evidence.

A stray 429 says nothing about the rate: only the request that got it waits. Whether refusals are stray or a limit is
found by asking less for half a second (`Pacer`). Times are passed in, so the law can be tested without waiting.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

__all__ = ["Bucket", "Limiter", "Limits", "Pacer"]

BLOCKED = 0.8
"""Share of refused requests from which a server is taken to let nothing through."""
_WINDOW = 0.5  # seconds of sending that are judged together
_FEW = 12  # requests below which a window says nothing and is extended,
_LONG, _FEWEST = 3.0, 4  # but not for ever
_SETTLE = 0.25  # refusals come back fast; what is out longer than this is being answered
_TEST = 0.85  # of what passed: the rate of a test
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
        if self.late_sent >= _FEW / 2:
            # In the second half a burst that the server allows is used up.
            return (self.late_sent - self.late_refused) / (length - _WINDOW / 2)
        return (self.sent - self.refused) / length


class Pacer:
    """Finds the rate a server lets through, from its refusals alone; `rate` is infinite as long as there is none.

    More refusals than usual start a test: a window at less than what passed before. If the share falls, it is a limit:
    what passed is held for a while, then raised in steps that grow as long as nothing is refused for it; each time the
    ceiling is met again it is held twice as long. If the share stays, it is stray: learned, and the old rate goes on.
    """

    def __init__(self) -> None:
        self.rate = math.inf
        self._stray = 0.0
        self._test: tuple[float, float, float] | None = None  # under test: the rate before, its share, what passed
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
            self._end_test(share)
        elif share > self._stray + 0.04 + 2 * math.sqrt(max(self._stray, 0.01) / window.sent):
            self._begin_test(window, share)
        else:
            self._stray += 0.1 * (min(share, self._stray) - self._stray)
            if math.isfinite(self.rate):
                self._raise()

    def _begin_test(self, window: Window, share: float) -> None:
        passed = window.passed()
        if not passed:
            passed = min(self.rate, 1 / (window.end - window.start)) / 2
        self._test = (self.rate, share, passed)
        self._go(max(_SLOWEST, _TEST * passed))

    def _end_test(self, share: float) -> None:
        before, high, passed = self._test or (self.rate, 0.0, self.rate)
        if share > BLOCKED and high > BLOCKED:
            # Nothing gets through at any rate: ask more and more rarely until something does.
            self._test, self._shut = (before, share, passed), True
            self._go(max(_SLOWEST, self.rate / 2))
            return
        self._test = None
        if share > 0.6 * high:
            self._stray = (share + high) / 2
            self._go(before)
            return
        self._stray = min(share, high)
        self._go(min(before, max(_SLOWEST, 0.99 * passed / (1 - self._stray))))
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
