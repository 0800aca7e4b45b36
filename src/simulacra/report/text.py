"""The page and the document of a data set that models wrote: verdict, rows, plan, yield, rejects, models, terms."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ..contracts import FAMILIES
from ..generate.instruct.compile.sentence import read_sentence
from ..run.flow.record import Filled, TextRecord
from . import words
from .document import FORMAT, FORMAT_VERSION, describe_judgement
from .glossary import FAMILY_QUESTIONS
from .page import page_template
from .public import Reject
from .svg import element, picture

__all__ = ["compose_text_page", "describe_text", "headline", "list_rejects"]

_MOST_REASONS, _LONGEST, _BAR = 50, 1200, 160
_QUESTIONS = {
    **FAMILY_QUESTIONS,
    "fidelity": "Does it read like the real thing?",
    "utility": "Does a student learn from it?",
    "privacy": "Does it give anybody away?",
    "diversity": "Does it say many different things?",
    "validity": "Is every row what was asked for?",
}


def compose_text_page(record: TextRecord) -> str:
    """Return the report as one HTML page; every text in it is escaped, nothing comes from outside."""
    assessment = record.assessment
    filled = record.plan if record.rows else {}
    axes = [(name or "combinations of the balanced axes", list(levels)) for name, levels in filled.items()]
    return page_template("text.html.jinja").render(
        record=record,
        verdict=assessment.verdict,
        headline=headline(record),
        standfirst=_standfirst(record),
        sentences=words.explain(assessment),
        families=[(name, assessment.families[name]) for name in FAMILIES if name in assessment.families],
        questions=_QUESTIONS,
        samples=[_sample(row, record) for row in record.samples],
        axes=axes,
        bars={name: _bars(levels) for name, levels in axes},
        plan_told=_plan_told(record),
        yield_told=_yield_told(record),
        yield_svg=Markup(draw_yield(record)) if record.totals.accepted else "",
        rejects=list_rejects(record),
        scores=words.order_scores(assessment.scores, assessment.gates),
        facts=list(record.facts.items()),
    )


def describe_text(record: TextRecord) -> dict[str, Any]:
    """Return the content of report.json: the keys of every report, with `plan` and `models` among the facts."""
    assessment = record.assessment
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        **describe_judgement(assessment),
        "rejects": [{"step": one.step, "reason": one.reason, "rows": one.rows} for one in list_rejects(record)],
        "rows": {"synthetic": record.rows, "real": None, "holdout": None},
        "columns": [{"name": name, "kind": "category" if name in record.plan else "text"} for name in record.fields],
        "cost": dict(record.cost),
        "facts": {**record.facts, "terms": json.dumps(dict(record.terms), ensure_ascii=False)},
        "notes": list(record.notes),
    }


def list_rejects(record: TextRecord) -> list[Reject]:
    """Return reasons by number of rows, most frequent first; beyond fifty the rest is one line."""
    counts = sorted(record.totals.refused.items(), key=lambda item: (-item[1], item[0]))
    listed = [Reject(step, reason, rows) for (step, reason), rows in counts]
    rest = sum(reject.rows for reject in listed[_MOST_REASONS:])
    return listed[:_MOST_REASONS] + ([Reject("several steps", "other reasons", rest)] if rest else [])


def headline(record: TextRecord) -> str:
    """Return what the data set is, in a line: the rows that are there, and the instruction's first sentence without its
    own number.
    """
    rows, told = f"{record.rows:,} written row{'s' if record.rows != 1 else ''}", record.facts["instruction"]
    named = read_sentence(told).count
    told = re.split(r"(?<=[.!?])\s+", told.strip(), maxsplit=1)[0].rstrip(".")
    for number in re.finditer(r"\b\d[\d,_.]*\b ?", told):
        if int(re.sub(r"\D", "", number[0])) == named:
            return f"{rows}: {words_of(told[: number.start()] + told[number.end() :])}"
    return rows if named not in (None, record.rows) else f"{rows}: {words_of(told)}"


def words_of(text: str, most: int = 110) -> str:
    """Return the first words of a text, cut with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most].rsplit(" ", 1)[0] + " …"


def draw_yield(record: TextRecord) -> str:
    """Return the curve of accepted rows over attempts, beside the line of a yield of one."""
    width, height, left = 480.0, 180.0, 46.0
    most = max(1, record.totals.attempts)
    top = max(1, record.totals.accepted)

    def place(attempts: float, rows: float) -> str:
        x = left + (width - left - 8) * attempts / most
        y = height - 24 - (height - 40) * rows / top
        return f"{x:.1f},{y:.1f}"

    line = " ".join(place(attempts, rows) for attempts, rows in record.curve)
    ideal = f"{place(0, 0)} {place(min(top, most), min(top, most))}"
    parts = [
        element("polyline", points=ideal, class_="axis", fill="none", stroke_dasharray="3 3"),
        element("polyline", points=line, class_="synthetic line"),
        element("line", x1=left, x2=width, y1=height - 24, y2=height - 24, class_="grid"),
        element("text", f"{record.totals.attempts:,} attempts", x=width - 8, y=height - 6, class_="tick end"),
        element("text", f"{record.totals.accepted:,} rows", x=left - 40, y=12, class_="tick"),
    ]
    told = f"{record.totals.accepted} rows came of {record.totals.attempts} attempts"
    return picture(parts, size=(width, height), title="Accepted rows over attempts", description=told, class_="yield")


def _standfirst(record: TextRecord) -> str:
    who = ", ".join(record.terms) or "no model"
    told = words_of(record.facts["instruction"], 300).rstrip(".")
    told = f"“{told}”" if record.facts["method"] == "instruct" else told  # a person's words
    if not record.rows:
        return f"{told}, asked of {who}."
    return f"{told}, written by {who}. {record.truth}"


def _yield_told(record: TextRecord) -> str:
    totals = record.totals
    if not totals.attempts:
        return "Nothing was tried."
    share = totals.accepted / max(1, totals.accepted + totals.rejected)
    told = f"{totals.attempts:,} attempts gave {totals.accepted:,} rows; {share:.0%} of what was made was accepted."
    if totals.accepted > record.rows:
        told += f" {totals.accepted - record.rows:,} beyond those asked for are not delivered."
    return f"{told} It ended there: {record.reason}." if record.reason else told


def _plan_told(record: TextRecord) -> str:
    off = max((abs(one.rows - one.share) for levels in record.plan.values() for one in levels), default=0.0)
    if off <= 1:
        return "Every level, and every combination of the balanced axes, is within one row of its share."
    return f"The farthest from its share is {off:.1f} rows off."


def _bars(levels: Sequence[Filled]) -> list[int]:
    most = max((level.rows for level in levels), default=0) or 1
    return [round(_BAR * level.rows / most) for level in levels]


def _sample(row: Mapping[str, Any], record: TextRecord) -> dict[str, Any]:
    axes = [name for name in record.fields if name in record.plan]
    shown = [(name, _shown(value)) for name, value in row.items() if name not in axes and value not in (None, "")]
    return {"cell": [str(row[name]) for name in axes if row.get(name)], "fields": shown}


def _shown(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], Mapping) and "content" in value[0]:
        text = "\n".join(f"{turn.get('role')}: {turn.get('content')}" for turn in value)
    elif isinstance(value, Mapping) and {"text", "source"} <= set(value):  # a passage of documents
        text = f"{value['text']}\n({value['source']})"
    elif isinstance(value, str):
        text = value
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " …"
