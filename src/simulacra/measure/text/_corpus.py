"""Corpora side by side, as the measures of texts see them; whatever costs work is done once, when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ...errors import DataError
from ...seeds import Seeds
from ...text.ngrams import Ragged, word_grams, word_hashes

if TYPE_CHECKING:
    from ...contracts import Embedder

__all__ = ["Corpus", "Sample", "Side", "Texts", "compare_samples"]

Side = Literal["synthetic", "real", "holdout"]
Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

MOST_TOKENS = 30_000
MOST_TEXTS = 4000
DRAWS = 24
FEWEST = 20


class Corpus:
    """Texts with or without labels. Empty and missing texts count as texts without words."""

    def __init__(self, texts: Sequence[str | None], labels: Sequence[str | None] | None = None) -> None:
        self.texts: tuple[str, ...] = tuple(text or "" for text in texts)
        self.labels: tuple[str, ...] | None = None if labels is None else tuple(str(label) for label in labels)
        if self.labels is not None and len(self.labels) != len(self.texts):
            raise DataError(f"there are {len(self.texts)} texts and {len(self.labels)} labels", hint="give one a text")
        self._grams: dict[int, Ragged] = {}

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def hashes(self) -> Ragged:
        """The words of each text as hashes, without case."""
        return word_hashes(self.texts)

    @property
    def tokens(self) -> int:
        """How many words there are in all."""
        return len(self.hashes.values)

    def grams(self, size: int) -> Ragged:
        """Return the n-grams of words of each text."""
        if size not in self._grams:
            self._grams[size] = self.hashes if size == 1 else word_grams(self.hashes, size)
        return self._grams[size]


@dataclass(frozen=True, eq=False)
class Texts:
    """What the measures of texts are called with.

    synthetic, real, holdout : corpora; real are those learned from, holdout those never seen, None where there is none.
    embedder : vectors by meaning; None: by the words that occur together in these texts.
    cells : the plan's cell of each synthetic text. shares : asked-for share of each label. canaries : strings that were
    hidden among the real texts. files : name -> texts that must not be found again (contamination).
    """

    synthetic: Corpus
    real: Corpus | None = None
    holdout: Corpus | None = None
    seeds: Seeds = field(default_factory=lambda: Seeds(0))
    embedder: Embedder | None = None
    cells: Sequence[str] | None = None
    shares: Mapping[str, float] | None = None
    canaries: Sequence[str] = ()
    files: Mapping[str, Sequence[str]] = field(default_factory=dict)
    depth: int | None = None

    def rng(self, *purpose: str) -> np.random.Generator:
        """Return the generator for a purpose: the same in every run."""
        return self.seeds.child(*purpose).rng()

    @cached_property
    def pool(self) -> Corpus | None:
        """All real texts, learned from and held out."""
        if self.real is None or self.holdout is None:
            return self.real
        return Corpus((*self.real.texts, *self.holdout.texts))

    def sample(self, side: Side, most: int, purpose: str) -> Rows:
        """Return sorted places of at most so many texts of a side."""
        corpus = getattr(self, side)
        if corpus is None or len(corpus) <= most:
            return np.arange(0 if corpus is None else len(corpus))
        return np.sort(self.rng("sample", side, purpose).choice(len(corpus), size=most, replace=False))

    @cached_property
    def vectors(self) -> dict[Side, tuple[Rows, NDArray[np.float32]]]:
        """For each side the places of at most 4,000 texts and their vectors, rows of length 1 (or 0 if empty)."""
        from ._vectors import latent_vectors

        sides: tuple[Side, ...] = ("synthetic", "real", "holdout")
        rows = {side: self.sample(side, MOST_TEXTS, "vectors") for side in sides}
        texts = {side: [getattr(self, side).texts[place] for place in rows[side]] for side in sides}
        if self.embedder is not None:
            made = {side: self.embedder.embed(texts[side]) for side in sides if texts[side]}
        else:
            made = latent_vectors({side: texts[side] for side in sides if texts[side]})
        return {side: (rows[side], vectors) for side, vectors in made.items()}


@dataclass(frozen=True, slots=True)
class Sample:
    """A statistic of synthetic texts and what it is of real ones, at equal numbers of words.

    noise : standard deviation of (value - floor) if the synthetic texts were as good as fresh real ones. floor, noise
    are None without real texts. n : words behind each figure.
    """

    value: float
    low: float
    high: float
    floor: float | None
    noise: float | None
    n: int


def compare_samples(
    texts: Texts,
    statistic: Callable[[Corpus, Rows], float],
    purpose: str,
    *,
    most: int = MOST_TOKENS,
    draws: int = DRAWS,
) -> Sample | None:
    """Return a statistic at equal token budgets, as a mean over random sets of texts; None with too few texts.

    statistic : takes a corpus and the places of texts whose words fill the budget. The budget is half of what the
    smaller side has, so that two disjoint sets of real texts show the noise.
    """
    pool, made = texts.pool, texts.synthetic
    sides = [made] if pool is None else [made, pool]
    if min(len(side) for side in sides) < FEWEST:
        return None
    budget = min(most, *(side.tokens // 2 for side in sides))
    rng = texts.rng("budget", purpose)
    own = _halves(made, budget, statistic, (rng, draws))
    spread = float(np.std(own[:, 0] - own[:, 1])) / 2**0.5
    value = float(own.mean())
    if pool is None:
        return Sample(value, value - 1.96 * spread, value + 1.96 * spread, None, None, budget)
    real = _halves(pool, budget, statistic, (rng, draws))
    noise = float(np.std(real[:, 0] - real[:, 1]))
    spread = max(spread, noise / 2**0.5)
    return Sample(value, value - 1.96 * spread, value + 1.96 * spread, float(real.mean()), noise, budget)


def _halves(
    corpus: Corpus, budget: int, statistic: Callable[[Corpus, Rows], float], chance: tuple[np.random.Generator, int]
) -> Floats:
    """Return (draws, 2) the statistic of two disjoint sets of texts, each of about `budget` words."""
    rng, draws = chance
    sizes, found = corpus.hashes.sizes(), np.empty((chance[1], 2))
    for draw in range(draws):
        order = rng.permutation(len(corpus))
        half = len(order) // 2
        for side, part in enumerate((order[:half], order[half:])):
            filled = np.cumsum(sizes[part])
            found[draw, side] = statistic(corpus, part[: int(np.searchsorted(filled, budget)) + 1])
    return found
