"""Edge cases of functions and models over records, and of classifiers of texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..attack.records.domain import Domain, domain_from_dict
from ..attack.records.target import Style
from ..attack.texts.target import TextStyle
from ..contracts import Progress
from ..report.edgecases import hunt_edgecases
from ..report.edgecases_text import hunt_text_edgecases
from ..run.edgecases import EdgecasesRecord, Hunt
from ..run.edgecases_text import TextHunt, TextRecord

__all__ = ["edgecases", "edgecases_text"]


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
    only_allowed: bool = False,
    seed: int = 0,
    progress: Progress | None = None,
) -> EdgecasesRecord:
    """Look for records that break a function: crashes, forbidden input that is accepted, answers that contradict.

    target : a function, or "module:function". schema : JSON Schema of one record with `constraints` and `expect`, as a
    mapping or a file; see docs/edgecases.md. data : a frame or file of rows like those it will meet.
    out : a folder for the report, the records tried and pytest tests. records, calls : hard limits. only_allowed : try
    no forbidden record, for a target that need not refuse any. progress : told of each call.

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
    hunt = Hunt(target, told, data, style, records, calls, seed, only_allowed)
    return hunt_edgecases(hunt, None if out is None else Path(out), fresh=fresh, progress=progress)


def edgecases_text(
    target: str | Callable[..., Any],
    *,
    text: str = "text",
    label: str | None = None,
    data: Any = None,
    tests: Mapping[str, Any] | str | Path | None = None,
    skip: Sequence[str] = (),
    out: str | Path | None = None,
    fresh: bool = False,
    calls: int = 10_000,
    style: TextStyle | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> TextRecord:
    """Look for texts on which a classifier contradicts itself: small changes that must not matter, and tests of yours.

    target : a function from a list of texts to one answer each (labels, scores by class, rows of probabilities, one
    number), or "module:function". data : a frame or file with the column `text`, and `label` where labels are known.
    tests : templates with their label, changes that move a score; see docs/edgecases.md. skip : usual tests, or
    capabilities, to leave out. out : a folder for the report, the texts tried and pytest tests. calls : texts asked
    about, at most. progress : told of each text.

    >>> def praise(texts):
    ...     return ["good" if "great" in text else "bad" for text in texts]
    >>> found = edgecases_text(praise, data={"text": ["This is great.", "This is a great film!", "So boring."]})
    >>> "all capitals" in {one.test for one in found.campaign.findings}
    True
    """
    told = Path(tests) if isinstance(tests, str) else tests
    hunt = TextHunt(target, text, label, data, told, tuple(skip), style, calls, seed)
    return hunt_text_edgecases(hunt, None if out is None else Path(out), fresh=fresh, progress=progress)
