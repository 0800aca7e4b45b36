"""What a target has answered so far, on disk: a search that was killed goes on without asking again.

A line of JSON that says whose answers they are, then one per answer, in the order of the calls. An answer that is no
plain JSON value is not kept and will be asked for again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...errors import OutputError
from .outcome import Outcome

__all__ = ["Journal"]


class Journal:
    """The answers of earlier runs of one search, and of this one; close it when the search is over.

    code : says whose answers they are; those of other code are thrown away.
    """

    def __init__(self, path: Path, code: str = "") -> None:
        whose, self._known = _read(path)
        goes_on = whose == code
        if not goes_on:
            self._known = {}
        try:
            self._file = path.open("a" if goes_on else "w", encoding="utf-8", buffering=1)  # a line is kept at once
            self._file.write("\n" if goes_on else json.dumps({"code": code}) + "\n")  # a line cut short ends here
        except OSError as error:
            raise OutputError(f"answers cannot be written down ({error.strerror})", where=str(path)) from error

    def recall(self, number: int, record: Mapping[str, Any]) -> tuple[Outcome, Sequence[int]] | None:
        """Return the answer to call `number` and the new lines that it ran, if that call was about this record."""
        entry = self._known.get(number)
        if entry is None or entry["record"] != _digest(record):
            return None
        told = entry["outcome"]
        return Outcome(told[0], told[1], told[2], told[3], tuple(told[4])), entry["new"]

    def note(self, number: int, record: Mapping[str, Any], outcome: Outcome, new: Sequence[int] = ()) -> None:
        """Write an answer down, with the lines of the target that no call ran before."""
        told = [outcome.value, outcome.error, outcome.message, outcome.place, list(outcome.kinds)]
        if not _is_plain(outcome.value):
            return
        entry = {"number": number, "record": _digest(record), "outcome": told, "new": list(new)}
        try:
            self._file.write(json.dumps(entry) + "\n")
        except OSError as error:
            raise OutputError(f"answers cannot be written down ({error.strerror})", where=self._file.name) from error

    def close(self) -> None:
        """End it; safe to call twice."""
        self._file.close()


def _read(path: Path) -> tuple[str | None, dict[int, dict[str, Any]]]:
    """Return whose answers they are, None if nothing says so, and the answers by number."""
    whose, found = None, {}
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    for line in lines:
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            continue  # the last line of a run that was killed
        if "code" in entry:
            whose = str(entry["code"])
        else:
            found[int(entry["number"])] = entry
    return whose, found


def _digest(record: Mapping[str, Any]) -> str:
    return hashlib.blake2b(repr(dict(record)).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _is_plain(value: Any) -> bool:
    if type(value) is list:
        return all(_is_plain(one) for one in value)
    if type(value) is dict:
        return all(type(key) is str and _is_plain(one) for key, one in value.items())
    return value is None or type(value) in (bool, int, float, str)
