from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.data.schema import Column, Kind, Schema
from simulacra.report.axis import format_tick, round_edges
from simulacra.report.disclosure import K
from simulacra.report.margins import Margin, draw_margin, draw_margins

NUMBERS = st.lists(st.floats(-1e9, 1e9), min_size=0, max_size=120)


def draw(kind: Kind, synthetic: list[Any], real: list[Any] | None, **options: Any) -> Margin:
    made = pl.Series("x", synthetic, strict=False)
    return draw_margin(Column("x", kind, **options), made, None if real is None else pl.Series("x", real, strict=False))


@settings(max_examples=60, deadline=None)
@given(NUMBERS, st.booleans())
def test_edges_are_round_rise_and_leave_k_values_on_either_side(values: list[float], whole: bool) -> None:
    array = np.sort(np.round(values) if whole else np.array(values))
    edges = round_edges(array, whole=whole)
    if edges is None:
        return
    assert (np.diff(edges) > 0).all()
    assert len(edges) <= 60
    assert np.count_nonzero(array <= edges[-1]) >= K
    assert np.count_nonzero(array <= edges[0]) >= K
    assert np.count_nonzero(array >= edges[-1]) >= K
    if whole:
        assert (edges == np.round(edges)).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from("abcdefghijklmnop"), max_size=200), st.randoms())
def test_named_levels_have_k_real_rows_and_order_does_not_matter(levels: list[str], random: Any) -> None:
    margin = draw("category", ["a"] * 20, levels)
    named = {bar.label for bar in margin.bars} - {"all other levels"}
    assert all(levels.count(level) >= K for level in named)
    shuffled = random.sample(levels, len(levels))
    assert draw("category", ["a"] * 20, shuffled) == margin


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 400), st.integers(1, 400))
def test_shares_of_few_rows_are_suppressed_and_others_rounded(yes: int, no: int) -> None:
    margin = draw("boolean", [True, False], [True] * yes + [False] * no)
    for bar in margin.bars:
        count = {"true": yes, "false": no}.get(bar.label)
        if count is None:
            continue
        assert count >= K
        assert bar.real == round(5 * round(count / 5) / (yes + no), 4) or bar.real == 1.0


def test_the_same_table_twice_differs_in_nothing_but_rounding() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=20_000).tolist()
    margin = draw("real", values, values)
    assert margin.distance is not None
    assert margin.distance < 0.003
    moved = draw("real", [value + 1.0 for value in values], values)
    assert moved.distance == pytest.approx(0.38, abs=0.02)  # total variation of two normals one apart: 2 Φ(1/2) - 1


def test_bars_count_what_is_between_their_edges() -> None:
    real = [float(value % 100) for value in range(10_000)]
    margin = draw("real", real, real)
    assert margin.edges[0] == "5"
    assert margin.bars[0].label == "below 5"
    assert margin.bars[0].real == 0.05
    assert {bar.real for bar in margin.bars[1:-1]} == {0.05}
    assert margin.bars[-1].label == "95 and more"


def test_a_value_of_most_rows_is_told_and_not_drawn() -> None:
    real = [0] * 900 + list(range(1, 101))
    margin = draw("integer", real, real)
    assert margin.notes[0] == "Exactly 0: 90.0% of real and 90.0% of synthetic rows. The bars show the others."
    assert sum(bar.synthetic for bar in margin.bars) == pytest.approx(0.1, abs=0.001)


def test_missing_values_infinities_and_nan_count_as_missing() -> None:
    real = [float(value) for value in range(95)] + [None, float("nan"), float("inf"), float("-inf"), None]
    margin = draw("real", [*real[:90], *[None] * 10], real)
    assert margin.notes[-2] == "Missing: fewer than 10 real and 10.0% of synthetic rows."
    assert (
        "Missing: 20.0% of real and 0.0% of synthetic rows."
        in draw("boolean", [True] * 9, [None, 1, 1, 1, 1] * 20).notes
    )


def test_rare_real_bars_are_drawn_as_zero_with_a_note() -> None:
    real = [1] * 50 + [2] * 3 + [3] * 50
    margin = draw("integer", real, real)
    assert [bar.suppressed for bar in margin.bars] == [False, True, False] or any(bar.suppressed for bar in margin.bars)
    assert margin.notes == ("1 bar holds fewer than 10 real rows, drawn as zero.",)


@pytest.mark.parametrize("rows", [0, 1, 12])
@pytest.mark.parametrize("kind", ["integer", "real", "category", "boolean", "text", "date", "duration"])
def test_tables_too_small_to_show_show_nothing(rows: int, kind: Kind) -> None:
    value = {"category": "Rarelevel", "text": "Rare text", "boolean": True}.get(kind, 4711)
    series = pl.Series("x", [value] * rows, strict=False)
    if kind == "date":
        series = pl.Series("x", [dt.date(1901, 2, 3)] * rows, dtype=pl.Date)
    if kind == "duration":
        series = pl.Series("x", [dt.timedelta(days=4711)] * rows, dtype=pl.Duration)
    other = series.clear()
    margin = draw_margin(Column("x", kind), other, series)
    assert all(bar.suppressed or bar.real == 0 for bar in margin.bars) or rows >= K
    if rows < K:
        assert "4711" not in str(margin)
        assert "Rarelevel" not in str(margin)


def test_dates_as_text_and_as_dates_give_the_same_bars() -> None:
    days = [dt.date(2020, 1, 1) + dt.timedelta(days=place) for place in range(700)]
    plain = draw("date", days, days)
    text = [day.strftime("%d.%m.%Y") for day in days]
    assert draw("date", text, text, format="%d.%m.%Y").bars == plain.bars
    assert plain.form == "bins"
    assert all(len(edge) == 10 for edge in plain.edges)


def test_times_with_a_zone_and_durations() -> None:
    start = dt.datetime(2024, 5, 1)
    times = pl.Series("x", [start + dt.timedelta(minutes=place) for place in range(2000)])
    there = times.dt.replace_time_zone("Asia/Tokyo")
    margin = draw_margin(Column("x", "datetime", zone="Asia/Tokyo"), there, there)
    assert margin.edges[0] == "2024-05-01 03:00"
    assert margin.bars == draw_margin(Column("x", "datetime"), times, times).bars
    lengths = pl.Series("x", [dt.timedelta(seconds=place) for place in range(2000)])
    assert draw_margin(Column("x", "duration"), lengths, lengths).edges[0].endswith("min")


@pytest.mark.parametrize(
    ("column", "note"),
    [
        (Column("x", "identifier"), "A key"),
        (Column("x", "constant"), "One value"),
        (Column("x", "text", personal="e-mail"), "Personal values (e-mail)"),
        (Column("y", "real"), "not in the synthetic rows"),
    ],
)
def test_columns_that_are_only_told(column: Column, note: str) -> None:
    frame = pl.DataFrame({"x": ["secret"] * 50})
    (margin,) = draw_margins(frame, frame, Schema((column,)))
    assert margin.form == "words"
    assert note in margin.notes[0]
    assert "secret" not in str(margin)


def test_without_real_rows_only_synthetic_bars() -> None:
    margin = draw("category", ["a"] * 30 + ["b"] * 3, None)
    assert margin.distance is None
    assert [(bar.label, bar.real) for bar in margin.bars] == [("a", None), ("all other levels", None)]
    assert not any(bar.suppressed for bar in margin.bars)


@pytest.mark.parametrize("real", [None, [f"name {place}" for place in range(40)] * 9, [None] * 40])
def test_levels_that_few_rows_hold_are_told_and_not_drawn_as_one_bar(real: list[str | None] | None) -> None:
    made = [f"name {place}" for place in range(40)] + [None] * 10
    margin = draw("category", made, real)
    assert (margin.form, margin.bars, margin.distance) == ("words", (), None)
    rows = "10 rows or more" if real is None else "10 rows or more of the real ones"
    assert margin.notes[0] == f"No level is held by {rows}: none is drawn."
    assert margin.notes[1].startswith("Missing: ")
    assert "name" not in str(margin.notes)


def test_the_worst_column_comes_first() -> None:
    real = pl.DataFrame({"same": ["a", "b"] * 50, "off": ["a", "b"] * 50, "key": range(100)})
    made = real.with_columns(off=pl.lit("a"))
    schema = Schema((Column("same", "category"), Column("key", "identifier"), Column("off", "category")))
    assert [margin.name for margin in draw_margins(made, real, schema)] == ["off", "same", "key"]


def test_wide_positive_numbers_get_steps_of_one_two_five() -> None:
    values = 10.0 ** np.linspace(0, 6, 5000)
    edges = round_edges(values)
    assert edges is not None
    assert edges[:4].tolist() == [2.0, 5.0, 10.0, 20.0]


@pytest.mark.parametrize(
    ("value", "kind", "written"), [(12_000, "real", "12k"), (-0.5, "real", "-0.5"), (7200, "duration", "2 h")]
)
def test_ticks(value: float, kind: str, written: str) -> None:
    assert format_tick(value, kind) == written
