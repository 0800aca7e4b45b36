"""What all recipes share: strict entries, reading YAML, and errors that name file, line and entry."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from ..data.files import read_text
from ..errors import RecipeError

__all__ = ["Movable", "Strict", "dump_yaml", "locate", "read_yaml", "resolve", "validate"]

_SEE = "see docs/recipes.md"


class Strict(BaseModel):
    """Entries of a recipe: no others than those named, of just the type named."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Movable(Strict):
    """A recipe that names files. paths : its entries that do."""

    paths: ClassVar[tuple[str, ...]] = ()

    def with_paths(self, change: Callable[[str], str]) -> Self:
        """Return the recipe with its paths changed."""
        given = {name: getattr(self, name) for name in self.paths}
        return self.model_copy(update={name: change(path) for name, path in given.items() if path is not None})


M = TypeVar("M", bound=Movable)
R = TypeVar("R", bound=BaseModel)


def resolve(recipe: M, folder: Path) -> M:
    """Return the recipe with its paths, which count from `folder`, made absolute."""
    return recipe.with_paths(lambda path: str((folder / path).resolve()))


def locate(recipe: M, folder: Path) -> M:
    """Return the recipe with its paths counted from `folder`, so that both can move together."""
    return recipe.with_paths(lambda path: os.path.relpath(path, folder.resolve()))


def dump_yaml(content: Mapping[str, Any]) -> str:
    """Return the text of a recipe.yaml, entries in the order given."""
    return yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True, width=120)


def read_yaml(path: Path) -> tuple[dict[str, Any], yaml.Node | None]:
    """Return what a recipe file says, and where each entry stands.

    Errors: RecipeError naming file and line for what is not readable, not YAML, or no mapping.
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
        raise RecipeError("a recipe is a mapping of names to values", where=str(path), hint=_SEE)
    return content, root


def validate(kind: type[R], content: dict[str, Any], *, where: str, root: yaml.Node | None = None) -> R:
    """Return the recipe of that kind that `content` describes; RecipeError naming the first thing wrong with it."""
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        keys = _path(content, first["loc"], first["type"])
        line = _line(root, keys)
        place = f"{where}:{line}" if line else where
        seen = f"{'.'.join(keys)}: {_reason(first)}" if keys else _reason(first)
        raise RecipeError(seen, where=place, hint=_hint(kind, first["type"], keys)) from error


def _path(content: Any, loc: Sequence[int | str], kind: str) -> list[str]:
    """Return the place of an error as keys of the content; names of a union's branches are left out."""
    keys = []
    for key in loc:
        inside = (isinstance(content, dict) and key in content) or (isinstance(content, list) and isinstance(key, int))
        if inside:
            content = content[key]
        elif kind != "missing" or key != loc[-1]:
            continue
        keys.append(str(key))
    return keys


def _reason(error: Any) -> str:
    if error["type"] == "extra_forbidden":
        return "a recipe has no such entry"
    if error["type"] == "missing":
        return "this entry is required"
    return str(error["msg"]).removeprefix("Value error, ")


def _hint(kind: type[BaseModel], error: str, keys: list[str]) -> str:
    if error != "extra_forbidden":
        return _SEE
    schema = kind.model_json_schema()
    entries = list(_entries(schema, schema, keys[:-1]))
    near = difflib.get_close_matches(keys[-1], entries, n=1)
    return f"did you mean {near[0]!r}" if near else f"entries are: {', '.join(entries)}"


def _entries(schema: dict[str, Any], at: dict[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """Return the entries that a mapping under these keys may have, by the JSON Schema of the whole."""
    if "$ref" in at:
        return _entries(schema, schema["$defs"][at["$ref"].rsplit("/", 1)[1]], keys)
    for option in at.get("anyOf", ()):
        if found := _entries(schema, option, keys):
            return found
    if not keys:
        return dict(at.get("properties", {}))
    inner = at.get("properties", {}).get(keys[0]) or at.get("additionalProperties") or at.get("items")
    return _entries(schema, inner, keys[1:]) if isinstance(inner, dict) else {}


def _line(node: yaml.Node | None, keys: list[str]) -> int | None:
    """Return the line (from 1) on which the entry with this path of keys, or its nearest ancestor, stands."""
    line = None
    for key in keys:
        if isinstance(node, yaml.SequenceNode) and key.isdecimal() and int(key) < len(node.value):
            node = node.value[int(key)]
            line = node.start_mark.line + 1
            continue
        if not isinstance(node, yaml.MappingNode):
            break
        entry = next((pair for pair in node.value if pair[0].value == key), None)
        if entry is None:
            break
        line, node = entry[0].start_mark.line + 1, entry[1]
    return line
