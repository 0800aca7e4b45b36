"""What a notebook shows of an assessment: the verdict, the families and what was not kept, in a small snippet."""

from __future__ import annotations

from dataclasses import dataclass, fields
from html import escape

from ..contracts import Assessment
from . import words
from .glossary import VERDICTS, name_score

__all__ = ["Shown", "render_snippet", "show"]

_TONES = {"pass": "#1d6f5c", "warn": "#8f5a00", "fail": "#a8281f", "unknown": "#55585e"}
_SIGNS = {"pass": "✓", "warn": "!", "fail": "✕", "unknown": "?"}
_CELL = "text-align:left;vertical-align:top;padding:4px 14px 4px 0;border:0;white-space:normal"


@dataclass(frozen=True, slots=True)
class Shown(Assessment):
    """An assessment that a notebook draws; in all else an `Assessment`."""

    def _repr_html_(self) -> str:
        return render_snippet(self)


def show(assessment: Assessment) -> Shown:
    """Return the same assessment as one that a notebook draws."""
    return Shown(*(getattr(assessment, field.name) for field in fields(Assessment)))


def render_snippet(assessment: Assessment) -> str:
    """Return a self-contained piece of HTML: no script, no style sheet, colours that hold on light and dark.

    Column names and levels in sentences are escaped. At most ten bounds that were not kept are listed.
    """
    head = (
        f'<p style="font-size:1.3em;margin:0 0 6px">{_mark(assessment.verdict)} {VERDICTS[assessment.verdict][0]}</p>'
    )
    rows = [
        _row([f"<b>{escape(name)}</b>", _word(finding.verdict), escape(words.sentence(finding.why))])
        for name, finding in ((name, assessment.families[name]) for name in words.families_in_order(assessment))
    ]
    lost = [result for result in assessment.gates if result.verdict in ("fail", "warn")]
    listed = "".join(
        f"<li>{_mark(result.verdict)} <b>{escape(name_score(result.gate.metric))}</b> "
        f"(<code>{escape(result.gate.metric)}</code>): {escape(words.sentence(result.why))}</li>"
        for result in lost[:10]
    )
    more = f'<ul style="margin:8px 0 0;padding-left:1.2em">{listed}</ul>' if lost else ""
    table = f'<table style="border-collapse:collapse;border:0">{"".join(rows)}</table>' if rows else ""
    return f'<div style="max-width:60em;line-height:1.4">{head}{table}{more}</div>'


def _row(cells: list[str]) -> str:
    inside = "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells)
    return f'<tr style="background:none">{inside}</tr>'


def _word(verdict: str) -> str:
    return f'<span style="white-space:nowrap">{_mark(verdict)} {verdict}</span>'


def _mark(verdict: str) -> str:
    # White on a dark tone reads on light and on dark notebooks alike.
    look = (
        f"background:{_TONES[verdict]};color:#fff;border-radius:50%;display:inline-block;width:1.4em;text-align:center"
    )
    return f'<span aria-hidden="true" style="{look}">{_SIGNS[verdict]}</span>'
