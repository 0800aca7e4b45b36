"""A query that runs: on a database in memory, which it cannot leave."""

from __future__ import annotations

import itertools
import sqlite3

from ...contracts.rows import Context, Row
from ...registry import register
from ._row import Alone, as_text, value_at

__all__ = ["Sql"]

_STEPS, _PERIODS = 10_000, 1_000
"""Instructions of SQLite's machine between two looks, and looks until it is enough: not seconds, which would make a row
depend on the machine's load."""
_MOST = 10_000_000
_REFUSED = (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH)


@register("row_check")
class Sql(Alone):
    """Rejects SQL that does not parse or does not run on SQLite.

    tables : statements that make the tables (and fill them); or `tables_field`, the field of the row that has them.
    rows : true: the query must give a row. Ten million steps of SQLite's
    machine are allowed (about a second); files cannot be attached. Not handled: other
    dialects; what SQLite does not know is rejected.
    """

    name = "sql"

    def __init__(self, field: str, *, tables: str = "", tables_field: str = "", rows: bool = False) -> None:
        self._field, self._tables, self._tables_field, self._rows = field, tables, tables_field, rows

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return what SQLite says against the query or the tables."""
        del context
        query = value_at(row, self._field)
        if query is None:
            return None
        made = as_text(value_at(row, self._tables_field) or "") if self._tables_field else self._tables
        db = sqlite3.connect(":memory:")
        try:
            db.set_authorizer(lambda action, *_: sqlite3.SQLITE_DENY if action in _REFUSED else sqlite3.SQLITE_OK)
            db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST)
            looks = itertools.count(1)
            db.set_progress_handler(lambda: next(looks) > _PERIODS, _STEPS)
            return self._run(db, made, as_text(query))
        finally:
            db.close()

    def _run(self, db: sqlite3.Connection, tables: str, query: str) -> str | None:
        try:
            db.executescript(tables)
        except (sqlite3.Error, ValueError, UnicodeError) as error:
            return f"the tables cannot be made: {error}"
        try:
            found = db.execute(query.strip().rstrip(";")).fetchmany(1)
        except (sqlite3.Error, sqlite3.Warning, ValueError, UnicodeError) as error:
            return "the query takes too long" if "interrupted" in str(error) else f"the query does not run: {error}"
        return "the query gives no row" if self._rows and not found else None
