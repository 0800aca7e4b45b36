"""Targets that answer nothing: a hunt through one would blame its records for what is wrong with the target."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

from ...errors import RecipeError
from .cases import RecordCase
from .domain import Domain, Expectation
from .oracles import wrong_output
from .outcome import Outcome

__all__ = ["refuse_unanswered"]

_ANY = Domain((), expect=Expectation())
_LONGEST = 200


def refuse_unanswered(plain: Sequence[tuple[RecordCase, Outcome]], style: str, of: str = "record") -> None:
    """Raise RecipeError, with the first error and its place, if none of the plain records got an answer to judge.

    plain : allowed records with what came back; one that stands twice counts once. style : how the target is called.
    of : what it takes, "record" or "text".
    """
    asked = list({repr(case.record): (case, outcome) for case, outcome in reversed(plain)}.values())[::-1]
    if not asked or any(_unusable(outcome) is None for _, outcome in asked):
        return
    case, first = asked[0]
    record = repr(dict(case.record))
    shown = record if len(record) <= _LONGEST else f"{record[:_LONGEST]}…"
    which = f"the plain {of}" if len(asked) == 1 else f"any of {len(asked)} plain, allowed {of}s"
    seen = f"the target does not answer {which}: {_unusable(first)}, for {shown}"
    raise RecipeError(seen, where=first.place, hint=_hint(first, style, of))


def _unusable(outcome: Outcome) -> str | None:
    """Return why there is nothing to judge, None if there is."""
    if not outcome.ok:
        return f"{outcome.error}: {outcome.message}" if outcome.message else outcome.error
    value: Any = outcome.value
    if value is None or (isinstance(value, list | tuple) and not value):
        return f"it returns {value!r}"
    wrong = wrong_output(_ANY, value)
    if wrong is not None:
        return f"it returns {value!r}, {wrong}"
    compares: Any = type(value).__eq__
    if compares is object.__eq__ and not isinstance(value, Enum):
        return f"it returns a {type(value).__name__}, which cannot be compared"
    return None


def _hint(outcome: Outcome, style: str, of: str) -> str:
    if "ImportError" in outcome.kinds:
        return "install what it imports beside simulacra, then try again"
    if outcome.ok:
        return "return a number, a text, a truth value, or a list of them (a validator: True), and raise for a refusal"
    other = "if it takes other records, the schema, or" if of == "record" else "if it takes them otherwise,"
    return f"mend that first; or, {other} --style (it was called as {style!r})"
