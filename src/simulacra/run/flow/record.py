"""What a run of texts leaves behind in memory; the report room turns it into a bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...contracts import Assessment
from ...store.rows import Totals

__all__ = ["UNCHECKED", "Filled", "TextRecord"]

UNCHECKED = "What is true in it, nobody checked."


@dataclass(frozen=True, slots=True)
class Filled:
    """How often one level of an axis, or one combination of the balanced axes, was delivered, and its share."""

    place: str
    rows: int
    share: float


@dataclass(frozen=True, slots=True)
class TextRecord:
    """Everything known at the end of a run of written rows.

    recipe : text of recipe.yaml. rows : delivered; asked : wanted. fields : names of a row's entries.
    totals : of all attempts. reason : why there are fewer rows than asked for, "".
    plan : axis -> its levels; "" -> the combinations of the balanced axes. curve : (attempts, accepted) as it went.
    samples : some delivered rows. prompt : one call as it was sent, (role, text). terms : model -> licence or terms.
    truth : who checked whether it is true. facts, cost, notes : as in `run.record.RunRecord`.
    """

    recipe: str
    rows: int
    asked: int
    fields: tuple[str, ...]
    assessment: Assessment
    totals: Totals
    reason: str = ""
    plan: Mapping[str, Sequence[Filled]] = field(default_factory=dict)
    curve: tuple[tuple[int, int], ...] = ()
    samples: tuple[Mapping[str, Any], ...] = ()
    prompt: tuple[tuple[str, str], ...] = ()
    terms: Mapping[str, str] = field(default_factory=dict)
    truth: str = UNCHECKED
    facts: Mapping[str, str] = field(default_factory=dict)
    cost: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
