"""What of single real texts can be found again among synthetic ones: phrases, names and numbers that one text has.

The pool are the texts learned from, then those held out. What only one text of the pool holds points at that text;
given the synthetic texts, both kinds of real text are exchangeable if nothing leaked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...text.ngrams import Ragged, hash_lists
from ...text.personal import canonical, find_personal
from ...text.spans import find_spans, span_texts
from ...text.tokens import words
from .._exchange import Pool, Suspects
from ._corpus import Corpus, Texts
from ._nearest import nearness

__all__ = [
    "PASSAGE",
    "Chance",
    "Found",
    "battery",
    "chance_of",
    "identifiers",
    "look_up",
    "names",
    "numbers",
    "passages",
    "things",
]

PASSAGE = 13
SIZES = (3, 4, 6, 9, PASSAGE)
TAILS = (8, 15, 30, 60)
LONGEST = 20_000

_CODE = re.compile(r"\b(?=[\w-]*\d)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\b")
_RUN = re.compile(r"\d(?:[ ().,/-]{0,2}\d){5,}")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")

Rows = NDArray[np.int64]
Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Which texts of the pool are met in one respect.

    counts : (pool,) how many things of each text, that no other text of the pool has, the synthetic texts hold.
    twice : pairs of texts of the pool that share a thing no third text has: how often the same is met by nature.
    """

    place: str
    counts: Rows
    twice: int

    def rows(self) -> Rows:
        """Return the texts that are met."""
        return np.flatnonzero(self.counts)


@dataclass(frozen=True, slots=True)
class Chance:
    """How many texts learned from are met, how many fresh real texts would meet, and the noise of the difference."""

    found: int
    control: int
    floor: float
    noise: float


def look_up(place: str, pool: Ragged, made: Hashes) -> Found:
    """Return what of the pool (a list of things per text) is met among the things of the synthetic texts."""
    own = pool.distinct()
    values, inverse, counts = np.unique(own.values, return_inverse=True, return_counts=True)
    owners = own.owners()
    met = np.isin(values, made) & (counts == 1)
    shared = owners[np.argsort(inverse, kind="stable")][np.repeat(counts == 2, counts)].reshape(-1, 2)
    found = np.bincount(owners[met[inverse]], minlength=len(pool))
    return Found(place, found, len(np.unique(shared, axis=0)))


def passages(texts: Texts, pool: Corpus) -> Found:
    """Return the texts of which a passage of 13 words, or the whole if it is shorter (5 and more), is met."""
    made = _with_wholes(texts.synthetic)
    return look_up(f"passages of {PASSAGE} words and more", _with_wholes(pool), np.unique(made.values))


def identifiers(text: str) -> list[str]:
    """Return what could name a person or a case: e-mails, IBANs, numbers of six digits and more, codes; canonical.

    >>> identifiers("Ref AB-1234X, call 555 010 9999 or ann@example.org about 3 items")
    ['ab1234x', '5550109999', 'annexampleorg']
    """
    found = [canonical(match) for match in _CODE.findall(text) if sum(char.isdigit() for char in match) >= 3]
    found = [code for code in found if len(code) >= 6 and not code.isdigit()]
    found += [re.sub(r"\D", "", run) for run in _RUN.findall(text)]
    return list(dict.fromkeys([*found, *(canonical(value) for value in span_texts(text, find_personal(text)))]))


def names(text: str) -> list[str]:
    """Return names of two parts and more, as they are told by capitals; compared without case.

    >>> names("I met Ann Lee-Ray in May")
    ['ann lee ray', 'lee ray']
    """
    found = []
    for name in span_texts(text, find_spans(text, kinds=("name",))):
        parts = words(name.casefold().replace("-", " "))
        # A name may have a capitalised neighbour ("Signed Ann Lee"): it is compared without its first part, too.
        found += [" ".join(parts[start:]) for start in (0, 1) if len(parts) - start > 1]
    return list(dict.fromkeys(found))


def numbers(text: str) -> list[str]:
    """Return the numbers of three digits and more, as they are written."""
    return [number for number in dict.fromkeys(_NUMBER.findall(text)) if sum(char.isdigit() for char in number) >= 3]


def things(texts: Sequence[str], find: Callable[[str], list[str]]) -> Ragged:
    """Return the hashes of what is found in each text."""
    return hash_lists([find(text[:LONGEST]) for text in texts])


def chance_of(found: Found, learned: int, synthetic: int) -> Chance:
    """Return how many of the texts learned from are met, and what chance explains.

    Two guesses: by what occurs in two real texts (Good and Turing), and by the texts held out that are met; joined by
    their precision, but never below what the hold-out itself shows. Source: Good 1953.
    """
    met, pool = found.counts > 0, len(found.counts)
    hits, control = int(met[:learned].sum()), int(met[learned:].sum())
    ratio = learned / max(pool - learned, 1)
    guess = min(synthetic * 2 * (found.twice + 1) / pool * learned / pool, float(learned))
    errors = guess**2 / (found.twice + 1), (control + 1) * ratio**2
    joined = (guess / errors[0] + control * ratio / errors[1]) / (1 / errors[0] + 1 / errors[1])
    if control * ratio > joined:
        return Chance(hits, control, control * ratio, float((control * ratio * (1 + ratio)) ** 0.5))
    return Chance(hits, control, joined, float((joined + 1 / (1 / errors[0] + 1 / errors[1])) ** 0.5))


def battery(texts: Texts, pool: Corpus) -> tuple[list[Suspects], Pool]:
    """Return the tests of exchangeability: texts met by phrases of their own of several lengths, by most phrases, by
    names and numbers of their own.
    """  # fmt: skip
    assert texts.real is not None
    found = [
        look_up(f"phrases of {size} words", pool.grams(size), np.unique(texts.synthetic.grams(size).values))
        for size in SIZES
    ]
    for find, place in ((numbers, "numbers"), (names, "names"), (identifiers, "identifiers")):
        found.append(look_up(place, things(pool.texts, find), np.unique(things(texts.synthetic.texts, find).values)))
    tests = [(one.place, one.rows()) for one in found]
    # One score over all lengths: long phrases weigh more, and more of them.
    weight = np.zeros(len(pool))
    for one, size in zip(found, SIZES, strict=False):
        weight += size * np.minimum(one.counts, 50)
    weight += 3.0 * found[-3].counts + 6.0 * found[-2].counts + 12.0 * found[-1].counts
    rng = texts.rng("tails")
    tests += _tails("the {} most recognisable", weight, weight > 0, rng)
    near, usual = nearness(pool, texts.synthetic)
    tests += _tails("the {} nearest to a synthetic text", near - usual, near > 0, rng)
    share = 1.0 / len(tests)
    empty = np.zeros(len(pool), dtype=np.bool_)
    return [Suspects(place, np.sort(rows), share) for place, rows in tests], Pool(len(texts.real), empty)


def _tails(
    place: str, score: NDArray[np.float64], kept: NDArray[np.bool_], rng: np.random.Generator
) -> list[tuple[str, Rows]]:
    """Return the texts with the highest scores, so many and so many; ties are broken by lot, never by place."""
    order = np.lexsort((rng.random(len(score)), -np.where(kept, score, -np.inf)))
    return [(place.format(tail), order[:tail]) for tail in TAILS if tail < kept.sum()]


def _with_wholes(corpus: Corpus) -> Ragged:
    """Return passages of 13 words of each text, and the whole of those with 5 to 12 words as one."""
    grams, sizes = corpus.grams(PASSAGE), corpus.hashes.sizes()
    short = np.flatnonzero((sizes >= 5) & (sizes < PASSAGE))
    lists = [grams[place] for place in range(len(corpus))]
    for place in short.tolist():
        lists[place] = np.array([_joined(corpus.hashes[place])], dtype=np.uint64)
    counts = np.array([len(part) for part in lists], dtype=np.int64)
    flat = np.concatenate(lists) if lists else np.empty(0, dtype=np.uint64)
    return Ragged(flat, np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)]))


def _joined(hashes: Hashes) -> int:
    """Return one hash for a list of them, in order."""
    value = 0x51D
    for item in hashes.tolist():
        value = ((value ^ int(item)) * 0x9E3779B97F4A7C15 + 1) & 0xFFFFFFFFFFFFFFFF
    return value
