"""Reading the JSON that models write: slips of syntax are mended where nothing can be lost by it, and only there.

Mended: a code fence or prose around the value, a byte-order mark, trailing commas, raw control characters in strings,
Python's True, False and None. Never mended: a missing bracket or quote (the text was cut off), NaN, single quotes.
"""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["read_json"]

_FENCE = re.compile(r"```[a-zA-Z0-9]*\s*\n(.*?)```", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NAMES = {"True": "true", "False": "false", "None": "null"}


def read_json(text: str) -> tuple[Any, bool]:
    """Return the value and whether slips were mended.

    Errors: ValueError that says what is wrong, in words that a model or a person can act on.

    >>> read_json('{"a": 1}'), read_json('Here:\\n```json\\n{"a": [True, 2,],}\\n```')
    (({'a': 1}, False), ({'a': [True, 2]}, True))
    """
    try:
        return _load(text), False
    except ValueError as error:
        first = error
    for candidate in _candidates(text):
        for mended in (candidate, _mend(candidate)):
            try:
                return _load(mended, strict=False), True
            except ValueError:
                continue
    raise first


def _load(text: str, *, strict: bool = True) -> Any:
    try:
        return json.loads(text, strict=strict, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"this is no JSON: {error.msg} at character {error.pos}") from None


def _refuse(name: str) -> Any:
    raise ValueError(f"this is no JSON: {name} is no JSON number")


def _candidates(text: str) -> list[str]:
    """Return the parts of the text that may be the whole value, best first."""
    bare = text.strip().removeprefix("\ufeff").strip()
    found = [bare]
    fences = _FENCE.findall(bare)
    if len(fences) == 1:
        found.append(fences[0].strip())
    starts = [place for place in (bare.find("{"), bare.find("[")) if place >= 0]
    end = max(bare.rfind("}"), bare.rfind("]"))
    if starts and end > min(starts):
        before, after = bare[: min(starts)], bare[end + 1 :]
        # Prose around one value; a second value, or quotes that would hide one, leave doubt.
        if not re.search(r'[\[\]{}"]', before + after):
            found.append(bare[min(starts) : end + 1])
    return found


def _mend(text: str) -> str:
    """Return the text without trailing commas and with JSON's names for Python's, outside of strings."""
    parts, place = [], 0
    for string in _STRING.finditer(text):
        parts += [_mend_outside(text[place : string.start()]), string.group()]
        place = string.end()
    parts.append(_mend_outside(text[place:]))
    return "".join(parts)


def _mend_outside(text: str) -> str:
    text = re.sub(r"\b(True|False|None)\b", lambda name: _NAMES[name.group()], text)
    return re.sub(r",(\s*[}\]])", r"\1", text)
