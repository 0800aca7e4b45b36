"""A row has the shape it must have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...contracts.rows import Context, Row
from ...models.schema import compile_schema
from ...registry import register
from ._row import Alone, value_at

__all__ = ["Schema"]


@register("row_check")
class Schema(Alone):
    """Rejects a row, or a field of it, that does not satisfy a JSON schema."""

    name = "schema"

    def __init__(self, schema: Mapping[str, Any], *, field: str | None = None) -> None:
        self._check, self._field = compile_schema(schema), field

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return what is wrong, with the path to the place."""
        del context
        if self._field is None:
            return self._check({name: value for name, value in row.items() if not name.startswith("_")})
        value = value_at(row, self._field)
        wrong = None if value is None else self._check(value)
        return None if wrong is None else f"{self._field}: {wrong}"
