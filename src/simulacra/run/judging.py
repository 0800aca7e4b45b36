"""Rows that somebody made, judged against real ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from ..contracts import Assessment, Progress
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

if TYPE_CHECKING:
    from ..measure._tables import Tables

__all__ = ["as_frame", "judge_all"]


def judge_all(
    synthetics: Sequence[Any],
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
) -> list[RunRecord]:
    """Judge sets of synthetic rows against real ones, frames or files; the records have no recipe and no rejects.

    All sets are read and checked before the first is judged.

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
    kept = None if holdout is None else align(as_frame(holdout, words=False), truth, _name(holdout, "the hold-out"))
    seen = () if kept is None else refuse_seen(kept, truth, _name(holdout, "the hold-out"))
    bounds = merge_gates(gates or ())
    told: dict[str, Any] = {"schema": schema, "target": target, "seeds": Seeds(seed).child("measure")}
    told |= {"protected": protected, "epsilon": epsilon}
    ready: list[tuple[Any, Tables, tuple[str, ...]]] = []
    for synthetic in synthetics:
        made = as_frame(synthetic, words=False)
        rows = align(made, truth, _name(synthetic, "the synthetic table"))
        depth = depth_of(Path(synthetic)) if isinstance(synthetic, str | Path) else None
        ready.append((synthetic, compare(rows, truth, kept, depth=depth, **told), unjudged(made, truth) + seen))
    return [
        _record(
            tables,
            {"source": _file(real), "judged": _file(synthetic)},
            notes,
            assess(tables, gates=bounds, deep=deep, progress=progress),
        )
        for synthetic, tables, notes in ready
    ]


def _record(tables: Tables, facts: dict[str, str], notes: tuple[str, ...], assessment: Assessment) -> RunRecord:
    facts |= {FACT: "" if tables.depth is None else str(tables.depth)}
    return RunRecord(
        recipe="",
        synthetic=Dataset(tables.synthetic, tables.schema, Lineage("unknown", depth=tables.depth or 1)),
        assessment=assessment,
        real=tables.real,
        holdout=tables.holdout,
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
