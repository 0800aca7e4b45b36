"""Texts that somebody wrote, judged by themselves or against real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from ..contracts import Progress
from ..data.dataset import Dataset, Lineage
from ..data.infer import infer_schema
from ..errors import DataError, SchemaError
from ..measure.assess_texts import assess_texts, compare_texts, text_gates
from ..seeds import Seeds
from .judging import as_frame
from .lineage import FACT, depth_of
from .record import RunRecord

if TYPE_CHECKING:
    from ..contracts import Embedder

__all__ = ["judge_texts", "read_texts"]


def judge_texts(
    synthetic: Any,
    real: Any = None,
    *,
    text: str,
    label: str | None = None,
    holdout: Any = None,
    canaries: Sequence[str] = (),
    files: Mapping[str, Sequence[str]] | None = None,
    gates: Sequence[str] = (),
    embedder: Embedder | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> RunRecord:
    """Judge the texts in a column, frames or files; the record has no recipe and no rejects.

    real : rows learned from, None where there are none: then only diversity and validity are judged. holdout : real
    rows never seen. label : a column of classes. canaries : strings hidden among the real texts. files : name -> texts
    that must not be found again. gates : bounds in the place of the defaults on their scores.
    Errors: SchemaError if a table lacks a column, DataError for a hold-out without real rows or one that was learned
    from, RecipeError for a gate.
    """
    if real is None and holdout is not None:
        raise DataError("a hold-out was given, but no real rows", hint="give the rows that were learned from as well")
    names = [text] if label is None else [text, label]
    tables = {"synthetic": read_texts(synthetic, names, "the synthetic table")}
    if real is not None:
        tables["real"] = read_texts(real, names, "the real table")
    if holdout is not None:
        tables["holdout"] = read_texts(holdout, names, "the hold-out")
    notes = _remarks(tables, text)
    depth = depth_of(Path(synthetic)) if isinstance(synthetic, str | Path) else None
    columns = {side: frame[text].cast(pl.String).to_list() for side, frame in tables.items()}
    labels = {} if label is None else {side: frame[label].cast(pl.String).to_list() for side, frame in tables.items()}
    texts = compare_texts(
        columns["synthetic"], columns.get("real"), columns.get("holdout"), labels=labels,
        seeds=Seeds(seed).child("measure texts"), embedder=embedder, canaries=canaries, files=files, depth=depth,
    )  # fmt: skip
    facts = {"source": _file(real), "judged": _file(synthetic), FACT: "" if depth is None else str(depth)}
    truth = tables.get("real")
    return RunRecord(
        recipe="",
        synthetic=Dataset(
            tables["synthetic"],
            infer_schema(tables["synthetic"] if truth is None else truth),
            Lineage("unknown", depth=depth or 1),
        ),
        assessment=assess_texts(texts, gates=text_gates(gates, alone=real is None), progress=progress),
        real=truth,
        holdout=tables.get("holdout"),
        facts={name: told for name, told in facts.items() if told},
        notes=notes,
    )


def read_texts(data: Any, names: Sequence[str], where: str) -> pl.DataFrame:
    """Return the named columns of a frame or a file; SchemaError if one is not there."""
    frame = as_frame(data)
    where = str(data) if isinstance(data, str | Path) else where
    for name in names:
        if name not in frame.columns:
            hint = f"there are: {', '.join(frame.columns[:20])}"
            raise SchemaError(f"there is no column {name!r}", where=where, hint=hint)
    return frame.select(names)


def _remarks(tables: Mapping[str, pl.DataFrame], text: str) -> tuple[str, ...]:
    """Return what the reader must not miss; DataError if the hold-out was learned from."""
    if "holdout" not in tables:
        return ()
    held, known = tables["holdout"][text], tables["real"][text]
    seen = int(held.is_in(known.implode()).sum()) if len(held) else 0
    if len(held) and seen == len(held):
        hint = "give texts that the generator has not seen, or leave the hold-out away"
        raise DataError("all texts of the hold-out stand among the real ones", where="the hold-out", hint=hint)
    told = f"{seen:,} of the {len(held):,} texts of the hold-out stand among the real ones too"
    return (f"{told}: the verdict on privacy flatters.",) if seen > 0.1 * max(len(held), 1) else ()


def _file(data: Any) -> str:
    return Path(data).name if isinstance(data, str | Path) else ""
