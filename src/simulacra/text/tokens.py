"""Text into words, sentences and characters as a reader sees them, each with its place in the text.

Not handled: words of scripts without spaces. Chinese and Japanese characters are words of their own; a run of Thai,
Khmer or Lao is one word.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["character_spans", "normalise", "sentence_spans", "word_spans", "words"]

Place = tuple[int, int]

_ALONE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
# Signs that belong to the letter before them and that `\w` does not know.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f"
    "\u0981-\u0983\u09bc-\u09cd\u0a01-\u0a03\u0a3c-\u0a4d\u0a81-\u0a83\u0abc-\u0acd\u0b82\u0bbe-\u0bcd\u0c3e-\u0c4d"
    "\u0cbe-\u0ccd\u0d3e-\u0d4d\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u20d0-\u20ff"
)
_LETTERS = rf"[^\W_{_ALONE}]"
_WORD = re.compile(
    rf"{_LETTERS}+(?:(?:[{_MARKS}'’]+|(?<=\d)[.,](?=\d)){_LETTERS}+)*[{_MARKS}]*|[{_ALONE}]"
)  # fmt: skip
_CHARACTER = re.compile(
    rf"\r\n|[\U0001f1e6-\U0001f1ff]{{2}}|.(?:[{_MARKS}\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]|\u200d[^\s\w])*", re.DOTALL
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|$)|[。！？]+[」』”]?|\n\s*\n")
_ABBREVIATIONS = frozenset({
    "mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "vs", "etc", "e.g", "i.e", "eg", "ie", "cf", "no", "nos", "fig",
    "inc", "ltd", "co", "corp", "approx", "dept", "est", "vol", "pp", "al", "bzw", "z.b", "d.h", "usw", "nr", "str",
    "ca", "mme", "sra", "sig",
})  # fmt: skip


def words(text: str) -> list[str]:
    """Return the words of a text as they are written: letters, digits, numbers with their separators, contractions.

    >>> words("It's 1,200.50 for “Zoë”!")
    ["It's", '1,200.50', 'for', 'Zoë']
    """
    return _WORD.findall(text)


def word_spans(text: str) -> list[Place]:
    """Return (start, end) of each of `words(text)`."""
    return [found.span() for found in _WORD.finditer(text)]


def sentence_spans(text: str) -> list[Place]:
    """Return (start, end) of the sentences, white space around them left out; abbreviations do not end one.

    >>> [text[a:b] for text in ["Dr. Lee paid $3.50. Why?  She knew."] for a, b in sentence_spans(text)]
    ['Dr. Lee paid $3.50.', 'Why?', 'She knew.']
    """
    places, start = [], 0
    for found in _END.finditer(text):
        if found[0][0] == "." and _goes_on(text, found.start(), found.end()):
            continue
        places.append((start, found.end()))
        start = found.end()
    places.append((start, len(text)))
    return [place for place in (_trimmed(text, *place) for place in places) if place[0] < place[1]]


def character_spans(text: str) -> list[Place]:
    """Return (start, end) of each character as a reader sees it: accents and joined emoji stay whole.

    >>> len(character_spans("e\u0301👩\u200d🚀🇩🇪"))
    3
    """
    return [found.span() for found in _CHARACTER.finditer(text)]


def normalise(text: str) -> str:
    """Return a text as it is compared: compatible forms and case folded, invisible signs gone, spaces single.

    For comparing only, never for what is delivered.

    >>> normalise("Ｆｕｌｌ\u200b  WIDTH\\n Straße")
    'full width strasse'
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    return " ".join(text.lower().split())


def _goes_on(text: str, stop: int, end: int) -> bool:
    """Whether the full stop ends an abbreviation or an initial, or small letters follow."""
    before = re.search(r"[\w.]*\Z", text[max(0, stop - 12) : stop])
    word = before[0].lower() if before else ""
    if word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha() and text[stop - 1].isupper()):
        return True
    return text[end : end + 12].lstrip()[:1].islower()


def _trimmed(text: str, start: int, end: int) -> Place:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), end - (len(part) - len(part.rstrip()))
