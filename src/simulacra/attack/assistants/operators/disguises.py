"""Disguises that a person still reads: look-alike letters, invisible signs, gaps, digits for letters."""

from __future__ import annotations

import re
from abc import abstractmethod

import numpy as np

from ....registry import register
from ....transform.codecs import CODECS
from ....transform.lexicon.characters import HOMOGLYPHS, KEYBOARD, ZERO_WIDTH
from ..case import Case
from ._base import Operator, pick

__all__ = ["Homoglyphs", "ZeroWidths"]


class _Disguise(Operator):
    """Disguises word by word."""

    style = "disguise"
    stage = "payload"
    technique = "AML.T0068"

    def change(self, case: Case, rng: np.random.Generator) -> Case:
        """Return the case with every longer word disguised."""
        return case.say(re.sub(r"[A-Za-z]{3,}", lambda word: self.word(word[0], rng), case.text))

    @abstractmethod
    def word(self, word: str, rng: np.random.Generator) -> str:
        """Return one word disguised."""


@register("operator")
class Homoglyphs(_Disguise):
    """Letters of other scripts that look the same."""

    name = "homoglyphs"

    def word(self, word: str, _rng: np.random.Generator) -> str:
        """Return the word with its vowels, or all letters, from another script."""
        return "".join(HOMOGLYPHS[c][0] if c in "aeiopcyxAEIOPCYX" and c in HOMOGLYPHS else c for c in word)


@register("operator")
class ZeroWidths(_Disguise):
    """Signs without width between letters."""

    name = "zero_width"

    def word(self, word: str, rng: np.random.Generator) -> str:
        """Return the word with an invisible sign after each letter."""
        return pick(ZERO_WIDTH[:2], rng).join(word)


@register("operator")
class Leetspeak(_Disguise):
    """Digits for letters."""

    name = "leetspeak"

    def word(self, word: str, _rng: np.random.Generator) -> str:
        """Return the word in leetspeak."""
        return CODECS["leetspeak"].encode(word.lower())


@register("operator")
class Spaced(Operator):
    """A space after each letter."""

    name = "spaced"
    style = "disguise"
    stage = "payload"
    technique = "AML.T0068"

    def change(self, case: Case, _rng: np.random.Generator) -> Case:
        """Return the case with letters apart; words are two or three spaces apart."""
        return case.say("   ".join(" ".join(word) for word in case.text.split()))


@register("operator")
class Dotted(_Disguise):
    """A sign between letters."""

    name = "dotted"

    def word(self, word: str, rng: np.random.Generator) -> str:
        """Return the word with dots or dashes in it."""
        return pick((".", "-", "_", "*"), rng).join(word)


@register("operator")
class MixedCase(_Disguise):
    """Capitals and small letters in turn."""

    name = "mixed_case"

    def word(self, word: str, _rng: np.random.Generator) -> str:
        """Return the word in mixed case."""
        return "".join(c.upper() if place % 2 else c.lower() for place, c in enumerate(word))


@register("operator")
class FullWidth(_Disguise):
    """Letters of full width, as East Asian texts have them."""

    name = "full_width"

    def word(self, word: str, _rng: np.random.Generator) -> str:
        """Return the word in full-width letters."""
        return "".join(chr(ord(c) + 0xFEE0) for c in word)


@register("operator")
class Typos(_Disguise):
    """A slip of the keyboard in each longer word."""

    name = "typos"

    def word(self, word: str, rng: np.random.Generator) -> str:
        """Return the word with two letters swapped, or a neighbouring key."""
        if len(word) < 4:
            return word
        place = 1 + int(rng.integers(len(word) - 2))
        if rng.random() < 0.5:
            return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        return word[:place] + KEYBOARD[word[place]][0] + word[place + 1 :]


@register("operator")
class Accents(_Disguise):
    """Accents on vowels."""

    name = "accents"

    def word(self, word: str, _rng: np.random.Generator) -> str:
        """Return the word with accents."""
        return word.translate(str.maketrans("aeiouAEIOU", "áéíóúÁÉÍÓÚ"))
