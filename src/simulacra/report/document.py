"""report.json: all that was measured, as plain JSON for other programs (its schema: report.schema.json)."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.resources import files
from typing import Any

from ..contracts import Assessment, Finding, GateResult, Score
from ..run.record import RunRecord
from .disclosure import finite
from .public import Public, make_public

__all__ = ["FORMAT", "FORMAT_VERSION", "describe", "describe_judgement", "document_schema", "to_bytes", "to_document"]

FORMAT = "simulacra.report"
FORMAT_VERSION = 1


def to_document(record: RunRecord) -> dict[str, Any]:
    """Return the content of report.json: numbers finite and rounded to three significant digits, no rare real value.

    Keys: format, version, verdict, families, risks, scores, gates, rejects, rows, columns, cost, facts, notes. A score
    whose value is not a number is written as failed. Of the parts of a score the worst 200 are kept.
    """
    return describe(make_public(record))


def describe(public: Public) -> dict[str, Any]:
    """Return the document of what may be shown of a run."""
    assessment = public.assessment
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        **describe_judgement(assessment),
        "rejects": [asdict(reject) for reject in public.rejects],
        "rows": {"synthetic": public.synthetic_rows, "real": public.real_rows, "holdout": public.holdout_rows},
        "columns": [{"name": column.name, "kind": column.kind} for column in public.schema],
        "cost": dict(public.cost),
        "facts": dict(public.facts),
        "notes": list(public.notes),
    }


def describe_judgement(assessment: Assessment) -> dict[str, Any]:
    """Return the verdict with its families, risks, scores and gates; of the parts of a score the worst 200."""
    return {
        "verdict": assessment.verdict,
        "families": {name: _finding(item) for name, item in assessment.families.items()},
        "risks": {name: _finding(item) for name, item in assessment.risks.items()},
        "scores": [_score(score) for score in assessment.scores],
        "gates": [_gate(result) for result in assessment.gates],
    }


def to_bytes(document: dict[str, Any]) -> bytes:
    """Return report.json; a number that JSON does not know raises ValueError rather than being written."""
    return (json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def document_schema() -> bytes:
    """Return the JSON Schema (draft 2020-12) of `to_document`, as it ships."""
    return (files(__package__) / "report.schema.json").read_bytes()


def _finding(finding: Finding) -> dict[str, str]:
    return {"verdict": finding.verdict, "why": finding.why}


def _score(score: Score) -> dict[str, Any]:
    return {**asdict(score), "parts": [asdict(part) for part in score.parts[:200]]}


def _gate(result: GateResult) -> dict[str, Any]:
    gate = result.gate
    return {
        "metric": gate.metric,
        "side": gate.side,
        "bound": finite(gate.bound),
        "of_floor": gate.of_floor,
        "warn": finite(gate.warn),
        "verdict": result.verdict,
        "why": result.why,
    }
