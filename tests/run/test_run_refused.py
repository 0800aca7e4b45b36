"""Runs over tables that are refused: the reason names what is wrong, and the folder stays free."""

import polars as pl
import pytest

from simulacra import api
from simulacra.errors import RecipeError, SchemaError, UserError


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "people.csv"
    frame = pl.DataFrame({"age": [18 + k * 7 % 30 for k in range(120)], "city": ["Bonn", "Celle", "Trier"] * 40})
    frame.with_columns(late=pl.col("age") + 5).write_csv(path)
    return path


def test_a_condition_without_support_leaves_the_folder_free(table, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(UserError, match=r"'200\.\.' has no support"):
        api.run_recipe(api.make_recipe(table, quality="fast", given=["age=200.."]), out)
    record = api.run_recipe(api.make_recipe(table, quality="fast", rows=20), out)
    assert record.synthetic.frame.height == 20


def test_rules_against_each_other_are_both_named_before_the_rows_are_asked(table, tmp_path):
    schema = tmp_path / "schema.yaml"
    schema.write_text("constraints:\n- age <= 30\n- late < 90\n- age >= 40\n")
    with pytest.raises(SchemaError, match=r"line 4: the constraints 'age >= 40' and 'age <= 30' cannot hold together"):
        api.make_recipe(table, schema=schema)
    schema.write_text("constraints:\n- age <= 30\n")
    with pytest.raises(SchemaError, match="line 2: the real table breaks the constraint 'age <= 30'"):
        api.make_recipe(table, schema=schema)


def test_a_column_without_levels_is_refused_before_anything_is_learned(table):
    with pytest.raises(RecipeError, match="'age' is an integer, which has no levels to balance"):
        api.plan_recipe(api.make_recipe(table, balance="age"))
