"""A sampler of word chains with back-off: each word follows those before it as some text had it.

It learns by counting and forgets by sampling: what no text of a generation holds, the next cannot say. That makes it
the plainest model on which the collapse of texts can be watched. It repeats its texts' own passages: never pass on
what it writes of private texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import DataError, RecipeError

__all__ = ["WordChain", "learn_chain"]

_END = ""
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class WordChain:
    """following : the last words (0 to `order` of them) -> what came next, as often as it did. back_off : how often a
    word follows one word fewer than the chain looks back, so that it is not bound to retell its texts.
    """

    following: dict[tuple[str, ...], list[str]]
    order: int
    back_off: float

    def sample(self, count: int, rng: np.random.Generator) -> list[str]:
        """Return `count` texts; words are parted by one space."""
        return [self._one(rng) for _ in range(count)]

    def _one(self, rng: np.random.Generator) -> str:
        words: list[str] = [_END]
        draws = rng.random(2 * _LONGEST)
        for place in range(_LONGEST):
            back = min(self.order, len(words))
            if back > 1 and draws[2 * place] < self.back_off:
                back -= 1
            choices = self.following[tuple(words[len(words) - back :])]
            word = choices[int(draws[2 * place + 1] * len(choices))]
            if word == _END:
                break
            words.append(word)
        return " ".join(words[1:])


def learn_chain(texts: Sequence[str], order: int = 2, back_off: float = 0.3) -> WordChain:
    """Return the chain of some texts; O(words x order). order : words looked back at, 1 to 5.

    Errors: DataError if no text holds a word, RecipeError for an order or a share out of range.

    >>> learn_chain(["a b c"]).sample(2, np.random.default_rng(0))
    ['a b c', 'a b c']
    """
    if not 1 <= order <= 5 or not 0 <= back_off < 1:
        hint = "an order from 1 to 5 and a share from 0 to 1"
        raise RecipeError(f"a chain of order {order} that backs off {back_off:g} was asked for", hint=hint)
    following: dict[tuple[str, ...], list[str]] = {}
    for text in texts:
        words = [_END, *text.split(), _END]
        for place in range(1, len(words)):
            for back in range(1, min(order, place) + 1):
                following.setdefault(tuple(words[place - back : place]), []).append(words[place])
    if all(word == _END for word in following.get((_END,), [_END])):
        raise DataError("none of the texts holds a word", hint="give texts to learn from")
    return WordChain(following, order, back_off)
