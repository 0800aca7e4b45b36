"""Which characters are taken for which: neighbours on a keyboard, misread by a scanner, look-alikes."""

from __future__ import annotations

__all__ = ["HOMOGLYPHS", "KEYBOARD", "MISREAD", "ZERO_WIDTH"]


def _neighbours() -> dict[str, str]:
    rows = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    found: dict[str, str] = {}
    for level, row in enumerate(rows):
        for place, key in enumerate(row):
            near = row[max(0, place - 1) : place] + row[place + 1 : place + 2]
            if level > 0:
                near += rows[level - 1][place : place + 2]
            if level < 2:
                near += rows[level + 1][max(0, place - 1) : place + 1]
            found[key], found[key.upper()] = near, near.upper()
    return found


KEYBOARD = _neighbours()
"""Key -> the keys around it on a QWERTY keyboard."""

MISREAD = {
    "rn": "m", "m": "rn", "cl": "d", "d": "cl", "vv": "w", "w": "vv", "li": "h", "h": "li", "ii": "u", "nn": "m",
    "l": "1I", "I": "l1", "i": "l1", "O": "0Q", "o": "0", "S": "5", "s": "5", "B": "8", "b": "6", "g": "9q", "q": "g9",
    "Z": "2", "z": "2", "e": "c", "c": "e", "t": "f", "f": "t", "a": "o", "u": "v", "v": "u", "G": "6", "T": "7",
}  # fmt: skip
"""Characters -> what a scanner reads instead; a value of one string of two letters is one reading."""

HOMOGLYPHS = {
    "a": "аɑ", "c": "сϲ", "d": "ԁ", "e": "е", "g": "ɡ", "h": "һ", "i": "іı", "j": "ј", "k": "κ", "l": "ӏ", "m": "ｍ",
    "n": "ո", "o": "оο", "p": "рρ", "q": "ԛ", "r": "г", "s": "ѕ", "u": "սυ", "v": "ѵν", "w": "ԝ", "x": "хχ", "y": "уү",
    "A": "АΑ", "B": "ВΒ", "C": "СϹ", "E": "ЕΕ", "H": "НΗ", "I": "ІΙ", "J": "Ј", "K": "КΚ", "M": "МΜ", "N": "Ν",
    "O": "ОΟ", "P": "РΡ", "S": "Ѕ", "T": "ТΤ", "X": "ХΧ", "Y": "ΥҮ", "Z": "Ζ",
}  # fmt: skip
"""Latin letter -> letters of other scripts that look like it. Source: a subset of Unicode's confusables."""

ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"
"""Characters without width: space, non-joiner, joiner, word joiner, no-break space."""
