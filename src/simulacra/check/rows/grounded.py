"""What is quoted stands in its source, word for word."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ...contracts.rows import Context, Row
from ...registry import register
from ._row import Alone, as_text, named_fields, value_at

__all__ = ["Grounded"]

_EQUAL = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "\u00a0": " ", "…": "..."}
)


@register("row_check")
class Grounded(Alone):
    """Rejects a quote that is not found in the source.

    source : the field that holds it, e.g. "passage.text". Case, spaces, quotation marks and dashes may differ; "..."
    stands for words left out. least : words a quote must have.
    """

    name = "grounded"

    def __init__(self, field: str | Sequence[str], *, source: str, least: int = 3) -> None:
        self._fields, self._source, self._least = named_fields(field, self.name), source, least

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return the quote that is not there, or too short to say anything."""
        del context
        source = _plain(as_text(value_at(row, self._source) or ""))
        for name in self._fields:
            value = value_at(row, name)
            for quote in value if isinstance(value, list) else [value]:
                if quote is None or len(str(quote).split()) < self._least:
                    return f"{name} quotes fewer than {self._least} words"
                if not _stands_in(_plain(str(quote)), source):
                    return f"{name} is not found in {self._source}"
        return None


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text.translate(_EQUAL)).casefold()
    return re.sub(r"[\s*_`]+", " ", text).strip(" \"'")


def _stands_in(quote: str, source: str) -> bool:
    place = 0
    for part in quote.split("..."):
        part = part.strip(" .,;:")
        place = source.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return True
