"""What is wrong with one answer to one record, by what the domain says of records and answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .cases import RecordCase
from .domain import Domain
from .outcome import Outcome
from .rules import is_unusual, refusals
from .target import RecordTarget

__all__ = ["Failure", "alike", "judge", "rank", "same", "wrong_output"]

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that went wrong.

    oracle : which rule says so. signature : failures with the same one have, as far as can be seen, one cause.
    told : what was seen, in words. still : whether another record fails in the same way (calls the target); None where
    that cannot be asked again, because it hangs on all calls before.
    partner : the record that it is compared with, where two answers contradict each other.
    pinned : values that belong to the failure whatever the rest of the record is. after : the record that has to be
    asked about before.
    """

    oracle: str
    signature: tuple[str, ...]
    case: RecordCase
    told: str
    severity: str
    still: Callable[[Record], bool] | None
    partner: Callable[[Record], Record | None] | None = None
    pinned: Record = field(default_factory=dict)
    after: Record | None = None


def judge(domain: Domain, target: RecordTarget, case: RecordCase, outcome: Outcome) -> Failure | None:
    """Return what is wrong with one answer to one record, None if nothing is, or nobody told what is right."""
    found = None if case.valid and is_unusual(domain, case.record) else _told(domain, case, outcome)
    if found is None:
        return None
    oracle, signature, told, severity = found

    def still(record: Record) -> bool:
        refused = refusals(domain, record)
        if bool(refused) != bool(case.refused) or (refused and not set(refused.items()) & set(case.refused.items())):
            return False
        again = _told(domain, RecordCase(record, {}, refused), target.call(record))
        return again is not None and (again[0], again[1][:3]) == (oracle, signature[:3])

    return Failure(oracle, signature, case, told, severity, still)


def wrong_output(domain: Domain, value: Any) -> str | None:
    """Return why an output is not one of those expected, None if it is."""
    expect = domain.expect
    if value is None:
        return "nothing came back"
    if any(isinstance(one, float) and not math.isfinite(one) for one in _numbers(value)):
        return "not a finite number"
    if expect.levels:
        return None if value in expect.levels else "not one of the expected answers"
    kinds = {"number": (int, float), "integer": (int,), "boolean": (bool,), "string": (str,)}
    if expect.kind in kinds and not isinstance(value, kinds[expect.kind]):
        return f"of type {type(value).__name__}, not {expect.kind}"
    if isinstance(value, int | float):
        if expect.low is not None and value < expect.low:
            return f"below {expect.low:g}"
        if expect.high is not None and value > expect.high:
            return f"above {expect.high:g}"
    return None


def rank(domain: Domain, value: Any) -> float | None:
    """Return where an answer stands in the order of answers, None if it has no place.

    Of a row of numbers, as `predict_proba` gives for two classes, the last counts.
    """
    if isinstance(value, list | tuple) and value:
        value = value[-1]
    if domain.expect.levels:
        return float(domain.expect.levels.index(value)) if value in domain.expect.levels else None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def same(first: Outcome, second: Outcome) -> bool:
    """Say whether two answers are the same; numbers as `alike` has them, errors by their kind."""
    if first.ok != second.ok:
        return False
    if not first.ok:
        return first.error == second.error
    return alike(first.value, second.value)


def alike(one: Any, other: Any) -> bool:
    """Say whether two values are the same, alone or in rows; numbers to a millionth: sums in another order differ.

    Values whose comparison fails, or gives no truth value, are the same if they are written the same.
    """
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-9) or (math.isnan(one) and math.isnan(other))
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(alike(a, b) for a, b in zip(one, other, strict=True))
    try:
        return bool(one == other)
    except Exception:  # the answers' own `==`, which may raise anything: of two arrays in a mapping it is many answers
        return repr(one) == repr(other)


def _numbers(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _told(domain: Domain, case: RecordCase, outcome: Outcome) -> tuple[str, tuple[str, ...], str, str] | None:
    """Return (oracle, signature, what was seen, severity)."""
    if outcome.ok:
        wrong = wrong_output(domain, outcome.value)
        if case.valid and wrong is not None:
            told = f"an allowed record gave {outcome.value!r}: {wrong}"
            return "output", ("output", wrong, "", *sorted(case.ideas)), told, "high"
        if not case.valid:
            place, reason = next(iter(case.refused.items()))
            told = f"a record that is not allowed ({place}: {reason}) gave {outcome.value!r}"
            return "accepted", ("accepted", reason, place), told, "medium"
        return None
    clean = bool(set(domain.expect.rejects) & set(outcome.kinds))
    said = f"{outcome.error}: {outcome.message}" if outcome.message else outcome.error
    if case.valid:
        told = f"an allowed record was answered with {said}"
        return "crash", ("crash", outcome.error, outcome.place), told, "medium" if clean else "high"
    if clean:
        return None
    told = f"a record that is not allowed was answered with {said}, not with a refusal"
    return "unclean", ("unclean", outcome.error, outcome.place), told, "medium"
