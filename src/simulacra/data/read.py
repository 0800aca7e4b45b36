"""Reading a table from a file or folder, typed, with notes on everything that had to be assumed."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ..errors import DataError
from ._cells import drop_spellings, type_columns
from ._csv import read_delimited
from ._folder import table_files
from ._json import read_json
from ._sniff import read_bytes
from .frames import check_flat, dtype_name

__all__ = ["SUFFIXES", "Loaded", "read_table"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A table as read: frame : (n_rows, n_columns), typed; notes : one sentence for each assumption made."""

    frame: pl.DataFrame
    notes: tuple[str, ...] = ()


def read_table(source: str | Path, *, words: bool = True) -> Loaded:
    """Return the table in a file or folder.

    CSV and its kin (separator , ; tab or |, decimal commas, thousands, `?` and `NA` for missing, UTF-8, UTF-16 or
    Windows-1252), JSON Lines, a JSON array, Parquet, Arrow, all but the last two also as gzip; a Hugging Face dataset
    folder or hub snapshot. In text files whole numbers become Int64, reals Float64, true/false Boolean, ISO dates Date,
    ISO datetimes Datetime (UTC if they carry an offset); other values stay String. NaN becomes missing.

    words : whether what is spelled like missing (`?`, `N/A`, ...) is a word in formats that have a missing value of
    their own (JSON, Parquet, Arrow), as texts need it. If not, it is missing there by the rule for CSV.

    Raises DataError: missing, unreadable or broken file, no rows, duplicate names, ragged rows, nested columns,
    infinities; each with the place and what to do.

    Not handled: several tables in one file, a file without a header line, Excel.
    """
    path = Path(source)
    if path.is_dir():
        files, notes = table_files(path)
        parts = [_read_file(file) for file in files]
        frame = _concat(parts, path)
        notes += list(dict.fromkeys(note for part in parts for note in part.notes))
    else:
        loaded = _read_file(path)
        frame, notes = loaded.frame, list(loaded.notes)
    frame = check_flat(frame, where=str(path))
    if not words:
        frame, more = drop_spellings(frame)
        notes += more
    if frame.height == 0 or frame.width == 0:
        seen = "there are columns and not one row" if frame.width else "the table has no columns"
        raise DataError(seen, where=str(path), hint="give a table with a header and rows")
    return Loaded(frame, tuple(notes))


def _concat(parts: list[Loaded], folder: Path) -> pl.DataFrame:
    names = parts[0].frame.columns
    for number, part in enumerate(parts, 1):
        if part.frame.columns != names:
            odd = sorted(set(part.frame.columns) ^ set(names)) or ["their order"]
            seen = f"file {number} of {len(parts)} has other columns than the first ({', '.join(odd[:5])})"
            raise DataError(seen, where=str(folder), hint="give one of the files")
    # An empty column of a text file says nothing of its type.
    frames = [
        part.frame.with_columns(pl.col(name).cast(pl.Null) for name in names if part.frame[name].is_null().all())
        for part in parts
    ]
    for name in names:
        kinds = {frame.schema[name] for frame in frames} - {pl.Null()}
        if len(kinds) > 1 and not all(kind.is_numeric() for kind in kinds):
            found = " and ".join(sorted(map(dtype_name, kinds)))
            seen = f"the files hold different types in column {name!r}: {found}"
            raise DataError(seen, where=str(folder), hint="give one of the files")
    return pl.concat(frames, how="vertical_relaxed")


def _read_file(path: Path) -> Loaded:
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    reader = SUFFIXES.get(suffix)
    if not path.exists() and not path.is_symlink():
        raise DataError("the file does not exist", where=str(path), hint="check the path")
    if reader is None:
        known = ", ".join(SUFFIXES)
        seen = f"the suffix {suffix!r} is not known" if suffix else "the file has no suffix to tell its format"
        raise DataError(seen, where=str(path), hint=f"known are {known}, and .gz after those of text")
    return reader(read_bytes(path), path)


def _read_csv(content: bytes, path: Path) -> Loaded:
    prefer = "\t" if path.name.lower().removesuffix(".gz").endswith((".tsv", ".tab")) else None
    cells, dialect, notes = read_delimited(content, str(path), prefer)
    frame, typing_notes = type_columns(cells, comma=dialect.separator == ";")
    return Loaded(frame, tuple(notes + typing_notes))


def _read_json(content: bytes, path: Path) -> Loaded:
    frame, notes = read_json(content, str(path))
    return Loaded(frame, tuple(notes))


def _read_parquet(content: bytes, path: Path) -> Loaded:
    return Loaded(_parsed(pl.read_parquet, content, (path, "Parquet")))


def _read_arrow(content: bytes, path: Path) -> Loaded:
    # Feather and Arrow files begin with this mark; streams, as Hugging Face writes them, do not.
    read = pl.read_ipc if content.startswith(b"ARROW1") else pl.read_ipc_stream
    return Loaded(_parsed(read, content, (path, "Arrow")))


def _parsed(read: Callable[[io.BytesIO], pl.DataFrame], content: bytes, place: tuple[Path, str]) -> pl.DataFrame:
    path, name = place
    if not content:
        raise DataError("the file is empty", where=str(path), hint="give a table with a header and rows")
    try:
        return read(io.BytesIO(content))
    # Broken bytes show as any of these, and as a panic of the parser underneath.
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError) as error:
        seen = f"not a {name} file, or a broken one ({_first_line(error)})"
        raise DataError(seen, where=str(path), hint="write or copy it again") from error


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


SUFFIXES: dict[str, Callable[[bytes, Path], Loaded]] = {
    **dict.fromkeys((".csv", ".tsv", ".tab", ".txt", ".psv"), _read_csv),
    **dict.fromkeys((".jsonl", ".ndjson", ".json"), _read_json),
    **dict.fromkeys((".parquet", ".pq"), _read_parquet),
    **dict.fromkeys((".arrow", ".feather", ".ipc"), _read_arrow),
}
