"""From failures to findings: shrunk to the least that fails, one report for one cause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from ..rates import Rate, rate
from ..shrink import shrink
from .oracles import Failure
from .target import CallsSpent
from .values import MISSING

__all__ = ["Finding", "group", "report"]

_REPEATS = 5
_NO_RECORD = frozenset({"empty batch"})
"""What no record is to blame for: none is shown."""
_MERGED = 3
"""From so many fields on, the same slip in each is one cause: nothing looks at it anywhere."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One weakness of a record function.

    record : the record that fails, as near to `baseline` as can be; {} where no record is to blame. baseline : one that
    passes, with the partner's values where two answers contradict each other. changed : the fields that differ.
    input : whether the record is one the target must take ("valid") or must refuse ("invalid").
    field : the field that a relation is about, "" if it is about none. also : other places with the same cause.
    partner : the record whose answer contradicts it, None where one answer is wrong by itself. after : the record that
    the target remembers, None where memory plays no part, or nobody knows which.
    count : how many cases failed so. reproduced : in how many repetitions the least record fails again.
    """

    identity: str
    oracle: str
    severity: str
    input: str
    told: str
    record: Mapping[str, Any]
    baseline: Mapping[str, Any]
    changed: tuple[str, ...]
    refused: Mapping[str, str]
    count: int
    reproduced: Rate
    also: tuple[str, ...] = ()
    partner: Mapping[str, Any] | None = None
    field: str = ""
    after: Mapping[str, Any] | None = None


def group(failures: Sequence[Failure]) -> list[tuple[Failure, int]]:
    """Return the first failure of each signature, with how many there were; in order of appearance."""
    seen: dict[tuple[str, ...], list[Failure]] = defaultdict(list)
    for failure in failures:
        seen[failure.signature].append(failure)
    return [(same[0], len(same)) for same in seen.values()]


def report(
    failures: Sequence[Failure],
    baselines: Sequence[Mapping[str, Any]],
) -> list[Finding]:
    """Return the findings, gravest first, each shrunk; what has one cause as far as can be seen is one finding."""
    groups = group(failures)
    crashed = {failure.signature[1:] for failure, _ in groups if failure.oracle == "crash"}
    apart = [(one, n) for one, n in groups if one.oracle != "unclean" or one.signature[1:] not in crashed]
    shrunk = [_shrunk(failure, baselines, count) for failure, count in apart]
    order = {"high": 0, "medium": 1, "low": 2}
    merged = _merged([finding for finding in shrunk if finding is not None])
    ranked = sorted(merged, key=lambda one: (order[one.severity], one.input != "valid", one.oracle, one.told))
    return [replace(finding, identity=f"F{i + 1:03d}") for i, finding in enumerate(ranked)]


def _shrunk(
    failure: Failure,
    baselines: Sequence[Mapping[str, Any]],
    count: int,
) -> Finding | None:
    record = failure.case.record
    baseline = min(baselines, key=lambda base: len(_differences(base, record)), default=record)
    still = failure.still
    least = _differences(baseline, record)
    hits: list[bool] = []
    if still is not None:
        with suppress(CallsSpent):  # then the record is as small as it got
            least = shrink(least, lambda some: still(_put(baseline, record, some)), tries=60)
        final = _put(baseline, record, least) | dict(failure.pinned)
        with suppress(CallsSpent):
            for _ in range(_REPEATS):
                hits.append(still(final))  # noqa: PERF401 - what was asked before the calls ran out counts
    final = _put(baseline, record, least) | dict(failure.pinned)
    if failure.oracle in _NO_RECORD:
        final, baseline, least = {}, {}, []
    partner = failure.partner(final) if failure.partner else None
    moved = [] if partner is None else _differences(partner, final)
    beside = {**baseline, **{name: partner[name] for name in moved if partner is not None and name in partner}}
    return Finding(
        "", failure.oracle, failure.severity, "valid" if failure.case.valid else "invalid", failure.told, final,
        beside, tuple(dict.fromkeys([*least, *moved])), failure.case.refused, count, rate([(hit, 1) for hit in hits]),
        (), partner, next(iter(failure.pinned), ""), failure.after,
    )  # fmt: skip


def _merged(findings: Sequence[Finding]) -> list[Finding]:
    """Join findings of one cause: the same oracle on the same fields, or the same slip in many fields."""
    groups: dict[tuple[Any, ...], list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[_cause(finding)].append(finding)
    joined = [_joined(same) for same in groups.values()]
    slips: dict[tuple[str, ...], list[Finding]] = defaultdict(list)
    for finding in joined:
        slips[(finding.oracle, *sorted(set(finding.refused.values())))].append(finding)
    kept = []
    for (oracle, *_), same in slips.items():
        many = oracle == "accepted" and len({finding.changed for finding in same}) >= _MERGED
        kept += [_joined(same)] if many else same
    return kept


def _cause(finding: Finding) -> tuple[Any, ...]:
    if finding.oracle in ("crash", "unclean"):
        return (finding.oracle, finding.told)
    return (finding.oracle, finding.changed, tuple(sorted(finding.refused.values())), finding.told)


def _joined(same: Sequence[Finding]) -> Finding:
    first = min(same, key=lambda one: len(one.changed))
    also = {", ".join(one.changed) for one in same if one.changed != first.changed}
    return replace(first, count=sum(one.count for one in same), also=tuple(sorted(also)))


def _differences(base: Mapping[str, Any], record: Mapping[str, Any]) -> list[str]:
    names = dict.fromkeys([*base, *record])
    return [name for name in names if _shown(base.get(name, MISSING)) != _shown(record.get(name, MISSING))]


def _shown(value: Any) -> str:
    return f"{type(value).__name__}:{value!r}"


def _put(base: Mapping[str, Any], record: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return the base with the named fields as in the record, in the record's order of fields."""
    mixed = {**base, **{name: record[name] for name in names if name in record}}
    for name in names:
        if name not in record:
            mixed.pop(name, None)
    return {name: mixed[name] for name in [*record, *(n for n in mixed if n not in record)] if name in mixed}
