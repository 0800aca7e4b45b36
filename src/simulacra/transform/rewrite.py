"""Paraphrase by turns of phrase: contractions made and undone, fixed phrases that say the same."""

from __future__ import annotations

import re
from functools import lru_cache

from ..registry import register
from .editing import Draws, Edit, EditTransform, Kind, Words
from .lexicon.contractions import CONTRACTED, EXPANDED
from .lexicon.rewrites import GROUPS

__all__ = ["Contraction", "Rewrite"]

_ASKING = re.compile(r"\b(?:wh\w+|how)\s+$", re.IGNORECASE)
_ENDS = re.compile(r"\s*(?:[.,;:!?)]|$)")


@register("transform")
class Contraction(EditTransform):
    """Makes contractions of long forms and long forms of contractions; a negation stays one.

    Not handled: "'s" and "'d", which stand for two long forms each.
    """

    name = "contraction"
    kind: Kind = "paraphrase"
    cost = 6e-5

    def finds(self, text: str) -> bool:
        """Return whether a contraction or a long form stands in the text."""
        return bool(_either().search(text))

    def edits(self, text: str, words: Words, draws: Draws) -> list[Edit]:
        """Return edits of all contractions, or of all long forms, whichever of the two draws says comes first."""
        del words  # these keep negations, which are what changes here; the user's own patterns do count
        own = [found.span() for pattern in self.protect for found in re.finditer(pattern, text)]
        for table in draws.some([CONTRACTED, EXPANDED], 2) if draws.below(2) else [EXPANDED, CONTRACTED]:
            edits = []
            for found in _pattern(table is EXPANDED).finditer(text):
                new = table[found[0].lower().replace("’", "'")]
                at_end = table is CONTRACTED and "not" not in found[0].lower() and _ENDS.match(text, found.end())
                kept = any(start < found.end() and found.start() < end for start, end in own)
                if not at_end and not kept and not _turned(text, found.start(), new):
                    edits.append(Edit(*found.span(), _like(new, found[0], fresh=_fresh(text, found.start()))))
            if edits:
                return edits
        return []


def _turned(text: str, start: int, new: str) -> bool:
    """Whether a question would read oddly: "isn't it" -> "is not it", "why doesn't my" -> "why does not my"."""
    return new.endswith(" not") and (_fresh(text, start) or bool(_ASKING.search(text, 0, start)))


@lru_cache(maxsize=2)
def _pattern(expand: bool) -> re.Pattern[str]:
    table = EXPANDED if expand else CONTRACTED
    forms = sorted(table, key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(re.escape(form).replace("'", "['’]") for form in forms) + r")\b", re.I)


@lru_cache(maxsize=1)
def _either() -> re.Pattern[str]:
    forms = sorted({*EXPANDED, *CONTRACTED}, key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(re.escape(form).replace("'", "['’]") for form in forms) + r")\b", re.I)


@register("transform")
class Rewrite(EditTransform):
    """Puts a turn of phrase in the place of another that says the same ("how do I" - "how can I").

    Not handled: rewriting that needs a parse (passive voice, word order).
    """

    name = "rewrite"
    kind: Kind = "paraphrase"
    cost = 1e-4

    def finds(self, text: str) -> bool:
        """Return whether one of the phrases stands in the text."""
        return bool(_phrases().search(text))

    def edits(self, text: str, words: Words, draws: Draws) -> list[Edit]:
        """Return edits of at most two phrases that touch nothing protected."""
        possible = [
            found
            for found in _phrases().finditer(text)
            if not any(start < found.end() and found.start() < end for start, end in words.kept)
        ]
        edits = []
        for found in draws.some(possible, 2):
            old = re.sub(r"\s+", " ", found[0].lower().replace("’", "'"))
            new = draws.pick([one for one in _others()[old] if one != old])
            edits.append(Edit(*found.span(), _like(new, found[0], fresh=_fresh(text, found.start()))))
        return edits


@lru_cache(maxsize=1)
def _others() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for group in GROUPS:
        for phrase in group:
            found[phrase] = found.get(phrase, ()) + tuple(one for one in group if one not in found.get(phrase, ()))
    return found


@lru_cache(maxsize=1)
def _phrases() -> re.Pattern[str]:
    forms = sorted(_others(), key=len, reverse=True)
    written = (re.escape(form).replace(r"\ ", r"\s").replace("'", "['’]") for form in forms)
    return re.compile(r"(?<![\w'’-])(?:" + "|".join(written) + r")(?![\w'’-])", re.IGNORECASE)


def _fresh(text: str, start: int) -> bool:
    """Whether a sentence begins here."""
    before = text[:start].rstrip()
    return not before or before[-1] in ".!?\n"


def _like(new: str, old: str, *, fresh: bool) -> str:
    """Return the new words in the casing of the old ones; "i" follows the text's own habit."""
    if old.isupper() and len(old) > 2:
        return new.upper()
    small = old.islower() and ("i" in old.split() or not fresh)
    new = re.sub(r"\bI\b", "i", new) if small and "i" in old.replace("'", " ").split() else re.sub(r"\bi\b", "I", new)
    return new[0].upper() + new[1:] if old[0].isupper() and fresh else new
