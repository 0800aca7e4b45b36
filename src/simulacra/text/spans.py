"""What must survive a change of a text: numbers, dates, money, addresses, placeholders, code, negations, names.

One pass finds all kinds; where two claim the same characters, the earlier of `KINDS` has them, a user's pattern first.

Not handled: names by knowledge (they are told by capitals, so German nouns and headlines are taken for names), numbers
in words, negation by prefix ("unhappy").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from ..contracts.rows import Span
from ..errors import RecipeError
from .tokens import sentence_spans

__all__ = ["KINDS", "find_spans", "is_covered", "span_texts"]

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?|Januar|Februar|März|Mai|Juni|Juli|Oktober|Dezember)"
)
_NUMBER = r"(?:\d{1,3}(?:[,.'’\u00a0\u202f]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?)"
_CURRENCY = r"(?:US\$|C\$|A\$|[$€£¥₹₽₩₿]|\b(?:USD|EUR|GBP|JPY|CHF|CNY|INR|CAD|AUD|SEK|NOK|DKK|PLN|BRL)\b)"
_UNIT = (
    r"(?:%|‰|°\s?[CF]?|(?:[kcmµnMG]?(?:m|g|W|Hz|V|A|J|Pa|l|L|s)|km/h|mph|kWh|Wh|mAh|[kKMGTP]i?[Bb](?:/s|ps)?|bits?|bytes?|"
    r"px|pt|dpi|fps|ml|cl|dl|oz|lbs?|ft|in|yd|mi|cal|kcal|rpm|ppm|bar|psi|min|mins|sec|secs|hrs?|h|d|percent|per cent|"
    r"seconds?|minutes?|hours?|days?|weeks?|months?|years?|kilograms?|grams?|met(?:er|re)s?|kilomet(?:er|re)s?|miles?|"
    r"feet|foot|inch(?:es)?|pounds?|ounces?|lit(?:er|re)s?|degrees?|points?|times)\b)"
)
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_PATTERNS = {
    "code": r"```.*?```|`[^`\n]+`|</?[A-Za-z][\w:-]*(?:\s[^<>\n]*)?/?>|\b\w+(?:\.\w+)*\(\)|\b[a-z]+_\w+\b"
    r"|(?<![\w-])--?[a-zA-Z][\w-]*(?==)",
    "placeholder": r"\{\{.+?\}\}|\$\{[^}\n]+\}|\{[A-Za-z_][\w.]*\}|\[[A-Z][A-Z_ ]*\d*\]|<[A-Z_]{2,}>"
    r"|%(?:\([\w.]+\))?[sdf]\b|%\w+%",
    "url": r"(?:https?|ftp)://[^\s<>\"']*[\w/#=]|\bwww\.[^\s<>\"']*[\w/#=]",
    "email": r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    "date": rf"\b\d{{4}}-\d{{2}}-\d{{2}}(?:[T ]\d{{2}}:\d{{2}}(?::\d{{2}}(?:\.\d+)?)?(?:Z|[+-]\d{{2}}:?\d{{2}})?)?"
    rf"|\b{_DAY}[./-]{_DAY}[./-](?:\d{{4}}|\d{{2}})\b|\b{_MONTH}\.?\s{_DAY}(?:st|nd|rd|th)?(?:,?\s\d{{4}})?\b"
    rf"|\b{_DAY}(?:st|nd|rd|th|\.)?\s(?:of\s)?{_MONTH}\.?(?:,?\s\d{{4}})?\b"
    rf"|\b\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:\s?[ap]\.?m\b)?"
    rf"|\b\d{{1,2}}\s?[ap]\.?m\b|\b{_MONTH}\s\d{{4}}\b",
    "money": rf"{_CURRENCY}\s?{_NUMBER}(?:\s?(?:k|m|bn|million|billion|thousand)\b)?|{_NUMBER}\s?{_CURRENCY}"
    rf"|{_NUMBER}\s?(?:dollars?|euros?|pounds sterling|cents?|pence|yen)\b",
    "unit": rf"[-−+]?{_NUMBER}\s?{_UNIT}",
    "number": rf"(?<![\w.])[-−+]{_NUMBER}|\w*\d[\w]*(?:[.,:/-]\d+\w*)*",
    "negation": r"\b(?:not|no|never|none|nobody|nothing|nowhere|neither|nor|without|cannot|\w+n['’]t|dont|cant|wont"
    r"|isnt|doesnt|didnt|hasnt|havent|hardly|barely|unless|except|nicht|kein\w*|niemals|ohne|pas|jamais|sans|aucune?|nunca"
    r"|ningun[oa]?|sin|não|nem|sem|senza|mai|niet|geen|nooit)\b",
}  # fmt: skip
_CAPITAL = r"[^\W\d_a-zà-öø-ÿ][\w'’]*"
_NAME = re.compile(rf"\b{_CAPITAL}(?:[ -](?:(?:of|the|de|la|van|von|der|del|da|di|al|bin)\s)?{_CAPITAL})*")
_NOT_NAMES = frozenset({
    "I", "I'm", "I've", "I'll", "I'd", "I’m", "I’ve", "I’ll", "I’d", "OK", "A", "The", "An", "My", "We", "You", "It",
    "He", "She", "They", "Is", "Are", "Do", "Does", "Can", "What", "Why", "How", "When", "Where", "Who", "Which", "If",
})  # fmt: skip

KINDS = (*_PATTERNS, "name")
"""Kinds of span, strongest claim first; a user's pattern is a kind "pattern" before all of them."""


def find_spans(
    text: str, *, kinds: Iterable[str] | None = None, patterns: Sequence[str] = (), limit: int | None = None
) -> list[Span]:
    """Return the spans that do not overlap, in order; `name` of each is its kind.

    kinds : of `KINDS`, None for all. patterns : regular expressions of the user's. limit : stop after so many.
    RecipeError for a kind that is unknown or a pattern that cannot be read.

    >>> [(span.name, "Don't pay $5 to Ann Lee by 3 May!"[span.start : span.end])
    ...  for span in find_spans("Don't pay $5 to Ann Lee by 3 May!")]
    [('negation', "Don't"), ('money', '$5'), ('name', 'Ann Lee'), ('date', '3 May')]
    """
    wanted = _known(KINDS if kinds is None else tuple(kinds))
    taken = [
        Span(*found.span(), "pattern")
        for pattern in patterns
        for found in _read(pattern).finditer(text)
        if found.end() > found.start()
    ]
    taken = _apart(taken)
    finder = _compiled(tuple(kind for kind in _PATTERNS if kind in wanted))
    if finder is not None:
        edges = [0, *(edge for span in taken for edge in (span.start, span.end)), len(text)]
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            taken += [Span(*found.span(), found.lastgroup or "") for found in finder.finditer(text, start, end)]
    if "name" in wanted:
        taken += _names(text, taken)
    if patterns or "name" in wanted:
        taken = _apart(taken)
    return taken if limit is None else taken[:limit]


def span_texts(text: str, spans: Iterable[Span]) -> list[str]:
    """Return the characters of each span."""
    return [text[span.start : span.end] for span in spans]


def is_covered(spans: Iterable[Span], start: int, end: int) -> bool:
    """Whether any of the spans holds a character of [start, end)."""
    return any(span.start < end and start < span.end for span in spans)


def _known(kinds: tuple[str, ...]) -> frozenset[str]:
    for kind in kinds:
        if kind not in KINDS:
            raise RecipeError(f"{kind!r} is no kind of span", hint=f"there are: {', '.join(KINDS)}")
    return frozenset(kinds)


@lru_cache(maxsize=64)
def _compiled(kinds: tuple[str, ...]) -> re.Pattern[str] | None:
    named = [f"(?P<{kind}>{_PATTERNS[kind]})" for kind in kinds]
    return re.compile("|".join(named), re.DOTALL) if named else None


@lru_cache(maxsize=64)
def _read(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise RecipeError(f"{pattern!r} is no regular expression: {error}", hint="mend the pattern") from error


def _apart(spans: list[Span]) -> list[Span]:
    """Return the spans in order; of two that share characters the one that starts first, then the longer."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def _names(text: str, taken: Sequence[Span]) -> list[Span]:
    """Return runs of capitalised words: those not first in a sentence, and first ones if two words or capitals tell."""
    starts = {start for start, _ in sentence_spans(text)}
    letters = [char for char in text if char.isalpha()]
    if letters and sum(char.isupper() for char in letters) > 0.6 * len(letters):
        return []  # shouting tells nothing
    found = []
    for match in _NAME.finditer(text):
        start, end = match.span()
        first = match[0].split(" ", 1)[0]
        if first in _NOT_NAMES or (start in starts and " " in match[0] and _is_common(first)):
            start += len(first) + 1
        alone = " " not in text[start:end]
        if start >= end or (
            alone and match.start() in starts and start == match.start() and not text[start:end].isupper()
        ):
            continue
        if text[start:end] not in _NOT_NAMES and not is_covered(taken, start, end):
            found.append(Span(start, end, "name"))
    return found


def _is_common(word: str) -> bool:
    """Whether a capitalised word at the start of a sentence is one that any sentence may start with."""
    from .wordlists import stop_words

    return word.lower() in stop_words("en")
