from pathlib import Path

import pytest

from simulacra.errors import RecipeError
from simulacra.recipe import Recipe, Source, locate, read_recipe, recipe_json_schema

GOOD = """\
simulacra: 1
source:
  path: people.csv
  holdout: 0.2
rows: 50
seed: 3
"""


def _read(tmp_path: Path, text: str) -> Recipe:
    path = tmp_path / "recipe.yaml"
    path.write_text(text)
    return read_recipe(path)


def test_a_recipe_counts_its_paths_from_its_own_folder(tmp_path: Path) -> None:
    recipe = _read(tmp_path, GOOD)
    assert (recipe.source.path, recipe.rows, recipe.quality) == (str(tmp_path / "people.csv"), 50, "best")


def test_a_recipe_comes_back_from_its_text(tmp_path: Path) -> None:
    recipe = _read(tmp_path, GOOD)
    out = tmp_path / "deep" / "out"
    out.mkdir(parents=True)
    text = locate(recipe, out).to_yaml()
    assert str(tmp_path) not in text
    (out / "recipe.yaml").write_text(text)
    assert read_recipe(out / "recipe.yaml") == recipe


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace("rows: 50", "rwos: 50"), r"recipe.yaml:5: rwos: a recipe has no such entry. Did you mean 'rows'"),
        (GOOD.replace("  holdout", "  hold_out"), r"recipe.yaml:4: source.hold_out: .*Did you mean 'holdout'"),
        (GOOD.replace("50", "0"), r"recipe.yaml:5: rows: Input should be greater than or equal to 1"),
        (GOOD.replace("50", "many"), r"recipe.yaml:5: rows: Input should be a valid integer"),
        (GOOD.replace("  path: people.csv\n", ""), r"source.path: this entry is required"),
        ("rows: [1", r"recipe.yaml:\d: this is not YAML"),
        ("- 1\n- 2", r"a recipe is a mapping of names to values"),
        (GOOD.replace("simulacra: 1", "simulacra: 2"), r"recipe.yaml:1: simulacra: Input should be 1"),
    ],
)
def test_errors_name_file_line_and_entry(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        _read(tmp_path, text)


def test_a_missing_recipe(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="the recipe cannot be read"):
        read_recipe(tmp_path / "none.yaml")


def test_the_json_schema_describes_each_entry() -> None:
    entries = recipe_json_schema()["properties"]
    assert set(entries) == set(Recipe.model_fields)
    assert all("description" in entry or "$ref" in entry for entry in entries.values())
    assert Source.model_fields["holdout"].description
