"""What a whole set of texts says about its words, and which of them may be names for all one knows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from .names import fold, lists
from .ordinary import is_ordinary
from .persons import Known, is_never

__all__ = ["NOTHING", "Knowledge", "pairs_of", "parts_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """What a whole set of texts says about its words.

    people : names in small letters with their roles. words : small letters; no names, since these texts use them as
    words. common : numbers that many texts share; they point at nobody and stay. rare : words in small letters that
    few texts have, with a capital only: names by all one knows. Not looked for in German, where nouns have capitals.
    shared : words that more than a few texts have, however written: what all speak of is seldom a name.
    row : names that stand beside this one text, in other columns of its row: they count however they are written.
    pairs : whole names, (given, family), those of the row first: whom an initial stands for.
    """

    people: Known = field(default_factory=dict)
    words: frozenset[str] = frozenset()
    common: frozenset[str] = frozenset()
    rare: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    row: Known = field(default_factory=dict)
    pairs: tuple[tuple[str, str], ...] = ()

    def of_row(self, names: Iterable[str]) -> Knowledge:
        """Return what is known of one text: also the whole names that stand beside it."""
        whole = list(names)
        known: Known = {}
        for name in whole:
            known.update(parts_of(name))
        pairs = (*(pair for name in whole for pair in pairs_of(name)), *self.pairs)
        return replace(self, row=known, pairs=pairs)

    def is_strange(self, word: str) -> bool:
        """Whether a word is no ordinary one, of no language, and not one that these texts share."""
        plain = re.sub(r"['’]s?\Z", "", word.casefold())
        known = plain in self.words or plain in self.shared or plain in lists().lands
        return len(plain) > 2 and not known and not is_ordinary(plain) and not is_never(plain)


def parts_of(name: str) -> Known:
    """Return the words of a whole name with their roles.

    >>> parts_of("Müller, Anna B.")
    {'anna': 'given', 'mueller': 'last'}
    """
    parts = _words_of(name)
    known: Known = {fold(part): "given" for part in parts[:-1] if len(part) > 1}
    return {**known, fold(parts[-1]): "last" if len(parts) > 1 else "given"} if parts else {}


def pairs_of(name: str) -> list[tuple[str, str]]:
    """Return the given and the family name of a whole name, none if it is not whole."""
    parts = _words_of(name)
    return [(parts[0], parts[-1])] if len(parts) > 1 and len(parts[0]) > 1 else []


def _words_of(name: str) -> list[str]:
    family, comma, given = name.partition(",")
    return re.findall(r"[^\W\d_][\w'’-]*", f"{given} {family}" if comma else name)


NOTHING = Knowledge()
