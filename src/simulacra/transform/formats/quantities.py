"""Amounts of money, and numbers with a unit: short, long, in words; exact conversion between units of one kind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ...errors import DataError
from .numbers import grouped, in_words, number_of_words, ungrouped

__all__ = ["MONEY_FORMATS", "UNITS", "UNIT_FORMATS", "Money", "Quantity", "convert"]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with at most two decimals, and its currency (ISO 4217: USD, EUR, GBP)."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and its unit, one of `UNITS`."""

    number: Decimal
    unit: str


_CURRENCIES = {"USD": ("$", "dollar", "cent"), "EUR": ("€", "euro", "euro cent"), "GBP": ("£", "pound", "penny")}
_PLURAL = {"penny": "pence", "foot": "feet", "inch": "inches"}

UNITS: dict[str, tuple[str, str, Fraction]] = {
    "m": ("metre", "length", Fraction(1)), "km": ("kilometre", "length", Fraction(1000)),
    "cm": ("centimetre", "length", Fraction(1, 100)), "mm": ("millimetre", "length", Fraction(1, 1000)),
    "mi": ("mile", "length", Fraction(1609344, 1000)), "ft": ("foot", "length", Fraction(3048, 10000)),
    "in": ("inch", "length", Fraction(254, 10000)), "yd": ("yard", "length", Fraction(9144, 10000)),
    "kg": ("kilogram", "mass", Fraction(1)), "g": ("gram", "mass", Fraction(1, 1000)),
    "lb": ("pound", "mass", Fraction(45359237, 10**8)), "oz": ("ounce", "mass", Fraction(45359237, 16 * 10**8)),
    "l": ("litre", "volume", Fraction(1)), "ml": ("millilitre", "volume", Fraction(1, 1000)),
    "s": ("second", "time", Fraction(1)), "min": ("minute", "time", Fraction(60)),
    "h": ("hour", "time", Fraction(3600)), "d": ("day", "time", Fraction(86400)),
}  # fmt: skip
"""Short name -> (long name, what it measures, how many of that kind's base unit)."""
_LONG = {_name: short for short, (long, _, _) in UNITS.items() for _name in (long, _PLURAL.get(long, long + "s"))}


def convert(number: Fraction, unit: str, to: str) -> Fraction:
    """Return how many of `to` a number of `unit` is, exactly; DataError if the two measure different things.

    >>> convert(Fraction(5), "km", "m")
    Fraction(5000, 1)
    """
    if UNITS[unit][1] != UNITS[to][1]:
        raise DataError(f"{unit} measures {UNITS[unit][1]}, {to} {UNITS[to][1]}", hint="choose units of one kind")
    return number * UNITS[unit][2] / UNITS[to][2]


def _counted(words: str, name: str, one: bool) -> str:
    return f"{words} {name if one else _PLURAL.get(name, name + 's')}"


def _money_words(money: Money) -> str:
    _, large, small = _CURRENCIES[money.currency]
    whole, cents = divmod(int(abs(money.amount) * 100), 100)
    text = _counted(in_words(whole), large, whole == 1)
    if cents:
        text += " and " + _counted(in_words(cents), small, cents == 1)
    return ("minus " if money.amount < 0 else "") + text + (" sterling" if money.currency == "GBP" else "")


def _money_of_words(text: str) -> Money:
    for currency, (_, large, small) in _CURRENCIES.items():
        shape = rf"(minus )?([a-z -]+?) {large}s?(?: and ([a-z-]+) {_either(small)})?(?: sterling)?"
        found = re.fullmatch(shape, text)
        if found:
            cents = number_of_words(found[3]) if found[3] else Decimal(0)
            amount = number_of_words(found[2]) + cents / 100
            return Money(-amount if found[1] else amount, currency)
    raise DataError(f"{text!r} is no amount of money", hint="write: five dollars and ten cents")


def _either(name: str) -> str:
    return f"(?:{name}|{_PLURAL.get(name, name + 's')})"


def _symbol(money: Money) -> str:
    sign = "-" if money.amount < 0 else ""
    return sign + _CURRENCIES[money.currency][0] + grouped(abs(money.amount), "en")


def _of_symbol(text: str) -> Money:
    found = re.fullmatch(r"(-?)([$€£])([\d.,]+)", text)
    if not found:
        raise DataError(f"{text!r} is no amount of money", hint="write: $1,234.50")
    currency = next(code for code, names in _CURRENCIES.items() if names[0] == found[2])
    return Money(ungrouped(found[1] + found[3], "en"), currency)


def _of_tail(text: str) -> Money:
    found = re.fullmatch(r"(-?[\d.,]+) ([$€£])", text)
    if not found:
        raise DataError(f"{text!r} is no amount of money", hint="write: 1.234,50 €")
    currency = next(code for code, names in _CURRENCIES.items() if names[0] == found[2])
    return Money(ungrouped(found[1], "de"), currency)


def _of_code(text: str) -> Money:
    found = re.fullmatch(r"([A-Z]{3}) (-?[\d.]+)", text)
    if not found or found[1] not in _CURRENCIES:
        raise DataError(f"{text!r} is no amount of money", hint="write: EUR 1234.50")
    return Money(Decimal(found[2]), found[1])


MONEY_FORMATS = {
    "symbol": (_symbol, _of_symbol),
    "european": (lambda money: f"{grouped(money.amount, 'de')} {_CURRENCIES[money.currency][0]}", _of_tail),
    "code": (lambda money: f"{money.currency} {money.amount:f}", _of_code),
    "words": (_money_words, _money_of_words),
}
"""Name -> (render, parse) of money."""


def _unit_long(quantity: Quantity) -> str:
    return _counted(f"{quantity.number:f}", UNITS[quantity.unit][0], quantity.number == 1)


def _unit_words(quantity: Quantity) -> str:
    return _counted(in_words(quantity.number), UNITS[quantity.unit][0], quantity.number == 1)


def _of_unit(text: str) -> Quantity:
    number, _, unit = text.rpartition(" ")
    short = _LONG.get(unit, unit)
    if short not in UNITS or not number:
        raise DataError(f"{text!r} is no number with a unit", hint=f"units are: {', '.join(UNITS)}")
    is_digits = re.fullmatch(r"-?\d+(?:\.\d+)?", number)
    return Quantity(Decimal(number) if is_digits else number_of_words(number), short)


UNIT_FORMATS = {
    "short": (lambda quantity: f"{quantity.number:f} {quantity.unit}", _of_unit),
    "long": (_unit_long, _of_unit),
    "words": (_unit_words, _of_unit),
}
"""Name -> (render, parse) of numbers with units."""
