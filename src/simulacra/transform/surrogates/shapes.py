"""Surrogates of numbers and identifiers: other digits and letters in the same format."""

from __future__ import annotations

import re

from ..editing.draws import Draws
from .checksums import mend
from .secret import Secret

__all__ = ["same_shape", "surrogate_amount", "surrogate_identifier", "surrogate_ip", "surrogate_mac"]

_NETS = ("192.0.2.", "198.51.100.", "203.0.113.")
_TRIES = 200


def surrogate_identifier(value: str, kind: str, secret: Secret) -> str:
    """Return another identifier of the same format; its check digits are right if those of the value are.

    Groups of letters alone ("INV", "DE") stay: they name a kind. Spaces, hyphens and case are those of the value.
    A social security number of the United States begins with 9, a card with 42: nobody's by standard. An IBAN keeps
    its country, at a bank of zeros.

    >>> surrogate_identifier("INV-2024/0012", "id", Secret(b"k" * 32))[:4]
    'INV-'
    """
    bare = re.sub(r"[^0-9A-Za-z]", "", value)

    def make(draws: Draws) -> str:
        return _written(value, _mended(value, bare.upper(), kind, draws))

    return secret.until("id", bare.upper(), make)


def _mended(value: str, bare: str, kind: str, draws: Draws) -> str:
    for _ in range(_TRIES):
        made = _within(kind, re.sub(r"[^0-9A-Za-z]", "", same_shape(value, draws)).upper(), bare)
        right = mend(bare, made)
        if right is not None:
            return right
    return made


def _within(kind: str, made: str, bare: str) -> str:
    """Return the digits at places that no real person has, where a kind has such places."""
    if kind == "iban":
        return f"{bare[:2]}00{'0' * 4}{made[8:]}"
    if kind == "card":
        return f"42{made[2:]}"
    return f"9{made[1:]}" if kind == "ssn" else made


def same_shape(value: str, draws: Draws) -> str:
    """Return other digits and letters at the places of the value's; groups of letters alone stay.

    A leading digit that is not 0 stays other than 0.
    """
    parts = re.split(r"([0-9A-Za-z]+)", value)
    return "".join(_drawn(part, draws) if part[:1].isalnum() and not part.isalpha() else part for part in parts)


def _drawn(part: str, draws: Draws) -> str:
    made = []
    for place, char in enumerate(part):
        if char.isdigit():
            made.append(str(1 + draws.below(9)) if place == 0 and char != "0" else str(draws.below(10)))
        elif place and char.isalpha():
            letter = chr(ord("A") + draws.below(26))
            made.append(letter if char.isupper() else letter.lower())
        else:
            made.append(char)
    return "".join(made)


def _written(value: str, bare: str) -> str:
    """Put the signs of a bare surrogate at the places of the value's letters and digits, in its case."""
    signs = iter(bare)
    made = []
    for char in value:
        if not re.match(r"[0-9A-Za-z]", char):
            made.append(char)
            continue
        sign = next(signs, char)
        made.append(sign.lower() if char.islower() else sign)
    return "".join(made)


def surrogate_amount(value: str, secret: Secret) -> str:
    """Return another number of as many digits: the first stays, so does every 0 at the end; separators stay.

    >>> made = surrogate_amount("$1,250.00", Secret(b"k" * 32))
    >>> made[:3], made[5:], made != "$1,250.00"
    ('$1,', '0.00', True)
    """
    places = [place for place, char in enumerate(value) if char.isdigit()]
    last = max((place for place in places if value[place] != "0"), default=-1)
    first = next((place for place in places if value[place] != "0"), -1)

    def make(draws: Draws) -> str:
        made = list(value)
        for place in places:
            if first < place <= last:
                made[place] = str(1 + draws.below(9) if place == last else draws.below(10))
        return "".join(made)

    return secret.until("amount", value, make)


def surrogate_ip(value: str, secret: Secret) -> str:
    """Return an address of the ranges for documentation (RFC 5737)."""
    return secret.until("ip", value, lambda draws: f"{draws.pick(_NETS)}{1 + draws.below(254)}")


def surrogate_mac(value: str, secret: Secret) -> str:
    """Return an address of the range for documentation (RFC 7042) with the value's own separator."""
    gap = value[2]

    def make(draws: Draws) -> str:
        made = gap.join(["00", "00", "5e", "00", "53", f"{draws.below(256):02x}"])
        return made.upper() if value.isupper() else made

    return secret.until("mac", value, make)
