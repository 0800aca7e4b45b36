"""What a transform must not touch, and the words that are left for it.

Found in one pass: URLs, e-mail addresses, code, placeholders, dates, money, units and every other digit, negations and
names (a capitalised word that does not begin a sentence, words of capitals), and what the user's own patterns match.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ...contracts.rows import Span

__all__ = ["NEGATIONS", "Words", "protected_spans", "words_of"]

NEGATIONS = ["not", "no", "never", "none", "nobody", "nothing", "nowhere", "neither", "nor", "cannot", "without", "hardly", "barely", "scarcely", "seldom", "rarely", "lack", "lacks", "lacking", "unless", "except", "cant", "dont", "wont", "didnt", "doesnt", "isnt", "wasnt", "arent", "havent", "hasnt", "couldnt", "wouldnt", "shouldnt"]

_URL = r"(?:https?://|www\.)[^\s<>\"']+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|edu|gov|io|co|uk|de|info)\b(?:/\S*)?"
_EMAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_CODE = r"```.*?```|`[^`\n]+`|<<[^<>\n]*>>"
_PLACEHOLDER = (
    r"\{\{.*?\}\}|\{[\w .:!-]*\}|\$\{?\w+\}?|<[A-Za-z_/][^<>\n]{0,60}>|%\(\w+\)[a-z]|\[[A-Za-z_][\w ]*\]|[@#]\w+"
)
_UNIT = (
    r"(?:%|°[CF]?|(?:k|c|m)?m|(?:k|m)?g|lbs?|oz|(?:k|M|G|T)i?[Bb]|(?:k|M|G)?Hz|mph|k?W|a\.?m\.?|p\.?m\.?|st|nd|rd|th)\b"
)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)[a-z]*\.?"
_NUMBER = rf"(?:{_MONTH}\s+)?[$€£¥]?\d(?:[\d.,:/'-]*\d)?(?:\s?{_UNIT})?\w*(?:\s+{_MONTH}\b)?"
_NEGATION = rf"\b(?:{'|'.join(NEGATIONS)})\b|\b\w+n['’]t\b"
_KEPT = f"(?:{_URL})|(?:{_EMAIL})|(?:{_CODE})|(?:{_PLACEHOLDER})|(?:{_NUMBER})|(?:(?i:{_NEGATION}))"
_WORD = r"[^\W\d_]+(?:['’][^\W\d_]+)*"


@dataclass(frozen=True, slots=True)
class Words:
    """The free words of a text as (start, end), and what is protected, as (start, end), both in order."""

    free: list[tuple[int, int]]
    kept: list[tuple[int, int]]


@lru_cache(maxsize=32)
def _scanner(patterns: tuple[str, ...]) -> re.Pattern[str]:
    own = "".join(f"(?:{pattern})|" for pattern in patterns)
    return re.compile(f"({own}{_KEPT})|{_WORD}", re.DOTALL)


def words_of(text: str, spans: Sequence[Span] = (), patterns: tuple[str, ...] = ()) -> Words:
    """Return the words a transform may change: none that are protected, in a span, a name, or glued to a digit."""
    free, kept = [], [(span.start, span.end) for span in spans]
    fresh = True  # at the beginning of a sentence, where a capital does not make a name
    at = 0
    for found in _scanner(patterns).finditer(text):
        start, end = found.span()
        gap = text[at:start]
        fresh = fresh or "." in gap or "?" in gap or "!" in gap or "\n" in gap
        at = end
        if end - start == 0:
            continue
        first = text[start]
        named = first.isupper() and (not fresh or text[start:end].isupper()) and end - start > 1
        if found.lastindex or named or text[start - 1 : start] == "_" or text[end : end + 1] == "_":
            kept.append((start, end))
        else:
            free.append((start, end))
        fresh = False
    if spans:
        free = [word for word in free if not any(word[0] < s.end and s.start < word[1] for s in spans)]
        kept.sort()
    return Words(free, kept)


def protected_spans(text: str, patterns: tuple[str, ...] = ()) -> tuple[Span, ...]:
    """Return what is protected in a text, as spans named "protected".

    >>> [ "ring 0228-1 at 5 pm, not you"[span.start : span.end] for span in protected_spans("ring 0228-1 at 5 pm, not you") ]
    ['0228-1', '5 pm', 'not']
    """
    return tuple(Span(start, end, "protected") for start, end in words_of(text, (), patterns).kept)
