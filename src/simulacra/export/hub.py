"""A dataset folder as the Hugging Face Hub shows and loads it: Parquet, and a card whose YAML names it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import yaml

from ..data.files import ensure_writable_folder, write_atomic
from ..data.write import write_table
from ..errors import DataError, OutputError
from ._format import Exported

__all__ = ["export_folder"]

_FILE = "data/train-00000-of-00001.parquet"


def export_folder(frame: pl.DataFrame, card: str, out: Path) -> Exported:
    """Write a dataset folder and read it back: data/train-*.parquet and README.md, the bundle's card with its YAML.

    card : text of the bundle's README.md; its front matter is kept, `configs` and `dataset_info` are set anew. Nothing
    of private/ goes in. `load_dataset(FOLDER)` reads it; nothing is uploaded.
    Errors: DataError without rows, OutputError if the folder cannot be written or is read back otherwise.
    """
    if frame.is_empty():
        raise DataError("there are no rows to export", where="export", hint="look at the bundle's report")
    ensure_writable_folder(out)
    (out / "data").mkdir(exist_ok=True)
    write_table(frame, out / _FILE, "parquet")
    front, body = _split(card)
    front["configs"] = [{"config_name": "default", "data_files": [{"split": "train", "path": "data/train-*.parquet"}]}]
    front["dataset_info"] = {"splits": [{"name": "train", "num_examples": frame.height}]}
    text = f"---\n{yaml.safe_dump(front, sort_keys=False, allow_unicode=True)}---\n\n{body.strip()}\n"
    write_atomic(out / "README.md", text.encode("utf-8", "replace"))
    _read_back(out, frame)
    return Exported(out, frame.height, 0)


def _read_back(out: Path, frame: pl.DataFrame) -> None:
    found = pl.read_parquet(out / _FILE)
    front, _ = _split((out / "README.md").read_text(encoding="utf-8"))
    told = front.get("dataset_info", {}).get("splits", [{}])[0].get("num_examples")
    if not found.equals(frame) or told != frame.height:
        raise OutputError("the folder is read back otherwise than it was written", where=str(out))


def _split(card: str) -> tuple[dict[str, Any], str]:
    """Return the YAML front matter of a card, {} if there is none that can be read, and what comes after it."""
    if not card.startswith("---\n"):
        return {}, card
    head, mark, body = card[4:].partition("\n---")
    try:
        front = yaml.safe_load(head)
    except yaml.YAMLError:
        front = None
    return (front, body) if mark and isinstance(front, dict) else ({}, card)
