"""What plan, checks, decisions and store cost beside the model: CPU milliseconds a row, and whether that stays flat.

The step that would ask a model draws 50 words instead, so all that is measured is the row runner's own: plan, prompt,
six checks with the near-duplicate index, decisions, rows on disk. Run: python bench/flow.py [ROWS ...]
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from simulacra.check.rows._make import make_checks
from simulacra.generate.instruct.plan import Axis, Plan
from simulacra.generate.instruct.prompts import compose
from simulacra.generate.instruct.spec import Field, Spec
from simulacra.generate.instruct.write import begin_row
from simulacra.run.flow import Flow, Limits, fill
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


async def write(row: dict[str, Any], context: Context) -> dict[str, Any]:
    """Compose the prompt, then draw words where a model would be asked."""
    turns = compose(SPEC, row, SPEC.written, context.seeds.rng())
    drawn = random.Random(turns[-1].content + str(context.seeds.integer()))
    context.account.calls.append(f"{drawn.getrandbits(128):032x}")
    return {**row, **{name: " ".join(drawn.choices(WORDS, k=25)) for name in ("question", "answer")}}


def measure(rows: int, checks: list[Any]) -> float:
    """Return CPU milliseconds a row."""
    plan = Plan(SPEC.axes, SPEC.balance, Seeds(0))
    steps = (("write", write),)
    flow = Flow(lambda attempt, _: begin_row(SPEC, plan, attempt), steps, tuple(make_checks(checks)))
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "data.jsonl").open("w") as file:
        store = RowStore(Path(folder) / "run.sqlite")
        start = time.process_time()
        end = asyncio.run(
            fill(
                flow,
                rows,
                store,
                seeds=Seeds(0),
                open=Context,
                width=64,
                limits=Limits(attempts=2 * rows),
                sink=lambda kept: file.writelines(json.dumps(row) + "\n" for row in kept),
            )
        )
        spent = time.process_time() - start
        store.close()
    assert end.accepted == rows, end.reason
    return 1000 * spent / rows


def main() -> None:
    """Print one line per number of rows."""
    sizes = [int(word) for word in sys.argv[1:] if word.isdecimal()] or [1_000, 10_000, 30_000]
    measure(200, CHECKS)  # imports and first tables
    print(f"{'rows':>8} {'all, ms a row':>14} {'without checks':>15} {'of it checks':>13} {'peak MB':>8}")
    for rows in sizes:
        whole, bare = measure(rows, CHECKS), measure(rows, [])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{rows:>8,} {whole:>14.2f} {bare:>15.2f} {whole - bare:>13.2f} {peak:>8.0f}")


if __name__ == "__main__":
    main()
