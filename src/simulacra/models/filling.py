"""Valid JSON values from a JSON schema and a seed: what the echo model and the fake server answer."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

__all__ = ["fill"]

_WORDS = [
    "amber",
    "basin",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "harbor",
    "island",
    "juniper",
    "kernel",
    "lagoon",
    "meadow",
    "nectar",
    "orchard",
    "pebble",
    "quartz",
    "river",
    "summit",
    "timber",
    "upland",
    "valley",
    "willow",
    "yonder",
    "zephyr",
]
_DEEP = 6
_FORMATS = {
    "date": "20{0:02d}-{1:02d}-{2:02d}",
    "time": "{1:02d}:{2:02d}:00Z",
    "date-time": "20{0:02d}-{1:02d}-{2:02d}T08:00:00Z",
    "email": "person{0}{1}@example.org",
    "uri": "https://example.org/{0}/{1}",
    "uuid": "00000000-0000-4000-8000-0000{0:04d}{1:04d}",
}


def fill(schema: Mapping[str, Any], rng: random.Random) -> Any:
    """Return a value that satisfies the schema; the same for the same state of `rng`.

    Not handled: `pattern`, `not`, `if` and constraints that contradict each other; the value may break them.

    >>> fill({"type": "object", "properties": {"n": {"type": "integer", "minimum": 3, "maximum": 3}}}, random.Random(0))
    {'n': 3}
    """
    return _fill(schema, rng, schema, 0)


def _fill(schema: Any, rng: random.Random, root: Mapping[str, Any], depth: int) -> Any:
    if not isinstance(schema, Mapping):
        return _words(rng, 3)
    if "$ref" in schema:
        return _fill(_follow(schema["$ref"], root), rng, root, depth + 1)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return rng.choice(list(schema["enum"]))
    if schema.get("allOf"):
        merged = _merge([schema, *schema["allOf"]], root)
        return _fill(merged, rng, root, depth)
    for word in ("anyOf", "oneOf"):
        if schema.get(word):
            # Deep in a schema that contains itself the last choice is usually the plain one.
            choices = list(schema[word])
            return _fill(choices[-1] if depth > _DEEP else rng.choice(choices), rng, root, depth + 1)
    return _typed(schema, rng, root, depth)


def _typed(schema: Mapping[str, Any], rng: random.Random, root: Mapping[str, Any], depth: int) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "array" if "items" in schema else "string")
    if isinstance(kind, list | tuple):
        kind = rng.choice(list(kind))
    if kind == "object":
        # Deep in a schema that contains itself only what must be there.
        optional = () if depth > _DEEP else schema.get("properties", ())
        wanted = dict.fromkeys((*optional, *schema.get("required", ())))
        return {name: _fill(schema.get("properties", {}).get(name, {}), rng, root, depth + 1) for name in wanted}
    if kind == "array":
        return _array(schema, rng, root, depth)
    if kind == "boolean":
        return rng.random() < 0.5
    if kind == "null":
        return None
    return _text(schema, rng) if kind == "string" else _number(schema, rng, whole=kind == "integer")


def _array(schema: Mapping[str, Any], rng: random.Random, root: Mapping[str, Any], depth: int) -> list[Any]:
    first = list(schema.get("prefixItems", ()))
    least = int(schema.get("minItems", len(first) or (0 if depth > _DEEP else 1)))
    count = rng.randint(least, max(least, min(int(schema.get("maxItems", least + 2)), least + 2)))
    kinds = first[:count] + [schema.get("items", {})] * (count - len(first))
    found: list[Any] = []
    for kind in kinds:
        value = _fill(kind, rng, root, depth + 1)
        tries = 0
        while schema.get("uniqueItems") and value in found and tries < 50:
            value, tries = _fill(kind, rng, root, depth + 1), tries + 1
        found.append(value)
    return found


def _number(schema: Mapping[str, Any], rng: random.Random, *, whole: bool) -> int | float:
    step = schema.get("multipleOf", 1 if whole else 0.01)
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    low = (high - 100 * step if high is not None else 0) if low is None else low
    high = low + 100 * step if high is None else high
    first, last = -(-low // step), high // step
    first += "exclusiveMinimum" in schema and first * step <= low
    last -= "exclusiveMaximum" in schema and last * step >= high
    value = rng.randint(int(first), max(int(first), int(last))) * step
    return int(value) if whole else round(float(value), 6)


def _text(schema: Mapping[str, Any], rng: random.Random) -> str:
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]].format(rng.randint(10, 28), rng.randint(1, 12), rng.randint(1, 28))
    text = _words(rng, 4)
    while len(text) < schema.get("minLength", 0):
        text += " " + rng.choice(_WORDS)
    return text[: schema.get("maxLength")]


def _words(rng: random.Random, count: int) -> str:
    return " ".join(rng.choice(_WORDS) for _ in range(count))


def _follow(reference: str, root: Mapping[str, Any]) -> Any:
    found: Any = root
    for part in reference.removeprefix("#").split("/")[1:]:
        found = found.get(part.replace("~1", "/").replace("~0", "~"), {}) if isinstance(found, Mapping) else {}
    return found


def _merge(parts: list[Any], root: Mapping[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for part in parts:
        part = _follow(part["$ref"], root) if "$ref" in part else part
        for name, value in part.items():
            if name in ("properties", "$defs"):
                merged[name] = {**merged.get(name, {}), **value}
            elif name == "required":
                merged[name] = [*merged.get(name, ()), *value]
            elif name != "allOf":
                merged[name] = value
    return merged
