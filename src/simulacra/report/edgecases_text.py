"""What is shown of a hunt through a text classifier: a page, a document for programs, texts and tests to take along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from ..attack.rates import Rate
from ..attack.texts.findings import TextFinding
from ..attack.texts.search import TestRate
from ..contracts import Progress
from ..export.text_tests import render_text_tests
from ..run.edgecases_text import TextHunt, TextRecord, fingerprint_texts, run_text_edgecases
from ..run.folder import home_of
from .document import to_bytes
from .edgecases import open_hunt, write_bundle
from .glossary import VERDICTS
from .page import page_template

__all__ = [
    "explain_texts",
    "hunt_text_edgecases",
    "render_texts",
    "text_edgecases_document",
    "text_finding_rows",
    "text_rate_rows",
]

FORMAT, FORMAT_VERSION = "simulacra.edgecases.texts", 1
KINDS = {
    "INV": "must change nothing",
    "DIR": "must move the answer",
    "MFT": "the answer is known",
    "contract": "every text gets an answer",
}
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class _Row:
    """One test on the page. state : failed, resisted or untried. low, width : its interval in percent of a bar."""

    test: str
    capability: str
    kind: str
    seen: str
    share: str
    state: str
    low: float
    width: float
    dot: float


def hunt_text_edgecases(
    hunt: TextHunt, out: Path | None = None, *, fresh: bool = False, progress: Progress | None = None
) -> TextRecord:
    """Hunt through a classifier and, if a folder is given, write its bundle there; an interrupted hunt goes on.

    Errors: OutputError if the folder holds another run and not `fresh`; those of `run_text_edgecases`.
    """
    if out is None:
        return run_text_edgecases(hunt, progress=progress)
    with open_hunt(out, fingerprint_texts(hunt), fresh=fresh) as answers:
        record = run_text_edgecases(hunt, answers, progress=progress)
        _write(record, out)
    return record


def explain_texts(record: TextRecord) -> list[str]:
    """Return the sentences that say what was found, within which limits, and what to do."""
    campaign, findings = record.campaign, record.campaign.findings
    tried = [one for one in campaign.rates if one.rate.trials]
    spent = f"{len(tried)} tests and {campaign.calls:,} texts"
    told = []
    if campaign.accuracy is not None:
        told.append(f"As they are, {campaign.accuracy.value:.0%} of {campaign.accuracy.trials} texts get their label.")
    if record.verdict == "unknown":
        return ["Nothing could be tried: the texts are too few, or --calls is too low.", *told]
    if not findings:
        if campaign.only_answer is not None:
            told.append(f"It answered {campaign.only_answer!r} to every text: one that never reads them would, too.")
        return [f"Nothing was found with {spent}.", *told, "That is no proof: what was tried, and how often, is below."]
    worst = max(tried, key=lambda one: one.rate.value, default=None)
    told.append(f"The gravest, {findings[0].test}: {_short(findings[0].told)}.")
    if worst is not None and worst.rate.hits:
        told.append(f"The test that fails most, {worst.test.name}: {worst.rate.sentence()}.")
    count = f"{len(findings)} weakness{'' if len(findings) == 1 else 'es'}"
    return [f"{count} found with {spent}.", *told, "test_edgecases.py fails until they are mended."]


def text_rate_rows(record: TextRecord) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of the table of tests for a terminal, those that fail most first."""
    rates = sorted(record.campaign.rates, key=lambda one: (-one.rate.value, one.test.name))
    lines = [
        [one.test.kind, one.test.capability, one.test.name, f"{one.rate.hits}/{one.rate.trials}", _percent(one.rate)]
        for one in rates
        if one.rate.trials
    ]
    return ["kind", "capability", "test", "failed", "share, 95 %"], lines


def text_finding_rows(record: TextRecord) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of the table of findings for a terminal."""
    lines = [
        [one.identity, one.severity, one.kind, one.test, _short(one.told, 60), _short(_visible(one.text), 60)]
        for one in record.campaign.findings
    ]
    return ["id", "severity", "kind", "test", "what was seen", "text"], lines


def text_edgecases_document(record: TextRecord) -> dict[str, Any]:
    """Return report.json: plain JSON; docs/edgecases.md names its keys."""
    campaign = record.campaign
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "verdict": record.verdict,
        "why": explain_texts(record),
        "findings": [_finding(one) for one in campaign.findings],
        "tests": [
            {"name": one.test.name, "capability": one.test.capability, "kind": one.test.kind, "wish": one.test.wish(),
             "applied": one.applied, "asked": one.asked, **_rate(one.rate)}
            for one in campaign.rates
        ],
        "accuracy": None if campaign.accuracy is None else _rate(campaign.accuracy),
        "tried": {"texts": campaign.calls, "sample": campaign.sample, "trials": len(campaign.tried)},
        "cost": dict(record.cost),
        "facts": dict(record.facts),
        "notes": list(record.notes),
    }  # fmt: skip


def render_texts(record: TextRecord) -> str:
    """Return the page: the verdict, each test with its share, and for each finding the least change that fails."""
    rates = sorted(record.campaign.rates, key=lambda one: (-one.rate.value, not one.rate.trials, one.test.name))
    return page_template("edgecases_text.html.jinja").render(
        record=record,
        word={
            "fail": "Weaknesses found",
            "warn": VERDICTS["warn"][0],
            "pass": "Nothing found",
            "unknown": "Nothing tried",
        }[record.verdict],
        sentences=explain_texts(record),
        findings=[(one, *_marked(one)) for one in record.campaign.findings],
        rows=[_row(one) for one in rates],
        kinds=KINDS,
    )


def _write(record: TextRecord, out: Path) -> None:
    hunt, campaign = record.hunt, record.campaign
    tests = render_text_tests(
        hunt.name, record.style, campaign.findings,
        column=hunt.text, classes=record.classes, step=campaign.step, home=home_of(out),
    )  # fmt: skip
    files = {
        "test_edgecases.py": tests.encode(),
        "report.html": render_texts(record).encode("utf-8", "backslashreplace"),
        "report.json": to_bytes(text_edgecases_document(record)),
    }
    write_bundle(out, _rows(record), files)


def _rows(record: TextRecord) -> list[dict[str, Any]]:
    """Return every changed text that was tried, what it was made of, and what came back."""
    return [
        {
            "text": trial.text,
            "before": trial.before,
            "test": trial.test.name,
            "capability": trial.test.capability,
            "kind": trial.test.kind,
            "answer": trial.outcome.value.label if trial.outcome.ok else None,
            "scores": dict(trial.outcome.value.scores) if trial.outcome.ok else {},
            "answer_before": None if trial.said is None else trial.said.label,
            "error": trial.outcome.error or None,
            "failed": trial.told is not None,
            "parents": [trial.source] if trial.source >= 0 else [],
            "method": "edgecases",
            "seed": record.hunt.seed,
            "number": number,
        }
        for number, trial in enumerate(record.campaign.tried)
    ]


def _finding(one: TextFinding) -> dict[str, Any]:
    return {
        "id": one.identity,
        "kind": one.kind,
        "capability": one.capability,
        "test": one.test,
        "severity": one.severity,
        "told": one.told,
        "wish": one.wish,
        "text": one.text,
        "before": one.before,
        "edits": [{"old": old, "new": new} for old, new in one.edits],
        "shortest": None if one.shortest is None else {"before": one.shortest[0], "text": one.shortest[1]},
        "cases": one.cases,
        "sources": one.sources,
        "also": list(one.examples),
        "rate": None if one.rate is None else _rate(one.rate),
        "reproduced": _rate(one.reproduced),
    }


def _rate(rate: Rate) -> dict[str, Any]:
    shown: Mapping[str, float] = {"value": rate.value, "low": rate.low, "high": rate.high}
    return {"hits": rate.hits, "trials": rate.trials, **{name: round(value, 4) for name, value in shown.items()}}


def _row(one: TestRate) -> _Row:
    state = "untried" if not one.rate.trials else "failed" if one.rate.hits else "resisted"
    seen = f"{one.rate.hits:,} of {one.rate.trials:,}" if one.rate.trials else "nothing to change"
    low, high = 100 * one.rate.low, 100 * one.rate.high
    return _Row(
        one.test.name, one.test.capability, one.test.kind, seen, _percent(one.rate), state, low,
        max(high - low, 0.5), 100 * one.rate.value,
    )  # fmt: skip


def _percent(rate: Rate) -> str:
    if not rate.trials:
        return ""
    if not rate.hits:
        return f"at most {100 * rate.high:.1f} %"
    return f"{100 * rate.value:.1f} % ({100 * rate.low:.1f} to {100 * rate.high:.1f})"


def _marked(one: TextFinding) -> tuple[Markup, Markup]:
    """Return the text that passes and the one that fails, what differs marked; the first is empty if there is none."""
    if one.before is None:
        return Markup(""), escape(_visible(_short(one.text)))
    before, after, at, there = Markup(""), Markup(""), 0, 0
    for old, new in one.edits:
        start = one.before.find(old, at) if old else _meeting(one.before, one.text, at, there)
        start = max(start, at)
        same = _visible(one.before[at:start])
        before += escape(same) + (Markup("<del>{}</del>").format(_visible(old)) if old else "")
        after += escape(same) + (Markup("<ins>{}</ins>").format(_visible(new)) if new else "")
        at, there = start + len(old), there + (start - at) + len(new)
    rest = _visible(one.before[at:])
    return before + rest, after + rest


def _meeting(before: str, after: str, at: int, there: int) -> int:
    """Return where two texts part for the first time from these places on."""
    place = 0
    while at + place < len(before) and there + place < len(after) and before[at + place] == after[there + place]:
        place += 1
    return at + place


_SIGNS = {"\n": "⏎\n", "\t": "⇥", "\u200b": "␣0", "\u200c": "␣0", "\u200d": "␣0", "\u2060": "␣0", "\ufeff": "␣0"}


def _visible(text: str) -> str:
    """Return the text with what cannot be seen written as signs."""
    return "".join(_SIGNS.get(sign, sign) for sign in text)


def _short(text: str, longest: int = _LONGEST) -> str:
    text = " ".join(text.split()) if longest < _LONGEST else text
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
