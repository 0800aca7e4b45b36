"""What a whole set of texts says about its words, and which of them may be names for all one knows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .names import lists
from .ordinary import is_ordinary
from .persons import Known

__all__ = ["NOTHING", "Knowledge"]


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """What a whole set of texts says about its words.

    people : names in small letters with their roles. words : small letters; no names, since these texts use them as
    words. common : numbers that many texts share; they point at nobody and stay. rare : words in small letters that
    few texts have, with a capital only: names by all one knows. Not looked for in German, where nouns have capitals.
    shared : words that more than a few texts have, however written: what all speak of is seldom a name.
    """

    people: Known = field(default_factory=dict)
    words: frozenset[str] = frozenset()
    common: frozenset[str] = frozenset()
    rare: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()

    def is_strange(self, word: str) -> bool:
        """Whether a word is no ordinary one, of no language, and not one that these texts share."""
        plain = re.sub(r"['’]s?\Z", "", word.casefold())
        known = plain in self.words or plain in self.shared or plain in lists().lands
        return len(plain) > 2 and not known and not is_ordinary(plain)


NOTHING = Knowledge()
