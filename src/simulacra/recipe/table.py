"""The recipe of a run over a table: what to make, from what, how, and what it must satisfy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import yaml
from pydantic import Field

from .reading import Movable, Strict, dump_yaml, locate, resolve, validate

__all__ = ["Recipe", "Source", "locate", "recipe_json_schema", "resolve", "validate_recipe"]


class Source(Strict):
    """Where the real rows are and which of them the generator must not see."""

    path: str = Field(description="the real table; relative to the recipe's folder")
    holdout: float | int | str = Field(
        default="auto",
        description="share of rows kept out of training, 0 for none, 'auto' for the stated rule, or a file",
    )


class Recipe(Movable):
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

    def with_paths(self, change: Callable[[str], str]) -> Recipe:
        """Return the recipe with its paths changed."""
        source = self.source
        holdout = source.holdout
        if isinstance(holdout, str) and holdout != "auto":
            holdout = change(holdout)
        return self.model_copy(
            update={"source": source.model_copy(update={"path": change(source.path), "holdout": holdout})}
        )

    def to_yaml(self) -> str:
        """Return the text of recipe.yaml."""
        return dump_yaml(self.model_dump(mode="json"))


def recipe_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a recipe, for editors."""
    return Recipe.model_json_schema()


def validate_recipe(content: dict[str, Any], *, where: str, root: yaml.Node | None = None) -> Recipe:
    """Return the recipe that `content` describes; RecipeError naming the first thing wrong with it."""
    return validate(Recipe, content, where=where, root=root)
