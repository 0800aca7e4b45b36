"""Near-duplicates: which texts say nearly the same, word for word, against everything seen so far.

Texts are compared by the Jaccard similarity of their character 5-grams (or word n-grams), without case, punctuation and
spacing. Candidates come from MinHash bands; what is reported has been compared exactly, so a report is never wrong, and
about 998 of 1,000 pairs at the threshold are found, more above it.

>>> seen = NearDuplicates(threshold=0.6)
>>> seen.admit("How do I locate my card?"), seen.admit("how do i locate my card"), seen.admit("What is your fee?")
(None, Match(position=0, similarity=1.0), None)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._buckets import Buckets
from .minhash import choose_bands, jaccards, signatures
from .ngrams import Ragged, character_grams, compare_form, word_grams, word_hashes

__all__ = ["Match", "NearDuplicates", "group_near_duplicates", "near_duplicate_pairs"]

_BLOCK = 2000
_MARGIN = 4.0  # standard errors by which a signature may err below the threshold


@dataclass(frozen=True, slots=True)
class Match:
    """The text of an index that is most like the one asked about: its position and similarity, 1 for the same text."""

    position: int
    similarity: float


class NearDuplicates:
    """A growing index of texts.

    threshold : least Jaccard similarity that counts, in (0, 1]. words : 0 to compare character n-grams, n to compare
    n-grams of words. size : of the character n-grams. ValueError for a threshold outside its range.

    A look costs the same with 10,000 and 100,000 texts in it (`bench/texts.py`); 0.4 KB for each text, 24 to 48 bytes
    for each band and 8 for each n-gram. Not thread-safe.
    """

    def __init__(self, *, threshold: float = 0.8, words: int = 0, size: int = 5) -> None:
        if not 0 < threshold <= 1:
            raise ValueError(f"a threshold of {threshold} is not in (0, 1]")
        self.threshold, self._words, self._size = threshold, words, size
        self._bands = choose_bands(threshold)
        self._buckets = Buckets(self._bands.count)
        self._parts = np.empty((256, self._bands.hashes), dtype=np.uint8)
        self._sets: list[NDArray[np.uint64]] = []
        self._positions: list[int] = []
        self._forms: dict[str, int] = {}
        self._count = 0
        self._last: tuple[list[str], Ragged, NDArray[np.uint32]] | None = None

    def __len__(self) -> int:
        return self._count

    def add(self, texts: Sequence[str]) -> range:
        """Put texts in, whatever is there already; return their positions."""
        before = self._count
        for start in range(0, len(texts), _BLOCK):
            self._add(list(texts[start : start + _BLOCK]))
        return range(before, self._count)

    def nearest(self, texts: Sequence[str]) -> list[Match | None]:
        """Return for each text the most similar one in the index (of equals the first), None if none is near enough."""
        return [
            match for start in range(0, len(texts), _BLOCK) for match in self._nearest(texts[start : start + _BLOCK])
        ]

    def add_matched(self, texts: Sequence[str]) -> list[Match | None]:
        """Put texts in, whatever is there already; return for each the most similar one of those before it."""
        return [
            match
            for start in range(0, len(texts), _BLOCK)
            for match in self._add_matched(texts[start : start + _BLOCK])
        ]

    def admit(self, text: str) -> Match | None:
        """Put a text in unless one like it is there; return that one, None if the text was put in."""
        form = compare_form(text)
        known = self._forms.get(form)
        if known is not None:
            return Match(known, 1.0)
        grams, made = self._signed([text])
        match = self._best(grams, made)[0]
        if match is None:
            self._put([form], grams, made)
        return match

    def _add(self, texts: list[str]) -> tuple[Ragged, NDArray[np.uint32]]:
        """Put texts in; return grams and signatures of those that are new."""
        forms = [compare_form(text) for text in texts]
        fresh: dict[str, int] = {}
        for place, form in enumerate(forms):
            if form not in self._forms and form not in fresh:
                fresh[form] = place
        grams, made = self._signed([texts[place] for place in fresh.values()])
        before = self._count
        self._put(list(fresh), grams, made, [*fresh.values()])
        self._count = before + len(texts)
        return grams, made

    def _add_matched(self, texts: Sequence[str]) -> list[Match | None]:
        before, first = self._count, len(self._sets)
        known = [self._forms.get(compare_form(text)) for text in texts]
        grams, made = self._add(list(texts))
        found: list[Match | None] = []
        for place, text in enumerate(texts):
            position = self._forms[compare_form(text)] if known[place] is None else known[place]
            found.append(None if position is None or position == before + place else Match(position, 1.0))
        fresh = [position - before for position in self._positions[first:]]
        for place, match in zip(fresh, self._best(grams, made, np.arange(first, len(self._sets))), strict=True):
            found[place] = match
        return found

    def _put(self, forms: list[str], grams: Ragged, made: NDArray[np.uint32], places: Sequence[int] = (0,)) -> None:
        first, last = len(self._sets), len(self._sets) + len(forms)
        while last > len(self._parts):
            self._parts = np.concatenate([self._parts, np.empty_like(self._parts)])
        self._parts[first:last] = _bytes(made)
        self._buckets.insert(self._bands.keys(made))
        self._sets += [np.unique(grams[place]) for place in range(len(forms))]
        self._positions += [self._count + place for place in places]
        self._forms |= {form: self._count + place for form, place in zip(forms, places, strict=True)}
        self._count += len(forms)

    def _nearest(self, texts: Sequence[str]) -> list[Match | None]:
        known = [self._forms.get(compare_form(text)) for text in texts]
        open_ = [place for place, position in enumerate(known) if position is None]
        found: list[Match | None] = [None if position is None else Match(position, 1.0) for position in known]
        for place, match in zip(open_, self._best(*self._signed([texts[at] for at in open_])), strict=True):
            found[place] = match
        return found

    def _best(
        self, grams: Ragged, made: NDArray[np.uint32], own: NDArray[np.int64] | None = None
    ) -> list[Match | None]:
        """Return the best match of each; own: they are these members, and only those before them count."""
        best: list[Match | None] = [None] * len(grams)
        if not len(self._buckets):
            return best
        asked, member = self._buckets.lookup(self._bands.keys(made), own)
        same = self._parts.take(member, axis=0) == _bytes(made).take(asked, axis=0)
        agree = np.count_nonzero(same, axis=1) / self._bands.hashes
        slack = _MARGIN * (self.threshold * (1 - self.threshold) / self._bands.hashes) ** 0.5
        likely = np.flatnonzero((agree >= self.threshold - slack) & (grams.sizes()[asked] > 0))
        asked, member = asked[likely], member[likely]
        cuts = np.searchsorted(asked, np.arange(len(grams) + 1))
        for place in np.unique(asked).tolist():
            others = member[cuts[place] : cuts[place + 1]].tolist()
            found = jaccards(np.unique(grams[place]), [self._sets[other] for other in others])
            first = int(np.argmax(found))  # of equals the first
            if found[first] >= self.threshold:
                best[place] = Match(self._positions[others[first]], float(found[first]))
        return best

    def _signed(self, texts: list[str]) -> tuple[Ragged, NDArray[np.uint32]]:
        """Return grams and signatures of texts; the last ones are kept, since who looks a text up often puts it in."""
        if self._last is None or self._last[0] != texts:
            grams = self._grams(texts)
            self._last = (texts, grams, signatures(grams, self._bands.hashes))
        return self._last[1:]

    def _grams(self, texts: Sequence[str]) -> Ragged:
        return word_grams(word_hashes(texts), self._words) if self._words else character_grams(texts, self._size)


def _bytes(made: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return a byte of each hash: enough to leave out who is far, since equal hashes have equal bytes."""
    return (made >> np.uint32(8)).astype(np.uint8)


def near_duplicate_pairs(
    texts: Sequence[str], *, threshold: float = 0.8, against: Sequence[str] | None = None
) -> list[tuple[int, int, float]]:
    """Return (place, other place, similarity): for each text its nearest earlier one, or its nearest of `against`.

    A text without a near one is left out. Texts that are the same but for case and punctuation have similarity 1.
    """
    index = NearDuplicates(threshold=threshold)
    if against is not None:
        index.add(against)
        found = index.nearest(texts)
    else:
        found = index.add_matched(texts)
    return [(place, match.position, match.similarity) for place, match in enumerate(found) if match is not None]


def group_near_duplicates(texts: Sequence[str], *, threshold: float = 0.8) -> NDArray[np.int64]:
    """Return (texts,) for each text the place of the first text of its group: chains of near-duplicates are one group.

    >>> group_near_duplicates(["one and the same text", "another thing", "One and the same text!"]).tolist()
    [0, 1, 0]
    """
    groups = np.arange(len(texts), dtype=np.int64)
    for place, other, _ in near_duplicate_pairs(texts, threshold=threshold):
        groups[place] = groups[other]
    return groups
