"""The road of a run: source, generator, batches, checks, measures, gates, record."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeGuard, cast

from .. import registry
from ..contracts import Assessment, Executor, Fitted, Progress
from ..data.constraints import parse_constraint
from ..data.dataset import Dataset, Lineage
from ..data.schema_file import schema_to_dict
from ..errors import ModelFileError, OutputError
from ..measure.assess import assess, compare
from ..measure.gates import default_gates, gate_to_text, parse_gate
from ..recipe import Recipe
from ..seeds import Seeds
from ..store import Store
from .assessing import assess_conditioned
from .batches import Maker, make_rows
from .conditions import arrange, conditioned, conditions_text, counterparts
from .executors import make_executor
from .lineage import FACT, depth_of
from .record import RunRecord
from .source import Prepared, without_dropped

__all__ = ["complete_recipe", "fingerprint", "make_generator", "run", "tell_given_up"]

_SMOOTHING = (1.0, 3.0, 9.0)
_MEMORY = ("privacy.exposed", "privacy.membership", "privacy.nearest")
_TRIAL_ROWS = 5_000
_CHECKS = ("domain", "fresh", "constraints")


def complete_recipe(recipe: Recipe, prepared: Prepared) -> Recipe:
    """Return the recipe with everything settled that was left open: rows, schema, rules, gates."""
    content = schema_to_dict(prepared.train.schema.without_counts())
    gates = recipe.gates if recipe.gates is not None else [gate_to_text(gate) for gate in default_gates()]
    return recipe.model_copy(
        update={
            "rows": recipe.rows or prepared.rows,
            "columns": content["columns"],
            "constraints": content.get("constraints", []),
            "gates": gates,
        }
    )


def tell_given_up(recipe: Recipe, dropped: Collection[str]) -> Recipe:
    """Return a completed recipe with `given_up:` in place of `found:` before each rule that the run did not keep."""
    rules = [
        {"given_up": rule["found"]} if _is_found(rule) and str(parse_constraint(rule)) in dropped else rule
        for rule in recipe.constraints or ()
    ]
    return recipe.model_copy(update={"constraints": rules})


def _is_found(rule: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(rule, dict) and "found" in rule


def fingerprint(recipe: Recipe, digest: str) -> str:
    """Return a digest of all that decides the stream of rows; how many of them are wanted and judged is left out."""
    content = recipe.model_dump(mode="json", exclude={"rows", "gates", "format", "target"})
    share = content.pop("source")["holdout"]
    content["holdout"] = share if share == "auto" or not isinstance(share, str) else "file"
    content["source"] = digest
    content["version"] = version("simulacra")
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def make_generator(recipe: Recipe, **options: Any) -> Any:
    """Return the recipe's generator with its options."""
    return registry.find("generator", recipe.method)(quality=recipe.quality, **options)


@dataclass(slots=True)
class _Clock:
    cpu: float
    wall: float

    @classmethod
    def start(cls) -> _Clock:
        return cls(time.process_time(), time.perf_counter())

    def cost(self) -> dict[str, float]:
        return {
            "cpu_seconds": round(time.process_time() - self.cpu, 2),
            "wall_seconds": round(time.perf_counter() - self.wall, 2),
        }


def run(recipe: Recipe, prepared: Prepared, store: Store, *, workers: int, progress: Progress) -> RunRecord:
    """Make the rows of a completed recipe, judge them, and return the record.

    What `store` holds of an earlier run of the same recipe is used, not made again.
    """
    clock = _Clock.start()
    seeds = Seeds(recipe.seed)
    fitted, model = _learn(recipe, prepared, seeds, store, progress)
    gone: tuple[str, ...] = getattr(fitted, "dropped", ())
    prepared = without_dropped(prepared, gone)
    checks = [registry.find("check", name)(prepared.train.schema, prepared.real) for name in _CHECKS]
    executor: Executor = make_executor(workers)
    try:
        rows, rejects = make_rows(
            Maker(recipe.method, model, seeds.child("rows"), conditions_text(recipe)),
            checks,
            recipe.rows or prepared.rows,
            store=store,
            executor=executor,
            progress=progress,
            arrange=partial(arrange, fitted, recipe),
        )
    finally:
        executor.close()
    depth = 1 + (depth_of(Path(recipe.source.path)) or 0)
    synthetic = Dataset(rows, prepared.train.schema, Lineage(recipe.method, "", recipe.seed, depth=depth))
    others = counterparts(fitted, recipe, prepared)
    assessment = _judge(recipe, (others, prepared), synthetic, seeds, progress)
    cost = clock.cost() | {"rows_made": rows.height + rejects.height, "rows_rejected": rejects.height}
    notes = (*_descent(depth), *_smoothed(store), *others.notes, *getattr(fitted, "notes", ()))
    return RunRecord(
        recipe=tell_given_up(recipe, gone).to_yaml(),
        synthetic=synthetic,
        assessment=assessment,
        real=others.train.frame,
        holdout=others.holdout,
        rejects=rejects,
        facts=_facts(recipe) | {FACT: str(depth)},
        cost=cost,
        notes=notes,
        given_up=gone,
    )


def _learn(recipe: Recipe, prepared: Prepared, seeds: Seeds, store: Store, progress: Progress) -> tuple[Fitted, bytes]:
    """Return the fitted generator and its bytes, from the store if it was fitted before."""
    model = store.model()
    if model is None:
        model, smoothing = _fit_without_memory(recipe, prepared, seeds, progress)
        conditioned(make_generator(recipe).load(model), conditions_text(recipe))  # refused, the folder stays free
        store.put_fact("smoothing", f"{smoothing:g}")
        store.put_model(model)
    try:
        fitted: Fitted = conditioned(make_generator(recipe).load(model), conditions_text(recipe))
    except ModelFileError as error:
        raise OutputError(
            f"the run's model is damaged ({error.seen})", where="private/run.sqlite", hint="start again with --fresh"
        ) from error
    return fitted, model


def _fit_without_memory(recipe: Recipe, prepared: Prepared, seeds: Seeds, progress: Progress) -> tuple[bytes, float]:
    """Return a fitted model as bytes and its smoothing: raised while rows it makes lie nearer to those learned from
    than to the held-out ones by more than chance.
    """
    for smoothing in _SMOOTHING:
        generator = make_generator(recipe, smoothing=smoothing)
        fitted = generator.fit(prepared.train, seeds.child("fit"), progress)
        if smoothing == _SMOOTHING[-1] or not _remembers(fitted, prepared, seeds.child("memory")):
            break
        progress.note("the generator remembers rows: learning again with more smoothing")
    return fitted.to_bytes(), smoothing


def _remembers(fitted: Fitted, prepared: Prepared, seeds: Seeds) -> bool:
    if prepared.holdout is None:
        return False
    rows = fitted.sample(min(_TRIAL_ROWS, len(prepared.train)), seeds)
    schema = prepared.train.schema
    tables = compare(rows, prepared.train.frame, prepared.holdout, schema=schema, target=None, seeds=seeds)
    found = assess(tables, metrics=_MEMORY)
    return any(result.verdict == "fail" for result in found.gates)


def _smoothed(store: Store) -> tuple[str, ...]:
    """Return what to tell of a generator that had to be made to forget."""
    smoothing = store.fact("smoothing")
    if smoothing in (None, "1"):
        return ()
    seen = "A first generator lay nearer to the rows it learned from than chance explains"
    return (f"{seen}; this one was learned again with {smoothing} times the smoothing, which costs some fidelity.",)


def _descent(depth: int) -> tuple[str, ...]:
    """Return what to tell of rows that were learned from made ones."""
    if depth == 1:
        return ()
    seen = f"The source was made, not observed: these rows are {depth} generations away from real ones"
    return (f"{seen}, and privacy and fidelity are judged against made rows. `simulacra collapse` shows what is lost.",)


def _judge(
    recipe: Recipe, compared: tuple[Prepared, Prepared], made: Dataset, seeds: Seeds, progress: Progress
) -> Assessment:
    """Return the verdict; compared : the real rows of the kind that was made, and all of them."""
    told = {"target": recipe.target or made.schema.target, "seeds": seeds.child("measure"), "depth": made.lineage.depth}
    tables, whole = (
        compare(made.frame, one.train.frame, one.holdout, schema=made.schema, **cast(Any, told)) for one in compared
    )
    gates = [parse_gate(text) for text in recipe.gates or ()]
    if compared[0] is compared[1]:
        return assess(tables, gates=gates, progress=progress)
    return assess_conditioned(tables, whole, gates=gates, progress=progress)


def _facts(recipe: Recipe) -> dict[str, str]:
    return {
        "source": Path(recipe.source.path).name,
        "method": recipe.method,
        "quality": recipe.quality,
        "seed": str(recipe.seed),
        "version": version("simulacra"),
    }
