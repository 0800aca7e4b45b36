"""Paraphrase by words: synonyms of the dominant sense, in the right inflection, with the article put right."""

from __future__ import annotations

from ..registry import register
from .editing import Draws, Edit, Kind, Words, WordTransform
from .lexicon.synonyms import PARTICLES, synonyms

__all__ = ["Synonyms"]

_VOWELS = frozenset("aeiou")


@register("transform")
class Synonyms(WordTransform):
    """Puts synonyms in the place of some words: only words whose main sense they share, in the same inflection.

    rate : share of the words that have a synonym to replace, in (0, 1]; at least one is.
    Not handled: the sense of a word in its sentence; a rarer sense than the main one is not told apart.
    Source: Miller, "WordNet: a lexical database for English" (1995), and a list of everyday words of our own.
    """

    name = "synonyms"
    kind: Kind = "paraphrase"
    cost = 8e-5

    def __init__(self, rate: float = 0.5, protect: tuple[str, ...] = ()) -> None:
        super().__init__(rate, protect)

    def edits(self, text: str, words: Words, draws: Draws) -> list[Edit]:
        """Return one edit for each replaced word, and one for an article before it that must follow."""
        table = synonyms()
        possible = []
        for place, (start, end) in enumerate(words.free):
            found = table.get(text[start:end].lower())
            if found and not (found[0] == "v" and _has_particle(text, words, place)):
                possible.append((place, found[1]))
        if not possible:
            return []
        edits = []
        for place, others in draws.some(possible, max(1, round(self.rate * len(possible)))):
            start, end = words.free[place]
            new = _cased(draws.pick(others), text[start:end])
            edits += [*_article(text, words, place, new), Edit(start, end, new)]
        return edits


def _has_particle(text: str, words: Words, place: int) -> bool:
    if place + 1 >= len(words.free):
        return False
    start, end = words.free[place + 1]
    return text[start:end].lower() in PARTICLES and text[words.free[place][1] : start] == " "


def _cased(new: str, old: str) -> str:
    if old.isupper() and len(old) > 1:
        return new.upper()
    return new[0].upper() + new[1:] if old[0].isupper() else new


def _article(text: str, words: Words, place: int, new: str) -> list[Edit]:
    """Return the edit that makes "a" of "an" or the other way round, if an article stands right before."""
    if place == 0:
        return []
    start, end = words.free[place - 1]
    article = text[start:end]
    if article.lower() not in ("a", "an") or text[end : words.free[place][0]] != " ":
        return []
    wanted = "an" if new[0].lower() in _VOWELS else "a"
    return [Edit(start, end, _cased(wanted, article))] if article.lower() != wanted else []
