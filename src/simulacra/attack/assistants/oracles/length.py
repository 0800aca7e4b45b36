"""Replies without bound."""

from __future__ import annotations

from ....registry import register
from ._base import Exchange, Judgement, Oracle

__all__ = ["Length"]


@register("oracle")
class Length(Oracle):
    """A reply is longer than the policy allows."""

    name = "length"
    everywhere = True

    def judge(self, exchange: Exchange) -> Judgement:
        """Return fail with the length; its fitness grows with it."""
        longest = max((len(reply.text) for reply in exchange.replies), default=0)
        if longest > exchange.policy.longest:
            return Judgement(
                "fail", 1.0, f"{longest:,} characters, {exchange.policy.longest:,} are allowed", "too long"
            )
        return Judgement("pass", 0.5 * longest / max(exchange.policy.longest, 1))
