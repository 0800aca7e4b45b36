"""Data written by models under an instruction, in Python.

>>> import simulacra
>>> recipe = simulacra.make_instruct_recipe("Write 4 questions about tides with their answers.", model="echo")
>>> list(recipe.fields), recipe.rows
(['question', 'answer'], 4)
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, cast

from ..contracts import Progress, Silent
from ..contracts.rows import Context
from ..data.files import read_text, write_atomic
from ..errors import DataError
from ..generate.instruct.compile.by_model import PLAN_SCHEMA, merge_plan, plan_prompt
from ..generate.instruct.compile.draft import draft
from ..generate.instruct.compile.material import draft_cases, read_intents
from ..generate.instruct.compile.sentence import read_sentence
from ..generate.instruct.compile.weak import suit_weak_cases, suit_weak_model, suit_weak_reader
from ..generate.instruct.grow import Tree, grow_topics
from ..generate.instruct.people import PERSONAS
from ..models.embedders import usual_embedder
from ..models.engine import Engine
from ..models.errors import Declined
from ..models.fitness import tell_unfit
from ..models.naming import identity_named, require_backend
from ..models.prices import PriceTable
from ..models.profile import profile_of
from ..recipe.instruct import Recipe, locate
from ..recipe.reading import validate
from ..recipe.written import to_spec, uses, writers
from ..report.text_bundle import write_text_bundle
from ..run.flow.ending import accepted, close_record, lineage, seeds_depth
from ..run.flow.record import TextRecord
from ..run.flow.rehearse import rehearse
from ..run.flow.road import Asking, fingerprint, roles, run_async, write_rows
from ..run.flow.stores import open_stores
from ..run.folder import STORE, open_folder, remember_rows
from ..store.rows import RowStore
from .planning import estimate_for, is_local, tell_cost, tell_rework
from .running import take_running

__all__ = ["instruct", "is_planned", "make_instruct_recipe", "plan_instruct", "preview_instruct", "run_instruct"]

_USUAL_ROWS = 100
_FEWEST_TOPICS = 2


def make_instruct_recipe(
    instruction: str,
    *,
    model: str | Sequence[str] = "embedded",
    rows: int | None = None,
    seed: int = 0,
    plan: Literal["rules", "model", "auto"] = "auto",
    description: str | Path | None = None,
    documents: str | Path | None = None,
    examples: str | Path | Sequence[Mapping[str, Any]] | None = None,
    axes: Mapping[str, Sequence[str] | Mapping[str, float]] | None = None,
    grow: int | tuple[int, int] | None = None,
    pool: int = 0,
    format: Literal["jsonl", "parquet", "csv"] = "jsonl",
    progress: Progress | None = None,
) -> Recipe:
    """Return the recipe that a sentence describes: fields, axes of variation, checks; look at it, change it, run it.

    model : who writes; several take turns. rows : None for the number in the sentence, else 100.
    plan : who draws up fields and axes: "rules" (asks nobody), "model", or "auto": the model unless it is a weak one.
    description : file of what is to be tested (a product, a policy, an OpenAPI schema): persona x intent x scenario
    with the expected outcome. documents : folder whose passages the records are about; each quotes its source.
    examples : seed records, or a file of them. axes : levels that replace or join those that were found.
    grow : topics that the model is asked for in place of the usual ones; two numbers for a tree (topics, those below
    each). pool : accepted rows that are shown beside the examples (Self-Instruct). progress : is told what the model is
    of no use for, before it is asked.
    """
    asked = read_sentence(instruction)
    content = draft(asked)
    _settle(content, axes)
    if description is not None:
        path = Path(description)
        content = draft_cases(read_intents(path), PERSONAS, read_text(path, "the description", DataError))
        content = suit_weak_cases(content) if _is_weak(model) else content
    elif is_planned(model, plan):
        content = _planned(instruction, content | {"listed": tuple(asked.lists)}, _first(model))
    elif _is_weak(model):
        content = suit_weak_model(content, asked) if documents is None else suit_weak_reader(content, asked)
    if grow is not None and asked.subject:
        _grow(content, asked.subject, grow, _first(model), progress or Silent())
    if documents is not None:
        _ground(content, str(Path(documents).resolve()))
    content.pop("listed", None)
    _settle(content, axes)
    shown = str(Path(examples).resolve()) if isinstance(examples, str | Path) else list(examples or ()) or None
    shown = shown if shown is not None else content.get("examples")
    content["checks"] = [_with_embedder(check) for check in content["checks"]]
    content |= {"instruction": instruction, "rows": rows or asked.count or _USUAL_ROWS, "seed": seed}
    content |= {"models": {"writer": model if isinstance(model, str) else list(model)}, "format": format}
    return validate(Recipe, {"method": "instruct", "pool": pool, **content, "examples": shown}, where="")


def is_planned(model: str | Sequence[str], plan: str) -> bool:
    """Return whether a model draws up fields and axes, which is a call of its own."""
    return plan == "model" or (plan == "auto" and not _is_local(model))


def run_instruct(
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
    """Write the rows of a recipe and the bundle into the folder `out`.

    budget : dollars that may be spent over the store; the run stops before it would be exceeded, and goes on with more.
    width : calls at once. store : a file of answered calls that several runs share; None: the run's own.
    executor : "inline", or "process" for steps and checks in `workers` processes (None: one a core); the rows are the
    same. deadline : seconds after which a call is given up, all its requests included; None: 900.
    A run that was interrupted there goes on; more rows of the same recipe keep those that are there.
    """
    folder, told = Path(out), progress or Silent()
    roles(recipe)
    asking = Asking(width=width, budget=budget, prices=prices, executor=executor, workers=workers,
                    deadline=deadline)  # fmt: skip
    with (
        open_folder(folder, fingerprint(recipe), fresh=fresh, rows=recipe.rows) as facts,
        open_stores(folder / STORE, store) as (rows, calls),
    ):
        (folder / "report.json").unlink(missing_ok=True)
        shown = locate(recipe, folder).to_yaml()
        write_atomic(folder / "recipe.yaml", shown.encode())  # to be seen, and edited, from the first moment
        end, seconds = write_rows(recipe, rows, calls, asking=asking, progress=told, stream=folder / "data.jsonl")
        record = close_record(recipe, rows, calls, end=end, seconds=seconds, shared=store is not None, progress=told)
        record = replace(record, recipe=shown)
        write_text_bundle(
            record, folder, format=recipe.format, rejects=_rejects(rows),
            lineage=lineage(rows, recipe.rows, recipe.seed, depth=seeds_depth(recipe)),
        )  # fmt: skip
        remember_rows(facts, record.rows)
    return record


def plan_instruct(
    recipe: Recipe, *, budget: float | None = None, width: int | None = None, prices: PriceTable | None = None
) -> dict[str, Any]:
    """Return what a run would do, asking nothing: rows, cells of the plan, calls, tokens, money, time.

    Errors: RecipeError for a model of no known kind; what the run would meet before its first call.
    """
    for name in roles(recipe).values():
        require_backend(name)
    spec = to_spec(recipe)
    slots = -(-recipe.rows // recipe.many)
    tried = min(slots, 20)
    calls = rehearse(recipe, tried)
    found = estimate_for(calls, round(len(calls) * slots / tried), width=width, prices=prices)
    return {
        "instruction": recipe.instruction,
        "rows": recipe.rows,
        "fields": [*recipe.fields],
        "axes": {axis.name: len(axis.all_levels()) for axis in spec.axes},
        "balanced": " x ".join(spec.balance) or "-",
        "checks": [entry if isinstance(entry, str) else next(iter(entry)) for entry in recipe.checks],
        "models": ", ".join(dict.fromkeys(writers(recipe.models))),
        **tell_cost(found, budget),
        "attempts_at_most": recipe.attempts or 6 * recipe.rows + 50,
        "first_prompt": (calls[0].messages[-1].content if calls[0].messages else calls[0].prompt or "")
        if calls
        else "",
        "notes": [*tell_unfit(uses(recipe)), tell_rework(calls)],
    }


def preview_instruct(recipe: Recipe, rows: int, *, progress: Progress | None = None) -> list[dict[str, Any]]:
    """Return the first rows of a run; the model is asked, nothing is written. Fewer, if it ends short: `progress` says
    why.
    """
    few = recipe.model_copy(update={"rows": rows})
    with open_stores(":memory:") as (store, calls):
        end, _ = write_rows(few, store, calls, asking=Asking(), progress=progress or Silent())
        if end.reason and progress is not None:
            progress.note(end.reason)
        fields = to_spec(few).delivered()
        return [{name: row.content.get(name) for name in fields} for row in accepted(store, rows)]


def instruct(instruction: str | Recipe, *, rows: int | None = None, **choices: Any) -> list[dict[str, Any]]:
    """Return rows written under an instruction, or by a recipe: the short way, which keeps no bundle.

    choices : as in `make_instruct_recipe`; `progress`, `budget`, `width`, `prices`, `executor`, `workers` and
    `deadline` as in `run_instruct`.
    """
    running = take_running(choices, run_instruct)
    if isinstance(instruction, Recipe):
        recipe = instruction if rows is None else instruction.model_copy(update={"rows": rows})
    else:
        recipe = make_instruct_recipe(instruction, rows=rows, progress=running.get("progress"), **choices)
    with tempfile.TemporaryDirectory() as folder:
        wanted = recipe.model_copy(update={"format": "jsonl"})
        run_instruct(wanted, Path(folder) / "out", **running)
        lines = (Path(folder) / "out" / "data.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


def _first(model: str | Sequence[str]) -> str:
    return model if isinstance(model, str) else model[0]


def _is_local(model: str | Sequence[str]) -> bool:
    return is_local(_first(model))


def _is_weak(model: str | Sequence[str]) -> bool:
    names = (model,) if isinstance(model, str) else model
    return any(profile_of(identity_named(name)).style == "completion" for name in names)


def _planned(instruction: str, content: dict[str, Any], model: str) -> dict[str, Any]:
    """Return the draft as the model improved it; as it was where the model gave nothing usable."""

    async def ask() -> dict[str, Any]:
        from ..models.asking import Asker
        from ..seeds import Seeds

        async with Engine() as engine:
            asker = Asker(engine, Seeds(0).child("compile"), {"writer": model})
            answer = await asker.ask(plan_prompt(instruction, content), schema=PLAN_SCHEMA, temperature=0)
            return merge_plan(content, answer.data)

    try:
        return run_async(ask())
    except Declined:
        return content


def _settle(content: dict[str, Any], axes: Mapping[str, Any] | None) -> None:
    """Put the levels that the person gave in place of those that were found."""
    for name, levels in (axes or {}).items():
        content["axes"][name] = dict(levels) if isinstance(levels, Mapping) else list(levels)
        content["fields"].pop(name, None)


def _with_embedder(check: Any) -> Any:
    """Return a check that names the embedder it compares meanings with, so that the recipe says it."""
    if not isinstance(check, dict) or not {"near_duplicate", "on_topic"} & set(check):
        return check
    name, options = next(iter(check.items()))
    return {name: {**options, "embedder": usual_embedder()}} if name == "on_topic" or options.get("meaning") else check


def _grow(content: dict[str, Any], subject: str, grow: int | tuple[int, int], model: str, progress: Progress) -> None:
    """Replace the topics of the draft by those that the model names; they stay where it gives fewer than three."""
    count, below = grow if isinstance(grow, tuple) else (grow, 0)
    for told in tell_unfit([(model, "subtopics")] if below else []):
        progress.note(told)

    async def ask() -> Tree:
        from ..models.asking import Asker
        from ..seeds import Seeds

        async with Engine() as engine:
            continues = profile_of(engine.open(model)).style == "completion"
            asker = Asker(engine, Seeds(0).child("grow"), {"writer": model})
            return await grow_topics(subject, cast("Context", asker), count=count, below=below, continues=continues)

    try:
        tree = run_async(ask())
    except Declined:
        return
    if len(tree.topics) > _FEWEST_TOPICS:
        content["axes"] = {**tree.axes(), **{name: one for name, one in content["axes"].items() if name != "topic"}}


def _ground(content: dict[str, Any], folder: str) -> None:
    """Add a passage of the documents that every record is about, and the quote that shows it."""
    drawn = {"passage": {"draw": {"passage_of": folder}}}
    fields = drawn | content["fields"]
    fields["passage"]["draw"]["passage_of"] = folder
    fields.setdefault("quote", {"about": "the words of the passage that show it, verbatim"})
    content["fields"] = fields
    content["axes"].pop("topic", None)  # the documents are the topics
    content["checks"] = [*content["checks"], {"grounded": {"field": "quote", "source": "passage.text"}}]


def _rejects(rows: RowStore) -> Iterator[dict[str, Any]]:
    for decision in rows.decisions():
        for row in decision.rows:
            if row.step:
                shown = {name: value for name, value in row.content.items() if not name.startswith("_")}
                yield {
                    "step": row.step, "reason": row.reason, "slot": decision.slot, "retry": decision.retry,
                    "tokens_in": decision.usage[0], "tokens_out": decision.usage[1], "dollars": decision.usage[2],
                    "models": ", ".join(decision.models), "row": json.dumps(shown, ensure_ascii=False, default=str),
                }  # fmt: skip
