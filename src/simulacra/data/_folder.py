"""Folders that hold one table: a Hugging Face dataset on disk, a hub snapshot, shards of one file."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ..errors import DataError

__all__ = ["table_files"]

_SUFFIXES = (".parquet", ".csv", ".tsv", ".jsonl", ".ndjson", ".arrow")
_SPLITS = ("train", "test", "validation", "valid", "val", "dev")
_SHARD = re.compile(r"^(?P<split>.+?)-\d{5}-of-\d{5}$")
_HINT = "give a table file, a folder written by save_to_disk, or a folder with Parquet or CSV files"


def table_files(folder: Path) -> tuple[list[Path], list[str]]:
    """Return the files that make up the table in `folder`, in order, and notes on what was chosen.

    Of several splits the one called train is taken. Raises DataError without data, or when there is no telling which.
    """
    described = folder / "dataset_dict.json"
    if described.is_file():
        names = _json(described).get("splits") or []
        splits = {str(name): _saved_files(folder / str(name)) for name in names}
        return _choose(splits, folder)
    if (folder / "state.json").is_file():
        return _saved_files(folder), []
    for place in (folder, folder / "data"):
        if place.is_dir() and (found := _by_split(place)):
            return _choose(found, folder)
    raise DataError("the folder holds no table", where=str(folder), hint=_HINT)


def _saved_files(folder: Path) -> list[Path]:
    state = folder / "state.json"
    if not state.is_file():
        raise DataError("the saved dataset has no state.json", where=str(folder), hint="save or copy it again")
    entries = _json(state).get("_data_files") or []
    # The names come from a file that may be a stranger's: only files of this very folder.
    files = [folder / Path(str(entry.get("filename", ""))).name for entry in entries]
    missing = [file.name for file in files if not file.is_file()]
    if missing or not files:
        seen = f"the saved dataset lacks {missing[0]}" if missing else "the saved dataset names no files"
        raise DataError(seen, where=str(folder), hint="save or copy it again")
    return files


def _by_split(folder: Path) -> dict[str, list[Path]]:
    """Group the files of the first known format by split; files that name none are one table."""
    for suffix in _SUFFIXES:
        files = sorted(file for file in folder.iterdir() if file.name.removesuffix(".gz").endswith(suffix))
        if files:
            break
    splits: dict[str, list[Path]] = {}
    for file in files:
        stem = file.name.split(".")[0]
        shard = _SHARD.match(stem)
        name = shard["split"] if shard else stem if stem.lower() in _SPLITS else ""
        splits.setdefault(name, []).append(file)
    return splits


def _choose(splits: dict[str, list[Path]], folder: Path) -> tuple[list[Path], list[str]]:
    if len(splits) == 1:
        name, files = next(iter(splits.items()))
        notes = [f"the folder has one split, {name!r}"] if name else []
        if not name and len(files) > 1:
            notes = [f"{len(files)} files are read as one table: {files[0].name} to {files[-1].name}"]
        return files, notes
    names = ", ".join(name or "(unnamed)" for name in splits)
    if "train" in splits:
        return splits["train"], [f"of the splits {names} 'train' is read"]
    raise DataError(f"the folder holds several splits: {names}", where=str(folder), hint="give the path of one of them")


def _json(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{file.name} is not JSON", where=str(file.parent), hint="save or copy it again") from error
    return value if isinstance(value, dict) else {}
