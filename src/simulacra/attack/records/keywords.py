"""The words of a record schema that are understood: any other would be left out in silence, and findings be false."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ...errors import SchemaError

__all__ = [
    "refuse_all_but_mappings",
    "refuse_field_words",
    "refuse_output_words",
    "refuse_slips",
    "refuse_unknown",
]

_REMARKS = ("title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "$comment")
_FIELD = (
    "type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
    "maxLength", "pattern", "format", "nullable", "anyOf", "$ref",
)  # fmt: skip
_OUTPUT = ("type", "enum", "minimum", "maximum")
_RECORD = ("properties", "required", "constraints", "expect", "additionalProperties", "type", "title", "description")
_SURE = 0.8  # how alike a stray word of the whole record must be to be taken for a slip


def refuse_field_words(told: Mapping[str, Any], where: str) -> None:
    """Raise SchemaError for a word of a field that is not understood; remarks, and what begins with x-, may stand."""
    _refuse(told, _FIELD, where)


def refuse_output_words(told: Mapping[str, Any], where: str) -> None:
    """Raise SchemaError for a word about the output that is not understood."""
    _refuse(told, _OUTPUT, where)


def refuse_slips(told: Mapping[str, Any], where: str) -> None:
    """Raise SchemaError for a word about the whole record that looks like a slip: frameworks add words of their own."""
    for word in _strays(told, _RECORD):
        near = difflib.get_close_matches(word, _RECORD, n=1, cutoff=_SURE)
        if near:
            raise SchemaError(f"{word!r} is not understood here", where=where, hint=f"did you mean {near[0]!r}")


def refuse_unknown(named: Iterable[str], names: Collection[str], where: str) -> None:
    """Raise SchemaError for a name that is none of a field."""
    unknown = [name for name in named if name not in names]
    if unknown:
        raise SchemaError(f"there is no field {unknown[0]!r}", where=where, hint=f"fields are {', '.join(names)}")


def refuse_all_but_mappings(told: Any, where: str, example: str) -> None:
    """Raise SchemaError for what should be a mapping and is none."""
    if not isinstance(told, Mapping):
        raise SchemaError(f"{told!r} is no mapping", where=where, hint=f"write {example}")


def _refuse(told: Mapping[str, Any], words: tuple[str, ...], where: str) -> None:
    for word in _strays(told, words):
        near = difflib.get_close_matches(word, words, n=1)
        hint = f"did you mean {near[0]!r}" if near else f"understood are {', '.join(words)}"
        raise SchemaError(f"{word!r} is not understood here", where=where, hint=hint)


def _strays(told: Mapping[str, Any], words: tuple[str, ...]) -> Iterable[str]:
    known = {*words, *_REMARKS}
    return (str(word) for word in told if str(word) not in known and not str(word).startswith(("x-", "x_", "$")))
