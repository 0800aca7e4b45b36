"""The pacing law in simulated time: a stray 429 slows only its own request, a real limit is found and kept."""

import heapq
import itertools
import math
import random
from dataclasses import dataclass, field

import pytest

from simulacra.models.limits import Bucket, Limiter, Limits


@dataclass
class Server:
    """A token bucket of requests, and stray refusals."""

    rpm: float = 0.0
    busy: float = 0.0
    full: float = field(init=False)
    at: float = 0.0

    def __post_init__(self) -> None:
        self.full = self.rpm / 60

    def takes(self, now: float, rng: random.Random) -> bool:
        if self.rpm:
            rate = self.rpm / 60
            self.full, self.at = min(rate, self.full + (now - self.at) * rate), now
            if self.full < 1:
                return False
            self.full -= 1
        return rng.random() >= self.busy


def simulate(
    limiter: Limiter,
    server: Server,
    *,
    seconds: float = 30.0,
    width: int = 128,
    latency: float = 0.2,
    seed: int = 0,
    stalls: float = 0.0,
) -> list[tuple[float, bool]]:
    """Return (time, passed) of every request of a client with work without end.

    stalls : seconds that the client's machine stands still, at most, after a tenth of what it does.
    """
    rng, count = random.Random(seed), itertools.count()
    events: list[tuple[float, int, str, object]] = [(0.0, next(count), "start", None)]
    log, retries, active, resting, now, wake = [], [], 0, 0, 0.0, -1.0
    while now < seconds:
        due, _, kind, what = heapq.heappop(events)
        now = max(now, due)
        if stalls and rng.random() < 0.1:
            now += stalls * rng.random()
        if kind == "back":
            active -= 1
            passed, ticket, tries = what
            if not passed:
                limiter.refused(ticket)
                resting += 1
                pause = min(30.0, 0.2 * 2**tries) * (0.5 + rng.random())
                heapq.heappush(events, (now + pause, next(count), "retry", tries + 1))
        elif kind == "retry":
            retries.append(what)
        while active < width and (retries or active + resting < 2 * width):
            if (pause := limiter.wait(now)) > 0:
                if not now < wake <= now + pause + 1e-5:
                    wake = now + pause + 1e-6
                    heapq.heappush(events, (wake, next(count), "start", None))
                break
            tries = retries.pop() if retries else 0
            resting -= tries > 0
            active += 1
            ticket, passed = limiter.sent(now), server.takes(now, rng)
            log.append((now, passed))
            heapq.heappush(events, (now + (latency if passed else 0.005), next(count), "back", (passed, ticket, tries)))
    return log


def passed_share(log: list[tuple[float, bool]], allowed: float) -> float:
    return sum(passed for _, passed in log) / allowed


def refused_after(log: list[tuple[float, bool]], start: float) -> float:
    late = [passed for at, passed in log if at > start]
    return late.count(False) / len(late)


def test_a_told_limit_is_used_up_and_kept() -> None:
    log = simulate(Limiter(Limits(requests=3000)), Server(rpm=3000))
    assert passed_share(log, 50 * 31) > 0.98
    assert refused_after(log, 0.0) < 0.01


@pytest.mark.parametrize(("rpm", "latency"), [(3000, 0.2), (3000, 2.0), (600, 0.2), (12000, 0.2)])
def test_a_limit_is_found_and_kept(rpm: int, latency: float) -> None:
    log = simulate(Limiter(), Server(rpm=rpm), seconds=60, latency=latency)
    assert passed_share(log, rpm / 60 * 61) > 0.9
    assert refused_after(log, 2.0) < 0.05


@pytest.mark.parametrize("busy", [0.05, 0.1, 0.28])
def test_stray_refusals_slow_nobody_else(busy: float) -> None:
    log = simulate(Limiter(), Server(busy=busy))
    assert passed_share(log, 640 * 30) > 0.9


@pytest.mark.parametrize("seed", range(6))
def test_stray_refusals_are_told_from_a_limit_on_a_machine_that_stalls(seed: int) -> None:
    calm, stalled = (
        sum(passed for _, passed in simulate(Limiter(), Server(busy=busy), seconds=12, seed=seed, stalls=0.02))
        for busy in (0.0, 0.1)
    )
    assert stalled > 0.75 * calm


def test_a_limit_with_stray_refusals_is_found_too() -> None:
    log = simulate(Limiter(), Server(rpm=3000, busy=0.05), seconds=60)
    assert passed_share(log, 50 * 60 * 0.95) > 0.75
    assert refused_after(log, 5.0) < 0.25


def test_a_server_that_is_shut_is_asked_rarely_and_found_open_again() -> None:
    server = Server(rpm=3000, busy=1.0)
    limiter = Limiter()
    log = simulate(limiter, server, seconds=60)
    assert sum(at > 30 for at, _ in log) < 60
    assert math.isfinite(limiter.rate)


def test_what_a_server_announces_is_taken_over_unless_told_otherwise() -> None:
    heard, told = Limiter(), Limiter(Limits(requests=60))
    for limiter in (heard, told):
        limiter.announce(Limits(requests=600), 1.0)
    assert (heard.rate, told.rate) == (10.0, 1.0)


def test_tokens_are_limited_and_corrected_by_what_was_used() -> None:
    limiter = Limiter(Limits(tokens=6000))  # 100 a second
    assert limiter.counts_tokens
    limiter.sent(0.0, 100)
    assert limiter.wait(0.0, 100) == pytest.approx(1.0)
    limiter.settle(0.0, 100, 50)
    assert limiter.wait(0.0, 100) == pytest.approx(0.5)
    limiter.sent(0.0, 1000)
    assert limiter.wait(2.0, 1) > 0, "a request larger than the burst is lent, and paid back"


def test_a_bucket_never_lets_more_through_than_rate_and_burst() -> None:
    rng, bucket, now, taken = random.Random(1), Bucket(rate=20, burst=5), 0.0, []
    while now < 30:
        if bucket.wait(now, 1) <= 0:
            bucket.take(now, 1)
            taken.append(now)
        now += rng.random() * 0.05
    for start in range(0, 25, 5):
        assert sum(start <= at < start + 5 for at in taken) <= 20 * 5 + 5 + 1
    assert len(taken) > 0.95 * 20 * 30
