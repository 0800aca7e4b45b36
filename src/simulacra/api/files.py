"""Saved models: learn a file, make rows with what was learned, fill in partly known rows."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from ..contracts import Progress
from ..data.files import read_text
from ..data.frames import to_polars
from ..data.infer import infer_schema
from ..data.read import read_table
from ..data.relations import settle
from ..data.schema import Schema
from ..data.schema_file import schema_from_yaml
from ..data.write import format_of, write_table
from ..errors import SchemaError
from ..generate.complete import Completed
from ..generate.conditions import Given
from ..run.judging import as_frame
from ..run.source import load_frame
from .tables import Quality, Synthesizer

__all__ = ["complete_file", "fit_file", "inspect_file", "read_schema", "sample_file"]


def inspect_file(path: str | Path) -> tuple[Schema, tuple[str, ...]]:
    """Return what `inspect` says of a file, and what had to be assumed to read it: a sentence each."""
    loaded = read_table(path, words=False)
    frame, _ = to_polars(loaded.frame)
    return settle(frame, infer_schema(frame)), loaded.notes


def fit_file(
    path: str | Path,
    out: str | Path,
    *,
    quality: Quality = "best",
    seed: int = 0,
    schema: Path | None = None,
    progress: Progress | None = None,
) -> Schema:
    """Learn a table from a file and save the model; returns the schema it was learned with."""
    frame, _ = load_frame(Path(path))
    known = infer_schema(frame) if schema is None else read_schema(schema, frame)
    synthesizer = Synthesizer(quality=quality, seed=seed, schema=known).fit(frame, progress=progress)
    synthesizer.save(out)
    return known


def sample_file(
    model: str | Path,
    rows: int,
    out: str | Path,
    *,
    given: Given | None = None,
    balance: str | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Make rows with a saved model and write them as the ending of `out` asks (.parquet, .csv, .jsonl)."""
    format_of(Path(out))
    loaded = Synthesizer.load(model)
    frame: pl.DataFrame = loaded.sample(rows, given=given, balance=balance, seed=seed, progress=progress)
    write_table(frame, Path(out))
    return frame


def complete_file(model: str | Path, partial: str | Path, out: str | Path, *, seed: int = 0) -> Completed:
    """Fill in the rest of the partly known rows of a file with a saved model, and write them all to `out`.

    Rows that cannot be completed are written as they came; the result names them.
    """
    format_of(Path(out))
    made = Synthesizer.load(model).complete_told(as_frame(partial, words=False), seed=seed)
    write_table(made.rows, Path(out))
    return made


def read_schema(path: Path, frame: pl.DataFrame) -> Schema:
    """Return what schema.yaml says of the frame, the rest inferred."""
    text = read_text(path, "the schema", SchemaError)
    return schema_from_yaml(text, where=str(path), base=infer_schema(frame), frame=frame)
