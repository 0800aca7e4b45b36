"""Two fields of a row do not say the same: an answer is more than its question again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...contracts.rows import Context, Row
from ...errors import RecipeError
from ...registry import register
from ._row import Alone, named_fields, texts_of

__all__ = ["Differs"]


@register("row_check")
class Differs(Alone):
    """Rejects a row in which the words of one field are those of another.

    at_most : the share of the distinct words of the last field that stand in the first, in [0, 1]. shares : words of
    five letters and more that both have at least; a question shares some with the text that answers it.
    """

    name = "differs"

    def __init__(self, fields: Sequence[str], *, at_most: float = 0.8, shares: int = 0) -> None:
        self._fields, self._most, self._shares = named_fields(fields, self.name), at_most, shares
        if len(self._fields) != 2:
            raise RecipeError("two fields are compared", where="check differs", hint="e.g. fields: [question, answer]")

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return that the last field repeats the first."""
        del context
        texts = texts_of(row, self._fields)
        if len(texts) < 2:
            return None
        first, last = (set(re.findall(r"\w+", text.lower())) for _, text in texts)
        if last and len(last & first) / len(last) > self._most:
            return f"{self._fields[1]} repeats {self._fields[0]}"
        if sum(len(word) > 4 for word in first & last) < self._shares:
            return f"{self._fields[1]} has little to do with {self._fields[0]}"
        return None
