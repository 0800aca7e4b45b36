"""The collapse experiment with texts: a sampler learns from the texts that the one before it wrote, again and again.

The regimes, the rule of the alarm and the record are those of `generations`; the signs are those of texts. A method is
"ngram" (chains of words, counted), or the name of a language model, which learns by being shown three texts of its
lesson for each that it writes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ..contracts import Progress, Silent
from ..contracts.models import Answer, Message
from ..errors import DataError, RecipeError
from ..generate.text_ngram import learn_chain
from ..measure._monitor import collapsing, falls, warnings
from ..measure._support import MOST_ROWS
from ..measure._support_text import TextAnchor
from ..models.asking import Asker
from ..models.engine import Engine
from ..models.errors import Declined
from ..models.profile import profile_of
from ..seeds import Seeds
from ..store import Batch, Store
from ..store.calls import CallStore
from .flow.road import run_async
from .generations import FEWEST_ROWS, CollapseRecord, Experiment, Generation

__all__ = ["NGRAM", "run_text_generations"]

NGRAM = "ngram"
_SHOWN = 3
_TRIES = 3
_MOST_FAILED = 0.5
_COLUMN = "text"


def run_text_generations(
    experiment: Experiment,
    texts: Sequence[str],
    *,
    store: Store | None = None,
    calls: CallStore | None = None,
    progress: Progress | None = None,
    facts: Mapping[str, str] | None = None,
    notes: tuple[str, ...] = (),
) -> CollapseRecord:
    """Make and measure generation after generation of texts; what the stores hold is not made again.

    Half of the texts (at most 10,000), drawn by seed, are the anchor that no generation sees.
    Errors: DataError for fewer than 200 texts, or a model that writes too little; RecipeError for a target.
    """
    if experiment.target is not None:
        raise RecipeError("a target is for tables", where="--target", hint="leave it away, or leave --text away")
    kept = [text for text in texts if text.strip()]
    if len(kept) < FEWEST_ROWS:
        hint = f"at least {FEWEST_ROWS} are needed: half of them are kept aside as the anchor"
        raise DataError(f"there are {len(kept)} texts", hint=hint)
    clock, told = (time.process_time(), time.perf_counter()), progress or Silent()
    road = _TextRoad(experiment, kept)
    told.start("generations", experiment.generations)
    for number in range(1, experiment.generations + 1):
        road.append(_texts_of(road, number, store, calls))
        told.advance()
        if road.done[-1].collapse and not any(generation.collapse for generation in road.done[:-1]):
            told.note(f"collapse alarm at generation {number}: {', '.join(road.done[-1].collapse)} fell again")
    cost = {"cpu_seconds": time.process_time() - clock[0], "wall_seconds": time.perf_counter() - clock[1]}
    return CollapseRecord(
        experiment, tuple(road.done), road.anchor.floors, road.rows, len(road.train), road.aside, road.anchor.texts,
        None, dict(facts or {}), {name: round(value, 2) for name, value in cost.items()}, notes,
    )  # fmt: skip


class _TextRoad:
    """The texts made so far and what was seen of them."""

    def __init__(self, experiment: Experiment, texts: Sequence[str]) -> None:
        self.experiment, self.seeds = experiment, Seeds(experiment.seed)
        order = self.seeds.child("anchor").rng().permutation(len(texts)).tolist()
        self.aside = min(len(texts) // 2, MOST_ROWS)
        others = [texts[k] for k in order[self.aside :]]
        self.rows = experiment.rows or len(others)
        self.train = others[: self.rows]
        self.anchor = TextAnchor(
            [texts[k] for k in order[: self.aside]], others, self.seeds.child("measure"), self.rows
        )
        self.made: list[list[str]] = []
        self.done: list[Generation] = []

    def lesson(self, number: int) -> tuple[list[str], float]:
        """Return the texts that a generation learns from, and the share of real ones among them."""
        if number == 1:
            return self.train, 1.0
        if self.experiment.regime == "replace":
            return self.made[-1], 0.0
        if self.experiment.regime == "accumulate":
            texts = [*self.train, *(text for made in self.made for text in made)]
            return texts, len(self.train) / len(texts)
        size = min(max(1, round(self.experiment.real_share * self.rows)), len(self.train))
        order = self.seeds.child("mix", number).rng().permutation(len(self.train)).tolist()
        texts = [*(self.train[k] for k in order[:size]), *self.made[-1][: self.rows - size]]
        return texts, size / len(texts)

    def append(self, texts: list[str]) -> None:
        """Take a generation in and measure it."""
        number, floors = len(self.made) + 1, self.anchor.floors
        lesson, share = self.lesson(number)
        values = self.anchor.measure(texts)
        history = [*(dict(generation.values) for generation in self.done), values]
        self.done.append(Generation(
            number, number, len(lesson), share, values, warnings(values, floors),
            falls(history[-2], values, floors) if len(history) > 1 else (), collapsing(history, floors),
        ))  # fmt: skip
        self.made.append(texts)


def _texts_of(road: _TextRoad, number: int, store: Store | None, calls: CallStore | None) -> list[str]:
    held = None if store is None else store.batch(number, road.rows)
    if held is not None:
        return [str(text) for text in held.accepted[_COLUMN]]
    lesson, _ = road.lesson(number)
    seeds = road.seeds.child("generation", number)
    if road.experiment.method == NGRAM:
        texts = learn_chain(lesson).sample(road.rows, seeds.rng())
    else:
        texts = run_async(_written(road.experiment.method, lesson, road.rows, seeds, calls))
    if store is not None:
        frame = pl.DataFrame({_COLUMN: texts}, schema={_COLUMN: pl.String})
        store.put_batch(Batch(number, road.rows, frame, frame.clear()))
    return texts


async def _written(model: str, lesson: list[str], rows: int, seeds: Seeds, calls: CallStore | None) -> list[str]:
    """Return the texts that a model writes, each after three of its lesson; DataError if it mostly writes nothing."""
    async with Engine(store=calls) as engine:
        identity = engine.open(model)
        gate = asyncio.Semaphore(2 * engine.width)

        async def write(row: int) -> str:
            async with gate:
                for turn in range(_TRIES):
                    asker = Asker(engine, seeds.child("text", row, turn), {"writer": model}, priority=row)
                    try:
                        text = _clean(await asker.ask(**_question(identity, lesson, asker.seeds)))
                    except Declined:
                        continue
                    if text:
                        return text
            return ""

        texts = [text for text in await asyncio.gather(*(write(row) for row in range(rows))) if text]
    if len(texts) < max(2, _MOST_FAILED * rows):
        raise DataError(f"the model wrote {len(texts)} of {rows} texts", where=model, hint="name another model")
    return texts


def _question(identity: str, lesson: Sequence[str], seeds: Seeds) -> dict[str, Any]:
    profile = profile_of(identity)
    rng = seeds.child("shown").rng()
    shown = [" ".join(lesson[int(k)].split()) for k in rng.integers(0, len(lesson), _SHOWN)]
    lines = "\n".join(f"- {text}" for text in shown)
    settings = {**profile.parameters, "max_tokens": profile.max_tokens}
    if profile.style == "completion":
        return {"prompt": f"Different short texts of one kind:\n{lines}\n-", "complete": True, **settings}
    asked = f"Texts of one kind:\n{lines}\nWrite one more of that kind, about something else. Give the text alone."
    return {"prompt": [Message("user", asked)], **settings}


def _clean(answer: Answer) -> str:
    return " ".join(answer.text.split()).removeprefix("- ").strip()
