"""Personal values inside a text, by shape and checksum: e-mail, IBAN, card, phone, social security number, IP address.

Not handled: names of people and postal addresses (shape alone does not tell them), numbers of identity cards.
"""

from __future__ import annotations

import ipaddress
import re

from ..contracts.rows import Span
from ..data.personal import is_card, is_iban

__all__ = ["canonical", "find_personal"]

_FINDERS = {
    "email": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,24}"),
    "iban": re.compile(r"\b[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{2,4}){3,8}(?:[ -]?[A-Za-z0-9])?\b"),
    "card": re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?!\w)"),
    "ssn": re.compile(r"(?<![\w-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])"),
    "ip": re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\d)"),
    "phone": re.compile(
        r"(?<![\w.+-])(?:\+\d{1,3}[ .-]?(?:\(\d{1,5}\)[ .-]?)?\d{1,8}"
        r"|(?:\(\d{2,5}\)[ .-]?|0\d{1,4}[ ./-]?)\d{2,8})(?:[ .-]?\d{2,5}){0,4}(?!\w)"
        r"|(?<![\w.+-])\d{3}[ .-]\d{3}[ .-]\d{4}(?![\w-])|(?<!\w)0\d{9,10}(?!\w)"
    ),
}  # fmt: skip
_DIGITS = {"card": (13, 19), "phone": (7, 15)}


def find_personal(text: str) -> list[Span]:
    """Return the personal values of a text in order, each named by its kind.

    >>> text = "Mail ann@example.org, pay DE89 3704 0044 0532 0130 00, not 4111 1111 1111 1112."
    >>> [(span.name, text[span.start : span.end]) for span in find_personal(text)]
    [('email', 'ann@example.org'), ('iban', 'DE89 3704 0044 0532 0130 00')]
    """
    found: list[Span] = []
    for kind, finder in _FINDERS.items():
        for match in finder.finditer(text):
            start, end = match.span()
            end = _checked(kind, text, start, end)
            if end > start and not any(span.start < end and start < span.end for span in found):
                found.append(Span(start, end, kind))
    return sorted(found, key=lambda span: span.start)


def canonical(value: str) -> str:
    """Return a value as it is compared: letters and digits only, small letters, so that no format hides it.

    >>> canonical("DE89 3704-0044"), canonical("Ann@Example.org")
    ('de8937040044', 'annexampleorg')
    """
    return "".join(char for char in value.casefold() if char.isalnum())


def _checked(kind: str, text: str, start: int, end: int) -> int:
    """Return where the value ends, `start` if it is none."""
    if kind == "iban":
        # Words behind it may look like a part of it: parts are given back until the check digits are right.
        while end > start and not is_iban(text[start:end]):
            shorter = re.search(r"[ -][^ -]*\Z", text[start:end])
            end = start + shorter.start() if shorter else start
        return end
    value = text[start:end]
    if kind == "card" and not is_card(value):
        return start
    if kind == "ip":
        try:
            ipaddress.ip_address(value)
        except ValueError:
            return start
    least, most = _DIGITS.get(kind, (0, 99))
    return end if least <= sum(char.isdigit() for char in value) <= most or kind not in _DIGITS else start
