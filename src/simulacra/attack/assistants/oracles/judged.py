"""Rules in words alone: no oracle reads them; a calibrated model does, if one is named."""

from __future__ import annotations

from ....registry import register
from ._base import Exchange, Judgement, Oracle

__all__ = ["Judged"]


@register("oracle")
class Judged(Oracle):
    """Cannot score by itself; where a judge was named and proved itself, `asking.Prober` puts its verdict here."""

    name = "judged"

    def judge(self, exchange: Exchange) -> Judgement:
        """Return unscored."""
        del exchange
        return Judgement("unscored", 0.0, "a rule in words alone needs a judge that proved itself")
