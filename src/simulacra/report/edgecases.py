"""What is shown of a hunt for edge cases: a page, a document for programs, records and tests to take along."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ..attack.records.domain import domain_to_dict
from ..attack.records.findings import Finding
from ..contracts import Progress
from ..data.files import write_atomic
from ..export.record_tests import render_record_tests
from ..run.edgecases import EdgecasesRecord, Hunt, fingerprint, run_edgecases
from ..run.folder import home_of, open_folder
from .document import to_bytes
from .glossary import VERDICTS
from .page import page_template

__all__ = [
    "edgecases_document",
    "explain_edgecases",
    "finding_rows",
    "hunt_edgecases",
    "open_hunt",
    "render_edgecases",
    "write_bundle",
]

FORMAT, FORMAT_VERSION = "simulacra.edgecases", 1
_SEVERITY = {"high": "High", "medium": "Medium", "low": "Low"}
_ORACLES = {
    "crash": "An allowed record is answered with an error",
    "unclean": "A forbidden record is answered with an error that is no refusal",
    "accepted": "A forbidden record is answered as if it were allowed",
    "output": "The answer is none of those expected",
    "monotone": "The answer moves the wrong way",
    "ignores": "Something that must not matter matters",
    "same number": "5 and 5.0 get different answers",
    "field order": "The order of the fields matters",
    "repeat": "The same record gets two answers",
    "memory": "Answers depend on calls before",
    "input": "The function changes what it is given",
    "batch": "A batch of allowed records fails",
    "empty batch": "An empty batch fails",
    "single against batch": "Alone and in a batch, a row gets different answers",
    "order of rows": "The order of rows matters",
    "duplicates in a batch": "A row that stands twice in a batch gets another answer",
}


@dataclass(frozen=True, slots=True)
class _Cell:
    """One cell of the record that fails, beside that of one that passes."""

    field: str
    passes: str
    fails: str
    changed: bool


def hunt_edgecases(
    hunt: Hunt, out: Path | None = None, *, fresh: bool = False, progress: Progress | None = None
) -> EdgecasesRecord:
    """Hunt for edge cases and, if a folder is given, write their bundle there; an interrupted hunt goes on.

    Errors: OutputError if the folder holds another run and not `fresh`; those of `run_edgecases`.
    """
    if out is None:
        return run_edgecases(hunt, progress=progress)
    with open_hunt(out, fingerprint(hunt), fresh=fresh) as answers:
        record = run_edgecases(hunt, answers, progress=progress)
        _write(record, out)
    return record


@contextmanager
def open_hunt(out: Path, fingerprint: str, *, fresh: bool) -> Iterator[Path]:
    """Open the folder of a hunt, and give the file for its answers; once all is written it goes.

    Errors: OutputError if the folder holds another run and not `fresh`.
    """
    answers = out / "private" / "answers.jsonl"
    with open_folder(out, fingerprint, fresh=fresh):
        yield answers
        answers.unlink(missing_ok=True)  # the same command again asks what is there now


def write_bundle(out: Path, rows: Sequence[Mapping[str, Any]], files: Mapping[str, bytes]) -> None:
    """Write what was tried and the files beside it; report.json, the last, says that all are there."""
    (out / "report.json").unlink(missing_ok=True)
    tried = "".join(json.dumps(row, ensure_ascii=True, allow_nan=False) + "\n" for row in rows)
    for name, content in {"data.jsonl": tried.encode(), **files}.items():
        write_atomic(out / name, content)


def explain_edgecases(record: EdgecasesRecord) -> list[str]:
    """Return the sentences that say what was found, within which limits, and what to do."""
    findings, campaign = record.campaign.findings, record.campaign
    valid = sum(1 for finding in findings if finding.input == "valid")
    spent = f"{len(campaign.tried):,} records in {campaign.calls:,} calls"
    if not findings:
        constant = campaign.is_constant and campaign.tried[0][1].ok
        return [
            f"Nothing was found with {spent}.",
            *(["It gave the same answer to every record: one that never reads them would, too."] if constant else []),
            "That is no proof that nothing is there: it says what was tried, below.",
        ]
    first = findings[0]
    return [
        f"{_count(len(findings), 'weakness', 'weaknesses')} found with {spent}: {valid} on records that the target "
        f"must take, {len(findings) - valid} on records that it must refuse.",
        f"The gravest: {first.told}.",
        "Each is shrunk to the least change of a record that passes; test_edgecases.py fails until it is mended.",
        *(
            ["If it trusts its callers and need not refuse anything: --only-allowed."]
            if 2 * valid < len(findings)
            else []
        ),
    ]


def finding_rows(record: EdgecasesRecord) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of the table for a terminal: a line for each finding."""
    lines = [
        [one.identity, one.severity, one.input, one.oracle, ", ".join(one.changed) or "-", one.told]
        for one in record.campaign.findings
    ]
    return ["id", "severity", "input", "kind", "fields", "what was seen"], lines


def edgecases_document(record: EdgecasesRecord) -> dict[str, Any]:
    """Return report.json: plain JSON; docs/edgecases.md names its keys."""
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "verdict": record.verdict,
        "why": explain_edgecases(record),
        "findings": [_finding(one) for one in record.campaign.findings],
        "tried": {
            "records": len(record.campaign.tried),
            "calls": record.campaign.calls,
            "valid": sum(1 for case, _ in record.campaign.tried if case.valid),
            "lines": record.campaign.lines,
            "cells": record.campaign.cells.count(),
        },
        "domain": domain_to_dict(record.domain),
        "cost": dict(record.cost),
        "facts": dict(record.facts),
        "notes": list(record.notes),
    }


def render_edgecases(record: EdgecasesRecord) -> str:
    """Return the page: the verdict, what was found with the least record for each, and what was tried."""
    findings = record.campaign.findings
    ideas: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    for (idea, _), cell in record.campaign.cells.cells.items():
        ideas[idea] += sum(trials for _, trials in cell.outcomes.values())
        failed[idea] += sum(failures for failures, _ in cell.outcomes.values())
    return page_template("edgecases.html.jinja").render(
        record=record,
        word={"fail": "Weaknesses found", "warn": VERDICTS["warn"][0], "pass": "Nothing found"}[record.verdict],
        sentences=explain_edgecases(record),
        findings=[
            (one, _ORACLES.get(one.oracle, one.oracle), _cells(one), _partner(one), _line(one)) for one in findings
        ],
        severities=_SEVERITY,
        ideas=[(idea, count, failed[idea]) for idea, count in ideas.most_common()],
        fields=[(one, _bounds(domain_to_dict(record.domain)["properties"][one.name])) for one in record.domain.fields],
    )


def _write(record: EdgecasesRecord, out: Path) -> None:
    name, domain = record.hunt.name, record.domain
    tests = render_record_tests(name, record.style, domain, record.campaign.findings, home=home_of(out))
    files = {
        "test_edgecases.py": tests.encode(),
        "schema.yaml": yaml.safe_dump(domain_to_dict(domain), sort_keys=False, allow_unicode=True).encode(),
        "report.html": render_edgecases(record).encode(),
        "report.json": to_bytes(edgecases_document(record)),
    }
    write_bundle(out, _rows(record), files)


def _rows(record: EdgecasesRecord) -> list[dict[str, Any]]:
    """Return every record that was tried, with what it is an example of and what came back."""
    return [
        {
            "record": _safe(dict(case.record)),
            "valid": case.valid,
            "ideas": dict(case.ideas),
            "refused_for": dict(case.refused),
            "answer": _safe(outcome.value),
            "error": outcome.error or None,
            "parents": [],
            "method": "edgecases",
            "seed": record.hunt.seed,
            "number": number,
        }
        for number, (case, outcome) in enumerate(record.campaign.tried)
    ]


def _finding(one: Finding) -> dict[str, Any]:
    rate = one.reproduced
    return {
        "id": one.identity,
        "kind": one.oracle,
        "severity": one.severity,
        "input": one.input,
        "told": _whole(one.told),
        "record": _safe(dict(one.record)),
        "baseline": _safe(dict(one.baseline)),
        "partner": None if one.partner is None else _safe(dict(one.partner)),
        "after": None if one.after is None else _safe(dict(one.after)),
        "changed": list(one.changed),
        "refused_for": dict(one.refused),
        "also": list(one.also),
        "cases": one.count,
        "reproduced": {
            "hits": rate.hits,
            "trials": rate.trials,
            "low": round(rate.low, 3),
            "high": round(rate.high, 3),
        },
    }


def _safe(value: Any) -> Any:
    """Return a value as JSON holds it: numbers that JSON does not know, and what is no JSON value, as marked texts."""
    if isinstance(value, Mapping):
        return {str(key): _safe(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_safe(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    if isinstance(value, str):
        return _whole(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    return {"repr": repr(value)[:200]}


def _whole(text: str) -> str:
    """Return the text with halves of surrogate pairs written as escapes: no file of text holds them."""
    return text.encode("utf-8", "backslashreplace").decode()


def _cells(one: Finding) -> list[_Cell]:
    names = dict.fromkeys([*one.baseline, *one.record])
    shown = [name for name in names if name in one.changed] or list(names)
    return [
        _Cell(name, _show(one.baseline, name), _show(one.record, name), name in one.changed or name == one.field)
        for name in shown
    ]


def _line(one: Finding) -> str:
    return ", ".join(f"{name} = {_show(one.record, name)}" for name in one.record)


def _partner(one: Finding) -> list[_Cell]:
    if one.partner is None:
        return []
    differ = [name for name in one.record if _show(one.partner, name) != _show(one.record, name)]
    return [_Cell(name, _show(one.partner, name), _show(one.record, name), True) for name in differ]


def _show(record: Mapping[str, Any], name: str) -> str:
    if name not in record:
        return "(left out)"
    text = ascii(record[name]) if not str(record[name]).isprintable() else repr(record[name])
    return text if len(text) <= 120 else f"{text[:60]} … ({len(str(record[name])):,} characters)"


def _bounds(told: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in told.items() if key != "type"}
    return ", ".join(f"{key} {value}" for key, value in rest.items())[:120]


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
