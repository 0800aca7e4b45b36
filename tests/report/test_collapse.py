"""What is shown of a collapse experiment: words, page, document, table."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from simulacra.measure._support import Floor
from simulacra.report.collapse import collapse_document, explain_collapse, render_collapse, table_rows, write_collapse
from simulacra.report.curves import Curve, draw_curve
from simulacra.run.generations import CollapseRecord, Experiment, Generation

FLOORS = {"rare": Floor(0.8, 0.02, 0.75), "dependence": Floor(0.9, 0.005, 0.88), "repeats": Floor(0.001, 0.001, 0.004)}


def generation(number: int, rare: float, **seen: tuple[str, ...]) -> Generation:
    values = {"rare": rare, "dependence": 0.9, "repeats": 0.0}
    return Generation(number, number, 500, 1.0 if number == 1 else 0.0, values, utility=0.8, **seen)


def record() -> CollapseRecord:
    done = (
        generation(1, 0.8),
        generation(2, 0.7, warnings=("rare",), falls=("rare",)),
        generation(3, 0.61234, warnings=("rare",), falls=("rare",), collapse=("rare",)),
    )
    experiment = Experiment(3, target="pay")
    facts = {"source": "<b>people</b>.csv", "version": "0.1"}
    return CollapseRecord(experiment, done, FLOORS, 500, 500, 500, 500, 0.9, facts, {"cpu_seconds": 1.5}, ("read me",))


def calm() -> CollapseRecord:
    return replace(record(), generations=(generation(1, 0.8), generation(2, 0.79)), notes=())


def test_the_sentences_say_what_was_seen() -> None:
    assert explain_collapse(record()) == [
        "Collapse from generation 3: twice in a row less was left than before (rare values kept).",
        "At the end, beyond what chance does between real rows: rare values kept 0.612 (fresh real rows 0.8).",
        "Keep a fixed share of real rows in each mix (a third to a half), or stop before the alarm.",
    ]
    assert explain_collapse(calm()) == [
        "No collapse in 2 generations: no sign fell twice in a row.",
        "At the end every sign is where fresh real rows are.",
    ]
    held = replace(record(), generations=tuple(generation(n, 0.7, warnings=("rare",)) for n in (1, 2)))
    assert (record().verdict, held.verdict, calm().verdict) == ("fail", "warn", "pass")
    assert "generator's own smoothing" in explain_collapse(held)[2]


def test_the_sentences_follow_from_the_numbers() -> None:
    def seen(number: int, weakest: float, utility: float, *falls: str) -> Generation:
        values = {"rare": 0.8, "dependence": weakest, "repeats": 0.0}
        return Generation(number, number, 500, 0.0, values, ("dependence",), falls, utility=utility, noise=0.01)

    fell = replace(
        record(), generations=(seen(1, 0.846, 0.78), seen(2, 0.843, 0.777), seen(3, 0.76, 0.476, "dependence"))
    )
    told = explain_collapse(fell)
    assert "Generation 3 fell against the one before by more than chance does: weakest pair 0.843 to 0.76." in told[2]
    assert told[3] == (
        "Utility fell from 0.777 at generation 2 to 0.476 at generation 3, more than its noise (0.01) explains."
    )
    page = re.sub(r"<[^>]+>", " ", render_collapse(fell))
    assert "smoothing, not its descent" not in page
    assert "does not grow" not in page
    assert re.search(r"Verdict\s+!\s+Warning", page)
    crept = replace(record(), generations=(seen(1, 0.87, 0.78), seen(2, 0.83, 0.777)))
    assert len(explain_collapse(crept)) == 2, "more was lost after the first than by it"


def test_the_table_marks_what_fell_and_what_is_beyond_the_floor() -> None:
    header, lines = table_rows(record())
    assert header == ["generation", "real share", "rare", "dependence", "repeats", "utility", "alarm"]
    assert lines[0] == ["real rows", "", "0.800", "0.900", "0.001", "0.900", ""]
    assert lines[3] == ["3", "0%", "0.612!v", "0.900", "0.000", "0.800", "collapse"]
    assert lines[2][-1] == "below real"
    header, _ = table_rows(replace(record(), experiment=Experiment(3)))
    assert "utility" not in header


def test_the_page_is_whole_escaped_and_asks_for_nothing() -> None:
    page = render_collapse(record())
    assert "<b>people" not in page
    assert "&lt;b&gt;people" in page
    text = html.unescape(re.sub(r"<[^>]+>", " ", page.partition("<body>")[2]))
    assert re.search(r"Verdict\s+✕\s+Collapse", text)
    assert page.count("<svg") == page.count("</svg>") == 4 + 4, "four panels, four marks of the legend"
    assert not re.findall(r"(?:src|href)=\"(?!data:)", page)
    assert "<script" not in page
    assert "read me" in page
    assert "Pass" in re.sub(r"<[^>]+>", " ", render_collapse(calm()))


def test_the_document_keeps_its_schema_and_its_numbers() -> None:
    schema = json.loads((files("simulacra.report") / "collapse.schema.json").read_text())
    for shown in (record(), calm(), replace(record(), utility_floor=None)):
        document = collapse_document(shown)
        jsonschema.validate(json.loads(json.dumps(document, allow_nan=False)), schema)
    document = collapse_document(record())
    assert (document["verdict"], document["alarm"]) == ("fail", 3)
    assert document["generations"][2]["values"]["rare"] == 0.612
    assert document["rule"] == {"deviations": 4.0, "step": 2.0, "fall": 0.03, "times": 2}


def test_the_report_json_comes_last(tmp_path: Path) -> None:
    write_collapse(record(), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"report.html", "report.json", "report.schema.json"}
    assert json.loads((tmp_path / "report.json").read_text())["format"] == "simulacra.collapse"


def test_a_curve_shows_band_alarm_falls_and_lost_dots() -> None:
    svg = draw_curve(Curve("Rare", [0.8, 0.7, None, 0.5], 0.82, 0.79, 0.85, warned=[2, 4], fallen=[4], alarm=4))
    assert svg.count('class="hollow"') == 2
    assert svg.count('class="value"') == 1
    assert svg.count('class="wedge"') == 1
    assert svg.count('class="forbidden edge"') == 1
    assert "generation 4: 0.5, beyond the floor, fell" in svg
    dots = [float(y) for y in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)"', svg)]
    assert dots == sorted(dots), "less is further down"


@pytest.mark.parametrize("values", [[0.0], [1.0, 1.0], [0.2, 1.9], [0.001, 0.0012]])
def test_the_scale_of_a_curve_has_few_round_marks(values: list[float]) -> None:
    svg = draw_curve(Curve("x", values, values[0], values[0], values[0]))
    marks = [float(text) for text in re.findall(r'class="tick end">([^<]+)<', svg)]
    assert 2 <= len(marks) <= 5
    assert marks[0] <= min(values)
    assert marks[-1] >= max(values)
    assert "nan" not in svg
