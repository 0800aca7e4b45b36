"""Dates in several columns, groups that are a cut of a number, columns that two others decide: found and kept."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.data.constraints import constraint_to_plain, parse_constraint
from simulacra.data.cuts import Cut, round_between
from simulacra.data.infer import infer_schema
from simulacra.data.relations import Rewriting, find_rules, settle
from simulacra.data.rules import Rules, check_constraints
from simulacra.data.schema import Column, Schema
from simulacra.errors import ModelFileError, SchemaError


def diary(rows: int = 800, *, seed: int = 0) -> pl.DataFrame:
    """Times in UTC, their parts on the clock of New York, names of weekdays, whether it is a weekend."""
    rng = np.random.default_rng(seed)
    begin = datetime(2013, 1, 1)
    hours = rng.integers(0, 365 * 24, rows)
    hours[hours == 306 * 24 + 6] += 1  # the second hour that the clock shows as one
    times = pl.Series("at", [begin + timedelta(hours=int(hour)) for hour in hours])
    local = times.dt.replace_time_zone("UTC").dt.convert_time_zone("America/New_York")
    return pl.DataFrame(
        {
            "at": times,
            "month": local.dt.month(),
            "day": local.dt.day(),
            "hour": local.dt.hour(),
            "dow": times.dt.weekday() - 1,
            "dayname": times.dt.strftime("%A"),
            "weekend": times.dt.weekday() > 5,
            "noise": rng.integers(0, 9, rows),
        }
    )


def grouped(rows: int = 900, *, seed: int = 0) -> pl.DataFrame:
    """Groups of ages and of incomes, distances of pairs of places."""
    rng = np.random.default_rng(seed)
    age, income = rng.integers(0, 95, rows), np.round(rng.lognormal(10, 1, rows), 2)
    origin, dest = rng.integers(0, 3, rows), rng.integers(0, 12, rows)
    group = np.select([age < 18, age < 65], ["child", "adult"], "old")
    miles = rng.integers(1, 6, 36) * 50
    return pl.DataFrame(
        {
            "age": age,
            "age_group": group,
            "income": income,
            "band": np.select([income < 10_000, income < 50_000], ["A", "B"], "C"),
            "origin": np.array(["EWR", "JFK", "LGA"])[origin],
            "dest": np.array([f"D{k:02}" for k in range(12)])[dest],
            "distance": miles[origin * 12 + dest],
            "other": rng.choice(["u", "v"], rows),
        }
    )


def found(frame: pl.DataFrame) -> set[str]:
    return {str(one.constraint) for one in find_rules(frame, infer_schema(frame))}


def test_parts_of_a_date_are_found_on_another_clock_counted_from_zero_and_by_name():
    assert found(diary()) == {
        "month = month(at, 'America/New_York')",
        "day = day(at, 'America/New_York')",
        "hour = hour(at, 'America/New_York')",
        "dow = weekday(at) - 1",
        "combinations: weekday(at), dayname",
        "combinations: weekday(at), weekend",
    }


def test_cuts_and_pairs_are_found():
    assert found(grouped()) == {
        "cut: age, age_group",
        "cut: income, band",
        "combinations: origin, dest, distance",
    }


def test_few_odd_rows_do_not_hide_a_pair_and_many_do():
    frame = grouped()
    few, many = (
        frame.with_columns(distance=pl.when(pl.int_range(pl.len()) % every == 0).then(77).otherwise("distance"))
        for every in (900, 10)
    )
    assert "combinations: origin, dest, distance" in found(few)
    assert not any("distance" in rule for rule in found(many))


def test_pairs_that_few_rows_hold_are_no_rule():
    rng = np.random.default_rng(0)
    street = rng.integers(0, 400, 600)
    frame = pl.DataFrame({"city": rng.integers(0, 3, 600), "street": street, "number": rng.integers(0, 50, 600)})
    frame = frame.with_columns(code=pl.col("city") * 401 + pl.col("street") * 7 % 50)
    assert not any(rule.startswith("combinations") for rule in found(frame))


@pytest.mark.parametrize("make", [diary, grouped])
def test_the_rewriting_gives_the_table_back_also_after_saving(make):
    frame = make()
    schema = settle(frame, infer_schema(frame))
    rewriting = Rewriting.fit(frame, schema)
    again = Rewriting.from_state(rewriting.schema, rewriting.to_state())
    inner = rewriting.forward(frame)
    assert rewriting.backward(inner).equals(frame)
    assert again.backward(again.forward(frame)).equals(frame)
    assert again.inner.names == rewriting.inner.names
    if make is diary:
        assert inner.columns == ["at", "hour", "noise"]
        assert inner["at"].dtype == pl.Date
        assert inner["at"].dt.day().to_list() == frame["day"].to_list()
    else:
        assert set(inner.columns) == {"age", "income", "origin", "dest", "distance", "other"}


@given(seed=st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_whatever_is_drawn_dates_and_groups_agree(seed):
    rng = np.random.default_rng(seed)
    for frame in (diary(300), grouped(400)):
        schema = settle(frame, infer_schema(frame))
        rewriting = Rewriting.fit(frame, schema)
        inner = rewriting.forward(frame)
        drawn = pl.DataFrame([inner[name][rng.permutation(len(inner))] for name in inner.columns])
        if "at" in drawn.columns:  # also hours that the clock leaves out or shows twice
            odd = [date(2013, 3, 10), date(2013, 11, 3)]
            drawn = drawn.with_columns(at=pl.Series(odd + drawn["at"].to_list()[2:], dtype=drawn["at"].dtype))
            drawn = drawn.with_columns(hour=pl.Series([3, 1, *drawn["hour"].to_list()[2:]], dtype=drawn["hour"].dtype))
        made = rewriting.backward(drawn)
        rules = Rules.fit(schema, frame)
        # All pairs of places are held by enough of the 400 rows, but for some that are left to be drawn again.
        pairs = made.filter(rules.all_kept(made)).height if "origin" in made.columns else made.height
        assert pairs >= 0.9 * made.height
        plain = [
            kept for rule, kept in zip(rules.constraints, rules.kept(made), strict=True) if "origin" not in rule.columns
        ]
        assert all(kept.all() for kept in plain)
        assert rewriting.backward(drawn.reverse()).equals(made.reverse())


def test_a_pair_takes_the_value_that_goes_with_it():
    frame = grouped()
    schema = settle(frame, infer_schema(frame))
    rewriting = Rewriting.fit(frame, schema)
    made = rewriting.backward(rewriting.forward(frame).with_columns(distance=pl.lit(1)))
    truth = frame.select("origin", "dest", "distance").unique()
    assert made.join(truth, on=["origin", "dest", "distance"], how="semi").height == made.height


def test_times_with_minutes_are_coded_by_the_clock_on_which_people_live():
    rng = np.random.default_rng(5)
    times = pl.Series(
        "at", [datetime(2013, 1, 1) + timedelta(minutes=int(m)) for m in rng.integers(0, 299 * 1440, 500)]
    )
    local = times.dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Berlin")
    frame = pl.DataFrame({"at": times, "hour": local.dt.hour()})
    schema = settle(frame, infer_schema(frame))
    rewriting = Rewriting.fit(frame, schema)
    assert [step.kind for step in rewriting.steps] == ["derived", "clock"]
    inner = rewriting.forward(frame)
    assert inner["at"].to_list() == local.dt.replace_time_zone(None).to_list()
    assert rewriting.backward(inner).equals(frame)
    late = inner.with_columns(at=pl.lit(datetime(2013, 3, 31, 2, 30)))  # an hour that the clock left out
    assert rewriting.backward(late)["hour"].unique().to_list() == [3]
    again = Rewriting.from_state(rewriting.schema, rewriting.to_state())
    assert again.backward(late).equals(rewriting.backward(late))


def test_edges_of_groups_are_round_and_no_ones_value():
    rng = np.random.default_rng(3)
    income = np.round(rng.lognormal(10, 1, 2_000), 2)
    cut = Cut.fit(pl.Series(income), pl.Series(np.where(income < 20_000, "low", "high")), fewest=5)
    assert cut == Cut((20_000.0,), (False,), ("low", "high"))
    right = pl.Series([1.0, 2, 2, 3, 4]), pl.Series(["a", "a", "a", "b", "b"])
    assert Cut.fit(*right, fewest=2).of(pl.Series([2.0, 2.5, 3.0])).to_list()[0] == "a"


@settings(deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e3))
def test_the_round_number_lies_between(low, gap):
    high = low + gap
    if high > low:
        assert low <= round_between(low, high) <= high


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-50, 50), min_size=2, max_size=60), st.integers(-40, 40))
def test_a_cut_gives_its_own_labels_back(values, edge):
    numbers = pl.Series([*values, None])
    labels = pl.Series([("below" if value < edge else "above") for value in values] + ["none"])
    cut = Cut.fit(numbers, labels, fewest=1)
    if cut is not None:
        assert cut.of(numbers).to_list() == labels.to_list()
        table = cut.to_table("n", "l")
        assert Cut.from_table(table["n"].to_list(), table["l"].to_list()) == cut


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"cut": ["age"]}, "ut needs a number and its groups"),
        ({"cut": ["age_group", "age"]}, "holds no numbers"),
        ({"combinations": ["weekday(age)", "age_group"]}, "asks for the weekday of what is no date"),
        ({"combinations": ["weekday(at, 'Mars')", "dayname"]}, "a time zone 'Mars' that does not exist"),
        ("hour = hour(at, 'Mars')", "a time zone 'Mars' that does not exist"),
        ("hour = hour(at, Mars)", "cannot be read"),
    ],
)
def test_wrong_rules_are_refused(written, message):
    columns = (
        Column("age", "integer", dtype="Int64"),
        Column("age_group", "category"),
        Column("at", "datetime", dtype="Datetime(us)"),
        Column("hour", "integer", dtype="Int64"),
        Column("dayname", "category"),
    )
    with pytest.raises(SchemaError, match=message):
        check_constraints(Schema(columns), [parse_constraint(written)])


@pytest.mark.parametrize(
    "written",
    [{"cut": ["age", "age_group"]}, {"combinations": ["weekday(`sold at`, 'Europe/Berlin')", "name"]}],
)
def test_what_is_read_is_written_the_same(written):
    assert constraint_to_plain(parse_constraint(written)) == written


def test_a_cut_that_the_rows_do_not_show_is_refused():
    frame = grouped()
    schema = replace(infer_schema(frame), constraints=(parse_constraint({"cut": ["age", "other"]}),))
    with pytest.raises(SchemaError, match="are no cut of 'age'"):
        Rules.fit(schema, frame)


def test_damaged_steps_are_noticed():
    frame = diary()
    rewriting = Rewriting.fit(frame, settle(frame, infer_schema(frame)))
    state = rewriting.to_state()
    places = {step["kind"]: place for place, step in enumerate(state["steps"])}
    for kind, change, message in (
        ("label", {"keys": ["x"] * 7}, "are no parts of a date"),
        ("label", {"rule": {"cut": ["at", "dayname"]}}, "cannot be read"),
        ("label", {"label": "nobody"}, "not there"),
        ("clock", {"zone": "Mars"}, "no such clock"),
    ):
        steps = [dict(step) for step in state["steps"]]
        steps[places[kind]] |= change
        with pytest.raises(ModelFileError, match=message):
            Rewriting.from_state(rewriting.schema, {**state, "steps": steps})
    frame = grouped()
    rewriting = Rewriting.fit(frame, settle(frame, infer_schema(frame)))
    state = rewriting.to_state()
    joint = next(step for step in state["steps"] if step["kind"] == "joint")
    for change, message in (
        ({"one": "nobody"}, "not there"),
        ({"labels": [1]}, "do not fit"),
        ({"pairs": [["a"]]}, "do not fit"),
    ):
        with pytest.raises(ModelFileError, match=message):
            Rewriting.from_state(rewriting.schema, {**state, "steps": [{**joint, **change}]})
