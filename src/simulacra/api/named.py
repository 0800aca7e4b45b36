"""Files of texts that a person names: what must not be found again, what was hidden."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import DataError
from ..generate.instruct.draw import read_seeds
from ..measure.text.canaries import hidden_forms

__all__ = ["named_canaries", "named_texts"]


def named_texts(path: Path, text: str) -> list[str]:
    """Return the texts of a file: those of its column `text`; else of each row all its texts; else its lines.

    Errors: DataError for a file that cannot be read or holds none.
    """
    found = [_text_of(row, text) for _, row in read_seeds(str(path))]
    texts = [one for one in found if one.strip()]
    if not texts:
        raise DataError("there are no texts in this file", where=str(path), hint=f"give a column {text!r}, or lines")
    return texts


def named_canaries(path: Path, text: str) -> list[str]:
    """Return the hidden strings of a file; DataError for one that would be met by chance."""
    found = named_texts(path, text)
    if short := next((one for one in found if not hidden_forms(one)), None):
        hint = "hide strings of five letters and digits at least"
        raise DataError(f"{short!r} is too short to be looked for", where=str(path), hint=hint)
    return found


def _text_of(row: Any, text: str) -> str:
    if not isinstance(row, Mapping):
        return str(row)
    if text in row:
        return str(row[text] or "")
    return " ".join(str(value) for value in row.values() if isinstance(value, str))
