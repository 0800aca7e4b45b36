"""All formats by family. Formats of one family carry the same values, so any of them can stand for any other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from .dates import DATE_FORMATS
from .identifiers import IDENTIFIER_FORMATS
from .markup import MARKUP_FORMATS, Document, Line
from .numbers import NUMBER_FORMATS
from .quantities import MONEY_FORMATS, UNIT_FORMATS, UNITS, Money, Quantity
from .records import RECORD_FORMATS

__all__ = ["FAMILIES", "FORMATS", "Format", "sample"]


@dataclass(frozen=True, slots=True)
class Format:
    """A pair of functions: parse(render(x)) == x for every value x of its family."""

    family: str
    name: str
    render: Callable[[Any], str]
    parse: Callable[[str], Any]


FAMILIES: dict[str, Any] = {
    "record": RECORD_FORMATS,
    "number": NUMBER_FORMATS,
    "date": DATE_FORMATS,
    "money": MONEY_FORMATS,
    "unit": UNIT_FORMATS,
    "identifier": IDENTIFIER_FORMATS,
    "markup": MARKUP_FORMATS,
}
"""Family -> format -> (render, parse)."""

FORMATS: dict[tuple[str, str], Format] = {
    (family, name): Format(family, name, *pair)
    for family, formats in FAMILIES.items()
    for name, pair in formats.items()
}
"""(family, name) -> the format."""

_ALPHABET = "abcdefgh XYZ0189.,:;'\"|\\/-_#*`[](){}<>&%$\n\täöß€漢🙂"


def sample(family: str, rng: np.random.Generator) -> Any:
    """Return a random value of a family, odd ones among them; for tests and benches."""
    return _SAMPLES[family](rng)


def _text(rng: np.random.Generator, least: int = 0) -> str:
    return "".join(rng.choice(list(_ALPHABET), rng.integers(least, 12)))


def _value(rng: np.random.Generator) -> Any:
    choices = (
        lambda: _text(rng), lambda: int(rng.integers(-(10**9), 10**9)),
        lambda: float(rng.normal() * 10.0 ** rng.integers(-5, 9)),
        lambda: bool(rng.integers(2)), lambda: None, lambda: str(rng.integers(100)), lambda: "Ann Lee",
        lambda: str(rng.choice(["true", "null", "", "is 5.", "it is; no"])),
    )  # fmt: skip
    return choices[rng.integers(len(choices))]()


def _record(rng: np.random.Generator) -> dict[str, Any]:
    return {_text(rng) if rng.random() < 0.3 else f"field {place}": _value(rng) for place in range(rng.integers(1, 6))}


def _decimal(rng: np.random.Generator, decimals: int = 4) -> Decimal:
    size = int(rng.integers(0, 15))
    return Decimal(int(rng.integers(-(10**size), 10**size + 1))).scaleb(-int(rng.integers(0, decimals + 1)))


def _line(rng: np.random.Generator) -> Line:
    parts: list[tuple[str, ...]] = []
    for _ in range(rng.integers(1, 4)):
        kind = str(rng.choice(["text", "bold", "italic", "code", "link"]))
        text = "x" + _text(rng, 1).replace("\n", " ").replace("\t", " ") + "y"
        if not (parts and parts[-1][0] == kind):
            parts.append((kind, text, "https://x.org/" + text) if kind == "link" else (kind, text))
    return tuple(parts)


def _document(rng: np.random.Generator) -> Document:
    blocks: list[tuple[Any, ...]] = []
    for _ in range(rng.integers(1, 4)):
        kind = str(rng.choice(["heading", "paragraph", "list", "numbered", "code"]))
        if kind == "heading":
            blocks.append((kind, int(rng.integers(1, 7)), _line(rng)))
        elif kind == "code":
            blocks.append((kind, "x" + _text(rng) + "y"))
        elif kind == "paragraph":
            blocks.append((kind, _line(rng)))
        else:
            blocks.append((kind, tuple(_line(rng) for _ in range(rng.integers(1, 4)))))
    return tuple(blocks)


def _words(rng: np.random.Generator) -> tuple[str, ...]:
    return tuple("".join(rng.choice(list("abcxyz"), rng.integers(1, 6))) for _ in range(rng.integers(1, 5)))


_SAMPLES: dict[str, Callable[[np.random.Generator], Any]] = {
    "record": _record,
    "number": _decimal,
    "date": lambda rng: date.fromordinal(int(rng.integers(1, date.max.toordinal() + 1))),
    "money": lambda rng: Money(_decimal(rng, 2), str(rng.choice(["USD", "EUR", "GBP"]))),
    "unit": lambda rng: Quantity(_decimal(rng), str(rng.choice(list(UNITS)))),
    "identifier": _words,
    "markup": _document,
}
