"""What a person writes: the recipe of a run, checked strictly, with errors that name the line.

A recipe is complete: with it and its source, anyone can make the same rows again. One file a method; the entry `method`
says which.
"""

from __future__ import annotations

import difflib
import importlib
from pathlib import Path
from typing import Any

from ..errors import RecipeError
from .reading import read_yaml, validate
from .table import Recipe, Source, locate, recipe_json_schema, validate_recipe

__all__ = ["METHODS", "Recipe", "Source", "locate", "method_of", "read_recipe", "recipe_json_schema", "validate_recipe"]

METHODS = ("table", "instruct", "distill", "preference", "private")
"""The methods, each the module of that name, which holds `Recipe` and `resolve(recipe, folder)`."""


def read_recipe(path: Path) -> Any:
    """Read recipe.yaml, of whatever method; relative paths in it count from the recipe's folder.

    Errors: RecipeError naming file and line for what is not readable, not YAML, or not a recipe.
    """
    content, root = read_yaml(path)
    kind = importlib.import_module(f".{method_of(content, where=str(path))}", __name__)
    return kind.resolve(validate(kind.Recipe, content, where=str(path), root=root), path.parent)


def method_of(content: dict[str, Any], *, where: str) -> str:
    """Return the method that a recipe's content asks for; RecipeError if there is no such method."""
    wanted = content.get("method", "table")
    if wanted in METHODS:
        return str(wanted)
    near = difflib.get_close_matches(str(wanted), METHODS, n=1)
    hint = f"did you mean {near[0]!r}" if near else f"there are: {', '.join(METHODS)}"
    raise RecipeError(f"there is no method {wanted!r}", where=where, hint=hint)
