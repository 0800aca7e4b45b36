"""What row checks share: the texts of a row, and a base for those that look at one row alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...contracts.rows import Row
from ...errors import RecipeError

__all__ = ["Alone", "as_text", "named_fields", "texts_of", "value_at"]


class Alone:
    """A check that looks at each row by itself."""

    ordered = False

    def accept(self, row: Row) -> None:
        """Remember nothing."""


def named_fields(field: str | Sequence[str] | None, where: str) -> tuple[str, ...]:
    """Return the fields a check looks at; () for all texts of a row. RecipeError if they are no names."""
    names = tuple(field) if isinstance(field, list | tuple) else () if field is None else (field,)
    if not all(isinstance(name, str) and name for name in names):
        raise RecipeError(f"{field!r} names no field", where=f"check {where}", hint="give a field's name, or a list")
    return names


def texts_of(row: Row, fields: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Return (field, text) of the fields, or of all but the axes of the plan; a missing or null field has none.

    A list or a conversation is one text, its parts in lines.
    """
    names = tuple(fields) or tuple(
        name for name in row if not name.startswith("_") and name not in row.get("_cell", ())
    )
    found = ((name, value_at(row, name)) for name in names)
    return [(name, as_text(value)) for name, value in found if value is not None]


def value_at(row: Row, path: str) -> Any:
    """Return the value of a field, or of a part of it: "passage.text"; None if it is not there."""
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def as_text(value: Any) -> str:
    """Return a value as the text a reader sees.

    >>> as_text([{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]), as_text(3)
    ('hi\\nhello', '3')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return as_text(value["content"] if "content" in value else list(value.values()))
    if isinstance(value, list | tuple):
        return "\n".join(as_text(part) for part in value)
    return str(value)
