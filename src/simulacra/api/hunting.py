"""Edge cases of functions and models over records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..attack.records.domain import Domain, domain_from_dict
from ..attack.records.target import Style
from ..report.edgecases import hunt_edgecases
from ..run.edgecases import EdgecasesRecord, Hunt

__all__ = ["edgecases"]


def edgecases(
    target: str | Callable[..., Any],
    *,
    schema: Domain | Mapping[str, Any] | str | Path | None = None,
    data: Any = None,
    out: str | Path | None = None,
    fresh: bool = False,
    records: int = 2_000,
    calls: int = 10_000,
    style: Style | None = None,
    seed: int = 0,
) -> EdgecasesRecord:
    """Look for records that break a function: crashes, forbidden input that is accepted, answers that contradict.

    target : a function, or "module:function". schema : JSON Schema of one record with `constraints` and `expect`, as a
    mapping or a file; see docs/edgecases.md. data : a frame or file of rows like those it will meet.
    out : a folder for the report, the records tried and pytest tests. records, calls : hard limits.

    >>> def half(record):
    ...     return 100 / record["amount"]
    >>> found = edgecases(half, schema={"properties": {"amount": {"type": "integer", "minimum": 0, "maximum": 9}}})
    >>> found.campaign.findings[0].told
    'an allowed record was answered with ZeroDivisionError: division by zero'
    """
    if isinstance(schema, Mapping):
        told: Domain | Path | None = domain_from_dict(schema)
    else:
        told = Path(schema) if isinstance(schema, str) else schema
    hunt = Hunt(target, told, data, style, records, calls, seed)
    return hunt_edgecases(hunt, None if out is None else Path(out), fresh=fresh)
