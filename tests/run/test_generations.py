"""The collapse experiment: regimes, resuming, the alarm; with a generator that forgets as fast as we want."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pytest

from simulacra.contracts import Progress, Silent
from simulacra.data.dataset import Dataset, Lineage
from simulacra.data.schema import Column, Schema
from simulacra.errors import DataError, RecipeError, SchemaError
from simulacra.run.generations import Experiment, fingerprint, run_generations
from simulacra.seeds import Seeds
from simulacra.store import Store

SCHEMA = Schema(
    (
        Column("town", "category", dtype="String"),
        Column("job", "category", dtype="String"),
        Column("shift", "category", dtype="String"),
        Column("pay", "real", dtype="Float64"),
    )
)


def table(rows: int, seed: int = 0) -> Dataset:
    rng = np.random.default_rng(seed)
    job = np.minimum(rng.geometric(0.12, rows), 60)
    frame = pl.DataFrame(
        {
            "town": [f"t{n}" for n in np.minimum(rng.geometric(0.1, rows), 80)],
            "job": [f"j{n}" for n in job],
            "shift": rng.choice(["day", "night"], rows),
            "pay": np.round(job * 100 + rng.normal(0, 40, rows), 2),
        }
    )
    return Dataset(frame, SCHEMA)


@dataclass(frozen=True)
class Learned:
    frame: pl.DataFrame
    schema: Schema

    def sample(self, rows: int, seeds: Seeds, *, first_row: int = 0) -> pl.DataFrame:
        del first_row
        return self.frame[seeds.rng().integers(0, self.frame.height, rows)]

    def to_bytes(self) -> bytes:
        return b""


class Redraw:
    """Draws rows of a random part of those it was shown; what it does not draw is gone for the next generation."""

    name = "redraw"

    def __init__(self, part: float = 0.6) -> None:
        self.part, self.lessons = part, list[pl.DataFrame]()

    def fit(self, data: Dataset, seeds: Seeds, progress: Progress) -> Learned:
        del progress
        self.lessons.append(data.frame)
        picked = seeds.rng().permutation(len(data))[: int(self.part * len(data))]
        return Learned(data.frame[picked], data.schema)

    def load(self, content: bytes) -> Learned:
        raise NotImplementedError


class Stops(Silent):
    """Interrupts after so many generations."""

    def __init__(self, after: int) -> None:
        self.left, self.notes = after, list[str]()

    def advance(self, steps: int = 1) -> None:
        self.left -= steps
        if not self.left:
            raise KeyboardInterrupt

    def note(self, text: str) -> None:
        self.notes.append(text)


def test_replace_collapses_and_a_real_share_holds_it() -> None:
    real = table(3000)
    replaced = run_generations(Experiment(6), real, generator=Redraw(0.3))
    mixed = run_generations(Experiment(6, "mixed", 0.8), real, generator=Redraw(0.3))
    assert replaced.verdict == "fail"
    assert replaced.alarm is not None
    assert replaced.alarm.number <= 3
    assert {"rare", "combinations", "distinct"} & set(replaced.alarm.collapse)
    assert mixed.alarm is None
    last, held = replaced.generations[-1].values, mixed.generations[-1].values
    assert last["rare"] < 0.7 * held["rare"]
    assert last["repeats"] > held["repeats"] > 0
    assert "repeats" in replaced.generations[-1].warnings


def test_each_regime_learns_from_what_it_says() -> None:
    real = table(1000)
    learned = {regime: Redraw() for regime in ("replace", "accumulate", "mixed")}
    shares = {
        regime: [g.real_share for g in run_generations(Experiment(3, regime, 0.4), real, generator=gen).generations]
        for regime, gen in learned.items()
    }
    train = learned["replace"].lessons[0]
    assert shares["replace"] == [1, 0, 0]
    assert [len(rows) for rows in learned["accumulate"].lessons] == [500, 1000, 1500]
    assert shares["accumulate"] == [1, 0.5, pytest.approx(1 / 3)]
    assert learned["accumulate"].lessons[2].head(500).equals(train)
    assert [len(rows) for rows in learned["mixed"].lessons] == [500, 500, 500]
    assert shares["mixed"] == [1, 0.4, 0.4]
    real_part = learned["mixed"].lessons[2].head(200)
    assert real_part.join(train.unique(), on=train.columns, how="semi").height == 200
    assert real_part.unique().height > 190, "real rows are drawn without repeating"


def test_the_anchor_is_never_learned_from() -> None:
    real = Dataset(table(600).frame.with_columns(pay=pl.int_range(600).cast(pl.Float64)), SCHEMA)
    generator = Redraw()
    run_generations(Experiment(2, "accumulate"), real, generator=generator)
    assert generator.lessons[-1]["pay"].n_unique() == 300


def test_rows_sets_the_size_of_all_generations_and_of_what_is_compared() -> None:
    generator = Redraw()
    record = run_generations(Experiment(3, rows=150), table(1000), generator=generator)
    assert [len(rows) for rows in generator.lessons] == [150, 150, 150]
    assert (record.rows, record.real_rows, record.anchor_rows, record.compared) == (150, 150, 500, 150)


def test_fresh_real_rows_raise_no_alarm() -> None:
    class Fresh(Redraw):
        def fit(self, data: Dataset, seeds: Seeds, progress: Progress) -> Learned:
            del seeds, progress
            return Learned(table(4000, seed=7).frame, data.schema)

    record = run_generations(Experiment(8, rows=1000), table(4000), generator=Fresh())
    assert record.alarm is None
    # Drawn with replacement from 4,000 others: near enough to fresh to warn of repeats and distinct numbers at most.
    assert not {"rare", "combinations", "dependence", "tails"} & set(record.generations[-1].warnings)


def test_an_interrupted_experiment_goes_on_and_gives_the_same() -> None:
    real, store, generator = table(600), Store(":memory:"), Redraw()
    with pytest.raises(KeyboardInterrupt):
        run_generations(Experiment(4), real, generator=generator, store=store, progress=Stops(2))
    assert len(generator.lessons) == 2
    on = run_generations(Experiment(4), real, generator=generator, store=store)
    assert len(generator.lessons) == 4
    whole = run_generations(Experiment(4), real, generator=Redraw())
    assert on.generations == whole.generations
    assert on.floors == whole.floors


def test_depth_counts_from_the_source_and_the_alarm_is_told() -> None:
    deep = replace(table(2000), lineage=Lineage("table", depth=2))
    told = Stops(99)
    record = run_generations(Experiment(4), deep, generator=Redraw(0.3), progress=told)
    assert [generation.depth for generation in record.generations] == [3, 4, 5, 6]
    assert len(told.notes) == 1
    assert told.notes[0].startswith("collapse alarm at generation 3: ")


def test_the_house_generator_with_a_target() -> None:
    record = run_generations(Experiment(2, target="shift", rows=400), table(800))
    assert all(0.3 < (generation.utility or 0) < 0.7 for generation in record.generations)
    assert record.utility_floor is not None
    assert "rare" not in record.generations[0].warnings, "levels that are pooled on purpose are pooled on both sides"


def test_what_decides_the_rows_is_in_the_fingerprint() -> None:
    base = Experiment()
    assert fingerprint(replace(base, generations=3, target="x"), "d") == fingerprint(base, "d")
    others = [replace(base, regime="mixed"), replace(base, seed=1), replace(base, rows=500)]
    assert len({fingerprint(e, "d") for e in [base, *others]} | {fingerprint(base, "e")}) == 5


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"generations": 0}, "0 generations were asked for. Ask for 1 or more."),
        ({"regime": "forget"}, "There is no regime 'forget'. There are: replace, accumulate, mixed."),
        ({"real_share": 1.0}, "A real share of 1 was asked for. Give a share between 0 and 1;"),
        ({"rows": 20}, "20 rows a generation were asked for. Ask for 100 or more"),
    ],
)
def test_experiments_that_cannot_be(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(RecipeError) as error:
        Experiment(**wrong)  # type: ignore[arg-type]
    assert told in str(error.value)


def test_too_few_rows_and_a_target_that_is_not_there() -> None:
    with pytest.raises(DataError, match="The table has 199 rows") as error:
        run_generations(Experiment(), table(199), generator=Redraw())
    assert "half of them are kept aside" in str(error.value)
    with pytest.raises(SchemaError, match="nobody"):
        run_generations(Experiment(target="nobody"), table(300), generator=Redraw())
