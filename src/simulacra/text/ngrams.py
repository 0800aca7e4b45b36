"""Words and n-grams of many texts as 64-bit hashes in flat arrays: what measures and indexes compare.

Hashes do not depend on the process (unlike Python's own). Two n-grams share one by chance once in about 2**64 pairs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .tokens import normalise, words

__all__ = ["Ragged", "character_grams", "compare_form", "hash_lists", "word_grams", "word_hashes"]

Hashes = NDArray[np.uint64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True, slots=True, eq=False)
class Ragged:
    """Lists of hashes, one per text, end to end.

    values : (n,) uint64. starts : (texts + 1,) where each list begins, and the end of the last.
    """

    values: Hashes
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, place: int) -> Hashes:
        return self.values[self.starts[place] : self.starts[place + 1]]

    def owners(self) -> NDArray[np.int64]:
        """Return (n,) the text that each value belongs to."""
        return np.repeat(np.arange(len(self)), self.sizes())

    def sizes(self) -> NDArray[np.int64]:
        """Return (texts,) how many values each text has."""
        return np.diff(self.starts)

    def distinct(self) -> Ragged:
        """Return each text's values once, sorted."""
        owners = self.owners()
        order = np.lexsort((self.values, owners))
        values, owners = self.values[order], owners[order]
        first = np.ones(len(values), dtype=np.bool_)
        first[1:] = (values[1:] != values[:-1]) | (owners[1:] != owners[:-1])
        return _ragged(values[first], np.bincount(owners[first], minlength=len(self)))


class _Table(dict[str, int]):
    """Word -> hash, worked out when first asked for."""

    def __missing__(self, word: str) -> int:
        digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        found = self[word] = int.from_bytes(digest, "little")
        return found


def compare_form(text: str) -> str:
    """Return the normalised words of a text, single spaces between them; the normalised text if it has no words.

    >>> compare_form("Hello,   WORLD -- it's 5!"), compare_form("?!")
    ("hello world it's 5", '?!')
    """
    plain = normalise(text)
    return " ".join(words(plain)) or plain


def word_hashes(texts: Sequence[str]) -> Ragged:
    """Return the hashes of each text's words, compared without case and compatible forms."""
    return hash_lists([words(normalise(text)) for text in texts])


def hash_lists(lists: Sequence[Sequence[str]]) -> Ragged:
    """Return the hashes of lists of strings, as they are written."""
    table = _Table()
    sizes = np.fromiter((len(found) for found in lists), dtype=np.int64, count=len(lists))
    values = np.fromiter((table[word] for found in lists for word in found), dtype=np.uint64, count=int(sizes.sum()))
    return _ragged(values, sizes)


def word_grams(hashed: Ragged, size: int) -> Ragged:
    """Return the n-grams of `size` words of each text, in order; a text with fewer words has none.

    >>> word_grams(word_hashes(["a b c d", "a b"]), 3).sizes().tolist()
    [2, 0]
    """
    return _grams(hashed.values, hashed.sizes(), size)


def character_grams(texts: Sequence[str], size: int) -> Ragged:
    """Return the n-grams of `size` characters of each text in `compare_form`, a space before and after it.

    A text shorter than that gives one gram; one without any sign none.
    """
    forms = [f" {form} ".ljust(size) if form else "" for form in map(compare_form, texts)]
    sizes = np.fromiter(map(len, forms), dtype=np.int64, count=len(forms))
    flat = np.frombuffer("".join(forms).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return _grams(flat.astype(np.uint64), sizes, size)


def _grams(values: Hashes, sizes: NDArray[np.int64], size: int) -> Ragged:
    if size < 1:
        raise ValueError("an n-gram has at least one part")
    counts = np.maximum(sizes - size + 1, 0)
    if not counts.sum():
        return _ragged(np.empty(0, dtype=np.uint64), counts)
    rolled = values[: len(values) - size + 1].copy()
    for step in range(1, size):
        rolled *= _STEP
        rolled += values[step : len(values) - size + 1 + step]
    left = np.arange(len(values), dtype=np.int64) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    whole = (left <= np.repeat(sizes, sizes) - size)[: len(rolled)]
    return _ragged(_mixed(rolled[whole]), counts)


def _mixed(values: Hashes) -> Hashes:
    """Return values spread over all bits. Source: SplitMix64, Steele, Lea and Flood 2014."""
    values = (values ^ (values >> np.uint64(30))) * _FIRST
    values = (values ^ (values >> np.uint64(27))) * _SECOND
    return values ^ (values >> np.uint64(31))


def _ragged(values: Hashes, sizes: NDArray[np.int64]) -> Ragged:
    return Ragged(values, np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes, dtype=np.int64)]))
