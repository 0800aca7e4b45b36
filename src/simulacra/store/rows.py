"""The rows of a text run in its SQLite file: every decision in the order it fell, with what was made and what it cost.

Decisions are committed in groups; a kill loses at most the last group, and what those rows' calls answered lies in the
store of calls. Rows are JSON text, never pickle.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import OutputError
from ._file import open_file, told

__all__ = ["Decision", "RowStore", "StoredRow", "Totals"]

_TABLES = """
CREATE TABLE IF NOT EXISTS attempts (
    position INTEGER PRIMARY KEY, slot INTEGER NOT NULL, retry INTEGER NOT NULL, accepted INTEGER NOT NULL,
    tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, dollars REAL NOT NULL,
    calls TEXT NOT NULL, models TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS made (
    position INTEGER NOT NULL, branch INTEGER NOT NULL, content TEXT NOT NULL,
    step TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (position, branch)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS opened (
    number INTEGER PRIMARY KEY, position INTEGER NOT NULL, slots INTEGER NOT NULL, wanted INTEGER NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class StoredRow:
    """One row that was made. step, reason : "" if it was accepted."""

    content: dict[str, Any]
    step: str = ""
    reason: str = ""
    position: int = -1


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on the attempt at one position: accepted rows, refused ones, and what they took."""

    position: int
    slot: int
    retry: int
    rows: tuple[StoredRow, ...]
    usage: tuple[int, int, float] = (0, 0, 0.0)
    calls: tuple[str, ...] = ()
    models: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Say whether a row of the attempt was accepted."""
        return any(not row.step for row in self.rows)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all decisions. refused : (step, reason) -> rows."""

    attempts: int = 0
    accepted: int = 0
    rejected: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    dollars: float = 0.0
    calls: int = 0
    refused: Mapping[tuple[str, str], int] = field(default_factory=dict)


class RowStore:
    """The decisions of one run; create it with the path of the run's file, or ":memory:".

    Errors: OutputError if the file is damaged, locked, or cannot be written.
    """

    def __init__(self, path: Path | str) -> None:
        self._where = str(path)
        self._db = open_file(path, _TABLES)

    def put(self, decisions: Sequence[Decision]) -> None:
        """Write decisions in one transaction, durable when this returns."""
        attempts = [
            (
                *(one.position, one.slot, one.retry, one.accepted, *one.usage),
                *(json.dumps(one.calls), json.dumps(one.models)),
            )
            for one in decisions
        ]
        made = [
            (one.position, branch, json.dumps(row.content, ensure_ascii=False), row.step, row.reason)
            for one in decisions
            for branch, row in enumerate(one.rows)
        ]
        with self._told(), self._transaction():
            self._db.executemany("INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", attempts)
            self._db.executemany("INSERT INTO made VALUES (?, ?, ?, ?, ?)", made)

    def put_opened(self, position: int, slots: int, wanted: int) -> None:
        """Note that after `position` decisions so many slots were added, for a run of `wanted` rows."""
        with self._told():
            self._db.execute("INSERT INTO opened (position, slots, wanted) VALUES (?, ?, ?)", (position, slots, wanted))

    def opened(self) -> list[tuple[int, int, int]]:
        """Return (position, slots, wanted) of every time slots were added."""
        with self._told():
            return self._db.execute("SELECT position, slots, wanted FROM opened ORDER BY number").fetchall()

    def decisions(self) -> Iterator[Decision]:
        """Yield all decisions in their order."""
        with self._told():
            made = self.rows()
            row = next(made, None)
            heads = self._db.cursor().execute(
                "SELECT position, slot, retry, tokens_in, tokens_out, dollars, calls, models"
                " FROM attempts ORDER BY position"
            )
            for position, slot, retry, *usage, calls, models in heads:
                rows = []
                while row is not None and row.position == position:
                    rows.append(row)
                    row = next(made, None)
                paid = (usage[0], usage[1], usage[2])
                told = tuple(json.loads(calls)), tuple(json.loads(models))
                yield Decision(position, slot, retry, tuple(rows), paid, *told)

    def rows(self, *, accepted: bool | None = None) -> Iterator[StoredRow]:
        """Yield rows in the order of decisions: all, the accepted ones, or the others."""
        which = {None: "", True: "WHERE step = ''", False: "WHERE step != ''"}[accepted]
        query = f"SELECT content, step, reason, position FROM made {which} ORDER BY position, branch"
        with self._told():
            for content, step, reason, position in self._db.cursor().execute(query):
                yield StoredRow(json.loads(content), step, reason, position)

    def totals(self) -> Totals:
        """Return the sums over all decisions."""
        with self._told():
            sums = self._db.execute(
                "SELECT count(*), total(tokens_in), total(tokens_out), total(dollars), total(json_array_length(calls))"
                " FROM attempts"
            ).fetchone()
            reasons = self._db.execute("SELECT step, reason, count(*) FROM made GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2")
            counts = {(step, reason): rows for step, reason, rows in reasons}
        kept = counts.pop(("", ""), 0)
        spent = int(sums[1]), int(sums[2]), float(sums[3]), int(sums[4])
        return Totals(int(sums[0]), kept, sum(counts.values()), *spent, counts)

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the database, or damaged text in it, says into an OutputError."""
        try:
            with told(self._where):
                yield
        except json.JSONDecodeError as error:
            seen = "the run's rows cannot be used (a stored row is damaged)"
            raise OutputError(seen, where=self._where, hint="start again with --fresh") from error
