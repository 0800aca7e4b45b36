"""The record of a run as it may be passed on: sentences without rare real values, numbers finite and rounded.

Page, document and card are all made from a `Public`, so none of them can tell more than the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from ..contracts import Assessment, Finding, Part, Score
from ..data.schema import Schema
from ..run.record import RunRecord
from .disclosure import K, Redactor, finite, significant, withhold_rules

__all__ = ["Public", "Reject", "make_public"]

_MOST_PARTS = 200
_MOST_REASONS = 50


@dataclass(frozen=True, slots=True)
class Reject:
    """How many rows a step refused for one reason."""

    step: str
    reason: str
    rows: int


@dataclass(frozen=True, slots=True)
class Public:
    """What may be shown of a run; rows of real and holdout are None where there was no such table."""

    assessment: Assessment
    schema: Schema
    synthetic_rows: int
    real_rows: int | None
    holdout_rows: int | None
    rejects: tuple[Reject, ...]
    facts: Mapping[str, str]
    cost: Mapping[str, float | None]
    notes: tuple[str, ...]
    recipe: str


def make_public(record: RunRecord) -> Public:
    """Return what may be shown of a record. A score whose value is no number becomes failed; 200 parts are kept."""
    redact = Redactor(record.real, record.holdout)
    given = record.assessment
    return Public(
        assessment=Assessment(
            given.verdict,
            {name: _finding(item, _of_family(name, redact)) for name, item in given.families.items()},
            {name: _finding(item, redact) for name, item in given.risks.items()},
            tuple(_score(score, redact) for score in given.scores),
            tuple(replace(result, why=_of_family(result.gate.metric, redact)(result.why)) for result in given.gates),
        ),
        schema=record.synthetic.schema.without_counts(),
        synthetic_rows=len(record.synthetic),
        real_rows=None if record.real is None else record.real.height,
        holdout_rows=None if record.holdout is None else record.holdout.height,
        rejects=_count_rejects(record.rejects, redact),
        facts={name: redact(text) for name, text in record.facts.items()},
        cost={name: _amount(amount) for name, amount in record.cost.items()},
        notes=tuple(redact(note) for note in record.notes),
        recipe=withhold_rules(record.recipe, redact),
    )


def _of_family(name: str, redact: Redactor) -> Redactor:
    """Return the redactor for what is said of a family or of one of its scores."""
    return redact.counts_too() if name.partition(".")[0] == "privacy" else redact


def _finding(finding: Finding, redact: Redactor) -> Finding:
    return Finding(finding.verdict, redact(finding.why))


def _score(score: Score, redact: Redactor) -> Score:
    redact = _of_family(score.family, redact)
    if score.family == "privacy":
        score = _blur(score)
    broken = score.state == "ok" and (score.value is None or not math.isfinite(score.value))
    parts = (part for part in score.parts if math.isfinite(part.value))
    return replace(
        score,
        state="failed" if broken else score.state,
        value=finite(score.value),
        low=finite(score.low),
        high=finite(score.high),
        floor=finite(score.floor),
        noise=finite(score.noise),
        reason=redact(score.reason) or ("The measure gave no number." if broken else ""),
        parts=tuple(
            Part(redact(part.place), finite(part.value) or 0.0, finite(part.floor))
            for part, _ in zip(parts, range(_MOST_PARTS), strict=False)
        ),
    )


def _amount(amount: float) -> float | None:
    """Return a line of the cost: whole numbers, which count rows, as they are, others rounded."""
    return float(amount) if math.isfinite(amount) and amount == int(amount) else finite(amount)


def _blur(score: Score) -> Score:
    """Return a score whose value, a share, stands for fewer than `K` rows with one digit to each of its numbers."""
    value = score.value
    if value is None or score.n == 0 or not 0 < value < min(1.0, K / score.n):
        return score
    rough = [None if item is None else significant(item, 1) for item in (value, score.low, score.high, score.floor)]
    return replace(score, value=rough[0], low=rough[1], high=rough[2], floor=rough[3])


def _count_rejects(rejects: pl.DataFrame, redact: Redactor) -> tuple[Reject, ...]:
    """Return reasons by number of rows, most frequent first; beyond fifty the rest is one line."""
    if rejects.height == 0 or not {"step", "reason"} <= set(rejects.columns):
        return ()
    counts = (
        rejects.group_by("step", "reason").len("rows").sort("rows", "step", "reason", descending=[True, False, False])
    )
    listed = [Reject(str(step), redact(str(reason)), int(rows)) for step, reason, rows in counts.iter_rows()]
    rest = sum(reject.rows for reject in listed[_MOST_REASONS:])
    more = [Reject("several steps", "other reasons", rest)] if rest else []
    return (*listed[:_MOST_REASONS], *more)
