"""The language-model engine against a loopback server in another process: cost, share of what is possible, durability.

    python bench/engine.py [--only PART ...] [--rows 10000] [--kills 100] [--limited-seconds 20] [--large 1000000]

Every run is a fresh process. A bare aiohttp loop without store, schema check or limits stands beside it, in the same
minute, to tell the machine from the engine. CPU includes the start of Python and all imports.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from simulacra.contracts.models import Answer, Call, Usage
from simulacra.store.calls import CallStore, Paid
from simulacra.testing.server import FakeServer

HERE = Path(__file__).parent
BARE = """
import asyncio, json, sys, time, aiohttp
async def main(url, count):
    numbers, begun = iter(range(count)), time.perf_counter()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        async def worker():
            for number in numbers:
                body = {"model": "m", "messages": [{"role": "user", "content": f"Write question {number}."}],
                        "response_format": {"type": "json_schema", "json_schema": {"schema": json.loads(sys.argv[3])}}}
                async with session.post(url + "/chat/completions", json=body) as answer:
                    json.loads(await answer.read())
        await asyncio.gather(*(worker() for _ in range(128)))
    print(json.dumps({"seconds": time.perf_counter() - begun, "cpu": time.process_time()}))
asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


def run(url: str, count: int, folder: Path, **options: object) -> dict:
    """Return what one run of the engine measured."""
    done = subprocess.run(command(url, count, folder, options), capture_output=True, text=True, check=True)
    found: dict = json.loads(done.stdout)
    return found


def command(url: str, count: int, folder: Path, options: dict) -> list[str]:
    given = json.dumps({"out": str(folder / "rows.jsonl"), **options})
    return [sys.executable, str(HERE / "_engine_child.py"), f"{url}#m", str(folder / "run.sqlite"), str(count), given]


def fresh() -> Path:
    return Path(tempfile.mkdtemp(prefix="run-"))


def bare(url: str, count: int) -> dict:
    from _engine_child import SCHEMA

    script = [sys.executable, "-c", BARE, url, str(count), json.dumps(SCHEMA)]
    found: dict = json.loads(subprocess.run(script, capture_output=True, text=True, check=True).stdout)
    return found


def speed(server: FakeServer, rows: int) -> None:
    for name, weather, limit in (
        ("fixed 200 ms", "latency=fixed:.2", 128 / 0.2),
        ("lognormal .6", "latency=lognormal:.2:.6", 128 / (0.2 * 1.19722)),
    ):
        plain, ours = bare(server.url(weather), rows), run(server.url(weather), rows, fresh())
        for who, found in (("bare aiohttp", plain), ("engine", ours)):
            share = rows / found["seconds"] / limit
            print(f"{name:<14}{who:<14}{1000 * found['cpu'] / rows:6.3f} CPU ms a record, {share:6.1%} of the limit")
        print(
            f"{'':<14}{'':<14}{ours['peak_mb']:6.1f} MB at {rows:,} records, frame libraries loaded: {ours['frames']}"
        )


def faults(server: FakeServer, rows: int) -> None:
    weather = "latency=fixed:.2,busy=.1,faults=.05,malformed=.02"
    folder = fresh()
    found, ledger = run(server.url(weather), rows, folder), server.ledger(weather)
    delivered = len((folder / "rows.jsonl").read_text().splitlines())
    share = rows / found["seconds"] / 640
    print(
        f"10/5/2 weather: {delivered:,} of {rows:,} rows, {ledger['answered'] - rows} extra answers paid for"
        f" ({ledger['malformed']} malformed), {share:.1%} of the limit,"
        f" {1000 * found['cpu'] / rows:.3f} CPU ms a record"
    )


def scheduled(_: FakeServer) -> None:
    from _engine_weather import ideal_share, simulated_share

    for rows in (3000, 10_000):
        found = [simulated_share(rows, seed) for seed in range(3)]
        whole, most = (sum(one[place] for one in found) / len(found) for place in (0, 1))
        print(
            f"the same on a machine that costs nothing (simulated, 3 draws): {whole:.1%} of the limit with {rows:,}"
            f" rows, {most:.1%} for 95 % of them; {ideal_share():.1%} if no place were ever empty"
        )


def limited(server: FakeServer, seconds: int) -> None:
    for name, weather, options in (
        ("told", "latency=fixed:.2,rpm=3000,tokens=1", {"rpm": 3000}),
        ("announced", "latency=fixed:.2,rpm=3000,announce=1", {}),
        ("to be found", "latency=fixed:.2,rpm=3000", {}),
    ):
        rows = 50 * seconds
        found, ledger = run(server.url(weather), rows, fresh(), **options), server.ledger(weather)
        allowed = 50 * found["seconds"] + 50
        late = ledger.get("busy_late", 0) / max(1, ledger.get("requests_late", 1))
        print(
            f"3,000 requests/min {name:<12}{rows / allowed:6.1%} of what is allowed in {found['seconds']:.0f} s,"
            f" {ledger.get('busy', 0)} refused, {late:.1%} of the requests after the first 2 s"
        )


def kills(server: FakeServer, times: int) -> None:
    weather, rows, folder, chance = "latency=fixed:.05,tokens=9", 400 * times, fresh(), random.Random(1)
    lost, kept, store = [], 0, CallStore(folder / "run.sqlite")
    for _ in range(times):
        child = subprocess.Popen(command(server.url(weather), rows, folder, {}), stdout=subprocess.DEVNULL)
        while len(store) == kept < rows and child.poll() is None:
            time.sleep(0.01)
        time.sleep(0.3 * chance.random())
        child.send_signal(signal.SIGKILL)
        child.wait()
        time.sleep(0.1)  # what is still to be answered finds nobody there
        kept = len(store)
        lost.append(server.ledger(weather).get("answered", 0) - kept - sum(lost))
    store.close()
    found = run(server.url(weather), rows, folder, out=str(folder / "last.jsonl"))
    paid = server.ledger(weather)["paid"]
    numbers = [json.loads(line)["row"] for line in (folder / "last.jsonl").read_text().splitlines()]
    print(
        f"{times} SIGKILLs: {len(paid):,} of {rows:,} calls answered, {kept:,} of them before the last kill,"
        f" {sum(paid.values()) - len(paid)} answered twice, at most {max(lost)} after one kill (128 are in flight);"
        f" {kept - found['stored']} stored ones asked again, rows lost {len(set(range(rows)) - set(numbers))},"
        f" doubled {len(numbers) - len(set(numbers))}"
    )


def reopened(server: FakeServer, rows: int) -> None:
    weather, folder = "tokens=8", fresh()
    first, second = (run(server.url(weather), rows, folder) for _ in range(2))
    print(
        f"again over {rows:,} stored calls: {second['calls']} asked, {1000 * second['cpu'] / rows:.3f} CPU ms a record"
        f" (first time {1000 * first['cpu'] / rows:.3f}), opened in {1000 * second['restart']:.0f} ms"
    )


def restarted(server: FakeServer, stored: int) -> None:
    folder = fresh()
    store = CallStore(folder / "run.sqlite")
    answer = Answer(
        '{"question": "What is a pod?", "answer": "The smallest unit.", "difficulty": 1}', usage=Usage(99, 20)
    )
    for start in range(0, stored, 1000):
        calls = (Call("endpoint:m", prompt=f"stored {number}") for number in range(start, start + 1000))
        store.put([Paid(call, call.key(), answer, 0.0, 0.2, 1) for call in calls])
    store.close()
    found = run(server.url(), 1, folder)
    print(
        f"restart over {stored:,} stored calls: opened in {1000 * found['restart']:.0f} ms,"
        f" first new answer {1000 * found['seconds']:.0f} ms later, {found['cpu']:.2f} CPU s in all"
    )


def started(server: FakeServer) -> None:
    one = run(server.url(), 1, fresh())
    print(f"start to first answer: {one['cpu']:.2f} CPU s")


def large(server: FakeServer, rows: int) -> None:
    found = run(server.url("tokens=8"), rows, fresh())
    cpu = 1000 * found["cpu"] / rows
    print(f"{rows:,} records: {found['peak_mb']:.1f} MB, {cpu:.3f} CPU ms a record")


def main() -> None:
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # who writes it into a file sees each line
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", nargs="?", help="ignored: the benchmark makes its own load")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--limited-seconds", type=int, default=20)
    parser.add_argument("--large", type=int, default=0, help="records of a run for its peak memory, e.g. 1000000")
    parser.add_argument("--only", nargs="*", default=[], help="parts to run; all if none is named", metavar="PART")
    given = parser.parse_args()
    parts: dict[str, Callable[[FakeServer], None]] = {
        "start": started,
        "speed": lambda server: speed(server, given.rows),
        "faults": lambda server: faults(server, given.rows),
        "schedule": scheduled,
        "again": lambda server: reopened(server, given.rows),
        "restart": lambda server: restarted(server, 100_000),
        "limits": lambda server: limited(server, given.limited_seconds),
        "kills": lambda server: kills(server, given.kills),
        "large": lambda server: large(server, given.large or 1_000_000),
    }
    if strange := set(given.only) - set(parts):
        parser.error(f"no part is called {sorted(strange)[0]!r}: there are {', '.join(parts)}")
    chosen = given.only or [name for name in parts if name != "large" or given.large]
    with tempfile.TemporaryDirectory(prefix="engine-") as folder, FakeServer() as server:
        tempfile.tempdir = folder  # all of it goes at the end
        for name in chosen:
            parts[name](server)


if __name__ == "__main__":
    main()
