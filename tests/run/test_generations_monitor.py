"""The statistics and the alarm rule on tables whose answer is known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
import pytest

from simulacra.data.schema import Column, Schema
from simulacra.measure._monitor import collapsing, falls, warnings
from simulacra.measure._support import SIGNS, Anchor, Floor
from simulacra.seeds import Seeds

SCHEMA = Schema((Column("a", "category"), Column("b", "category"), Column("c", "category"), Column("x", "real")))
FLOORS = {"rare": Floor(0.8, 0.01, 0.77), "repeats": Floor(0.01, 0.002, 0.016)}


def draw(rows: int, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    a = rng.integers(0, 6, rows)
    b = np.where(rng.random(rows) < 0.8, a, rng.integers(0, 6, rows))
    c = np.minimum(rng.geometric(0.3, rows), 20)
    frame = pl.DataFrame({"a": a, "b": b, "c": c}).with_columns(pl.all().cast(pl.String))
    return frame.with_columns(x=pl.Series(np.round(rng.normal(0, 1, rows) + a, 3)))


def anchor(rows: int = 1500) -> Anchor:
    return Anchor(draw(rows, 1), draw(rows, 2), SCHEMA, Seeds(0), rows)


ANCHOR = anchor()


def test_the_anchor_against_itself_has_everything() -> None:
    values = ANCHOR.measure(ANCHOR.anchor)
    once = ANCHOR.anchor.unique().height / ANCHOR.anchor.height
    assert values == {
        "rare": 1.0, "combinations": 1.0, "distinct": 1.0, "tails": 1.0, "dependence": 1.0,
        "repeats": pytest.approx(1 - once),
    }  # fmt: skip
    assert list(values) == [sign.name for sign in SIGNS]


def test_each_sign_sees_its_own_loss() -> None:
    fresh = draw(1500, 3)
    rng = np.random.default_rng(0)
    common = fresh.filter(pl.col("c").is_in(["1", "2", "3", "4", "5"]))
    lost = {
        "rare": common[rng.integers(0, common.height, 1500)],
        "distinct": fresh.with_columns(pl.col("x").round(1)),
        "tails": fresh.with_columns(pl.col("x").clip(-1.0, 6.0)),
        "dependence": fresh.with_columns(pl.col("b").shuffle(seed=1)),
        "combinations": fresh.with_columns(pl.col("b").shuffle(seed=1)),
        "repeats": fresh.head(300)[rng.integers(0, 300, 1500)],
    }
    assert warnings(ANCHOR.measure(fresh), ANCHOR.floors) == ()
    for name, frame in lost.items():
        assert name in warnings(ANCHOR.measure(frame), ANCHOR.floors), name


def test_the_floor_is_what_fresh_samples_show() -> None:
    found = [anchor_values(seed) for seed in range(40)]
    for name, floor in ANCHOR.floors.items():
        values = [values[name] for values in found]
        spread = np.std(values)
        assert abs(np.mean(values) - floor.mean) < 4 * floor.spread / np.sqrt(40) + 0.02 * floor.mean, name
        assert 0.7 * spread < floor.spread < 2 * spread + 2 / 1500, name


def anchor_values(seed: int) -> Mapping[str, float]:
    kept = Anchor(draw(1500, 100 + seed), draw(10, 0), SCHEMA, Seeds(0), 1500)
    return kept.measure(draw(1500, 200 + seed))


def test_false_alarms_of_the_level_are_rare() -> None:
    alarms = [warnings(anchor_values(seed), ANCHOR.floors) for seed in range(60)]
    assert sum(bool(alarm) for alarm in alarms) <= 2


def test_a_warning_needs_four_deviations_and_to_be_worse_than_all_draws() -> None:
    assert warnings({"rare": 0.761}, FLOORS) == ()
    assert warnings({"rare": 0.759}, FLOORS) == ("rare",)
    assert warnings({"rare": 0.759}, {"rare": Floor(0.8, 0.01, 0.75)}) == ()
    assert warnings({"repeats": 0.0}, FLOORS) == ()
    assert warnings({"repeats": 0.019}, FLOORS) == ("repeats",)


def test_a_fall_is_beyond_chance_and_beyond_three_per_cent() -> None:
    assert falls({"rare": 0.8}, {"rare": 0.775}, FLOORS) == ("rare",)
    assert falls({"rare": 0.3}, {"rare": 0.281}, FLOORS) == (), "more than 3 %, less than 2 deviations"
    assert falls({"rare": 0.8}, {"rare": 0.78}, {"rare": Floor(0.8, 0.001, 0.79)}) == (), "certain but small"
    assert falls({"rare": 0.8}, {"rare": 0.9}, FLOORS) == ()
    assert falls({"repeats": 0.0}, {"repeats": 0.05}, FLOORS) == ("repeats",)
    assert falls({}, {"rare": 0.1}, FLOORS) == ()


def test_only_two_falls_in_a_row_are_a_collapse() -> None:
    def history(*values: float) -> list[dict[str, float]]:
        return [{"rare": value} for value in values]

    assert collapsing(history(0.8, 0.7, 0.6), FLOORS) == ("rare",)
    assert collapsing(history(0.5, 0.479, 0.458), FLOORS) == ("rare",), "two small falls, 4.2 deviations in all"
    assert collapsing(history(0.9, 0.8, 0.7, 0.7), FLOORS) == ()
    assert collapsing(history(0.8, 0.7), FLOORS) == ()
    assert collapsing(history(0.3, 0.3, 0.3), FLOORS) == (), "low, but it holds"


def test_a_table_of_numbers_alone_has_combinations_too() -> None:
    rng = np.random.default_rng(5)
    frames = [pl.DataFrame({"x": rng.normal(size=800), "y": rng.normal(size=800)}) for _ in range(2)]
    found = Anchor(*frames, Schema((Column("x", "real"), Column("y", "real"))), Seeds(0), 800)
    assert set(found.floors) == {"combinations", "distinct", "tails", "dependence", "repeats"}


def test_one_column_has_no_pairs() -> None:
    frames = [draw(300, seed).select("c") for seed in (1, 2)]
    found = Anchor(*frames, Schema((Column("c", "category"),)), Seeds(0), 300)
    assert set(found.floors) == {"rare", "repeats"}
