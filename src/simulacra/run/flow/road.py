"""The road of an instruct recipe: plan, attempts, checks, rows on disk while it runs, and what is known at its end."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from ...check.rows._make import make_checks
from ...contracts import Progress
from ...contracts.rows import Context, Row, RowCheck
from ...errors import OutputError, RecipeError
from ...generate.instruct.plan import Plan
from ...generate.instruct.pool import LAG as POOL_LAG
from ...generate.instruct.pool import Pool
from ...generate.instruct.spec import Spec
from ...generate.instruct.write import begin_row, make_steps
from ...models.engine import Engine, Retry
from ...models.fitness import tell_unfit
from ...models.limits import Limits as RateLimits
from ...models.prices import PriceTable
from ...recipe.instruct import Recipe
from ...recipe.written import to_spec, uses
from ...seeds import Seeds
from ...store.calls import CallStore
from ...store.rows import RowStore
from .account import Account, row_context
from .attempt import Flow
from .early import KnowsSeeds, early_checks, seed_texts
from .executor import RowExecutor, open_executor
from .limits import Limits
from .order import LAG, Attempt
from .runner import End, fill

__all__ = ["Asking", "fingerprint", "make_flow", "roles", "run_async", "to_line", "write_rows"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asking:
    """How a run is made, which no row depends on. width : calls at once. budget : dollars. prices : own table.

    executor : where attempts are worked on, see `executor.open_executor`; workers : how many, None: one a core.
    deadline : seconds after which a call is given up, all its requests included; None: the engine's own.
    """

    width: int | None = None
    budget: float | None = None
    limits: RateLimits | None = None
    prices: PriceTable | None = None
    executor: str = "inline"
    workers: int | None = None
    deadline: float | None = None

    def engine(self, store: CallStore, progress: Progress) -> Engine:
        """Return the engine of a run."""
        usual = Retry()
        seconds = usual.deadline if self.deadline is None else self.deadline
        return Engine(
            store=store, width=self.width, budget=self.budget, limits=self.limits, prices=self.prices,
            retry=replace(usual, deadline=seconds, timeout=min(usual.timeout, seconds)), progress=progress,
        )  # fmt: skip

    def run(self, make_flow: Callable[[], Flow]) -> RowExecutor:
        """Return the executor of a run whose flow is made by `make_flow`."""
        return open_executor(self.executor, make_flow, self.workers)


def make_flow(recipe: Recipe, spec: Spec, extra: Sequence[RowCheck] = ()) -> Flow:
    """Return the flow of a recipe: what each attempt does, and its checks. Errors: RecipeError for a check."""
    plan = Plan(spec.axes, spec.balance, Seeds(recipe.seed).child("plan"))
    checks = make_checks(recipe.checks)
    steps = make_steps(spec)
    soon = early_checks(recipe.checks, checks, spec)
    late = [check for check in checks if all(check not in group for group in soon.values())]
    pool = Pool([one.name for one in spec.fields if one.deliver and one.kind != "drawn"]) if spec.pool else None
    for check in checks:
        if isinstance(check, KnowsSeeds):
            check.forbid(seed_texts(spec, check.fields))

    def begin(attempt: Attempt, seeds: Seeds) -> Row:
        return begin_row(spec, plan, attempt, pool=pool, rng=seeds.child("pool").rng())

    known = (pool,) if pool is not None else ()
    lag = LAG if pool is None else POOL_LAG
    return Flow(begin, tuple(steps), (*late, *extra, *known), per_slot=spec.many, early=soon, lag=lag)


def fingerprint(recipe: Recipe) -> str:
    """Return a digest of all that decides the stream of rows; how many are wanted and judged is left out."""
    content = recipe.model_dump(mode="json", exclude={"rows", "gates", "format", "attempts"})
    files = {path: _digest(Path(path)) for path in _paths(recipe)}
    for path in files:  # the folder may be elsewhere the next time
        content = json.loads(json.dumps(content).replace(json.dumps(path), json.dumps(files[path])))
    content["version"] = version("simulacra")
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _paths(recipe: Recipe) -> Iterator[str]:
    for one in recipe.fields.values():
        if one.draw is not None and (path := one.draw.row_of or one.draw.passage_of):
            yield path
    if isinstance(recipe.examples, str):
        yield recipe.examples


def _digest(path: Path) -> str:
    files = sorted(inner for inner in path.rglob("*") if inner.is_file()) if path.is_dir() else [path]
    total = hashlib.sha256()
    for file in files:
        try:
            total.update(f"{file.relative_to(path)}\0".encode() + file.read_bytes())
        except OSError as error:
            raise RecipeError(f"{error.strerror or error}".lower(), where=str(file), hint="check the path") from error
    return total.hexdigest()


def roles(recipe: Recipe) -> dict[str, str]:
    """Return role -> model; a role of several models is its first one. RecipeError if no model is named."""
    named = {role: model if isinstance(model, str) else model[0] for role, model in recipe.models.items()}
    if not named:
        hint = "e.g. --model embedded, or models: {writer: embedded}"
        raise RecipeError("no model is named", where="models", hint=hint)
    return named


def write_rows(
    recipe: Recipe,
    rows: RowStore,
    calls: CallStore,
    *,
    asking: Asking,
    progress: Progress,
    stream: Path | None = None,
) -> tuple[End, float]:
    """Make the rows of a recipe and return how it ended and the seconds it took.

    stream : a JSONL file that accepted rows are written to as they come. What the stores hold is not made again.
    Errors: those of the engine, after what was decided is durable; OutputError if the stream cannot be written.
    """
    spec = to_spec(recipe)
    roles(recipe)
    for told in tell_unfit(uses(recipe)):
        progress.note(told)
    started = time.perf_counter()
    with _Stream(stream, spec.delivered()) as sink:
        make = partial(make_flow, recipe, spec)
        work = _work(recipe, make, (rows, calls), asking=asking, progress=progress, sink=sink)
        end = run_async(work)
    return end, time.perf_counter() - started


async def _work(
    recipe: Recipe,
    make: Callable[[], Flow],
    stores: tuple[RowStore, CallStore],
    *,
    asking: Asking,
    progress: Progress,
    sink: _Stream,
) -> End:
    models, flow, executor = roles(recipe), make(), asking.run(make)
    async with asking.engine(stores[1], progress) as engine:
        for name in {*models.values(), *_writers(recipe)}:  # what is missing is told before any work
            engine.open(name)

        def open_row(seeds: Seeds, account: Account) -> Context:
            return row_context(engine, models, seeds, account, priority=int(seeds.path[1]))

        limits = Limits.within(recipe.attempts, recipe.rows)
        width = engine.rows_at_once
        return await fill(
            flow, recipe.rows, stores[0], seeds=Seeds(recipe.seed), open=open_row, width=width + 2,
            progress=progress, limits=limits, tries=recipe.tries, sink=sink.write, executor=executor,
            narrate=engine.narrate,
        )  # fmt: skip


def _writers(recipe: Recipe) -> list[str]:
    return [name for model in recipe.models.values() for name in ([model] if isinstance(model, str) else model)]


class _Stream:
    """Accepted rows as JSON lines, written as they come; without a path they go nowhere."""

    def __init__(self, path: Path | None, fields: Sequence[str]) -> None:
        self._path, self._fields = path, fields
        self._file: BinaryIO | None = None

    def __enter__(self) -> _Stream:
        if self._path is not None:
            try:
                self._file = self._path.open("wb")
            except OSError as error:
                raise OutputError(f"cannot be written ({error.strerror})", where=str(self._path)) from error
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, rows: Sequence[Row]) -> None:
        """Write rows, seen by readers of the file at once."""
        if self._file is None:
            return
        try:
            self._file.writelines(to_line(row, self._fields) for row in rows)
            self._file.flush()
        except OSError as error:
            hint = "make room; the same command goes on"
            raise OutputError(f"cannot be written ({error.strerror})", where=str(self._path), hint=hint) from error


def to_line(row: Mapping[str, Any], fields: Sequence[str]) -> bytes:
    """Return a delivered row as a line of JSON, its fields in order."""
    shown = {name: row.get(name) for name in fields}
    return (json.dumps(shown, ensure_ascii=False, default=str) + "\n").encode("utf-8", "replace")


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, also where a loop is running already (a notebook): then in a thread of its own."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    box: list[Any] = []
    stop: list[Callable[[], object]] = []
    done = threading.Event()

    async def stoppable() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        if task is not None:
            stop.append(lambda: loop.call_soon_threadsafe(task.cancel))
        return await work

    def run() -> None:
        try:
            box.append((asyncio.run(stoppable()), None))
        except BaseException as error:  # handed to the caller's thread
            box.append((None, error))
        finally:
            done.set()

    thread = threading.Thread(target=run, name="simulacra-rows")
    thread.start()
    try:
        done.wait()  # no join: an interrupted one takes the thread for ended
    except KeyboardInterrupt:  # it is the caller's thread that hears of it
        for end in stop:
            end()
        done.wait()
        raise
    value, error = box[0]
    if error is not None:
        raise error
    return value  # type: ignore[no-any-return]
