"""Changes of a text that must not change what it is about: by capability, each a list of edits.

Source: Ribeiro, Wu, Guestrin and Singh 2020, Beyond Accuracy: Behavioral Testing of NLP Models with CheckList.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...contracts.rows import Record
from ...registry import find
from ...seeds import Seeds
from ...transform.editing.draws import Draws
from ...transform.editing.edits import Edit
from ...transform.surrogates.names import is_word, lists, pool

__all__ = ["Change", "adding", "by_transform", "negating", "replacing", "usual_changes"]

_FIXED = re.compile(r"\S*(?:://|@|www\.)\S*")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_NUMBER = re.compile(r"(?<![\w.,:/-])\d{4,}(?![\w/:-]|[.,]\d)")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_WHERE = re.compile(r"\b(?:in|from|to|at|near|via|for)\s+(?P<place>[A-Z][\w’'-]+(?:\s[A-Z][\w’'-]+)?)")
_NAME = re.compile(r"\b[A-Z][a-z]+\b")
_BEING = "is|are|was|were|am|can|could|will|would|should|do|does|did|have|has|had|must"
_VERB = re.compile(rf"\b(?:{_BEING})\b(?!n['’]t)", re.IGNORECASE)
_NOT = re.compile(r"\s+not\b", re.IGNORECASE)
_HANDLES = ("mike_b", "lena2000", "the_real_kim", "jsmith", "anna.k", "q8runner")
_HELLOS = ("Hello,", "Hi,", "Hi there,", "Good morning,")
_THANKS = ("Thanks.", "Thank you.", "Many thanks!")
_TAILS = ("Sent from my phone.", "Sent from my tablet")


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a text. make : the edits for a text and a branch of the seed, [] where it does not apply."""

    name: str
    capability: str
    make: Callable[[str, Seeds], Sequence[Edit]]


def usual_changes() -> list[Change]:
    """Return the changes that must not change an answer, unless somebody says so: `name`s can be left out."""
    return [
        by_transform("keyboard slips", "typos", "keyboard"),
        by_transform("misspellings", "typos", "spelling"),
        by_transform("misread letters", "typos", "ocr"),
        Change("all small letters", "casing", _cased(str.lower)),
        Change("all capitals", "casing", _cased(str.upper)),
        by_transform("white space", "layout", "whitespace"),
        Change("line break at the end", "layout", _broken),
        Change("no mark at the end", "punctuation", _unmarked),
        Change("more marks at the end", "punctuation", _marked),
        Change("curly quotes", "punctuation", _curly),
        by_transform("look-alike letters", "characters", "homoglyph"),
        by_transform("invisible characters", "characters", "zero_width"),
        by_transform("contractions", "paraphrase", "contraction"),
        by_transform("turns of phrase", "paraphrase", "rewrite"),
        by_transform("synonyms", "paraphrase", "synonyms"),
        Change("names swapped", "names and places", _renamed),
        Change("places swapped", "names and places", _moved),
        Change("signed by a name", "names and places", _signed),
        Change("greetings from a place", "names and places", _from_place),
        Change("long numbers swapped", "numbers", _numbered),
        Change("a link added", "what does not matter", _linked),
        Change("a handle added", "what does not matter", _handled),
        Change("a hello before", "what does not matter", _greeted),
        Change("thanks after", "what does not matter", _thanked),
        Change("a mail's tail added", "what does not matter", _tailed),
    ]


def by_transform(name: str, capability: str, transform: str, **options: Any) -> Change:
    """Return a change made by a transform of the registry. Errors: RecipeError if there is none of that name."""
    maker = find("transform", transform)(**options)

    def make(text: str, seeds: Seeds) -> Sequence[Edit]:
        # The seed is in the name, so that a text gets other variants in other turns.
        varied = maker.apply([Record("text", text)], seeds)[0]
        return [] if varied is None else [Edit(*edit) for edit in (varied.parameters or {}).get("edits", ())]

    return Change(name, capability, make)


def adding(name: str, capability: str, phrases: Sequence[str], *, before: bool = False) -> Change:
    """Return the change that puts one of the phrases behind a text, or before it."""

    def make(text: str, seeds: Seeds) -> Sequence[Edit]:
        phrase = Draws(seeds).pick(phrases)
        return [Edit(0, 0, f"{phrase} ")] if before else _after(text, phrase)

    return Change(name, capability, make)


def replacing(name: str, capability: str, words: Mapping[str, Sequence[str]]) -> Change:
    """Return the change that puts other words in the place of those named, wherever they stand as whole words."""
    forms = sorted(words, key=len, reverse=True)
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, forms)) + r")(?!\w)")

    def make(text: str, seeds: Seeds) -> Sequence[Edit]:
        draws = Draws(seeds)
        return [Edit(*found.span(), draws.pick(words[found[0]])) for found in pattern.finditer(text)]

    return Change(name, capability, make)


def negating(name: str, capability: str) -> Change:
    """Return the change that puts a "not" behind the first auxiliary or form of "be", or takes one out."""
    return Change(name, capability, _negated)


def _negated(text: str, seeds: Seeds) -> Sequence[Edit]:
    del seeds
    if found := _NOT.search(text):
        return [Edit(*found.span(), "")]
    found = _VERB.search(text)
    if found is None or text.rstrip().endswith("?"):  # "Is it good?" is not negated by "Is not it good?"
        return []
    return [Edit(found.end(), found.end(), " not")]


def _cased(style: Callable[[str], str]) -> Callable[[str, Seeds], Sequence[Edit]]:
    def make(text: str, seeds: Seeds) -> Sequence[Edit]:
        del seeds
        fixed = [found.span() for found in _FIXED.finditer(text)]
        words = (found for found in _WORD.finditer(text) if not any(a <= found.start() < b for a, b in fixed))
        return [Edit(*found.span(), style(found[0])) for found in words if style(found[0]) != found[0]]

    return make


def _broken(text: str, seeds: Seeds) -> Sequence[Edit]:
    del seeds
    return [Edit(len(text), len(text), "\n")]


def _after(text: str, phrase: str) -> Sequence[Edit]:
    """Return the edit that puts a sentence behind a text, with a mark between them where there is none."""
    rest = text.rstrip()
    between = " " if not rest or rest[-1] in ".!?:;,)\"'’”" or not rest[-1].isalnum() else ". "
    return [Edit(len(rest), len(text), f"{between}{phrase}")]


def _unmarked(text: str, seeds: Seeds) -> Sequence[Edit]:
    del seeds
    rest = text.rstrip()
    bare = rest.rstrip(".!?").rstrip()
    return [Edit(len(bare), len(text), "")] if bare and bare != rest else []


def _marked(text: str, seeds: Seeds) -> Sequence[Edit]:
    rest = text.rstrip()
    mark = rest[-1:] if rest[-1:] in "!?" and rest else Draws(seeds).pick(("!", "."))
    return [Edit(len(rest), len(text), mark * 2)] if rest else []


def _curly(text: str, seeds: Seeds) -> Sequence[Edit]:
    del seeds
    return [Edit(place, place + 1, "’") for place, sign in enumerate(text) if sign == "'"]


def _signed(text: str, seeds: Seeds) -> Sequence[Edit]:
    draws = Draws(seeds)
    name = f"{draws.pick(pool('given'))} {draws.pick(pool('last'))}"
    return [Edit(len(text.rstrip()), len(text), f"\n{draws.pick(('Regards,', 'Best,', '-'))} {name}")]


def _renamed(text: str, seeds: Seeds) -> Sequence[Edit]:
    """Swap given names of the same kind; a word that begins a sentence, or is an ordinary word as well, is none."""
    draws, given = Draws(seeds), lists().given
    found = []
    for one in _NAME.finditer(text):
        before, name = text[: one.start()].rstrip(), one[0].lower()
        if before and before[-1] not in ".!?\n" and name in given and not is_word(name):
            found.append(Edit(*one.span(), draws.pick(pool("given", sex=given[name]))))
    return found


def _moved(text: str, seeds: Seeds) -> Sequence[Edit]:
    draws, cities = Draws(seeds), lists().cities
    found = (one for one in _WHERE.finditer(text) if one["place"] in cities)
    return [Edit(*one.span("place"), draws.pick(pool("city"))) for one in found]


def _from_place(text: str, seeds: Seeds) -> Sequence[Edit]:
    return _after(text, f"Greetings from {Draws(seeds).pick(pool('city'))}.")


def _numbered(text: str, seeds: Seeds) -> Sequence[Edit]:
    draws = Draws(seeds)
    return [
        Edit(*found.span(), found[0][0] + "".join(str(draws.below(10)) for _ in found[0][1:]))
        for found in _NUMBER.finditer(text)
        if not _YEAR.match(found[0])
    ]


def _linked(text: str, seeds: Seeds) -> Sequence[Edit]:
    draws = Draws(seeds)
    path = "".join(draws.pick("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(6))
    return _after(text, f"https://example.{draws.pick(('org', 'com', 'net'))}/{path}")


def _handled(text: str, seeds: Seeds) -> Sequence[Edit]:
    return _after(text, f"@{Draws(seeds).pick(_HANDLES)}")


def _greeted(text: str, seeds: Seeds) -> Sequence[Edit]:
    return [Edit(0, 0, f"{Draws(seeds).pick(_HELLOS)} ")] if text else []


def _thanked(text: str, seeds: Seeds) -> Sequence[Edit]:
    return _after(text, Draws(seeds).pick(_THANKS))


def _tailed(text: str, seeds: Seeds) -> Sequence[Edit]:
    return [Edit(len(text), len(text), "\n" + Draws(seeds).pick(_TAILS))]
