"""Another version of the assistant decides otherwise: a differential oracle, no right answer is needed."""

from __future__ import annotations

from ....registry import register
from ._base import PASS, Exchange, Judgement, Oracle
from ._decisions import conflict, decision_of

__all__ = ["Reference"]


@register("oracle")
class Reference(Oracle):
    """The decision contradicts that of the reference assistant on the same turns; unscored if that was not asked."""

    name = "reference"

    def judge(self, exchange: Exchange) -> Judgement:
        """Return fail with both decisions, the reference's second."""
        reference = exchange.background.reference.get(exchange.case.key())
        if reference is None:
            return Judgement("unscored", 0.0, "the reference was not asked or did not reply")
        if len(exchange.replies) < exchange.case.queries:
            return PASS
        now = decision_of(exchange.replies[-1])
        if why := conflict(now, reference):
            return Judgement("fail", 1.0, f"{why} (the reference)"[:200], "unlike the reference")
        return PASS
