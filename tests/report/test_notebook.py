"""What a notebook draws."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import polars as pl
from report_records import make_assessment

import simulacra
from simulacra.contracts import Assessment, Finding
from simulacra.report.notebook import render_snippet, show


class Closed(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not any(name in ("src", "href") for name, _ in attrs)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_snippet_is_small_closed_and_says_the_verdict() -> None:
    snippet = render_snippet(make_assessment())
    parser = Closed()
    parser.feed(snippet)
    assert parser.open == []
    assert "Fail" in snippet
    assert "Shape of the columns" in snippet
    assert "<script" not in snippet
    assert "<style" not in snippet
    assert len(snippet) < 5000


def test_what_comes_from_the_data_is_escaped() -> None:
    hostile = replace(make_assessment(), families={"<b>": Finding("warn", "<img src=x>")})
    snippet = render_snippet(hostile)
    assert "<img" not in snippet
    assert "&lt;img src=x&gt;" in snippet
    assert "<b><b>" not in snippet


def test_validate_gives_an_assessment_that_is_drawn() -> None:
    rows = pl.DataFrame({"a": list(range(60)), "b": ["x", "y"] * 30})
    judged = simulacra.validate(rows, rows)
    assert isinstance(judged, Assessment)
    assert judged._repr_html_() == render_snippet(show(judged))  # type: ignore[attr-defined]
