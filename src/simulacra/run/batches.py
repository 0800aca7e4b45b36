"""Batches until there are enough accepted rows.

The rows of a run are the first N of one endless stream: batch 0's accepted rows, then batch 1's, and so on. A batch's
rows depend on its number alone and the first k rows of a batch do not depend on how many more were asked for, so
neither the number of workers, nor an interruption, nor a later wish for more rows changes any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import polars as pl

from .. import registry
from ..contracts import Check, Executor, Fitted, Progress
from ..data.rules import first_of_each
from ..errors import DataError
from ..seeds import Seeds
from ..store import Batch, Store
from .conditions import conditioned

__all__ = ["BATCH_ROWS", "Maker", "make_rows", "stream"]

BATCH_ROWS = 8192
_TRIES = 10
"""The ceiling: so many rows are made for each one asked for before the run gives up."""
_OWN = ("step", "reason", "batch")  # columns of the rejects, before the table's


@dataclass(frozen=True, slots=True)
class Maker:
    """All a worker needs to make a batch: the generator's name, its fitted model as bytes, the seeds of the run.

    conditions : what the rows must satisfy, as `conditions.conditions_text` writes it.
    """

    method: str
    model: bytes
    seeds: Seeds
    conditions: str = ""

    def __call__(self, task: tuple[int, int]) -> pl.DataFrame:
        """Make the first `asked` rows of batch `number`, for task = (number, asked)."""
        number, asked = task
        fitted = _load(self.method, self.model, self.conditions)
        return fitted.sample(asked, self.seeds.child("batch", number), first_row=number * BATCH_ROWS)


@lru_cache(maxsize=2)
def _load(method: str, model: bytes, conditions: str) -> Fitted:
    generator: Any = registry.find("generator", method)()
    fitted: Fitted = conditioned(generator.load(model), conditions)
    return fitted


def stream(fitted: Fitted, rows: int, seeds: Seeds, progress: Progress) -> pl.DataFrame:
    """Return the first `rows` rows of the stream without checks, as a run with these seeds makes them.

    Errors: DataError if what the schema says is unique repeats too often.
    """
    progress.start("making rows", rows)
    unique = any(rule.kind == "unique" for rule in fitted.schema.constraints)
    made = pl.DataFrame()
    for first in range(0, _TRIES * max(rows, BATCH_ROWS), BATCH_ROWS):
        asked = BATCH_ROWS if unique else min(BATCH_ROWS, rows - first)
        part = fitted.sample(asked, seeds.child("batch", first // BATCH_ROWS), first_row=first)
        made = first_of_each(pl.concat([made, part]) if first else part, fitted.schema)
        progress.advance(asked)
        if made.height >= rows:
            return made.head(rows)
    raise _repeated(rows, made.height)


def make_rows(
    maker: Maker,
    checks: Sequence[Check],
    rows: int,
    *,
    store: Store,
    executor: Executor,
    progress: Progress,
    arrange: Callable[[pl.DataFrame, int], pl.DataFrame] = pl.DataFrame.head,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return exactly `rows` accepted rows and the rejected ones (columns step, reason, batch, then the table's).

    arrange : gives the rows to deliver out of all accepted so far, fewer than asked for if more are needed.

    Errors: DataError if the checks reject so much that the ceiling of attempts is reached.
    """
    progress.start("making rows", rows)
    done: list[Batch] = []
    while (missing := rows - _arranged(done, rows, arrange).height) > 0:
        _refuse_endless(done, rows)
        tasks = _next_tasks(done, missing)
        done = [batch for batch in done if batch.number < tasks[0][0]]
        for batch in _ask(maker, checks, tasks, store=store, executor=executor):
            done.append(batch)
            progress.advance(min(batch.accepted.height, max(missing, 0)))
            missing -= batch.accepted.height
    accepted = _arranged(done, rows, arrange)
    numbered = [batch.rejected.insert_column(2, pl.lit(batch.number).alias("batch")) for batch in done]
    return accepted, pl.concat(numbered)


def _arranged(done: Sequence[Batch], rows: int, arrange: Callable[[pl.DataFrame, int], pl.DataFrame]) -> pl.DataFrame:
    return arrange(pl.concat([batch.accepted for batch in done]), rows) if done else pl.DataFrame()


def _next_tasks(done: Sequence[Batch], missing: int) -> list[tuple[int, int]]:
    """Return (number, rows to ask for) of the batches that should give the missing rows.

    A last batch that was asked for a part of its rows only is asked again for all of them: the stream has no gaps.
    """
    if done and done[-1].asked < BATCH_ROWS:
        return [(done[-1].number, BATCH_ROWS)]
    first = len(done)
    full, rest = divmod(missing, BATCH_ROWS)
    tasks = [(first + i, BATCH_ROWS) for i in range(full)]
    spare = 8 + rest // 50  # for a few rejects, so that they seldom cost another round
    return tasks if rest == 0 else [*tasks, (first + full, min(BATCH_ROWS, rest + spare))]


def _ask(
    maker: Maker, checks: Sequence[Check], tasks: Sequence[tuple[int, int]], *, store: Store, executor: Executor
) -> Iterator[Batch]:
    """Yield the batches in order, from the store where they are there already."""
    made = executor.map(maker, [task for task in tasks if not store.has_batch(*task)])
    for number, asked in tasks:
        batch = store.batch(number, asked)
        if batch is None:
            batch = _judge(number, next(made), checks)
            store.put_batch(batch)
        yield batch


def _judge(number: int, frame: pl.DataFrame, checks: Sequence[Check]) -> Batch:
    step = pl.Series("step", [None] * frame.height, dtype=pl.String)
    reason = step.alias("reason")
    for check in checks:
        found = check(frame)
        new = found.is_not_null() & reason.is_null()
        step, reason = step.set(new, check.name), reason.zip_with(~new, found)
    rejected = frame.filter(reason.is_not_null()).rename(_aside(frame.columns))
    rejected = rejected.insert_column(0, reason.drop_nulls().alias("reason"))
    rejected = rejected.insert_column(0, step.filter(reason.is_not_null()))
    return Batch(number, frame.height, frame.filter(reason.is_null()), rejected)


def _aside(names: Sequence[str]) -> dict[str, str]:
    """Return other names for the columns of a table that are called as ours are: rejects hold both."""
    taken, other = {*names, *_OWN}, {}
    for name in [name for name in _OWN if name in names]:
        free = f"{name}_"
        while free in taken:
            free += "_"
        taken.add(free)
        other[name] = free
    return other


def _refuse_endless(done: Sequence[Batch], rows: int) -> None:
    asked = sum(batch.asked for batch in done)
    if asked < _TRIES * max(rows, BATCH_ROWS):
        return
    rejected = pl.concat([batch.rejected for batch in done])
    if not rejected.height:
        raise _repeated(rows, sum(batch.accepted.height for batch in done))
    common = rejected["reason"].value_counts(sort=True).row(0)
    raise DataError(
        f"of {asked:,} rows made, {rejected.height:,} were rejected, {common[1]:,} because {common[0]}",
        hint="loosen the check or correct the schema",
    )


def _repeated(rows: int, found: int) -> DataError:
    seen = f"{rows:,} rows were asked for, and of the rows made too many repeat what must be unique"
    return DataError(seen, hint=f"ask for fewer rows than {found:,}, or drop the constraint")
