"""A table with its schema and its descent: what a generator takes and what a run gives."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from .schema import Schema

__all__ = ["Dataset", "Lineage"]


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where rows come from: the method and model that wrote them.

    depth : generations away from real data, 0 = real.
    """

    method: str = "real"
    model: str = ""
    seed: int | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Dataset:
    """frame : (n_rows, n_columns) in schema order; lineage holds for all its rows."""

    frame: pl.DataFrame
    schema: Schema
    lineage: Lineage = Lineage()

    def __len__(self) -> int:
        return self.frame.height
