"""A text is in the language it should be in."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...contracts.rows import Context, Row
from ...errors import RecipeError
from ...registry import register
from ...text.language import UNKNOWN, identify_language
from ._row import Alone, named_fields, texts_of

__all__ = ["Language"]


@register("row_check")
class Language(Alone):
    """Rejects a text that is in another language than `code` (ISO 639-1, e.g. "de"), or than the row's `code_field`.

    A text whose language cannot be told (too short, names only) is kept. Fenced code is not looked at.
    """

    name = "language"

    def __init__(self, field: str | Sequence[str] | None = None, *, code: str = "", code_field: str = "") -> None:
        self._fields, self._code, self._code_field = named_fields(field, self.name), code, code_field
        if bool(code) == bool(code_field) or (code and not re.fullmatch(r"[a-z]{2}", code)):
            hint = "give code: en, or code_field: the field that holds it"
            raise RecipeError(f"{code or 'nothing'!r} is no language's code", where="check language", hint=hint)

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return the field that is in another language, and which it is."""
        del context
        wanted = self._code or str(row.get(self._code_field) or "")
        for name, text in texts_of(row, self._fields):
            if name == self._code_field:
                continue
            found = identify_language(re.sub(r"```.*?```", " ", text, flags=re.DOTALL))
            if found not in (wanted, UNKNOWN):
                return f"{name} is in {found!r}, not {wanted!r}"
        return None
