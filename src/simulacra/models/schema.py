"""JSON schemas compiled to checks: a function that says what is wrong with a value, or nothing.

Draft 2020-12's vocabulary for values, `$ref` within the schema included. An unknown keyword that would constrain is an
error when the schema is compiled, not a silent pass.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeAlias

from ..errors import SchemaError

__all__ = ["Check", "as_schema", "compile_schema"]

Check: TypeAlias = Callable[[Any], "str | None"]
"""A value -> what is wrong with it, with the path to the place; None if nothing is."""

_Part: TypeAlias = Callable[[Any, str], "str | None"]

_REMARKS = {
    "$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default", "examples", "example",
    "deprecated", "readOnly", "writeOnly", "format", "contentEncoding", "contentMediaType", "discriminator",
}  # fmt: skip


def as_schema(model: Any) -> Mapping[str, Any]:
    """Return the JSON schema of a pydantic model class; a schema is returned as it is.

    Errors: SchemaError if it is neither.
    """
    if isinstance(model, Mapping):
        return model
    if not hasattr(model, "model_json_schema"):
        seen = f"{model!r} is no JSON schema and no pydantic model"
        raise SchemaError(seen, where="schema", hint="give a mapping or a class derived from pydantic.BaseModel")
    return _made(model if isinstance(model, type) else type(model))


@lru_cache(maxsize=256)
def _made(model: Any) -> Mapping[str, Any]:
    # One and the same mapping for a class, so that its check is compiled once in a run too.
    schema: Mapping[str, Any] = model.model_json_schema()
    return schema


def compile_schema(schema: Mapping[str, Any]) -> Check:
    """Return a function that says what is wrong with a value.

    Errors: SchemaError if the schema contradicts itself in form, or has a keyword that is not handled.
    Not handled: `$ref` to other documents, `$dynamicRef`, `unevaluatedProperties`, formats other than dates.

    >>> check = compile_schema({"type": "object", "properties": {"n": {"minimum": 3}}, "required": ["n"]})
    >>> check({"n": 3}), check({"n": 1}), check({})
    (None, 'n: 1 is less than 3', "'n' is missing")
    """
    part = _Compiler(schema).part(schema, "schema")
    return lambda value: part(value, "")


class _Compiler:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._known: dict[int, _Part] = {}

    def part(self, schema: Any, where: str) -> _Part:
        if schema is True:
            return lambda _value, _path: None
        if schema is False:
            return lambda _value, path: _say(path, "nothing is allowed here")
        if not isinstance(schema, Mapping):
            raise SchemaError(f"{schema!r} is no JSON schema", where=where, hint="a schema is a mapping")
        if (found := self._known.get(id(schema))) is not None:
            return found
        # A schema may contain itself: the place is taken before its parts are compiled.
        holder: list[_Part] = []
        self._known[id(schema)] = lambda value, path: holder[0](value, path)
        try:
            holder.append(
                _all([_KEYWORDS[word](self, schema, f"{where}.{word}") for word in self._words(schema, where)])
            )
        except (TypeError, ValueError, AttributeError, KeyError, re.error) as error:
            raise SchemaError(f"the schema is not well formed ({error})", where=where) from error
        self._known[id(schema)] = holder[0]
        return holder[0]

    @staticmethod
    def _words(schema: Mapping[str, Any], where: str) -> list[str]:
        for word in schema:
            if word not in _KEYWORDS and word not in _REMARKS and word not in _SECOND and not word.startswith("x-"):
                raise SchemaError(f"{word!r} is not handled", where=where, hint="leave it out, or check it in a step")
        return [word for word in _KEYWORDS if word in schema and (word != "format" or schema[word] in _FORMATS)]

    def follow(self, reference: str, where: str) -> Any:
        found: Any = self._root
        for part in reference.removeprefix("#").split("/")[1:]:
            part = part.replace("~1", "/").replace("~0", "~")
            if not reference.startswith("#") or not isinstance(found, Mapping) or part not in found:
                raise SchemaError(f"{reference!r} leads nowhere", where=where, hint="references stay in the schema")
            found = found[part]
        if not reference.startswith("#"):
            raise SchemaError(f"{reference!r} leads nowhere", where=where, hint="references stay in the schema")
        return found


def _all(parts: list[_Part]) -> _Part:
    if len(parts) == 1:
        return parts[0]

    def check(value: Any, path: str) -> str | None:
        for part in parts:
            if (wrong := part(value, path)) is not None:
                return wrong
        return None

    return check


def _say(path: str, wrong: str) -> str:
    return f"{path}: {wrong}" if path else wrong


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: _is_number(value) and (isinstance(value, int) or value.is_integer()),
    "number": lambda value: _is_number(value) and math.isfinite(value),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
}


def _type(_compiler: _Compiler, schema: Mapping[str, Any], _where: str) -> _Part:
    kinds = [schema["type"]] if isinstance(schema["type"], str) else list(schema["type"])
    tests = [_TYPES[kind] for kind in kinds]
    name = " or ".join(kinds)
    if len(tests) == 1:
        only = tests[0]
        return lambda value, path: None if only(value) else _say(path, f"{_short(value)} is not of type {name}")

    def check(value: Any, path: str) -> str | None:
        return None if any(test(value) for test in tests) else _say(path, f"{_short(value)} is not of type {name}")

    return check


def _same(one: Any, other: Any) -> bool:
    """JSON's equality: 1 is 1.0, but true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(value, other[name]) for name, value in one.items())
    return bool(one == other)


def _enum(_compiler: _Compiler, schema: Mapping[str, Any], _where: str) -> _Part:
    allowed = list(schema["enum"])
    names = ", ".join(map(_short, allowed[:8])) + (" ..." if len(allowed) > 8 else "")

    def check(value: Any, path: str) -> str | None:
        ok = any(_same(value, one) for one in allowed)
        return None if ok else _say(path, f"{_short(value)} is none of {names}")

    return check


def _const(_compiler: _Compiler, schema: Mapping[str, Any], _where: str) -> _Part:
    only = schema["const"]
    return lambda value, path: None if _same(value, only) else _say(path, f"{_short(value)} is not {_short(only)}")


def _bound(test: Callable[[Any, Any], bool], words: str) -> Any:
    def make(_compiler: _Compiler, schema: Mapping[str, Any], where: str) -> _Part:
        bound = float(schema[where.rsplit(".", 1)[-1]])
        bound = int(bound) if bound.is_integer() else bound

        def check(value: Any, path: str) -> str | None:
            wrong = _is_number(value) and not test(value, bound)
            return _say(path, f"{_short(value)} is {words} {bound}") if wrong else None

        return check

    return make


def _is_multiple(value: float, step: float) -> bool:
    parts = value / step
    return abs(parts - round(parts)) <= 1e-9 * max(1.0, abs(parts))


def _size(
    kind: type[str] | type[list[Any]] | type[dict[str, Any]], test: Callable[[int, int], bool], words: str
) -> Any:
    def make(_compiler: _Compiler, schema: Mapping[str, Any], where: str) -> _Part:
        bound = int(schema[where.rsplit(".", 1)[-1]])

        def check(value: Any, path: str) -> str | None:
            wrong = isinstance(value, kind) and not test(len(value), bound)
            return _say(path, f"{_short(value)} has {words} {bound} {_PARTS[kind]}") if wrong else None

        return check

    return make


_PARTS: dict[type, str] = {str: "characters", list: "items", dict: "properties"}


def _pattern(_compiler: _Compiler, schema: Mapping[str, Any], _where: str) -> _Part:
    pattern = re.compile(schema["pattern"])

    def check(value: Any, path: str) -> str | None:
        wrong = isinstance(value, str) and not pattern.search(value)
        return _say(path, f"{_short(value)} does not match {pattern.pattern!r}") if wrong else None

    return check


_FORMATS: dict[str, Callable[[str], object]] = {"date": date.fromisoformat, "date-time": datetime.fromisoformat}


def _format(_compiler: _Compiler, schema: Mapping[str, Any], _where: str) -> _Part:
    name = schema["format"]
    parse = _FORMATS[name]

    def check(value: Any, path: str) -> str | None:
        try:
            if isinstance(value, str):
                parse(value)
        except ValueError:
            return _say(path, f"{_short(value)} is no {name}")
        return None

    return check


def _properties(compiler: _Compiler, schema: Mapping[str, Any], where: str) -> _Part:
    parts = {name: compiler.part(part, f"{where}.{name}") for name, part in schema["properties"].items()}

    def check(value: Any, path: str) -> str | None:
        if isinstance(value, dict):
            for name, part in parts.items():
                if name in value and (wrong := part(value[name], f"{path}.{name}" if path else name)) is not None:
                    return wrong
        return None

    return check


def _additional(compiler: _Compiler, schema: Mapping[str, Any], where: str) -> _Part:
    known = set(schema.get("properties", ()))
    patterns = [
        (re.compile(name), compiler.part(part, where)) for name, part in schema.get("patternProperties", {}).items()
    ]
    rest = schema.get("additionalProperties", True)
    other = compiler.part(rest, where)

    def check(value: Any, path: str) -> str | None:
        for name in value if isinstance(value, dict) else ():
            place = f"{path}.{name}" if path else str(name)
            fits = [part for pattern, part in patterns if pattern.search(name)]
            if not fits and name not in known:
                if rest is False:
                    return _say(path, f"{_short(name)} is not allowed")
                fits = [other]
            for part in fits:
                if (wrong := part(value[name], place)) is not None:
                    return wrong
        return None

    return check


def _required(_compiler: _Compiler, schema: Mapping[str, Any], _where: str) -> _Part:
    names = [str(name) for name in schema["required"]]

    def check(value: Any, path: str) -> str | None:
        missing = [name for name in names if name not in value] if isinstance(value, dict) else []
        return _say(path, f"{missing[0]!r} is missing") if missing else None

    return check


def _items(compiler: _Compiler, schema: Mapping[str, Any], where: str) -> _Part:
    first = [compiler.part(part, where) for part in schema.get("prefixItems", ())]
    rest = compiler.part(schema.get("items", True), where)

    def check(value: Any, path: str) -> str | None:
        for place, item in enumerate(value if isinstance(value, list) else ()):
            part = first[place] if place < len(first) else rest
            if (wrong := part(item, f"{path}[{place}]")) is not None:
                return wrong
        return None

    return check


def _unique(_compiler: _Compiler, schema: Mapping[str, Any], _where: str) -> _Part:
    wanted = bool(schema["uniqueItems"])

    def check(value: Any, path: str) -> str | None:
        if wanted and isinstance(value, list):
            for place, item in enumerate(value):
                if any(_same(item, other) for other in value[:place]):
                    return _say(path, f"{_short(item)} stands there twice")
        return None

    return check


def _any_of(compiler: _Compiler, schema: Mapping[str, Any], where: str) -> _Part:
    word = where.rsplit(".", 1)[-1]
    parts = [compiler.part(part, f"{where}[{place}]") for place, part in enumerate(schema[word])]

    def check(value: Any, path: str) -> str | None:
        wrongs = [part(value, path) for part in parts]
        fits = wrongs.count(None)
        if fits == 1 or (fits > 1 and word == "anyOf"):
            return None
        return _say(path, f"{_short(value)} fits {fits} of the alternatives") if fits else wrongs[-1]

    return check


def _all_of(compiler: _Compiler, schema: Mapping[str, Any], where: str) -> _Part:
    return _all([compiler.part(part, f"{where}[{place}]") for place, part in enumerate(schema["allOf"])])


def _not(compiler: _Compiler, schema: Mapping[str, Any], where: str) -> _Part:
    part = compiler.part(schema["not"], where)
    return lambda value, path: _say(path, f"{_short(value)} is excluded") if part(value, path) is None else None


def _if(compiler: _Compiler, schema: Mapping[str, Any], where: str) -> _Part:
    test = compiler.part(schema["if"], where)
    then, other = compiler.part(schema.get("then", True), where), compiler.part(schema.get("else", True), where)
    return lambda value, path: (then if test(value, path) is None else other)(value, path)


def _ref(compiler: _Compiler, schema: Mapping[str, Any], where: str) -> _Part:
    return compiler.part(compiler.follow(schema["$ref"], where), where)


_KEYWORDS: dict[str, Callable[[_Compiler, Mapping[str, Any], str], _Part]] = {
    "$ref": _ref,
    "type": _type,
    "enum": _enum,
    "const": _const,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "patternProperties": _additional,
    "items": _items,
    "prefixItems": _items,
    "minimum": _bound(lambda value, bound: value >= bound, "less than"),
    "maximum": _bound(lambda value, bound: value <= bound, "more than"),
    "exclusiveMinimum": _bound(lambda value, bound: value > bound, "not more than"),
    "exclusiveMaximum": _bound(lambda value, bound: value < bound, "not less than"),
    "multipleOf": _bound(_is_multiple, "no multiple of"),
    "minLength": _size(str, lambda size, bound: size >= bound, "fewer than"),
    "maxLength": _size(str, lambda size, bound: size <= bound, "more than"),
    "minItems": _size(list, lambda size, bound: size >= bound, "fewer than"),
    "maxItems": _size(list, lambda size, bound: size <= bound, "more than"),
    "minProperties": _size(dict, lambda size, bound: size >= bound, "fewer than"),
    "maxProperties": _size(dict, lambda size, bound: size <= bound, "more than"),
    "uniqueItems": _unique,
    "pattern": _pattern,
    "anyOf": _any_of,
    "oneOf": _any_of,
    "allOf": _all_of,
    "not": _not,
    "if": _if,
    "format": _format,
}
_SECOND = {"then", "else"}
"""Keywords that only matter beside another one."""
