"""Conditions on columns that rules rewrite: sums, dates in order, labels; the rules still hold."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from test_complete import keeps_the_rules, shop

from simulacra import Synthesizer
from simulacra.errors import DataError, RecipeError


@pytest.fixture(scope="module")
def learned():
    return Synthesizer(quality="fast").fit(shop())


@pytest.mark.parametrize(
    ("conditions", "true"),
    [
        (["total=100..150"], pl.col("total").is_between(100, 150)),
        (["total=100..150", "tax=10..20"], pl.col("total").is_between(100, 150) & pl.col("tax").is_between(10, 20)),
        (["label=fig|kiwi"], pl.col("label").is_in(["fig", "kiwi"])),
        (["label=fig|kiwi", "code=C3"], pl.col("code") == "C3"),
        (["came=2020-03"], (pl.col("came").dt.year() == 2020) & (pl.col("came").dt.month() == 3)),
        (["sent=2020-03", "came=..2020-04-02"], pl.col("sent").dt.month() == 3),
    ],
    ids=str,
)
def test_conditions_and_rules_both_hold(learned, conditions, true):
    rows = learned.sample(150, given=conditions)
    assert rows.select(true.alias("true"))["true"].all()
    keeps_the_rules(rows)
    assert_frame_equal(rows.head(30), learned.sample(30, given=conditions))


def test_a_label_and_a_code_that_do_not_belong_together_contradict_each_other(learned):
    with pytest.raises(RecipeError, match="contradict each other"):
        learned.sample(10, given=["label=fig", "code=C1"])


def test_a_label_is_known_by_its_name(learned):
    with pytest.raises(
        RecipeError, match=r"given .label.: there is no level 'figg' that was learned. Did you mean 'fig'"
    ):
        learned.sample(10, given=["label=figg"])


def test_a_sum_out_of_reach_has_no_support(learned):
    with pytest.raises(DataError, match=r"given: of .* candidates only 0 satisfy the conditions\. Loosen a condition"):
        learned.sample(10, given=["total=9000.."])


def test_labels_can_be_balanced(learned):
    rows = learned.sample(100, balance="label")
    assert sorted(rows["label"].value_counts()["count"].to_list()) == [20] * 5
    keeps_the_rules(rows)
