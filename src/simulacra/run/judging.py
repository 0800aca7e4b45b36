"""Rows that somebody made, judged against real ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from ..contracts import Progress
from ..data.dataset import Dataset, Lineage
from ..data.frames import to_polars
from ..data.infer import infer_schema
from ..data.read import read_table
from ..data.schema import Schema
from ..errors import RecipeError
from ..measure.assess import assess, compare
from ..measure.gates import merge_gates
from ..seeds import Seeds
from .lineage import FACT, depth_of
from .record import RunRecord
from .refusals import align, refuse_seen, unjudged

__all__ = ["as_frame", "judge"]


def judge(
    synthetic: Any,
    real: Any,
    *,
    holdout: Any = None,
    schema: Schema | None = None,
    target: str | None = None,
    gates: Sequence[str] | None = None,
    protected: Sequence[str] | None = None,
    epsilon: float | None = None,
    deep: bool = False,
    seed: int = 0,
    progress: Progress | None = None,
) -> RunRecord:
    """Judge synthetic rows against real ones, frames or files; the record has no recipe and no rejects.

    schema : what the columns of the real rows are and which rules they keep, where inference should be overruled.
    protected : columns whose groups must not fare worse than in the real rows; None: proposed by name.
    epsilon : the privacy budget that whoever made the rows states; it is audited.
    deep : take the measures that cost more, too. The generation depth is read where the file lies in a bundle.
    Errors: DataError for tables that do not fit each other or a hold-out that was seen, SchemaError if there is no
    column `target` or `protected`, RecipeError for a gate or an epsilon that is no budget.
    """
    if epsilon is not None and not 0 < epsilon < math.inf:
        raise RecipeError(f"an epsilon of {epsilon:g} is no privacy budget", hint="give a number above 0")
    truth = as_frame(real, words=False)
    schema = infer_schema(truth, target=target) if schema is None else schema
    target = target or schema.target
    made = as_frame(synthetic, words=False)
    rows = align(made, truth, _name(synthetic, "the synthetic table"))
    kept = None if holdout is None else align(as_frame(holdout, words=False), truth, _name(holdout, "the hold-out"))
    notes = unjudged(made, truth)
    notes += () if kept is None else refuse_seen(kept, truth, _name(holdout, "the hold-out"))
    depth = depth_of(Path(synthetic)) if isinstance(synthetic, str | Path) else None
    tables = compare(
        rows, truth, kept, schema=schema, target=target, seeds=Seeds(seed).child("measure"), depth=depth,
        protected=protected, epsilon=epsilon,
    )  # fmt: skip
    facts = {"source": _file(real), "judged": _file(synthetic), FACT: "" if depth is None else str(depth)}
    return RunRecord(
        recipe="",
        synthetic=Dataset(rows, schema, Lineage("unknown", depth=depth or 1)),
        assessment=assess(tables, gates=merge_gates(gates or ()), deep=deep, progress=progress),
        real=truth,
        holdout=kept,
        facts={name: text for name, text in facts.items() if text},
        notes=notes,
    )


def as_frame(data: Any, *, words: bool = True) -> pl.DataFrame:
    """Return a frame of any kind, or the table in a file, as polars; words : see `read_table`, False for tables."""
    return to_polars(read_table(data, words=words).frame if isinstance(data, str | Path) else data)[0]


def _name(data: Any, otherwise: str) -> str:
    return str(data) if isinstance(data, str | Path) else otherwise


def _file(data: Any) -> str:
    return Path(data).name if isinstance(data, str | Path) else ""
