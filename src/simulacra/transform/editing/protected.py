"""What a transform must not touch, and the words that are left for it.

One pass over the text, three times as fast as `text.spans.find_spans` and coarser: it protects what that finds (URLs,
addresses, code, placeholders, dates, money, units, numbers, negations, names, the user's own patterns), and more: every
word glued to a digit, and the word after a number.

Not handled: names that begin a sentence, unless they are all capitals; negation by prefix ("unhappy").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ...contracts.rows import Span
from ...errors import RecipeError

__all__ = ["NEGATIONS", "Words", "protected_spans", "words_of"]

_NEGATIONS = """
not no never none nobody nothing nowhere neither nor cannot without hardly barely scarcely seldom rarely unless except
cant dont wont didnt doesnt isnt wasnt arent havent hasnt couldnt wouldnt shouldnt
nicht niemals ohne pas jamais sans aucun aucune nunca ningun sin não nem sem senza mai niet geen nooit
"""
NEGATIONS = tuple(_NEGATIONS.split())
"""Words that turn a sentence round; contractions with n't beside them."""

_TIGHT = r"[^\s<>\"']"
_URL = (
    rf"(?:https?|ftp)://{_TIGHT}+|www\.{_TIGHT}+"
    r"|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|edu|gov|io|uk|de|info)\b(?:/\S*)?"
)
_EMAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_CODE = (
    r"```.*?```|`[^`\n]+`|<<[^<>\n]*>>|</?[A-Za-z][^<>\n]*>"
    r"|\w+(?:\.\w+)*\(\)|--?[a-zA-Z][\w-]*(?==)|\w*_\w*"
)
_PLACEHOLDER = r"\{\{.*?\}\}|\$?\{[^{}\n]*\}|\[[A-Za-z_][\w ]*\]|[@#]\w+|\$[^\W\d]\w*|%\(\w+\)[a-z]|%\w+%?"
_MONTHS = """
january february march april may june july august september october november december jan feb mar apr jun jul aug sep
sept oct nov dec januar februar märz mai juni juli oktober dezember
"""
_MAY = "may"  # the month has a capital, the verb has none
_NUMBER = r"(?:[$€£¥+−-]\s?)?\w*\d[\w]*(?:[.,:/'-]+\w+)*(?:\s?[%°€£¥$]\w?)*(?:\s[^\W\d_]+)?"
_LETTERS = r"[^\W\d_]+(?:['’][^\W\d_]+)*"
_PLAIN = rf"{_LETTERS}(?![\w@(=]|[./:-]\w|:/)"  # most words: tried first, and told from kept ones by a look in a set
_KEPT = f"{_URL}|{_EMAIL}|{_CODE}|{_PLACEHOLDER}|{_NUMBER}"
_KEPT_WORDS = frozenset({*NEGATIONS, *_MONTHS.split()} - {_MAY})
_NO_NAMES = frozenset({"I", "A", "OK"})


@dataclass(frozen=True, slots=True)
class Words:
    """The free words of a text as (start, end), and what is protected, as (start, end), both in order."""

    free: list[tuple[int, int]]
    kept: list[tuple[int, int]]


@lru_cache(maxsize=32)
def _scanner(patterns: tuple[str, ...]) -> re.Pattern[str]:
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise RecipeError(f"{pattern!r} is no regular expression: {error}", hint="mend the pattern") from error
    own = "".join(f"(?:{pattern})|" for pattern in patterns)
    before = f"(?P<own>{own[:-1]})|" if own else ""
    return re.compile(f"{before}{_PLAIN}|(?P<kept>{_KEPT})|{_LETTERS}", re.DOTALL)


def words_of(text: str, spans: Sequence[Span] = (), patterns: tuple[str, ...] = ()) -> Words:
    """Return the words a transform may change: none that is protected, lies in a span, or is a name.

    Errors: RecipeError if a pattern is no regular expression.
    """
    free: list[tuple[int, int]] = []
    kept = [(span.start, span.end) for span in spans]
    fresh = True  # at the beginning of a sentence, where a capital does not make a name
    at = 0
    for found in _scanner(patterns).finditer(text):
        start, end = found.span()
        gap = text[at:start]
        fresh = fresh or "." in gap or "?" in gap or "!" in gap or "\n" in gap
        at = end
        if start == end:
            continue
        if found.lastgroup or _is_kept(text[start:end], fresh):
            kept.append((start, end))
        else:
            free.append((start, end))
        fresh = False
    if spans:
        free = [word for word in free if not any(word[0] < span.end and span.start < word[1] for span in spans)]
        kept.sort()
    return Words(free, kept)


def _is_kept(word: str, fresh: bool) -> bool:
    """Whether a word negates, names a month or, by its capital, a person or a place."""
    lower = word.lower()
    if lower in _KEPT_WORDS or lower.endswith(("n't", "n’t", "no's")) or lower.startswith("kein"):
        return True
    if not word[0].isupper() or word in _NO_NAMES or lower.startswith(("i'", "i’")):
        return False
    return not fresh or (len(word) > 1 and word.isupper())


def protected_spans(text: str, patterns: tuple[str, ...] = ()) -> tuple[Span, ...]:
    """Return what is protected in a text, as spans named "protected".

    >>> text = "ring 0228-1 tomorrow, not you"
    >>> [text[span.start : span.end] for span in protected_spans(text)]
    ['0228-1 tomorrow', 'not']
    """
    return tuple(Span(start, end, "protected") for start, end in words_of(text, (), patterns).kept)
