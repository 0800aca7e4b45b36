"""How many generations of made data lie between a file and real rows: read from the bundle it lies in."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from ..data.write import FORMATS

__all__ = ["FACT", "depth_of"]

FACT = "generation"
"""The name under which report.json, among its facts, holds the depth of a bundle's rows."""
_NAMES = {f"data.{format}" for format in FORMATS}


def depth_of(path: Path) -> int | None:
    """Return the generation depth of the rows of a bundle's data file, or of a bundle's folder; None if not known.

    private/lineage.parquet tells it row by row (the deepest counts), report.json for all rows; a bundle written before
    the depth was kept is one generation deep.
    """
    folder = path if path.is_dir() else path.parent
    if not path.is_dir() and path.name not in _NAMES:
        return None
    lineage = folder / "private" / "lineage.parquet"
    try:
        deepest = pl.scan_parquet(lineage).select(pl.col("depth").max()).collect().item() if lineage.is_file() else None
    except (pl.exceptions.PolarsError, OSError):  # someone else's file of that name
        deepest = None
    return int(deepest) if isinstance(deepest, int) else _told(folder / "report.json")


def _told(report: Path) -> int | None:
    try:
        document = json.loads(report.read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(document, dict) or document.get("format") != "simulacra.report":
        return None
    facts = document.get("facts")
    told = str(facts.get(FACT, "")) if isinstance(facts, dict) else ""
    if told.isdecimal():
        return int(told)
    return 1 if isinstance(facts, dict) and "method" in facts else None
