"""Category codes: levels, the rule for rare ones, and two digits when there are many."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.data.codes.category import CategoryCodes
from simulacra.data.schema import Column


def fit(series: pl.Series) -> tuple[CategoryCodes, np.ndarray]:
    codec = CategoryCodes.fit(series, Column(series.name, "category", dtype=str(series.dtype)))
    return codec, np.stack(codec.encode(series), axis=1)


def decode(codec: CategoryCodes, codes: np.ndarray, seed: int = 0) -> pl.Series:
    return codec.decode(codes, np.random.default_rng(seed).random((len(codes), codec.uniforms)), 0)


@pytest.mark.parametrize(
    "series",
    [
        pl.Series("c", ["a", "b", None, "a"] * 50),
        pl.Series("c", [True, False, None] * 50),
        pl.Series("c", [3, 1, 2, None] * 50, dtype=pl.Int16),
        pl.Series("c", [0.5, 1e-7, None] * 50),
        pl.Series("c", ["a", "b"] * 50, dtype=pl.Categorical()),
        pl.Series("c", ["a", "b", None] * 50, dtype=pl.Enum(["z", "b", "a"])),
        pl.Series("c", ["", " ", "ünï", "(rare)"] * 50),
    ],
    ids=lambda series: str(series.dtype),
)
def test_kept_levels_come_back_exactly(series: pl.Series) -> None:
    codec, codes = fit(series)
    made = decode(codec, codes)
    assert made.dtype == series.dtype
    assert made.equals(series)
    assert (codes[:, 0] == 0).tolist() == series.is_null().to_list() or not series.null_count()
    assert codec.ordered == (False,)


def test_a_large_rare_share_becomes_one_level_without_any_rare_name() -> None:
    series = pl.Series("city", ["Rome"] * 300 + [f"secret{k}" for k in range(100)])
    codec, codes = fit(series)
    made = decode(codec, codes)
    assert made.value_counts().sort("city").rows() == [("(rare)", 100), ("Rome", 300)]
    assert codec.notes == (
        "Column 'city': about 100 levels of fewer than 5 rows each (about 25 % of the rows) appear as \"(rare)\".",
    )
    assert "secret" not in str(codec.to_state())


def test_a_small_rare_share_is_drawn_from_the_other_levels() -> None:
    series = pl.Series("city", ["Rome"] * 3000 + ["Oslo"] * 1000 + ["secret1", "secret2"])
    codec, codes = fit(series)
    assert codec.notes == (
        "Column 'city': fewer than 10 levels of fewer than 5 rows each (at most 1 % of the rows) are drawn from the "
        "other levels by their frequency.",
    )
    pooled = decode(codec, np.repeat(codes[-1:], 4000, axis=0))
    assert pooled.null_count() == 0
    assert 0.72 < (pooled == "Rome").mean() < 0.78
    assert "secret" not in str(codec.to_state())


def test_rare_numbers_are_drawn_too_for_there_is_no_word_in_their_type() -> None:
    codec, codes = fit(pl.Series("n", [1] * 300 + list(range(10, 90))))
    assert set(decode(codec, codes)) == {1}


@pytest.mark.parametrize(("rows", "floor"), [(400, 5), (100, 3), (30, 2)])
def test_the_floor_follows_the_size_of_the_table(rows: int, floor: int) -> None:
    words = ["kept"] * floor + ["rare"] * (floor - 1)
    codec, _ = fit(pl.Series("c", words + ["most"] * (rows - len(words))))
    assert sorted(codec.levels) == ["kept", "most"]


def test_nothing_frequent_enough() -> None:
    texts, numbers = fit(pl.Series("c", ["a", "b", "c"])), fit(pl.Series("c", [1, 2, 3]))
    assert decode(*texts).to_list() == ["(rare)"] * 3
    assert decode(*numbers).null_count() == 3
    assert "are missing, for no level is frequent enough to be shown" in numbers[0].notes[0]


@pytest.mark.parametrize("number", [255, 256, 1000, 10_000])
def test_many_levels_take_two_digits(number: int) -> None:
    rng = np.random.default_rng(1)
    levels = rng.permutation(np.repeat(np.arange(number), 6 + 200 // (1 + np.arange(number))))
    series = pl.Series("c", levels).cast(pl.String)
    series[0] = None
    codec, codes = fit(series)
    assert len(codec.sizes) == (1 if number <= 254 else 2)
    assert max(codec.sizes) <= 256
    assert (codes.max(axis=0) < np.array(codec.sizes)).all()
    assert decode(codec, codes)[1:].equals(series[1:])


def test_any_pair_of_digits_makes_a_level() -> None:
    codec, _ = fit(pl.Series("c", [f"l{k}" for k in range(700)] * 6))
    first, second = codec.sizes
    grid = np.array([(a, b) for a in range(first) for b in range(second)], np.uint8)
    made = decode(codec, grid)
    assert made.null_count() == 0
    assert made.n_unique() == 700


def test_unseen_levels_go_to_the_pool_or_to_the_most_frequent_level() -> None:
    pooling, _ = fit(pl.Series("c", ["a"] * 300 + [f"s{k}" for k in range(100)]))
    plain, _ = fit(pl.Series("c", ["a"] * 300 + ["b"] * 100))
    assert decode(pooling, np.stack(pooling.encode(pl.Series(["new"])), 1)).to_list() == ["(rare)"]
    assert decode(plain, np.stack(plain.encode(pl.Series(["new", None])), 1)).to_list() == ["a", "a"]


@given(st.lists(st.sampled_from(["a", "b", "c", "d", None]), min_size=1, max_size=80), st.randoms())
@settings(max_examples=40, deadline=None)
def test_the_order_of_rows_changes_no_code(values: list[str | None], random: object) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one = fit(pl.Series("c", values, dtype=pl.String))[0]
    other = fit(pl.Series("c", shuffled, dtype=pl.String))[0]
    assert one.levels.equals(other.levels)
    assert np.array_equal(one.first, other.first)
