"""Which columns are accused, and what a measure says of itself."""

from __future__ import annotations

from dataclasses import replace

from report_records import make_assessment, make_record

from simulacra import registry
from simulacra.contracts import Assessment, Gate, GateResult, Part, Score
from simulacra.report.offenders import describe_method, name_offenders
from simulacra.report.page import render_page


def accuse(*scores: Score, verdict: str = "fail") -> dict[str, list[str]]:
    gates = tuple(GateResult(Gate(score.name, "at_least", 1.0), verdict, "") for score in scores)  # type: ignore[arg-type]
    return name_offenders(Assessment("fail", {}, {}, scores, gates), ["a", "b", "x × y", "c"])


def test_the_worst_places_of_lost_scores_are_named() -> None:
    shape = Score("fidelity.shape", "fidelity", value=0.9, parts=(Part("a", 0.8, 0.99), Part("b", 0.99, 0.98)))
    assert accuse(shape) == {"a": ["Shape of the columns"]}, "b is better than its floor"
    assert accuse(shape, verdict="pass") == {}
    assert accuse(shape, verdict="warn") == {"a": ["Shape of the columns"]}


def test_pairs_ends_and_odd_names() -> None:
    pairs = Score("fidelity.worst_pair", "fidelity", value=9, better="lower", parts=(Part("a × b", 9.0, 0.0),))
    assert list(accuse(pairs)) == ["a", "b"]
    odd = replace(pairs, parts=(Part("x × y", 9.0, 0.0), Part("nobody", 8.0, 0.0)))
    assert list(accuse(odd)) == ["x × y"]
    tails = Score("diversity.tails", "diversity", value=0.1, parts=(Part("c (high end)", 0.1, 0.9),))
    assert list(accuse(tails)) == ["c"]
    detection = Score("fidelity.detection", "fidelity", value=0.1, parts=(Part("c", 0.2, 0.0),))
    assert list(accuse(detection)) == ["c"], "drops count from 0 up though the score is better when higher"


def test_only_the_three_worst_places_and_each_title_once() -> None:
    parts = tuple(Part(name, 0.1, 0.9) for name in ("nobody", "a", "a", "b"))
    assert accuse(Score("fidelity.shape", "fidelity", value=0.1, parts=parts)) == {"a": ["Shape of the columns"]}


def test_every_measure_says_how_it_works() -> None:
    for name in registry.names("metric"):
        for score in getattr(registry.find("metric", name), "scores", (name,)):
            assert len(describe_method(score)) > 80, score
    assert describe_method("fidelity.nobody") == ""


def test_the_page_puts_the_accused_first_with_who_accuses() -> None:
    page = render_page(make_record())
    columns = page.partition('id="columns"')[2]
    assert columns.index("<b>town</b>") < columns.index("<b>age</b>") < columns.index("<b>income</b>")
    assert "Named by: Shape of the columns." in columns.partition("<b>town</b>")[2][:6000]
    assert page.count("How it is measured") == len(make_assessment().scores)
