from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import polars as pl

from simulacra.contracts import Assessment, Finding, Part, Score
from simulacra.data.dataset import Dataset
from simulacra.data.schema import Column, Schema
from simulacra.report.page import render_page
from simulacra.run.record import RunRecord

VOID = {"meta", "link", "br", "img"}


class Outline(HTMLParser):
    """Collects headings, ids and text, and holds the page to closing what it opens."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.headings: list[str] = []
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name in ("src", "href") and not (value or "").startswith(("#", "data:")):
                self.outside.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("h1", "h2"):
            self.headings.append(data)


def outline(page: str) -> Outline:
    parser = Outline()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


def test_structure(record: RunRecord) -> None:
    page = render_page(record)
    found = outline(page)
    assert found.headings == [
        "300 synthetic rows, made from people.csv",
        "Read this before you use the rows",
        "What protects people, and what does not",
        "Could anyone tell?",
        "Column by column",
        "How columns hang together",
        "Every measure",
        "The bounds that were set",
        "Four risks, by name",
        "Rows that were made and refused",
        "How it was made",
        "Make it again",
    ]
    assert len(found.ids) == len(set(found.ids))
    assert found.outside == []
    assert "script" not in found.tags
    assert not re.search(r"url\(|@import|https?://", page)


def test_the_verdict_and_three_sentences_come_first(record: RunRecord) -> None:
    page = render_page(record)
    opening = page[page.index("<main>") : page.index("</section>")]
    why = opening[opening.index('class="why"') : opening.index('class="tiles"')]
    assert re.search(r'id="verdict">.*Fail\s*</p>', opening)
    assert re.findall(r"<p>(.*?)</p>", why) == [
        "Fidelity fails; utility is unknown; privacy holds.",
        "Fidelity: the column town differs from the real one.",
        "1 of 2 bounds set beforehand were kept; 1 not: Shape of the columns.",
    ]
    tiles = re.findall(r"<h3>(\w+)</h3>", opening)
    assert tiles == ["Fidelity", "Utility", "Privacy"]


def test_worst_measure_first(record: RunRecord) -> None:
    page = render_page(record)
    table = page[page.index('id="scores"') :]
    places = [table.index(name) for name in ("fidelity.shape", "fidelity.detection", "privacy.copies")]
    assert places == sorted(places)


def test_a_judged_table_without_recipe_rejects_or_hold_out(record: RunRecord) -> None:
    page = render_page(replace(record, recipe="", rejects=pl.DataFrame(), holdout=None, cost={}, notes=()))
    found = outline(page)
    assert found.headings[0] == "300 synthetic rows, judged against people.csv"
    assert {"again", "rejects", "notes"}.isdisjoint(found.ids)
    assert "privacy cannot pass here" in page
    assert "how these rows were made is not known here" in page


def test_no_real_table_and_nothing_measured(record: RunRecord) -> None:
    bare = replace(record, real=None, holdout=None, assessment=Assessment("unknown", {}, {}, (), ()))
    page = render_page(bare)
    outline(page)
    assert "Nothing was measured" in page
    assert "Real rows</figcaption>" not in page


def test_names_levels_and_sentences_are_escaped(record: RunRecord) -> None:
    evil = "<script>alert(1)</script>\"'&"
    frame = pl.DataFrame({evil: [evil, "b"] * 100, "x": np.arange(200.0), "y": np.arange(200.0) % 7})
    schema = Schema((Column(evil, "category"), Column("x", "real"), Column("y", "integer")))
    finding = {"fidelity": Finding("warn", evil)}
    score = Score("fidelity.shape", "fidelity", value=0.5, reason=evil, parts=(Part(evil, 0.1),))
    page = render_page(
        replace(
            record,
            synthetic=Dataset(frame, schema),
            real=frame,
            holdout=frame,
            assessment=Assessment("warn", finding, {}, (score,), ()),
            facts={"source": evil, evil: evil},
            notes=(evil,),
            recipe=evil,
        )
    )
    found = outline(page)
    assert "script" not in found.tags
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert") > 8


def test_a_hundred_columns_stay_under_two_megabytes(record: RunRecord) -> None:
    rng = np.random.default_rng(0)
    names = [f"column number {place}" for place in range(100)]
    columns = tuple(Column(name, "category" if place % 2 else "real") for place, name in enumerate(names))
    levels = [f"level {place} with a name" for place in range(30)]

    def table() -> pl.DataFrame:
        return pl.DataFrame(
            {
                column.name: rng.choice(levels, 2000) if column.kind == "category" else rng.normal(size=2000)
                for column in columns
            }
        )

    made = Dataset(table(), Schema(columns))
    parts = tuple(Part(f"{a} × {b}", 0.9, 0.99) for a in names for b in names)
    scores = tuple(Score(f"fidelity.m{i}", "fidelity", value=0.9, floor=0.95, parts=parts, n=2000) for i in range(30))
    assessment = Assessment("pass", {}, {}, scores, ())
    page = render_page(replace(record, synthetic=made, real=table(), holdout=None, assessment=assessment))
    assert len(page.encode()) < 2_000_000
    assert page.count("<figure>") == 100 + 3
    assert page.index("more columns, which differ less") > 0
