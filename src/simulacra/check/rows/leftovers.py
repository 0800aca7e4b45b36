"""No trace of the prompt, of a template or of a chat format is left in a text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...contracts.rows import Context, Row
from ...registry import register
from ._row import Alone, named_fields, texts_of

__all__ = ["Leftovers"]

_TRACES = {
    "a chat token": r"<\|[a-z_]+\|>|</?s>|\[/?INST\]|<<SYS>>|<(?:start|end)_of_turn>"
    r"|^(?:###\s*)?(?:Human|Assistant|User|System):",
    "a placeholder": r"\[(?:insert|your|name|company|date|placeholder|city|product|number|topic|subject"
    r"|scenario|difficulty|persona|target|details)\b[^\]]{0,40}\]"
    r"|<(?:insert|your) [^>]{0,40}>|\{\{\s*\w+\s*\}\}|\blorem ipsum\b|\bXXXX+\b",
    "a remark to the reader": r"^(?:sure|certainly|of course|absolutely|okay|great)[,!.:]? (?:here|i)\b"
    r"|^here(?:'s| is| are) (?:a|an|the|your|some|one|two|three|\d+)\b[^\n]{0,80}:\s*$"
    r"|^here(?:'s| is| are) (?:a|an|the|your|some|one)[^\n.]{0,60}\b(?:record|json|example|question and answer)\b"
    r"|\bI hope this (?:helps|meets)\b|\blet me know if you\b[^.]{0,40}\bchanges\b",
    "the prompt": r"\b(?:the whole data set follows"
    r"|now write one record|settled for it, and to be kept to|give a json object with)\b",
    "an end of a code block": r"^\s*```(?:json)?\s*\{|\"\s*\}\s*```\s*$",
}
_FOUND = {what: re.compile(pattern, re.IGNORECASE | re.MULTILINE) for what, pattern in _TRACES.items()}


@register("row_check")
class Leftovers(Alone):
    """Rejects a text with leftovers: chat tokens, placeholders, remarks such as "Sure, here is", pieces of the prompt.

    allow : kinds of leftovers that are meant, e.g. "a placeholder" for templates of mails.
    """

    name = "leftovers"

    def __init__(self, field: str | Sequence[str] | None = None, *, allow: Sequence[str] = ()) -> None:
        self._fields = named_fields(field, self.name)
        self._traces = {what: pattern for what, pattern in _FOUND.items() if what not in allow}

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return the field and the kind of leftover."""
        del context
        for name, text in texts_of(row, self._fields):
            for what, pattern in self._traces.items():
                if pattern.search(text):
                    return f"{name} holds {what}"
        return None
