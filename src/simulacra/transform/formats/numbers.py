"""Numbers with digits as five places of the world group them, and in English words."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from ...errors import DataError

__all__ = ["LOCALES", "NUMBER_FORMATS", "grouped", "in_words", "number_of_words", "ungrouped"]

LOCALES = {"en": (",", "."), "de": (".", ","), "fr": ("\u202f", ","), "ch": ("’", ".")}
"""Locale -> (sign between groups of three digits, decimal sign)."""
_HINT = "write digits, or words as 'two hundred five point one'"


def grouped(number: Decimal, locale: str) -> str:
    """Return a number in digits as a locale writes it.

    >>> grouped(Decimal("1234567.5"), "de")
    '1.234.567,5'
    """
    between, point = LOCALES[locale]
    whole, _, rest = f"{number:,f}".partition(".")
    return whole.replace(",", between) + (point + rest if rest else "")


def ungrouped(text: str, locale: str) -> Decimal:
    """Return the number that `grouped` wrote; DataError if the groups are not as that locale writes them."""
    between, point = LOCALES[locale]
    shape = rf"-?\d{{1,3}}(?:{re.escape(between)}\d{{3}})*(?:{re.escape(point)}\d+)?|-?\d+(?:{re.escape(point)}\d+)?"
    if not re.fullmatch(shape, text):
        raise DataError(f"{text!r} is no number as {locale!r} writes it", hint=_HINT)
    return Decimal(text.replace(between, "").replace(point, "."))


_SMALL = tuple(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "  # noqa: SIM905
    "seventeen eighteen nineteen".split()
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ("", "thousand", "million", "billion", "trillion", "quadrillion")
_VALUES = {word: value for value, word in enumerate(_SMALL)} | {
    word: 10 * value for value, word in enumerate(_TENS) if word
}
MOST = 10**18


def in_words(number: Decimal | int) -> str:
    """Return a number below 10**18 in English words; DataError if it is larger.

    >>> in_words(Decimal("-1234.05"))
    'minus one thousand two hundred thirty-four point zero five'
    """
    number = Decimal(number)
    if abs(number) >= MOST:
        raise DataError(f"{number} has no name in this table", hint="give a number below 10**18")
    whole, _, rest = f"{abs(number):f}".partition(".")
    words = _whole_in_words(int(whole))
    if rest:
        words += " point " + " ".join(_SMALL[int(digit)] for digit in rest)
    return ("minus " if number.is_signed() else "") + words


def _whole_in_words(number: int) -> str:
    if number == 0:
        return _SMALL[0]
    parts = []
    for scale in range(len(_SCALES) - 1, -1, -1):
        group = number // 1000**scale % 1000
        if group:
            parts.append(f"{_below_thousand(group)} {_SCALES[scale]}".strip())
    return " ".join(parts)


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    parts = [f"{_SMALL[hundreds]} hundred"] if hundreds else []
    if 0 < rest < 20:
        parts.append(_SMALL[rest])
    elif rest:
        tens, ones = divmod(rest, 10)
        parts.append(_TENS[tens] + (f"-{_SMALL[ones]}" if ones else ""))
    return " ".join(parts)


def number_of_words(text: str) -> Decimal:
    """Return the number that English words name; DataError if they name none."""
    words = re.findall(r"[a-z]+", text.lower())
    sign = "-" if words[:1] == ["minus"] else ""
    words = words[1:] if sign else words
    whole, _, rest = (words, None, []) if "point" not in words else _parted(words)
    digits = "".join(str(_digit(word, text)) for word in rest)
    return Decimal(f"{sign}{_whole_of(whole, text)}" + (f".{digits}" if digits else ""))


def _parted(words: list[str]) -> tuple[list[str], None, list[str]]:
    place = words.index("point")
    return words[:place], None, words[place + 1 :]


def _digit(word: str, text: str) -> int:
    if _VALUES.get(word, 10) > 9:
        raise DataError(f"{word!r} in {text!r} is no digit", hint=_HINT)
    return _VALUES[word]


def _whole_of(words: list[str], text: str) -> int:
    total, group, seen = 0, 0, False
    for word in words:
        if word == "and":
            continue
        if word == "hundred":
            group *= 100
        elif word in _SCALES[1:]:
            total, group = total + group * 1000 ** _SCALES.index(word), 0
        elif word in _VALUES:
            group += _VALUES[word]
        else:
            raise DataError(f"{word!r} in {text!r} is no number", hint=_HINT)
        seen = True
    if not seen:
        raise DataError(f"{text!r} names no number", hint=_HINT)
    return total + group


def _plain(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise DataError(f"{text!r} is no number", hint=_HINT) from error
    if not number.is_finite():
        raise DataError(f"{text!r} is no finite number", hint=_HINT)
    return number


def _of_locale(locale: str) -> tuple[Callable[[Decimal], str], Callable[[str], Decimal]]:
    return lambda number: grouped(number, locale), lambda text: ungrouped(text, locale)


NUMBER_FORMATS = {
    "plain": (lambda number: f"{number:f}", _plain),
    **{locale: _of_locale(locale) for locale in LOCALES},
    "words": (in_words, number_of_words),
}
"""Name -> (render, parse) of decimal numbers."""
