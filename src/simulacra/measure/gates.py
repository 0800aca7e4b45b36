"""Bounds on scores: the default ones, how they are written, and how they are judged.

Default gates are counted from the floor, so that no gate asks for more than fresh real rows could give, and allow for
chance: `ALLOWANCE` standard deviations of (value - floor) are not held against the data. On a clean real sample one
gate errs about once in 4,000 runs, all of them together in well under 1 %. What remains are the bounds themselves: how
large a true difference is called close (pass), off (warn) or broken (fail). They are a choice, and here to be changed.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from ..contracts import Assessment, Gate, GateResult, Score, Verdict
from ..errors import RecipeError

__all__ = ["default_gates", "gate_to_text", "judge", "merge_gates", "parse_gate", "score_names", "worst_places"]

ALLOWANCE = 3.5

_DEFAULT = (
    Gate("fidelity.shape", "at_least", -0.05, of_floor=True, warn=-0.02),
    Gate("fidelity.worst_column", "at_most", 5.0, of_floor=True, warn=2.5),
    Gate("fidelity.trend", "at_least", -0.05, of_floor=True, warn=-0.02),
    Gate("fidelity.worst_pair", "at_most", 4.0, of_floor=True, warn=2.5),
    Gate("fidelity.worst_triple", "at_most", 0.15, of_floor=True, warn=0.05),
    Gate("fidelity.association", "at_most", 0.1, of_floor=True, warn=0.005),
    Gate("fidelity.interaction", "at_most", 0.1, of_floor=True, warn=0.005),
    Gate("fidelity.missing", "at_most", 0.1, of_floor=True, warn=0.005),
    Gate("fidelity.heaps", "at_most", 0.1, of_floor=True, warn=0.005),
    Gate("fidelity.calendar", "at_most", 0.1, of_floor=True, warn=0.005),
    Gate("fidelity.levels", "at_most", 0.1, of_floor=True, warn=0.001),
    Gate("fidelity.outcome", "at_most", 0.1, of_floor=True, warn=0.01),
    Gate("fidelity.gap", "at_most", 0.1, of_floor=True, warn=0.005),
    Gate("fidelity.dependence", "at_most", 0.1, of_floor=True, warn=0.005),
    Gate("fidelity.adjusted_gap", "at_most", 0.1, of_floor=True, warn=0.005),
    Gate("fidelity.representation", "at_most", 0.1, of_floor=True, warn=0.005),
    Gate("fidelity.amplification", "at_most", 0.1, of_floor=True, warn=0.01),
    Gate("fidelity.detection", "at_least", -0.3, of_floor=True, warn=-0.1),
    Gate("fidelity.detection_holdout", "at_least", -0.3, of_floor=True, warn=-0.1),
    Gate("validity.schema", "at_least", -0.02, of_floor=True, warn=0.0),
    Gate("validity.constraints", "at_least", -0.02, of_floor=True, warn=0.0),
    Gate("utility.tstr", "at_least", -0.05, of_floor=True, warn=-0.02),
    Gate("utility.groups", "at_most", 0.1, of_floor=True, warn=0.02),
    Gate("utility.calibration", "at_most", 0.5, of_floor=True, warn=0.05),
    Gate("privacy.copies", "at_most", 0.002, of_floor=True, warn=0.0),
    Gate("privacy.nearest", "at_most", 0.02, of_floor=True, warn=0.01),
    Gate("privacy.reemission", "at_most", 0.002, of_floor=True, warn=0.0),
    Gate("privacy.membership", "at_most", 0.02, of_floor=True, warn=0.01),
    Gate("privacy.exposed", "at_most", 0.0),
    Gate("privacy.epsilon", "at_most", 0.0, of_floor=True),
    Gate("privacy.leaked", "at_most", 0.001, of_floor=True, warn=0.0),
    Gate("privacy.exchangeability", "at_least", 0.001, warn=0.003),
    Gate("privacy.verbatim", "at_most", 3.0, of_floor=True),
    Gate("privacy.repeated", "at_most", 3.0, of_floor=True),
    Gate("privacy.accusations", "at_most", 0.02, of_floor=True, warn=0.005),
    Gate("privacy.singling_out", "at_most", 0.02, of_floor=True, warn=0.0),
    Gate("privacy.inference", "at_most", 0.02, of_floor=True, warn=0.0),
    Gate("privacy.linkability", "at_most", 0.02, of_floor=True, warn=0.0),
    Gate("diversity.categories", "at_least", 0.95, warn=1.0),
    Gate("diversity.coverage", "at_least", -0.1, of_floor=True, warn=-0.02),
    Gate("diversity.range", "at_least", -0.2, of_floor=True, warn=-0.05),
    Gate("diversity.tails", "at_least", -0.4, of_floor=True, warn=-0.1),
    Gate("diversity.duplicates", "at_most", 0.05, of_floor=True, warn=0.01),
)

_BOUND = r"(?:floor\s*(?:[+-]\s*\S+)?|\S+)"
_GATE = re.compile(
    rf"\s*(?P<metric>[A-Za-z_][\w.\-]*)\s*(?P<side><=|>=)\s*(?P<bound>{_BOUND})(?:\s+warn\s+(?P<warn>{_BOUND}))?\s*"
)
_FORM = "write NAME <= NUMBER, NAME >= NUMBER, or NAME >= floor - NUMBER, and behind it, if wanted, warn and a bound"


def default_gates() -> tuple[Gate, ...]:
    """Return the gates of a run that names none."""
    return _DEFAULT


def score_names() -> list[str]:
    """Return the names of all scores that the registered metrics give."""
    from ..registry import find, names

    kinds = [(kind, name) for kind in ("metric", "text_metric") for name in names(kind)]
    return sorted({score for kind, name in kinds for score in getattr(find(kind, name), "scores", (name,))})


def parse_gate(text: str) -> Gate:
    """Return the gate that a person wrote; RecipeError with what was seen if it is none.

    >>> parse_gate("privacy.copies <= floor + 0.002 warn floor")
    Gate(metric='privacy.copies', side='at_most', bound=0.002, of_floor=True, warn=0.0)
    """
    found = _GATE.fullmatch(text)
    if not found:
        raise RecipeError(f"{text!r} is not a gate", hint=_FORM)
    metric = found["metric"]
    known = score_names()
    if metric not in known:
        near = difflib.get_close_matches(metric, known, n=1)
        hint = f"did you mean {near[0]!r}" if near else "`simulacra list metrics` names them all"
        raise RecipeError(f"there is no measure {metric!r}", where=f"gate {text!r}", hint=hint)
    bound, of_floor = _read_bound(found["bound"], text)
    warn, warn_of_floor = (None, of_floor) if found["warn"] is None else _read_bound(found["warn"], text)
    if warn_of_floor != of_floor:
        raise RecipeError("one bound counts from the floor and the other does not", where=f"gate {text!r}", hint=_FORM)
    return Gate(metric, "at_least" if found["side"] == ">=" else "at_most", bound, of_floor=of_floor, warn=warn)


def _read_bound(text: str, gate: str) -> tuple[float, bool]:
    """Return the number of a bound and whether it counts from the floor."""
    of_floor = text.startswith("floor")
    number = text.removeprefix("floor").replace(" ", "") if of_floor else text
    try:
        value = float(number or "0")
    except ValueError:
        value = float("nan")
    if not abs(value) < float("inf"):
        raise RecipeError(f"{number.lstrip('+-')!r} is not a number", where=f"gate {gate!r}", hint=_FORM)
    return value, of_floor


def gate_to_text(gate: Gate) -> str:
    """Return the gate as a person writes it; `parse_gate` reads it back.

    >>> gate_to_text(Gate("fidelity.shape", "at_least", -0.05, of_floor=True, warn=-0.02))
    'fidelity.shape >= floor - 0.05 warn floor - 0.02'
    """
    sign = ">=" if gate.side == "at_least" else "<="
    warn = "" if gate.warn is None else f" warn {_bound_to_text(gate.warn, gate.of_floor)}"
    return f"{gate.metric} {sign} {_bound_to_text(gate.bound, gate.of_floor)}{warn}"


def _bound_to_text(bound: float, of_floor: bool) -> str:
    if not of_floor:
        return repr(bound)
    return f"floor {'-' if bound < 0 else '+'} {abs(bound)!r}" if bound else "floor"


def merge_gates(texts: Sequence[str]) -> tuple[Gate, ...]:
    """Return the default gates, with those that a person wrote in the place of the defaults on the same scores."""
    written = [parse_gate(text) for text in texts]
    named = {gate.metric for gate in written}
    return (*(gate for gate in default_gates() if gate.metric not in named), *written)


def judge(gate: Gate, score: Score | None) -> GateResult:
    """Return the verdict of a gate on its score; unknown if there is no number to judge."""
    if score is None:
        return GateResult(gate, "unknown", f"{gate.metric} was not measured")
    if score.state != "ok" or score.value is None:
        return GateResult(gate, "unknown", score.reason)
    if gate.of_floor and score.floor is None:
        return GateResult(gate, "unknown", f"{gate.metric} has no floor to be measured from: {score.reason}")
    verdict: Verdict = "pass"
    if _past(gate, score, gate.bound):
        verdict = "fail"
    elif gate.warn is not None and _past(gate, score, gate.warn):
        verdict = "warn"
    return GateResult(gate, verdict, score.reason)


def _past(gate: Gate, score: Score, bound: float) -> bool:
    """Whether the value lies beyond a bound, and, for a bound counted from the floor, beyond what chance explains."""
    assert score.value is not None
    beyond = score.value - bound if gate.side == "at_most" else bound - score.value
    if not gate.of_floor:
        return beyond > 0
    assert score.floor is not None
    beyond += score.floor if gate.side == "at_least" else -score.floor
    return beyond > ALLOWANCE * (score.noise or 0.0)


def worst_places(assessment: Assessment) -> list[str]:
    """Return the places (columns, pairs, groups) behind the gates that warn or fail, those of the gravest score first.

    A score is the graver the further it lies past its floor, in units of what its gate lets pass. The first place of
    each score comes before the second of any.
    """
    scores = {score.name: score for score in assessment.scores}
    past = [result.gate for result in assessment.gates if result.verdict in ("warn", "fail")]
    ranked = sorted(past, key=lambda gate: -_gravity(gate, scores[gate.metric]))
    lists = [[part.place for part in scores[gate.metric].parts] for gate in ranked]
    longest = max((len(places) for places in lists), default=0)
    order = [places[step] for step in range(longest) for places in lists if step < len(places)]
    return list(dict.fromkeys(order))


def _gravity(gate: Gate, score: Score) -> float:
    past = abs((score.value or 0.0) - (score.floor or 0.0))
    return past / (abs(gate.bound) + ALLOWANCE * (score.noise or 0.0) + 1e-9)
