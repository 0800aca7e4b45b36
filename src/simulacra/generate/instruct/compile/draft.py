"""The entries of a recipe for what a sentence asks for: fields, axes of variation, checks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..people import PERSONAS, TECHNICAL
from .facets import DIFFICULTY, FORMS, LENGTHS, STYLES, domain_of, scenarios_for, topics_for
from .sentence import Asked, snake

__all__ = ["draft", "make_checks_for"]

_ITEMS: tuple[tuple[str, dict[str, dict[str, Any]]], ...] = (
    (r"multiple[- ]choice", {
        "question": {"about": "the question, ending with a question mark"},
        "options": {"type": "list", "about": "four answers to choose from, one of them right"},
        "answer": {"about": "the right one of the options, word for word"},
    }),
    (r"question[- ]answer|q ?& ?a|\bqa\b|question and answer", {
        "question": {"about": "the question, ending with a question mark"},
        "answer": {"about": "the correct and complete answer"},
    }),
    (r"word problem|math problem", {
        "problem": {"about": "the problem, with all numbers that are needed"},
        "solution": {"about": "the steps, each calculation written as <<48/2=24>>"},
        "answer": {"about": "the final number alone"},
    }),
    (r"question|faq", {"question": {"about": "the question, ending with a question mark"}}),
    (r"instruction[- ](?:response|output|answer)|instruction pair|instruction[- ]tuning", {
        "instruction": {"about": "what somebody asks an assistant to do, with all it needs to know"},
        "response": {"about": "the assistant's complete and correct response"},
    }),
    (r"conversation|dialog|chat", {"conversation": {"conversation": {}}}),
    (r"e-?mail", {"subject": {"about": "the subject line"}, "body": {"about": "the mail itself"}}),
    (r"ticket", {"subject": {"about": "the subject line"}, "body": {"about": "what the person writes"}}),
    (r"test case", {
        "input": {"about": "what the user says or sends"},
        "expected_outcome": {"about": "what the system has to do or answer, so that it can be checked"},
    }),
    (r"sql", {
        "request": {"about": "what somebody wants to know, in plain words"},
        "sql": {"about": "one SQL query that answers it"},
    }),
)  # fmt: skip
_AXIS_WORDS = {"difficulty", "difficulty_level", "level", "topic", "persona", "scenario", "style", "tone", "language"}
_ABOUT = {
    "answer": "the correct and complete answer",
    "explanation": "why that is so",
    "title": "a short title",
    "summary": "the gist of it",
    "rationale": "why that is so",
}
_BALANCED = ("label", "sentiment", "priority", "category", "topic", "difficulty")


def draft(asked: Asked) -> dict[str, Any]:
    """Return the entries `fields`, `axes` and `checks` of the recipe for an instruction.

    Fields with choices become axes, so that their classes come out balanced.
    """
    fields = _base_fields(asked)
    axes: dict[str, list[str]] = {}
    for wanted in asked.fields:
        if wanted.choices:
            axes[wanted.name] = list(wanted.choices)
        elif wanted.name not in fields and wanted.name not in _AXIS_WORDS and wanted.name not in axes:
            about = _ABOUT.get(wanted.name, wanted.about or wanted.name.replace("_", " "))
            fields[wanted.name] = {"about": about} | _whole_number(wanted.scale)
    axes |= _axes(asked, axes)
    fields = {name: entry for name, entry in fields.items() if name not in axes} or {
        "text": {"about": "the text itself"}
    }
    if "conversation" in fields:
        fields["conversation"] = {"conversation": _talk(asked, axes)}
    return {"axes": axes, "fields": fields, "checks": make_checks_for(asked, fields)}


def _whole_number(scale: tuple[int, int] | None) -> dict[str, Any]:
    return {"schema": {"type": "integer", "minimum": scale[0], "maximum": scale[1]}} if scale else {}


def _base_fields(asked: Asked) -> dict[str, dict[str, Any]]:
    item = asked.item.lower()
    pair = re.search(r"pairs? of (\w+) and (\w+)", asked.instruction, re.I)
    if pair is not None:
        return {snake(pair[1]): {}, snake(pair[2]): {}}
    for pattern, fields in _ITEMS:
        if re.search(pattern, item):
            return {name: dict(entry) for name, entry in fields.items()}
    name = snake(" ".join(item.split()[-2:] if len(item.split()) > 1 else [item]))
    return {name or "text": {"about": f"the {item} itself"}}


def _axes(asked: Asked, taken: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the axes that the sentence names or needs, in the order in which they are balanced."""
    text = asked.instruction.lower()
    domain = domain_of(f"{asked.subject} {asked.item} {asked.instruction}")
    names = {wanted.name for wanted in asked.fields}
    found: dict[str, list[str]] = {name: list(levels) for name, levels in asked.lists.items() if name not in taken}
    if "topic" not in found and "topic" not in taken and "category" not in {*found, *taken}:
        found["topic"] = list(topics_for(domain))
    if "difficulty" not in found and ("difficult" in text or "beginner" in text or names & {"level", "difficulty"}):
        found["difficulty"] = list(DIFFICULTY)
    if "scenario" not in found and re.search(r"scenario|situation|real[- ](?:world|life)|edge case|production", text):
        found["scenario"] = list(scenarios_for(domain))
    people = (
        r"persona|different (?:people|users|customers|audiences|perspectives|roles)|customer|user|ticket|review|tweet"
    )
    if "persona" not in found and re.search(people, text):
        found["persona"] = list(TECHNICAL if domain == "technology" else PERSONAS)
    if not {"style", "tone"} & set(found) and re.search(r"\bstyles?\b|\btones?\b|\bregisters?\b", text):
        found["style"] = list(STYLES)
    if "length" not in found and re.search(r"(?:different|various|varying|varied) lengths?|short and long", text):
        found["length"] = list(LENGTHS)
    if "type" not in found and "question" in asked.item and "multiple" not in asked.item:
        found["form"] = list(FORMS)
    if len(asked.languages) > 1:
        found["language"] = list(asked.languages)
    first = [name for name in _BALANCED if name in found]
    return {name: found[name] for name in [*first, *(name for name in found if name not in first)]}


def _talk(asked: Asked, axes: Mapping[str, Any]) -> dict[str, Any]:
    lines = " ".join(f"{name.replace('_', ' ').capitalize()}: {{{{ {name} }}}}." for name in axes)
    about = asked.subject or "what an assistant is for"
    return {
        "rounds": 2,
        "user": f"You write about {about}. {lines}",
        "assistant": f"You are a helpful and competent assistant. You answer about {about}, correctly.",
    }


def make_checks_for(asked: Asked, fields: Mapping[str, Mapping[str, Any]]) -> list[Any]:
    """Return the checks that rows of such fields should pass."""
    checks: list[Any] = ["refusal", "leftovers", "repetition"]
    written = [
        name
        for name, entry in fields.items()
        if entry.get("type", "string") == "string" and "conversation" not in entry
    ]
    checks += [{"length": {"field": name, "words": [5, 120]}} for name in ("question", "problem") if name in fields]
    if "question" in fields:
        checks.append({"format": {"field": "question", "of": "question"}})
    for first, last in (("question", "answer"), ("instruction", "response"), ("input", "expected_outcome")):
        if first in fields and last in fields and "options" not in fields:
            checks.append({"differs": {"fields": [first, last]}})
    if "solution" in fields and "answer" in fields:
        checks.append({"arithmetic": {"steps": "solution", "answer": "answer"}})
    for bound in asked.bounds:
        named = (
            [name for name in written if name == bound.field or name.endswith(f"_{bound.field}")]
            if bound.field
            else written
        )
        bounds = {bound.unit: [bound.least, bound.most]}
        checks += [{"length": {"field": name, **bounds}} for name in named or written[:1]]
    texts = written or list(fields)
    if len(asked.languages) == 1:
        checks.append({"language": {"field": texts, "code": asked.languages[0]}})
    elif len(asked.languages) > 1:
        checks.append({"language": {"field": texts, "code_field": "language"}})
    checks.append({"near_duplicate": {"field": next(iter(fields)), "threshold": 0.6, "meaning": 0.95}})
    return checks
