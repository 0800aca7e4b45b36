"""Groups that a cut gives: known groups bound the number that is filled in, and conditions on groups are exact."""

import numpy as np
import polars as pl
import pytest

import simulacra
from simulacra.data.cuts import Cut

EDGES = [25, 35, 50, 65, 80]
NAMES = np.array(["<25", "25-34", "35-49", "50-64", "65-79", "80+"])


def groups(ages: np.ndarray) -> np.ndarray:
    return NAMES[np.searchsorted(EDGES, ages, side="right")]


@pytest.fixture(scope="module")
def people() -> pl.DataFrame:
    rng = np.random.default_rng(0)
    age = rng.integers(18, 91, 2_000)
    pay = np.round(np.exp(rng.normal(6 + age / 50, 0.4)), 2)
    return pl.DataFrame({"age": age, "group": groups(age), "old": np.where(age > 64, "yes", "no"), "pay": pay})


@pytest.fixture(scope="module")
def model(people: pl.DataFrame) -> simulacra.Synthesizer:
    return simulacra.Synthesizer(quality="fast").fit(people)


def test_every_row_with_a_number_that_fits_its_groups_is_filled(model: simulacra.Synthesizer) -> None:
    """Also where what else is known speaks against it, and where one group lies within a part of another."""
    partial = pl.DataFrame(
        {
            "group": np.repeat(NAMES, 50),
            "old": np.repeat(["no", "no", "no", None, "yes", "yes"], 50),
            "pay": [500.0, 9_999.0, None, 3_000.0, 150.0] * 60,
        }
    )
    made = model.complete_told(partial)
    assert made.left == {}
    assert (groups(made.rows["age"].to_numpy()) == partial["group"].to_numpy()).all()
    assert made.rows["old"].to_list()[150] == "no"  # of 50-64 nobody is above 64


def test_groups_against_each_other_stand_as_they_came(model: simulacra.Synthesizer) -> None:
    made = model.complete_told(pl.DataFrame({"group": ["<25", "80+", "80+"], "old": ["yes", "no", "yes"]}))
    assert sorted(made.left) == [0, 1]
    assert made.rows["age"].to_list()[2] >= 80


def test_a_condition_on_a_group_is_one_on_its_number(model: simulacra.Synthesizer) -> None:
    made = model.sample(300, given={"group": ["<25", "80+"]})
    assert set(made["group"]) == {"<25", "80+"}
    assert made["age"].is_between(25, 79).sum() == 0
    balanced = model.sample(120, balance="group")
    assert balanced["group"].value_counts()["count"].to_list() == [20] * 6
    with pytest.raises(simulacra.errors.RecipeError, match="'40' and 'group = <25' contradict each other"):
        model.sample(10, given={"group": "<25", "age": 40})


def test_spans_of_a_cut_hold_its_labels() -> None:
    cut = Cut((1.0, 2.0, 3.0), (True, False, True), ("a", "b", "c", "d"))
    values = pl.Series([-5.0, 1.0, np.nextafter(1.0, 2), np.nextafter(2.0, 1), 2.0, 3.0, np.nextafter(3.0, 4), 9.0])
    for wanted in ({"a"}, {"b"}, {"a", "b"}, {"b", "d"}, {"a", "c", "d"}, set("abcd"), set[str]()):
        spans = cut.spans(wanted)
        inside = [any(low <= value <= high for low, high in spans) for value in values]
        assert inside == [label in wanted for label in cut.of(values)]


def test_keys_stay_unique_where_rows_are_drawn_again_and_where_some_are_known() -> None:
    rng = np.random.default_rng(5)
    size = rng.integers(0, 90, 800)
    frame = pl.DataFrame(
        {
            "key": [f"ORD-{k + 100_000}" for k in range(800)],
            "age": size,
            "group": ["young" if k < 30 else "middle" if k < 60 else "old" for k in size],
            "most": size + rng.integers(0, 9, 800),
            "spent": np.round(rng.gamma(2, 30, 800), 2),
        }
    )
    fitted = simulacra.Synthesizer(quality="fast").fit(frame)
    first = fitted.complete(pl.DataFrame({"most": rng.integers(0, 90, 60)}))
    assert first["key"].n_unique() == 60
    half = pl.DataFrame({"most": first["most"], "key": pl.Series([None] * 30 + first["key"].head(30).to_list())})
    again = fitted.complete(half)
    assert again["key"].n_unique() == 60
    assert again["key"].tail(30).to_list() == first["key"].head(30).to_list()
