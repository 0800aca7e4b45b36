"""Identifiers with check digits: a valid one gets a valid surrogate, one with an error gets one with an error.

Known: Luhn (payment cards, IMEI), IBAN, and the national numbers of Brazil (CPF), Spain (DNI, NIE), the United Kingdom
(NHS), Poland (PESEL) and the Netherlands (BSN). Not handled: all others; their digits are random.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["SCHEMES", "Scheme", "mend", "valid_schemes"]

_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


@dataclass(frozen=True, slots=True)
class Scheme:
    """shape : what bare values (letters and digits) look like. check : bare value -> the value with right signs."""

    name: str
    shape: re.Pattern[str]
    check: Callable[[str], str | None]

    def holds(self, bare: str) -> bool:
        """Whether a bare value has this shape and right check digits."""
        return self.shape.fullmatch(bare) is not None and self.check(bare) == bare


def _luhn(bare: str) -> str:
    digits = [int(char) for char in reversed(bare[:-1])]
    total = sum(digits[1::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[::2])
    return f"{bare[:-1]}{-total % 10}"


def _iban(bare: str) -> str:
    rest = int("".join(str(int(char, 36)) for char in bare[4:] + bare[:2] + "00")) % 97
    return f"{bare[:2]}{98 - rest:02}{bare[4:]}"


def _cpf(bare: str) -> str:
    made = bare[:9]
    for size in (10, 11):
        total = sum(int(char) * weight for char, weight in zip(made, range(size, 1, -1), strict=True))
        made += str(total * 10 % 11 % 10)
    return made


def _dni(bare: str) -> str:
    number = int(bare[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2"))
    return f"{bare[:-1]}{_LETTERS[number % 23]}"


def _nhs(bare: str) -> str | None:
    sign = -sum(int(char) * weight for char, weight in zip(bare[:9], range(10, 1, -1), strict=True)) % 11
    return None if sign == 10 else f"{bare[:9]}{sign}"


def _pesel(bare: str) -> str:
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)
    return f"{bare[:10]}{-sum(int(c) * w for c, w in zip(bare[:10], weights, strict=True)) % 10}"


def _bsn(bare: str) -> str | None:
    sign = sum(int(char) * weight for char, weight in zip(bare[:8], range(9, 1, -1), strict=True)) % 11
    return None if sign == 10 else f"{bare[:8]}{sign}"


SCHEMES = (
    Scheme("iban", re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}"), _iban),
    Scheme("luhn", re.compile(r"\d{13,19}"), _luhn),
    Scheme("cpf", re.compile(r"\d{11}"), _cpf),
    Scheme("pesel", re.compile(r"\d{11}"), _pesel),
    Scheme("nhs", re.compile(r"\d{10}"), _nhs),
    Scheme("bsn", re.compile(r"\d{9}"), _bsn),
    Scheme("dni", re.compile(r"\d{8}[A-Z]|[XYZ]\d{7}[A-Z]"), _dni),
)


def valid_schemes(bare: str) -> tuple[str, ...]:
    """Return the schemes whose check digits are right in a bare value in capitals.

    >>> valid_schemes("4111111111111111"), valid_schemes("4111111111111112"), valid_schemes("12345678Z")
    (('luhn',), (), ('dni',))
    """
    return tuple(scheme.name for scheme in SCHEMES if scheme.holds(bare))


def mend(original: str, made: str) -> str | None:
    """Return a bare surrogate whose check digits are right for the first scheme of the original, wrong if it has none.

    original, made : bare values in capitals of the same shape. None if these random digits have no right check digit.
    """
    right = next((scheme for scheme in SCHEMES if scheme.holds(original)), None)
    if right is not None:
        return right.check(made)
    return None if valid_schemes(made) else made
