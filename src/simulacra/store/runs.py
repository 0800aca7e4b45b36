"""The batches of a run: what was made so far, so that an interrupted run goes on instead of starting again.

A transaction per batch: after a kill the file holds whole batches or nothing of them. Values are Arrow bytes and JSON
text, never pickle.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ..errors import OutputError
from ._file import open_file, told

__all__ = ["Batch", "Store"]

_PLANS = ("facts", "opened")
"""Tables that say what a run is and is about to make, not what it made."""
_TABLES = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS model (content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS batches (
    number INTEGER PRIMARY KEY, asked INTEGER NOT NULL, accepted BLOB NOT NULL, rejected BLOB NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Batch:
    """The outcome of one batch: `asked` rows were made, `accepted` passed all checks.

    rejected : the other rows, with two leading columns "step" and "reason".
    """

    number: int
    asked: int
    accepted: pl.DataFrame
    rejected: pl.DataFrame


class Store:
    """The run's file; create it with the path, or with ":memory:" for a run that leaves nothing.

    Errors: OutputError if the file is damaged, is something else, or cannot be written.
    """

    def __init__(self, path: Path | str) -> None:
        self._where = str(path)
        self._db = open_file(path, _TABLES)

    def fact(self, name: str) -> str | None:
        """Return the value put under that name, None if there is none."""
        row = self._read("SELECT value FROM facts WHERE name = ?", (name,))
        return None if row is None else str(row[0])

    def put_fact(self, name: str, value: str) -> None:
        """Remember a value under a name."""
        self._write("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def forget(self) -> None:
        """Forget whose run this is and what it was about to make; for a file that `is_empty`."""
        for table in _PLANS:
            if self._read("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)) is not None:
                self._write(f'DELETE FROM "{table}"', ())

    def is_empty(self) -> bool:
        """Say whether nothing was made: no model, batch, call or row, of whatever part; facts and plans at most."""
        with told(self._where):
            names = [row[0] for row in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = [name for name in names if name not in _PLANS and not name.startswith("sqlite_")]
        return all(self._read(f'SELECT 1 FROM "{name}" LIMIT 1', ()) is None for name in tables)

    def model(self) -> bytes | None:
        """Return the fitted model's bytes, None if nothing was fitted yet."""
        row = self._read("SELECT content FROM model", ())
        return None if row is None else bytes(row[0])

    def put_model(self, content: bytes) -> None:
        """Write the fitted model, durable when this returns."""
        self._write("INSERT INTO model VALUES (?)", (content,))

    def has_batch(self, number: int, asked: int) -> bool:
        """Say whether batch `number` is there with at least `asked` rows made for it."""
        return self._read("SELECT 1 FROM batches WHERE number = ? AND asked >= ?", (number, asked)) is not None

    def batch(self, number: int, asked: int) -> Batch | None:
        """Return batch `number` if it is there and at least `asked` rows were made for it."""
        row = self._read(
            "SELECT asked, accepted, rejected FROM batches WHERE number = ? AND asked >= ?", (number, asked)
        )
        if row is None:
            return None
        with self._told():
            return Batch(number, row[0], _from_bytes(row[1]), _from_bytes(row[2]))

    def put_batch(self, batch: Batch) -> None:
        """Write a batch, durable when this returns."""
        row = (batch.number, batch.asked, _to_bytes(batch.accepted), _to_bytes(batch.rejected))
        self._write("INSERT OR REPLACE INTO batches VALUES (?, ?, ?, ?)", row)

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._db.close()

    def _read(self, statement: str, row: tuple[object, ...]) -> tuple[Any, ...] | None:
        with self._told():
            found: tuple[Any, ...] | None = self._db.execute(statement, row).fetchone()
        return found

    def _write(self, statement: str, row: tuple[object, ...]) -> None:
        with self._told():
            self._db.execute(statement, row)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the database, or a damaged frame in it, says into an OutputError."""
        try:
            with told(self._where):
                yield
        except (pl.exceptions.PolarsError, OSError) as error:
            seen = f"the run's store cannot be used ({str(error).splitlines()[0]})"
            raise OutputError(seen, where=self._where, hint="start again with --fresh") from error


def _to_bytes(frame: pl.DataFrame) -> bytes:
    sink = io.BytesIO()
    frame.write_ipc(sink, compression="zstd")
    return sink.getvalue()


def _from_bytes(content: bytes) -> pl.DataFrame:
    return pl.read_ipc(io.BytesIO(content))
