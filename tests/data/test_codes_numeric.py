"""Numeric codes: laws of atoms and bins, privacy of edges and knots, and numbers of every size."""

from __future__ import annotations

import decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.data.codes.cut import FLOOR, cut
from simulacra.data.codes.numeric import NumericCodes
from simulacra.data.codes.wide import draw_integers
from simulacra.data.schema import Column


def column(series: pl.Series, kind: str = "real", decimals: int | None = None) -> Column:
    return Column(series.name, kind, dtype=str(series.dtype), decimals=decimals)  # type: ignore[arg-type]


def twin(values: object, kind: str = "real", dtype: pl.DataType | None = None, seed: int = 0):
    """Return a series, its codec, its codes, and decode(encode(series)) with fresh uniforms."""
    series = pl.Series("x", values, dtype=dtype)
    codec = NumericCodes.fit(series, column(series, kind))
    codes = np.stack(codec.encode(series), axis=1)
    uniforms = np.random.default_rng(seed).random((len(series), codec.uniforms))
    return series, codec, codes, codec.decode(codes, uniforms, 0)


def ks(real: np.ndarray, made: np.ndarray) -> float:
    real, made = np.sort(real), np.sort(made)
    points = np.union1d(real, made)
    below = [np.searchsorted(x, points, "right") / len(x) for x in (real, made)]
    return float(np.abs(below[0] - below[1]).max())


RNG = np.random.default_rng(5)
SHAPES = {
    "normal": RNG.normal(size=10_000),
    "money": np.round(RNG.lognormal(6, 1.5, 10_000), 2),
    "zero-inflated": np.where(RNG.random(10_000) < 0.6, 0.0, np.round(RNG.exponential(80, 10_000), 3)),
    "heaps": np.round(RNG.normal(40, 12, 10_000)) + np.where(RNG.random(10_000) < 0.3, 0, RNG.random(10_000)),
    "cauchy": RNG.standard_cauchy(10_000),
    "negative": -RNG.gamma(0.3, 10, 10_000),
    "hundreds": RNG.integers(0, 5000, 10_000) * 100.0,
    "two far groups": np.concatenate([RNG.normal(0, 1, 5000), RNG.normal(1e6, 1, 5000)]),
}


@pytest.mark.parametrize("name", SHAPES)
def test_margin_survives_fresh_draws(name: str) -> None:
    series, _, _, made = twin(SHAPES[name])
    assert ks(series.to_numpy(), made.to_numpy()) < 0.01


@pytest.mark.parametrize("name", SHAPES)
def test_values_stay_inside_the_real_range(name: str) -> None:
    series, _, _, made = twin(SHAPES[name])
    assert series.min() <= made.min()
    assert made.max() <= series.max()


@pytest.mark.parametrize("name", SHAPES)
def test_a_value_made_from_a_code_has_that_code(name: str) -> None:
    _, codec, codes, made = twin(SHAPES[name])
    again = np.stack(codec.encode(made), axis=1)
    # Knots are smoothed, so a draw beside an edge may lie in the neighbouring bin, never further away.
    assert (np.abs(again.astype(int) - codes) <= 1).all()
    assert (again == codes).mean() > 0.98


def test_atoms_come_back_exactly_and_are_not_inflated() -> None:
    values = np.where(RNG.random(20_000) < 0.3, 0.1, np.where(RNG.random(20_000) < 0.2, 99_999.0, RNG.random(20_000)))
    series, _, _, made = twin(np.round(values, 1))
    for spike in (0.1, 99_999.0):
        assert (made == spike).sum() == (series == spike).sum()


def test_draws_within_a_bin_miss_the_atoms_of_integers() -> None:
    values = np.concatenate([np.full(3000, 500), RNG.integers(0, 1000, 7000)])
    series, _, _, made = twin(values, "integer")
    assert (made == 500).sum() == (series == 500).sum()


@pytest.mark.parametrize("decimals", [0, 1, 2, 4])
def test_decimals_are_kept(decimals: int) -> None:
    _, _, _, made = twin(np.round(RNG.normal(1e6, 1e5, 3000), decimals))
    assert made.round(decimals).equals(made)


def test_decimals_are_an_absolute_question() -> None:
    _, codec, _, _ = twin(1e9 + np.arange(1000) / 1000)
    assert codec.axis.decimals == 3


def test_atoms_come_back_with_their_last_bit() -> None:
    values = np.array([0.1 + 0.2, 0.7 * 3, 1.0]).repeat(50)
    series = pl.Series("x", values)
    codec = NumericCodes.fit(series, column(series, decimals=1))
    assert codec.axis.decimals == 1
    assert codec.decode(np.stack(codec.encode(series), 1), np.zeros((150, 0)), 0).to_list() == values.tolist()


def test_fewer_decimals_than_the_data_have_can_be_asked_for() -> None:
    series = pl.Series("x", [1.234, 5.678] * 50)
    codec = NumericCodes.fit(series, column(series, decimals=1))
    made = codec.decode(np.stack(codec.encode(series), 1), np.zeros((100, 0)), 0)
    assert made.to_list() == [1.2, 5.7] * 50


def test_multiples_stay_multiples() -> None:
    _, _, _, made = twin(RNG.integers(0, 40_000, 5000) * 25, "integer")
    assert (made % 25 == 0).all()


@pytest.mark.parametrize(
    "values",
    [
        RNG.normal(size=4000),
        np.round(RNG.lognormal(5, 2, 4000), 2),
        RNG.integers(0, 10**9, 4000).astype(float),
        RNG.standard_cauchy(60),
    ],
    ids=["real", "money", "integers", "tiny"],
)
def test_no_edge_and_no_knot_is_a_value_of_a_nearly_unique_column(values: np.ndarray) -> None:
    series, codec, _, _ = twin(values)
    distinct, counts = np.unique(series.to_numpy(), return_counts=True)
    rare = distinct[counts < FLOOR]
    assert not np.isin(codec.axis.knots, rare).any()
    assert not np.isin(codec.axis.uppers, rare).any()
    assert codec.axis.knots.min() > distinct[0]
    assert codec.axis.knots.max() < distinct[-1]


def test_one_far_outlier_does_not_show() -> None:
    _, _, _, made = twin(np.append(RNG.normal(size=2000), 1e9))
    assert made.max() < 100


def test_nearly_unique_values_come_back_no_more_than_by_chance() -> None:
    values = np.round(RNG.normal(0, 1000, 20_000), 1)
    fit, other = values[:10_000], values[10_000:]
    made = twin(fit)[3].to_numpy()
    own = np.isin(_once(fit), made).mean()
    strangers = np.isin(_once(other), made).mean()
    assert own < strangers + 0.02


def _once(values: np.ndarray) -> np.ndarray:
    distinct, counts = np.unique(values, return_counts=True)
    return distinct[counts == 1]


def test_rows_that_share_a_rare_value_are_never_singled_out() -> None:
    values = np.repeat(np.arange(50) * 10.0, 40)
    values[:3] = 7.0
    series, _, _, made = twin(values)
    assert 7.0 in series
    assert 7.0 not in made


def test_missing_is_code_zero_and_stays_where_it_is() -> None:
    values = pl.Series([None if k % 3 == 0 else float(k) for k in range(900)])
    series, codec, codes, made = twin(values)
    assert (codes[:, 0] == 0).tolist() == series.is_null().to_list()
    assert made.is_null().equals(series.is_null())
    assert codec.ordered == (True,)


def test_infinite_numbers_count_as_missing_and_are_noted() -> None:
    _, codec, _, made = twin([float("inf"), float("nan"), 1.0, 2.0] * 50)
    assert made.null_count() == 100
    assert codec.notes == ("Column 'x': about 50 infinite numbers count as missing.",)


def test_text_that_is_no_number_counts_as_missing_and_is_noted() -> None:
    _, codec, _, made = twin(["1.50", "2.25", "n/a", "3.10"] * 50)
    assert codec.notes == ("Column 'x': about 50 cells are no numbers and count as missing.",)
    assert sorted(made.drop_nulls().unique()) == ["1.50", "2.25", "3.10"]


@pytest.mark.parametrize(
    ("texts", "pattern"),
    [
        ([f"{k / 100:.2f}" for k in range(-3000, 3000)], r"^-?\d+\.\d\d$"),
        ([f"{k / 2:g}" for k in range(3000)], r"^\d+(\.5)?$"),
        ([f"{k / 4}" for k in range(3000)], r"^\d+\.(0|25|5|75)$"),
    ],
    ids=["fixed", "bare", "plain"],
)
def test_numbers_held_as_text_keep_their_style(texts: list[str], pattern: str) -> None:
    _, _, _, made = twin(texts)
    assert made.str.contains(pattern).all()


@pytest.mark.parametrize(
    ("values", "kind", "dtype"),
    [
        (RNG.integers(-(2**63), 2**63 - 1, 2000, dtype=np.int64), "integer", pl.Int64()),
        (RNG.integers(0, 2**64 - 1, 2000, dtype=np.uint64), "integer", pl.UInt64()),
        ([2**63 - 1, -(2**63), 5] * 100, "integer", pl.Int64()),
        ([2**64 - 1, 2**63, 0] * 100, "integer", pl.UInt64()),
        (RNG.integers(-128, 128, 2000), "integer", pl.Int8()),
        (RNG.uniform(-1, 1, 2000) * 1e308, "real", pl.Float64()),
        (RNG.integers(0, 10**6, 2000) * 5e-324, "real", pl.Float64()),
        ([1.7e308, -1.7e308] * 100, "real", pl.Float64()),
        (RNG.normal(size=2000), "real", pl.Float32()),
        ([decimal.Decimal(k) / 100 for k in range(2000)], "real", pl.Decimal(12, 2)),
        ([5] * 30, "integer", pl.Int64()),
        ([5, 7] * 30, "integer", pl.Int16()),
    ],
)
def test_any_size_of_number(values: object, kind: str, dtype: pl.DataType) -> None:
    series, codec, _, made = twin(values, kind, dtype)
    assert made.dtype == series.dtype
    assert made.null_count() == 0
    if codec.axis.atom.all():
        assert made.equals(series)
    else:
        assert series.min() <= made.min() <= made.max() <= series.max()


@pytest.mark.parametrize("rows", [0, 1, 4])
@pytest.mark.parametrize(("kind", "value"), [("real", 48213.77), ("integer", 48213), ("real", "48213.77")])
def test_fewer_than_five_numbers_are_withheld(rows: int, kind: str, value: object) -> None:
    series = pl.Series("x", [None] * 500 + [value] * rows, dtype=None if rows else pl.Float64)
    codec = NumericCodes.fit(series, column(series, kind))
    assert codec.sizes == ()
    assert "48213" not in str(codec.to_state())
    made = codec.decode(np.empty((9, 0), np.uint8), np.empty((9, 0)), 0)
    assert made.null_count() == 9
    assert made.dtype == series.dtype
    said = "Column 'x': fewer than 5 rows hold a value, too few to learn from; given as missing."
    assert codec.notes == ((said,) if rows else ())


def test_fewer_than_five_numbers_are_not_cut() -> None:
    with pytest.raises(ValueError, match="cut takes at least 5 numbers and got 4"):
        cut(np.arange(4.0))


def wide(seed: int, span: int, groups: tuple[int, ...]) -> np.ndarray:
    """Return 18-digit numbers around each group with a sentinel 0, as order and case numbers have."""
    rng = np.random.default_rng(seed)
    return np.concatenate([[0], *(base + rng.integers(0, span, 1500) for base in groups)])


@pytest.mark.parametrize("groups", [(10**18,), (10**17, 9 * 10**17), (-(10**18), 10**18)], ids=str)
def test_integers_that_share_a_float_are_no_atom(groups: tuple[int, ...]) -> None:
    span = 10_000
    series, codec, _, made = twin(wide(1, span, groups), "integer")
    held = series.value_counts()
    atoms = {int(np.uint64(knots[0]).astype(np.int64)) for knots in codec.exact[codec.axis.atom]}
    assert atoms <= set(held.filter(pl.col("count") >= FLOOR)["x"])
    rare = held.filter(pl.col("count") < FLOOR)["x"]
    by_chance = len(rare) / len(groups) / span
    assert made.is_in(rare.implode()).mean() < 1.5 * by_chance
    assert ks(series.cast(pl.Float64).to_numpy(), made.cast(pl.Float64).to_numpy()) < 0.05


def test_frequent_integers_beyond_the_floats_come_back_exactly() -> None:
    rng = np.random.default_rng(4)
    values = np.concatenate([np.repeat([0, 10**18 + 1, 4 * 10**18 + 3], 400), 10**18 + rng.integers(0, 10**6, 1200)])
    series, codec, _, made = twin(values, "integer")
    assert codec.axis.atom.sum() == 3
    for value in (0, 10**18 + 1, 4 * 10**18 + 3):
        assert ((made == value) == (series == value)).all()


@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_the_low_digits_of_long_integers_are_not_shared(dtype: type) -> None:
    limits = np.iinfo(dtype)
    values = np.random.default_rng(2).integers(limits.min, limits.max, 3000, dtype=dtype)
    series, _, _, made = twin(values, "integer", {np.int64: pl.Int64(), np.uint64: pl.UInt64()}[dtype])
    last = np.bincount(made.to_numpy() % dtype(256), minlength=256)
    assert (last > 0).mean() > 0.99
    assert series.min() <= made.min() <= made.max() <= series.max()


@given(st.lists(st.integers(0, 2**64 - 1), min_size=9, max_size=9), st.lists(st.floats(0, 1, exclude_max=True)))
@settings(max_examples=60, deadline=None)
def test_long_integers_grow_with_the_uniform_number(knots: list[int], uniforms: list[float]) -> None:
    drawn = draw_integers(np.sort(np.array([knots], np.uint64)), np.zeros(len(uniforms), int), np.sort(uniforms))
    assert (drawn[:-1] <= drawn[1:]).all()
    assert all(min(knots) <= value <= max(knots) for value in drawn.tolist())


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_floats_make_finite_floats(values: list[float]) -> None:
    _, codec, codes, made = twin(values * 3)
    assert codes.max() < codec.sizes[0] <= 256
    assert made.is_finite().all()


@given(st.lists(st.integers(-50, 50), min_size=5, max_size=300), st.randoms())
@settings(max_examples=40, deadline=None)
def test_the_order_of_rows_changes_nothing(values: list[int], random: object) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = cut(np.array(values, float), 0), cut(np.array(shuffled, float), 0)
    assert np.array_equal(one.knots, other.knots)
    assert np.array_equal(one.uppers, other.uppers)


@given(st.lists(st.integers(-(10**6), 10**6), min_size=5, max_size=400))
@settings(max_examples=40, deadline=None)
def test_every_bin_stands_for_at_least_five_rows(values: list[int]) -> None:
    axis = cut(np.array(values, float), 0)
    rows = np.bincount(axis.encode(np.array(values, float)), minlength=axis.size)
    assert (rows[axis.atom] >= FLOOR).all()
    assert (rows[~axis.atom] >= FLOOR).all()
    assert (np.diff(axis.uppers) >= 0).all()


def mixture(seed: int) -> tuple[np.ndarray, int | None]:
    """Return a heap of unlike things: spikes, heavy tails, small integers, fractions; rounded or not."""
    rng = np.random.default_rng(seed)
    rows = int(rng.choice([5, 12, 40, 150, 600, 3000]))
    makers = [
        lambda n: rng.normal(rng.normal() * 100, 10 ** rng.uniform(-2, 4), n),
        lambda n: np.full(n, rng.normal() * 50),
        lambda n: rng.integers(0, rng.integers(2, 1500), n).astype(float),
        lambda n: rng.standard_cauchy(n) * 10,
        lambda n: rng.integers(0, 400, n) + rng.choice([0, 0.25, 0.5], n),
        lambda n: rng.zipf(1.3, n).clip(0, 10**8).astype(float),
    ]
    parts = [makers[k](max(1, int(rows * rng.random()))) for k in rng.integers(0, len(makers), rng.integers(1, 6))]
    values = np.concatenate([*parts, rng.random(FLOOR)])
    decimals = [None, 0, 1, 2, 6][rng.integers(5)]
    return (values if decimals is None else np.round(values, decimals)), decimals


@pytest.mark.parametrize("seed", range(60))
def test_any_mixture_keeps_every_promise(seed: int) -> None:
    values, decimals = mixture(seed)
    axis = cut(values, decimals)
    codes = axis.encode(values)
    made = axis.decode(codes, np.random.default_rng(seed).random(len(values)))
    distinct, counts = np.unique(values, return_counts=True)
    rare, bins = distinct[counts < FLOOR], ~axis.atom
    assert axis.size <= 255
    assert np.bincount(codes, minlength=axis.size).min() >= FLOOR
    assert not np.isin(axis.knots[bins], rare).any()
    assert not np.isin(axis.uppers, rare).any()
    assert values.min() <= made.min() <= made.max() <= values.max()
    assert np.abs(axis.encode(made) - codes).max() <= 1
    if decimals is not None:
        assert not np.isin(made[bins[codes]], axis.knots[axis.atom, 0]).any()


def test_codes_follow_the_values() -> None:
    series, codec, codes, _ = twin(SHAPES["money"])
    order = np.argsort(series.to_numpy(), kind="stable")
    assert (np.diff(codes[order, 0].astype(int)) >= 0).all()
    assert codec.sizes[0] <= 256


def test_unseen_values_go_to_the_nearest_code() -> None:
    _, codec, _, _ = twin([10, 20, 30] * 20, "integer")
    assert codec.encode(pl.Series([-5, 11, 24, 99, None]))[0].tolist() == [0, 0, 1, 2, 1]
