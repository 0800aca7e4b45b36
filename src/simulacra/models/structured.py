"""Structured answers: valid by the schema or not at all.

An answer that is no valid record gets one turn in which the model sees what is wrong, then further samples; an answer
that was cut off is asked for once more with twice the room, never accepted. Every step is a call with a key of its own,
so all of it is stored, priced and, when the run is repeated, replayed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from ..contracts.models import Answer, Call, Message
from .errors import Declined
from .schema import Check
from .slips import read_json

__all__ = ["ask_for_data", "read_data"]

_RESAMPLES = 2
_RESAMPLE_STEP = 1_000_000  # far from the samples that anybody asks for
_SHOWN = 4000  # characters of a bad answer that the model is shown again

Ask = Callable[[Call], Awaitable[Answer]]


async def ask_for_data(call: Call, ask: Ask, check: Check, *, bad: Callable[[Answer], None]) -> Answer:
    """Return an answer whose `data` satisfies the call's schema.

    ask : asks for one answer, from the store if it is there. bad : told of each answer that cannot be used.
    Errors: Declined if the model refuses or does not come to a valid answer.
    """
    wrong = ""
    first: Answer | None = None
    for number in range(_RESAMPLES + 2):
        turn = _next_call(call, number, first, wrong)
        if turn is None:
            continue
        answer = await _whole(turn, ask, bad)
        data, mended, wrong = read_data(answer, check)
        if not wrong:
            return replace(answer, data=data, repaired=mended)
        bad(answer)
        first = first or answer
    raise Declined(f"no answer that satisfies the schema: {wrong}", where=call.model)


def read_data(answer: Answer, check: Check) -> tuple[Any, bool, str]:
    """Return the JSON value in an answer, whether slips of syntax were mended, and what is wrong ("" if nothing)."""
    try:
        data, mended = read_json(answer.text)
    except ValueError as error:
        return None, False, str(error)
    wrong = check(data)
    # A tool can only carry an object: a bare value comes wrapped, see `modes`.
    if wrong is not None and isinstance(data, dict) and set(data) == {"value"} and check(data["value"]) is None:
        return data["value"], mended, ""
    return data, mended, wrong or ""


async def _whole(call: Call, ask: Ask, bad: Callable[[Answer], None]) -> Answer:
    """Return an answer that was neither cut off nor a refusal."""
    answer = await ask(call)
    if answer.finish == "length":
        bad(answer)
        room = 2 * int(call.parameters.get("max_tokens") or max(1024, answer.usage.tokens_out))
        answer = await ask(replace(call, parameters={**call.parameters, "max_tokens": room}))
        if answer.finish == "length":
            bad(answer)
            raise Declined(f"the answer was cut off at {room:,} tokens", where=call.model)
    if answer.finish == "refusal":
        raise Declined("the model refused", where=call.model)
    return answer


def _next_call(call: Call, number: int, first: Answer | None, wrong: str) -> Call | None:
    """The call itself, the turn that shows what is wrong, then other samples of the call."""
    if number == 0:
        return call
    if number == 1:
        return _repair_turn(call, first, wrong)
    seed = None if call.seed is None else call.seed + number - 1
    return replace(call, sample=call.sample + _RESAMPLE_STEP * (number - 1), seed=seed)


def _repair_turn(call: Call, first: Answer | None, wrong: str) -> Call | None:
    if first is None or call.prompt is not None:
        return None
    words = f"That cannot be used: {wrong}. Give the whole answer again, corrected, as JSON and nothing else."
    turns = (Message("assistant", first.text[:_SHOWN] or "{}"), Message("user", words))
    return replace(call, messages=(*call.messages, *turns))
