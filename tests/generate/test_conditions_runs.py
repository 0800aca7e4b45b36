"""Runs under conditions: the recipe says so, workers change nothing, and rows of the same kind are the judges."""

import numpy as np
import polars as pl
import pytest

from simulacra.api import load_recipe, make_recipe, plan_recipe, run_recipe
from simulacra.cli.main import run_command
from simulacra.contracts import Silent
from simulacra.errors import RecipeError, UserError
from simulacra.generate.table import TableGenerator
from simulacra.recipe import Recipe, Source
from simulacra.run.conditions import arrange, conditioned, conditions_text
from simulacra.run.runner import fingerprint
from simulacra.run.source import prepare
from simulacra.seeds import Seeds
from simulacra.testing import example_table


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("source") / "people.csv"
    example_table(900).frame.write_csv(path)
    return path


def test_a_run_under_conditions_is_judged_by_rows_that_satisfy_them(source, tmp_path):
    recipe = make_recipe(source, rows=400, quality="fast", given={"city": ["Aachen", "Bonn"], "age": (30, 60)})
    record = run_recipe(recipe, tmp_path / "one")
    rows = record.synthetic.frame
    assert rows.height == 400
    assert rows["age"].is_between(30, 60).all()
    assert record.real["age"].is_between(30, 60).all()
    assert not record.real["city"].eq("Celle").any()
    assert record.holdout["age"].is_between(30, 60).all()
    told = " ".join(record.notes)
    assert "Every row satisfies: city = Aachen|Bonn, age = 30..60." in told
    assert "compared with the real rows that satisfy the conditions: about" in told
    again = load_recipe(tmp_path / "one" / "recipe.yaml")
    assert again.given == {"city": ["Aachen", "Bonn"], "age": "30..60"}
    run_recipe(again, tmp_path / "two", workers=2)
    assert (tmp_path / "one" / "data.parquet").read_bytes() == (tmp_path / "two" / "data.parquet").read_bytes()


def test_levels_of_real_rows_outside_the_conditions_are_valid(tmp_path):
    rng = np.random.default_rng(5)
    country = rng.choice(["us", "de", "fr", "pl"], 1200, p=[0.85, 0.06, 0.05, 0.04])
    member = np.where((country != "us") & (rng.random(1200) < 0.95), "no", rng.choice(["yes", "no"], 1200))
    table = pl.DataFrame({"country": country, "member": member, "age": rng.integers(18, 80, 1200)})
    table = table.filter(~((pl.col("country") == "pl") & (pl.col("member") == "yes")))
    table.write_csv(tmp_path / "people.csv")
    recipe = make_recipe(tmp_path / "people.csv", rows=3000, quality="fast", given=["member=yes"])
    record = run_recipe(recipe, tmp_path / "out")
    assert "pl" in set(record.synthetic.frame["country"])  # not one real member is from there
    assert "pl" not in set(record.real["country"])
    scores = {score.name: score for score in record.assessment.scores}
    assert scores["validity.schema"].value == 1.0
    assert record.assessment.families["validity"].verdict == "pass"
    whole = run_recipe(make_recipe(tmp_path / "people.csv", rows=50, quality="fast"), tmp_path / "whole").assessment
    assert [score.name for score in record.assessment.scores] == [score.name for score in whole.scores]
    assert [one.gate for one in record.assessment.gates] == [one.gate for one in whole.gates]
    assert set(record.assessment.risks) == set(whole.risks)


def test_a_balanced_run_is_judged_by_rows_of_the_same_shares(source, tmp_path):
    words = [
        "synthesize",
        str(source),
        "--rows",
        "301",
        "--quality",
        "fast",
        "--balance",
        "city",
        "--given",
        "age=20..",
    ]
    run_command([*words, "-o", str(tmp_path), "-q"])
    rows = pl.read_parquet(tmp_path / "data.parquet")
    assert sorted(rows["city"].value_counts()["count"].to_list()) == [100, 100, 101]
    recipe = load_recipe(tmp_path / "recipe.yaml")
    assert (recipe.balance, recipe.given) == ("city", ["age=20.."])
    record = run_recipe(recipe, tmp_path)
    assert record.real["city"].value_counts()["count"].n_unique() == 1
    assert any("drawn to the same shares, as many of each level as the rarest has" in note for note in record.notes)


def test_without_a_kept_out_row_of_this_kind_privacy_is_unknown(source, tmp_path):
    unseen = tmp_path / "unseen.csv"
    example_table(60, seed=4).frame.filter(pl.col("city") != "Celle").write_csv(unseen)
    recipe = make_recipe(source, rows=100, quality="fast", given=["city=Celle"], holdout=str(unseen))
    record = run_recipe(recipe, tmp_path / "out")
    assert record.holdout is None
    assert record.assessment.families["privacy"].verdict == "unknown"
    assert any("No row of the hold-out satisfies the conditions" in note for note in record.notes)


def test_the_fingerprint_covers_the_conditions():
    bare = Recipe(source=Source(path="x.csv"))
    recipes = [bare, *(bare.model_copy(update=change) for change in ({"given": ["age=3"]}, {"balance": "city"}))]
    assert len({fingerprint(recipe, "digest") for recipe in recipes}) == 3
    assert conditions_text(bare) == ""


def test_conditions_that_mean_the_same_are_the_same_run(source, tmp_path):
    said = [
        {"age": (30, 40), "city": ["Celle", "Bonn"]},
        ["city=Bonn|Celle", "age=30..40"],
        ["city=Celle|Bonn", "age=30..", "age=..40"],
    ]
    first = run_recipe(make_recipe(source, rows=20, quality="fast", given=said[0]), tmp_path).synthetic.frame
    for given in said[1:]:
        again = run_recipe(make_recipe(source, rows=20, quality="fast", given=given), tmp_path).synthetic.frame
        assert again.equals(first)
    with pytest.raises(UserError, match="another run"):
        run_recipe(make_recipe(source, rows=20, quality="fast", given=["city=Bonn", "age=30..40"]), tmp_path)


def test_rejected_rows_leave_a_balanced_table_exact(source):
    recipe = make_recipe(source, rows=90, quality="fast", balance="city")
    prepared = prepare(recipe)
    fitted = TableGenerator("fast").fit(prepared.train, Seeds(0), Silent())
    fitted = conditioned(fitted, conditions_text(recipe))
    made = fitted.sample(200, Seeds(0).child("rows", "batch", 0))
    accepted = made.filter(~((pl.col("city") == "Bonn") & (pl.int_range(pl.len()) % 3 == 0)))
    rows = arrange(fitted, recipe, accepted, 90)
    assert rows["city"].value_counts()["count"].to_list() == [30, 30, 30]
    assert rows.equals(arrange(fitted, recipe, accepted, 100).head(90))
    short = arrange(fitted, recipe, made.filter(pl.col("city") != "Bonn"), 90)
    assert short.height < 3


def test_a_generator_without_conditions_says_so():
    fitted = object()
    with pytest.raises(RecipeError, match="given: this generator takes no conditions"):
        conditioned(fitted, '{"given": ["a=1"], "balance": null}')
    assert conditioned(fitted, "") is fitted


def test_the_command_line_tells_a_wrong_condition(source, tmp_path, capsys):
    assert run_command(["synthesize", str(source), "--given", "ctiy=Bonn", "-o", str(tmp_path / "out")]) == 2
    assert "given: there is no column 'ctiy'. Did you mean 'city'?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("conditions", "balance", "message"),
    [
        (["city=Bon"], None, "there is no level 'Bon' that was learned. Did you mean 'Bonn'"),
        (["age=..20", "age=30.."], None, "contradict each other"),
        ([], "ctiy", "balance: there is no column 'ctiy'. Did you mean 'city'"),
        (["age=old"], None, "'old' is not an integer"),
    ],
)
def test_a_wrong_condition_is_told_before_anything_is_learned(source, conditions, balance, message):
    recipe = make_recipe(source, given=conditions, balance=balance)
    with pytest.raises(UserError, match=message):
        plan_recipe(recipe)
