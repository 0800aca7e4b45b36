"""A sampler of word chains: the plainest model of texts there is, and one that overfits when it looks far back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["sample_chain"]

_MOST_WORDS = 200


def sample_chain(texts: Sequence[str], count: int, order: int, rng: np.random.Generator) -> list[str]:
    """Return `count` texts in which each word follows the `order` words before it as some text had it.

    >>> sample_chain(["a b c"], 2, 2, np.random.default_rng(0))
    ['a b c', 'a b c']
    """
    following: dict[tuple[str, ...], list[str]] = {}
    for text in texts:
        words = ["", *text.split(), ""]
        for place in range(1, len(words)):
            following.setdefault(tuple(words[max(0, place - order) : place]), []).append(words[place])
    return [_sample(following, order, rng) for _ in range(count)]


def _sample(following: dict[tuple[str, ...], list[str]], order: int, rng: np.random.Generator) -> str:
    words = [""]
    while len(words) <= _MOST_WORDS:
        choices = following[tuple(words[max(0, len(words) - order) :])]
        word = choices[int(rng.integers(len(choices)))]
        if not word:
            break
        words.append(word)
    return " ".join(words[1:])
