"""Names that no list has: told by what stands around them, by their capital, or by being no word of any language.

Each rule asks for two signs: that a word is strange (no ordinary word, and not one that the texts share), and a place
where names stand: behind "ask for", before "told me", beside another strange word, behind "live in".

Not handled: strange words without such a place, in texts of fewer than fifty; German texts, where nouns have capitals,
but for words behind "wohne in" and the like.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from ...contracts.rows import Span
from .knowledge import Knowledge
from .names import is_german, is_word, lists
from .ordinary import english
from .persons import is_cue

__all__ = ["AT", "find_unknown"]

_CAPITAL = r"[^\W\d_a-zà-öø-ÿ]"
_WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"
_ANY = re.compile(_WORD)
_NAME = rf"{_CAPITAL}[\w'’&-]*"
_RUN = re.compile(rf"{_NAME}(?:[ ]{_NAME})*")
AT = re.compile(
    r"(?:\b(?:in|from|near|to|at|of|around|outside|leaving|visit|visiting|city|town|aus|nach|bei|à|de|en|desde|da|a"
    r"|te|uit|w|z)[ ]"
    r"|\d{4,5}[ ]|[A-Z]{2}[ ],?)\Z",
)  # fmt: skip
"""What stands before a place."""
_SURE = (
    r"ask(?:ed|ing)? for|sp(?:oke|oken|eak|eaking) (?:to|with)|talk(?:ed|ing)? (?:to|with)|told|met|names?(?: is|:)?"
    r"|colleague|neighbou?r|technician|boss|wife|husband|son|daughter|mother|father|brother|sister|friend|nurse|doctor"
)
_BEHIND = re.compile(
    rf"\b(?:(?P<sure>{_SURE})|ask(?:ed|ing)?|call(?:ed)?|tell|contact(?:ed)?|email(?:ed)?|texted|thank|agent|manager"
    r"|partner|driver|clerk|tenant|patient|by|with|for|from|and|to|than|but|i am|i['’]m|this is)[ ](?:\()?"
    rf"(?P<name>{_WORD})",
    re.IGNORECASE,
)
"""Behind the sure ones a strange word in small letters is enough."""
_DOES = (
    r"(?:said|says|told|tells|asked|asks|called|calls|wrote|writes|promised|signed|wants|wanted|thinks|thought|sent|gave"
    r"|opened|took|left|came|comes|brought|met|lives|lived|works|worked|will|has|had|would|did not|never|visited|paid"
    r"|answered|replied|explained|refused|agreed|confirmed|helped|is (?:my|our|the|his|her)|was (?:very|rude|kind)"
    r"|and i)\b"
)
_BEFORE = re.compile(rf"(?<![\w@.-])(?P<name>{_NAME})(?=[ ]{_DOES})")
_LIVING = re.compile(
    r"\b(?:live|living|lives|lived|based|moved|moving|move|located|born|stay|staying|wohne|wohnt|lebe|habite|vivo|abito"
    r"|shop|store|branch|office|flat|house)[ ](?:in|to|near|at|à|en|a)[ ]"
    rf"(?P<name>{_WORD}(?:[ ]{_WORD})?)",
    re.IGNORECASE,
)
_FROM = re.compile(
    rf"\b(?:from|in|near|at|to|around|outside)[ ](?:(?:your|our|the)[ ])?(?P<name>{_WORD})(?=[ ]?[,.;!?)]|$|[ ](?:and"
    r"|branch|shop|store|office|to|on|for|with|last|this|today|again)\b)|\byour[ ](?P<branch>"
    rf"{_WORD})(?=[ ](?:branch|shop|store|office|team)\b)",
    re.IGNORECASE,
)
_LAST_WORD = re.compile(r"(?<![\w@.-])(?P<word>[^\W\d_]+(?=[ ])|[^\W\d_]{2,4}(?=\.))\.?[ ]\Z")
_PAIR = re.compile(rf"(?<![\w@.-])(?=(?P<name>{_WORD}[ ]{_WORD})(?![\w@]))")


def find_unknown(text: str, knowledge: Knowledge) -> Iterator[Span]:
    """Yield the words that are names by their place and by being no word, wherever else they stand in the text too.

    >>> text = "ask for ghedrako at the desk. Ghedrako's colleague knows."
    >>> [(text[span.start : span.end], span.name) for span in find_unknown(text, Knowledge())]
    [('ghedrako', 'given'), ('Ghedrako', 'given')]
    """
    found = list(_told(text, knowledge))
    yield from found
    roles = {text[span.start : span.end].casefold(): span.name for span in reversed(found)}
    taken = {span.start for span in found}
    for match in _ANY.finditer(text) if roles else ():
        word = re.sub(r"['’]s?\Z", "", match[0])
        role = roles.get(word.casefold())
        if role is not None and match.start() not in taken:
            yield Span(match.start(), match.start() + len(word), role)


def _told(text: str, knowledge: Knowledge) -> Iterator[Span]:
    strange = {word for word in set(_ANY.findall(text)) if knowledge.is_strange(word)}
    for found in _LIVING.finditer(text):
        yield from _town(found["name"].split(" "), found.start("name"), strange)
    if not strange:
        return
    german = is_german(text)
    for found in _ANY.finditer(text):
        before = _LAST_WORD.search(text[max(0, found.start() - 30) : found.start()])
        if found[0] in strange and found[0][0].isupper() and before and is_cue(before["word"]):
            yield Span(found.start(), found.start() + len(re.sub(r"['’]s?\Z", "", found[0])), "last")
    for found in _PAIR.finditer(text):
        first, second = found["name"].split(" ")
        alike = first[0].isupper() == second[0].isupper() and not {first, second}.isdisjoint(strange)
        if german and not first[0].isupper():
            continue
        if alike and all(word in strange or _is_listed(word) for word in (first, second)):
            yield Span(found.start("name"), found.start("name") + len(first), "given")
            yield Span(found.end("name") - len(second), found.end("name"), "last")
    if german:
        return
    if knowledge.rare:
        yield from _rare(text, knowledge.rare & {word.casefold() for word in strange})
    for found in _BEHIND.finditer(text):
        if found["name"] in strange and (found["name"][0].isupper() or found["sure"]):
            town = found["name"].casefold() in _towns() and AT.search(text[: found.start("name")]) is not None
            yield Span(*found.span("name"), "city" if town else "given")
    for found in _FROM.finditer(text):
        part = "name" if found["name"] else "branch"
        if found[part] in strange and knowledge.shared:
            yield Span(*found.span(part), "city")
    for found in _BEFORE.finditer(text):
        if found["name"] in strange:
            yield Span(*found.span("name"), "given")


def _rare(text: str, rare: Collection[str]) -> Iterator[Span]:
    """Yield capitalised words that few texts have: towns behind a preposition, else names of people."""
    for found in _RUN.finditer(text):
        words = [(found.start() + a.start(), found.start() + a.end()) for a in re.finditer(r"[^ ]+", found[0])]
        named = [text[a:b].casefold() in rare for a, b in words]
        place = AT.search(text[max(0, found.start() - 12) : found.start()]) is not None
        for (a, b), told, after in zip(words, named, [*named[1:], False], strict=True):
            if told:
                yield Span(a, b, "city" if place and len(words) == 1 else "given" if after else "last")


def _town(words: list[str], start: int, strange: Collection[str]) -> Iterator[Span]:
    """Yield the town behind "live in": one that a list has, or a strange word, or two of them in capitals."""
    for size in (2, 1):
        name = " ".join(words[:size])
        known = name.casefold() in _towns() and not (size == 1 and is_word(name))
        if len(words) >= size and (known or all(word in strange and word[0].isupper() for word in words[:size])):
            yield Span(start, start + len(name), "city")
            return
    if words[0] in strange:
        yield Span(start, start + len(words[0]), "city")


def _is_listed(word: str) -> bool:
    name = word.casefold()
    known = (name in lists().given or name in lists().last) and not is_word(name)
    return known and (word[0].isupper() or name not in english())


@lru_cache(maxsize=1)
def _towns() -> frozenset[str]:
    return frozenset(name.casefold() for name in lists().cities)
