"""The two stores of a run that models write: rows and their decisions, and answered calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ...store.calls import CallStore
from ...store.rows import RowStore

__all__ = ["open_stores"]


@contextmanager
def open_stores(path: str | Path, calls: str | Path | None = None) -> Iterator[tuple[RowStore, CallStore]]:
    """Give the stores in the file at `path` (":memory:" for a run that leaves nothing), closed at the end.

    calls : a file of answered calls that several runs share; None: the same file.
    Errors: OutputError for a file that is no store, damaged, in use or cannot be written.
    """
    with closing(RowStore(path)) as rows, closing(CallStore(calls or path)) as answered:
        yield rows, answered
