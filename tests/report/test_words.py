from __future__ import annotations

from dataclasses import replace

import pytest

from simulacra.contracts import Assessment, Finding, Gate, GateResult, Score, Verdict
from simulacra.measure.gates import ALLOWANCE, default_gates, score_names
from simulacra.report.charts import draw_detection, draw_interval, find_bound
from simulacra.report.glossary import GLOSSARY, define_score, name_score
from simulacra.report.words import explain, order_scores, say_bound

SCORE = Score("fidelity.shape", "fidelity", value=0.9, low=0.88, high=0.92, floor=0.99, noise=0.01)


def test_the_glossary_names_measures_that_exist_and_no_two_alike() -> None:
    assert set(GLOSSARY) <= set(score_names())
    assert len({name_score(name) for name in score_names()}) == len(score_names())


def test_a_measure_that_the_glossary_does_not_know_is_named_by_its_name() -> None:
    assert (name_score("privacy.new_one"), define_score("privacy.new_one")) == ("New one", "")


@pytest.mark.parametrize(
    ("gate", "told"),
    [
        (Gate("m", "at_least", 0.95), "at least 0.95"),
        (Gate("m", "at_most", -2.0), "at most −2"),
        (Gate("m", "at_least", -0.02, of_floor=True), "at most 0.02 below the floor"),
        (Gate("m", "at_most", 0.02, of_floor=True), "at most 0.02 above the floor"),
        (Gate("m", "at_least", 0.02, of_floor=True), "at least 0.02 above the floor"),
        (Gate("m", "at_most", -0.02, of_floor=True), "at least 0.02 below the floor"),
        (Gate("m", "at_least", 0.0, of_floor=True), "not below the floor"),
        (Gate("m", "at_most", 0.0, of_floor=True), "not above the floor"),
    ],
)
def test_a_bound_reads_the_right_way_round(gate: Gate, told: str) -> None:
    assert say_bound(gate, gate.bound) == told


def test_every_default_gate_can_be_said() -> None:
    for gate in default_gates():
        assert say_bound(gate, gate.bound)
        assert say_bound(gate, gate.warn)


@pytest.mark.parametrize("verdict", ["pass", "warn", "fail", "unknown"])
def test_three_sentences_for_every_verdict(verdict: Verdict) -> None:
    families = {"fidelity": Finding(verdict, "it is so"), "privacy": Finding("pass", "nobody was seen")}
    gate = GateResult(Gate("fidelity.shape", "at_least", 0.9), verdict, "it is so")
    told = explain(Assessment(verdict, families, {}, (SCORE,), (gate,)))
    assert len(told) == 3
    assert told[1] == ("Privacy: nobody was seen." if verdict == "pass" else "Fidelity: it is so.")
    assert (
        told[2]
        == {
            "pass": "The bound set beforehand was kept.",
            "warn": "The bound set beforehand was kept, 1 with a warning.",
            "fail": "0 of 1 bounds set beforehand were kept; 1 not: Shape of the columns.",
            "unknown": "0 of 1 bounds set beforehand were kept; 1 could not be judged.",
        }[verdict]
    )


def test_the_bound_drawn_is_the_one_that_bites() -> None:
    lower = Gate("fidelity.shape", "at_least", -0.05, of_floor=True)
    upper = Gate("fidelity.shape", "at_most", 0.05, of_floor=True)
    assert find_bound(SCORE, lower, lower.bound) == pytest.approx(0.94 - ALLOWANCE * 0.01)
    assert find_bound(SCORE, upper, upper.bound) == pytest.approx(1.04 + ALLOWANCE * 0.01)
    assert find_bound(SCORE, Gate("m", "at_least", 0.5), 0.5) == 0.5
    assert find_bound(SCORE, lower, None) is None
    assert find_bound(replace(SCORE, floor=None), lower, lower.bound) is None


def test_an_interval_shows_the_marks_that_there_are() -> None:
    bare = draw_interval(Score("a.b", "fidelity", value=0.5))
    assert 'class="value"' in bare
    assert "span" not in bare
    assert 'class="floor"' not in bare
    full = draw_interval(SCORE, Gate("fidelity.shape", "at_least", 0.8, warn=0.95))
    assert all(f'class="{mark}"' in full for mark in ("value", "floor", "span", "forbidden", "warned"))
    assert draw_interval(Score("a.b", "fidelity", "undefined")) == ""


@pytest.mark.parametrize(("value", "right"), [(1.0, 50), (0.86, 57), (0.0, 100)])
def test_detection_is_told_in_pairs_of_a_hundred(value: float, right: int) -> None:
    told = f"right {right} times in 100" if right > 50 else "no more often right than a coin"
    assert told in draw_detection(replace(SCORE, value=value))


def test_scores_without_a_bound_stand_between_lost_and_kept_ones() -> None:
    names = ["kept", "free", "lost", "worse"]
    scores = [replace(SCORE, name=name, value=0.7 if name == "worse" else 0.9) for name in names]
    gates = [
        GateResult(Gate("kept", "at_least", 0.5), "pass", ""),
        GateResult(Gate("lost", "at_least", 0.95), "fail", ""),
    ]
    assert [score.name for score, _ in order_scores(scores, gates)] == ["lost", "worse", "free", "kept"]
