"""How one value stands in a line of text: plain if it can be read back as what it was, else as JSON."""

from __future__ import annotations

import json
import math
import re
from typing import TypeAlias

from ...errors import DataError

__all__ = ["Row", "Scalar", "check_row", "parse_scalar", "render_scalar"]

Scalar: TypeAlias = str | int | float | bool | None
Row: TypeAlias = dict[str, Scalar]
"""Field -> value, in order."""

_PLAIN = re.compile(r"[^\W\d_](?:[^\W_]|[ '/()+@%&-])*")
_LIKE_JSON = re.compile(r"true|false|null|nan|-?infinity", re.IGNORECASE)


def render_scalar(value: Scalar) -> str:
    """Return the value as a word or words if that is unmistakable, else as JSON.

    >>> [render_scalar(value) for value in ("Ann Lee", "12", 12, None, "a|b")]
    ['Ann Lee', '"12"', '12', 'null', '"a|b"']
    """
    if isinstance(value, str) and _is_plain(value):
        return value
    return (
        json.dumps(value, ensure_ascii=False)
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
        .replace("\x85", "\\u0085")
    )


def parse_scalar(text: str) -> Scalar:
    """Return the value that `render_scalar` wrote; DataError if the text is no such value."""
    if _is_plain(text):
        return text
    try:
        value = json.loads(text)
    except ValueError as error:
        raise DataError(f"{text!r} is no value", hint="write words plainly, all else as JSON") from error
    if isinstance(value, dict | list):
        raise DataError(f"{text!r} is not one value", hint="nested values have no place in a line")
    return value  # type: ignore[no-any-return]


def check_row(row: Row) -> Row:
    """Return the row; DataError if it is empty, or holds a name or value that no format can carry."""
    if not row:
        raise DataError("the record has no fields", hint="give at least one")
    for name, value in row.items():
        if not isinstance(name, str) or not (value is None or isinstance(value, str | int | float | bool)):
            raise DataError(f"{value!r} in {name!r} is not one value", hint="give texts, numbers, true, false or null")
        if isinstance(value, float) and not math.isfinite(value):
            raise DataError(f"{value!r} in {name!r} is not finite", hint="give null for what is missing")
    return row


def _is_plain(text: str) -> bool:
    return bool(_PLAIN.fullmatch(text)) and text == text.strip() and "  " not in text and not _LIKE_JSON.fullmatch(text)
