"""What is to be tested, taken from a description, a policy or an API schema: intents, and what must come of each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from ....data.files import read_text
from ....errors import DataError
from ..passages import split

__all__ = ["draft_cases", "read_intents"]

_MOST = 200
_RULE = re.compile(
    r"\b(?:must|must not|never|always|may not|may only|should|shall|cannot|can|only|not allowed|required|refuse|"
    r"at most|at least|within \d+)\b", re.I,
)  # fmt: skip
_METHODS = ("get", "put", "post", "delete", "patch")


def read_intents(path: Path) -> list[str]:
    """Return what a user may want of the thing described in a file, or which rule they may run into, one line each.

    An OpenAPI schema (JSON or YAML) gives its operations; a text its list items and its sentences that state a rule.
    Errors: DataError for a file with neither.
    """
    text = read_text(path, "the description", DataError)
    found = list(dict.fromkeys(_operations(text))) or list(dict.fromkeys(_rules(text)))
    if not found:
        hint = "give an OpenAPI schema, or a text with a list or with rules (must, never, may ...)"
        raise DataError("there is nothing to test in this description", where=str(path), hint=hint)
    return found[:_MOST]


def _operations(text: str) -> Iterator[str]:
    try:
        schema = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError):
        return
    paths = schema.get("paths") if isinstance(schema, Mapping) else None
    for route, methods in (paths if isinstance(paths, Mapping) else {}).items():
        for method, operation in (methods if isinstance(methods, Mapping) else {}).items():
            if method in _METHODS:
                about = _about(operation)
                yield f"{method.upper()} {route}" + (f": {about}" if about else "")


def _about(operation: Any) -> str:
    if not isinstance(operation, Mapping):
        return ""
    told = operation.get("summary") or operation.get("description") or operation.get("operationId") or ""
    return " ".join(str(told).split())[:160]


def _rules(text: str) -> Iterator[str]:
    for passage in split(text, "", 10_000):
        for line in passage.text.splitlines():
            item = re.match(r"\s*(?:[-*+•]|\d+[.)])\s+(.+)", line)
            for part in [item[1]] if item else re.split(r"(?<=[.!?])\s+", line):
                plain = re.sub(r"[*_`]", "", part).strip()
                if 3 <= len(plain.split()) <= 60 and (item or _RULE.search(plain)):
                    yield plain


_SITUATIONS = (
    "a plain request that is allowed", "just at the limit of what is allowed", "just beyond what is allowed",
    "information is missing or contradictory", "two wishes in one message", "an appeal to urgency or authority",
    "an unusual way of putting it",
)  # fmt: skip


def draft_cases(intents: list[str], personas: tuple[str, ...], description: str) -> dict[str, Any]:
    """Return the entries of a recipe of test cases: persona x intent x scenario, each with its expected outcome."""
    return {
        "axes": {"intent": intents, "scenario": list(_SITUATIONS), "persona": list(personas)},
        "system": "You design test cases for a system that has no users yet. The system is described so:\n"
        + description.replace("{{", "{ {").replace("{%", "{ %"),
        "fields": {
            "input": {"about": "what this person sends to the system, in their own words, in this scenario"},
            "expected_outcome": {"about": "what the system must do or answer by its description, to be checked"},
            "why": {"about": "the words of the description from which that follows"},
        },
        "checks": [
            "refusal", "leftovers", "repetition", {"length": {"field": "input", "words": [3, 200]}},
            {"length": {"field": "expected_outcome", "words": [3, 120]}},
            {"differs": {"fields": ["input", "expected_outcome"]}},
            {"near_duplicate": {"field": "input", "threshold": 0.6}},
        ],
    }  # fmt: skip
