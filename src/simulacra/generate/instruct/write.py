"""The steps that fill a record: draws, templates, calls, conversations, each a `contracts.Step`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol, cast

import numpy as np

from ...contracts.models import Message
from ...contracts.rows import Context, Reject, Row, Step
from .draw import draw
from .evolve import evolve
from .lines import Cut, continue_line, cut_text, material
from .plan import Plan
from .pool import Pool
from .prompts import SYSTEM, compose, object_schema, wanted_fields
from .spec import Field, Spec
from .talk import converse
from .templates import TemplateFault, holds, render

__all__ = ["Try", "begin_row", "make_steps"]

_HOTTEST = 1.3
_WARMER = 0.04
"""With each retry."""
_MORE, _LESS, _USUAL = 0.4, 0.3, 0.5
"""Warmer by the share of recent repeats; cooler by the share of rubbish beyond what is usual of a weak model."""


class Try(Protocol):
    """What is known of an attempt when its row begins."""

    @property
    def slot(self) -> int:
        """The slot to be filled."""

    @property
    def retry(self) -> int:
        """0 for the first try."""

    @property
    def recent(self) -> float:
        """The share of recent attempts that gave a row."""

    @property
    def repeats(self) -> float:
        """The share of recent attempts that said again what was there."""

    @property
    def known(self) -> int:
        """How many rows were accepted when the attempt was drawn up."""


def begin_row(
    spec: Spec, plan: Plan, attempt: Try, *, pool: Pool | None = None, rng: np.random.Generator | None = None
) -> Row:
    """Return the row an attempt begins with: its cell, and in the background what the lineage tells.

    pool, rng : accepted rows and who picks among them, for a recipe that shows some.
    """
    cell = plan.cell(attempt.slot)
    writer = spec.writers[attempt.slot % len(spec.writers)] if spec.writers else None
    shown, parents, depth = pool.pick(spec.pool, attempt.known, rng) if pool and rng else ([], [], 0)
    return {
        **cell,
        "_cell": cell,
        "_slot": attempt.slot,
        "_retry": attempt.retry,
        "_recent": attempt.recent,
        "_repeats": attempt.repeats,
        "_writer": writer,
        "_parents": parents,
        "_pool": shown,
        "_depth": depth + 1,
    }


def make_steps(spec: Spec) -> list[tuple[str, Step]]:
    """Return the steps of a recipe in the order of its fields; the call that writes stands at the first such field."""
    steps: list[tuple[str, Step]] = []
    written = False
    for one in spec.fields:
        if one.kind == "written":
            if not written:
                steps.append(("write", _writing(spec)))
            written = True
        else:
            steps.append((one.name, _filling(spec, one)))
    return steps


def _writing(spec: Spec) -> Step:
    schemas: dict[tuple[str, ...], dict[str, Any]] = {}  # one object for each set of fields: checks are compiled once

    async def write(row: Row, context: Context) -> Row | list[Row] | Reject:
        try:
            fields = wanted_fields(spec, row)
            turns = compose(spec, row, fields, context.seeds.child("prompt").rng())
        except TemplateFault as error:
            return Reject("write", error.seen)
        blank = {one.name: None for one in spec.written}
        if not fields:
            return {**row, **blank}
        schema = schemas.setdefault(tuple(one.name for one in fields), object_schema(fields, spec.many))
        answer = await context.ask(turns, model=row["_writer"], schema=schema, **_parameters(spec, row))
        if spec.many == 1:
            return {**row, **blank, **answer.data}
        return [{**row, **blank, **record} for record in answer.data["records"]]

    return write


def _filling(spec: Spec, one: Field) -> Step:
    async def fill(row: Row, context: Context) -> Row | Reject:
        try:
            if not holds(one.when, row):
                return {**row, one.name: None}
            value = await _value(spec, one, row, context)
        except TemplateFault as error:
            return Reject(one.name, error.seen)
        if isinstance(value, Reject):
            return value
        return {**row, one.name: value}

    return fill


async def _value(spec: Spec, one: Field, row: Row, context: Context) -> Any:
    match one.kind:
        case "template":
            return render(one.text, row)
        case "drawn" if one.draw is not None:
            value, parents = draw(one.draw, row, row["_slot"], context.seeds.child("draw", one.name).rng())
            if isinstance(value, str) and one.schema.get("type") == "integer":
                value = int(value)  # a level of a category is spelled
            row["_parents"] = [*row["_parents"], *parents]
            return value
        case "conversation" if one.conversation is not None:
            return await converse(spec, one, row, context, _parameters(spec, row, one))
        case "continued":
            return await continue_line(spec, one, row, context, _parameters(spec, row, one))
        case "evolved" if one.evolve is not None:
            return await evolve(one.name, one.evolve, row, context, _parameters(spec, row))
    models = [spec.model(name, row["_slot"]) for name in one.models] or [row["_writer"]]
    turns = _turns(spec, one, row)
    asked = [_ask(one, turns, model, context, _parameters(spec, row, one)) for model in models]
    answers = await asyncio.gather(*asked)
    return dict(zip(one.models, answers, strict=True)) if len(models) > 1 else answers[0]


async def _ask(
    one: Field, turns: list[Message], model: str | None, context: Context, parameters: Mapping[str, Any]
) -> Any:
    """Return one model's value for a field: its words, or what the field's schema asks for."""
    if one.schema == {"type": "string"}:
        answer = await context.ask(turns, model=model, **parameters)
        return cut_text(answer.text, cast("Cut", one.cut), was_cut=answer.finish == "length")
    answer = await context.ask(turns, model=model, schema=object_schema([one]), **parameters)
    return answer.data[one.name]


def _turns(spec: Spec, one: Field, row: Row) -> list[Message]:
    told = material(spec, row)
    system = render(one.system or spec.system, told) or SYSTEM
    return [Message("system", system), Message("user", render(one.text, told))]


def _parameters(spec: Spec, row: Row, one: Field | None = None) -> dict[str, Any]:
    """Return a call's parameters; the temperature reacts to what was refused before.

    Repeats call for a warmer model, rubbish for a cooler one: one that is heated writes more of it.
    """
    parameters = {**spec.parameters, **(one.parameters if one is not None else {})}
    base = float(parameters.get("temperature", 0.0))
    if base > 0:  # at 0 the answer is wanted as it is
        repeats = float(row.get("_repeats", 0.0))
        rubbish = max(0.0, 1.0 - float(row.get("_recent", 1.0)) - repeats)
        warmer = _MORE * repeats - _LESS * max(0.0, rubbish - _USUAL) + _WARMER * min(row["_retry"], 4)
        parameters["temperature"] = round(min(max(base + warmer, base / 2), max(_HOTTEST, base)), 2)
    return parameters
