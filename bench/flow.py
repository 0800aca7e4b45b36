"""What plan, checks, decisions and store cost beside the model: CPU milliseconds a row, and whether that stays flat.

The step that would ask a model draws 50 words instead, so all that is measured is the row runner's own: plan, prompt,
six checks with the near-duplicate index, decisions, rows on disk. Then the same with a check that costs some
milliseconds of pure Python, in this process and in others (`--executor process`).

    python bench/flow.py [ROWS ...]
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import resource
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from simulacra.check.rows._make import make_checks
from simulacra.generate.instruct.plan import Axis, Plan
from simulacra.generate.instruct.prompts import compose
from simulacra.generate.instruct.spec import Field, Spec
from simulacra.generate.instruct.write import begin_row
from simulacra.run.flow import Flow, Limits, fill, open_executor
from simulacra.seeds import Seeds
from simulacra.store.rows import RowStore

WORDS = [f"word{number:04d}" for number in range(4000)]
CHECKS: list[Any] = [
    "refusal", "leftovers", "repetition", {"length": {"words": [3, 200]}},
    {"differs": {"fields": ["question", "answer"]}}, {"near_duplicate": {"field": ["question", "answer"]}},
]  # fmt: skip
SPEC = Spec(
    "Questions about something with their answers",
    (Field("question"), Field("answer")),
    (Axis("topic", {f"t{n}": 1.0 for n in range(12)}), Axis("level", dict.fromkeys("abcd", 1.0))),
    ("topic", "level"),
)


class Context:
    """A row's seeds; nobody is asked."""

    def __init__(self, seeds: Seeds, account: Any) -> None:
        self.seeds, self.account = seeds, account


class Far:
    """Row check: question and answer differ in more than a third of their characters (edit distance, pure Python)."""

    name, ordered = "far", False

    async def __call__(self, row: dict[str, Any], _: Any) -> str | None:
        """Return why not."""
        one, other = row["question"], row["answer"]
        line = list(range(len(other) + 1))
        for place, sign in enumerate(one, 1):
            before, line[0] = line[0], place
            for column, letter in enumerate(other, 1):
                before, line[column] = (
                    line[column],
                    min(line[column] + 1, line[column - 1] + 1, before + (sign != letter)),
                )
        return "too alike" if line[-1] < len(one) / 3 else None

    def accept(self, row: dict[str, Any]) -> None:
        """Remember nothing."""


async def write(row: dict[str, Any], context: Context) -> dict[str, Any]:
    """Compose the prompt, then draw words where a model would be asked."""
    turns = compose(SPEC, row, SPEC.written, context.seeds.rng())
    drawn = random.Random(turns[-1].content + str(context.seeds.integer()))
    return {**row, **{name: " ".join(drawn.choices(WORDS, k=25)) for name in ("question", "answer")}}


def make_flow(checks: list[Any], *, heavy: bool = False) -> Flow:
    """Return the flow, in whatever process."""
    plan = Plan(SPEC.axes, SPEC.balance, Seeds(0))
    made = (*make_checks(checks), Far()) if heavy else tuple(make_checks(checks))
    return Flow(lambda attempt, _: begin_row(SPEC, plan, attempt), (("write", write),), made)


def measure(
    rows: int, make: Any, executor: str = "inline", workers: int | None = None
) -> tuple[float, float, float, str]:
    """Return milliseconds a row, of CPU of this process, of its workers and of a clock, and a digest of the rows."""
    digest = hashlib.sha256()
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "data.jsonl").open("w") as file:
        store = RowStore(Path(folder) / "run.sqlite")

        def sink(kept: list[dict[str, Any]]) -> None:
            lines = [json.dumps(row) + "\n" for row in kept]
            digest.update("".join(lines).encode())
            file.writelines(lines)

        start, others, clock = time.process_time(), children(), time.perf_counter()
        end = asyncio.run(
            fill(
                make(), rows, store, seeds=Seeds(0), open=Context, width=64, limits=Limits(attempts=2 * rows),
                sink=sink, executor=open_executor(executor, make, workers),
            )
        )  # fmt: skip
        spent, passed = time.process_time() - start, time.perf_counter() - clock
        store.close()
    assert end.accepted == rows, end.reason
    return 1000 * spent / rows, 1000 * (children() - others) / rows, 1000 * passed / rows, digest.hexdigest()


def children() -> float:
    """Return the CPU seconds of the processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def spread(rows: int) -> None:
    """Print what a heavy check costs in one process and in others."""
    make = partial(make_flow, CHECKS, heavy=True)
    print(f"\n{rows:,} rows with a heavy check; load {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores")
    told = [("inline", None), ("process", 1), ("process", 2)]
    found = [measure(rows, make, executor, workers) for executor, workers in told]
    for (executor, workers), (cpu, elsewhere, clock, digest) in zip(told, found, strict=True):
        same = "the same bytes" if digest == found[0][3] else "OTHER BYTES"
        print(
            f"{executor:>8} {workers or '':>2} {clock:>8.2f} ms a row by the clock ({found[0][2] / clock:.2f} x), CPU"
            f" {cpu:.2f} ms in the run's own process, {elsewhere:.2f} in workers with their start, {same}"
        )


def main() -> None:
    """Print one line per number of rows."""
    sizes = [int(word) for word in sys.argv[1:] if word.isdecimal()] or [1_000, 10_000, 30_000]
    measure(200, partial(make_flow, CHECKS))  # imports and first tables
    print(f"{'rows':>8} {'all, ms a row':>14} {'without checks':>15} {'of it checks':>13} {'peak MB':>8}")
    for rows in sizes:
        whole, bare = (measure(rows, partial(make_flow, checks))[0] for checks in (CHECKS, []))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{rows:>8,} {whole:>14.2f} {bare:>15.2f} {whole - bare:>13.2f} {peak:>8.0f}")
    spread(min(*sizes, 600))


if __name__ == "__main__":
    main()
