"""A model that is up to it draws up the plan: fields and axes of variation that fit the subject."""

from __future__ import annotations

from typing import Any

from .sentence import snake

__all__ = ["PLAN_SCHEMA", "merge_plan", "plan_prompt"]

_LEVELS = {"type": "array", "items": {"type": "string", "minLength": 2, "maxLength": 90}, "minItems": 2, "maxItems": 24}
PLAN_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "fields": {
            "type": "array",
            "minItems": 1,
            "maxItems": 8,
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "minLength": 1, "maxLength": 40},
                    "about": {"type": "string", "maxLength": 300},
                },
                "required": ["name", "about"],
                "additionalProperties": False,
            },
        },
        "axes": {
            "type": "array",
            "minItems": 1,
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 40}, "levels": _LEVELS},
                "required": ["name", "levels"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["fields", "axes"],
    "additionalProperties": False,
}
"""What the model is asked for."""


def plan_prompt(instruction: str, draft: dict[str, Any]) -> str:
    """Return the question to the model, with the draft that rules made."""
    axes = "\n".join(f"- {name}: {', '.join(levels)}" for name, levels in draft["axes"].items())
    fields = ", ".join(draft["fields"])
    return (
        f"A data set is to be written record by record under this instruction:\n{instruction}\n\n"
        f"A first draft of the plan has the fields {fields}, and these axes of variation:\n{axes}\n\n"
        "Improve it. Fields: just those the instruction asks for, each with what it must hold. Axes: ways in which the "
        "records differ from each other, the most important first (the topic within the subject, then what the "
        "instruction names, such as difficulty or scenario). Give 8 to 16 concrete levels for the topic, that cover "
        "the subject and do not overlap, and 2 to 10 for the others. Every combination of levels must make sense."
    )


def merge_plan(draft: dict[str, Any], plan: dict[str, Any]) -> dict[str, Any]:
    """Return the draft with the model's axes and its words on the fields; names are made fit for a recipe.

    Fields of the draft stay, for its checks look at them; axes with levels that the person listed stay as they are.
    """
    axes = {snake(axis["name"]): list(dict.fromkeys(axis["levels"])) for axis in plan["axes"]}
    fields = dict(draft["fields"])
    for one in plan["fields"]:
        name = snake(one["name"])
        if name.isidentifier() and "conversation" not in fields:
            fields[name] = {**fields.get(name, {}), "about": one["about"]}
    axes = {
        name: levels for name, levels in axes.items() if name.isidentifier() and name not in fields and len(levels) > 1
    }
    kept = {name: levels for name, levels in draft["axes"].items() if name in draft.get("listed", ())}
    return {**draft, "fields": fields, "axes": {**axes, **kept} or draft["axes"]}
