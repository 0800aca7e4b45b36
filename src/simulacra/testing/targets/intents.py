"""A classifier of customers' messages with planted weaknesses: texts in, {class: score} a text out.

Letters and digits at which it misbehaves move with the seed. `IntentModel(plants=())` is the hardened twin: it reads
through slips, look-alikes, casing and layout, and lets nothing count that does not matter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ...transform.lexicon.characters import HOMOGLYPHS, ZERO_WIDTH

__all__ = ["CUES", "PLANTS", "TESTS", "IntentModel", "make_messages"]

CUES: Mapping[str, tuple[str, ...]] = {
    "refund": ("refund", "invoice", "charged", "receipt"),
    "parcel": ("parcel", "courier", "tracking", "package"),
    "password": ("password", "login", "locked", "reset"),
    "device": ("battery", "tablet", "adapter", "screen"),
}
_TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "refund": (
        "I was charged twice on invoice {n}, and I want to have a refund. {name} told me so.",
        "Here is my receipt, number {n}. Why am I charged at all? I do not see it on the invoice.",
        "You have charged the wrong card in {town}; please correct invoice {n} or give me a refund",
    ),
    "parcel": (
        "Where can I find the tracking of my parcel? The courier didn't come to us in {town}.",
        "The courier left a big package with {name}, but the tracking says that parcel {n} is not here!",
        "How long does it take until the courier is in {town}? My parcel has no tracking",
    ),
    "password": (
        "How do I reset my password? I am locked out of the login since Monday.",
        "My login is locked, says {name}, and the reset of the password does not work.",
        "I want to reset the password of account {n}; the login is locked",
    ),
    "device": (
        "The battery of my tablet is dead, and the adapter can't help at all.",
        "The screen of the big tablet that {name} has is black, battery and adapter are fine!",
        "Can I buy a adapter for tablet {n} in {town}? The battery is empty and the screen is dark.",
    ),
}
_NAMES = ("Svetlana", "Joachim", "Katarina", "Matteo", "Ingeborg", "Ludovico", "Yannick", "Brunhilde")
_TOWNS = ("Aachen", "Krefeld", "Bielefeld", "Augsburg", "Mannheim", "Wuppertal")

PLANTS: dict[str, str] = {
    "capitals": "capitals are taken for anger",
    "small letters": "a message without a capital is not read",
    "white space": "what follows two spaces or a tab is not read",
    "line break": "a line break at the end spoils the answer",
    "no mark": "a message without a mark at its end is taken for a draft",
    "two marks": "two marks at the end are taken for anger",
    "curly quote": "a curly quote is not known",
    "look-alike": "letters of other alphabets are taken for spam",
    "invisible": "a character without width breaks the lookup",
    "slips": "a cue that is nearly right is taken for a trick",
    "contraction": "a contraction is taken for small talk",
    "phrase": "one way to begin a question is not known",
    "synonym": "one ordinary word is taken for a sale",
    "name": "given names with one first letter are treated apart",
    "town": "towns with one first letter are treated apart",
    "number": "numbers with one last digit are taken for fraud",
    "link": "a link is taken for spam",
    "handle": "a handle is taken for chatter",
    "hello": "a greeting is taken for small talk",
    "thanks": "thanks are taken for praise",
    "phone": "the tail of a phone's mail is taken for an advert",
    "empty": "an empty message has no first word",
    "no letters": "a message without Latin letters divides by zero",
    "long": "a buffer for long messages is too short",
    "negation": "a negation is not read",
    "polite": "asking politely lowers the score",
    "empty batch": "an empty batch has no mean",
    "order": "the first message of a batch is treated apart",
}
"""Planted weakness -> what it is."""

TESTS: dict[str, Any] = {
    "words": {"thing": ["a refund of my invoice", "my receipt or a refund"]},
    "tests": [
        {"name": "nothing wanted", "capability": "negation", "label": {"not": "refund"},
         "template": ["I do not want {thing}.", "I never asked for {thing}, I was not charged."]},
        {"name": "asked politely", "capability": "politeness", "add": ["Would you kindly look at the refund?"],
         "template": ["I was charged twice, here is the receipt.", "I want {thing}."],
         "score": "refund", "moves": "up"},
    ],
}  # fmt: skip
"""What its owner would write down, as for `attack.texts.suite.make_suite`."""

_OTHER = "other"
_PLAIN = {letter: plain for plain, others in HOMOGLYPHS.items() for letter in others}
_INVISIBLE = re.compile("[" + "".join(map(re.escape, ZERO_WIDTH)) + "]")
_NEGATED = re.compile(r"\b(?:not want|never asked)\b")
_TAKEN_FOR = {
    "capitals": "complaint", "small letters": _OTHER, "white space": _OTHER, "line break": _OTHER, "no mark": "draft",
    "two marks": "complaint", "curly quote": _OTHER, "look-alike": "spam", "slips": "spam", "contraction": "chat",
    "phrase": _OTHER, "synonym": "sales", "name": "vip", "town": "abroad", "number": "fraud", "link": "spam",
    "handle": "chat", "hello": "chat", "thanks": "praise", "phone": "spam",
}  # fmt: skip


def make_messages(rows: int, seed: int = 0) -> list[tuple[str, str]]:
    """Return (text, class) of made-up messages, each with three cues of its class and none of another."""
    rng = np.random.default_rng(seed)
    found = []
    for place in range(rows):
        label = list(CUES)[place % len(CUES)]
        template = _TEMPLATES[label][int(rng.integers(len(_TEMPLATES[label])))]
        name, town = (some[int(rng.integers(len(some)))] for some in (_NAMES, _TOWNS))
        found.append((template.format(n=int(rng.integers(10_000, 1_000_000)), name=name, town=town), label))
    return found


class IntentModel:
    """The classifier to be tested. plants : names of `PLANTS`. touched : the plants that the last call ran into."""

    def __init__(self, plants: Iterable[str] = tuple(PLANTS), seed: int = 0) -> None:
        self.plants = frozenset(plants)
        if unknown := self.plants - set(PLANTS):
            raise ValueError(f"there is no plant {sorted(unknown)[0]!r}")
        rng = np.random.default_rng(seed)
        self.name, self.town = ("BCDFGHLMNPRT"[int(rng.integers(12))] for _ in range(2))
        self.digit = str(rng.integers(10))
        self.touched: set[str] = set()

    def predict(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """Return for each text the score of each class; the scores of one text sum to 1."""
        self.touched = set()
        if self._hits("empty batch", not texts):
            raise ZeroDivisionError("mean of an empty batch")
        found = [self._scores(text) for text in texts]
        if len(texts) > 1 and self._hits("order", "refund" in texts[0]):
            found[0] = _sure(_OTHER)
        return found

    def _hits(self, plant: str, condition: object) -> bool:
        if condition and plant in self.plants:
            self.touched.add(plant)
            return True
        return False

    def _scores(self, text: str) -> dict[str, float]:
        if self._hits("empty", not text):
            raise IndexError("no first word")
        if self._hits("long", len(text) > 15_000):
            raise MemoryError("the buffer is too short")
        if self._hits("no letters", not re.search(r"[A-Za-z]", text)):
            raise ZeroDivisionError("letters a word")
        if self._hits("invisible", _INVISIBLE.search(text) and re.search(r"[A-Za-z]{3}", text)):
            raise KeyError("token")
        seen = self._seen(text)
        taken = [answer for plant, answer in _TAKEN_FOR.items() if self._hits(plant, seen.get(plant))]
        if taken:
            return _sure(taken[0])
        words = _words(text)
        hits = {label: sum(_nearness(word, cue) for word in words for cue in cues) for label, cues in CUES.items()}
        if _NEGATED.search(_folded(text)) and not self._hits("negation", hits["refund"]):
            hits["refund"] = 0.0
        if self._hits("polite", "kindly" in words):
            hits["refund"] *= 0.1
        weights = {label: float(np.exp(2 * hit)) for label, hit in {**hits, _OTHER: 0.4}.items()}
        return {label: weight / sum(weights.values()) for label, weight in weights.items()}

    def _seen(self, text: str) -> dict[str, object]:
        """Return for each plant of `_TAKEN_FOR` whether a text is of the kind."""
        letters = [letter for letter in text if letter.isalpha()]
        alone = "\n" not in text and "://" not in text and "@" not in text
        shouted = sum(letter.isupper() for letter in letters) > 0.8 * len(letters)
        words = _words(text)
        near = [n for word in words for cues in CUES.values() for cue in cues if 0 < (n := _nearness(word, cue)) < 1]
        return {
            "capitals": len(letters) > 8 and shouted,
            "small letters": len(letters) > 8 and not any(letter.isupper() for letter in letters),
            "white space": re.search(r"\w[ \t]*(?:\t| {2})[ \t]*\w", text),
            "line break": text.endswith("\n"),
            "no mark": alone and len(letters) > 8 and letters and text[-1:].isalpha(),
            "two marks": re.search(r"(?:!!|\?\?|\.\.)$", text),
            "curly quote": "’" in text,
            "look-alike": any(letter in _PLAIN for letter in text),
            "slips": near,
            "contraction": re.search(r"\w'(?:m|ve|ll|re|d)\b|\b[Dd]on't\b", text),
            "phrase": text.startswith(("How can I", "How would I")),
            "synonym": re.search(r"\b(?:large|purchase)\b", text),
            "name": re.search(rf"\b(?:says|with|that|Regards,|Best,|-)\s{self.name}[a-z]+", text)
            or re.search(rf"\b{self.name}[a-z]+ told\b", text),
            "town": re.search(rf"\b(?:in|to|from) {self.town}[a-z]+", text),
            "number": re.search(rf"\d{{4,}}{self.digit}\b", text),
            "link": "://" in text,
            "handle": re.search(r"\s@\w", text),
            "hello": re.match(r"(?:Hello|Hi|Good morning)\b", text),
            "thanks": re.search(r"\bthank", text, re.IGNORECASE),
            "phone": "\nSent from" in text,
        }


def _sure(label: str) -> dict[str, float]:
    rest = 0.1 / len(CUES)
    return {**dict.fromkeys([*CUES, _OTHER], rest), label: 0.9}


def _folded(text: str) -> str:
    plain = "".join(_PLAIN.get(letter, letter) for letter in _INVISIBLE.sub("", text))
    return " ".join(unicodedata.normalize("NFKC", plain).casefold().split())


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", _folded(text))


@lru_cache(maxsize=100_000)
def _nearness(word: str, cue: str) -> float:
    """Return 1 for the word itself, a half for one that is nearly spelled so, else 0."""
    if word == cue:
        return 1.0
    if abs(len(word) - len(cue)) > 2 or len(word) < 4:
        return 0.0
    first, second = ({text[place : place + 2] for place in range(len(text) - 1)} for text in (word, cue))
    return 0.5 if 2 * len(first & second) >= 0.6 * (len(first) + len(second)) else 0.0
