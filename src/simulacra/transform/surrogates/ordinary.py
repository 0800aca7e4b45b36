"""Ordinary words: what is among them is no name, however it is written; what is not may be one.

The words are those of mimesis in all its languages, of the project's own tables of synonyms, and the commonest words;
names of the lists are not among them, unless they are ordinary words as well. Some sixty thousand, mostly English: so
a word that is not there is no proof of anything, and counts only with something else that tells.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib import resources
from typing import Any

from .names import is_word, lists

__all__ = ["english", "is_ordinary", "is_written"]

_ENDINGS = ("s", "es", "ed", "d", "ing", "er", "ers", "ly", "y", "n", "en", "e", "ies", "ied", "ness", "able", "ation",
            "less", "ful", "or", "t", "te", "ten", "al", "ity", "ment", "ments", "ive", "ism", "ist")  # fmt: skip
_BEGINNINGS = (
    "un",
    "re",
    "over",
    "pre",
    "non",
    "dis",
    "mis",
    "out",
    "under",
    "up",
    "ver",
    "be",
    "ge",
    "ab",
    "auf",
    "an",
)
_SENTENCES = ("text", "quotes", "questions", "sentence")
_INNER = re.compile(r"(?<=[a-zà-ÿ,;] )[a-zà-ÿ][^\W\d_]+")
_SMALL = re.compile(r"[^\W\d_A-ZÀ-Þ][^\W\d_]+")
_MORE_TEXT = """
account address battery bicycle bike bill blanket boiler bracket brake broadband broken bulb cable cancel canceled
cancelled cart chain charger checkout claim clerk clinic cloud complain complaint coupon courier crash cupboard
customer damage debit declined defect delivered delivery deposit depot discount doctor dosage download drawer driver
dryer email exchange faucet fee fitting flat flight folder fridge gadget gas gift grocery guarantee haulier headphones
heater helmet hinge hoodie hotel insurer invoice jacket kettle keyboard kitchen lamp laptop laundry leak leaking lease
login mailbox meter mileage mistake monitor mortgage neighbor neighbour nurse oven overdue owed package parcel
password patient paycheck payslip pedal pharmacy phone plug plumber policy postage prescription printer probe pump
receipt recipe refund refurbished reimburse reminder rent repair replacement reset return router saddle salary screen
screw seal seat sensor shipment shipped shower sink size sleeve sofa spade specialist statement stroller subscription
surgery swap symptom tablet tariff technician tenant ticket toaster tracking transfer trolley tyre unlock unpaid
update upgrade username vaccine vacuum voucher wallet warehouse warranty washer website weekday weekend wheel wifi
withdraw workshop wrong yesterday zipper
"""
_TITLES = (
    "mister madame monsieur mademoiselle frau fräulein herr herrn señor señora señorita signor signora dona mevrouw"
)
_MORE = frozenset(f"{_MORE_TEXT} {_TITLES} meneer senhor senhora pani pan fru doctor professor sister nurse".split())
"""Everyday words of messages to companies that the lists above lack."""


@lru_cache(maxsize=65536)
def is_ordinary(word: str) -> bool:
    """Whether a word, or what is left of it without an ending or a beginning, is an ordinary one of some language.

    >>> [is_ordinary(word) for word in ("refunded", "unblocked", "Ghedrako", "Anna", "grace")]
    [True, True, False, False, True]
    """
    plain = re.sub(r"['’].*", "", word.casefold())
    if is_word(plain):
        return True
    known, given, last = _words(), lists().given, lists().last
    if plain in given or plain in last:
        return False
    return _is_form(plain, known) or any(
        plain.startswith(part) and _is_form(plain[len(part) :], known)
        for part in _BEGINNINGS
        if len(plain) > len(part) + 3
    )


def is_written(word: str) -> bool:
    """Whether a word in small letters stands among the ordinary words just so, and in no list of names."""
    return word in _words()


def _is_form(word: str, known: frozenset[str]) -> bool:
    if word in known:
        return True
    for ending in _ENDINGS:
        stem = word[: -len(ending)]
        if not word.endswith(ending) or len(stem) < 3:
            continue
        shorter = stem[:-1] if stem[-1] == stem[-2] else stem  # "stopped"
        if {stem, f"{stem}e", f"{stem}y", shorter} & known:
            return True
    return False


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    names = lists()
    found = english().union(*(_words_of(locale) for locale in (resources.files("mimesis") / "datasets").iterdir()))
    return frozenset(word for word in found if word not in names.given and word not in names.last)


@lru_cache(maxsize=1)
def english() -> frozenset[str]:
    """Return English words in small letters, those among them that are names as well ("first", "loss", "black")."""
    found = {*_MORE, *_words_of(resources.files("mimesis") / "datasets" / "en")}
    for name in ("synonyms.tsv", "everyday.tsv"):
        table = (resources.files("simulacra") / "transform" / "lexicon" / name).read_text("utf-8")
        for line in table.splitlines():
            if not line.startswith("#"):
                found.update(re.findall(r"[^\W\d_]{3,}", line.casefold()))
    return frozenset(found)


def _words_of(locale: Any) -> set[str]:
    file = locale / "text.json"
    content: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    found = {part for phrase in _flat(content.get("words", ())) for part in phrase.split() if _SMALL.fullmatch(part)}
    return found.union(*(_INNER.findall(json.dumps(content.get(name, ()), ensure_ascii=False)) for name in _SENTENCES))


def _flat(content: Any) -> list[str]:
    parts = content.values() if isinstance(content, dict) else [content]
    return [name for part in parts for name in part]
