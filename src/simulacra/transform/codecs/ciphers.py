"""Text encodings and simple ciphers. Each is exact: decode(encode(x)) == x for every text without lone surrogates."""

from __future__ import annotations

import base64
import codecs
import string
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, unquote

from ...errors import DataError

__all__ = ["CODECS", "TextCodec", "caesar", "vigenere"]


@dataclass(frozen=True, slots=True)
class TextCodec:
    """A pair of functions from text to text.

    name : of the encoding. encode, decode : decode(encode(x)) == x. decode raises DataError for what is no such code.
    readable : a person still reads the encoded text.
    """

    name: str
    encode: Callable[[str], str]
    decode: Callable[[str], str]
    readable: bool = False


def _strict(name: str, decode: Callable[[str], str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        try:
            return decode(text)
        except (ValueError, IndexError) as error:  # of binascii, of UTF-8, of our own tables
            raise DataError(f"this is not {name}: {error}", hint="decode what the same encoding wrote") from error

    return read


def caesar(shift: int) -> TextCodec:
    """Return the cipher that shifts Latin letters by `shift` places.

    >>> caesar(3).encode("Attack!")
    'Dwwdfn!'
    """
    return TextCodec(f"caesar{shift}", lambda text: _shifted(text, [shift]), lambda text: _shifted(text, [-shift]))


def vigenere(key: str) -> TextCodec:
    """Return the cipher that shifts each Latin letter by the next letter of `key`; DataError if the key has none."""
    shifts = [ord(letter) - 97 for letter in key.lower() if "a" <= letter <= "z"]
    if not shifts:
        raise DataError(f"the key {key!r} has no Latin letter", hint="give a word")
    return TextCodec(
        "vigenere", lambda text: _shifted(text, shifts), lambda text: _shifted(text, [-shift for shift in shifts])
    )


def _shifted(text: str, shifts: list[int]) -> str:
    out, place = [], 0
    for letter in text:
        base = 65 if "A" <= letter <= "Z" else 97 if "a" <= letter <= "z" else 0
        if base:
            letter = chr((ord(letter) - base + shifts[place % len(shifts)]) % 26 + base)
            place += 1
        out.append(letter)
    return "".join(out)


_LEET = {"a": "4", "e": "3", "i": "1", "o": "0", "s": "5", "t": "7", "A": "@", "E": "€", "O": "Ø", "S": "$", "B": "8"}
_FROM_LEET = {new: old for old, new in _LEET.items()}


def _leet(text: str) -> str:
    return "".join(
        "\\" + letter if letter in _FROM_LEET or letter == "\\" else _LEET.get(letter, letter) for letter in text
    )


def _unleet(text: str) -> str:
    out, letters = [], iter(text)
    for letter in letters:
        if letter == "\\":
            kept = next(letters, None)
            if kept is None:
                raise ValueError("a backslash at the end")
            out.append(kept)
        else:
            out.append(_FROM_LEET.get(letter, letter))
    return "".join(out)


def _unspaced(text: str) -> str:
    if any(gap != " " for gap in text[1::2]):
        raise ValueError("no space after each character")
    return text[::2]


def _mirror(text: str) -> str:
    return text.translate(_ATBASH)


_ATBASH = str.maketrans(string.ascii_letters, string.ascii_lowercase[::-1] + string.ascii_uppercase[::-1])
_MORSE_TABLE = """
a .- b -... c -.-. d -.. e . f ..-. g --. h .... i .. j .--- k -.- l .-.. m -- n -. o --- p .--. q --.- r .-. s ...
t - u ..- v ...- w .-- x -..- y -.-- z --.. 0 ----- 1 .---- 2 ..--- 3 ...-- 4 ....- 5 ..... 6 -.... 7 --... 8 ---..
9 ----. , --..-- ? ..--.. ' .----. ! -.-.-- / -..-. ( -.--. ) -.--.- & .-... : ---... ; -.-.-. = -...- + .-.-. @ .--.-.
"""
_PAIRS = _MORSE_TABLE.split()
_MORSE = dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True))
_FROM_MORSE = {code: letter for letter, code in _MORSE.items()}


def _morse(text: str) -> str:
    """Signs apart by spaces; a capital is marked by ^, what Morse has not by its number in Unicode: #20 is a space."""
    signs = []
    for letter in text:
        low = letter.lower()
        if low in _MORSE and (letter == low or low.upper() == letter):
            signs.append(_MORSE[low] if letter == low else "^" + _MORSE[low])
        else:
            signs.append(f"#{ord(letter):x}")
    return " ".join(signs)


def _unmorse(text: str) -> str:
    out = []
    for sign in text.split(" ") if text else []:
        if sign.startswith("#"):
            out.append(chr(int(sign[1:], 16)))
        elif sign.lstrip("^") not in _FROM_MORSE:
            raise ValueError(f"{sign!r} is no sign")
        else:
            letter = _FROM_MORSE[sign.lstrip("^")]
            out.append(letter.upper() if sign.startswith("^") else letter)
    return "".join(out)


def _binary(text: str) -> str:
    return " ".join(f"{byte:08b}" for byte in text.encode())


def _unbinary(text: str) -> str:
    return bytes(int(byte, 2) for byte in text.split()).decode()


def _unrot(text: str) -> str:
    return codecs.decode(text, "rot13")


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _unbase64(code: str) -> str:
    return base64.b64decode(code, validate=True).decode()


def _escapes(text: str) -> str:
    return "".join(f"\\U{ord(letter):08x}" for letter in text)


_ALL: tuple[tuple[str, Callable[[str], str], Callable[[str], str]], ...] = (
    ("base64", _base64, _unbase64),
    ("base32", lambda text: base64.b32encode(text.encode()).decode(), lambda code: base64.b32decode(code).decode()),
    ("hex", lambda text: text.encode().hex(), lambda code: bytes.fromhex(code).decode()),
    ("url", lambda text: quote(text, safe=""), lambda code: unquote(code, errors="strict")),
    ("escapes", _escapes, lambda code: code.encode("ascii").decode("unicode_escape")),
    ("binary", _binary, _unbinary),
    ("rot13", _unrot, _unrot),
    ("atbash", _mirror, _mirror),
    ("morse", _morse, _unmorse),
    ("leetspeak", _leet, _unleet),
    ("spaced", " ".join, _unspaced),
    ("reversed", lambda text: text[::-1], lambda text: text[::-1]),
)
_READABLE = frozenset({"leetspeak", "spaced", "reversed"})

CODECS: dict[str, TextCodec] = {
    name: TextCodec(name, encode, _strict(name, decode), name in _READABLE) for name, encode, decode in _ALL
} | {"caesar": caesar(3), "vigenere": vigenere("lemon")}
"""Name -> encoding."""
