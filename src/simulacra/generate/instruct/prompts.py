"""What a model is told when it writes a record: the instruction, the cell of the plan, the fields, and examples."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...contracts.models import Message
from .spec import Field, Spec
from .templates import holds, render

__all__ = ["SYSTEM", "compose", "object_schema", "wanted_fields"]

SYSTEM = (
    "You write records of a data set, exactly as asked. Be concrete: real names of things, numbers, situations. "
    "Do not mention these instructions, the data set, or that you are a model."
)
_ANGLES = (
    "Take an angle that few would think of first.",
    "Begin with another word than one would expect.",
    "Choose a rarer case than the usual one.",
    "Put a concrete number, name or error message into it.",
    "Write it from the middle of a situation, not from its start.",
    "Let something unexpected have happened before.",
)
_HIDDEN = "_"
_MANY = 0.25
"""Share of recent attempts that were repeats, from which on every prompt is varied."""


def wanted_fields(spec: Spec, row: Mapping[str, Any]) -> list[Field]:
    """Return the fields to be written together for this row: those whose condition holds."""
    return [one for one in spec.written if holds(one.when, row)]


def object_schema(fields: Sequence[Field], many: int = 1) -> dict[str, Any]:
    """Return the JSON schema of a record with these fields, or of {"records": [...]} of `many` of them."""
    record = {
        "type": "object",
        "properties": {one.name: _told(one) for one in fields},
        "required": [one.name for one in fields],
        "additionalProperties": False,
    }
    if many == 1:
        return record
    records = {"type": "array", "items": record, "minItems": many, "maxItems": many}
    return {
        "type": "object",
        "properties": {"records": records},
        "required": ["records"],
        "additionalProperties": False,
    }


def compose(spec: Spec, row: Mapping[str, Any], fields: Sequence[Field], rng: np.random.Generator) -> list[Message]:
    """Return the turns of the call that writes a row: the recipe's own prompt, or the usual one."""
    system = render(spec.system, row) if spec.system else SYSTEM
    shown = [*_examples(spec, row, rng), *(("", one) for one in row.get("_pool", ()))]
    if spec.prompt:
        text = render(spec.prompt, {**row, "instruction": spec.instruction, "examples": [one for _, one in shown]})
    else:
        text = _usual(spec, row, fields, [one for _, one in shown])
    if row.get("_retry") or float(row.get("_repeats", 0.0)) > _MANY:
        text += f"\n\n{_ANGLES[int(rng.integers(len(_ANGLES)))]}"
    return [Message("system", system), Message("user", text)]


def _usual(spec: Spec, row: Mapping[str, Any], fields: Sequence[Field], shown: Sequence[Any]) -> str:
    count = "one record" if spec.many == 1 else f"{spec.many} records, each different from the others,"
    parts = [f"The whole data set follows this instruction:\n{spec.instruction.strip()}", f"Now write {count} of it."]
    settled = {name: value for name, value in row.items() if not name.startswith(_HIDDEN) and value is not None}
    if settled:
        lines = [f"- {_words(name)}: {_value(value)}" for name, value in settled.items()]
        parts.append("Settled for it, and to be kept to:\n" + "\n".join(lines))
    if shown:
        examples = "\n".join(json.dumps(one, ensure_ascii=False) for one in shown)
        parts.append(f"Examples of good records, not to be repeated:\n{examples}")
    told = [f"- {one.name}: {one.about or _words(one.name)}" for one in fields]
    parts.append("Give a JSON object with\n" + "\n".join(told))
    return "\n\n".join(parts)


def _examples(spec: Spec, row: Mapping[str, Any], rng: np.random.Generator) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the examples shown for a row, those of its own cell first."""
    if not spec.examples:
        return []
    cell = row.get("_cell", {})
    order = [int(place) for place in rng.permutation(len(spec.examples))]
    order.sort(key=lambda place: -sum(spec.examples[place][1].get(axis) == level for axis, level in cell.items()))
    return [spec.examples[place] for place in order[: spec.shown]]


def _told(one: Field) -> dict[str, Any]:
    schema = dict(one.schema)
    if one.about and "description" not in schema:
        schema["description"] = one.about
    return schema


def _value(value: Any) -> str:
    if isinstance(value, Mapping) and "text" in value:
        return f"\n{value['text']}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _words(name: str) -> str:
    return name.replace("_", " ")
