"""The collapse experiment: a generator learns from what the generation before it made, again and again.

Three regimes (which rows generation g learns from, after the first, which learns from real rows alone):

replace      the rows of generation g - 1 alone
accumulate   the real rows and those of all generations before
mixed        as many rows as one generation has, of which a fixed share is real, the rest of generation g - 1

Source: Shumailov et al. 2024 (replace), Gerstgrasser et al. 2024 (accumulate), Alemohammad et al. 2023 (mixed).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from importlib.metadata import version
from typing import Any, Literal

import polars as pl

from .. import registry
from ..contracts import Generator, Progress, Silent
from ..data.dataset import Dataset
from ..errors import DataError, RecipeError
from ..measure._monitor import collapsing, falls, warnings
from ..measure._support import MOST_ROWS, Anchor, Floor
from ..measure.assess import compare
from ..seeds import Seeds
from ..store import Batch, Store
from .batches import BATCH_ROWS

__all__ = ["FEWEST_ROWS", "REGIMES", "CollapseRecord", "Experiment", "Generation", "fingerprint", "run_generations"]

Regime = Literal["replace", "accumulate", "mixed"]
REGIMES: tuple[Regime, ...] = ("replace", "accumulate", "mixed")
FEWEST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Experiment:
    """What is to be done.

    Parameters
    ----------
    generations : how many, the first learned from real rows alone.
    regime : what each later generation learns from; see the module.
    real_share : share of real rows in each mix, above 0 and below 1; counts in the regime mixed alone.
    rows : rows of one generation, and real rows that the first learns from; None: all that are not kept aside.
    method, quality : the generator, by its name in the registry.
    target : column to predict, for utility; None leaves it out. text : a column of texts, which alone is learned then;
    see `generations_text`.

    Errors: RecipeError if a number is out of its range or there is no such regime.
    """

    generations: int = 10
    regime: Regime = "replace"
    real_share: float = 0.5
    rows: int | None = None
    method: str = "table"
    quality: str = "fast"
    seed: int = 0
    target: str | None = None
    text: str | None = None

    def __post_init__(self) -> None:
        if self.generations < 1:
            raise RecipeError(f"{self.generations} generations were asked for", hint="ask for 1 or more")
        if self.regime not in REGIMES:
            raise RecipeError(f"there is no regime {self.regime!r}", hint=f"there are: {', '.join(REGIMES)}")
        if not 0 < self.real_share < 1:
            hint = "give a share between 0 and 1; without real rows it is the regime replace"
            raise RecipeError(f"a real share of {self.real_share:g} was asked for", hint=hint)
        if self.rows is not None and self.rows < FEWEST_ROWS // 2:
            hint = f"ask for {FEWEST_ROWS // 2} or more: fewer show nothing of what is rare"
            raise RecipeError(f"{self.rows} rows a generation were asked for", hint=hint)


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation and what was seen of it.

    number : from 1. depth : generations away from real data. learned_rows : rows it learned from, of which
    `real_share` were real. values : sign -> value, see `measure/_support`. warnings : signs below what real rows show.
    falls : signs that fell against the generation before. collapse : signs that fell twice in a row.
    utility : of models trained on it, None if no target was named or it could not be measured. noise : its deviation.
    """

    number: int
    depth: int
    learned_rows: int
    real_share: float
    values: Mapping[str, float]
    warnings: tuple[str, ...] = ()
    falls: tuple[str, ...] = ()
    collapse: tuple[str, ...] = ()
    utility: float | None = None
    noise: float = 0.0


@dataclass(frozen=True, slots=True)
class CollapseRecord:
    """The end of an experiment.

    floors : sign -> what fresh real rows show. utility_floor : of models trained on as many real rows.
    rows : rows of a generation; real_rows : learned from; anchor_rows : kept aside; compared : rows of each side read.
    """

    experiment: Experiment
    generations: tuple[Generation, ...]
    floors: Mapping[str, Floor]
    rows: int
    real_rows: int
    anchor_rows: int
    compared: int
    utility_floor: float | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    cost: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def alarm(self) -> Generation | None:
        """The first generation at which a sign had fallen twice in a row; None if none did."""
        return next((generation for generation in self.generations if generation.collapse), None)

    @property
    def verdict(self) -> Literal["pass", "warn", "fail"]:
        """fail: a collapse alarm; warn: the last generation is below what real rows show, or fell; pass: neither."""
        if self.alarm is not None:
            return "fail"
        return "warn" if self.generations[-1].warnings or self.generations[-1].falls else "pass"


def fingerprint(experiment: Experiment, digest: str) -> str:
    """Return a digest of all that decides the rows; how many generations and what is measured of them is left out."""
    content = {k: v for k, v in asdict(experiment).items() if k not in ("generations", "target")}
    if experiment.text is None:
        del content["text"]
    content |= {"source": digest, "version": version("simulacra"), "experiment": "collapse"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def run_generations(
    experiment: Experiment,
    real: Dataset,
    *,
    generator: Generator | None = None,
    store: Store | None = None,
    progress: Progress | None = None,
    facts: Mapping[str, str] | None = None,
    notes: tuple[str, ...] = (),
) -> CollapseRecord:
    """Make and measure generation after generation; what `store` holds of an earlier try is not made again.

    Half of the real rows (at most 10,000), drawn by seed, are the anchor that no generation sees.
    generator : one of your own, in place of the experiment's `method`.

    Errors: DataError if there are fewer than 200 real rows, SchemaError if there is no column `target`.
    """
    if experiment.target is not None:
        real.schema[experiment.target]
    if len(real) < FEWEST_ROWS:
        hint = f"at least {FEWEST_ROWS} are needed: half of them are kept aside as the anchor"
        raise DataError(f"the table has {len(real)} rows", hint=hint)
    clock, told = (time.process_time(), time.perf_counter()), progress or Silent()
    road = _Road(experiment, real, generator)
    told.start("generations", experiment.generations)
    for number in range(1, experiment.generations + 1):
        road.append(_rows_of(road, number, store))
        told.advance()
        if road.done[-1].collapse and not any(generation.collapse for generation in road.done[:-1]):
            told.note(f"collapse alarm at generation {number}: {', '.join(road.done[-1].collapse)} fell again")
    cost = {"cpu_seconds": time.process_time() - clock[0], "wall_seconds": time.perf_counter() - clock[1]}
    return CollapseRecord(
        experiment, tuple(road.done), road.anchor.floors, road.rows, road.train.height, road.kept.height,
        road.anchor.rows, road.utility_floor, dict(facts or {}), {k: round(v, 2) for k, v in cost.items()}, notes,
    )  # fmt: skip


class _Road:
    """The rows made so far and what was seen of them."""

    def __init__(self, experiment: Experiment, real: Dataset, generator: Generator | None) -> None:
        self.experiment, self.real, self.seeds = experiment, real, Seeds(experiment.seed)
        self._own = generator
        order = self.seeds.child("anchor").rng().permutation(len(real))
        aside = min(len(real) // 2, MOST_ROWS)
        self.kept, others = real.frame[order[:aside]], real.frame[order[aside:]]
        self.rows = experiment.rows or others.height
        self.train = others.head(self.rows)  # all generations learn from as many rows, so that only descent differs
        compared = min(self.rows, self.kept.height)
        self.anchor = Anchor(self.kept, others, real.schema, self.seeds.child("measure"), compared)
        self.made: list[pl.DataFrame] = []
        self.done: list[Generation] = []
        self.utility_floor: float | None = None

    @cached_property
    def generator(self) -> Generator:
        """The generator of all generations."""
        kind: Any = registry.find("generator", self.experiment.method) if self._own is None else None
        made: Generator = self._own or kind(quality=self.experiment.quality)
        return made

    def lesson(self, number: int) -> tuple[pl.DataFrame, float]:
        """Return the rows that generation `number` learns from, and the share of real ones among them."""
        if number == 1:
            return self.train, 1.0
        if self.experiment.regime == "replace":
            return self.made[-1], 0.0
        if self.experiment.regime == "accumulate":
            rows = pl.concat([self.train, *self.made])
            return rows, self.train.height / rows.height
        size = min(max(1, round(self.experiment.real_share * self.rows)), self.train.height)
        rng = self.seeds.child("mix", number).rng()
        real = self.train[rng.permutation(self.train.height)[:size]]
        rows = pl.concat([real, self.made[-1].head(self.rows - size)])
        return rows, size / rows.height

    def append(self, frame: pl.DataFrame) -> None:
        """Take a generation's rows in and look at them."""
        number = len(self.made) + 1
        lesson, share = self.lesson(number)
        values = self.anchor.measure(frame)
        utility, noise = self._utility(frame, number)
        history = [generation.values for generation in self.done] + [values]
        floors = self.anchor.floors
        self.done.append(Generation(
            number, self.real.lineage.depth + number, lesson.height, share, values,
            warnings=warnings(values, floors),
            falls=falls(history[-2], values, floors) if len(history) > 1 else (),
            collapse=collapsing(history, floors),
            utility=utility, noise=noise,
        ))  # fmt: skip
        self.made.append(frame)

    def _utility(self, frame: pl.DataFrame, number: int) -> tuple[float | None, float]:
        target = self.experiment.target
        if target is None:
            return None, 0.0
        tables = compare(
            frame, self.train, self.kept, schema=self.real.schema, target=target,
            seeds=self.seeds.child("utility"), depth=number,
        )  # fmt: skip
        score = registry.find("metric", "utility.tstr")()(tables)[0]
        if number == 1:
            self.utility_floor = score.floor
        return score.value, score.noise or 0.0


def _rows_of(road: _Road, number: int, store: Store | None) -> pl.DataFrame:
    """Return the rows of a generation: from the store, or learned and made."""
    held = None if store is None else store.batch(number, road.rows)
    if held is not None:
        return held.accepted
    lesson, _ = road.lesson(number)
    seeds = road.seeds.child("generation", number)
    fitted = road.generator.fit(Dataset(lesson, road.real.schema), seeds.child("fit"), Silent())
    parts = [
        fitted.sample(min(BATCH_ROWS, road.rows - first), seeds.child("batch", first), first_row=first)
        for first in range(0, road.rows, BATCH_ROWS)
    ]
    frame: pl.DataFrame = pl.concat(parts).select(road.real.schema.names).cast(road.train.schema)
    if store is not None:
        store.put_batch(Batch(number, road.rows, frame, frame.clear()))
    return frame
