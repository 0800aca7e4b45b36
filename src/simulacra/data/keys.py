"""New keys: identifiers of the learned shape, unique across a run, from where the real ones are not.

Three shapes: a number with a fixed text around it ("AB-0012", 50113), a UUID, and a code with an alphabet per place
("K7-F2Q9"). A key is a function of the row number alone, through a keyed permutation; real keys are not kept.
"""

from __future__ import annotations

import math
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import polars as pl

from ..errors import DataError
from .draws import Draws, Rows, permute
from .dtypes import limits, parse_dtype
from .saved import damaged, value_of
from .schema import BY_HAND, Column

__all__ = [
    "CodeKeys", "KeyShape", "NumberKeys", "UuidKeys", "alphabet_of", "keys_from_state", "learn_keys", "shape_of",
    "spell",
]  # fmt: skip

_UUID = r"^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$"
_CLASSES = (
    string.digits,
    "0123456789abcdef",
    "0123456789ABCDEF",
    string.ascii_lowercase,
    string.ascii_uppercase,
    string.digits + string.ascii_lowercase,
    string.digits + string.ascii_uppercase,
    string.ascii_letters,
    string.digits + string.ascii_letters,
    string.digits + string.ascii_letters + "-_",
)
LONGEST = 256
"""Longer codes are cut."""

ROOMY = 1000
"""A code gets longer unless its shape has so many times more codes than there are real ones."""


@dataclass(frozen=True, slots=True)
class NumberKeys:
    """Numbers from `start` on, with text around them.

    sequential : in order of the rows, else permuted. width : padded with zeros to it (0: not padded).
    """

    start: int
    sequential: bool
    width: int = 0
    prefix: str = ""
    suffix: str = ""
    shape: ClassVar[str] = "number"

    def make(self, rows: Rows, draws: Draws, column: Column, key: int) -> pl.Series:  # noqa: ARG002
        """Return one key per row number; DataError when the dtype has no number left."""
        dtype = parse_dtype(column.dtype)
        top = limits(dtype)[1] if dtype.is_integer() else 10**18
        numbers = np.empty(len(rows), np.uint64)
        first, start = 0, self.start
        while True:
            # Keys fill the numbers of one length, then those one digit longer.
            end = min(10 ** len(str(start)), top + 1)
            room = max(0, end - start)
            here = (rows >= first) & (rows - np.uint64(first) < room)
            if here.any():
                place = rows[here] - np.uint64(first)
                numbers[here] = np.uint64(start) + (place if self.sequential else permute(place, room, key))
            first, start = first + room, end
            if not len(rows) or first > int(rows.max()):
                break
            if end > top:
                seen = f"the type {column.dtype} has no room for {int(rows.max()) + 1:,} new keys"
                raise DataError(
                    seen, where=f"column {column.name!r}", hint="store the key in a wider type, or ask for fewer rows"
                )
        if dtype != pl.String:
            return pl.Series(column.name, numbers).cast(dtype)
        text = pl.Series(column.name, numbers).cast(pl.String)
        return self.prefix + text.str.zfill(self.width) + self.suffix

    def to_state(self) -> dict[str, Any]:
        """Return the fields."""
        return {part: getattr(self, part) for part in ("start", "sequential", "width", "prefix", "suffix")}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> NumberKeys:
        """Return what `to_state` wrote."""
        start, width = value_of(state, "start", int), value_of(state, "width", int)
        if not (1 <= start < 2**63 and 0 <= width <= 64):
            raise damaged("start", "is out of range")
        text = value_of(state, "prefix", str), value_of(state, "suffix", str)
        return cls(start, value_of(state, "sequential", bool), width, *text)


@dataclass(frozen=True, slots=True)
class UuidKeys:
    """UUIDs of version 4; dashes and upper case as learned."""

    dashes: bool
    upper: bool
    shape: ClassVar[str] = "uuid"

    def make(self, rows: Rows, draws: Draws, column: Column, key: int) -> pl.Series:
        """Return one UUID per row number: 60 bits from the permuted row number keep them unique."""
        unique, random = permute(rows, 2**60, key), draws.below(2**53).astype(np.uint64)
        more = draws.below(2**48).astype(np.uint64)
        nibbles = np.empty((len(rows), 32), np.uint8)
        for place in range(32):
            source, shift = (
                (unique, place) if place < 12 else (unique, place - 1) if place < 16 else (random, place - 16)
            )
            if place >= 20:
                source, shift = more, place - 20
            nibbles[:, place] = ((source >> np.uint64(4 * shift)) & np.uint64(15)).astype(np.uint8)
        nibbles[:, 12] = 4
        nibbles[:, 16] = 8 + nibbles[:, 16] % 4
        alphabet = "0123456789ABCDEF" if self.upper else "0123456789abcdef"
        text = _words(_letters(alphabet)[nibbles]).rename(column.name)
        if not self.dashes:
            return text
        cuts = ((0, 8), (8, 4), (12, 4), (16, 4), (20, 12))
        parts = [text.str.slice(start, length) for start, length in cuts]
        return parts[0] + "-" + parts[1] + "-" + parts[2] + "-" + parts[3] + "-" + parts[4]

    def to_state(self) -> dict[str, Any]:
        """Return the fields."""
        return {"dashes": self.dashes, "upper": self.upper}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> UuidKeys:
        """Return what `to_state` wrote."""
        return cls(value_of(state, "dashes", bool), value_of(state, "upper", bool))


@dataclass(frozen=True, slots=True)
class CodeKeys:
    """Codes with an alphabet per place; a place with one letter is fixed.

    grows : codes get longer when all of the length are used up; else that is an error (a person gave the format).
    """

    alphabets: tuple[str, ...]
    grows: bool = True
    shape: ClassVar[str] = "code"

    def make(self, rows: Rows, draws: Draws, column: Column, key: int) -> pl.Series:
        """Return one code per row number; when all are used up they get longer, or DataError if they must not."""
        text = pl.Series(column.name, [None], dtype=pl.String).new_from_index(0, len(rows))
        first, alphabets = 0, self.alphabets
        while len(rows) and first <= int(rows.max()):
            unique, room = _unique_places(alphabets)
            here = (rows >= first) & (rows - np.uint64(first) < room)
            place = permute(np.where(here, rows - np.uint64(first), 0).astype(np.uint64), room, key)
            longer = _spell(alphabets, unique, place, draws)
            text = longer.zip_with(pl.Series(here), text) if not here.all() else longer
            first += room
            if not self.grows and first <= int(rows.max()):
                raise _no_room(column, room, int(rows.max()) + 1)
            alphabets = (*alphabets, max(alphabets, key=len))
        return text.rename(column.name)

    def to_state(self) -> dict[str, Any]:
        """Return the alphabets, and whether codes may grow."""
        return {"alphabets": list(self.alphabets), "grows": self.grows}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> CodeKeys:
        """Return what `to_state` wrote."""
        alphabets = value_of(state, "alphabets", list)
        sound = all(isinstance(letters, str) and 1 <= len(letters) <= 256 for letters in alphabets)
        if not sound or not 1 <= len(alphabets) <= 256 or max(map(len, alphabets)) < 2:
            raise damaged("alphabets", "are no alphabets")
        return cls(tuple(alphabets), value_of(state, "grows", bool) if "grows" in state else True)


KeyShape = NumberKeys | UuidKeys | CodeKeys
_SHAPES: dict[str, type[Any]] = {kind.shape: kind for kind in (NumberKeys, UuidKeys, CodeKeys)}


def keys_from_state(shape: str, state: Mapping[str, Any]) -> KeyShape:
    """Return the shape of that name; ModelFileError if there is none."""
    if shape not in _SHAPES:
        raise damaged("shape", f"is {shape!r}")
    return _SHAPES[shape].from_state(state)  # type: ignore[no-any-return]


def learn_keys(series: pl.Series, column: Column) -> tuple[KeyShape, tuple[str, ...]]:
    """Return the shape of the column's keys and notes; DataError if keys of that type or format cannot be made."""
    present = series.drop_nulls()
    if column.format and column.why == BY_HAND and column.format not in ("uuid", "hex"):
        return _formatted(present, column)
    if present.dtype.is_numeric():
        whole = present.cast(pl.Int64, strict=False).drop_nulls()
        return _learn_numbers(whole, 0), ()
    if present.dtype not in (pl.String, pl.Categorical) and not isinstance(present.dtype, pl.Enum):
        seen = f"cannot make new keys of the type {series.dtype}"
        raise DataError(seen, where=f"column {column.name!r}", hint="give the column another kind in the schema")
    text = present.cast(pl.String)
    if len(text) and text.str.contains(_UUID).all():
        dashes, upper = bool(text.str.contains("-", literal=True).any()), bool(text.str.contains("[A-F]").any())
        return UuidKeys(dashes, upper), ()
    parts = text.str.extract_groups(r"^(\D*)(\d{1,17})(\D*)$").struct.unnest()
    if (
        len(text)
        and not parts.to_series(1).has_nulls()
        and parts.to_series(0).n_unique() == parts.to_series(2).n_unique() == 1
    ):
        digits = parts.to_series(1)
        padded = bool((digits.str.starts_with("0") & (digits.str.len_chars() > 1)).any())
        width = int(digits.str.len_chars().max()) if padded else 0  # type: ignore[arg-type]
        numbers = _learn_numbers(digits.cast(pl.Int64), width)
        return NumberKeys(numbers.start, numbers.sequential, width, parts.item(0, 0), parts.item(0, 2)), ()
    return _learn_code(text, column)


_SIGNS = {"#": string.digits, "A": string.ascii_uppercase, "a": string.ascii_lowercase}


def _formatted(present: pl.Series, column: Column) -> tuple[KeyShape, tuple[str, ...]]:
    """Return keys of a format that a person gave: # is a digit, A and a are letters, all else stands for itself."""
    form = str(column.format)[:LONGEST]
    alphabets = [_SIGNS.get(sign, sign) for sign in form]
    if present.dtype.is_numeric():
        if set(form) != {"#"} or len(form) > 18:
            seen = f"keys of the type {column.dtype} cannot have the format {form!r}"
            raise DataError(seen, where=f"column {column.name!r}", hint="write one # per digit, e.g. '#####'")
        alphabets[0] = string.digits[1:]
    room = math.prod(map(len, alphabets))
    if room < max(2, present.n_unique()):
        raise _no_room(column, room, present.n_unique())
    note = f"Column {column.name!r}: made-up keys follow the given format {form!r}; some may equal real ones by chance."
    return CodeKeys(tuple(alphabets), grows=False), (note,)


def _no_room(column: Column, room: int, wanted: int) -> DataError:
    seen = f"the format {column.format!r} has room for {room:,} different keys, not for {wanted:,}"
    hint = "give a longer format, or ask for fewer rows"
    return DataError(seen, where=f"column {column.name!r}", hint=hint)


def _learn_numbers(whole: pl.Series, width: int) -> NumberKeys:
    """Start above the largest real key: at the next leading digit if that leaves room, else one digit longer."""
    if whole.is_empty():
        return NumberKeys(1, True)
    high, number = max(1, int(whole.max())), len(whole)  # type: ignore[arg-type]
    digits = len(str(high))
    step = 10 ** (digits - 1)
    start = (high // step + 1) * step
    if 10**digits - start < number:
        start = 10**digits
    sequential = bool((whole.diff().drop_nulls() == 1).all())
    return NumberKeys(min(start, 2**62), sequential, width)


def _learn_code(text: pl.Series, column: Column) -> tuple[KeyShape, tuple[str, ...]]:
    length = max(1, int(text.str.len_chars().mode().max() or 8)) if len(text) else 8  # type: ignore[arg-type]
    length = min(length, LONGEST)
    usual = text.filter(text.str.len_chars() >= length)
    alphabets = tuple(alphabet_of(usual.str.slice(place, 1).unique().to_list()) for place in range(length))
    if max(map(len, alphabets)) < 2:
        alphabets = (_CLASSES[6],) * length
    notes: tuple[str, ...] = ()
    while _unique_places(alphabets)[1] < ROOMY * max(len(text), 1000):
        alphabets = (*alphabets, max(alphabets, key=len))
    if len(alphabets) > length:
        notes = (
            f"Column {column.name!r}: made-up keys are longer than real ones, whose shape leaves too few new ones.",
        )
    return CodeKeys(alphabets), notes


def alphabet_of(letters: list[str]) -> str:
    """Return the letter of a fixed place, or the smallest usual class of letters that holds all that was seen."""
    seen = set(letters)
    if len(seen) == 1:
        return seen.pop()
    for letters_of_class in _CLASSES:
        if seen <= set(letters_of_class):
            return letters_of_class
    return "".join(sorted(seen | set(_CLASSES[8])))[:256]


def _unique_places(alphabets: tuple[str, ...]) -> tuple[set[int], int]:
    """Return which places spell the row number, from the last on, and how many numbers they can spell."""
    places, room = set[int](), 1
    for place in reversed(range(len(alphabets))):
        if len(alphabets[place]) > 1 and room * len(alphabets[place]) <= 2**60:
            places.add(place)
            room *= len(alphabets[place])
    return places, room


def _spell(alphabets: tuple[str, ...], unique: set[int], number: Rows, draws: Draws) -> pl.Series:
    letters = np.empty((len(number), len(alphabets)), np.uint32)
    for place, alphabet in enumerate(alphabets):
        size = np.uint64(len(alphabet))
        if place in unique:
            index = (number % size).astype(np.int64)
            number = number // size
        else:
            index = draws.below(len(alphabet))
        letters[:, place] = _letters(alphabet)[index]
    return _words(letters)


def spell(alphabets: tuple[str, ...], draws: Draws) -> pl.Series:
    """Return one code per row, a random letter of its alphabet in each place."""
    return _spell(alphabets, set(), np.zeros(len(draws), np.uint64), draws)


def _letters(alphabet: str) -> npt.NDArray[np.uint32]:
    return np.array([ord(letter) for letter in alphabet], np.uint32)


def _words(letters: npt.NDArray[np.uint32]) -> pl.Series:
    """Return one string per row of code points."""
    rows, width = letters.shape
    joined = np.ascontiguousarray(letters).view(f"<U{width}").reshape(rows)
    return pl.Series(joined.tolist(), dtype=pl.String)


def shape_of(text: str) -> str:
    """Return the text with digits as #, letters as A or a: "AB-0012" becomes "AA-####"."""
    return re.sub(r"[a-z]", "a", re.sub(r"[A-Z]", "A", re.sub(r"\d", "#", text)))
