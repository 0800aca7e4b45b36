"""What the engine counts while it works, per model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..contracts.models import Usage

__all__ = ["EngineReport", "Tally"]


@dataclass(slots=True)
class Tally:
    """Counts of one model.

    calls : answered requests, each paid for once. stored : answers that were there before. busy : 429s. faults : other
    failures that were tried again. malformed : paid answers that could not be used as they were. repaired : JSON with
    slips of syntax, mended. declined : calls that got no answer. dollars : for answers; lost : for those that brought
    nothing, at their upper bound.
    """

    calls: int = 0
    stored: int = 0
    busy: int = 0
    faults: int = 0
    malformed: int = 0
    repaired: int = 0
    declined: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    dollars: float = 0.0
    lost: float = 0.0

    def add(self, usage: Usage) -> None:
        """Count an answer."""
        self.calls += 1
        self.tokens_in += usage.tokens_in
        self.tokens_out += usage.tokens_out
        self.dollars += usage.dollars

    def plus(self, other: Tally) -> Tally:
        """Return the sum of both."""
        return Tally(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class EngineReport:
    """What the calls of a run came to.

    models : identity -> its counts. seconds : since the engine was started.
    """

    models: Mapping[str, Tally] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def total(self) -> Tally:
        """The counts of all models together."""
        total = Tally()
        for tally in self.models.values():
            total = total.plus(tally)
        return total

    def line(self) -> str:
        """Return the state in one line, for a person who watches.

        >>> EngineReport({"echo": Tally(calls=20, busy=2, tokens_in=900, tokens_out=100)}, seconds=4).line()
        '20 calls, 5.0 a second, 1,000 tokens, 2 refused for the rate'
        """
        total = self.total
        parts = [f"{total.calls:,} calls", f"{total.calls / max(self.seconds, 1e-9):.1f} a second"]
        parts.append(f"{total.tokens_in + total.tokens_out:,} tokens")
        if total.dollars + total.lost > 0:
            parts.append(f"{total.dollars + total.lost:.4f} dollars")
        for count, words in (
            (total.stored, "from the store"),
            (total.busy, "refused for the rate"),
            (total.faults, "faults tried again"),
            (total.malformed, "malformed"),
            (total.declined, "declined"),
        ):
            if count:
                parts.append(f"{count:,} {words}")
        return ", ".join(parts)
