"""The bundle of a distillation: rows, page with the students' curves, document, card; private/ with the lineage."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from markupsafe import Markup

from ..contracts import FAMILIES
from ..data.files import write_atomic
from ..generate.distill.worth import Point, Worth
from ..run.teaching.close import summary
from ..run.teaching.record import TeachingRecord
from .page import page_template
from .svg import element, number, picture
from .text import list_rejects
from .text_bundle import write_text_bundle

__all__ = ["compose_teaching_page", "draw_worth", "write_teaching_bundle"]

_WIDTH, _HEIGHT, _LEFT, _TOP = 560.0, 230.0, 44.0, 12.0


def write_teaching_bundle(
    record: TeachingRecord,
    out: Path,
    *,
    format: Literal["parquet", "csv", "jsonl"],
    lineage: Iterator[Mapping[str, Any]],
    rejects: Iterator[Mapping[str, Any]],
    judgements: Iterable[Mapping[str, Any]],
) -> None:
    """Write what belongs to a finished distillation into `out`, where its rows stand in data.jsonl already.

    Beside what every bundle holds: judgements.jsonl, a record for each judgement of a model; distill.json, the
    students' figures. report.json comes last. Raises OutputError when the folder cannot be written.
    """
    lines = (json.dumps(dict(one), ensure_ascii=False) + "\n" for one in judgements)
    write_atomic(out / "private" / "judgements.jsonl", "".join(lines).encode("utf-8", "replace"))
    write_atomic(out / "distill.json", (json.dumps(describe_teaching(record), indent=1) + "\n").encode())
    write_text_bundle(record.text, out, format=format, lineage=lineage, rejects=rejects)
    write_atomic(out / "report.html", compose_teaching_page(record).encode("utf-8", "replace"))


def describe_teaching(record: TeachingRecord) -> dict[str, Any]:
    """Return what the students, the teacher and the labellers say, as plain values."""
    teacher = record.teacher
    return {
        "says": record.sentences(),
        "students": [summary(worth) for worth in record.worths],
        "teacher": None if teacher is None else [teacher.rows, round(teacher.value, 4), round(teacher.low, 4),
                                                 round(teacher.high, 4)],
        "labellers": [{"by": one.way, "hits": one.hits, "of": one.n, "may_refuse": one.knows} for one in record.held],
        "refused_by": None if record.used is None else record.used.way,
        "real_rows": {"seeds": record.seeds, "for the curve": record.real, "test": record.test},
    }  # fmt: skip


def compose_teaching_page(record: TeachingRecord) -> str:
    """Return the report as one HTML page; every text in it is escaped, nothing comes from outside."""
    text = record.text
    families = text.assessment.families
    names = text.fields
    return page_template("distill.html.jinja").render(
        record=record,
        verdict=text.assessment.verdict,
        headline=_headline(record),
        lines=[*record.sentences(), *text.notes],
        families=[(name, families[name]) for name in FAMILIES if name in families],
        students=[(worth, Markup(draw_worth(worth))) for worth in record.worths],
        samples=[(row[names[0]], row[names[1]]) for row in text.samples],
        rejects=list_rejects(text),
        facts=list(text.facts.items()),
    )


def _headline(record: TeachingRecord) -> str:
    if not record.worths:
        return "Made, not tested"
    gain = record.worths[0].gain
    if gain.low > 0:
        return "A student learns from these rows"
    return "These rows harm a student" if gain.high < 0 else "No gain for a student can be told from chance"


def draw_worth(worth: Worth) -> str:
    """Return the learning curves: made rows as a line, real rows as a broken line, over the square root of rows."""
    points = [*worth.by_written, *worth.by_real]
    most = max(point.rows for point in points) or 1
    low = min(worth.chance, *(point.value for point in points))
    high = max(point.value for point in points)
    low, high = max(0.0, low - 0.02), min(1.0, max(high, low + 0.05) + 0.02)
    bottom = _HEIGHT - 24

    def place(point: Point) -> tuple[float, float]:
        x = _LEFT + 8 + (_WIDTH - _LEFT - 24) * (point.rows / most) ** 0.5
        return x, _TOP + (bottom - _TOP) * (high - point.value) / (high - low)

    parts = []
    for mark in (low, (low + high) / 2, high):
        y = _TOP + (bottom - _TOP) * (high - mark) / (high - low)
        parts.append(element("line", x1=_LEFT, x2=_WIDTH, y1=y, y2=y, class_="grid"))
        parts.append(element("text", f"{mark:.2f}", x=_LEFT - 6, y=y + 4, class_="tick end"))
    for curve, name in ((worth.by_written, "made"), (worth.by_real, "given")):
        spots = [place(point) for point in curve]
        path = "".join(f"{'L' if i else 'M'}{number(x)} {number(y)}" for i, (x, y) in enumerate(spots))
        parts += [element("path", d=path, class_=name)] if spots else []
        parts += [
            element(
                "g",
                element("title", f"{point.rows} rows: {point.value:.3f}"),
                element("circle", cx=x, cy=y, r=3.5, class_="value"),
            )
            for point, (x, y) in zip(curve, spots, strict=True)
        ]
    parts += [element("text", str(point.rows), x=place(point)[0], y=_HEIGHT - 6, class_="tick middle")
              for point in worth.by_written if point.rows in (0, most) or point is worth.by_written[-1]]  # fmt: skip
    first, last = worth.by_written[0], worth.by_written[-1]
    told = f"From {first.value:.3f} to {last.value:.3f} over {last.rows} rows."
    return picture(parts, size=(_WIDTH, _HEIGHT), title=f"Student {worth.student}", description=told, class_="chart")


def _dot(point: Point, x: float, y: float) -> str:
    told = element("title", f"{point.rows} rows: {point.value:.3f}")
    return element("g", told, element("circle", cx=x, cy=y, r=3.5, class_="value"))
