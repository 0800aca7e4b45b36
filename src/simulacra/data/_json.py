"""JSON Lines and JSON arrays to a frame, with the line of what is broken."""

from __future__ import annotations

import json
import re
from typing import Any

import polars as pl

from ..errors import DataError
from ._sniff import decode

__all__ = ["read_json"]

_HINT = "give one JSON object a line, or one array of objects"


def read_json(content: bytes, where: str) -> tuple[pl.DataFrame, list[str]]:
    """Return the rows of JSON Lines, of an array of objects, or of one object of equally long lists.

    Fields that a row lacks are missing in it. Raises DataError with the line that is not JSON or not an object.
    """
    content, notes = decode(content, where)
    text = content.strip()
    if not text:
        raise DataError("the file is empty", where=where, hint=_HINT)
    if text.startswith(b"["):
        return _from_rows(_parse(text, where), where), list(notes)
    columns = _columns(text)
    if columns is not None:
        return _frame(columns, where), list(notes)
    try:
        frame = pl.read_ndjson(text, infer_schema_length=None)
    except pl.exceptions.PolarsError:
        return _from_rows(_parse_lines(content, where), where), list(notes)
    if any(_holds_others(text, name) for name, dtype in frame.schema.items() if dtype == pl.String):
        return _from_rows(_parse_lines(content, where), where), list(notes)
    return frame, list(notes)


def _holds_others(text: bytes, name: str) -> bool:
    """Whether the fast reader turned numbers or booleans of this column into text, silently."""
    key = re.escape(json.dumps(name, ensure_ascii=False).encode())
    return re.search(rb"(?<!\\)" + key + rb"\s*:\s*[-\dtf]", text) is not None


def _columns(text: bytes) -> dict[str, list[Any]] | None:
    """Return the whole text as one object of lists, None if it is not that."""
    if not text.startswith(b"{") or (text.split(b"\n", 1)[0].rstrip().endswith(b"}") and b"\n" in text):
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return None
    is_table = isinstance(value, dict) and value and all(isinstance(v, list) for v in value.values())
    return value if is_table else None


def _parse(text: bytes, where: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        seen = f"line {error.lineno}, character {error.colno}: not JSON ({error.msg})"
        raise DataError(seen, where=where, hint=_HINT) from error


def _parse_lines(content: bytes, where: str) -> list[Any]:
    rows = []
    for number, line in enumerate(content.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            seen = f"line {number}, character {error.colno}: not JSON ({error.msg})"
            raise DataError(seen, where=where, hint=_HINT) from error
        if not isinstance(row, dict):
            raise DataError(f"line {number} is not an object", where=where, hint=_HINT)
        rows.append(row)
    return rows


def _from_rows(rows: Any, where: str) -> pl.DataFrame:
    if not rows:
        raise DataError("the file holds no rows", where=where, hint=_HINT)
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise DataError(f"element {number} of the array is not an object", where=where, hint=_HINT)
    names = list(dict.fromkeys(name for row in rows for name in row))
    return _frame({name: [row.get(name) for row in rows] for name in names}, where)


def _frame(columns: dict[str, list[Any]], where: str) -> pl.DataFrame:
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        seen = f"the columns are not equally long: {lengths}"
        raise DataError(seen, where=where, hint="every column needs one value a row")
    return pl.DataFrame([_series(name, values, where) for name, values in columns.items()])


def _series(name: str, values: list[Any], where: str) -> pl.Series:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        values = [None if value is None else float(value) for value in values]
    elif len(kinds) > 1 and not kinds <= {dict, list}:
        found = " and ".join(sorted(_WORDS.get(kind, kind.__name__) for kind in kinds))
        seen = f"column {name!r} holds values of different types: {found}"
        raise DataError(seen, where=where, hint="write them all the same way")
    return pl.Series(name, values, strict=False)


_WORDS = {str: "text", int: "whole numbers", float: "reals", bool: "true/false", dict: "objects", list: "lists"}
