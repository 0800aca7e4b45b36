"""Texts are neither too short nor too long."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...contracts.rows import Context, Row
from ...errors import RecipeError
from ...registry import register
from ._row import Alone, named_fields, texts_of

__all__ = ["Length"]


@register("row_check")
class Length(Alone):
    """Rejects a text with too few or too many words, characters or sentences.

    words, characters, sentences : [least, most], either of them null for no bound. Not handled: words of languages that
    are written without spaces; bound their characters.
    """

    name = "length"

    def __init__(
        self,
        field: str | Sequence[str] | None = None,
        *,
        words: Sequence[int | None] | None = None,
        characters: Sequence[int | None] | None = None,
        sentences: Sequence[int | None] | None = None,
    ) -> None:
        self._fields = named_fields(field, self.name)
        bounds = {"words": words, "characters": characters, "sentences": sentences}
        self._bounds = {unit: _bounds(unit, given) for unit, given in bounds.items() if given is not None}
        if not self._bounds:
            raise RecipeError("no length is given", where="check length", hint="e.g. words: [5, 60]")

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return the first text that is too short or too long."""
        del context
        for name, text in texts_of(row, self._fields):
            for unit, (least, most) in self._bounds.items():
                size = _size(text, unit)
                if size < least:
                    return f"{name} is too short: fewer than {least:,} {unit}"
                if most is not None and size > most:
                    return f"{name} is too long: more than {most:,} {unit}"
        return None


def _size(text: str, unit: str) -> int:
    if unit == "characters":
        return len(text.strip())
    if unit == "words":
        return len(text.split())
    return len(re.findall(r"[^.!?…。！？]+[.!?…。！？]+(?=\s|$)|[^.!?…。！？]+$", text.strip()))


def _bounds(unit: str, given: Sequence[int | None]) -> tuple[int, int | None]:
    if (
        not isinstance(given, list | tuple)
        or len(given) != 2
        or not all(x is None or isinstance(x, int) for x in given)
    ):
        raise RecipeError(f"{given!r} are no bounds of {unit}", where="check length", hint=f"e.g. {unit}: [5, 60]")
    least, most = given
    if most is not None and (least or 0) > most:
        raise RecipeError(f"no text has {least} to {most} {unit}", where="check length", hint="the smaller one first")
    return least or 0, most
