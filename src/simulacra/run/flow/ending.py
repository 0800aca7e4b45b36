"""What is known at the end of a run of texts: counts, the plan as it was filled, the yield, a verdict, lineage."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from ...contracts import Progress
from ...generate.instruct.compile.sentence import read_sentence
from ...generate.instruct.spec import Spec
from ...models.fitness import tell_unfit
from ...recipe.instruct import Recipe
from ...recipe.written import to_spec, uses
from ...store.calls import CallStore
from ...store.rows import RowStore, StoredRow, Totals
from ..lineage import depth_of
from .judged import Judged
from .record import Filled, TextRecord
from .runner import End
from .terms import terms_of

__all__ = ["accepted", "close_record", "lineage", "seeds_depth"]

_SAMPLES, _CURVE = 12, 60


def accepted(rows: RowStore, wanted: int) -> Iterator[StoredRow]:
    """Yield the delivered rows in order."""
    return islice(rows.rows(accepted=True), wanted)


def close_record(
    recipe: Recipe,
    rows: RowStore,
    calls: CallStore,
    *,
    end: End,
    seconds: float,
    shared: bool = False,
    progress: Progress | None = None,
) -> TextRecord:
    """Return the record of a run that has ended, read back from its stores, its texts measured and judged.

    shared : the store of calls holds those of other runs too, so what lies in it beside the rows' is not this run's.
    """
    depth = seeds_depth(recipe)
    spec = to_spec(recipe)
    cells: Counter[tuple[str, ...]] = Counter()
    samples: list[Mapping[str, Any]] = []
    judged = Judged(recipe, spec)
    delivered, deepest = 0, 1
    every = max(1, recipe.rows // _SAMPLES)
    for row in accepted(rows, recipe.rows):
        cells[tuple(row.content["_cell"].get(axis.name, "") for axis in spec.axes)] += 1
        if delivered % every == 0 and len(samples) < _SAMPLES:
            samples.append({name: row.content.get(name) for name in spec.delivered()})
        judged.see(row.content)
        deepest = max(deepest, int(row.content.get("_depth", 1)))
        delivered += 1
    totals = rows.totals()
    models, prompt, curve = _walk(rows, calls)
    return TextRecord(
        recipe=recipe.to_yaml(),
        rows=delivered,
        asked=recipe.rows,
        fields=tuple(spec.delivered()),
        assessment=judged.assess(delivered, end.reason, progress, depth=depth + deepest),
        totals=totals,
        reason=end.reason,
        plan=fill_plan(spec, cells),
        curve=curve,
        samples=tuple(samples),
        prompt=prompt,
        terms={model: terms_of(model) for model in models},
        facts=_facts(recipe, models, depth + deepest),
        cost=_cost(totals, seconds),
        notes=(*_notes(recipe, end, delivered), *([] if shared else _unused(totals, calls))),
    )


def fill_plan(spec: Spec, cells: Mapping[tuple[str, ...], int]) -> dict[str, list[Filled]]:
    """Return axis -> its levels with rows and shares, "" -> the combinations of the balanced axes.

    Levels that depend on another axis have no share of their own: theirs is what that level got, evenly.
    """
    total = sum(cells.values())
    filled: dict[str, list[Filled]] = {}
    for place, axis in enumerate(spec.axes):
        if axis.parent:
            continue
        counts = Counter[str]()
        for cell, rows in cells.items():
            counts[cell[place]] += rows
        weights = sum(axis.levels.values())
        filled[axis.name] = [Filled(name, counts[name], total * w / weights) for name, w in axis.levels.items()]
    if len(spec.balance) > 1:
        filled[""] = _combinations(spec, cells, total)
    return filled


def _combinations(spec: Spec, cells: Mapping[tuple[str, ...], int], total: int) -> list[Filled]:
    places = [place for place, axis in enumerate(spec.axes) if axis.name in spec.balance]
    counts = Counter[tuple[str, ...]]()
    for cell, rows in cells.items():
        counts[tuple(cell[place] for place in places)] += rows
    shares: dict[tuple[str, ...], float] = {(): float(total)}
    for place in places:
        levels = spec.axes[place].levels
        whole = sum(levels.values())
        shares = {(*cell, name): share * w / whole for cell, share in shares.items() for name, w in levels.items()}
    return [Filled(" × ".join(cell), counts[cell], share) for cell, share in shares.items()]


def seeds_depth(recipe: Recipe) -> int:
    """Return how many generations of made data lie between a recipe's seeds and real rows: 0 for real ones, or none."""
    drawn = [one.draw.row_of for one in recipe.fields.values() if one.draw is not None and one.draw.row_of]
    shown = [recipe.examples] if isinstance(recipe.examples, str) else []
    return max((depth_of(Path(path)) or 0 for path in [*drawn, *shown]), default=0)


def lineage(rows: RowStore, wanted: int, seed: int, *, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Yield one record per delivered row: who wrote it, from what, at what price, in which cell of the plan.

    depth : of the seeds; a row lies one generation further from real data, more if it was shown rows of its own run.
    """
    decisions = {}
    heads = rows.decisions()
    for number, row in enumerate(accepted(rows, wanted)):
        while row.position not in decisions:
            decision = next(heads)
            decisions = {decision.position: decision}
        decision = decisions[row.position]
        yield {
            "row": number,
            "method": "instruct",
            "model": ", ".join(decision.models),
            "terms": "; ".join(terms_of(model) for model in decision.models),
            "seed": seed,
            "depth": depth + int(row.content.get("_depth", 1)),
            "evolved": list(row.content.get("_evolved", ())),
            "parents": list(row.content["_parents"]),
            "calls": list(decision.calls),
            "slot": decision.slot,
            "retry": decision.retry,
            "cell": json.dumps(row.content["_cell"], ensure_ascii=False),
            "tokens_in": decision.usage[0],
            "tokens_out": decision.usage[1],
            "dollars": decision.usage[2],
        }


def _walk(
    rows: RowStore, calls: CallStore
) -> tuple[list[str], tuple[tuple[str, str], ...], tuple[tuple[int, int], ...]]:
    """Return the models that wrote, one prompt, and the yield: all that needs a look at every decision."""
    models: Counter[str] = Counter()
    prompt: tuple[tuple[str, str], ...] = ()
    steps: list[int] = []
    for decision in rows.decisions():
        models.update(decision.models)
        steps.append(sum(not row.step for row in decision.rows))
        if not prompt and decision.accepted and decision.calls:
            prompt = _prompt(calls.question(decision.calls[0]))
    every = max(1, len(steps) // _CURVE)
    total, curve = 0, [(0, 0)]
    for number, kept in enumerate(steps, 1):
        total += kept
        if number % every == 0 or number == len(steps):
            curve.append((number, total))
    return [model for model, _ in models.most_common()], prompt, tuple(curve)


def _prompt(question: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...]:
    if question is None:
        return ()
    turns = question.get("messages", [{"role": "text to continue", "content": question.get("prompt", "")}])
    return tuple((turn["role"], turn["content"]) for turn in turns)


def _facts(recipe: Recipe, models: Sequence[str], depth: int) -> dict[str, str]:
    return {
        "method": "instruct",
        "instruction": recipe.instruction,
        "models": ", ".join(models),
        "seed": str(recipe.seed),
        "version": version("simulacra"),
        "generation": str(depth),
    }


def _cost(totals: Totals, seconds: float) -> dict[str, float]:
    return {
        "attempts": float(totals.attempts),
        "rows_rejected": float(totals.rejected),
        "calls": float(totals.calls),
        "tokens_read": float(totals.tokens_in),
        "tokens_written": float(totals.tokens_out),
        "dollars": round(totals.dollars, 6),
        "wall_seconds": round(seconds, 2),
    }


def _unused(totals: Totals, calls: CallStore) -> list[str]:
    """Return what the store holds beyond the calls of all attempts that were decided."""
    spent = calls.spent().values()
    tokens = sum(one.tokens_in + one.tokens_out for one in spent) - totals.tokens_in - totals.tokens_out
    dollars = sum(one.dollars for one in spent) - totals.dollars
    more = len(calls) - totals.calls
    if more <= 0 or tokens < 0:
        return []
    told = "more calls were" if more > 1 else "more call was"
    return [
        f"{more:,} {told} under way when the run ended ({tokens:,} tokens, {dollars:.4f} dollars); the "
        "store has the answers, for when the run is extended."
    ]


def _notes(recipe: Recipe, end: End, delivered: int) -> tuple[str, ...]:
    notes = []
    named = read_sentence(recipe.instruction).count
    if named is not None and named != recipe.rows:
        notes.append(f"The instruction says {named:,}; {recipe.rows:,} rows were asked for.")
    if delivered < recipe.rows:
        notes.append(f"{delivered:,} of {recipe.rows:,} rows were delivered: {end.reason or 'the run was stopped'}.")
        if end.chief:
            notes.append(
                "What may help: another model, another sentence, or a recipe.yaml that asks less: take out or loosen "
                f"what refuses most ({end.chief!r}) and run it into a new folder. `attempts: N` in it allows more."
            )
    if end.given_up:
        slots = len(end.given_up)
        notes.append(
            f"{slots:,} place{'s' if slots > 1 else ''} of the plan could not be filled in {recipe.tries} tries each; "
            "rows of other cells were written instead."
        )
    if any(model.startswith("echo") for model in _names(recipe)):
        notes.append("The rows were written by a script, not by a model: they show the road, not what a model can do.")
    notes += [*tell_unfit(uses(recipe)), *_weak_notes(recipe, end, delivered)]
    return tuple(notes)


def _weak_notes(recipe: Recipe, end: End, delivered: int) -> list[str]:
    """Return what a reader must know of rows that a small model wrote."""
    found = []
    if delivered and tell_unfit((model, "facts") for model in _names(recipe)):
        told = ["A model of 135 million parameters wrote these rows.", _on_topic(recipe), _written(recipe)]
        if {"difficulty", "persona"} & set(recipe.axes):
            told.append("Difficulty and persona show in how a text begins at most.")
        told.append("Use them to try out a pipeline, and as raw material that people correct, not as facts.")
        found.append(" ".join(part for part in told if part))
    if delivered and end.attempts > 2 * delivered:
        found.append(
            f"{end.attempts:,} attempts gave {delivered:,} rows; private/rejects.parquet has the others and why."
        )
    return found


def _on_topic(recipe: Recipe) -> str:
    """Return what the check of the subject says of every row, "" if the recipe has none."""
    held = next((one["on_topic"] for one in recipe.checks if isinstance(one, dict) and "on_topic" in one), None)
    if held is None:
        return ""
    fields = [held["field"]] if isinstance(held.get("field"), str) else held.get("field") or ["row"]
    return f"Each {' with its '.join(fields)} has a word of {held['about']!r} or words near it (check on_topic)."


def _written(recipe: Recipe) -> str:
    """Return what no check saw of what the model wrote; beside a passage it may have written one field alone."""
    spec = to_spec(recipe)
    by_model = [one.name for one in spec.fields if one.deliver and one.kind not in ("drawn", "template")]
    quoting = any(one.draw is not None and one.draw.kind == "passage_of" for one in spec.fields)
    if quoting and len(by_model) == 1:
        return (
            f"It wrote the {by_model[0]} alone; the rest is a passage of the documents, word for word, and no check "
            f"sees whether it answers the {by_model[0]}, or whether that makes sense."
        )
    return (
        "No check sees whether a text makes sense, and some make none; what they state is wrong more often than right."
    )


def _names(recipe: Recipe) -> list[str]:
    return [name for model in recipe.models.values() for name in ([model] if isinstance(model, str) else model)]
