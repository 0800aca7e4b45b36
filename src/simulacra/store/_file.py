"""The one SQLite file of a run: how it is opened, and what is said when that fails.

Write-ahead log, `synchronous=NORMAL`: what was committed survives the death of the process at any moment. Each part of
the store (batches, calls, rows) has its own connection and its own tables in the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import OutputError

__all__ = ["DAMAGED", "VERSION", "open_file", "told"]

VERSION = 1
"""Of the file's layout, in `PRAGMA user_version`; 0 is a file from before versions were written."""

DAMAGED = "start again with --fresh"
_PATIENCE = 10.0


def open_file(
    path: Path | str, tables: str, *, patience: float | None = None, damaged: str = DAMAGED
) -> sqlite3.Connection:
    """Return a connection to the store's file, made if it is not there, with the given tables.

    tables : `CREATE TABLE IF NOT EXISTS` statements. patience : seconds to wait for another process that is writing.
    damaged : what to do about a file that cannot be used.
    Errors: OutputError if the file is something else, damaged, locked, of a newer version, or cannot be written.
    """
    where = str(path)
    with told(where, damaged):
        # Transactions are begun and ended by hand.
        db = sqlite3.connect(
            where, isolation_level=None, timeout=_PATIENCE if patience is None else patience, check_same_thread=False
        )
        try:
            _prepare(db, tables, where)
        except BaseException:
            db.close()
            raise
    return db


def _prepare(db: sqlite3.Connection, tables: str, where: str) -> None:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > VERSION:
        raise OutputError(
            f"this store was written by a newer version of Simulacra (layout {version}, this one knows {VERSION})",
            where=where,
            hint="update Simulacra, or start again in another folder",
        )
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")
    if version < VERSION:
        db.execute(f"PRAGMA user_version={VERSION}")
    db.executescript(tables)


@contextmanager
def told(where: str, damaged: str = DAMAGED) -> Iterator[None]:
    """Turn what the database says into an OutputError: a disk that is full, a file in use, or one that is damaged."""
    again = "run the same command again: it goes on where it stopped"
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            seen, hint = "the run's store is in use by another process", f"wait until that one has ended, then {again}"
        else:
            seen = f"the run's store cannot be written ({error})"
            hint = f"free some disk space and look at the folder's permissions, then {again}"
        raise OutputError(seen, where=where, hint=hint) from error
    except sqlite3.Error as error:
        seen = f"the run's store cannot be used ({str(error).splitlines()[0]})"
        raise OutputError(seen, where=where, hint=damaged) from error
