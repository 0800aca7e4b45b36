"""Fields that are drawn, not written: categories, numbers, dates, personas, seed rows, passages of documents."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ...contracts.rows import Row
from ...data.files import read_text
from ...errors import DataError
from .passages import Passage, read_passages
from .people import PERSONAS

__all__ = ["Draw", "draw", "read_seeds", "stamp_of"]

Stamp = tuple[tuple[str, int, int], ...]
Kind = Literal["category", "integer", "number", "date", "persona", "row_of", "passage_of"]


@dataclass(frozen=True, slots=True)
class Draw:
    """How a field is drawn.

    kind : what it is. levels : weights of a category, or of personas. parent : the field on which `below` depends.
    low, high : bounds of numbers, days of dates (ISO texts), both included. path : of seeds or documents.
    words : of a passage. decimals : of a number. count : rows or passages at once; 1 gives one, not a list.
    stamp : of the files, so that one that has changed since is read again.
    """

    kind: Kind
    levels: Mapping[str, float] = field(default_factory=dict)
    parent: str = ""
    below: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    low: Any = 0
    high: Any = 1
    path: str = ""
    words: int = 200
    decimals: int = 2
    count: int = 1
    stamp: Stamp = ()


def draw(how: Draw, row: Row, slot: int, rng: np.random.Generator) -> tuple[Any, list[str]]:
    """Return a value and the identities of the real things it was taken from.

    Seed rows and passages are taken in turn by slot, so that each gets its share; a retry of a slot gets the same ones.
    """
    match how.kind:
        case "category":
            levels = how.below.get(str(row.get(how.parent)), {}) if how.parent else how.levels
            return (_weighted(levels, rng) if levels else None), []
        case "persona":
            return _weighted(how.levels or dict.fromkeys(PERSONAS, 1.0), rng), []
        case "integer":
            return int(rng.integers(int(how.low), int(how.high) + 1)), []
        case "number":
            return round(float(rng.uniform(float(how.low), float(how.high))), how.decimals), []
        case "date":
            return _date(str(how.low), str(how.high), rng), []
        case "row_of":
            return _some(read_seeds(how.path, how.stamp), how, slot)
        case "passage_of":
            return _passages(how, slot)


def _weighted(levels: Mapping[str, float], rng: np.random.Generator) -> str:
    weights = np.array([*levels.values()], dtype=float)
    return list(levels)[int(rng.choice(len(weights), p=weights / weights.sum()))]


def _date(low: str, high: str, rng: np.random.Generator) -> str:
    first, last = datetime.date.fromisoformat(low), datetime.date.fromisoformat(high)
    return (first + datetime.timedelta(days=int(rng.integers((last - first).days + 1)))).isoformat()


def _some(rows: Sequence[tuple[str, Any]], how: Draw, slot: int) -> tuple[Any, list[str]]:
    """Return the rows that fall to a slot: a walk over all of them, each as often as any other."""
    order = _shuffled(len(rows), how.path)
    count = min(how.count, len(rows))
    taken = [rows[order[(slot * count + place) % len(rows)]] for place in range(count)]
    values = [value for _, value in taken]
    return (values if how.count > 1 else values[0]), [name for name, _ in taken]


def _passages(how: Draw, slot: int) -> tuple[Any, list[str]]:
    found = _documents(how.path, how.words, how.stamp)
    whole = [(one.identity, {"text": one.text, "source": one.source, "title": one.title}) for one in found]
    return _some(whole, how, slot)


@cache
def _shuffled(length: int, path: str) -> list[int]:
    # Neighbours in a file are alike; a fixed walk that depends on nothing but the length keeps runs repeatable.
    del path
    return [int(place) for place in np.random.Generator(np.random.PCG64(length)).permutation(length)]


@lru_cache(maxsize=16)
def _documents(path: str, words: int, stamp: Stamp) -> list[Passage]:
    del stamp
    return read_passages(Path(path), words)


def stamp_of(path: Path) -> Stamp:
    """Return name, size and time of change of a file, or of all in a folder: what was read is known by it."""
    files = sorted(inner for inner in path.rglob("*") if inner.is_file()) if path.is_dir() else [path]
    try:
        return tuple((str(file), (told := file.stat()).st_size, told.st_mtime_ns) for file in files)
    except OSError:
        return ()  # who reads it says what is wrong


def read_seeds(path: str, stamp: Stamp = ()) -> list[tuple[str, Any]]:
    """Return the rows of a seed file with their identities: JSON lines, a JSON list, a table, or one text a line.

    stamp : of the file as it was when the run began; () for now. What has not changed is read once.
    Errors: DataError for a file without rows or a line that is not JSON.
    """
    return _seeds(path, stamp or stamp_of(Path(path)))


@lru_cache(maxsize=16)
def _seeds(path: str, stamp: Stamp) -> list[tuple[str, Any]]:
    del stamp
    file = Path(path)
    suffix = file.suffix.lower()
    if suffix in (".csv", ".tsv", ".parquet"):
        from ...data.read import read_table

        rows: list[Any] = read_table(file).frame.to_dicts()
    elif suffix in (".jsonl", ".ndjson"):
        rows = [_json(line, file, number) for number, line in enumerate(_lines(file), 1)]
    elif suffix == ".json":
        whole = _json(read_text(file, "the seeds", DataError), file, 1)
        rows = whole if isinstance(whole, list) else [whole]
    else:
        rows = [{"text": line} for line in _lines(file)]
    if not rows:
        raise DataError("there are no seeds in this file", where=path, hint="give one row a line")
    return [(f"{file.name}:{number}", row) for number, row in enumerate(rows, 1)]


def _lines(file: Path) -> list[str]:
    return [line for line in read_text(file, "the seeds", DataError).split("\n") if line.strip()]


def _json(text: str, file: Path, line: int) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise DataError(f"this is not JSON ({error})", where=f"{file}:{line}", hint="give one object a line") from error
