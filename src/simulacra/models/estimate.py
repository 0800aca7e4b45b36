"""What a run would come to before anything is asked: calls, tokens, money, time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..contracts.models import Call
from .limits import Limits
from .prices import Prices, tokens_likely

__all__ = ["Estimate", "estimate_calls"]

_WRITTEN = 300  # tokens of an answer where nothing is known of it
_SECONDS = (2.0, 20.0)  # of an answer, from and to, likewise


@dataclass(frozen=True, slots=True)
class Estimate:
    """calls; tokens read and written, likely; dollars likely, and at most if every answer is as long as it may be (None
    where a price is not known); seconds, from and to, as speed, width and limits allow. listed : whether a price is one
    of `prices.PRICES`.
    """

    calls: int
    tokens_in: int
    tokens_out: int
    dollars: float | None
    dollars_at_most: float | None
    seconds: tuple[float, float]
    listed: bool = False

    def plus(self, other: Estimate) -> Estimate:
        """Return what both come to, one after the other."""
        return Estimate(
            self.calls + other.calls,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            _sum(self.dollars, other.dollars),
            _sum(self.dollars_at_most, other.dollars_at_most),
            (self.seconds[0] + other.seconds[0], self.seconds[1] + other.seconds[1]),
            self.listed or other.listed,
        )

    def line(self) -> str:
        """Return the estimate in one line.

        >>> Estimate(50, 10_000, 15_000, 0.0325, 0.4, (9, 60)).line()
        'about 50 calls, 25,000 tokens, 0.0325 dollars (0.4000 at most), 9 to 60 s'
        """
        money = "a price that is not known"
        if self.dollars is not None and self.dollars_at_most is not None:
            money = (
                f"{self.dollars:.4f} dollars ({self.dollars_at_most:.4f} at most)" if self.dollars_at_most else "free"
            )
        time = " to ".join(f"{seconds:.0f}" for seconds in self.seconds)
        return f"about {self.calls:,} calls, {self.tokens_in + self.tokens_out:,} tokens, {money}, {time} s"


def _sum(one: float | None, two: float | None) -> float | None:
    return None if one is None or two is None else round(one + two, 6)


def estimate_calls(
    samples: Iterable[Call],
    *,
    count: int,
    prices: Prices | None = None,
    free: Iterable[str] = (),
    speeds: Mapping[str, tuple[float, float]] | None = None,
    rework: float = 1.0,
    width: int = 64,
    limits: Limits | None = None,
) -> Estimate:
    """Return what `count` calls like the samples would come to; asks nothing.

    samples : some of the calls that a run would make. free : identities of models that run on this machine.
    speeds : model -> tokens read and tokens written a second, for those that compute here one after the other, however
    many are asked. rework : up to how many times the time of these calls such models may take.
    width : calls at once, of the others. limits : requests and tokens a minute.

    >>> one = Call("openai:gpt-5-mini", prompt="x" * 400, parameters={"max_tokens": 1000})
    >>> estimate_calls([one], count=1000).dollars
    0.626
    """
    table, local = prices or Prices(), set(free)
    calls = list(samples)
    if not calls or count <= 0:
        return Estimate(0, 0, 0, 0.0, 0.0, (0.0, 0.0))
    share = count / len(calls)
    read = written = busy = waited = 0.0
    likely: float | None = 0.0
    most: float | None = 0.0
    for call in calls:
        tokens, room = tokens_likely(call), int(call.parameters.get("max_tokens") or 4096)
        said = min(_WRITTEN, room // 2)
        read, written = read + tokens, written + said
        if (speed := (speeds or {}).get(call.model)) is not None:
            busy += tokens / speed[0] + said / speed[1]
        else:
            waited += 1
        price = table.of(call.model)
        if price is None and call.model not in local:
            likely = most = None
        elif price is not None and likely is not None and most is not None:
            likely, most = likely + price.of(tokens, said), most + price.of(tokens, room)
    least = 0.0
    if limits is not None:
        least = max(least, 60 * count / limits.requests if limits.requests else 0.0)
        least = max(least, 60 * share * (read + written) / limits.tokens if limits.tokens else 0.0)
    rounds = max(1.0, share * waited / width) if waited else 0.0
    low, high = (share * busy * times + rounds * each for times, each in zip((1.0, rework), _SECONDS, strict=True))
    seconds = max(low, least), max(high, least)
    money = [None if dollars is None else round(dollars * share, 6) for dollars in (likely, most)]
    listed = any(table.is_listed(call.model) for call in calls)
    return Estimate(count, round(read * share), round(written * share), money[0], money[1], seconds, listed)
