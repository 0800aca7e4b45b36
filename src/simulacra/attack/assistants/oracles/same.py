"""The same question in other words must get the same decision: a metamorphic relation, no right answer is needed."""

from __future__ import annotations

from ....registry import register
from ._base import PASS, Exchange, Judgement, Oracle
from ._decisions import conflict, decision_of

__all__ = ["Same"]


@register("oracle")
class Same(Oracle):
    """The decision contradicts every one that the plain question got; unscored if those contradict each other."""

    name = "same"

    def judge(self, exchange: Exchange) -> Judgement:
        """Return fail with both decisions."""
        plain = exchange.background.plain.get(exchange.case.ask, ())
        if not plain:
            return Judgement("unscored", 0.0, "the plain question was not asked")
        if any(conflict(plain[0], other) for other in plain[1:]):
            return Judgement("unscored", 0.0, "the plain question gets one decision and another")
        if len(exchange.replies) < exchange.case.queries:
            return PASS
        now = decision_of(exchange.replies[-1])
        found = [conflict(one, now) for one in plain]
        if all(found):
            return Judgement("fail", 1.0, f"{found[0]} (asked plainly: {plain[0].said()})"[:200], "another decision")
        return PASS
