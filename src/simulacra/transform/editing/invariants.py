"""What a variant must have in common with its source, checked exactly."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection

from ...contracts.rows import Record
from .protected import NEGATIONS

__all__ = ["INVARIANTS", "broken_invariant"]

_URLS = re.compile(r"(?:https?://|www\.)[^\s<>\"']+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_CODE = re.compile(r"```.*?```|`[^`\n]+`|\{\{.*?\}\}|\{[\w .:!-]*\}|\$\{\w+\}", re.DOTALL)
_NOT = re.compile(rf"\b(?:{'|'.join(NEGATIONS)})\b|n['’]t\b", re.IGNORECASE)
_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")
_NAME = re.compile(r"(?<![.?!\n] )(?<!^)\b[A-Z][^\W\d_]+")
_LENGTH = (0.5, 2.0)


def _negations(text: str) -> int:
    return len(_NOT.findall(text))


def _answers(record: Record) -> list[str]:
    return [record.text[span.start : span.end] for span in record.spans if span.name == "answer"]


def _entities(record: Record) -> list[str]:
    return [record.text[span.start : span.end] for span in record.spans if span.name not in ("", "protected")]


def _length(old: Record, new: Record) -> bool:
    low, high = (share * max(len(old.text), 20) for share in _LENGTH)
    return len(old.text) < 20 or low <= len(new.text) <= high


INVARIANTS: dict[str, Callable[[Record, Record], bool]] = {
    "numbers": lambda old, new: Counter(_DIGITS.findall(old.text)) == Counter(_DIGITS.findall(new.text)),
    "entities": lambda old, new: (
        _entities(old) == _entities(new) and not set(_NAME.findall(old.text)) - set(_NAME.findall(f" x {new.text}"))
    ),
    "negation": lambda old, new: _negations(old.text) == _negations(new.text),
    "urls": lambda old, new: Counter(_URLS.findall(old.text)) == Counter(_URLS.findall(new.text)),
    "code": lambda old, new: Counter(_CODE.findall(old.text)) == Counter(_CODE.findall(new.text)),
    "answer": lambda old, new: _answers(old) == _answers(new),
    "length": _length,
}
"""Name of an invariant -> does the new record keep it?"""


def broken_invariant(old: Record, new: Record, keeps: Collection[str]) -> str | None:
    """Return a sentence about the first invariant that is not kept, None if all are.

    >>> broken_invariant(Record("a", "do not pay 50"), Record("b", "do pay 50"), {"numbers", "negation"})
    'the negations changed'
    """
    words = {"negation": "negations", "answer": "answer spans", "length": "length"}
    for name in sorted(keeps):
        if not INVARIANTS[name](old, new):
            return f"the {words.get(name, name)} changed"
    return None
