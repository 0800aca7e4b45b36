"""What a whole set of texts says about its words, and which of them may be names for all one knows."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, field, replace

from .names import fold, lists
from .ordinary import is_ordinary
from .persons import Known, is_never

__all__ = ["NOTHING", "Knowledge", "learn_names"]


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """What a whole set of texts says about its words.

    people : names in small letters with their roles. words : small letters; no names, since these texts use them as
    words. common : numbers that many texts share; they point at nobody and stay. rare : words in small letters that
    few texts have, with a capital only: names by all one knows. Not looked for in German, where nouns have capitals.
    shared : words that more than a few texts have, however written: what all speak of is seldom a name.
    row : names that stand beside this one text, in other columns of its row: they count however they are written.
    whom : (first letter, family name), as `names.fold` writes them, -> given name: whom an initial stands for.
    """

    people: Known = field(default_factory=dict)
    words: frozenset[str] = frozenset()
    common: frozenset[str] = frozenset()
    rare: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    row: Known = field(default_factory=dict)
    whom: MutableMapping[tuple[str, str], str] = field(default_factory=dict)

    def of_row(self, names: Iterable[str]) -> Knowledge:
        """Return what is known of one text: also the whole names that stand beside it."""
        known, whom = learn_names(names)
        return replace(self, row=known, whom=ChainMap(whom, self.whom))

    def is_strange(self, word: str) -> bool:
        """Whether a word is no ordinary one, of no language, and not one that these texts share."""
        plain = re.sub(r"['’]s?\Z", "", word.casefold())
        known = plain in self.words or plain in self.shared or plain in lists().lands
        return len(plain) > 2 and not known and not is_ordinary(plain) and not is_never(plain)


def learn_names(names: Iterable[str]) -> tuple[Known, dict[tuple[str, str], str]]:
    """Return the words of whole names with their roles, and whom an initial before a family name stands for.

    >>> learn_names(["Müller, Anna B."])
    ({'anna': 'given', 'mueller': 'last'}, {('a', 'mueller'): 'Anna'})
    """
    known: Known = {}
    whom: dict[tuple[str, str], str] = {}
    for name in names:
        parts = _words_of(name)
        known.update({fold(part): "given" for part in parts[:-1] if len(part) > 1})
        known.update({fold(part): "last" if len(parts) > 1 else "given" for part in parts[-1:]})
        if len(parts) > 1 and len(parts[0]) > 1:
            whom.setdefault((fold(parts[0])[:1], fold(parts[-1])), parts[0])
    return known, whom


def _words_of(name: str) -> list[str]:
    family, comma, given = name.partition(",")
    return re.findall(r"[^\W\d_][\w'’-]*", f"{given} {family}" if comma else name)


NOTHING = Knowledge()
