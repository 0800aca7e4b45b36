"""Noise as people, scanners and tricksters make it: slips of the keyboard, misread letters, misspellings, look-alikes,
characters without width, casing and white space. Protected parts stay as they are.
"""

from __future__ import annotations

from abc import abstractmethod

from ..registry import register
from .editing import Draws, Edit, EditTransform, Words, WordTransform
from .editing.protected import NEGATIONS
from .lexicon.characters import HOMOGLYPHS, KEYBOARD, MISREAD, ZERO_WIDTH
from .lexicon.misspellings import MISSPELLED, SOUNDS
from .lexicon.small_words import SMALL_WORDS

__all__ = ["Casing", "Homoglyph", "Keyboard", "Ocr", "Spelling", "Telegraphic", "Whitespace", "ZeroWidth"]

_NEGATING = frozenset(NEGATIONS)
_SHORTEST = 4  # a slip in a shorter word often makes another word


class _WordNoise(WordTransform):
    """Changes some free words, at least one; subclasses write `word`.

    rate : share of the words to change, in (0, 1].
    """

    shortest: int = _SHORTEST
    guarded = False  # words that are edited are never protected ones, so the invariants hold

    def __init__(self, rate: float = 0.15, protect: tuple[str, ...] = ()) -> None:
        super().__init__(rate, protect)

    def edits(self, text: str, words: Words, draws: Draws) -> list[Edit]:
        """Return one edit for each chosen word that can be changed."""
        long = [word for word in words.free if word[1] - word[0] >= self.shortest]
        wanted = max(1, round(self.rate * len(words.free)))
        found: list[Edit] = []
        while long and len(found) < wanted:
            start, end = long.pop(draws.below(len(long)))
            old = text[start:end]
            new = self.word(old, draws)
            if new != old and new.lower() not in _NEGATING:
                found.append(Edit(start, end, new))
        return found

    @abstractmethod
    def word(self, word: str, draws: Draws) -> str:
        """Return the changed word, or the word itself if it cannot be changed."""


@register("transform")
class Keyboard(_WordNoise):
    """Slips of the fingers: a neighbouring key, two letters swapped, one left out, one doubled."""

    name = "keyboard"

    def word(self, word: str, draws: Draws) -> str:
        """Return the word with one slip, never in its first letter."""
        place = 1 + draws.below(len(word) - 1)
        letter, slip = word[place], draws.below(4)
        if slip == 0 and letter in KEYBOARD:
            return word[:place] + draws.pick(KEYBOARD[letter]) + word[place + 1 :]
        if slip == 1 and place + 1 < len(word):
            return word[:place] + word[place + 1] + letter + word[place + 2 :]
        if slip == 2:
            return word[:place] + word[place + 1 :]
        return word[:place] + letter + word[place:]


@register("transform")
class Ocr(_WordNoise):
    """Letters as a scanner misreads them: rn for m, 1 for l, 0 for o."""

    name = "ocr"
    keeps = frozenset({"entities", "negation", "urls", "code", "answer", "length"})

    def word(self, word: str, draws: Draws) -> str:
        """Return the word with one misread letter or pair."""
        places = [
            (place, size)
            for place in range(len(word))
            for size in (1, 2)
            if word[place : place + size] in MISREAD and place + size <= len(word)
        ]
        if not places:
            return word
        place, size = draws.pick(places)
        read = MISREAD[word[place : place + size]]
        whole = size == 2 or read in ("rn", "cl", "vv", "li")
        return word[:place] + (read if whole else draws.pick(read)) + word[place + size :]


@register("transform")
class Spelling(_WordNoise):
    """Misspellings that people make: known ones of frequent words, letters that sound alike in others."""

    name = "spelling"
    shortest = 3

    def word(self, word: str, draws: Draws) -> str:
        """Return the word misspelled."""
        lower = word.lower()
        known = MISSPELLED.get(lower)
        if known:
            return known.capitalize() if word[0].isupper() else known
        possible = [(old, new) for old, new in SOUNDS if lower.find(old, 1) > 0] if len(word) > 4 else []
        if not possible:
            return word
        old, new = draws.pick(possible)
        place = lower.find(old, 1)
        return word[:place] + new + word[place + len(old) :]


@register("transform")
class Homoglyph(_WordNoise):
    """Letters of other scripts that look the same: a text that reads alike and compares different."""

    name = "homoglyph"
    shortest = 2

    def word(self, word: str, draws: Draws) -> str:
        """Return the word with one look-alike letter."""
        places = [place for place, letter in enumerate(word) if letter in HOMOGLYPHS]
        if not places:
            return word
        place = draws.pick(places)
        return word[:place] + draws.pick(HOMOGLYPHS[word[place]]) + word[place + 1 :]


@register("transform")
class ZeroWidth(_WordNoise):
    """Characters without width inside words: what is seen stays the same, what is compared does not."""

    name = "zero_width"
    shortest = 2

    def word(self, word: str, draws: Draws) -> str:
        """Return the word with one invisible character in it."""
        place = 1 + draws.below(len(word) - 1)
        if word[:place].lower() in _NEGATING or word[place:].lower() in _NEGATING:  # "nor|th" would read as "nor"
            return word
        return word[:place] + draws.pick(ZERO_WIDTH) + word[place:]


@register("transform")
class Casing(EditTransform):
    """The casing of a hurried or a shouting writer: words all small, all capitals, or each with a capital."""

    name = "casing"
    guarded = False

    def edits(self, text: str, words: Words, draws: Draws) -> list[Edit]:
        """Return edits that bring all free words to one casing."""
        style = draws.pick((str.lower, str.upper, str.lower, str.capitalize))
        found = []
        for start, end in words.free:
            old = text[start:end]
            new = style(old)
            if new != old and len(new) == len(old):
                found.append(Edit(start, end, new))
        return found

    keeps = frozenset({"numbers", "negation", "urls", "code", "answer", "length"})


@register("transform")
class Whitespace(EditTransform):
    """White space as it goes wrong: doubled, tabs, line breaks, none after a comma, more at the end."""

    name = "whitespace"
    guarded = False

    def edits(self, text: str, words: Words, draws: Draws) -> list[Edit]:
        """Return edits of white space between free words, at least one."""
        ends = {end for _, end in words.free}
        places = [start - 1 for start, _ in words.free if text[start - 1 : start] == " " and start - 1 in ends]
        if not places:
            return [Edit(len(text), len(text), draws.pick((" ", "  ", "\n")))] if text else []
        chosen = draws.some(places, max(1, len(places) // 6))
        return [Edit(place, place + 1, draws.pick(("  ", "\t", "\n", "   "))) for place in chosen]


@register("transform")
class Telegraphic(EditTransform):
    """The style of a hurried note: some articles, auxiliaries and other small words left out, never a negation.

    Not handled: what a left-out word meant to the sentence; a question stays one by its question word.
    """

    name = "telegraphic"
    keeps = frozenset({"numbers", "entities", "negation", "urls", "code", "answer"})
    guarded = False

    def edits(self, text: str, words: Words, draws: Draws) -> list[Edit]:
        """Return edits that take out up to half of the small words, each with the space after it."""
        small = [(start, end) for start, end in words.free if text[start:end].lower() in SMALL_WORDS]
        small = [(start, end) for start, end in small if text[end : end + 1] == " " and start > 0]
        chosen = draws.some(small, max(1, len(small) // 2)) if small else []
        return [Edit(start, end + 1, "") for start, end in chosen]
