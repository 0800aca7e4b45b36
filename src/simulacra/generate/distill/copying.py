"""A written text does not repeat a passage of a seed."""

from __future__ import annotations

from collections.abc import Sequence

from ...contracts.rows import Context, Row
from ...text.ngrams import word_grams, word_hashes

__all__ = ["PASSAGE", "SeedPassage", "passages"]

PASSAGE = 8
"""Words in a row that no text may share with a seed."""


class SeedPassage:
    """Row check: rejects a text that shares eight words in a row with a seed."""

    name = "seed_passage"
    ordered = False

    def __init__(self, field: str, seeds: Sequence[str]) -> None:
        self._field = field
        self._known = set().union(*passages(seeds)) if seeds else set()

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return that the text repeats a seed."""
        del context
        found = passages([str(row[self._field])])[0]
        return f"shares {PASSAGE} words in a row with a seed" if found & self._known else None

    def accept(self, row: Row) -> None:
        """Remember nothing."""


def passages(texts: Sequence[str]) -> list[set[int]]:
    """Return for each text its runs of eight words, as hashes.

    >>> [len(runs) for runs in passages(["one two", "a b c d e f g h i"])]
    [0, 2]
    """
    grams = word_grams(word_hashes(list(texts)), PASSAGE)
    return [set(grams[place].tolist()) for place in range(len(texts))]
