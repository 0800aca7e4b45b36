"""The engine in 10/5/2 weather on a machine that costs nothing: simulated time shows what its schedule itself loses."""

from __future__ import annotations

import asyncio
import random

from _engine_child import SCHEMA
from simulacra.contracts.models import Answer, Call, Capabilities, Usage
from simulacra.models.asking import Asker
from simulacra.models.engine import Engine
from simulacra.models.errors import Busy, Faulty
from simulacra.seeds import Seeds
from simulacra.testing.clock import run_jumping

BUSY, FAULTS, MALFORMED, LATENCY, WIDTH = 0.1, 0.05, 0.02, 0.2, 128
TEXT = '{"question": "a", "answer": "b", "difficulty": 1}'


class Weather:
    """Refuses after 3 ms, fails at half the latency, as the fake server does."""

    name, identity, width = "weather", "weather:m", WIDTH
    capabilities = Capabilities(schema=("json_schema",), local=True)

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    async def send(self, call: Call) -> Answer:
        del call
        drawn = self._chance.random()
        if drawn < BUSY:
            await asyncio.sleep(0.003)
            raise Busy("too many requests", where=self.identity)
        if drawn < BUSY + FAULTS:
            await asyncio.sleep(LATENCY / 2)
            raise Faulty("the server failed", where=self.identity)
        await asyncio.sleep(LATENCY)
        whole = drawn >= BUSY + FAULTS + MALFORMED
        return Answer(TEXT if whole else TEXT[:20], usage=Usage(1, 1))

    async def close(self) -> None:
        """Nothing to release."""


def ideal_share() -> float:
    """Return the share of width / latency that is left when no place is ever empty: what the failures take is gone."""
    answered = 1 - BUSY - FAULTS
    attempt = BUSY * 0.003 + FAULTS * LATENCY / 2 + answered * LATENCY
    return (answered - MALFORMED) * LATENCY / attempt


def simulated_share(rows: int, seed: int) -> tuple[float, float]:
    """Return the share of width / latency that the engine reaches with so many rows, and its share of 95 % of them."""
    times: list[float] = []

    async def work() -> None:
        loop = asyncio.get_running_loop()
        async with Engine(width=WIDTH) as engine:
            model = engine.add(Weather(seed))

            async def row(number: int) -> None:
                asker = Asker(engine, Seeds(seed).child("row", number), {"model": model}, priority=number)
                await asker.ask(f"question {number}", schema=SCHEMA)
                times.append(loop.time())

            async with asyncio.TaskGroup() as tasks:
                for number in range(rows):
                    await engine.room()
                    tasks.create_task(row(number))

    run_jumping(work())
    most, limit = int(0.95 * rows), WIDTH / LATENCY
    return rows / max(times) / limit, most / sorted(times)[most - 1] / limit
