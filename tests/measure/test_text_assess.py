"""Texts judged: clean ones pass, planted leaks and flaws are seen by the measure that should see them."""

import json
import math

import numpy as np
import polars as pl
import pytest

from simulacra import api
from simulacra.contracts import FAMILIES, Assessment, Score
from simulacra.errors import DataError, RecipeError, SchemaError
from simulacra.measure.assess_texts import assess_texts, compare_texts, text_gates
from simulacra.measure.text._corpus import Corpus, Texts
from simulacra.registry import find, names
from simulacra.report.document import to_document
from simulacra.report.page import render_page
from simulacra.run.judging_texts import judge_texts
from simulacra.seeds import Seeds
from simulacra.testing.suites.texts import (
    TEXT_CONTROLS,
    TEXT_LEAKS,
    TextCase,
    example_texts,
    text_control_cases,
    text_leak_cases,
)

PRIVACY = [name for name in names("text_metric") if find("text_metric", name).family == "privacy"]
TICKETS = example_texts(1200)
PARTS = TICKETS[:400], TICKETS[400:800], TICKETS[800:]


def kinds(texts: list[str]) -> list[str]:
    """Return a label a text, told by a word in it."""
    return ["hardware" if "printer" in text or "laptop" in text or "scanner" in text else "software" for text in texts]


def texts_of(made: list[str], **more) -> Texts:
    labels = {"synthetic": kinds(made), "real": kinds(PARTS[1]), "holdout": kinds(PARTS[2])}
    return compare_texts(made, PARTS[1], PARTS[2], labels=labels, seeds=Seeds(1), **more)


def score(metric: str, name: str, texts: Texts) -> Score:
    return next(one for one in find("text_metric", metric)()(texts) if one.name == name)


def beyond(found: Score) -> float:
    """Return how far a value lies on the wrong side of its floor, in units of noise."""
    gap = found.value - found.floor
    return (gap if found.better == "lower" else -gap) / max(found.noise, 1e-9)


def verdict_on(case: TextCase) -> Assessment:
    texts = compare_texts(case.synthetic, case.real, case.holdout, seeds=Seeds(0), canaries=case.canaries)
    return assess_texts(texts, metrics=PRIVACY)


def test_fresh_texts_pass_and_are_judged_in_every_family():
    found = assess_texts(texts_of(PARTS[0]))
    assert {family: found.families[family].verdict for family in FAMILIES} == dict.fromkeys(FAMILIES, "pass")
    assert found.verdict == "pass"
    assert found.risks["bias"].verdict == "pass"


@pytest.mark.parametrize("metric", names("text_metric"))
@pytest.mark.parametrize("holdout", [True, False])
def test_every_measure_keeps_the_laws_of_scores(metric, holdout):
    def measure() -> list[Score]:
        texts = compare_texts(PARTS[0][:90], PARTS[1][:90], PARTS[2][:90] if holdout else None, seeds=Seeds(3))
        return find("text_metric", metric)()(texts)

    scores = measure()
    plugin = find("text_metric", metric)
    assert [one.name for one in scores] == list(getattr(plugin, "scores", (metric,)))
    for one in scores:
        assert one.family in FAMILIES
        assert one.name.startswith(f"{one.family}.")
        assert one.reason
        if one.state == "ok":
            assert all(math.isfinite(x) for x in (one.value, one.low or 0.0, one.high or 0.0, one.floor or 0.0))
        else:
            assert (one.state, one.value) == ("undefined", None)
    assert measure() == scores
    told = " ".join(plugin.__doc__.split())
    assert "oes not see" in told or "not known here" in told


@pytest.mark.parametrize("made", [[], [""], ["one text"], [None, None], ["same"] * 30, ["?"] * 30, ["日本語"] * 25])
@pytest.mark.parametrize("real", [None, [], ["", "x"], ["same"] * 30])
def test_odd_texts_break_no_measure(made, real):
    found = assess_texts(compare_texts(made, real, real, seeds=Seeds(0)))
    assert [one for one in found.scores if one.state == "failed"] == []


FLAWS = {
    "copies": (lambda made, _: made[:200] * 2, "diversity.near_duplicates", "diversity.near_duplicates"),
    "few words": (
        lambda made, _: [text.split()[0] + " the printer is slow" for text in made],
        "diversity.distinct",
        "diversity.distinct",
    ),
    "one opening": (
        lambda made, _: [f"I would like to say {text}" for text in made],
        "diversity.openers",
        "diversity.openers",
    ),
    "short": (lambda made, _: [" ".join(text.split()[:5]) for text in made], "fidelity.lengths", "fidelity.lengths"),
    "other words": (
        lambda made, _: [text.replace("the", "das").replace("and", "und") for text in made],
        "fidelity.wording",
        "fidelity.wording",
    ),
    "marks": (
        lambda made, _: [f"{text} regards" for text in made],
        "fidelity.text_detection",
        "fidelity.text_detection_unseen",
    ),
    "a topic only": (
        lambda made, _: made[:10] * 40,
        "fidelity.topics",
        "fidelity.topics",
    ),
    "other language": (
        lambda made, _: ["Ich weiß nicht, ob wir das noch schaffen."] * 40 + made[40:],
        "validity.usable",
        "validity.usable",
    ),
    "nonsense": (
        lambda made, rng: [" ".join(rng.permutation(text.split())) for text in made],
        "utility.prediction",
        "utility.prediction",
    ),
    "women": (
        lambda made, _: [f"{text} She is fine." if place % 4 else text for place, text in enumerate(made)],
        "fidelity.mentions",
        "fidelity.mentions",
    ),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_each_flaw_is_seen_by_its_measure(flaw):
    change, metric, name = FLAWS[flaw]
    clean, flawed = texts_of(PARTS[0]), texts_of(change(list(PARTS[0]), np.random.default_rng(0)))
    assert beyond(score(metric, name, flawed)) > max(3.5, beyond(score(metric, name, clean)))


def test_wrong_labels_cost_fidelity_and_utility():
    texts = texts_of(PARTS[0])
    turned = ["software" if label == "hardware" else "hardware" for label in texts.synthetic.labels]
    wrong = Texts(Corpus(PARTS[0], turned), texts.real, texts.holdout, texts.seeds)
    assert score("utility.students", "fidelity.labels", texts).value > 0.9
    assert score("utility.students", "fidelity.labels", wrong).value < 0.1
    assert score("utility.students", "utility.students", wrong).value < -0.5


def test_balance_is_held_against_what_was_asked():
    texts = texts_of(PARTS[0], shares={"hardware": 0.9, "software": 0.1})
    found = score("fidelity.mentions", "fidelity.balance", texts)
    share = kinds(PARTS[0]).count("hardware") / 400
    assert found.value == pytest.approx(0.9 - share)


def test_cells_of_a_plan():
    found = score("diversity.plan", "diversity.plan", texts_of(PARTS[0], cells=["a"] * 190 + ["b"] * 210))
    assert (found.value, found.parts[0].floor) == (10, 200)


def test_contamination_names_the_file_and_has_a_control():
    texts = texts_of(
        PARTS[0], files={"bench": PARTS[0][:20] + [f"question {place} of another kind" for place in range(80)]}
    )
    found = score("validity.contamination", "validity.contamination", texts)
    assert found.value == 0.2
    assert found.floor < 0.2
    assert found.parts[0].place == "bench"


# The tickets are built from templates: copied passages and changed copies stand there by nature.
MUST = [
    (kind, strengths[-1]) for kind, (_, strengths, _) in TEXT_LEAKS.items() if kind not in ("passages", "near_copies")
]


@pytest.mark.parametrize(("kind", "strength"), MUST)
def test_a_plain_leak_is_seen(kind, strength):
    case = next(one for one in text_leak_cases(TICKETS, rows=300, kinds=[kind]) if one.strength == strength)
    assert case.level == "must"
    assert verdict_on(case).families["privacy"].verdict == "fail"


@pytest.mark.parametrize("kind", TEXT_CONTROLS)
def test_a_clean_control_raises_no_alarm(kind):
    found = verdict_on(next(text_control_cases(TICKETS, rows=300, kinds=[kind], seed=1)))
    assert [(one.gate.metric, one.why) for one in found.gates if one.verdict == "fail"] == []


def test_suites_refuse_too_few_texts():
    with pytest.raises(DataError, match="different texts"):
        next(text_leak_cases(TICKETS[:50]))


def test_personal_values_are_told_apart_by_where_they_come_from():
    real = [f"{text} mail a{place}@b.org" for place, text in enumerate(PARTS[1])]
    held = [f"{text} mail h{place}@b.org" for place, text in enumerate(PARTS[2])]
    made = [*real[:30], held[0], "write to new@b.org"]
    found = score("privacy.personal", "privacy.personal", compare_texts(made, real, held, seeds=Seeds(0)))
    assert (found.value, found.floor) == (30, 1)
    assert {part.place: part.value for part in found.parts} == {"email": 30, "in the hold-out too": 1, "invented": 1}


@pytest.mark.parametrize(
    "shown", ["4929-1837-2201", "492918372201", "four nine two nine one eight three seven two two zero one"]
)
def test_a_canary_is_met_in_any_format(shown):
    texts = compare_texts(
        [f"use {shown} now"], ["x"], None, seeds=Seeds(0), canaries=["4929 1837 2201", "5551 0000 7777"]
    )
    found = score("privacy.canaries", "privacy.canaries", texts)
    assert (found.value, found.parts[0].place) == (1, "canary 1")


def test_without_real_texts_only_what_can_be_judged_is():
    found = judge_texts(pl.DataFrame({"body": PARTS[0]}), text="body")
    unknown = {family for family in FAMILIES if found.assessment.families[family].verdict == "unknown"}
    assert unknown == {"fidelity", "utility", "privacy"}
    assert "unknown" in render_page(found)


def test_a_bound_on_contamination_that_was_asked_for_is_not_kept_where_no_file_is_named():
    texts = compare_texts(PARTS[0][:60], seeds=Seeds(0))
    measured = ["validity.usable", "validity.contamination"]
    usual, own = (
        assess_texts(texts, gates=text_gates(gates, alone=True), metrics=measured).families["validity"]
        for gates in ((), ("validity.contamination <= 0.01",))
    )
    assert usual.verdict == "pass"
    assert (own.verdict, "no file of texts was named" in own.why.lower()) == ("unknown", True)


def test_the_page_and_the_document_show_no_real_text():
    frames = [pl.DataFrame({"body": part, "kind": kinds(part)}) for part in PARTS]
    record = judge_texts(
        frames[0], frames[1], text="body", label="kind", holdout=frames[2], gates=["diversity.vendi >= 0.99"]
    )
    page, document = render_page(record), json.dumps(to_document(record))
    assert record.assessment.families["diversity"].verdict == "fail"
    assert "How it is measured" in page
    assert [text for text in (*PARTS[1], *PARTS[2]) if text in page or text in document] == []


def test_what_does_not_fit_is_told():
    frame = pl.DataFrame({"body": PARTS[1]})
    with pytest.raises(SchemaError, match="no column 'text'"):
        judge_texts(frame, text="text")
    with pytest.raises(DataError, match="A hold-out was given"):
        judge_texts(frame, text="body", holdout=frame)
    with pytest.raises(DataError, match=r"[Aa]ll texts of the hold-out"):
        judge_texts(frame, frame, text="body", holdout=frame)
    with pytest.raises(DataError, match="no real rows"):
        api.validate_files(frame)
    with pytest.raises(RecipeError, match="`deep` is for tables"):
        api.validate_files(frame, text="body", deep=True)
    with pytest.raises(RecipeError, match="goes with `text`"):
        api.validate_files(frame, frame, label="body")
    with pytest.raises(DataError, match="2 texts and 1 labels"):
        Corpus(["a", "b"], ["x"])
    with pytest.raises(RecipeError, match="no measure"):
        text_gates(["privacy.nothing <= 1"])


def test_a_hold_out_that_stands_in_part_among_the_real_texts_is_remarked():
    frames = [pl.DataFrame({"body": part[:100]}) for part in (PARTS[0], PARTS[1], [*PARTS[1][:40], *PARTS[2][:60]])]
    record = judge_texts(frames[0], frames[1], text="body", holdout=frames[2])
    assert record.notes == (
        "40 of the 100 texts of the hold-out stand among the real ones too: the verdict on privacy flatters.",
    )


def test_generations_are_a_warning():
    found = assess_texts(texts_of(PARTS[0], depth=3), metrics=["fidelity.lengths"])
    assert found.risks["collapse"].verdict == "warn"
    assert found.risks["unvalidated"].verdict == "pass"
