"""Rows of a bundle in the formats that trainers read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..data.files import read_text
from ..data.read import read_table
from ..errors import DataError, RecipeError
from ..export._format import Exported, export_rows
from ..export._turns import find_shape
from ..export.hub import export_folder
from ..registry import find, names

if TYPE_CHECKING:
    import polars as pl

__all__ = ["export", "export_formats"]

_HUB = "hub"
_DATA = ("data.jsonl", "data.parquet", "data.csv")


def export_formats() -> list[str]:
    """Return the names of the formats, "hub" among them."""
    return sorted([*names("export"), _HUB])


def export(source: str | Path, out: str | Path, *, to: str, ask: str = "", say: str = "", system: str = "") -> Exported:
    """Write the rows of a bundle, or of a file, in a format that trainers read; what was written is read back.

    to : "sft", "alpaca", "sharegpt", "dpo", "kto", "openai" (JSON lines into the file `out`), or "hub" (a dataset
    folder with card). ask, say : columns of the question and the answer, found by their usual names if not given.
    system : a system prompt for every conversation.
    Errors: RecipeError for a format or column there is none of; DataError if nothing can be exported; OutputError.
    """
    place, target = Path(source), Path(out)
    file = _data_file(place)
    if to == _HUB:
        card = place / "README.md"
        told = card.read_text(encoding="utf-8") if card.is_file() else f"# {place.stem}\n"
        return export_folder(read_table(file).frame, told, target)
    if to not in names("export"):
        hint = f"there are: {', '.join(export_formats())}"
        raise RecipeError(f"there is no format {to!r}", where="--to", hint=hint)
    if target.suffix not in (".jsonl", ".json"):
        raise RecipeError(f"{to} is written as JSON lines", where=str(target), hint="give a file that ends in .jsonl")
    columns, rows = _rows(file)
    return export_rows(rows, find("export", to)(), find_shape(columns, ask=ask, say=say, system=system), target)


def _data_file(place: Path) -> Path:
    """Return the file of rows: of a bundle's folder, or the file itself."""
    if not place.is_dir():
        return place
    found = next((place / name for name in _DATA if (place / name).is_file()), None)
    if found is None:
        raise DataError("this folder holds no data file of a bundle", where=str(place), hint="run into it first")
    return found


def _rows(file: Path) -> tuple[list[str], Iterator[dict[str, Any]]]:
    if file.suffix == ".jsonl":  # nested values stay as they are
        lines = read_text(file, "the rows", DataError).split("\n")
        rows = [_row(line, f"{file}:{number}") for number, line in enumerate(lines, 1) if line.strip()]
        if not rows:
            raise DataError("there is no row in it", where=str(file), hint="look at the bundle's report")
        return list(dict.fromkeys(name for row in rows for name in row)), iter(rows)
    frame: pl.DataFrame = read_table(file).frame
    return frame.columns, frame.iter_rows(named=True)


def _row(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise DataError(f"this is not JSON ({error})", where=where, hint="give one object a line") from error
    if not isinstance(row, dict):
        raise DataError("a line is no object", where=where, hint="give one object a line")
    return row
