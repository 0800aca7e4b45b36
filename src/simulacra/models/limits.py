"""How fast one model may be asked: told limits (requests and tokens a minute), and limits found by evidence.

A stray 429 says nothing about the rate: only the request that got it waits. A real limit shows in the share of refused
requests: when more than `LIMIT_SHARE` of what was sent within a window comes back 429, the rate falls to what was seen
to pass; from there it doubles up to the last good rate and creeps above it. Where a lower rate does not lower the
share, the refusals were stray after all, and the old rate comes back. Times are passed in, so the law can be tested
without waiting.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

__all__ = ["Bucket", "Limiter", "Limits", "Pacer"]

LIMIT_SHARE = 0.3
_WINDOW = 0.5  # seconds of sending that are judged together
_SETTLE = 0.25  # refusals come back fast; what is out longer than this is being answered
_FEW = 12  # requests below which a window says nothing and is extended
_CREEP = 1.01  # per window above the last good rate: 2 % a second
_SLOWEST = 0.05  # requests a second


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


class Pacer:
    """Finds the rate a server lets through, from its refusals alone; `rate` is infinite as long as there is none."""

    def __init__(self) -> None:
        self.rate = math.inf
        self._good = math.inf
        self._stray = 0.0
        self._before: tuple[float, float, float] | None = None  # rate, good rate, share of refusals before the last cut
        self._windows: deque[Window] = deque()

    def sent(self, now: float) -> tuple[Window, bool]:
        """Note a request; returns what `refused` wants to know of it."""
        window = self._windows[-1] if self._windows else None
        if window is None or window.end < math.inf:
            window = Window(now)
            self._windows.append(window)
        elif now - window.start >= _WINDOW and window.sent >= _FEW:
            window.end = now
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
        if self._before is not None and self._was_in_vain(share):
            return
        excess = (share - self._stray) / max(1e-9, 1 - self._stray)
        if math.isinf(self.rate):
            if share > LIMIT_SHARE:
                self._cut(window, share)
            else:
                self._stray += 0.3 * (share - self._stray)
        elif excess > 0.02 + 2 * math.sqrt(max(self._stray, 0.01) / window.sent):
            self._cut(window, share)
        elif self.rate < self._good:
            self.rate = min(self.rate * math.sqrt(2), self._good)
        else:
            self._stray += 0.1 * (min(share, LIMIT_SHARE) - self._stray)
            self.rate = self._good = self.rate * _CREEP

    def _was_in_vain(self, share: float) -> bool:
        """After a cut: if as many are refused as before, it was not the rate that they were refused for."""
        rate, good, before = self._before or (0.0, 0.0, 0.0)
        self._before = None
        if share < 0.6 * before or before > 2 * LIMIT_SHARE:
            return False
        self.rate, self._good, self._stray = rate, good, min(share, before)
        return True

    def _cut(self, window: Window, share: float) -> None:
        # The second half of a window: by then a burst that the server allows is used up.
        half = (window.end - window.start) - _WINDOW / 2
        passed = (window.late_sent - window.late_refused) / max(half, _WINDOW / 2)
        least = max(passed / (1 - self._stray), _SLOWEST)
        lower = least if passed else max(min(self.rate, window.sent / _WINDOW) / 2, _SLOWEST)
        if lower < self.rate:
            self._before = (self.rate, self._good, share)
            self.rate = self._good = lower


class Limiter:
    """May the next request to one model be sent now? Told limits and found ones together."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._requests: Bucket | None = None
        self._tokens: Bucket | None = None
        self._found: Bucket | None = None
        self._pacer = Pacer()
        self._told = limits is not None
        self.held = 0.0
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
        if not self._told:
            self._set(limits, now)

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
