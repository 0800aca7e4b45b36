"""The folder of a run: who may write into it, and what of an earlier run may be gone on with."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..data.files import ensure_writable_folder, make_private_folder, remove_leftovers
from ..errors import OutputError, UserError
from ..store import Store

__all__ = ["STORE", "home_of", "open_folder", "remember_rows"]

STORE = Path("private") / "run.sqlite"
_DELIVERED = "rows delivered"
_PUBLIC = ("data.parquet", "data.csv", "data.jsonl", "report.html", "report.json", "report.schema.json", "README.md")


@contextmanager
def open_folder(out: Path, fingerprint: str, *, fresh: bool, rows: int | None = None) -> Iterator[Store]:
    """Give the store of the run in `out`, empty or with what an earlier run of the same fingerprint left.

    rows : how many will be delivered there, where that is a number that an earlier run may have gone beyond.

    Errors: OutputError if the folder holds another run or more rows (and not `fresh`), files that are no run's, is in
    use by another process, or cannot be written.
    """
    _check_content(out)
    ensure_writable_folder(out)
    make_private_folder(out / "private")
    with _lock(out):
        for part in (out, out / "private"):
            remove_leftovers(part)
        if fresh:
            _remove_run(out)
        store = Store(out / STORE)
        try:
            found = store.fact("fingerprint")
            if found not in (None, fingerprint):
                raise OutputError(
                    "the folder holds another run",
                    where=str(out),
                    hint="choose another folder, or replace that run with --fresh",
                )
            _refuse_fewer(store, rows, out)
            store.put_fact("fingerprint", fingerprint)
            try:
                yield store
            except UserError:
                if store.is_empty() and _only_store(out):  # refused before anything was made: the folder stays free
                    store.forget()
                raise
        finally:
            store.close()


def home_of(out: Path) -> str:
    """Return the way from a folder of results to the working folder, for tests there that look for their target."""
    return Path(os.path.relpath(Path.cwd(), out.resolve())).as_posix()


def remember_rows(store: Store, rows: int) -> None:
    """Note that so many rows lie in the folder; fewer will not take their place."""
    store.put_fact(_DELIVERED, str(rows))


def _refuse_fewer(store: Store, rows: int | None, out: Path) -> None:
    there = int(store.fact(_DELIVERED) or 0)
    if rows is not None and rows < there:
        raise OutputError(
            f"the folder holds a finished run of {there:,} rows, and {rows:,} were asked for",
            where=str(out),
            hint="choose another folder, or replace that run with --fresh",
        )


def _check_content(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise OutputError("this is a file, a run needs a folder", where=str(out), hint="choose another name")
    if out.is_dir() and any(out.iterdir()) and not (out / STORE).exists() and not _only_private(out):
        raise OutputError(
            "the folder holds files that are not a run's", where=str(out), hint="choose an empty or a new folder"
        )


def _only_private(out: Path) -> bool:
    """Say whether nothing but the still empty private part is there: a run was stopped in its first moments."""
    return {path.name for path in out.iterdir()} == {"private"} and (out / "private" / "lock").exists()


def _only_store(out: Path) -> bool:
    """Say whether the private part holds nothing but the store and the lock."""
    return all(path.name == "lock" or path.name.startswith(STORE.name) for path in (out / "private").iterdir())


def _remove_run(out: Path) -> None:
    for name in (*_PUBLIC, "recipe.yaml"):
        (out / name).unlink(missing_ok=True)
    for path in (out / "private").iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "lock":
            path.unlink()


@contextmanager
def _lock(out: Path) -> Iterator[None]:
    with (out / "private" / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise OutputError(
                "another process is making a run in this folder", where=str(out), hint="wait for it, or choose another"
            ) from error
        yield
