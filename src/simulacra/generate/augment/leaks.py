"""The leak guard: which training texts or rows stand in the test set, word for word, nearly, or varied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...contracts.rows import Record
from ...text.near import NearDuplicates
from ...text.ngrams import compare_form
from .alignment import Aligned, alarm_threshold

__all__ = ["NEAR", "Leak", "count_duplicates", "find_leaks"]

NEAR = 0.75
"""Jaccard similarity of character 5-grams from which two texts are near-duplicates."""
_VARIED = 0.99  # what a text with other words is alike at most


@dataclass(frozen=True, slots=True)
class Leak:
    """A training record that stands in the test set. similarity : 1 for the same words."""

    train: str
    test: str
    similarity: float


def find_leaks(train: Sequence[Record], test: Sequence[Record], *, near: float = NEAR) -> list[Leak]:
    """Return the training records that the test set holds: the same words, near-duplicates, or the same again with
    other words, slips and turns of phrase (`alignment`); equal rows of tables.

    From which likeness on a varied text is a copy, the test set says: one in a hundred of its own texts is as like
    another of them. Not handled: free paraphrase, translations.

    >>> rows = [Record("a", "Where is my card?"), Record("b", "How do I pay?")]
    >>> find_leaks(rows, [Record("t", "where is  my card")])
    [Leak(train='a', test='t', similarity=1.0)]
    """
    if not any(record.text for record in train):
        known = {repr(sorted(record.fields.items())): record.identity for record in reversed(test)}
        rows = ((record.identity, known.get(repr(sorted(record.fields.items())))) for record in train)
        return [Leak(one, other, 1.0) for one, other in rows if other is not None]
    index = NearDuplicates(threshold=near)
    index.add([record.text for record in test])
    texts = [record.text for record in train]
    found = [None if match is None else (match.position, match.similarity) for match in index.nearest(texts)]
    aligned = Aligned([record.text for record in test], texts)
    varied = aligned.nearest(texts, threshold=alarm_threshold(aligned))
    varied = [None if one is None else (one[0], min(one[1], _VARIED)) for one in varied]
    pairs = zip(train, (one or other for one, other in zip(found, varied, strict=True)), strict=True)
    return [Leak(record.identity, test[pair[0]].identity, pair[1]) for record, pair in pairs if pair is not None]


def count_duplicates(records: Sequence[Record]) -> int:
    """Return how many records say, word for word, what an earlier one says."""
    forms = [
        compare_form(record.text) if record.text else repr(sorted(record.fields.items())) for record in records
    ]  # fmt: skip
    return len(forms) - len(set(forms))
