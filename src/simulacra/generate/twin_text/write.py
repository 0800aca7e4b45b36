"""The step that writes a twin from its attributes, and the check that it says nothing of the real texts again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...contracts.models import Answer, Message
from ...contracts.rows import Context, Row, Step
from ...measure.text._leaks import identifiers
from ...models.profile import Profile, continue_examples
from ...text.tokens import words
from .attributes import Attributes

__all__ = ["NoSource", "begin_twin", "make_writer"]

SPAN = 7
"""So many words in a row of a real text are too many."""
_SCHEMA: Mapping[str, Any] = {
    "type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"], "additionalProperties": False
}  # fmt: skip
_INVENTED = (
    ("garden: hose, leaking (plain)", "The hose that I bought in spring is leaking at both ends."),
    ("museum: ticket, sunday (a question)", "Can I still get a ticket for the late tour on Sunday?"),
    ("bicycle: chain, repair (urgent)", "My chain broke again, I need the repair done today!"),
    ("library: book, return (polite)", "Please tell me how long I may keep the book before I return it, thank you."),
)
"""Examples for models that continue lines: made up here, of nobody's texts."""


class NoSource:
    """Rejects a twin that holds seven words in a row, or an identifier, of any real text.

    field : the text's name. sources : real texts. Not handled: what is told again in other words.
    """

    name = "no_source"
    ordered = False

    def __init__(self, field: str, sources: Sequence[str]) -> None:
        self._field = field
        self._grams = {gram for text in sources for gram in _grams(text)}
        self._identifiers = {one for text in sources for one in identifiers(text)}

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return what of the real texts it holds, without saying it."""
        del context
        text = str(row.get(self._field) or "")
        if any(gram in self._grams for gram in _grams(text)):
            return f"{SPAN} words in a row of a real text"
        return "an identifier of a real text" if self._identifiers & set(identifiers(text)) else None

    def accept(self, row: Row) -> None:
        """Remember nothing."""


def _grams(text: str) -> set[int]:
    found = words(text.casefold())
    return {hash(tuple(found[place : place + SPAN])) for place in range(len(found) - SPAN + 1)}


def begin_twin(attributes: Sequence[Attributes], order: Sequence[int], slot: int, text: str, label: str | None) -> Row:
    """Return the row an attempt begins with: the attributes of one text, in the background."""
    told = attributes[order[slot % len(order)]]
    row: Row = {text: "", "_told": told.told(), "_words": told.words, "_slot": slot}
    return {**row, label: told.label} if label else row


def make_writer(text: str, profile: Profile, setting: str) -> Step:
    """Return the step that fills a row's text; setting : what the texts are, in a line."""

    async def write(row: Row, context: Context) -> Row:
        asked = _lines(row, setting) if profile.style == "completion" else _chat(row, setting)
        settings = {**profile.parameters, "max_tokens": max(profile.max_tokens, 3 * row["_words"])}
        return {**row, text: _clean(await context.ask(**asked, **settings))}

    return write


def _lines(row: Row, setting: str) -> dict[str, Any]:
    return {"prompt": continue_examples(setting, _INVENTED, row["_told"]), "complete": True}


def _chat(row: Row, setting: str) -> dict[str, Any]:
    text = (
        f"{setting}\nWrite one such text that nobody has written yet.\nAbout: {row['_told']}\n"
        f"Length: about {row['_words']} words.\n"
        "Invent every person, place and number in it; leave out what real people could be known by."
    )
    return {"prompt": [Message("user", text)], "schema": _SCHEMA}


def _clean(answer: Answer) -> str:
    text = answer.data["text"] if isinstance(answer.data, Mapping) else answer.text
    return " ".join(str(text).split()).strip('"')
