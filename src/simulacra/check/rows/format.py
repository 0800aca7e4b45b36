"""A text is in the format it should be in."""

from __future__ import annotations

import ast
import csv
import datetime
import io
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import yaml

from ...contracts.rows import Context, Row
from ...errors import RecipeError
from ...registry import register
from ._row import Alone, named_fields, texts_of

__all__ = ["Format"]


def _yaml(text: str) -> bool:
    return isinstance(yaml.safe_load(text), dict | list)


def _csv(text: str) -> bool:
    widths = {len(row) for row in csv.reader(io.StringIO(text.strip()), strict=True) if row}
    return len(widths) == 1 and widths != {1}


def _markdown_table(text: str) -> bool:
    lines = [line.strip().strip("|").split("|") for line in text.strip().splitlines() if "|" in line]
    rule = len(lines) > 1 and all(re.fullmatch(r"\s*:?-{3,}:?\s*", cell) for cell in lines[1])
    return rule and len({len(line) for line in lines}) == 1


def _url(text: str) -> bool:
    parts = urlsplit(text.strip())
    return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text.strip()


def _xml(text: str) -> bool:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:  # entities can blow up
        return False
    return ElementTree.fromstring(text.strip()) is not None


_FORMATS: dict[str, Callable[[str], object]] = {
    "json": lambda text: json.loads(text) is not ...,
    "yaml": _yaml,
    "csv": _csv,
    "markdown_table": _markdown_table,
    "python": lambda text: ast.parse(text) is not None,
    "xml": _xml,
    "url": _url,
    "email": lambda text: re.fullmatch(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+", text.strip()),
    "date": lambda text: datetime.date.fromisoformat(text.strip()),
    "number": lambda text: re.fullmatch(r"[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?", text.strip(), re.IGNORECASE),
    "question": lambda text: re.search(r"[?？;]\W*$", text.strip()),
    "sentence": lambda text: re.search(r"[.!?…。！？][\"'”’)\]`*]*$", text.strip()),
    "one_line": lambda text: "\n" not in text.strip(),
}


@register("row_check")
class Format(Alone):
    """Rejects a text that is not in a format: json, yaml, csv, markdown_table, python, xml, url, email, date (ISO),
    number, question (ends with a question mark), sentence (ends like one: it was not cut off), one_line.

    A fenced code block around it is taken off first.
    """

    name = "format"

    def __init__(self, field: str | Sequence[str], *, of: str) -> None:
        self._fields, self._of = named_fields(field, self.name), of
        if of not in _FORMATS:
            raise RecipeError(
                f"there is no format {of!r}", where="check format", hint=f"there are {', '.join(_FORMATS)}"
            )

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return the field that is not in the format."""
        del context
        for name, text in texts_of(row, self._fields):
            if not self._fits(text):
                return f"{name} is no {self._of.replace('_', ' ')}"
        return None

    def _fits(self, text: str) -> bool:
        fenced = re.fullmatch(r"\s*```\w*\n(.*?)\n?```\s*", text, re.DOTALL)
        try:
            return bool(_FORMATS[self._of](fenced[1] if fenced else text))
        except (
            ValueError,
            SyntaxError,
            yaml.YAMLError,
            csv.Error,
            ElementTree.ParseError,
            RecursionError,
            MemoryError,
        ):
            return False
