"""The rules between fields, judged on one record at a time (`data.rules` judges tables)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from ...data.constraints import Comparison, Constraint, Term
from .domain import Domain

__all__ = ["UNUSUAL", "broken", "is_unusual", "refusals", "slack"]

UNUSUAL = ("below the range", "above the range", "no level", "too long", "too short", "between the steps")
"""Reasons that only a domain which was told, not guessed from data, may refuse a record for."""
_FLOAT = 1e-9


def broken(constraints: Sequence[Constraint], record: Mapping[str, Any]) -> list[str]:
    """Return the constraints that a record breaks, as texts; one with a field left out, null or of no kind is kept."""
    return [str(rule) for rule in constraints if not _keeps(rule, record)]


def refusals(domain: Domain, record: Mapping[str, Any]) -> dict[str, str]:
    """Return why a record is not allowed, field or constraint -> reason; empty if it is allowed."""
    found = {}
    for field in domain.fields:
        if field.name not in record:
            if field.required:
                found[field.name] = "missing"
        else:
            reason = field.refuses(record[field.name])
            if reason is not None and not (domain.guessed and reason in UNUSUAL):
                found[field.name] = reason
    if domain.closed:
        found |= dict.fromkeys((name for name in record if name not in domain.names), "no such field")
    return found or dict.fromkeys(broken(domain.constraints, record), "rule broken")


def is_unusual(domain: Domain, record: Mapping[str, Any]) -> bool:
    """Say whether a record goes beyond what the data of a guessed domain have: nobody told whether it is allowed."""
    told = (field.refuses(record[field.name]) for field in domain.fields if field.name in record)
    return domain.guessed and any(reason in UNUSUAL for reason in told)


def slack(comparison: Comparison, record: Mapping[str, Any]) -> float | None:
    """Return the value of the comparison's left side (terms and numbers, compared with 0), None if it has none."""
    total = comparison.number + comparison.micros
    for term in comparison.terms:
        value = _value(term, record)
        if value is None:
            return None
        total += term.factor * value
    return total


def _keeps(rule: Constraint, record: Mapping[str, Any]) -> bool:
    if rule.kind == "matches":
        value = record.get(rule.columns[0])
        return not isinstance(value, str) or re.fullmatch(rule.text, value) is not None
    return all(_compares(comparison, record) for comparison in rule.comparisons)


def _compares(comparison: Comparison, record: Mapping[str, Any]) -> bool:
    total = slack(comparison, record)
    if total is None:
        return True
    sizes = [abs(_value(term, record) or 0.0) for term in comparison.terms]
    near = _FLOAT * max([1.0, *sizes])
    if comparison.sign == "<=":
        return total <= near
    if comparison.sign == "<":
        return total < 0
    return (abs(total) <= near) == (comparison.sign == "=")


def _value(term: Term, record: Mapping[str, Any]) -> float | None:
    written = term.name if term.quoted else record.get(term.name)
    if isinstance(written, bool | int | float):
        return float(written) if abs(written) < 1e300 and written == written else None
    if not isinstance(written, str):
        return None
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        return None
    if term.part:
        return _part(read, term.part)
    zoned = read if read.tzinfo else read.replace(tzinfo=UTC)
    try:
        return zoned.timestamp() * 1e6
    except (OverflowError, OSError):
        return None


def _part(read: datetime, part: str) -> float:
    if part == "weekday":
        return float(read.isoweekday())
    if part == "quarter":
        return float((read.month + 2) // 3)
    if part == "date":
        return float((read.date() - date(1970, 1, 1)).days) * 86_400e6
    return float(getattr(read, part))
