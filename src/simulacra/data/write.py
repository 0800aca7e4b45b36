"""Frames to files, by the file's ending; the old file stays whole until the new one is."""

from __future__ import annotations

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
            write_atomic(path, lambda sink: frame.write_parquet(sink, compression="zstd"))
        case "csv":
            write_atomic(path, lambda sink: _as_text(frame).write_csv(sink))
        case "jsonl":
            write_atomic(path, lambda sink: _as_text(frame).write_ndjson(sink))


def _as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with durations as ISO 8601 text: neither CSV nor JSON has a type for them."""
    durations = [name for name, dtype in frame.schema.items() if dtype == pl.Duration]
    return frame.with_columns(pl.col(name).dt.to_string("iso") for name in durations)
