"""Recipes: write one, read one, plan, preview and run it."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import polars as pl

from ..contracts import Fitted, Progress, Silent
from ..data.conditions import to_pairs, to_plain
from ..data.dataset import Dataset
from ..data.schema_file import schema_to_dict
from ..errors import ModelFileError
from ..generate.conditions import Given
from ..generate.dependencies import Dependencies, dependencies_of
from ..generate.table import TableGenerator
from ..measure.gates import gate_to_text, merge_gates
from ..recipe import Recipe, locate, read_recipe, validate_recipe
from ..report.bundle import write_bundle
from ..run.batches import BATCH_ROWS
from ..run.conditions import conditioned, conditions_text, prepare_checked, read_conditions
from ..run.estimate import estimate_cost
from ..run.folder import open_folder, remember_rows
from ..run.record import RunRecord
from ..run.refusals import refuse_rows
from ..run.runner import complete_recipe, fingerprint, run, tell_given_up
from ..run.source import Prepared, load_frame
from ..seeds import Seeds
from .files import read_schema
from .tables import Quality

__all__ = ["load_recipe", "make_recipe", "plan_recipe", "preview_recipe", "run_recipe"]


def make_recipe(
    path: str | Path,
    *,
    rows: int | None = None,
    seed: int = 0,
    quality: Quality = "best",
    given: Given | None = None,
    balance: str | None = None,
    target: str | None = None,
    holdout: float | str = "auto",
    schema: Path | None = None,
    gates: Sequence[str] | None = None,
    format: Literal["parquet", "csv", "jsonl"] = "parquet",
) -> Recipe:
    """Return the recipe of a run over a table; what is left open is settled when it runs.

    holdout : share of rows to keep out of training, "auto", or the path of a file of real rows.
    schema : a schema.yaml with corrections of what was inferred. given, balance : as in `Synthesizer.sample`.
    """
    if rows is not None:
        refuse_rows(rows)
    columns = rules = None
    if schema is not None:
        told = read_schema(schema, load_frame(Path(path))[0])
        written = schema_to_dict(told)
        columns, rules, target = written["columns"], written.get("constraints"), target or told.target
    content = {
        "source": {"path": str(Path(path).resolve()), "holdout": _holdout(holdout)},
        "rows": rows,
        "seed": seed,
        "quality": quality,
        "target": target,
        "given": to_plain(given) if given else None,
        "balance": balance,
        "columns": columns,
        "constraints": rules,
        "gates": [gate_to_text(gate) for gate in merge_gates(gates)] if gates else None,
        "format": format,
    }
    return validate_recipe(content, where="")


def load_recipe(path: str | Path) -> Any:
    """Read a recipe.yaml of any method; RecipeError with file and line for what is wrong with it."""
    return read_recipe(Path(path))


def run_recipe(
    recipe: Recipe,
    out: str | Path,
    *,
    fresh: bool = False,
    workers: int = 1,
    progress: Progress | None = None,
) -> RunRecord:
    """Run a recipe and write its bundle into the folder `out`.

    A run that was interrupted there goes on; one of another recipe, or of more rows, is an error unless `fresh`
    replaces it.
    """
    folder, told = Path(out), progress or Silent()
    prepared = prepare_checked(recipe)
    complete = complete_recipe(recipe, prepared)
    mark = fingerprint(_settled(complete, prepared), prepared.digest)
    with open_folder(folder, mark, fresh=fresh, rows=complete.rows) as store:
        record = run(complete, prepared, store, workers=workers, progress=told)
        told_of = tell_given_up(locate(complete, folder), record.given_up)
        record = replace(record, recipe=told_of.to_yaml())
        (folder / "report.json").unlink(missing_ok=True)  # until all is rewritten, nothing here is finished
        write_bundle(record, folder, format=complete.format, links=_links(store.model()))
        remember_rows(store, len(record.synthetic))
    return record


def _links(model: bytes | None) -> Dependencies | None:
    """Return what a run's generator says of its columns, if it is a learned table."""
    try:
        return None if model is None else dependencies_of(TableGenerator().load(model))
    except ModelFileError:
        return None  # of another generator


def _settled(recipe: Recipe, prepared: Prepared) -> Recipe:
    """Return the recipe with its conditions by what they mean: a list and a mapping that say the same are the same."""
    if not recipe.given:
        return recipe
    read = read_conditions(recipe, prepared)
    meant = {
        name: [sorted(one.levels) if one.levels is not None else one.spans, one.missing] for name, one in read.items()
    }
    told = to_pairs(recipe.given, prepared.train.schema.names)
    made_up = sorted([name, to_plain({name: value})[name]] for name, value in told if name not in read)
    return recipe.model_copy(update={"given": [json.dumps([meant, made_up], sort_keys=True)]})


def plan_recipe(recipe: Recipe) -> dict[str, Any]:
    """Return what a run would do, without doing it: rows, columns by kind, batches, hold-out, cost, notes."""
    prepared = prepare_checked(recipe)
    rows = recipe.rows or prepared.rows
    schema = prepared.train.schema
    kinds = [column.kind for column in schema]
    return {
        "source": recipe.source.path,
        "real_rows": prepared.real.height,
        "training_rows": len(prepared.train),
        "holdout_rows": 0 if prepared.holdout is None else prepared.holdout.height,
        "rows": rows,
        "batches": math.ceil(rows / BATCH_ROWS),
        "columns": {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)},
        "made_up": [column.name for column in schema if column.personal or column.kind in ("identifier", "text")],
        **estimate_cost(len(prepared.train), rows, len(schema), recipe.quality),
        "model_calls": 0,
        "money": 0,
        "notes": list(prepared.notes),
    }


def preview_recipe(recipe: Recipe, rows: int) -> pl.DataFrame:
    """Return the first rows of a run, made by the fast engine from at most 20,000 real rows; nothing is written."""
    prepared = prepare_checked(recipe)
    data = Dataset(prepared.train.frame.head(20_000), prepared.train.schema)
    learned = TableGenerator("fast").fit(data, Seeds(recipe.seed).child("fit"), Silent())
    fitted: Fitted = conditioned(learned, conditions_text(recipe))
    return fitted.sample(rows, Seeds(recipe.seed).child("rows", "batch", 0))


def _holdout(wanted: float | str) -> float | str:
    if isinstance(wanted, str) and wanted != "auto":
        return str(Path(wanted).resolve())
    return wanted
