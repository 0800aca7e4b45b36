"""A text fits a pattern, or does not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from ...contracts.rows import Context, Row
from ...errors import RecipeError
from ...registry import register
from ._row import Alone, named_fields, texts_of

__all__ = ["Regex"]

_LONGEST = 20_000


@register("row_check")
class Regex(Alone):
    """Rejects a text in which a regular expression is not found, or with `must: not` is found.

    Of a text the first 20,000 characters are searched. Not handled: patterns that take exponential time.
    """

    name = "regex"

    def __init__(
        self,
        pattern: str,
        field: str | Sequence[str] | None = None,
        *,
        must: Literal["match", "not"] = "match",
        reason: str = "",
    ) -> None:
        try:
            self._pattern = re.compile(pattern)
        except (re.error, TypeError) as error:
            seen = f"{pattern!r} is no regular expression ({error})"
            raise RecipeError(seen, where="check regex", hint="see Python's re") from error
        if must not in ("match", "not"):
            raise RecipeError(f"must is {must!r}", where="check regex", hint="it is match or not")
        self._fields, self._wanted, self._reason = named_fields(field, self.name), must == "match", reason

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return the field that does not fit."""
        del context
        for name, text in texts_of(row, self._fields):
            if (self._pattern.search(text[:_LONGEST]) is not None) != self._wanted:
                verb = "lacks" if self._wanted else "holds"
                return self._reason or f"{name} {verb} what {self._pattern.pattern!r} finds"
        return None
