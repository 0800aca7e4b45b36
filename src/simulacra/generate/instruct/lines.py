"""Texts that a model continues: for models that write better from examples than by instruction, and for Magpie.

A prompt of example lines ends where the new text has to begin; what comes up to the end of the line is the text. The
same examples serve a block of slots in the same order, so that a local model's cache holds them.
Source: Xu et al. 2024, Magpie (arXiv 2406.08464), for prompts that end where the user's turn begins.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

import numpy as np

from ...contracts.rows import Context, Reject, Row
from .spec import Field, Spec
from .templates import render

__all__ = ["MAGPIE", "Cut", "continue_line", "cut_text", "join_text", "material", "user_turn"]

Cut = Literal["", "question", "sentence", "line"]
_BLOCK, _ORDERS = 64, 3
_MOST_TOKENS = 60
MAGPIE: dict[str, Any] = {"stop": ["<|im_end|>", "<|im_start|>", "\n"], "max_tokens": 80}
"""Parameters of a call that writes a user's turn."""
_END = re.compile(r"[.!?…][\"'”’)\]`*]*(?=\s|$)")
_SHORTENED = re.compile(r"\b(?:e\.g|i\.e|etc|vs|Mr|Mrs|Dr|No|approx|\d)\.$", re.IGNORECASE)


async def continue_line(spec: Spec, one: Field, row: Row, context: Context, parameters: Mapping[str, Any]) -> Any:
    """Return the text that a model continues a field's prompt with, cut as the field says; Reject for none.

    Errors: RecipeError if the model cannot continue raw text.
    """
    told = material(spec, row)
    begins = render(one.begins, told) if one.begins else ""
    prompt = render(one.text, told) + (f" {begins}" if begins else "")
    if one.text.endswith("\n"):  # a template's last line break is part of the prompt: a turn begins after it
        prompt = render(one.text, told) + "\n" + begins
    asked = {"max_tokens": _MOST_TOKENS, "stop": ["\n"], **parameters}
    model = spec.model(one.models[0], row["_slot"]) if one.models else row["_writer"]
    answer = await context.ask(prompt, model=model, complete=True, **asked)
    text = cut_text(join_text(begins, answer.text), cast("Cut", one.cut), was_cut=answer.finish == "length")
    return text if text else Reject(one.name, "nothing whole was written")


def material(spec: Spec, row: Row) -> dict[str, Any]:
    """Return what a prompt's template may read: the row, the instruction, and examples, those of its own cell last.

    Each example has `about`: its own, or its levels of the axes in a line.
    """
    retry = int(row.get("_retry", 0)) % _ORDERS
    rng = np.random.Generator(np.random.PCG64([int(row.get("_slot", 0)) // _BLOCK, retry]))
    order = [int(place) for place in rng.permutation(len(spec.examples))]
    cell = row.get("_cell", {})
    order.sort(key=lambda place: -sum(spec.examples[place][1].get(axis) == level for axis, level in cell.items()))
    shown = [dict(spec.examples[place][1]) for place in reversed(order[: spec.shown])]
    shown = [{**one, "about": one.get("about") or _levels(one, cell)} for one in [*shown, *row.get("_pool", ())]]
    return {**row, "instruction": spec.instruction, "examples": shown}


def user_turn(system: str) -> str:
    """Return the template of a prompt that ends where the user's turn begins, in ChatML.

    >>> user_turn("You know {{ topic }}.")
    '<|im_start|>system\\nYou know {{ topic }}.<|im_end|>\\n<|im_start|>user\\n'
    """
    told = system or "You are a helpful assistant."
    return f"<|im_start|>system\n{told}<|im_end|>\n<|im_start|>user\n"


def cut_text(text: str, cut: Cut, *, was_cut: bool = False) -> str:
    """Return a text up to where it is whole; "" if it never is.

    cut : "question": up to the first question mark; "sentence": up to its last whole sentence; "line", "": as it is.
    was_cut : the model was stopped before it had ended.

    >>> cut_text("Why is it slow? Because", "question"), cut_text("It is full. Then one", "sentence", was_cut=True)
    ('Why is it slow?', 'It is full.')
    """
    plain = " ".join(text.split()) if cut != "" else text.strip()
    if cut == "question":
        place = plain.find("?")
        return plain[: place + 1]
    if cut == "sentence":
        ends = [found.end() for found in _END.finditer(plain) if not _SHORTENED.search(plain[: found.end()])]
        return plain[: ends[-1]] if ends else ""
    return "" if was_cut and cut == "line" else plain


def join_text(begins: str, text: str) -> str:
    """Return how a text begins and what a model went on with, as one text."""
    joint = "" if not begins or begins.endswith("\n") or text[:1] in ("'", ",", ".", ":", "-") else " "
    return f"{begins}{joint}{text.strip()}"


def _levels(example: Mapping[str, Any], cell: Sequence[str] | Mapping[str, str]) -> str:
    return ", ".join(str(example[axis]) for axis in cell if example.get(axis))
