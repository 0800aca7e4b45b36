"""Copies in other words: which text of a set says what another one says, word by word.

Two words match if they are the same, synonyms, or one is a slip of the other; contractions are written out, turns of
phrase brought to one form, look-alike letters and invisible signs undone. What matches is weighed by how rare it is, so
that "what is the" counts for little and a name for much.

>>> known = Aligned(["What nation was Erich Honecker the leader of?", "What is the best hospital in town?"])
>>> known.nearest(["What country was Erich Honecke the leader of ?", "Who leads the best country?"])
[(0, 1.0), None]
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ...text.tokens import normalise, words
from ...transform.lexicon.characters import HOMOGLYPHS
from ...transform.lexicon.contractions import CONTRACTED, EXPANDED
from ...transform.lexicon.misspellings import MISSPELLED
from ...transform.lexicon.rewrites import GROUPS
from ...transform.lexicon.small_words import SMALL_WORDS
from ...transform.lexicon.synonyms import synonyms

__all__ = ["Aligned", "plain_words", "usual_likeness"]

Floats = NDArray[np.float64]
_LEAST, _MOST = 0.7, 0.97
_SMALL = 0.25  # of its weight that a word keeps which hurried writers leave out
_SLIP = 3  # letters from which a word may be a slip of another
_ODD, _RARER, _NEW = 2, 10, 3  # a slip stands in so few texts, or in so many times fewer than the word it stands for
_SAMPLE = 1000
_READ = {
    "0": "o", "1": "l", "5": "s", "8": "b", "6": "b", "9": "g", "2": "z", "7": "t", "rn": "m", "nn": "m", "vv": "w",
    "cl": "d", "ii": "u", "li": "h", "ph": "f",
}  # fmt: skip
_MISREAD = re.compile("|".join(_READ))
_LATIN = str.maketrans({other: letter for letter, others in HOMOGLYPHS.items() for other in others})


def plain_words(text: str, *, phrases: bool = True) -> list[str]:
    """Return the words of a text in one form of its contractions, letters and, if wished, turns of phrase.

    >>> plain_words("Whаt's the type of c\u200bard?") == plain_words("Tell me the type of card")
    True
    """
    if not text.isascii():
        text = text.translate(_LATIN)
    plain = " ".join(words(_written_out(normalise(text).replace("’", "'"))))
    if phrases:
        plain = _phrases().sub(lambda found: _canonical()[" ".join(found[0].split())], plain)
    return [word.removesuffix("'s") for word in plain.split()]


def _written_out(text: str) -> str:
    """Return the text without contractions."""
    return _long().sub(lambda found: _forms()[found[0]], text)


@lru_cache(maxsize=1)
def _forms() -> dict[str, str]:
    back = {short: long for long, short in CONTRACTED.items()}
    return {short: long.lower() for short, long in (back | EXPANDED).items()}


@lru_cache(maxsize=1)
def _long() -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(sorted(map(re.escape, _forms()), key=len, reverse=True)) + r")\b")


@lru_cache(maxsize=1)
def _canonical() -> dict[str, str]:
    """Return phrase -> the phrase that stands for it: the first of all that are linked by a group."""
    stands: dict[str, str] = {}
    for group in GROUPS:
        plain = [" ".join(words(_written_out(phrase))) for phrase in group]
        linked = {stands.get(phrase, phrase) for phrase in plain}
        first = stands.get(plain[0], plain[0])
        stands |= {phrase: first for phrase, now in stands.items() if now in linked} | dict.fromkeys(plain, first)
    return stands


@lru_cache(maxsize=1)
def _phrases() -> re.Pattern[str]:
    forms = sorted(_canonical(), key=len, reverse=True)
    return re.compile(r"(?<!\S)(?:" + "|".join(map(re.escape, forms)) + r")(?!\S)")


class Aligned:
    """Texts to be compared with; `others` are the texts that will be asked about, which tell how rare words are.

    Each text is compared as it stands and with its turns of phrase in one form, and the better of the two counts: a
    slip within a phrase hides the phrase. Complexity: of each text asked about, the texts that share a word with it.
    """

    def __init__(self, texts: Sequence[str], others: Sequence[str] = ()) -> None:
        self._count = len(texts)
        self._forms = [
            _Form([_distinct(one, phrases) for one in texts], [_distinct(one, phrases) for one in others])
            for phrases in (False, True)
        ]

    def nearest(self, texts: Sequence[str], *, threshold: float = _LEAST) -> list[tuple[int, float] | None]:
        """Return for each text (place, similarity) of the most similar one, None if none is so near.

        The similarity is the weight of the words that match by that of all words of both; 1 if all of them match.
        """
        found: list[tuple[int, float] | None] = []
        for text in texts:
            scores = np.maximum(*(form.scores(_distinct(text, phrases)) for phrases, form in enumerate(self._forms)))
            best = int(scores.argmax()) if len(scores) else -1
            found.append((best, round(float(scores[best]), 6)) if best >= 0 and scores[best] >= threshold else None)
        return found

    def between(self) -> Floats:
        """Return (texts,) the similarity of each to the nearest other one; of a thousand of them if there are more."""
        nearest = []
        for place in np.linspace(0, self._count - 1, min(_SAMPLE, self._count)).astype(int).tolist():
            scores = np.maximum(*(form.scores(form.lists[place]) for form in self._forms))
            scores[place] = 0.0
            nearest.append(float(scores.max()))
        return np.array(nearest)


def _distinct(text: str, phrases: int | bool) -> dict[str, None]:
    return dict.fromkeys(plain_words(text, phrases=bool(phrases)))


class _Form:
    """The words of the texts in one form, which texts each stands in, and how much it weighs."""

    def __init__(self, lists: Sequence[dict[str, None]], asked: Sequence[dict[str, None]]) -> None:
        self.lists = lists
        self._spread = Counter(word for found in (*lists, *asked) for word in found)
        self._total = max(1, len(lists) + len(asked))
        postings: dict[str, list[int]] = {}
        for place, found in enumerate(lists):
            for word in found:
                postings.setdefault(word, []).append(place)
        self._postings = {word: np.array(places) for word, places in postings.items()}
        self._sums = np.array([sum(map(self._weight, found)) for found in lists])
        self._slips: dict[str, list[str]] = {}
        for word in self._postings:
            for key in _without_a_letter(word):
                self._slips.setdefault(key, []).append(word)
        self._known: dict[str, tuple[str, ...]] = {}

    def scores(self, own: Iterable[str]) -> Floats:
        """Return (texts,) the similarity of these words to every text."""
        size = len(self.lists)
        matched, taken, alone = np.zeros(size), np.zeros(size), 0.0
        theirs: dict[str, None] = {}
        for word in own:
            partners = self._partners(word)
            # A slip weighs what the word weighs that it stands for.
            weight = self._weight(word) if word in partners or not partners else self._weight(partners[0])
            alone += weight
            theirs |= dict.fromkeys(partners)
            if partners:
                places = self._postings[partners[0]] if len(partners) == 1 else self._of_any(partners)
                taken[places] += weight
        for word in theirs:
            matched[self._postings[word]] += self._weight(word)
        return np.asarray(matched / np.maximum(alone - taken + self._sums, 1e-12))

    def _of_any(self, partners: Sequence[str]) -> NDArray[np.int64]:
        return np.unique(np.concatenate([self._postings[one] for one in partners]))

    def _weight(self, word: str) -> float:
        rare = float(np.log1p(self._total / max(1, self._spread[word]))) ** 2
        return rare * _SMALL if word in SMALL_WORDS else rare

    def _partners(self, word: str) -> tuple[str, ...]:
        """Return the words of the texts that the word matches."""
        known = self._known.get(word)
        if known is None:
            found = dict.fromkeys([word] if word in self._postings else [])
            found |= dict.fromkeys(one for one in _alike().get(word, ()) if one in self._postings)
            slips = dict.fromkeys(other for key in _without_a_letter(word) for other in self._slips.get(key, ()))
            found |= dict.fromkeys(other for other in slips if other != word and self._is_slip(word, other))
            known = self._known[word] = tuple(found)
        return known

    def _is_slip(self, one: str, other: str) -> bool:
        """Whether one of two words that differ in a letter is so much rarer than the other that it may be a slip."""
        short = min(len(one), len(other)) == _SLIP == max(len(one), len(other))
        ends = one[0] == other[0] or one[-1] == other[-1]
        if not ends or (short and sorted(one) != sorted(other)):
            return False
        fewer, more = sorted((self._spread[one], self._spread[other]))
        rarer = _RARER if one in self._postings else _NEW  # of a word that no text has, less is asked
        return fewer <= _ODD or fewer * rarer <= more


@lru_cache(maxsize=1)
def _alike() -> dict[str, tuple[str, ...]]:
    """Return word -> its synonyms, whichever of the two the table starts from."""
    found: dict[str, dict[str, None]] = {}
    for word, (_, others) in synonyms().items():
        for other in others:
            found.setdefault(word, {})[other] = None
            found.setdefault(other, {})[word] = None
    for word, slip in MISSPELLED.items():
        found.setdefault(slip, {})[word] = None
        found.setdefault(word, {})[slip] = None
    return {word: tuple(others) for word, others in found.items()}


def _without_a_letter(word: str) -> set[str]:
    """Return the word, as it is and as a scanner may have read it, whole and without any one of its letters: two words
    that share one of these differ by a slip.
    """
    if len(word) < _SLIP or word.isdigit() or not word.isalnum():
        return set()
    read = {word, _MISREAD.sub(lambda found: _READ[found[0]], word)}
    return read | {one[:place] + one[place + 1 :] for one in read for place in range(len(one))}


def usual_likeness(between: Sequence[float] | Floats, *, alarms: float = 0.01, at_least: float = _LEAST) -> float:
    """Return the likeness from which on a text is a copy: at most `alarms` of a set's own texts reach it.

    between : of each text of the set to the nearest other one; those that repeat another one do not count. The answer
    is between `at_least` and .97: a set whose own texts nearly repeat each other must not blind the guard.
    """
    found = np.asarray(between, dtype=np.float64)
    found = found[found < 0.999]
    return float(np.clip(np.quantile(found, 1 - alarms), at_least, _MOST)) if len(found) else _MOST
