"""Frames to files, by the file's ending; the old file stays whole until the new one is."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal, get_args

import polars as pl

from ..errors import OutputError
from .files import write_atomic

__all__ = ["FORMATS", "Format", "format_of", "write_table"]

Format = Literal["parquet", "csv", "jsonl"]
FORMATS: tuple[str, ...] = get_args(Format)


def format_of(path: Path) -> Format:
    """Return the format that the file's ending asks for; OutputError if there is none."""
    ending = path.suffix.lstrip(".").lower()
    for known in get_args(Format):
        if ending == known:
            return known  # type: ignore[no-any-return]
    raise OutputError(f"the ending {path.suffix!r} is no format", where=str(path), hint=f"use .{', .'.join(FORMATS)}")


def write_table(frame: pl.DataFrame, path: Path, format: Format | None = None) -> None:
    """Write a frame atomically; the same frame gives the same bytes."""
    match format or format_of(path):
        case "parquet":
            write_atomic(path, lambda sink: _put(lambda: frame.write_parquet(sink, compression="zstd")))
        case "csv":
            write_atomic(path, lambda sink: _put(lambda: _as_text(frame).write_csv(sink)))
        case "jsonl":
            write_atomic(path, lambda sink: _put(lambda: _as_text(frame).write_ndjson(sink)))


def _put(write: Callable[[], object]) -> None:
    """Write; what the system refused comes as an OSError, not as polars words it."""
    try:
        write()
    except (pl.exceptions.PolarsError, OSError) as error:
        refused = re.search(r"\(os error (\d+)\)", str(error))
        if refused is None:
            raise
        raise OSError(int(refused[1]), os.strerror(int(refused[1]))) from error


def _as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with durations as ISO 8601 text: neither CSV nor JSON has a type for them."""
    durations = [name for name, dtype in frame.schema.items() if dtype == pl.Duration]
    return frame.with_columns(pl.col(name).dt.to_string("iso") for name in durations)
