"""The recipe of rows that models write under an instruction: fields, axes of variation, checks, models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from ..errors import RecipeError
from ..generate.instruct.plan import MOST_CELLS
from ..generate.instruct.templates import names_in
from .reading import Movable, Strict, dump_yaml, locate, resolve

__all__ = ["AxisEntry", "Draw", "FieldEntry", "Recipe", "Talk", "locate", "resolve"]

TYPES: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "list": {"type": "array", "items": {"type": "string"}},
}


def _weights(levels: Any) -> Any:
    """Return a list of levels as levels of weight 1; "yes" and 2024 in YAML are no texts, and are meant as such."""
    if isinstance(levels, list):
        levels = dict.fromkeys((_text(level) for level in levels), 1.0)
    if isinstance(levels, Mapping):
        return {_text(level): float(w) if isinstance(w, int | float) else w for level, w in levels.items()}
    return levels


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int | float) else value


def _date(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


Levels = Annotated[dict[str, Annotated[float, Field(gt=0)]], BeforeValidator(_weights), Field(min_length=1)]
Day = Annotated[str, BeforeValidator(_date), Field(pattern=r"^\d{4}-\d\d-\d\d$")]


_WAYS = ("prompt", "template", "draw", "conversation", "continues", "evolve", "magpie")


class AxisEntry(Strict):
    """An axis whose levels depend on the level of another one."""

    given: str = Field(description="the axis on whose level these depend")
    levels: dict[str, Levels] = Field(description="level of that axis -> levels of this one")


class Draw(Strict):
    """A field that is drawn: just one of category, integer, number, date, persona, row_of, passage_of."""

    category: Levels | dict[str, Levels] | None = None
    given: str | None = Field(default=None, description="the field or axis on which the categories depend")
    integer: tuple[int, int] | None = Field(default=None, strict=False, description="bounds, both included")
    number: tuple[float, float] | None = Field(default=None, strict=False)
    decimals: int = Field(default=2, ge=0, le=12)
    date: tuple[Day, Day] | None = Field(default=None, strict=False, description="first and last day")
    persona: bool | Levels | None = Field(default=None, description="true: from our list; or your own")
    row_of: str | None = Field(default=None, description="a seed file: .jsonl, .json, .csv, .parquet, or a text a line")
    passage_of: str | None = Field(default=None, description="a folder of documents, or one of them")
    words: int = Field(default=200, ge=10, le=5000, description="of a passage, about")
    count: int = Field(default=1, ge=1, le=50, description="rows or passages at once")

    @property
    def kind(self) -> str:
        """What is drawn."""
        kinds = ("category", "integer", "number", "date", "persona", "row_of", "passage_of")
        return next((kind for kind in kinds if getattr(self, kind) not in (None, False)), "")

    @model_validator(mode="after")
    def _one(self) -> Draw:
        kinds = ("category", "integer", "number", "date", "persona", "row_of", "passage_of")
        named = [kind for kind in kinds if getattr(self, kind) not in (None, False)]
        if len(named) != 1:
            raise ValueError(f"give just one of {', '.join(kinds)}")
        for kind in ("integer", "number", "date"):
            bounds = getattr(self, kind)
            if bounds is not None and bounds[0] > bounds[1]:
                raise ValueError(f"the bounds of {kind} are the wrong way round: {bounds[0]} > {bounds[1]}")
        nested = self.category is not None and any(isinstance(inner, dict) for inner in self.category.values())
        if nested != (self.given is not None):
            raise ValueError("categories by level need `given`, and the other way round")
        return self


class Talk(Strict):
    """A conversation between a made-up user and an assistant."""

    rounds: int = Field(default=2, ge=1, le=20, description="pairs of turns")
    user: str = Field(description="template: who the user is and what they want")
    assistant: str = Field(default="", description="template: the assistant's system prompt")
    continues: str = Field(
        default="", description="template: a script that a model goes on with; user and assistant name its speakers"
    )


class Evolve(Strict):
    """A field that makes an earlier one harder, round by round."""

    of: str = Field(description="the field to be evolved")
    rounds: int = Field(default=2, ge=1, le=8)
    ways: list[Literal["deepen", "constrain", "concretise", "broaden"]] = Field(
        default_factory=list, description="[]: all"
    )


class FieldEntry(Strict):
    """One field of a record: written with the others, or by a call, template, draw or conversation of its own."""

    type: Literal["string", "integer", "number", "boolean", "list"] = "string"
    about: str = Field(default="", description="what it holds, in words for the model")
    choices: list[str] | None = Field(default=None, min_length=1, description="the only values it may have")
    schema_: dict[str, Any] | None = Field(default=None, alias="schema", description="JSON schema, for other types")
    prompt: str | None = Field(default=None, description="template: the question of a call for this field alone")
    template: str | None = Field(default=None, description="template: filled in, without a model")
    draw: Draw | None = None
    conversation: Talk | None = None
    continues: str | None = Field(default=None, description="template: raw text that the model goes on with")
    magpie: str | None = Field(
        default=None, description="template of a system prompt: the model writes the user's turn"
    )
    begins: str = Field(default="", description="template: how the continued text begins")
    cut: Literal["", "question", "sentence", "line"] = Field(default="", description="keep what is whole of a text")
    evolve: Evolve | None = None
    system: str = Field(default="", description="template: system prompt of a call for this field alone")
    parameters: dict[str, Any] = Field(default_factory=dict, description="of a call for this field alone")
    when: str = Field(default="", description="condition on earlier fields; where it does not hold there is no value")
    models: list[str] = Field(
        default_factory=list, description="who answers; several: side by side, or the two of a talk"
    )
    deliver: bool = Field(default=True, description="false: only for other fields to use")

    @model_validator(mode="after")
    def _one(self) -> FieldEntry:
        ways = [way for way in _WAYS if getattr(self, way) is not None]
        if len(ways) > 1:
            raise ValueError(f"a field is made in one way, not by {' and '.join(ways)}")
        own = {"prompt", "continues", "magpie", "conversation"} & set(ways)
        if self.begins and not own - {"prompt"}:
            raise ValueError("`begins` goes with `continues`: it is how the continued text begins")
        if (self.parameters or self.cut or self.system) and not own:
            raise ValueError(
                "`parameters`, `system` and `cut` go with `prompt`, `continues` or `magpie`, a call of the field's own"
            )
        self._check_models()
        return self

    def _check_models(self) -> None:
        talk = self.conversation is not None and not self.conversation.continues
        line = self.continues is not None or self.magpie is not None
        if self.models and not talk and not line and self.prompt is None:
            raise ValueError("`models` goes with `prompt`, `continues`, `magpie` or a conversation of two sides")
        if line and len(self.models) > 1:
            raise ValueError("one model goes on with a text; several side by side go with `prompt`")
        if talk and len(self.models) > 2:
            raise ValueError("a conversation has two sides: name the assistant's model, or first the user's")
        if len(set(self.models)) < len(self.models):
            raise ValueError("`models` names one twice: give the second a role of its own")

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of the field's value."""
        if self.schema_ is not None:
            return self.schema_
        if self.choices:
            return {"type": "string", "enum": self.choices}
        return TYPES[self.type]


class Recipe(Movable):
    """One run: rows that models write under an instruction."""

    simulacra: Literal[1] = Field(default=1, description="version of the recipe format")
    method: Literal["instruct"] = "instruct"
    instruction: str = Field(min_length=1, description="what is wanted, in a person's words; told to the model")
    rows: int = Field(default=100, ge=1, le=10_000_000, description="accepted rows to deliver")
    seed: int = Field(default=0, ge=0)
    models: dict[str, str | list[str]] = Field(
        default_factory=dict, description="role -> model; the first role writes; a list takes turns"
    )
    system: str = Field(default="", description="template: system prompt of the call that writes")
    prompt: str = Field(default="", description="template of the call that writes; empty: the usual one")
    temperature: float = Field(default=0.9, ge=0, le=2)
    parameters: dict[str, Any] = Field(default_factory=dict, description="more parameters of the calls, e.g. top_p")
    axes: dict[str, Levels | AxisEntry] = Field(default_factory=dict, description="ways in which rows differ")
    balance: list[str] | None = Field(
        default=None, description="axes whose combinations get equal shares; null: as many of the first as go together"
    )
    examples: list[dict[str, Any]] | str | None = Field(default=None, description="records shown, or a file of them")
    shown: int = Field(default=3, ge=1, le=50, description="examples shown at a time")
    pool: int = Field(default=0, ge=0, le=20, description="accepted rows shown beside the examples (Self-Instruct)")
    fields: dict[str, FieldEntry] = Field(min_length=1)
    many: int = Field(default=1, ge=1, le=100, description="records that one call writes")
    checks: list[str | dict[str, dict[str, Any]]] = Field(default_factory=list, description="see docs/instruct.md")
    tries: int = Field(default=12, ge=1, le=1000, description="tries of one slot of the plan")
    attempts: int | None = Field(default=None, ge=1, description="ceiling on attempts; null: 6 a row and 50")
    gates: list[str] | None = None
    format: Literal["parquet", "csv", "jsonl"] = "jsonl"

    @field_validator("fields", "axes")
    @classmethod
    def _names(cls, value: dict[str, Any]) -> dict[str, Any]:
        for name in value:
            if not name.isidentifier() or name.startswith("_"):
                raise ValueError(f"{name!r} is no name: use letters, digits and _, the first one a letter")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Recipe:
        if twice := set(self.axes) & set(self.fields):
            raise ValueError(f"{sorted(twice)[0]!r} is an axis and a field: rename one of them")
        _check_axes(self.axes, self.balance)
        _check_order(self)
        return self

    def with_paths(self, change: Callable[[str], str]) -> Recipe:
        """Return the recipe with its paths changed."""
        fields = {}
        for name, one in self.fields.items():
            if one.draw is not None:
                paths = {key: change(path) for key in ("row_of", "passage_of") if (path := getattr(one.draw, key))}
                one = one.model_copy(update={"draw": one.draw.model_copy(update=paths)})
            fields[name] = one
        examples = change(self.examples) if isinstance(self.examples, str) else self.examples
        return self.model_copy(update={"fields": fields, "examples": examples})

    def to_yaml(self) -> str:
        """Return the text of recipe.yaml, without what is left at its default."""
        content = self.model_dump(mode="json", exclude_defaults=True, by_alias=True)
        for one in content["fields"].values():
            if isinstance(drawn := (one.get("draw") or {}).get("category"), dict):
                nested = any(isinstance(inner, dict) for inner in drawn.values())
                named = {name: _plain(inner) for name, inner in drawn.items()} if nested else _plain(drawn)
                one["draw"] = {**one["draw"], "category": named}
        for name in ("axes",):
            content[name] = {axis: _plain(levels) for axis, levels in content.get(name, {}).items()}
        ordered = {"simulacra": 1, "method": "instruct", **{key: value for key, value in content.items() if value}}
        return dump_yaml(ordered)


def _plain(levels: Any) -> Any:
    """Return levels of one weight as a list, which is easier to edit."""
    if not isinstance(levels, dict):
        return levels
    if "given" in levels and isinstance(levels.get("levels"), dict):
        return {**levels, "levels": {name: _plain(inner) for name, inner in levels["levels"].items()}}
    return list(levels) if set(levels.values()) == {1.0} else levels


def _check_axes(axes: Mapping[str, Any], balance: list[str] | None) -> None:
    for name, axis in axes.items():
        if not isinstance(axis, AxisEntry):
            continue
        above = axes.get(axis.given)
        if above is None or list(axes).index(axis.given) > list(axes).index(name):
            raise ValueError(f"axis {name!r} depends on {axis.given!r}, which is no axis before it")
        levels = set(
            above if not isinstance(above, AxisEntry) else (x for inner in above.levels.values() for x in inner)
        )
        if missing := levels - set(axis.levels):
            raise ValueError(f"axis {name!r} has no levels for {sorted(missing)[0]!r} of {axis.given!r}")
    cells = 1
    for name in balance or ():
        if name not in axes or isinstance(axes[name], AxisEntry):
            raise ValueError(f"{name!r} cannot be balanced: it is no axis with levels of its own")
        cells *= len(axes[name])
    if cells > MOST_CELLS:
        raise ValueError(f"the balanced axes have {cells:,} combinations, at most {MOST_CELLS:,} go: balance fewer")


def _check_order(recipe: Recipe) -> None:
    """Raise a ValueError for a template that reads what is not there yet."""
    known = {*recipe.axes, "instruction", "examples"}
    writing = [name for name, one in recipe.fields.items() if _is_written(one)]
    for name, one in recipe.fields.items():
        talk = one.conversation
        texts = [
            one.when,
            one.prompt or "",
            one.template or "",
            one.continues or "",
            one.magpie or "",
            one.begins,
            one.system,
            *((talk.user, talk.assistant, talk.continues) if talk else ()),
        ]
        texts[0] = f"{{{{ {one.when} }}}}" if one.when and "{" not in one.when else one.when
        if name in writing[:1]:
            texts += [recipe.prompt, recipe.system]
        needs = set().union(*(_names_in(text, name) for text in texts))
        if one.draw is not None and one.draw.given is not None:
            needs.add(one.draw.given)
            _check_levels(recipe, name, one.draw)
        if one.evolve is not None:
            needs.add(one.evolve.of)
        if lost := sorted(needs - known):
            raise ValueError(f"field {name!r} reads {lost[0]!r}, which is no axis and no field before it")
        known |= set(writing) if name in writing[:1] else {name} if name not in writing else set()
    roles = {"", *recipe.models}
    for name, one in recipe.fields.items():
        for model in one.models:
            if model not in roles and not _is_model(model):
                raise ValueError(f"field {name!r} asks {model!r}, which is no role of `models` and no model's name")


def _check_levels(recipe: Recipe, name: str, draw: Draw) -> None:
    """Raise a ValueError for a level of the axis or field that a draw depends on, and that it has no categories for."""
    assert draw.given is not None
    above: Any = recipe.axes.get(draw.given)
    if isinstance(above, AxisEntry):
        above = {level for inner in above.levels.values() for level in inner}
    elif above is None and draw.given in recipe.fields and (drawn := recipe.fields[draw.given].draw) is not None:
        above = drawn.category if drawn.given is None else None
    if missing := set(above or ()) - set(draw.category or ()):
        raise ValueError(f"field {name!r} has no categories for {sorted(map(str, missing))[0]!r} of {draw.given!r}")


def _names_in(text: str, field: str) -> set[str]:
    try:
        return names_in(text)
    except RecipeError as error:
        raise ValueError(f"field {field!r}: {error.seen}") from error


def _is_written(one: FieldEntry) -> bool:
    return all(getattr(one, way) is None for way in _WAYS)


def _is_model(text: str) -> bool:
    return ":" in text or text in ("embedded", "echo")
