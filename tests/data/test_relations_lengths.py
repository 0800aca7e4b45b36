"""Numbers that are a length of time: found, kept, completed, asked for."""

from datetime import date

import numpy as np
import polars as pl
import pytest

import simulacra
from simulacra.data.constraints import parse_constraint
from simulacra.data.infer import infer_schema
from simulacra.data.relations.find import find_rules
from simulacra.data.rules import check_constraints
from simulacra.errors import SchemaError


def stays(rows: int = 800) -> pl.DataFrame:
    rng = np.random.default_rng(0)
    seconds, nights = rng.integers(30, 8_000, rows), rng.integers(1, 15, rows)
    came = np.datetime64("2022-01-01") + rng.integers(0, 500, rows)
    frame = pl.DataFrame({
        "seconds": seconds,
        "took": [f"{k // 3600:02}:{k // 60 % 60:02}:{k % 60:02}" for k in seconds],
        "came": came,
        "left": came + nights,
        "nights": nights,
        "wait": pl.Series(rng.integers(1_000, 10**7, rows)).cast(pl.Duration("ms")),
    })  # fmt: skip
    return frame.with_columns(waited=(pl.col("wait").dt.total_milliseconds() / 60_000).round(2))


FOUND = ["seconds = seconds(took)", "waited = minutes(wait)", "nights = days(left) - days(came)"]


def kept(frame: pl.DataFrame) -> bool:
    parts = frame["took"].str.split(":").list.to_array(3)
    took = sum(parts.arr.get(k).cast(pl.Int64) * size for k, size in enumerate((3_600, 60, 1)))
    nights = (frame["left"] - frame["came"]).dt.total_days() == frame["nights"]
    return bool((took == frame["seconds"]).all() and nights.all())


@pytest.fixture(scope="module")
def model() -> simulacra.Synthesizer:
    return simulacra.Synthesizer(quality="fast").fit(stays())


def test_lengths_are_found_with_the_reason() -> None:
    frame = stays().with_columns(days=pl.col("nights") + 1)
    found = find_rules(frame, infer_schema(frame))
    told = {str(one.constraint): one.why for one in found}
    assert set(FOUND) <= set(told)
    assert told["days = days(left) - days(came) + 1"] == "days is the days from came to left + 1 in every row"
    broken = frame.with_columns(seconds=pl.col("seconds") + (pl.int_range(pl.len()) == 400))
    assert FOUND[0] not in {str(one.constraint) for one in find_rules(broken, infer_schema(broken))}


def test_every_made_row_keeps_them(model: simulacra.Synthesizer) -> None:
    made = model.sample(400)
    assert kept(made)
    assert (made["waited"] - made["wait"].dt.total_milliseconds() / 60_000).abs().max() <= 0.005001  # type: ignore[operator]
    asked = model.sample(50, given={"seconds": (100, 300), "nights": 5, "waited": (60, None)})
    assert kept(asked)
    assert asked["seconds"].is_between(100, 300).all()
    assert asked["nights"].eq(5).all()
    assert (asked["wait"].dt.total_seconds() >= 3_599).all()


def test_the_other_side_follows_from_what_is_known(model: simulacra.Synthesizer) -> None:
    known = {"seconds": [100, None, None], "nights": [3, 4, 5], "came": [date(2022, 2, 2), None, None]}
    made = model.complete_told(pl.DataFrame(known | {"left": [None, date(2022, 3, 9), None]}))
    assert made.left == {}
    assert kept(made.rows)
    assert made.rows["took"].to_list()[0] == "00:01:40"
    assert made.rows["left"].to_list()[0] == date(2022, 2, 5)
    assert made.rows["came"].to_list()[1] == date(2022, 3, 5)


def test_only_times_have_a_length() -> None:
    schema = infer_schema(stays())
    with pytest.raises(SchemaError, match="'nights' holds no times, which would last hours"):
        check_constraints(schema, [parse_constraint("seconds = hours(nights)")])
