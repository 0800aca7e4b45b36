"""The leak guard: which training texts or rows stand in the test set, word for word, nearly, or varied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...contracts.rows import Record
from ...text.ngrams import compare_form
from .alignment import Aligned, usual_likeness

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


def find_leaks(train: Sequence[Record], test: Sequence[Record]) -> list[Leak]:
    """Return the training records that the test set holds: the same words, or nearly the same with synonyms, slips and
    other turns of phrase (`alignment`); equal rows of tables.

    From which likeness on a text is a copy, the test set says: one in a hundred of its own texts is as like
    another of them. Not handled: free paraphrase, translations.

    >>> rows = [Record("a", "Where is my card?"), Record("b", "How do I pay?")]
    >>> find_leaks(rows, [Record("t", "where is  my card")])
    [Leak(train='a', test='t', similarity=1.0)]
    """
    if not any(record.text for record in train):
        known = {repr(sorted(record.fields.items())): record.identity for record in reversed(test)}
        rows = ((record.identity, known.get(repr(sorted(record.fields.items())))) for record in train)
        return [Leak(one, other, 1.0) for one, other in rows if other is not None]
    forms = {compare_form(record.text): record.identity for record in reversed(test)}
    texts = [record.text for record in train]
    aligned = Aligned([record.text for record in test], texts)
    found = aligned.nearest(texts, threshold=usual_likeness(aligned.between()))
    leaks = []
    for record, match in zip(train, found, strict=True):
        same = forms.get(compare_form(record.text))
        if same is not None:
            leaks.append(Leak(record.identity, same, 1.0))
        elif match is not None:
            leaks.append(Leak(record.identity, test[match[0]].identity, min(match[1], _VARIED)))
    return leaks


def count_duplicates(records: Sequence[Record]) -> int:
    """Return how many records say, word for word, what an earlier one says."""
    forms = [
        compare_form(record.text) if record.text else repr(sorted(record.fields.items())) for record in records
    ]  # fmt: skip
    return len(forms) - len(set(forms))
