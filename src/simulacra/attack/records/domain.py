"""What a target takes and what is expected of it: fields with their bounds, rules between them, relations to hold.

Written as a JSON Schema of one record (`properties`, `required`; a pydantic model writes one), with two entries more:

    constraints: [start <= end, total = net + tax]        rules between fields, as in schema.yaml
    expect:
      output: {enum: [decline, refer, approve]}           what comes back; an enum is ordered from low to high
      monotone: {income: up, debt: down}                  more income never gives a lower output
      ignores: [name]                                     a change of these changes nothing
      rejects: [ValueError, TypeError]                    how invalid input is refused
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from ...data.constraints import Constraint, parse_constraint
from ...errors import SchemaError
from .keywords import refuse_all_but_mappings, refuse_field_words, refuse_output_words, refuse_slips, refuse_unknown

__all__ = ["Domain", "Expectation", "Field", "domain_from_dict", "domain_to_dict", "read_domain"]

FieldKind = Literal["integer", "number", "string", "boolean", "date", "datetime"]
_TYPES = ("integer", "number", "string", "boolean", "null")
_EXPECT = ("output", "monotone", "ignores", "rejects")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record. low and high are both allowed; step : values are multiples of it, 0 for any.

    levels : all allowed values, () for no list. decimals : digits after the point that valid values have, if known.
    """

    name: str
    kind: FieldKind
    low: float | str | None = None
    high: float | str | None = None
    levels: tuple[Any, ...] = ()
    pattern: str | None = None
    longest: int | None = None
    shortest: int = 0
    required: bool = True
    nullable: bool = False
    step: float = 0.0

    def refuses(self, value: Any) -> str | None:
        """Return why a value is not allowed, in a word or two, None if it is.

        >>> Field("age", "integer", 18, 99).refuses(17), Field("age", "integer", 18, 99).refuses(18)
        ('below the range', None)
        """
        if value is None:
            return None if self.nullable else "null"
        if not _is_of(value, self.kind):
            return "wrong type"
        if isinstance(value, str) and any("\ud800" <= sign <= "\udfff" for sign in value):
            return "not Unicode"  # half of a pair of surrogates
        if self.levels:
            return None if any(value == level and type(value) is type(level) for level in self.levels) else "no level"
        if self.kind in ("integer", "number"):
            return self._refuses_number(float(value) if abs(value) < 1e308 else value)
        return self._refuses_text(value) if isinstance(value, str) else None

    def _refuses_number(self, value: float) -> str | None:
        if value != value:
            return "not a number"
        if value in (float("inf"), float("-inf")):
            return "infinite"
        if self.low is not None and value < float(self.low):
            return "below the range"
        if self.high is not None and value > float(self.high):
            return "above the range"
        if self.step and abs(value / self.step - round(value / self.step)) > 1e-9 * max(1.0, abs(value / self.step)):
            return "between the steps"
        return None

    def _refuses_text(self, value: str) -> str | None:
        if self.kind in ("date", "datetime"):
            return self._refuses_day(value)
        if len(value) < self.shortest:
            return "too short"
        if self.longest is not None and len(value) > self.longest:
            return "too long"
        return "wrong format" if self.pattern and not re.search(self.pattern, value) else None

    def _refuses_day(self, value: str) -> str | None:
        try:
            read = datetime.fromisoformat(value) if self.kind == "datetime" else date.fromisoformat(value)
        except ValueError:
            return "wrong format"
        if self.kind == "date" and read.isoformat() != value:
            return "wrong format"
        if self.low is not None and value < str(self.low):
            return "below the range"
        return "above the range" if self.high is not None and value > str(self.high) else None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must hold of a target's answers.

    levels : allowed outputs, low to high, () for no list. low, high : bounds of a number. kind : "number", "boolean",
    "string" or None. monotone : field -> +1 (output rises with it) or -1. ignores : fields without effect.
    rejects : names of the exceptions by which invalid input is refused.
    """

    kind: str | None = None
    levels: tuple[Any, ...] = ()
    low: float | None = None
    high: float | None = None
    monotone: Mapping[str, int] = field(default_factory=dict)
    ignores: tuple[str, ...] = ()
    rejects: tuple[str, ...] = ("ValueError", "TypeError")


@dataclass(frozen=True, slots=True)
class Domain:
    """The records that a target takes: fields, rules between them, and what is expected of the answers."""

    fields: tuple[Field, ...]
    constraints: tuple[Constraint, ...] = ()
    expect: Expectation = Expectation()
    guessed: bool = False
    """Read off data, not told: a range says what is usual, not what is allowed."""
    closed: bool = False
    """Other fields than these are not allowed (`additionalProperties: false`)."""

    def __getitem__(self, name: str) -> Field:
        return next(one for one in self.fields if one.name == name)

    @property
    def names(self) -> list[str]:
        """The fields' names in order."""
        return [one.name for one in self.fields]


def read_domain(path: Path) -> Domain:
    """Read a domain from a .json or .yaml file; SchemaError with file and entry for what is wrong."""
    import yaml

    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, yaml.YAMLError) as error:
        seen = f"the schema cannot be read ({str(error).splitlines()[0]})"
        raise SchemaError(seen, where=str(path)) from error
    return domain_from_dict(content, where=str(path))


def domain_from_dict(content: Any, *, where: str = "schema") -> Domain:
    """Return the domain that a JSON Schema of one record describes; SchemaError naming the entry that is wrong."""
    if not isinstance(content, Mapping) or not isinstance(content.get("properties"), Mapping):
        hint = "write a JSON Schema of one record, with `properties`; see docs/edgecases.md"
        raise SchemaError("this does not describe a record", where=where, hint=hint)
    refuse_slips(content, where)
    required = content.get("required", list(content["properties"]))
    refuse_unknown(required, set(content["properties"]), f"{where}, required")
    shared = content.get("$defs", {})
    fields = tuple(
        _field(str(name), _resolved(told, shared), required=name in required, where=f"{where}, field {name!r}")
        for name, told in content["properties"].items()
    )
    rules = tuple(parse_constraint(rule, where=where) for rule in content.get("constraints", ()))
    names = {one.name for one in fields}
    for rule in rules:
        refuse_unknown(rule.columns, names, f"{where}, constraint {rule}")
    closed = content.get("additionalProperties", True) is False
    return Domain(fields, rules, _expectation(content.get("expect", {}), names, f"{where}, expect"), closed=closed)


def domain_to_dict(domain: Domain) -> dict[str, Any]:
    """Return what `domain_from_dict` reads back."""
    from ...data.constraints import constraint_to_plain

    expect = domain.expect
    output = {"type": expect.kind, "enum": list(expect.levels), "minimum": expect.low, "maximum": expect.high}
    told = {
        "output": {key: value for key, value in output.items() if value not in (None, [])},
        "monotone": {name: "up" if sign > 0 else "down" for name, sign in expect.monotone.items()},
        "ignores": list(expect.ignores),
        "rejects": list(expect.rejects),
    }
    return {
        "type": "object",
        "properties": {one.name: _plain(one) for one in domain.fields},
        "required": [one.name for one in domain.fields if one.required],
        "additionalProperties": not domain.closed,
        "constraints": [constraint_to_plain(rule) for rule in domain.constraints],
        "expect": {key: value for key, value in told.items() if value},
    }


def _resolved(told: Any, shared: Mapping[str, Any]) -> Any:
    """Return a property with its reference and its "or null" taken apart, as pydantic writes them."""
    if isinstance(told, Mapping) and isinstance(told.get("$ref"), str):
        told = {**shared.get(told["$ref"].rsplit("/", 1)[-1], {}), **{k: v for k, v in told.items() if k != "$ref"}}
    options = told.get("anyOf") if isinstance(told, Mapping) else None
    if not options:
        return told
    rest = [_resolved(one, shared) for one in options if one.get("type") != "null"]
    return {**(rest[0] if len(rest) == 1 else {}), "nullable": len(rest) < len(options)}


def _field(name: str, told: Any, *, required: bool, where: str) -> Field:
    if not isinstance(told, Mapping):
        raise SchemaError(f"{told!r} describes no field", where=where, hint="write e.g. {type: integer, minimum: 0}")
    refuse_field_words(told, where)
    kinds = told.get("type", _kind_of(told.get("enum", told.get("const"))))
    kinds = [kinds] if isinstance(kinds, str) or kinds is None else list(kinds)
    nullable = bool(told.get("nullable", False)) or "null" in kinds
    kind = next((one for one in kinds if one != "null"), None)
    if kind not in _TYPES or kind == "null":
        hint = "known are integer, number, string, boolean"
        raise SchemaError(f"the type {kind!r} is not known here", where=where, hint=hint)
    if kind == "string" and told.get("format") in ("date", "date-time"):
        kind = "date" if told["format"] == "date" else "datetime"
    step = float(told.get("multipleOf", 0) or 0)
    low, high = _bound(told, "inimum", kind, step), _bound(told, "aximum", kind, step)
    if low is not None and high is not None and low > high:  # type: ignore[operator]
        raise SchemaError(f"the range is empty: {low} to {high}", where=where)
    levels = tuple(told.get("enum", (told["const"],) if "const" in told else ()))
    return Field(
        name,
        kind,  # type: ignore[arg-type]
        low,
        high,
        tuple(level for level in levels if level is not None),
        pattern=told.get("pattern"),
        longest=told.get("maxLength"),
        shortest=int(told.get("minLength", 0)),
        required=required,
        nullable=nullable or None in levels,
        step=step,
    )


def _bound(told: Mapping[str, Any], ending: str, kind: str, step: float) -> float | str | None:
    """Return the lowest or highest allowed value; an exclusive bound is moved by the smallest step there is."""
    inclusive, exclusive = told.get(f"m{ending}"), told.get(f"exclusiveM{ending}")
    if exclusive is None or isinstance(exclusive, bool):
        return inclusive
    least = step or (1 if kind == "integer" else max(abs(exclusive), 1.0) * 2e-16)
    return float(exclusive) + (least if ending == "inimum" else -least)


def _kind_of(levels: Any) -> str | None:
    first = levels[0] if isinstance(levels, Sequence) and not isinstance(levels, str) and levels else levels
    for kind in (bool, int, float, str):
        if isinstance(first, kind):
            return {bool: "boolean", int: "integer", float: "number", str: "string"}[kind]
    return None


def _expectation(told: Any, names: set[str], where: str) -> Expectation:
    if not isinstance(told, Mapping) or set(told) - set(_EXPECT):
        raise SchemaError(f"{told!r} is no expectation", where=where, hint=f"entries are {', '.join(_EXPECT)}")
    output, monotone = told.get("output", {}), told.get("monotone", {})
    refuse_all_but_mappings(output, f"{where}, output", "output: {type: number}")
    refuse_all_but_mappings(monotone, f"{where}, monotone", "monotone: {income: up}")
    refuse_output_words(output, f"{where}, output")
    refuse_unknown([*monotone, *told.get("ignores", ())], names, where)
    wrong = [sense for sense in monotone.values() if sense not in ("up", "down")]
    if wrong:
        raise SchemaError(f"{wrong[0]!r} is no direction", where=f"{where}, monotone", hint="write up or down")
    return Expectation(
        output.get("type") or _kind_of(output.get("enum")),
        tuple(output.get("enum", ())),
        output.get("minimum"),
        output.get("maximum"),
        {name: 1 if sense == "up" else -1 for name, sense in monotone.items()},
        tuple(told.get("ignores", ())),
        tuple(told.get("rejects", Expectation().rejects)),
    )


def _is_of(value: Any, kind: str) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str)


def _plain(one: Field) -> dict[str, Any]:
    kind = one.kind if one.kind not in ("date", "datetime") else "string"
    told: dict[str, Any] = {"type": [kind, "null"] if one.nullable else kind}
    if one.kind in ("date", "datetime"):
        told["format"] = "date" if one.kind == "date" else "date-time"
    rest = {
        "minimum": one.low, "maximum": one.high, "enum": list(one.levels) or None, "pattern": one.pattern,
        "maxLength": one.longest, "minLength": one.shortest or None, "multipleOf": one.step or None,
    }  # fmt: skip
    return told | {key: value for key, value in rest.items() if value is not None}
