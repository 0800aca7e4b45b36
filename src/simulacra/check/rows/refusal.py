"""The model wrote, it did not decline to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...contracts.rows import Context, Row
from ...registry import register
from ._row import Alone, named_fields, texts_of

__all__ = ["Refusal"]

_OPENINGS = (
    r"(?:i(?:'|’)?m|i am) (?:really |very |so )?sorry,? but\b",
    r"(?:i apologi[sz]e|apologies|sorry),? (?:but|i|as)\b",
    r"(?:unfortunately,? )?(?:i|we) (?:cannot|can(?:'|’)t|can not|am unable to|(?:'|’)m unable to|am not able to"
    r"|won(?:'|’)t)"
    r" (?:help|assist|provide|comply|fulfil|fulfill|generate|create|write|answer|do that|discuss|support|continue)",
    r"(?:es tut mir leid|tut mir leid),? (?:aber|ich)\b",
    r"(?:je suis désolée?|désolée?),? (?:mais|je)\b",
    r"lo siento,? pero\b",
)
_ANYWHERE = (
    r"\bas an? (?:ai|artificial intelligence|large language model|language model|ai language model|ai assistant)\b",
    r"\b(?:i am|i(?:'|’)m) (?:just |only )?an? (?:ai|language model|ai language model)\b",
    r"\bals (?:ki|künstliche intelligenz|sprachmodell)\b",
    r"\bagainst my (?:programming|guidelines)\b",
    r"\bmy (?:knowledge|training) cut-?off\b",
)
_START = re.compile(r"^\W*(?:" + "|".join(_OPENINGS) + ")", re.IGNORECASE)
_WITHIN = re.compile("|".join(_ANYWHERE), re.IGNORECASE)


@register("row_check")
class Refusal(Alone):
    """Rejects a text in which a model declines, or speaks of itself as a model.

    Known phrases of English, German, French and Spanish. Not handled: a refusal in other words.
    """

    name = "refusal"

    def __init__(self, field: str | Sequence[str] | None = None) -> None:
        self._fields = named_fields(field, self.name)

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return the field that holds a refusal."""
        del context
        for name, text in texts_of(row, self._fields):
            if _START.search(text[:400]) or _WITHIN.search(text):
                return f"{name} is a refusal"
        return None
