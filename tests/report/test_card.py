from __future__ import annotations

from dataclasses import replace

import yaml

from simulacra.contracts import Assessment, Finding
from simulacra.data.schema import Column, Schema
from simulacra.report.card import render_card, render_markdown
from simulacra.run.record import RunRecord


def front_matter(card: str) -> dict[str, object]:
    opening, matter, _ = card.split("---\n", 2)
    assert opening == ""
    loaded: dict[str, object] = yaml.safe_load(matter)
    return loaded


def test_front_matter(record: RunRecord) -> None:
    assert front_matter(render_card(record)) == {
        "pretty_name": "Synthetic rows made from people.csv",
        "annotations_creators": ["machine-generated"],
        "size_categories": ["n<1K"],
        "tags": ["synthetic", "tabular", "simulacra"],
        "configs": [{"config_name": "default", "data_files": "data.parquet"}],
        "task_categories": ["tabular-classification"],
    }
    licensed = render_card(replace(record, facts={"licence": "cc-by-4.0"}))
    assert front_matter(licensed)["license"] == "cc-by-4.0"


def test_body(record: RunRecord) -> None:
    card = render_card(record)
    assert "# 300 synthetic rows, made from people.csv" in card
    assert "## Verdict: Fail" in card
    assert "| fidelity | ✕ fail | The column town differs from the real one. |" in card
    assert "- Names are made up." in card
    assert "- Personal values were replaced by made-up ones in name." in card
    assert "- No formal guarantee:" in card
    assert "| `income` | real | `Float64` |" in card


def test_epsilon_is_said(record: RunRecord) -> None:
    card = render_card(replace(record, facts={"epsilon": "1.0"}))
    assert "differential privacy, epsilon 1.0" in card
    assert "No formal guarantee" not in card


def test_hostile_names_stay_text(record: RunRecord) -> None:
    evil = "a|b`c\n# <b>\n---\nlicense: x"
    hostile = replace(record.synthetic, schema=Schema((Column(evil, "category"),)))
    card = render_card(replace(record, synthetic=hostile, facts={"source": evil}, notes=(evil,)))
    assert "license" not in front_matter(card)
    assert "\n# <b>" not in card
    assert "a\\|bʼc # <b> --- license: x` | category" in card


def test_markdown_for_a_pull_request(record: RunRecord) -> None:
    assert render_markdown(record.assessment) == (
        "### Verdict: Fail\n\n"
        "Fidelity fails; utility is unknown; privacy holds. Fidelity: the column town differs from the real one. "
        "1 of 2 bounds set beforehand were kept; 1 not: Shape of the columns.\n\n"
        "| family | verdict | why |\n| --- | --- | --- |\n"
        "| fidelity | ✕ fail | The column town differs from the real one. |\n"
        "| utility | ? unknown | No target was named. |\n"
        "| privacy | ✓ pass | No more copies than chance makes. |\n\n"
        "- ✕ `fidelity.shape` must be at least 0.99: 0.986 where 0.99 was asked.\n"
    )


def test_a_clean_pass() -> None:
    clean = Assessment("pass", {"privacy": Finding("pass", "fine"), "fidelity": Finding("pass", "fine")}, {}, (), ())
    told = render_markdown(clean)
    assert "Privacy: fine." in told
    assert "All 2 families of measures hold: fidelity and privacy." in told
    assert "No bound was set beforehand" in told
