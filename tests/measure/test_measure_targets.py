"""Which columns utility.tstr predicts when no target is named: none that a rule gives from others."""

from __future__ import annotations

import numpy as np
import polars as pl

from simulacra.contracts import Score
from simulacra.data.infer import infer_schema
from simulacra.measure._tables import Tables
from simulacra.measure.tstr import Tstr
from simulacra.seeds import Seeds


def orders(seed: int, rows: int = 400) -> pl.DataFrame:
    """Rows in which the total is a sum and the shop decides the town; size and price say something of each other."""
    rng = np.random.default_rng(seed)
    size = rng.integers(1, 60, rows)
    price, fee = size * 30 + rng.integers(0, 200, rows), rng.integers(100, 5000, rows)
    shop = rng.integers(0, 8, rows)
    return pl.DataFrame({
        "size": size, "price": price, "fee": fee, "total": price + fee,
        "shop": [f"shop {k}" for k in shop], "town": [f"town {k // 2}" for k in shop],
    })  # fmt: skip


def judge(columns: list[str]) -> Score:
    frames = [orders(seed).select(columns) for seed in (0, 1, 2)]
    return Tstr()(Tables(frames[0], frames[1], frames[2], infer_schema(frames[1]), None, Seeds(0)))[0]


def test_what_a_rule_gives_from_others_is_no_target() -> None:
    score = judge(["size", "price", "fee", "total", "shop", "town"])
    assert {part.place.split(" · ")[0] for part in score.parts} == {"size", "shop"}


def test_where_rules_give_every_column_utility_is_undefined() -> None:
    score = judge(["price", "fee", "total"])
    assert score.state == "undefined"
    assert score.reason == (
        "every column that could serve as a target is determined by others through a rule of the schema"
    )


def test_groups_cut_from_a_number_are_no_target_and_the_number_is_named_with_its_measure() -> None:
    frames = []
    for seed in (0, 1, 2):
        ages = orders(seed)["size"]
        group = pl.when(ages < 18).then(pl.lit("child")).when(ages < 45).then(pl.lit("adult")).otherwise(pl.lit("old"))
        frames.append(orders(seed).select("size", "price", group.alias("group")))
    score = Tstr()(Tables(frames[0], frames[1], frames[2], infer_schema(frames[1]), None, Seeds(0)))[0]
    assert {part.place.split(" · ")[0] for part in score.parts} == {"size", "price"}
    assert "reach an R² of" in score.reason
