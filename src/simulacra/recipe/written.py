"""From an instruct recipe to what the generator works with: every default settled."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import RecipeError
from ..generate.instruct.draw import Draw, read_seeds, stamp_of
from ..generate.instruct.lines import MAGPIE, user_turn
from ..generate.instruct.plan import Axis
from ..generate.instruct.spec import Conversation, Evolution, Field, Spec
from . import instruct as entries

__all__ = ["choose_balance", "to_spec", "uses", "writers"]

_TOGETHER = 512
_MOST_AXES = 3


def to_spec(recipe: entries.Recipe) -> Spec:
    """Return the normal form of a recipe; reads its file of examples.

    Errors: DataError for a file that cannot be read, RecipeError for examples that are no records.
    """
    axes = tuple(_axis(name, entry) for name, entry in recipe.axes.items())
    balance = tuple(recipe.balance) if recipe.balance is not None else choose_balance(axes)
    return Spec(
        instruction=recipe.instruction,
        fields=tuple(_field(name, entry) for name, entry in recipe.fields.items()),
        axes=axes,
        balance=balance,
        prompt=recipe.prompt,
        system=recipe.system,
        many=recipe.many,
        examples=_examples(recipe.examples),
        shown=recipe.shown,
        pool=recipe.pool,
        writers=writers(recipe.models),
        turns={role: tuple(models) for role, models in recipe.models.items() if isinstance(models, list)},
        parameters={"temperature": recipe.temperature, **recipe.parameters},
    )


def choose_balance(axes: tuple[Axis, ...]) -> tuple[str, ...]:
    """Return the first axes, three at most, whose combinations are at most 512.

    How many rows are wanted plays no part: a run that is extended keeps its plan.
    """
    chosen: list[str] = []
    cells = 1
    for axis in axes:
        if not axis.parent and len(chosen) < _MOST_AXES and cells * len(axis.levels) <= _TOGETHER:
            chosen.append(axis.name)
            cells *= len(axis.levels)
    return tuple(chosen)


def writers(models: Mapping[str, str | list[str]]) -> tuple[str, ...]:
    """Return the names of the models that write, in turn: those of the first role."""
    if not models:
        return ()
    first = next(iter(models.values()))
    return (first,) if isinstance(first, str) else tuple(first)


def uses(recipe: entries.Recipe) -> list[tuple[str, str]]:
    """Return (model, use) of what not every model can do, see `models.profile.Profile.unfit`."""
    writing = writers(recipe.models)
    found = [(model, "evolve") for one in recipe.fields.values() if one.evolve is not None for model in writing]
    for name, options in (next(iter(one.items())) for one in recipe.checks if isinstance(one, dict)):
        if name in ("judge", "pairwise"):
            named = options.get("models") or list(recipe.models)[:1]
            found += [(model, "judge") for role in named for model in writers({"": recipe.models.get(role, role)})[:1]]
        if name == "language" and options.get("code", "en") != "en":
            found += [(model, "languages") for model in writing]
    return found


def _axis(name: str, entry: Any) -> Axis:
    if isinstance(entry, entries.AxisEntry):
        return Axis(name, parent=entry.given, below=entry.levels)
    return Axis(name, levels=entry)


def _field(name: str, entry: entries.FieldEntry) -> Field:
    common: dict[str, Any] = {"about": entry.about, "when": entry.when, "deliver": entry.deliver}
    common |= {"schema": entry.json_schema(), "models": tuple(entry.models)}
    if entry.draw is not None:
        return Field(name, "drawn", draw=_draw(entry.draw), **common)
    if entry.template is not None:
        return Field(name, "template", text=entry.template, **common)
    if entry.evolve is not None:
        grown = Evolution(entry.evolve.of, entry.evolve.rounds, tuple(entry.evolve.ways))
        return Field(name, "evolved", evolve=grown, **common)
    common |= {"cut": entry.cut, "begins": entry.begins, "system": entry.system, "parameters": entry.parameters}
    if entry.magpie is not None:
        usual = {"parameters": {**MAGPIE, **entry.parameters}, "cut": entry.cut or "sentence"}
        return Field(name, "continued", text=user_turn(entry.magpie), **common | usual)
    if entry.continues is not None:
        return Field(name, "continued", text=entry.continues, **common)
    if entry.prompt is not None:
        return Field(name, "asked", text=entry.prompt, **common)
    if entry.conversation is not None:
        said = entry.conversation
        talk = Conversation(said.rounds, said.user, said.assistant, said.continues)
        return Field(name, "conversation", conversation=talk, **common)
    return Field(name, **common)


def _draw(entry: entries.Draw) -> Draw:
    kind: Any = entry.kind
    if entry.given is not None:
        below: Any = entry.category
        return Draw(kind, parent=entry.given, below=below)
    levels: Any = entry.category if kind == "category" else entry.persona if isinstance(entry.persona, dict) else {}
    low, high = entry.integer or entry.number or entry.date or (0, 1)
    path = entry.row_of or entry.passage_of or ""
    return Draw(
        kind,
        levels,
        low=low,
        high=high,
        path=path,
        words=entry.words,
        decimals=entry.decimals,
        count=entry.count,
        stamp=stamp_of(Path(path)) if path else (),
    )


def _examples(given: list[dict[str, Any]] | str | None) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    if isinstance(given, str):
        rows = read_seeds(given)
    else:
        rows = [(f"example:{number}", row) for number, row in enumerate(given or (), 1)]
    for name, row in rows:
        if not isinstance(row, Mapping):
            raise RecipeError("an example is a record: names and values", where=name, hint="see docs/instruct.md")
    return tuple(rows)
