"""What a target has answered so far, on disk: a search that was killed goes on without asking again.

One line of JSON per answer, in the order of the calls. An answer that is no plain JSON value is not kept and will be
asked for again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import OutputError
from .outcome import Outcome

__all__ = ["Journal"]

_EVERY = 20  # answers between two flushes


class Journal:
    """The answers of earlier runs of one search, and of this one; close it when the search is over."""

    def __init__(self, path: Path) -> None:
        self._known = dict(_read(path))
        try:
            self._file = path.open("a", encoding="utf-8")
        except OSError as error:
            raise OutputError(f"answers cannot be written down ({error.strerror})", where=str(path)) from error
        self._since = 0

    def recall(self, number: int, record: Mapping[str, Any]) -> tuple[Outcome, bool] | None:
        """Return the answer to call `number` and whether it ran new lines, if that call was about this record."""
        entry = self._known.get(number)
        if entry is None or entry["record"] != _digest(record):
            return None
        told = entry["outcome"]
        return Outcome(told[0], told[1], told[2], told[3], tuple(told[4])), entry["new"]

    def note(self, number: int, record: Mapping[str, Any], outcome: Outcome, *, is_new: bool) -> None:
        """Write an answer down."""
        told = [outcome.value, outcome.error, outcome.message, outcome.place, list(outcome.kinds)]
        if not _is_plain(outcome.value):
            return
        entry = {"number": number, "record": _digest(record), "outcome": told, "new": is_new}
        self._file.write(json.dumps(entry) + "\n")
        self._since += 1
        if self._since >= _EVERY:
            self._file.flush()
            self._since = 0

    def close(self) -> None:
        """Write the rest; safe to call twice."""
        self._file.close()


def _read(path: Path) -> list[tuple[int, dict[str, Any]]]:
    if not path.exists():
        return []
    found = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            continue  # the last line of a run that was killed
        found.append((int(entry["number"]), entry))
    return found


def _digest(record: Mapping[str, Any]) -> str:
    return hashlib.blake2b(repr(dict(record)).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _is_plain(value: Any) -> bool:
    if type(value) is list:
        return all(_is_plain(one) for one in value)
    if type(value) is dict:
        return all(type(key) is str and _is_plain(one) for key, one in value.items())
    return value is None or type(value) in (bool, int, float, str)
