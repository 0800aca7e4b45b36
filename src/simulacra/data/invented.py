"""Invented people: e-mails, phones, names, IBANs, cards and the like, in places that are nobody's by standard.

E-mails and URLs lie in the domains of RFC 2606, IP addresses in the documentation ranges of RFC 5737 and 3849, MAC
addresses in that of RFC 7042, social security numbers in the 9xx area that is never given out, cards behind a test
prefix with a right Luhn digit, IBANs at a bank 0000 with right check digits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import polars as pl

from .draws import Draws, Rows, permute
from .keys import shape_of
from .saved import damaged, value_of
from .schema import Column
from .words import pick

__all__ = ["PersonalShape"]

MOST_SHAPES = 8
_WORDY = ("email", "name", "first_name", "last_name", "ip", "mac", "url", "address", "username")
"""Written in words: of their shape only what stands between the words matters."""

_USUAL = {
    "phone": "+# ### ### ####",
    "iban": "AA####################",
    "card": "################",
    "ssn": "###-##-####",
}


@dataclass(frozen=True, slots=True)
class PersonalShape:
    """personal : what the values are. shapes : how they are written ("+## ###"), most frequent first, with weights.

    prefix : text that all values begin with, for phones and IBANs (a country).
    """

    personal: str
    shapes: tuple[str, ...]
    weights: tuple[float, ...]
    prefix: str = ""
    shape: ClassVar[str] = "personal"

    @classmethod
    def learn(cls, series: pl.Series, column: Column) -> PersonalShape:
        """Learn how the values are written, from shapes that at least five rows share."""
        personal = str(column.personal).lower()
        text = series.drop_nulls().cast(pl.String).str.strip_chars()
        forms = text.str.replace_all(r"\d", "#").str.replace_all(r"\p{Lu}", "A").str.replace_all(r"\p{Ll}", "a")
        if personal in _WORDY:
            forms = _collapse(forms, personal)
        table = forms.rename("form").value_counts(sort=True).head(MOST_SHAPES)
        kept = [(form, rows) for form, rows in table.rows() if rows >= 5 and 0 < len(form) <= 200]
        kept = kept or [(_USUAL.get(personal, "Aa" if personal in _WORDY else "Aaaaaa ####"), 1)]
        total = sum(rows for _, rows in kept)
        shapes, weights = [form for form, _ in kept], [round(rows / total, 3) for _, rows in kept]
        return cls(personal, tuple(shapes), tuple(weights), _shared_prefix(text, personal))

    def make(self, rows: Rows, draws: Draws, column: Column, key: int) -> pl.Series:
        """Return one invented value per row; e-mails, usernames and URLs are unique within a run."""
        if self.personal in _MAKERS:
            return _MAKERS[self.personal](self, rows, draws, key).rename(column.name)
        return self._written(draws, _random_letters).rename(column.name)

    def _written(self, draws: Draws, fill: Callable[[PersonalShape, str, Draws], pl.Series]) -> pl.Series:
        """Return values in the learned shapes; every shape is filled for all rows so that no row depends on another."""
        which = np.searchsorted(np.cumsum(self.weights)[:-1] / sum(self.weights), draws.uniform(), side="right")
        made = fill(self, self.shapes[0], draws)
        for number, form in enumerate(self.shapes[1:], start=1):
            made = fill(self, form, draws).zip_with(pl.Series(which == number), made)
        return made

    def to_state(self) -> dict[str, Any]:
        """Return the fields."""
        shapes, weights = list(self.shapes), list(self.weights)
        return {"personal": self.personal, "shapes": shapes, "weights": weights, "prefix": self.prefix}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> PersonalShape:
        """Return what `to_state` wrote."""
        shapes, weights = value_of(state, "shapes", list), value_of(state, "weights", list)
        if not (1 <= len(shapes) <= MOST_SHAPES and len(weights) == len(shapes)):
            raise damaged("shapes", "do not fit their weights")
        if not all(isinstance(form, str) and 0 < len(form) <= 200 for form in shapes):
            raise damaged("shapes", "are no shapes")
        if not all(isinstance(weight, int | float) and 0 <= weight <= 1 for weight in weights) or sum(weights) <= 0:
            raise damaged("weights", "are no shares")
        return cls(value_of(state, "personal", str), tuple(shapes), tuple(weights), value_of(state, "prefix", str)[:8])


def _collapse(forms: pl.Series, personal: str) -> pl.Series:
    """Return shapes with each run of one sign as one sign; of hexadecimal addresses only the marks between matter."""
    if personal in ("ip", "mac"):
        return forms.str.replace_all(r"[#Aa]+", "a")
    return forms.str.replace_all(r"A+", "A").str.replace_all(r"a+", "a").str.replace_all(r"#+", "#")


def _shared_prefix(text: pl.Series, personal: str) -> str:
    """Return the country all values begin with: the letters of an IBAN, the plus and first digits of a phone."""
    if len(text) < 5 or personal not in ("iban", "phone"):
        return ""
    length = 2 if personal == "iban" else 3
    starts = text.str.slice(0, length).rename("start").value_counts(sort=True)
    start, rows = starts.row(0)
    while start and rows < 0.9 * len(text):
        start = start[:-1]
        rows = int(text.str.starts_with(start).sum())
    return start if personal == "iban" or start.startswith("+") else ""


def _characters(form: str, draws: Draws, prefix: str) -> np.ndarray:
    """Return (n, len(form)) code points: random digits and letters where the shape has them, the shape elsewhere."""
    letters = np.empty((len(draws), len(form)), np.uint32)
    for place, sign in enumerate(form):
        if place < len(prefix) and (sign == prefix[place] or shape_of(prefix[place]) == sign):
            letters[:, place] = ord(prefix[place])
        elif sign == "#":
            first = "#" not in form[:place] and not prefix
            letters[:, place] = ord("0") + (2 + draws.below(8) if first else draws.below(10))
        elif sign in "Aa":
            letters[:, place] = ord(sign) + draws.below(26)
        else:
            letters[:, place] = ord(sign)
    return letters


def _join(letters: np.ndarray) -> pl.Series:
    width = letters.shape[1]
    joined = np.ascontiguousarray(letters, dtype=np.uint32).view(f"<U{width}").reshape(len(letters))
    return pl.Series(joined.tolist(), dtype=pl.String)


def _random_letters(shape: PersonalShape, form: str, draws: Draws) -> pl.Series:
    return _join(_characters(form, draws, shape.prefix))


def _number(rows: Rows, key: int) -> pl.Series:
    """Return a different number for each row of a run, short ones for the first ten thousand rows."""
    small = rows < 9000
    numbers = np.where(
        small, 1000 + permute(np.where(small, rows, 0).astype(np.uint64), 9000, key), rows + np.uint64(1000)
    )
    return pl.Series(numbers).cast(pl.String)


def _email(shape: PersonalShape, rows: Rows, draws: Draws, key: int) -> pl.Series:  # noqa: ARG001
    domains = pl.Series(["example.com", "example.org", "example.net"])
    first, last = _plain(pick("first", draws)), _plain(pick("last", draws))
    end = domains.gather(pl.Series(draws.below(3), dtype=pl.UInt32))
    return first + "." + last + _number(rows, key) + "@" + end


def _plain(words: pl.Series) -> pl.Series:
    return words.str.to_lowercase().str.replace_all("[^a-z]", "")


def _username(shape: PersonalShape, rows: Rows, draws: Draws, key: int) -> pl.Series:
    at = "@" if shape.shapes[0].startswith("@") else ""
    return at + _plain(pick("first", draws)) + _number(rows, key)


def _url(shape: PersonalShape, rows: Rows, draws: Draws, key: int) -> pl.Series:
    scheme = "https://www.example.com/" if "://" in "".join(shape.shapes) else "www.example.com/"
    return scheme + _plain(pick("word", draws)) + "/" + _plain(pick("word", draws)) + "-" + _number(rows, key)


def _name(shape: PersonalShape, rows: Rows, draws: Draws, key: int) -> pl.Series:  # noqa: ARG001
    comma = any("," in form for form in shape.shapes[:1])
    first, last = pick("first", draws), pick("last", draws)
    return _in_case(last + ", " + first if comma else first + " " + last, shape)


def _first(shape: PersonalShape, rows: Rows, draws: Draws, key: int) -> pl.Series:  # noqa: ARG001
    return _in_case(pick("first", draws), shape)


def _last(shape: PersonalShape, rows: Rows, draws: Draws, key: int) -> pl.Series:  # noqa: ARG001
    return _in_case(pick("last", draws), shape)


def _in_case(words: pl.Series, shape: PersonalShape) -> pl.Series:
    """Return names in capitals or small letters if most real ones are written so."""
    letters = "".join(shape.shapes)
    if "a" not in letters and "A" in letters:
        return words.str.to_uppercase()
    return words.str.to_lowercase() if "A" not in letters and "a" in letters else words


def _address(shape: PersonalShape, rows: Rows, draws: Draws, key: int) -> pl.Series:  # noqa: ARG001
    line = pl.Series(1 + draws.below(998)).cast(pl.String) + " " + pick("street", draws)
    return line + ", " + pick("city", draws) if "," in shape.shapes[0] else line


def _phone(shape: PersonalShape, rows: Rows, draws: Draws, key: int) -> pl.Series:  # noqa: ARG001
    return shape._written(draws, _random_letters)


def _ssn(shape: PersonalShape, rows: Rows, draws: Draws, key: int) -> pl.Series:  # noqa: ARG001
    def fill(shape: PersonalShape, form: str, draws: Draws) -> pl.Series:  # noqa: ARG001
        letters = _characters(form, draws, "")
        if form in ("###-##-####", "#########"):
            letters[:, 0] = ord("9")
        return _join(letters)

    return shape._written(draws, fill)


def _card(shape: PersonalShape, rows: Rows, draws: Draws, key: int) -> pl.Series:  # noqa: ARG001
    def fill(shape: PersonalShape, form: str, draws: Draws) -> pl.Series:  # noqa: ARG001
        letters = _characters(form, draws, "")
        places = [place for place, sign in enumerate(form) if sign == "#"]
        for place, digit in zip(places[:-1], "424242", strict=False):
            letters[:, place] = ord(digit)
        digits = letters[:, places].astype(np.int64) - ord("0")
        weighted = digits[:, :-1][:, ::-1] * np.where(np.arange(len(places) - 1) % 2 == 0, 2, 1)
        check = -(weighted - 9 * (weighted > 9)).sum(axis=1) % 10
        if places:
            letters[:, places[-1]] = ord("0") + check
        return _join(letters)

    return shape._written(draws, fill)


def _iban(shape: PersonalShape, rows: Rows, draws: Draws, key: int) -> pl.Series:  # noqa: ARG001
    def fill(shape: PersonalShape, form: str, draws: Draws) -> pl.Series:
        letters = _characters(form, draws, shape.prefix)
        places = [place for place, sign in enumerate(form) if sign in "#Aa"]
        if len(places) < 9:
            return _join(letters)
        for place in places[4:8]:
            letters[:, place] = ord("X") if form[place] == "A" else ord("0")
        letters[:, places[2:4]] = ord("0")
        rest = np.zeros(len(letters), np.int64)
        for place in [*places[4:], *places[:4]]:
            sign = letters[:, place].astype(np.int64)
            digit = sign < ord("A")
            value = np.where(digit, sign - ord("0"), (sign & ~32) - ord("A") + 10)
            rest = (rest * np.where(digit, 10, 100) + value) % 97
        check = 98 - rest
        letters[:, places[2]], letters[:, places[3]] = ord("0") + check // 10, ord("0") + check % 10
        return _join(letters)

    return shape._written(draws, fill)


def _ip(shape: PersonalShape, rows: Rows, draws: Draws, key: int) -> pl.Series:  # noqa: ARG001
    if ":" in shape.shapes[0]:
        blocks = [_hex(draws.below(2**16)) for _ in range(3)]
        return "2001:db8:" + blocks[0] + ":" + blocks[1] + "::" + blocks[2]
    nets = pl.Series(["192.0.2.", "198.51.100.", "203.0.113."])
    return nets.gather(pl.Series(draws.below(3), dtype=pl.UInt32)) + pl.Series(1 + draws.below(254)).cast(pl.String)


def _mac(shape: PersonalShape, rows: Rows, draws: Draws, key: int) -> pl.Series:  # noqa: ARG001
    gap = "-" if "-" in shape.shapes[0] else ":"
    return gap.join(["00", "00", "5e", "00", "53", ""]) + _hex(draws.below(256)).str.zfill(2)


def _hex(numbers: np.ndarray) -> pl.Series:
    table = pl.Series([f"{number:x}" for number in range(int(numbers.max(initial=0)) + 1)])
    return table.gather(pl.Series(numbers, dtype=pl.UInt32))


_MAKERS: dict[str, Callable[[PersonalShape, Rows, Draws, int], pl.Series]] = {
    "email": _email, "phone": _phone, "name": _name, "first_name": _first, "last_name": _last, "iban": _iban,
    "card": _card, "ssn": _ssn, "ip": _ip, "mac": _mac, "url": _url, "address": _address, "username": _username,
}  # fmt: skip
