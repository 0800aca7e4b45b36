"""A text does not go round in circles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from ...contracts.rows import Context, Row
from ...registry import register
from ._row import Alone, named_fields, texts_of

__all__ = ["Repetition"]

_STUCK = re.compile(r"\b(\w{3,})(?:\W{1,3}\1\b){2}", re.IGNORECASE)


@register("row_check")
class Repetition(Alone):
    """Rejects a text that repeats itself: a weak model's loop.

    at_most : the share of a text's n-grams of `size` words that stand in it before; 0 for texts without repeats.
    Also rejects the same sentence three times, and a word or a piece of one three times in a row ("scale-scale-scale").
    Texts of fewer than `shortest` words (4 * size, if it is not given) are not judged.
    """

    name = "repetition"

    def __init__(
        self,
        field: str | Sequence[str] | None = None,
        *,
        at_most: float = 0.2,
        size: int = 4,
        shortest: int | None = None,
    ) -> None:
        self._fields, self._most, self._size = named_fields(field, self.name), at_most, size
        self._shortest = 4 * size if shortest is None else shortest

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return the field that repeats itself."""
        del context
        for name, text in texts_of(row, self._fields):
            if self._share(text) > self._most or _said_thrice(text) or _STUCK.search(text):
                return f"{name} repeats itself"
        return None

    def _share(self, text: str) -> float:
        words = re.findall(r"\w+", text.lower())
        if len(words) < max(self._shortest, self._size):
            return 0.0
        grams = [tuple(words[place : place + self._size]) for place in range(len(words) - self._size + 1)]
        return 1 - len(set(grams)) / len(grams)


def _said_thrice(text: str) -> bool:
    sentences = [part.strip().lower() for part in re.split(r"[.!?\n]+", text) if len(part.split()) > 2]
    return bool(sentences) and Counter(sentences).most_common(1)[0][1] >= 3
