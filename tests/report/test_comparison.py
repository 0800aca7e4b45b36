"""Several sets side by side: the table, the page, the Markdown."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path

from report_records import make_record

from simulacra.contracts import Assessment, Finding, Gate, GateResult, Score
from simulacra.report.comparison import (
    comparison_rows,
    name_sets,
    render_comparison,
    render_comparison_markdown,
    worst_verdict,
)
from simulacra.run.record import RunRecord


def judged(shape: float | None, copies: float, verdict: str = "pass") -> RunRecord:
    scores = (
        Score("fidelity.shape", "fidelity", "ok" if shape is not None else "undefined", value=shape, floor=0.99,
              noise=0.001, n=300, reason="columns agree"),
        Score("privacy.copies", "privacy", value=copies, floor=0.0, better="lower", n=300, reason="copies"),
        Score("utility.tstr", "utility", "undefined", reason="no target was named"),
    )  # fmt: skip
    gates = (GateResult(Gate("fidelity.shape", "at_least", 0.9), verdict, "told"),)  # type: ignore[arg-type]
    families = {"fidelity": Finding(verdict, "as <told>")}  # type: ignore[arg-type]
    assessment = Assessment(verdict, families, {"bias": Finding("unknown", "no group")}, scores, gates)  # type: ignore[arg-type]
    return replace(make_record(), recipe="", assessment=assessment)


RECORDS = [judged(0.98, 0.5), judged(0.95, 0.0, "fail"), judged(None, 0.0, "unknown")]
LABELS = ["a.csv", "<b>.csv", "c|d.csv"]


def test_the_table_marks_the_best_and_what_fails() -> None:
    rows = comparison_rows(RECORDS)
    assert rows[0] == ["verdict", "pass", "fail", "unknown"]
    assert rows[1] == ["fidelity", "pass", "fail", "unknown"]
    assert rows[3] == ["privacy", "unknown", "unknown", "unknown"], "a family nobody judged"
    assert ["fidelity.shape", "0.980*", "0.950x", "-"] in rows
    assert not any(row[0] == "privacy.copies" for row in rows), "no bound was set on it"
    assert worst_verdict(RECORDS) == "fail"
    assert worst_verdict([RECORDS[0], RECORDS[2]]) == "unknown"


def test_less_is_best_where_less_is_better_and_equals_have_no_best() -> None:
    page = render_comparison(RECORDS[:2], LABELS[:2])
    row = page.partition("<code>privacy.copies</code>")[2].partition("</tr>")[0]
    assert [cell.strip() for cell in re.findall(r'<span class="(best|)" title', row)] == ["", "best"]
    same = render_comparison([RECORDS[0], RECORDS[0]], LABELS[:2])
    assert 'class="best"' not in same


def test_the_page_is_escaped_closed_and_asks_for_nothing() -> None:
    page = render_comparison(RECORDS, LABELS)
    text = html.unescape(re.sub(r"<[^>]+>", " ", page.partition("<body>")[2]))
    assert "3 synthetic sets, side by side" in text
    assert "<b>.csv" not in page
    assert "&lt;b&gt;.csv" in page
    assert "as <told>" not in page
    assert page.count("<svg") == page.count("</svg>") == 5, "an interval for each value"
    assert "No target was named." in text
    assert not re.findall(r"(?:src|href)=\"(?!data:)", page)
    assert "<script" not in page


def test_markdown_of_one_set_and_of_several() -> None:
    one = render_comparison_markdown(RECORDS[:1], LABELS[:1])
    assert one.startswith("### Verdict: Pass")
    several = render_comparison_markdown(RECORDS, LABELS)
    assert several.startswith("| | `a.csv` | `<b>.csv` | `c\\|d.csv` |\n| --- | --- | --- | --- |\n| verdict |")
    for name in ("a.csv", "&lt;b&gt;.csv", "c\\|d.csv"):
        assert several.count(f"<details><summary>{name}</summary>") == 1
    assert several.count("<details>") == several.count("</details>")
    assert not re.search(r"\d([x!]|\*[^*])", several), "a mark at a number looks like a unit"
    assert "<summary><b>" not in several


def test_sets_are_named_by_what_tells_them_apart() -> None:
    assert name_sets([Path("x/a.csv")]) == ["a.csv"]
    assert name_sets([Path("one/data.csv"), Path("two/data.csv"), Path("c.csv")]) == [
        "one/data.csv", "two/data.csv", "c.csv",
    ]  # fmt: skip
    assert name_sets([Path("a.csv"), Path("a.csv")]) == ["1: a.csv", "2: a.csv"]
