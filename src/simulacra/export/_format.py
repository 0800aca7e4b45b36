"""What a training format is, and writing one: rows in, records out, the file read back before it is called done."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..data.files import write_atomic
from ..errors import DataError, OutputError
from ._turns import Shape

__all__ = ["Exported", "Format", "export_rows", "wrong_turns"]

Row = Mapping[str, Any]


class Format(Protocol):
    """One training format: a class under `@register("export")`, made without arguments."""

    name: str

    def records(self, row: Row, shape: Shape) -> list[dict[str, Any]]:
        """Return the records of a row; [] if the row lacks what they need."""

    def wrong(self, record: Any) -> str:
        """Return what is wrong with a record that was read back, "" if nothing."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written. left_out : rows without what the format needs."""

    path: Path
    records: int
    left_out: int


def export_rows(rows: Iterable[Row], format: Format, shape: Shape, path: Path) -> Exported:
    """Write rows as JSON lines of a format, then read the file back and check every record of it.

    Errors: DataError if no row can be exported; OutputError if the file cannot be written, or what is read back is not
    what the format asks for (then the file is removed).
    """
    lines, left_out = [], 0
    for row in rows:
        made = format.records(row, shape)
        left_out += not made
        lines += [json.dumps(record, ensure_ascii=False).encode("utf-8", "replace") + b"\n" for record in made]
    if not lines:
        hint = "look at the rows, or name the columns: --ask, --say"
        raise DataError(f"none of {left_out} rows has what {format.name} needs", where="export", hint=hint)
    write_atomic(path, b"".join(lines))
    wrong = _read_back(path, format, len(lines))
    if wrong:
        path.unlink(missing_ok=True)
        raise OutputError(f"the file was not what {format.name} asks for: {wrong}", where=str(path))
    return Exported(path, len(lines), left_out)


def wrong_turns(turns: Any, *, last: str = "assistant") -> str:
    """Return what is wrong with turns in the form {"role", "content"}, "" if nothing."""
    if not isinstance(turns, list) or not turns:
        return "there are no turns"
    for place, turn in enumerate(turns):
        if not isinstance(turn, dict) or set(turn) != {"role", "content"}:
            return f"turn {place} has not just role and content"
        if turn["role"] not in ("system", "user", "assistant", "tool"):
            return f"turn {place} has the role {turn['role']!r}"
        if not isinstance(turn["content"], str) or not turn["content"].strip():
            return f"turn {place} is empty"
        if turn["role"] == "system" and place:
            return "the system's turn is not the first"
    return "" if turns[-1]["role"] == last else f"the last turn is not the {last}'s"


def _read_back(path: Path, format: Format, wanted: int) -> str:
    found = 0
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n")[:-1], 1):
        try:
            record = json.loads(line)
        except ValueError as error:
            return f"line {number} is not JSON ({error})"
        if wrong := format.wrong(record):
            return f"line {number}: {wrong}"
        found += 1
    return "" if found == wanted else f"{found} records instead of {wanted}"
