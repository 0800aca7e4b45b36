"""Pools of made-up words and names, built once per process from mimesis with a fixed seed, when first needed."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import polars as pl

from .draws import Draws

__all__ = ["pick", "pool", "prose"]

_SIZES = {"first": 1500, "last": 1000, "city": 1000, "street": 1500, "word": 2500}
_SENTENCES = 4000


@lru_cache(maxsize=8)
def pool(kind: str) -> pl.Series:
    """Return the distinct words of a pool, sorted: first, last, city, street or word."""
    from mimesis import Address, Person, Text
    from mimesis.locales import Locale

    person, address = Person(Locale.EN, seed=1), Address(Locale.EN, seed=1)
    makers = {
        "first": person.first_name,
        "last": person.last_name,
        "city": address.city,
        "street": lambda: f"{address.street_name()} {address.street_suffix()}",
        "word": Text(Locale.EN, seed=1).word,
    }
    words = {makers[kind]() for _ in range(_SIZES[kind])}
    return pl.Series(kind, sorted(word for word in words if word.isascii()))


def pick(kind: str, draws: Draws) -> pl.Series:
    """Return one word of the pool per row."""
    words = pool(kind)
    return words.gather(pl.Series(draws.below(len(words)), dtype=pl.UInt32))


@lru_cache(maxsize=1)
def prose() -> tuple[str, np.ndarray, np.ndarray]:
    """Return a long run of made-up sentences, where its sentences start, and where its words end."""
    words = [word for word in pool("word").to_list() if word.isalpha()]
    rng = np.random.Generator(np.random.PCG64(1))
    sentences = []
    for length in rng.integers(4, 16, _SENTENCES).tolist():
        chosen = " ".join(words[k] for k in rng.integers(0, len(words), length).tolist())
        sentences.append(chosen[:1].upper() + chosen[1:] + ".")
    text = " ".join(sentences)
    lengths = np.array([len(sentence) + 1 for sentence in sentences])
    letters = np.frombuffer(text.encode("ascii"), np.uint8)
    return text, np.cumsum(lengths) - lengths, np.append(np.flatnonzero(letters == ord(" ")), len(text))
