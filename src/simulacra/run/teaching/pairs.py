"""The road of post-training rows: a slot for each prompt, tried once; what is undecided is refused and told."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from ...check.rows.leftovers import Leftovers
from ...check.rows.length import Length
from ...check.rows.repetition import Repetition
from ...contracts import Progress
from ...contracts.rows import Context, Reject, Row, Step
from ...errors import DataError
from ...generate.preference.answers import Panel, judged, revised, verified
from ...measure.assess_texts import assess_texts, compare_texts
from ...models.fitness import tell_unfit
from ...recipe.preference import Recipe
from ...seeds import Seeds
from ...store.calls import CallStore
from ...store.rows import RowStore, Totals
from ..flow import Attempt, End, Flow, Limits, fill
from ..flow.account import Account, row_context
from ..flow.ending import _cost, _walk
from ..flow.judged import judge_delivery, tell_what_is_missing
from ..flow.record import UNCHECKED, TextRecord
from ..flow.road import Asking
from ..flow.terms import terms_of

__all__ = ["FIELDS", "close_pairs", "fields_of", "make_pair_flow", "make_pairs", "pair_lineage", "pair_uses",
           "read_prompts"]  # fmt: skip

FIELDS = ("prompt", "chosen", "rejected", "margin", "chosen_model", "rejected_model", "rationale")
_TRACES = ("prompt", "response", "model")
_SAMPLES = 12
_WHAT = {
    "judged": "Pairs of a better and a worse answer, as judges see it",
    "principles": "Pairs of an answer and its revision by principles",
    "verified": "Pairs of a right and a wrong answer to questions whose answers are known",
    "traces": "Reasoning to questions whose answers are known",
}
_FEWEST = 2


def fields_of(recipe: Recipe) -> tuple[str, ...]:
    """Return the fields of a delivered row."""
    return _TRACES if recipe.deliver == "traces" else FIELDS


def pair_uses(recipe: Recipe) -> list[tuple[str, str]]:
    """Return (model, use) of what not every model can do, see `models.profile.Profile.unfit`."""
    judges = [(name, "judge") for name in recipe.judges or recipe.answers[:1]]
    return {"judged": judges, "principles": [(recipe.answers[0], "revise")], "verified": []}[recipe.by]


def read_prompts(recipe: Recipe) -> tuple[list[tuple[str, str, str]], int]:
    """Return (identity, prompt, known answer) of each prompt, and how many rows of the file have no prompt or answer.

    Errors: DataError for the file and its columns.
    """
    from ...data.read import read_table

    path = Path(recipe.prompts)
    frame = read_table(path).frame
    for column in filter(None, (recipe.prompt, recipe.answer)):
        if column not in frame.columns:
            hint = f"there are: {', '.join(frame.columns)}"
            raise DataError(f"there is no column {column!r}", where=str(path), hint=hint)
    found = []
    for number, row in enumerate(frame.iter_rows(named=True), 1):
        known = row[recipe.answer] if recipe.answer else ""
        if row[recipe.prompt] is not None and str(row[recipe.prompt]).strip() and known is not None:
            found.append((f"{path.name}:{number}", str(row[recipe.prompt]), str(known)))
    if not found:
        raise DataError("no row has a prompt", where=str(path), hint="give prompts, with answers if they are verified")
    return found, frame.height - len(found)


async def make_pairs(
    recipe: Recipe,
    prompts: Sequence[tuple[str, str, str]],
    stores: tuple[RowStore, CallStore],
    *,
    asking: Asking,
    progress: Progress,
) -> tuple[End, float]:
    """Make the rows of a recipe; what the stores hold is not made again. Return how it ended, and the seconds."""
    started = time.perf_counter()
    for told in tell_unfit(pair_uses(recipe)):
        progress.note(told)
    make = partial(make_pair_flow, recipe, prompts)
    async with asking.engine(stores[1], progress) as engine:
        models = {name: name for name in (*recipe.answers, *recipe.judges)}
        for name in models:
            engine.open(name)

        def open_row(seeds: Seeds, account: Account) -> Context:
            return row_context(engine, models, seeds, account, priority=int(seeds.path[1]))

        end = await fill(
            make(), min(recipe.rows, len(prompts) * _most(recipe)), stores[0], seeds=Seeds(recipe.seed),
            open=open_row, width=engine.rows_at_once + 2, progress=progress, tries=1,
            limits=Limits(attempts=len(prompts), least=0.0), executor=asking.run(make), narrate=engine.narrate,
        )  # fmt: skip
    return end, time.perf_counter() - started


def make_pair_flow(recipe: Recipe, prompts: Sequence[tuple[str, str, str]]) -> Flow:
    """Return the flow of a recipe: each prompt is answered, and its answers are judged, revised or verified."""

    def begin(attempt: Attempt, seeds: Seeds) -> Row:
        del seeds
        known = prompts[attempt.slot] if attempt.slot < len(prompts) else ("", "", "")
        return {"prompt": known[1], "_known": known[2], "_parents": [known[0]], "_cell": {}, "_slot": attempt.slot}

    answer = _step(recipe)

    async def step(row: Row, context: Context) -> Row | list[Row] | Reject:
        if not row["prompt"]:
            return Reject("prompts", "there are no more prompts")
        return await answer(row, context)

    texts = ["response"] if recipe.deliver == "traces" else ["chosen", "rejected"]
    return Flow(
        begin,
        ((recipe.by, step),),
        (Length(texts, characters=[1, None]), Repetition(texts[0]), Leftovers(texts[0])),
        per_slot=_most(recipe),
    )


def _most(recipe: Recipe) -> int:
    return recipe.keep if recipe.deliver == "traces" else 1


def _step(recipe: Recipe) -> Step:
    answers = tuple((model, heat) for model in recipe.answers for heat in recipe.temperatures)
    if recipe.by == "principles":
        return revised(Panel(answers[:1], max_tokens=recipe.max_tokens), recipe.principles)
    panel = Panel(answers, tuple(recipe.judges), recipe.max_tokens)
    if recipe.by == "verified":
        return verified(panel, traces=recipe.deliver == "traces", keep=recipe.keep)
    return judged(panel, recipe.aspects, recipe.margin)


def close_pairs(
    recipe: Recipe,
    stores: tuple[RowStore, CallStore],
    *,
    prompts: int,
    left_out: int,
    end: End,
    seconds: float,
    progress: Progress,
) -> TextRecord:
    """Return the record of a run that has ended. prompts, left_out : as `read_prompts` counts them."""
    fields = fields_of(recipe)
    rows = [one.content for one in islice(stores[0].rows(accepted=True), recipe.rows)]
    texts = [str(row[fields[1]]) for row in rows]
    found = assess_texts(compare_texts(texts, seeds=Seeds(recipe.seed).child("measure"), depth=1), progress=progress)
    # A prompt that gives no row is told as a reject; no row at all is a failure.
    asked = len(rows) or min(recipe.rows, prompts)
    shown = rows[:: max(1, len(rows) // _SAMPLES)][:_SAMPLES]
    models, prompt, curve = _walk(*stores)
    totals = stores[0].totals()
    gave = sum(one.accepted for one in stores[0].decisions())
    notes = _counted(recipe, totals, prompts=prompts, gave=gave, delivered=len(rows))
    if left_out:
        notes.append(f"{_many(left_out, 'row')} of the file without a prompt, or without its answer, left out.")
    if len(rows) < recipe.rows:
        notes.append(f"The recipe takes {recipe.rows:,} rows at most: for more of them, give more prompts.")
    notes += tell_unfit(pair_uses(recipe))
    if any(name.startswith("echo") for name in recipe.answers):
        notes.append("The answers are of a script, not of a model: they show the road, not what a model can do.")
    return TextRecord(
        recipe=recipe.to_yaml(), rows=len(rows), asked=asked, fields=fields,
        assessment=tell_what_is_missing(judge_delivery(found, len(rows), asked, end.reason), fields[1]),
        totals=totals, curve=curve,
        samples=tuple({name: row.get(name) for name in fields} for row in shown), prompt=prompt,
        terms={model: terms_of(model) for model in models}, truth=_truth(recipe),
        facts={"method": "preference", "instruction": _WHAT["traces" if recipe.deliver == "traces" else recipe.by],
               "models": ", ".join(models), "seed": str(recipe.seed), "version": version("simulacra"),
               "generation": "1"},
        cost=_cost(totals, seconds), notes=tuple(notes),
    )  # fmt: skip


def _truth(recipe: Recipe) -> str:
    kept = "each text" if recipe.deliver == "traces" else "what is chosen"
    known = f"The final answer of {kept} is the known one; what leads to it, nobody checked."
    return known if recipe.by == "verified" else UNCHECKED


def _counted(recipe: Recipe, totals: Totals, *, prompts: int, gave: int, delivered: int) -> list[str]:
    """Return what became of the prompts: the numbers add up."""
    tried, each = totals.attempts, 1 if recipe.by == "principles" else len(recipe.answers) * len(recipe.temperatures)
    noun = "trace" if recipe.deliver == "traces" else "revision" if recipe.by == "principles" else "pair"
    told = [f"{gave:,} gave {_many(totals.accepted, noun)}"]
    told += [f"{tried - gave:,} gave none"] if gave < tried else []
    notes = [f"{_many(tried, 'prompt')} tried, {_many(tried * each, 'answer')} asked for: {', '.join(told)}."]
    if totals.rejected > tried - gave:
        notes.append(f"{_many(totals.rejected, noun)} refused in all; some prompts gave more than one.")
    if totals.accepted > delivered:
        notes.append(f"{_many(totals.accepted - delivered, noun)} beyond the {delivered:,} rows asked for left out.")
    if tried < prompts:
        notes.append(f"{_many(prompts - tried, 'prompt')} of {prompts:,} not needed.")
    return notes


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def pair_lineage(rows: RowStore, recipe: Recipe) -> Iterator[dict[str, Any]]:
    """Yield one record per delivered row: its prompt's place in the file, who answered and judged, at what price."""
    heads = {decision.position: decision for decision in rows.decisions() if decision.accepted}
    for number, row in enumerate(islice(rows.rows(accepted=True), recipe.rows)):
        decision = heads[row.position]
        yield {
            "row": number, "method": "preference", "model": ", ".join(decision.models),
            "terms": "; ".join(terms_of(model) for model in decision.models), "seed": recipe.seed, "depth": 1,
            "parents": list(row.content["_parents"]), "calls": list(decision.calls), "slot": decision.slot,
            "retry": decision.retry, "tokens_in": decision.usage[0], "tokens_out": decision.usage[1],
            "dollars": decision.usage[2],
        }  # fmt: skip
