"""What a person writes: the recipe of a run, checked strictly, with errors that name the line.

A recipe is complete: with it and its source, anyone can make the same rows again.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .data.files import read_text
from .errors import RecipeError

__all__ = ["Recipe", "Source", "locate", "read_recipe", "recipe_json_schema", "validate_recipe"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Source(_Strict):
    """Where the real rows are and which of them the generator must not see."""

    path: str = Field(description="the real table; relative to the recipe's folder")
    holdout: float | int | str = Field(
        default="auto",
        description="share of rows kept out of training, 0 for none, 'auto' for the stated rule, or a file",
    )


class Recipe(_Strict):
    """One run: what to make, from what, how, and what it must satisfy."""

    simulacra: Literal[1] = Field(default=1, description="version of the recipe format")
    method: Literal["table"] = Field(default="table", description="the generator; see `simulacra list generators`")
    source: Source
    rows: int | None = Field(
        default=None, ge=1, description="accepted rows to deliver; null: as many as the source has"
    )
    seed: int = Field(default=0, ge=0, description="the same recipe and seed give the same rows")
    quality: Literal["fast", "best"] = Field(default="best", description="of the table generator")
    target: str | None = Field(default=None, description="column to predict when utility is measured")
    given: list[str] | dict[str, Any] | None = Field(
        default=None, description="conditions that every row satisfies, e.g. 'age=30..40'; see docs/conditions.md"
    )
    balance: str | None = Field(default=None, description="column whose levels get the same share of the rows")
    columns: dict[str, dict[str, Any]] | None = Field(
        default=None, description="the schema; null: inferred from the source"
    )
    constraints: list[str | dict[str, Any]] | None = Field(
        default=None,
        description="rules that every row keeps, e.g. 'start <= end'; those found in the source are added, "
        "unless entries marked `found:` are there already",
    )
    gates: list[str] | None = Field(
        default=None, description="e.g. 'privacy.copies <= floor + 0.002'; null: the defaults"
    )
    format: Literal["parquet", "csv", "jsonl"] = Field(default="parquet", description="of the delivered data file")

    def to_yaml(self) -> str:
        """Return the text of recipe.yaml."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=120)


def recipe_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a recipe, for editors."""
    return Recipe.model_json_schema()


def read_recipe(path: Path) -> Recipe:
    """Read recipe.yaml; a relative source path counts from the recipe's folder.

    Errors: RecipeError naming file and line for what is not readable, not YAML, or not a recipe.
    """
    text = read_text(path, "the recipe", RecipeError)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise RecipeError(f"this is not YAML ({getattr(error, 'problem', error)})", where=where) from error
    if not isinstance(content, dict):
        raise RecipeError("a recipe is a mapping of names to values", where=str(path), hint="see docs/recipes.md")
    recipe = validate_recipe(content, where=str(path), root=root)
    return _resolve(recipe, path.parent)


def validate_recipe(content: dict[str, Any], *, where: str, root: yaml.Node | None = None) -> Recipe:
    """Return the recipe that `content` describes; RecipeError naming the first thing wrong with it."""
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        keys = [str(key) for key in first["loc"]]
        line = _line(root, keys)
        place = f"{where}:{line}" if line else where
        raise RecipeError(
            f"{'.'.join(keys)}: {_reason(first)}", where=place, hint=_hint(first["type"], keys)
        ) from error


def _reason(error: Any) -> str:
    if error["type"] == "extra_forbidden":
        return "a recipe has no such entry"
    if error["type"] == "missing":
        return "this entry is required"
    return str(error["msg"])


def _hint(kind: str, keys: list[str]) -> str:
    if kind != "extra_forbidden":
        return "see docs/recipes.md"
    model = Source if keys[:1] == ["source"] else Recipe
    near = difflib.get_close_matches(keys[-1], list(model.model_fields), n=1)
    return f"did you mean {near[0]!r}" if near else f"entries are: {', '.join(model.model_fields)}"


def _line(node: yaml.Node | None, keys: list[str]) -> int | None:
    """Return the line (from 1) on which the entry with this path of keys, or its nearest ancestor, stands."""
    line = None
    for key in keys:
        if not isinstance(node, yaml.MappingNode):
            break
        entry = next((pair for pair in node.value if pair[0].value == key), None)
        if entry is None:
            break
        line, node = entry[0].start_mark.line + 1, entry[1]
    return line


def _resolve(recipe: Recipe, folder: Path) -> Recipe:
    """Return the recipe with its paths, which count from `folder`, made absolute."""
    return _with_paths(recipe, lambda path: str((folder / path).resolve()))


def locate(recipe: Recipe, folder: Path) -> Recipe:
    """Return the recipe with its paths counted from `folder`, so that both can move together."""
    return _with_paths(recipe, lambda path: os.path.relpath(path, folder.resolve()))


def _with_paths(recipe: Recipe, change: Callable[[str], str]) -> Recipe:
    source = recipe.source
    holdout = source.holdout
    if isinstance(holdout, str) and holdout != "auto":
        holdout = change(holdout)
    return recipe.model_copy(
        update={"source": source.model_copy(update={"path": change(source.path), "holdout": holdout})}
    )
