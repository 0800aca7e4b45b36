"""The Python face: the same words as the command line.

>>> import polars as pl, simulacra
>>> people = pl.DataFrame({"age": [20 + i % 50 for i in range(300)], "member": [i % 3 == 0 for i in range(300)]})
>>> twin = simulacra.synthesize(people, rows=100, quality="fast")
>>> twin.shape, twin.columns
((100, 2), ['age', 'member'])
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypeVar, cast, get_args

import polars as pl

from .contracts import Assessment, Fitted, Progress, Silent
from .data.conditions import to_plain
from .data.dataset import Dataset
from .data.files import read_bytes, read_text, write_atomic
from .data.frames import Restore, to_polars
from .data.infer import infer_schema
from .data.relations import settle
from .data.schema import Schema
from .data.schema_file import schema_from_yaml, schema_to_dict
from .data.write import format_of, write_table
from .errors import ModelFileError, RecipeError, SchemaError
from .generate.conditions import Given
from .generate.table import FittedTable, TableGenerator
from .measure.gates import gate_to_text, merge_gates
from .recipe import Recipe, locate, read_recipe, validate_recipe
from .report.bundle import write_bundle
from .report.collapse import run_collapse
from .report.notebook import show
from .run.batches import BATCH_ROWS, stream
from .run.conditions import conditioned, conditions_text, prepare_checked
from .run.estimate import estimate_cost
from .run.folder import open_folder, remember_rows
from .run.generations import CollapseRecord, Experiment
from .run.judging import as_frame, judge
from .run.judging import judge as validate_files
from .run.record import RunRecord
from .run.refusals import refuse_few, refuse_other, refuse_rows
from .run.runner import complete_recipe, fingerprint, run
from .run.source import load_frame
from .seeds import Seeds

__all__ = [
    "Recipe",
    "Synthesizer",
    "collapse",
    "complete_file",
    "fit_file",
    "inspect",
    "load_recipe",
    "make_recipe",
    "plan_recipe",
    "preview_recipe",
    "run_recipe",
    "sample_file",
    "synthesize",
    "validate",
    "validate_files",
]

Frame = TypeVar("Frame")
Quality = Literal["fast", "best"]


class Synthesizer:
    """Learns a table and makes new rows like it.

    Parameters
    ----------
    quality : "best", or "fast" for a tenth of the time.
    seed : the same table, options and seed give the same rows.
    schema : what the columns are, where inference should be overruled.

    `sample` gives back the type of frame that was fitted (polars or pandas), its column order and dtypes.
    """

    def __init__(self, *, quality: Quality = "best", seed: int = 0, schema: Schema | None = None) -> None:
        if quality not in get_args(Quality):
            raise RecipeError(f"there is no quality {quality!r}", hint="ask for 'fast' or 'best'")
        self.quality: Quality = quality
        self.seed = seed
        self.schema = schema
        self._fitted: Fitted | None = None
        self._learned = 0  # rows
        self._restore: Restore | None = None

    def fit(self, data: Any, *, progress: Progress | None = None) -> Synthesizer:
        """Learn from a frame (polars, pandas, a list of records) of at least 10 rows; returns itself."""
        frame, restore = to_polars(data)
        refuse_few(frame)
        schema = self.schema or infer_schema(frame)
        refuse_other(schema, frame)
        generator = TableGenerator(self.quality)
        fitted = generator.fit(Dataset(frame, schema), Seeds(self.seed).child("fit"), progress or Silent())
        self._fitted, self._restore, self._learned = fitted, restore, frame.height
        return self

    def sample(
        self,
        rows: int,
        *,
        given: Given | None = None,
        balance: str | None = None,
        seed: int | None = None,
        progress: Progress | None = None,
    ) -> Any:
        """Return `rows` new rows; another `seed` gives other rows of the same model.

        given : what every row satisfies, e.g. {"age": (30, 40), "city": ["Bonn", "Celle"], "x": None}, or texts such as
        "age=30..40"; see docs/conditions.md. balance : a category whose levels get the same share of the rows.
        """
        refuse_rows(rows)
        fitted = self._model()
        if given or balance is not None:
            fitted = cast(FittedTable, fitted).condition(given or (), balance=balance)
        seeds = Seeds(self.seed if seed is None else seed).child("rows")
        return self._restored(stream(fitted, rows, seeds, progress or Silent()))

    def complete(self, data: Any, *, seed: int | None = None) -> Any:
        """Return partly known rows with the rest drawn given what is known; known values come back unchanged.

        Empty cells get a value; columns that `data` lacks are made as in new rows, with their missing values.
        """
        return self._complete(data, seed, absent_missing=True)

    def impute(self, data: Any, *, seed: int | None = None) -> Any:
        """Return rows like `complete` does, with a value in every cell, also of columns that `data` lacks."""
        return self._complete(data, seed, absent_missing=False)

    def save(self, path: str | Path) -> None:
        """Write the model to a file that holds no executable content."""
        write_atomic(Path(path), self._model().to_bytes())

    @classmethod
    def load(cls, path: str | Path) -> Synthesizer:
        """Read a saved model; ModelFileError if it is damaged, hostile or of another version.

        Rows come as polars. The seed is not saved: `sample` starts from 0 unless it is told one.
        """
        content = read_bytes(Path(path), "the model", ModelFileError)
        loaded = cls()
        try:
            loaded._fitted = TableGenerator().load(content)
        except ModelFileError as error:
            raise ModelFileError(error.seen, where=str(path), hint=error.hint) from error
        return loaded

    def _model(self) -> Fitted:
        if self._fitted is None:
            raise RecipeError("nothing has been learned yet", hint="call fit(data) first")
        return self._fitted

    def _complete(self, data: Any, seed: int | None, *, absent_missing: bool) -> Any:
        frame, _ = to_polars(data)
        seeds = Seeds(self.seed if seed is None else seed).child("complete")
        model = cast(FittedTable, self._model())
        return self._restored(model.complete(frame, seeds, absent_missing=absent_missing))

    def _restored(self, frame: pl.DataFrame) -> Any:
        return frame if self._restore is None else self._restore(frame)


def synthesize(
    data: Frame,
    *,
    rows: int | None = None,
    given: Given | None = None,
    balance: str | None = None,
    quality: Quality = "best",
    seed: int = 0,
    schema: Schema | None = None,
) -> Frame:
    """Return a private twin of a table: the same type of frame, columns and dtypes, `rows` new rows (default: as many).

    schema : what the columns are and which rules they keep, where inference should be overruled; see `inspect`.

    To have it judged as well, run a recipe (`make_recipe`, `run_recipe`) or call `validate` with rows you kept out.
    """
    synthesizer = Synthesizer(quality=quality, seed=seed, schema=schema).fit(data)
    rows = rows if rows is not None else synthesizer._learned
    return cast(Frame, synthesizer.sample(rows, given=given, balance=balance))


def inspect(data: Any) -> Schema:
    """Return what each column of a frame or file is, the rules that all its rows keep, and why."""
    frame = as_frame(data)
    return settle(frame, infer_schema(frame))


def validate(
    synthetic: Any,
    real: Any,
    *,
    holdout: Any = None,
    target: str | None = None,
    gates: Sequence[str] | None = None,
    protected: Sequence[str] | None = None,
    deep: bool = False,
    seed: int = 0,
    progress: Progress | None = None,
) -> Assessment:
    """Judge synthetic rows against real ones (frames or files); without a `holdout` privacy stays unknown.

    gates : bounds that take the place of the defaults on the same scores, e.g. "privacy.copies <= floor + 0.001".

    real : the rows the generator learned from. holdout : rows from the same source that it never saw.
    protected : columns whose groups must not fare worse than in the real rows; None: proposed by name.
    deep : take the measures that cost more, too. A notebook draws what is returned.
    """
    told = {"target": target, "gates": gates, "protected": protected, "deep": deep, "seed": seed, "progress": progress}
    return show(judge(synthetic, real, holdout=holdout, **cast(Any, told)).assessment)


def collapse(
    data: Any, *, out: str | Path | None = None, fresh: bool = False, progress: Progress | None = None, **choices: Any
) -> CollapseRecord:
    """Let generation after generation learn from what was made, and watch for model collapse; see docs/collapse.md.

    data : a frame or a file. out : a folder for the report, from which the same call goes on after an interruption.
    choices : generations, regime, real_share, rows, method, quality, seed, target; see `run.generations.Experiment`.
    """
    return run_collapse(Experiment(**choices), data, None if out is None else Path(out), fresh=fresh, progress=progress)


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
        told = _read_schema(schema, load_frame(Path(path))[0])
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


def load_recipe(path: str | Path) -> Recipe:
    """Read a recipe.yaml; RecipeError with file and line for what is wrong with it."""
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
    mark = fingerprint(complete, prepared.digest)
    with open_folder(folder, mark, fresh=fresh, rows=complete.rows) as store:
        record = run(complete, prepared, store, workers=workers, progress=told)
        record = replace(record, recipe=locate(complete, folder).to_yaml())
        (folder / "report.json").unlink(missing_ok=True)  # until all is rewritten, nothing here is finished
        write_bundle(record, folder, format=complete.format)
        remember_rows(store, len(record.synthetic))
    return record


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


def fit_file(
    path: str | Path,
    out: str | Path,
    *,
    quality: Quality = "best",
    seed: int = 0,
    schema: Path | None = None,
    progress: Progress | None = None,
) -> Schema:
    """Learn a table from a file and save the model; returns the schema it was learned with."""
    frame, _ = load_frame(Path(path))
    known = infer_schema(frame) if schema is None else _read_schema(schema, frame)
    synthesizer = Synthesizer(quality=quality, seed=seed, schema=known).fit(frame, progress=progress)
    synthesizer.save(out)
    return known


def sample_file(
    model: str | Path,
    rows: int,
    out: str | Path,
    *,
    given: Given | None = None,
    balance: str | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Make rows with a saved model and write them as the ending of `out` asks (.parquet, .csv, .jsonl)."""
    format_of(Path(out))
    loaded = Synthesizer.load(model)
    frame: pl.DataFrame = loaded.sample(rows, given=given, balance=balance, seed=seed, progress=progress)
    write_table(frame, Path(out))
    return frame


def complete_file(model: str | Path, partial: str | Path, out: str | Path, *, seed: int = 0) -> pl.DataFrame:
    """Fill in the rest of the partly known rows of a file with a saved model, and write them all to `out`."""
    format_of(Path(out))
    frame: pl.DataFrame = Synthesizer.load(model).complete(as_frame(partial), seed=seed)
    write_table(frame, Path(out))
    return frame


def _read_schema(path: Path, frame: pl.DataFrame) -> Schema:
    text = read_text(path, "the schema", SchemaError)
    return schema_from_yaml(text, where=str(path), base=infer_schema(frame), frame=frame)


def _holdout(wanted: float | str) -> float | str:
    if isinstance(wanted, str) and wanted != "auto":
        return str(Path(wanted).resolve())
    return wanted
