"""One run of the engine in a process of its own: asks N structured questions, prints what it cost as JSON."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

SCHEMA = {
    "type": "object",
    "properties": {
        "question": {"type": "string"},
        "answer": {"type": "string"},
        "difficulty": {"type": "integer", "minimum": 1, "maximum": 5},
    },
    "required": ["question", "answer", "difficulty"],
    "additionalProperties": False,
}


def peak() -> float:
    """Return this process's own peak in MB; `ru_maxrss` would count what its parent had before the start."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) / 1024


async def ask_rows(url: str, store_path: str, count: int, options: dict) -> dict:
    from simulacra.models.asking import Asker
    from simulacra.models.engine import Engine
    from simulacra.models.limits import Limits
    from simulacra.seeds import Seeds
    from simulacra.store.calls import CallStore

    opened = time.perf_counter()
    store = CallStore(store_path)
    restart = time.perf_counter() - opened
    limits = Limits(requests=options["rpm"]) if options.get("rpm") else None
    seeds, begun = Seeds(7), time.perf_counter()
    delivered = Path(options["out"]).open("a", encoding="utf-8")  # noqa: SIM115
    async with Engine(store=store, width=128, limits=limits) as engine:
        model = engine.open(url)

        async def row(number: int) -> None:
            asker = Asker(engine, seeds.child("row", number), {"model": model}, priority=number)
            answer = await asker.ask(f"Write question {number} about Kubernetes.", schema=SCHEMA)
            delivered.write(json.dumps({"row": number, **answer.data}) + "\n")

        async with asyncio.TaskGroup() as tasks:
            for number in range(count):
                await engine.room()
                tasks.create_task(row(number))
        report = engine.report().total
    delivered.close()
    return {
        "seconds": time.perf_counter() - begun,
        "restart": restart,
        "cpu": time.process_time(),
        "peak_mb": peak(),
        "calls": report.calls,
        "stored": report.stored,
        "busy": report.busy,
        "malformed": report.malformed,
        "frames": sorted({"polars", "numpy", "pandas"} & set(sys.modules)),
    }


if __name__ == "__main__":
    url, store_path, count, options = sys.argv[1:]
    print(json.dumps(asyncio.run(ask_rows(url, store_path, int(count), json.loads(options)))))
