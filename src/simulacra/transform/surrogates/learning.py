"""What a set of texts says about its own words, before any of them is replaced."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from ...text.spans import find_spans
from .knowledge import Knowledge, learn_names
from .names import is_german, is_word, lists
from .persons import Known, Role, people_in

__all__ = ["learn_texts", "shared_words"]

_SHARED, _SHARED_SHARE = 5, 0.01
_WORD = re.compile(r"(?P<before>[\w,;:)] |^|[.!?\n]\s*)?(?P<word>[^\W\d_][\w'’-]*)")
_FEWEST, _FEW = 50, 2
_ADDRESS = re.compile(r"\S*(?:@|://|www\.)\S*")
"""The name in an address is no word that these texts write small."""
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_INNER = re.compile(r"(?<=[\w,;:)] )[^\W\d_a-zà-öø-ÿ][^\W\d_]*[a-zà-ÿ][\w'’-]*")
_NUMBERS = re.compile(r"(?<![\w.,:-])[A-Za-z]{0,6}-?\d[\w.,-]*\w|\d{3}")


def learn_texts(texts: Sequence[str], names: Iterable[str] = ()) -> Knowledge:
    """Return what is known of names, words and numbers after a look at all texts.

    names : whole names that are known from elsewhere, as a column of the table has them. A name told by its
    surroundings counts in all texts if two texts tell it or a list has it; a word that these texts write small more
    often than with a capital is no name; numbers of five texts and of one in a hundred are nobody's.
    """
    roles: dict[str, Counter[Role]] = {}
    for text in texts:
        for word, role in people_in(text)[1].items():
            roles.setdefault(word, Counter())[role] += 1
    small, capital = _casing(texts)
    words = {word for word, count in small.items() if count >= 3 and count > 2 * capital[word]}
    people: Known = {
        word: counts.most_common(1)[0][0]
        for word, counts in roles.items()
        if word not in words
        and not is_word(word)
        and (counts.total() > 1 or word in lists().given or word in lists().last)
    }
    known, whom = learn_names(names)
    people.update(known)
    return Knowledge(people, frozenset(words), _common(texts), _rare(texts, small), shared_words(texts), whom=whom)


def _casing(texts: Sequence[str]) -> tuple[Counter[str], Counter[str]]:
    """Return how often each word is written small, and with a capital within a sentence."""
    small, capital = Counter[str](), Counter[str]()
    for text in texts:
        for found in _WORD.finditer(_ADDRESS.sub(" ", text)):
            word = found["word"]
            if word.islower():
                small[word] += 1
            elif found["before"] and found["before"][-1:] == " " and found["before"][0] not in ".!?":
                capital[word.casefold()] += 1
    return small, capital


def _rare(texts: Sequence[str], small: Counter[str]) -> frozenset[str]:
    """Return the words that few texts have and none writes small; German texts, whose nouns have capitals,
    are left out."""
    held = Counter[str]()
    for text in texts:
        if not is_german(text):
            held.update({match[0].casefold() for match in _INNER.finditer(text)})
    if len(texts) < _FEWEST:
        return frozenset()
    most = max(_FEW, _SHARED_SHARE * len(texts) / 2)
    return frozenset(
        word
        for word, count in held.items()
        if count <= most and not small[word] and not is_word(word) and len(word) > 2
    )


def shared_words(texts: Sequence[str]) -> frozenset[str]:
    """Return the words, however written, that more than a few of the texts have."""
    held = Counter[str]()
    for text in texts:
        held.update({word.casefold() for word in _LETTERS.findall(_ADDRESS.sub(" ", text))})
    most = max(_FEW, _SHARED_SHARE * len(texts) / 2)
    return frozenset(word for word, count in held.items() if count > most)


def _common(texts: Sequence[str]) -> frozenset[str]:
    seen = Counter[str]()
    for text in texts:
        found = {text[span.start : span.end] for span in find_spans(text, kinds=("money", "number"))}
        seen.update(found | {match[0] for match in _NUMBERS.finditer(text)})
    least = max(_SHARED, _SHARED_SHARE * len(texts))
    # Six digits and more name something, however often they are met: a telephone number, a customer.
    return frozenset(value for value, count in seen.items() if count >= least and sum(c.isdigit() for c in value) < 6)
