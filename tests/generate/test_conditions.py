"""Rows under conditions: every value satisfies them, the rest is as likely as it should be; errors say what is wrong."""
# ruff: noqa: E501  a condition and what it means stand on one line

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from simulacra import Synthesizer
from simulacra.errors import DataError, RecipeError, SchemaError
from simulacra.generate.table import FittedTable
from simulacra.seeds import Seeds

ROWS = 4000


def people(rows=ROWS, seed=1):
    """A table whose conditional shares are known: P(rich | age) is a logistic curve of age."""
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 80, rows)
    rich = rng.random(rows) < 1 / (1 + np.exp(-(age - 50) / 8))
    start = dt.datetime(2021, 1, 1)
    seen = [start + dt.timedelta(minutes=int(minute)) for minute in rng.integers(0, 700 * 1440, rows)]
    return pl.DataFrame(
        {
            "id": np.arange(10_000, 10_000 + rows),
            "age": age,
            "income": np.where(rich, ">50K", "<=50K"),
            "city": rng.choice(["Aachen", "Bonn", "Celle", "30..40", "missing", "a|b"], rows),
            "zip": [f"{k:05d}" for k in rng.integers(0, 300, rows)],
            "pay": pl.Series(np.round(np.exp(rng.normal(7, 1, rows)), 2)).set(pl.Series(rng.random(rows) < 0.2), None),
            "level": rng.normal(0, 1, rows),
            "member": rng.random(rows) < 0.4,
            "born": [(start + dt.timedelta(days=int(day))).date() for day in rng.integers(-20_000, 0, rows)],
            "seen": seen,
            "spent": [dt.timedelta(seconds=int(second)) for second in rng.integers(0, 9000, rows)],
            "email": [f"user{k}@mail.de" for k in range(rows)],
            "country": ["DE"] * rows,
        }
    )


@pytest.fixture(scope="module")
def learned():
    return Synthesizer(quality="fast").fit(people())


CONDITIONS = [
    (["income=>50K"], pl.col("income") == ">50K"),
    (["age=30..40"], pl.col("age").is_between(30, 40)),
    (["age=70.."], pl.col("age") >= 70),
    (["age=..25|60|75..77"], (pl.col("age") <= 25) | pl.col("age").is_in([60, 75, 76, 77])),
    (["pay=1000.50..1200"], pl.col("pay").is_between(1000.5, 1200)),
    (["pay=..500|2000..|missing"], pl.col("pay").is_null() | ~pl.col("pay").is_between(500.001, 1999.999)),
    (["pay=.."], pl.col("pay").is_not_null()),
    (["pay=missing", "age=..30"], pl.col("pay").is_null() & (pl.col("age") <= 30)),
    (["level=-0.1234..0.0567"], pl.col("level").is_between(-0.1234, 0.0567)),
    (["city=30..40"], pl.col("city") == "30..40"),
    (["city=missing"], pl.col("city") == "missing"),
    (["city=a|b"], pl.col("city") == "a|b"),
    (["city=Bonn|Celle"], pl.col("city").is_in(["Bonn", "Celle"])),
    (["zip=00003"], pl.col("zip") == "00003"),
    (["zip=00003|00150|00290"], pl.col("zip").is_in(["00003", "00150", "00290"])),
    (["member=TRUE"], pl.col("member")),
    (["born=1999"], pl.col("born").dt.year() == 1999),
    (["born=1999-03-05..2001-02"], pl.col("born").is_between(dt.date(1999, 3, 5), dt.date(2001, 2, 28))),
    (["seen=2021-07"], (pl.col("seen").dt.year() == 2021) & (pl.col("seen").dt.month() == 7)),
    (["seen=2021-07-05T08..2021-07-09"], pl.col("seen").is_between(dt.datetime(2021, 7, 5, 8), dt.datetime(2021, 7, 10), closed="left")),
    (["seen=2022-01-03T10..2022-01-03T15"], pl.col("seen").is_between(dt.datetime(2022, 1, 3, 10), dt.datetime(2022, 1, 3, 16), closed="left")),
    (["spent=0:10:00..0:20:00"], pl.col("spent").is_between(dt.timedelta(minutes=10), dt.timedelta(minutes=20))),
    (["country=DE", "age=..60", "age=40.."], pl.col("age").is_between(40, 60)),
    ({"age": (30, 40), "city": ["Bonn", "a|b"], "pay": None}, pl.col("age").is_between(30, 40) & pl.col("city").is_in(["Bonn", "a|b"]) & pl.col("pay").is_null()),
    ({"pay": [None, (None, 800)], "member": True}, pl.col("member") & (pl.col("pay").is_null() | (pl.col("pay") <= 800))),
    ({"born": (dt.date(1990, 1, 1), None), "age": np.int64(33)}, (pl.col("born") >= dt.date(1990, 1, 1)) & (pl.col("age") == 33)),
    ({"spent": (dt.timedelta(hours=1), None), "seen": dt.date(2021, 5, 6)}, (pl.col("spent") >= dt.timedelta(hours=1)) & (pl.col("seen").dt.date() == dt.date(2021, 5, 6))),
]  # fmt: skip


@pytest.mark.parametrize(("conditions", "true"), CONDITIONS, ids=lambda value: str(value)[:60])
def test_every_row_satisfies_the_conditions_in_its_values(learned, conditions, true):
    rows = learned.sample(200, given=conditions)
    assert rows.height == 200
    assert rows.select(true.fill_null(False).alias("true"))["true"].all()
    assert rows.schema == people(10).schema
    assert rows["id"].n_unique() == 200


@pytest.mark.parametrize("conditions", [["age=30..40"], ["pay=1000.50..1200"], ["zip=00003|00150"], ["born=1999-03"]])
def test_the_first_rows_of_many_are_few_rows_and_a_seed_gives_the_same(learned, conditions):
    many = learned.sample(300, given=conditions, seed=5)
    assert_frame_equal(many.head(40), learned.sample(40, given=conditions, seed=5))
    assert not many.equals(learned.sample(300, given=conditions, seed=6))


@pytest.fixture(scope="module")
def free(learned):
    """Many rows without conditions: those among them that satisfy one are the slow, exact way."""
    return learned.sample(60_000)


def test_what_is_given_changes_the_rest_as_among_rows_made_without_it(learned, free):
    for low, high in ((20, 29), (45, 55), (65, 79)):
        rows = learned.sample(4000, given={"age": (low, high)})
        share = free.filter(pl.col("age").is_between(low, high))["income"].eq(">50K").mean()
        assert abs(rows["income"].eq(">50K").mean() - share) < 0.03
    rich = learned.sample(4000, given=["income=>50K"])
    assert abs(rich["age"].mean() - free.filter(pl.col("income") == ">50K")["age"].mean()) < 0.8


def test_what_is_given_changes_the_rest_as_in_the_real_table(learned):
    real = people(60_000, seed=9)
    shares = [real.filter(pl.col("age").is_between(*ages))["income"].eq(">50K").mean() for ages in ((20, 35), (60, 79))]
    made = [learned.sample(2000, given={"age": ages})["income"].eq(">50K").mean() for ages in ((20, 35), (60, 79))]
    assert np.abs(np.array(made) - shares).max() < 0.08


def test_a_bin_that_is_cut_counts_with_its_part_of_the_mass(learned, free):
    """P(pay in the lower half of a range | pay in the range) as among the rows made without a condition."""
    pay = free["pay"].drop_nulls()
    inside = learned.sample(8000, given={"pay": (900.0, 1300.0)})["pay"]
    expected = pay.filter(pay.is_between(900, 1300)).is_between(900, 1010).mean()
    assert abs(inside.is_between(900, 1010).mean() - expected) < 0.03


@given(low=st.floats(60, 3000), width=st.floats(1, 3000))
@settings(max_examples=12, deadline=None)
def test_any_range_of_a_column_with_bins_holds_or_has_no_support(learned, low, width):
    given_too = {"pay": (low, low + width)}
    pay = people()["pay"]
    if pay.is_between(low, low + width).sum() < 20:  # there may be too few real rows for an exact answer
        width = 3000
        given_too = {"pay": (low, low + width)}
    assert learned.sample(30, given=given_too)["pay"].is_between(low, low + width).all()


ERRORS = [
    ({"ctiy": "Bonn"}, SchemaError, "given: there is no column 'ctiy'. Did you mean 'city'?"),
    (["ctiy=Bonn"], SchemaError, "given: there is no column 'ctiy'. Did you mean 'city'?"),
    (["income=>50k"], RecipeError, "given 'income': there is no level '>50k' that was learned. Did you mean '>50K'?"),
    (["income=pink"], RecipeError, "there is no level 'pink' that was learned. Levels are: "),
    (["age=x"], RecipeError, "given 'age': 'x' is not an integer. Write a number such as 30"),
    (["age=nan"], RecipeError, "given 'age': 'nan' is not an integer"),
    ({"age": True}, RecipeError, "given 'age': True is not an integer"),
    ({"age": (1, 2, 3)}, RecipeError, r"given 'age': \(1, 2, 3\) is not a range. Write \(low, high\), None for an open end"),
    ({"age": []}, RecipeError, "given 'age': an empty list allows nothing. Name at least one value."),
    ([5], RecipeError, "given: 5 is not a condition"),
    (["age>=30"], RecipeError, "given: 'age>=30' is not a condition. Write 'age=30..'; both ends of a range are included"),
    (["age!=30"], RecipeError, "given: 'age!=30' is not a condition. Write what is allowed"),
    (["Bonn"], RecipeError, "given: 'Bonn' is not a condition. Write column=value"),
    (["age=40..30"], RecipeError, "given 'age': the range '40..30' ends before it begins. Write the lower end first."),
    (["income=1..2"], RecipeError, "given 'income': '1..2' is a range, and a category has levels without an order"),
    ({"income": (1, 2)}, RecipeError, "given 'income': '1..2' is a range, and a category has levels without an order"),
    (["age=20..30", "age=50.."], RecipeError, "given 'age': the conditions '20..30' and '50..' contradict each other"),
    (["city=Bonn", "city=Celle"], RecipeError, "the conditions 'Bonn' and 'Celle' contradict each other"),
    (["id=5"], RecipeError, "given: the values of 'id' are made up anew, so no condition can be put on them"),
    ({"email": "a@b.de"}, RecipeError, "the values of 'email' are made up anew"),
    (["email=missing"], DataError, "given 'email': 'missing' has no support: the column has no missing values"),
    (["age=missing"], DataError, "given 'age': 'missing' has no support: the column has no missing values"),
    (["age=200.."], DataError, "'200..' has no support: the largest value learned is about 80. Ask for smaller values."),
    (["age=..3"], DataError, "'..3' has no support: the smallest value learned is about 20. Ask for larger values."),
    (["born=2050"], DataError, "'2050' has no support: the largest value learned is about 2020"),
    (["seen=2015"], DataError, "'2015' has no support: the smallest value learned is about 2021-01"),
    (["level=0.123456789"], DataError, "'0.123456789' has no support: the column does not take exactly this value. Give"),
    (["age=30.2..30.8"], DataError, "'30.2..30.8' has no support: the column has no values there. Widen the range."),
    (["country=FR"], RecipeError, "there is no level 'FR' that was learned. Levels are: DE."),
    (["born=yesterday"], RecipeError, "given 'born': 'yesterday' is not a date. Write a date such as 2020-03-31"),
    (["born=2020-13"], RecipeError, "given 'born': '2020-13' is not a date"),
    ({"born": 5}, RecipeError, "given 'born': 5 is not a date. Write a date such as 2020-03-31, or 2020-03"),
    (["spent=long"], RecipeError, "given 'spent': 'long' is not a duration. Write a duration such as 1:30:00"),
]  # fmt: skip


@pytest.mark.parametrize(("conditions", "kind", "message"), ERRORS, ids=lambda value: str(value)[:40])
def test_errors_say_what_was_seen_where_and_what_to_do(learned, conditions, kind, message):
    with pytest.raises(kind, match=message.replace("..", r"\.\.")):
        learned.sample(10, given=conditions)


def test_conditions_without_support_together_are_refused():
    rng = np.random.default_rng(0)
    sex = rng.choice(["f", "m"], 3000)
    table = pl.DataFrame({"sex": sex, "kin": np.where(sex == "f", "wife", "husband"), "x": rng.integers(0, 9, 3000)})
    table = table.with_columns(kin=pl.when(pl.col("x") == 0).then(pl.lit("child")).otherwise("kin"))
    synthesizer = Synthesizer(quality="best").fit(table)
    with pytest.raises(DataError, match="given: there is no support for sex = m and kin = wife"):
        synthesizer.sample(10, given=["sex=m", "kin=wife"])


def test_balance_gives_each_level_the_same_count_in_shuffled_order(learned):
    rows = learned.sample(305, balance="city", given={"age": (20, 60)})
    counts = rows["city"].value_counts()["count"].to_list()
    assert sorted(counts) == [50, 51, 51, 51, 51, 51]
    assert rows["age"].is_between(20, 60).all()
    assert rows["city"].head(6).n_unique() == 6
    assert rows["city"].head(12).to_list() != rows["city"].slice(12, 12).to_list()
    assert_frame_equal(rows.head(33), learned.sample(33, balance="city", given={"age": (20, 60)}))


def test_a_balanced_level_is_as_the_level_is(learned, free):
    rows = learned.sample(6000, balance="income")
    for level in (">50K", "<=50K"):
        one = rows.filter(pl.col("income") == level)
        assert abs(one["age"].mean() - free.filter(pl.col("income") == level)["age"].mean()) < 0.9


@pytest.mark.parametrize(
    ("column", "given_too", "kind", "message"),
    [
        ("age", None, RecipeError, "balance: the column 'age' is an integer, which has no levels to balance"),
        ("born", None, RecipeError, "balance: the column 'born' is a date, which has no levels to balance"),
        ("email", None, RecipeError, "balance: the column 'email' is made up anew, which has no levels to balance"),
        ("country", None, RecipeError, "balance: the column 'country' is a constant, which has no levels to balance"),
        ("incme", None, SchemaError, "balance: there is no column 'incme'. Did you mean 'income'?"),
        (
            "zip",
            None,
            RecipeError,
            "balance: the column 'zip' has more than 256 levels. Balance a column of fewer levels",
        ),
        (
            "income",
            ["income=>50K"],
            RecipeError,
            "balance: the column 'income' is balanced, and a condition is put on it",
        ),
    ],
)
def test_what_cannot_be_balanced(learned, column, given_too, kind, message):
    with pytest.raises(kind, match=message):
        learned.sample(10, balance=column, given=given_too)


def test_a_condition_is_needed(learned):
    model = learned._fitted
    assert isinstance(model, FittedTable)
    with pytest.raises(RecipeError, match="given: no condition is given"):
        model.condition([])


def test_a_conditioned_table_is_a_fitted_one(learned):
    under = learned._fitted.condition(["age=30..40"])
    assert under.to_bytes() == learned._fitted.to_bytes()
    assert under.schema == learned._fitted.schema
    assert under.notes[0].startswith(
        "Every row satisfies: age = 30..40. Of the rows made without conditions, about 20 %"
    )
    rows = under.sample(30, Seeds(1), first_row=0)
    assert under.holds(rows).all()
    assert not under.holds(people(100)).all()


def test_refined_rows_satisfy_and_follow_conditions_too():
    synthesizer = Synthesizer(quality="best").fit(people().select("age", "income", "pay", "city"))
    assert synthesizer._fitted.chain.refinement is not None
    rows = synthesizer.sample(3000, given={"income": ">50K", "pay": (500.0, 1500.0)})
    assert rows["income"].eq(">50K").all()
    assert rows["pay"].is_between(500, 1500).all()
    real = people(60_000, seed=9).filter(pl.col("income") == ">50K")
    assert abs(rows["age"].mean() - real["age"].mean()) < 1.0
