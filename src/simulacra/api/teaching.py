"""Distillation in Python: a teacher writes or labels texts, a student learns from them, held-out real rows decide."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..contracts import Progress, Silent
from ..data.files import write_atomic
from ..models.prices import PriceTable
from ..recipe.distill import Recipe, locate
from ..recipe.reading import validate
from ..report.distill import write_teaching_bundle
from ..run.flow.road import Asking, run_async
from ..run.flow.stores import open_stores
from ..run.folder import STORE, open_folder, remember_rows
from ..run.teaching.close import close_teaching, delivered, judgements, lineage_of
from ..run.teaching.material import gather
from ..run.teaching.record import TeachingRecord
from ..run.teaching.teach import rehearse_teaching, teach
from ..run.teaching.verdict import read_gates
from ..store.rows import RowStore
from .planning import estimate_for, tell_cost, tell_rework
from .running import take_running

if TYPE_CHECKING:
    from ..contracts import Embedder

__all__ = ["distill", "make_distill_recipe", "plan_distill", "run_distill"]

_FILES = ("seeds", "test", "real", "unlabelled")


def make_distill_recipe(seeds: str | Path, **choices: Any) -> Recipe:
    """Return the recipe of a distillation; choices : the entries of `recipe.distill.Recipe`, paths as they are."""
    content = {"method": "distill", "seeds": seeds, **{name: one for name, one in choices.items() if one is not None}}
    for name in _FILES:
        if content.get(name) is not None:
            content[name] = str(Path(content[name]).resolve())
    return validate(Recipe, content, where="")


def distill(seeds: str | Path, out: str | Path, *, progress: Progress | None = None, **choices: Any) -> TeachingRecord:
    """Have a teacher write (or label) texts for a student, test the student on real rows, write the bundle into `out`.

    seeds : file of labelled real texts. choices : `teacher`, `student`, `text`, `label`, `rows`, `test`, `real`,
    `unlabelled`, `about`, `classes`, `shots`, `filter` ... (entries of a distill recipe), and `fresh`, `budget`,
    `width`, `store`, `prices`, `executor`, `workers`, `deadline` as in `run_distill`.
    """
    running = take_running(choices, run_distill)
    return run_distill(make_distill_recipe(seeds, **choices), out, progress=progress, **running)


def run_distill(
    recipe: Recipe,
    out: str | Path,
    *,
    fresh: bool = False,
    budget: float | None = None,
    width: int | None = None,
    store: str | Path | None = None,
    prices: PriceTable | None = None,
    executor: str = "inline",
    workers: int | None = None,
    deadline: float | None = None,
    progress: Progress | None = None,
) -> TeachingRecord:
    """Run a recipe and write its bundle into the folder `out`; a run that was interrupted there goes on.

    budget : dollars that may be spent over the store. width : calls at once. store : a file of answered calls that
    several runs share; None: the run's own. executor, workers, deadline : as in `run_instruct`.
    Errors: DataError for files and columns, OutputError for the folder, those of the engine.
    """
    folder, told = Path(out), progress or Silent()
    read_gates(recipe.gates or ())  # a mistake is told before any work
    material, embedder = gather(recipe), _embedder(recipe)
    asking = Asking(width=width, budget=budget, prices=prices, executor=executor, workers=workers,
                    deadline=deadline)  # fmt: skip
    with (
        open_folder(folder, _fingerprint(recipe, embedder), fresh=fresh, rows=recipe.rows) as facts,
        open_stores(folder / STORE, store) as stores,
    ):
        (folder / "report.json").unlink(missing_ok=True)
        lessons = run_async(teach(recipe, material, stores, asking=asking, embedder=embedder, progress=told))
        record = close_teaching(recipe, material, lessons, stores, embedder=embedder, progress=told)
        record = replace(record, text=replace(record.text, recipe=locate(recipe, folder).to_yaml()))
        rows = stores[0]
        write_atomic(folder / "data.jsonl", b"".join(_lines(rows, recipe)))
        write_teaching_bundle(
            record, folder, format=recipe.format, lineage=lineage_of(rows, recipe), rejects=_rejects(rows),
            judgements=judgements(rows, recipe, lessons),
        )  # fmt: skip
        remember_rows(facts, record.text.rows)
    return record


def plan_distill(
    recipe: Recipe, *, budget: float | None = None, width: int | None = None, prices: PriceTable | None = None
) -> dict[str, Any]:
    """Return what a run would do, asking nothing: classes, seeds, rows, real rows for judging, calls, tokens, money."""
    material = gather(recipe)
    lesson = material.lesson
    rows = min(recipe.rows, len(material.pool)) if material.pool else recipe.rows
    tried = min(rows, 10)
    calls, probing = rehearse_teaching(recipe, material, tried)
    probes = len(lesson.records) + min(recipe.teacher_rows, len(material.test))
    found = estimate_for(calls, round(len(calls) * rows / tried), width=width, prices=prices)
    found = found.plus(estimate_for(probing, len(probing) * probes, width=width, prices=prices))
    return {
        "teacher": recipe.teacher,
        "about": lesson.setting,
        "classes": {lesson.names[label]: len(lesson.seeds[label]) for label in lesson.labels},
        "seeds": len(lesson.records),
        "real_rows_for_the_curve": len(material.real),
        "test_rows": len(material.test),
        "texts_to_label": len(material.pool),
        "rows": rows,
        **tell_cost(found, budget),
        "attempts_at_most": len(material.pool) or recipe.attempts or 6 * recipe.rows + 50,
        "notes": [*material.notes, tell_rework(calls)],
    }


def _embedder(recipe: Recipe) -> Embedder | None:
    """Return the embedder whose weights are installed; one that knows only spelling must have been asked for."""
    from ..models.embedders import open_embedder

    embedder = open_embedder()
    return None if embedder.name == "hashing" and recipe.student != "embedding" else embedder


def _fingerprint(recipe: Recipe, embedder: Embedder | None) -> str:
    """Return a digest of all that decides the stream of rows; how many are wanted and judged is left out."""
    content = recipe.model_dump(mode="json", exclude={"rows", "gates", "format", "attempts", "student", "metric"})
    for name in _FILES:
        if content.get(name) is not None:
            content[name] = hashlib.sha256(Path(content[name]).read_bytes()).hexdigest()
    content["embedder"] = None if embedder is None else embedder.identity
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _lines(rows: RowStore, recipe: Recipe) -> Iterator[bytes]:
    for record in delivered(rows, recipe):
        shown = {recipe.text: record.text, recipe.label: record.label}
        yield (json.dumps(shown, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def _rejects(rows: RowStore) -> Iterator[dict[str, Any]]:
    for decision in rows.decisions():
        for row in decision.rows:
            if row.step:
                shown = {name: value for name, value in row.content.items() if not name.startswith("_")}
                yield {
                    "step": row.step, "reason": row.reason, "slot": decision.slot, "retry": decision.retry,
                    "models": ", ".join(decision.models), "row": json.dumps(shown, ensure_ascii=False, default=str),
                }  # fmt: skip
