"""What a measurement says: scores, gates, findings, and the verdict on a data set.

A missing score is a state with a reason, never NaN or 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["FAMILIES", "RISKS", "Assessment", "Finding", "Gate", "GateResult", "Part", "Score", "Verdict", "worst"]

Verdict = Literal["pass", "warn", "fail", "unknown"]
FAMILIES = ("fidelity", "utility", "privacy", "diversity", "validity")
RISKS = ("collapse", "bias", "diversity", "unvalidated")
_SEVERITY = {"pass": 0, "warn": 1, "unknown": 2, "fail": 3}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the gravest verdict (pass < warn < unknown < fail); of none, "unknown": nothing was validated.

    >>> worst(["pass", "unknown", "warn"])
    'unknown'
    """
    return max(verdicts, key=_SEVERITY.__getitem__, default="unknown")


@dataclass(frozen=True, slots=True)
class Part:
    """One place of a score: a column, or a pair of columns ("age × income"), with its value and the floor there."""

    place: str
    value: float
    floor: float | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """One measured number with what is needed to read it.

    Parameters
    ----------
    name : "family.measure", e.g. "privacy.copies"; unique within an assessment.
    family : one of `FAMILIES`.
    state : "ok"; "undefined": the question has no answer here (`reason` says why); "failed": the measure broke.
    value : the number, None unless ok. In the unit and range that the metric's docstring states.
    low, high : 95 % interval of value, if one was computed.
    floor : the same measure between real rows and other real rows: what perfect data would show.
    noise : standard deviation of (value - floor) when the data are as good as fresh real rows.
    better : whether larger or smaller values are better.
    n : number of rows it was computed from.
    reason : one sentence for a person: what the number means here, or why there is none.
    parts : the places behind the number, worst first.
    """

    name: str
    family: str
    state: Literal["ok", "undefined", "failed"] = "ok"
    value: float | None = None
    low: float | None = None
    high: float | None = None
    floor: float | None = None
    noise: float | None = None
    better: Literal["higher", "lower"] = "higher"
    n: int = 0
    reason: str = ""
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """A bound on one score. `of_floor` counts it from the score's floor: value >= (or <=) floor + bound.
    Such a gate allows for chance: what the score's noise explains is not held against the data.

    A value past `warn` but within `bound` passes with a warning.
    """

    metric: str
    side: Literal["at_least", "at_most"]
    bound: float
    of_floor: bool = False
    warn: float | None = None


@dataclass(frozen=True, slots=True)
class GateResult:
    """What a gate said of a score, in a sentence."""

    gate: Gate
    verdict: Verdict
    why: str


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on a family or a risk and the reason for it, in a sentence a product owner understands."""

    verdict: Verdict
    why: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """All that was measured of a data set, and the verdict: the content of report.json."""

    verdict: Verdict
    families: Mapping[str, Finding]
    risks: Mapping[str, Finding]
    scores: tuple[Score, ...]
    gates: tuple[GateResult, ...]
