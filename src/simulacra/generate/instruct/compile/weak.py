"""A recipe for a small model: one short prompt, short fields, a cooler head, and checks that throw out the rubbish.

A model of some hundred million parameters loses a long instruction and fills free text until it is cut off. What is
done about it stands in the recipe, where it can be seen and changed.
"""

from __future__ import annotations

import re
from typing import Any

from .sentence import Asked

__all__ = ["suit_weak_model"]

_LONGEST = {"question": 160, "answer": 480, "subject": 80, "title": 80, "body": 360}


def suit_weak_model(content: dict[str, Any], asked: Asked) -> dict[str, Any]:
    """Return the draft's entries with what suits a small model."""
    fields = {name: _short(name, entry) for name, entry in content["fields"].items()}
    written = [name for name, entry in fields.items() if "schema" in entry]
    checks = list(content["checks"])
    if written:
        checks.insert(0, {"format": {"field": written[-1], "of": "sentence"}})
        checks.insert(0, {"length": {"field": written, "words": [4, None]}})
    if asked.subject and written:
        words = [re.escape(word) for word in re.findall(r"\w{4,}", asked.subject)]
        named = {"field": written[0], "pattern": f"(?i){'|'.join(words)}", "reason": "the subject is not named"}
        checks = [{"regex": named}, *checks] if words else checks
    return {
        **content,
        "fields": fields,
        "checks": checks,
        "prompt": _prompt(content, asked),
        "system": "You write short, concrete, correct texts.",
        "temperature": 0.5,
        "parameters": {"max_tokens": 240, "top_p": 0.9},
    }


def _short(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Return a written text field with a bound on its length, which a grammar keeps."""
    if entry.get("type", "string") != "string" or set(entry) & {"draw", "template", "prompt", "conversation", "schema"}:
        return entry
    schema = {"type": "string", "minLength": 12, "maxLength": _LONGEST.get(name, 320)}
    return {key: value for key, value in entry.items() if key != "type"} | {"schema": schema}


def _prompt(content: dict[str, Any], asked: Asked) -> str:
    axes = content["axes"]
    told = "Write one"
    for name in ("difficulty", "label", "sentiment", "style", "tone"):
        told += f" {{{{ {name} }}}}" if name in axes else ""
    told += f" {asked.item}"
    told += f" about {asked.subject}" if asked.subject else ""
    rest = [
        name for name in axes if name not in ("difficulty", "label", "sentiment", "style", "tone", "form", "language")
    ]
    told += "".join(f", {name.replace('_', ' ')}: {{{{ {name} }}}}" for name in rest)
    others = [name.replace("_", " ") for name in content["fields"]][1:]
    return f"{told}." + (f" Then its {' and '.join(others)} in one or two sentences." if others else "")
