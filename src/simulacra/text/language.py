"""Which language a text is in, by its script and its commonest words; "unknown" where these do not tell.

Each word that stands in the lists of few languages speaks for them, one that stands in many says little; letters that
few languages use speak too. About 21 languages of three scripts by their words, and those that have a script of their
own.

Not handled: mixed texts (the language of most words is named), single words without telling letters, transliteration.
"""

from __future__ import annotations

import math
import re
from functools import cache

from .tokens import normalise, words
from .wordlists import LANGUAGES, stop_words

__all__ = ["UNKNOWN", "identify_language", "language_scores"]

UNKNOWN = "unknown"
_MOST_WORDS = 200
_LEAST = 1.2
_LEAD = 1.25
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("fa", re.compile(r"[\u067e\u0686\u0698\u06af\u06a9\u06cc]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
)  # fmt: skip
_TELLING = {
    "de": "ßäöü", "es": "ñ¿¡", "pt": "ãõêç", "fr": "œêèçù", "it": "èìòù", "pl": "łąężś", "cs": "řěů", "hu": "őűöü",
    "ro": "șță", "tr": "ığşöüç", "sv": "åäö", "da": "åøæ", "no": "åøæ", "fi": "äö", "vi": "ăđơưạếệìò",
    "ru": "ыэёъ", "uk": "іїє", "bg": "ъ",
}  # fmt: skip
_LETTERS = {
    letter: [code for code, letters in _TELLING.items() if letter in letters]
    for letter in set("".join(_TELLING.values()))
}
_CYRILLIC = frozenset({"ru", "uk", "bg"})
_CYRILLIC_LETTER = re.compile(r"[\u0400-\u04ff]")


def identify_language(text: str) -> str:
    """Return the ISO 639-1 code of a text's language, "unknown" if the evidence is thin or divided.

    >>> [identify_language(text) for text in ("Where is my card?", "Wo ist denn meine Karte?", "xyzzy")]
    ['en', 'de', 'unknown']
    """
    scores = sorted(language_scores(text).items(), key=lambda item: (-item[1], item[0]))
    if not scores or scores[0][1] < _LEAST:
        return UNKNOWN
    if len(scores) > 1 and scores[0][1] < _LEAD * scores[1][1]:
        return UNKNOWN
    return scores[0][0]


def language_scores(text: str) -> dict[str, float]:
    """Return language -> strength of the evidence for it (about 1 per telling word); only those with some."""
    plain = normalise(text[:4000])
    letters = max(1, sum(char.isalpha() for char in plain))
    for code, script in _SCRIPTS:
        count = len(script.findall(plain))
        if count > 0.3 * letters or (code in ("ja", "fa") and count > 0.04 * letters):
            return {code: float(count)}
    cyrillic = len(_CYRILLIC_LETTER.findall(plain)) > 0.5 * letters
    weights = _weights()
    scores: dict[str, float] = {}
    for word in words(plain)[:_MOST_WORDS]:
        for code, weight in weights.get(word.replace("’", "'"), ()):
            scores[code] = scores.get(code, 0.0) + weight
    for letter in sorted(set(plain) & _LETTERS.keys()):
        codes = _LETTERS[letter]
        for code in codes:
            scores[code] = scores.get(code, 0.0) + min(3, plain.count(letter)) * 0.8 / len(codes)
    return {code: score for code, score in scores.items() if (code in _CYRILLIC) == cyrillic}


@cache
def _weights() -> dict[str, tuple[tuple[str, float], ...]]:
    """Return word -> languages it speaks for, and how strongly: 1 for a word of one language, less for one of many."""
    owners: dict[str, list[str]] = {}
    for code in LANGUAGES:
        for word in stop_words(code):
            owners.setdefault(word, []).append(code)
    most = math.log(len(LANGUAGES))
    return {
        word: tuple((code, 1.0 - 0.9 * math.log(len(codes)) / most) for code in codes) for word, codes in owners.items()
    }
