"""Flows that can go to another process: each made by a function that can be imported."""

import os
import signal
import time
from pathlib import Path

from simulacra.contracts import Reject
from simulacra.run.flow import Attempt, Flow
from simulacra.seeds import Seeds

VALUE = {"type": "integer", "minimum": 0, "maximum": 40}
SCHEMA = {"type": "object", "properties": {"value": VALUE}, "required": ["value"]}


class Unlike:
    """Refuses a row whose value was accepted before: what an ordered check does."""

    name, ordered = "unlike", True

    def __init__(self):
        self.seen = set()

    async def __call__(self, row, _context):
        return "seen before" if row["value"] in self.seen else None

    def accept(self, row):
        self.seen.add(row["value"])


class Judged:
    """Asks about every row, and refuses some of them; unordered."""

    name, ordered = "judged", False

    async def __call__(self, row, context):
        said = await context.ask(f"is {row['value']} of {row['slot']} good?", temperature=0)
        return "odd" if len(said.text) % 2 and row["slot"] % 5 == 0 else None

    def accept(self, row):
        """Nothing is remembered."""


class Odd(Exception):
    """An error that only this module knows."""

    def __init__(self, one, two):
        super().__init__(f"{one} {two}")


def begin(attempt: Attempt, _seeds: Seeds):
    return {"slot": attempt.slot, "_known": attempt.known}


def make_flow(folder=None, deaths=(), poison=(), fail=""):
    """Return a flow. deaths : slots whose worker dies once, after its call was answered; poison : each time."""

    async def write(row, context):
        said = await context.ask(f"a number for {row['slot']}", schema=SCHEMA)
        more = await context.ask(f"and words for {row['slot']}")
        if row["slot"] in deaths:
            mark = Path(folder) / f"{row['slot']}"
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        if row["slot"] in poison:
            os.kill(os.getpid(), signal.SIGKILL)
        if fail and row["slot"] == 3:
            raise Odd("strange", fail)
        if context.seeds.integer() % 5 == 0:
            return Reject("write", "not today")
        return {**row, **said.data, "words": more.text}

    return Flow(begin, (("write", write),), (Judged(), Unlike()))


def make_broken_flow():
    """Return nothing: this flow cannot be made."""
    raise ValueError("no such file")


def make_holding_flow(unpicklable="", folder=None):
    """Return a flow of odd steps. unpicklable : "row" or "prompt". folder : steps never end, and are marked there."""

    async def write(row, context):
        if folder is not None:
            (Path(folder) / f"{os.getpid()}").touch()
            while True:
                time.sleep(0.05)
        if unpicklable == "prompt":
            await context.ask("a word", stop=lambda: None)
        return {**row, "made": (lambda: None) if unpicklable == "row" else 1}

    return Flow(begin, (("write", write),))


def leave():
    """End the worker before it begins."""
    os._exit(7)
