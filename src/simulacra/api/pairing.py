"""Post-training rows in Python: preference pairs, revisions by principles, verified reasoning."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from ..contracts import Progress, Silent
from ..data.files import write_atomic
from ..models.fitness import tell_unfit
from ..models.prices import PriceTable
from ..recipe.preference import Recipe, locate
from ..recipe.reading import validate
from ..report.text_bundle import write_text_bundle
from ..run.flow.record import TextRecord
from ..run.flow.rehearse import rehearse_flow
from ..run.flow.road import Asking, run_async, to_line
from ..run.flow.stores import open_stores
from ..run.folder import STORE, open_folder, remember_rows
from ..run.teaching.pairs import (
    close_pairs,
    fields_of,
    make_pair_flow,
    make_pairs,
    pair_lineage,
    pair_uses,
    read_prompts,
)
from ..store.rows import RowStore
from .planning import estimate_for, tell_cost
from .running import take_running

__all__ = ["plan_preference", "prefer", "run_preference"]


def prefer(prompts: str | Path, out: str | Path, *, progress: Progress | None = None, **choices: Any) -> TextRecord:
    """Have models answer prompts, and keep pairs or verified traces; the bundle goes into the folder `out`.

    choices : the entries of a preference recipe (`by`, `answers`, `judges`, `aspects`, `principles` ...), and `fresh`,
    `budget`, `width`, `store`, `prices`, `executor`, `workers`, `deadline` as in `run_preference`.
    """
    running = take_running(choices, run_preference)
    content = {"method": "preference", "prompts": str(Path(prompts).resolve()), **choices}
    return run_preference(validate(Recipe, content, where=""), out, progress=progress, **running)


def run_preference(
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
) -> TextRecord:
    """Run a preference recipe and write its bundle into the folder `out`; a run that was interrupted there goes on.

    budget, width, store, executor, workers, deadline : as in `run_instruct`.
    Errors: DataError for the prompts, OutputError for the folder, those of the engine.
    """
    folder, told = Path(out), progress or Silent()
    prompts, left_out = read_prompts(recipe)
    asking = Asking(width=width, budget=budget, prices=prices, executor=executor, workers=workers,
                    deadline=deadline)  # fmt: skip
    with (
        open_folder(folder, _fingerprint(recipe), fresh=fresh, rows=recipe.rows) as facts,
        open_stores(folder / STORE, store) as stores,
    ):
        (folder / "report.json").unlink(missing_ok=True)
        end, seconds = run_async(make_pairs(recipe, prompts, stores, asking=asking, progress=told))
        record = close_pairs(recipe, stores, prompts=len(prompts), left_out=left_out, end=end, seconds=seconds,
                             progress=told)  # fmt: skip
        record = replace(record, recipe=locate(recipe, folder).to_yaml())
        rows, fields = stores[0], fields_of(recipe)
        kept = islice(rows.rows(accepted=True), recipe.rows)
        write_atomic(folder / "data.jsonl", b"".join(to_line(row.content, fields) for row in kept))
        write_text_bundle(
            record, folder, format=recipe.format, lineage=pair_lineage(rows, recipe), rejects=_rejects(rows)
        )
        remember_rows(facts, record.rows)
    return record


def plan_preference(
    recipe: Recipe, *, budget: float | None = None, width: int | None = None, prices: PriceTable | None = None
) -> dict[str, Any]:
    """Return what a run would do, asking nothing: prompts, rows, calls, tokens, money, time."""
    prompts, left_out = read_prompts(recipe)
    tried = min(len(prompts), 10)
    models = {name: name for name in (*recipe.answers, *recipe.judges)}
    calls = rehearse_flow(make_pair_flow(recipe, prompts), tried, models=models, seed=recipe.seed)
    found = estimate_for(calls, round(len(calls) * len(prompts) / tried), width=width, prices=prices)
    return {
        "prompts": len(prompts),
        "rows_without_a_prompt": left_out,
        "by": recipe.by,
        "answers_each": 1 if recipe.by == "principles" else len(recipe.answers) * len(recipe.temperatures),
        **tell_cost(found, budget),
        "rows_at_most": recipe.rows,
        "notes": tell_unfit(pair_uses(recipe)),
    }


def _fingerprint(recipe: Recipe) -> str:
    content = recipe.model_dump(mode="json", exclude={"rows", "format"})
    content["prompts"] = hashlib.sha256(Path(recipe.prompts).read_bytes()).hexdigest()
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _rejects(rows: RowStore) -> Iterator[dict[str, Any]]:
    for decision in rows.decisions():
        for row in decision.rows:
            if row.step:
                yield {
                    "step": row.step, "reason": row.reason, "slot": decision.slot, "retry": decision.retry,
                    "models": ", ".join(decision.models), "row": json.dumps({"prompt": row.content["prompt"]}),
                }  # fmt: skip
