"""Judges, self-consistency and code: who may reject, both orders, abstention, calibration, corrected means."""

import asyncio
import os
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra import api
from simulacra.api.calibrating import calibrate_judge, judge_rows
from simulacra.check.rows._agreement import agreement_of
from simulacra.check.rows._make import make_checks
from simulacra.check.rows.code import ALLOW, Code, extract_code
from simulacra.cli.main import run_command
from simulacra.errors import DataError, RecipeError
from simulacra.measure.text._calibration import corrected_mean
from simulacra.models.asking import Asker
from simulacra.models.backends.echo import Echo
from simulacra.models.engine import Engine
from simulacra.seeds import Seeds

FIRST = '{"reason": "it is", "better": "A"}'


def look(entry, row: dict, *models: Echo) -> str | None:
    """Hold a row against a check whose models are `models`, named m0, m1 ..."""

    async def run():
        async with Engine() as engine:
            named = {f"m{place}": engine.add(model) for place, model in enumerate(models)}
            return await make_checks([entry])[0](row, Asker(engine, Seeds(0), named))

    return asyncio.run(run())


def scored(*scores: int) -> str:
    told = ", ".join(f'"c{place}": {score}' for place, score in enumerate(scores))
    return f'{{"reason": "so", "scores": {{{told}}}}}'


def rubric(**more) -> dict:
    return {"judge": {"field": ["question", "answer"], "criteria": ["c0", "c1"], "trust": True, **more}}


ROW = {"question": "Why?", "answer": "Because."}


def test_a_judge_rejects_below_its_bound_and_names_the_weakest_criterion():
    row = dict(ROW)
    assert look(rubric(), row, Echo(scored(4, 1))) == "scored 2.5 of 5, least for c1"
    assert row["_judgement"]["scores"] == {"c0": 4.0, "c1": 1.0}
    assert look(rubric(at_least=2.5), dict(ROW), Echo(scored(4, 1))) is None


def test_judges_that_disagree_abstain():
    panel = Echo(scored(5, 5), label="kind"), Echo(scored(1, 1), label="stern")
    row = dict(ROW)
    assert look(rubric(models=["m0", "m1"], at_least=4), row, *panel) is None
    assert row["_judgement"]["good"] is None
    assert look(rubric(models=["m0", "m1"], at_least=4, spread=4), dict(ROW), *panel) == "scored 3.0 of 5, least for c0"


def test_a_judge_without_a_calibration_only_advises():
    row = dict(ROW)
    assert look(rubric(trust=False), row, Echo(scored(1, 1))) is None
    assert row["_judgement"]["good"] is False
    assert row["_judgement"]["may_reject"] is False


def script(folder: Path, wrong: str) -> str:
    """A judge that takes good for bad, and bad for good, in rows whose number matches `wrong`; the model's name."""
    good, bad = scored(5, 5), scored(1, 1)
    whens = (f"row {wrong}: good", bad), (f"row {wrong}: bad", good), (": good", good), (": bad", bad)
    path = folder / "judge.yaml"
    path.write_text(yaml.safe_dump({"rules": [{"when": when, "say": say} for when, say in whens]}))
    return f"echo:{path}"


@pytest.mark.parametrize(("wrong", "share", "may"), [("9[5-9]", 0.95, True), (r"[6-9]\d", 0.6, False)])
def test_a_calibrated_judge_rejects_only_if_it_agrees_with_people(tmp_path, wrong, share, may):
    model = script(tmp_path, wrong)
    rows = [{"answer": f"row {n}: {'good' if n % 2 else 'bad'}", "fine": bool(n % 2)} for n in range(100)]
    out = tmp_path / "judge.json"
    told = {"field": "answer", "criteria": ["c0", "c1"]}
    found = calibrate_judge(rows, told["field"], criteria=told["criteria"], human="fine", out=out, model=model)
    assert (found.n, found.value) == (100, share)
    row = {"answer": "row 2: bad"}
    reason = look(
        {"judge": {**told, "calibration": str(out), "agreement": 0.7}}, row, Echo(model.removeprefix("echo:"))
    )
    assert (reason is not None) == may
    with pytest.raises(RecipeError, match="of another judge"):
        make_checks([{"judge": {**told, "at_least": 4, "calibration": str(out)}}])
    with pytest.raises(DataError, match="1 rows have a verdict"):
        calibrate_judge(rows[:1], "answer", criteria=["c0"], human="fine")
    judged = judge_rows([*rows, {"answer": "row 7: good"}], "answer", criteria=["c0", "c1"], human="fine", model=model)
    assert len(judged.records) == 101
    assert judged.share is not None
    assert judged.share.low <= 0.5 <= judged.share.high


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"judge": {"field": "a", "criteria": []}}, "no criteria"),
        ({"judge": {"field": "a", "criteria": ["c"], "at_least": 9}}, "no score is 9"),
        ({"judge": {"field": "a", "criteria": ["c"], "samples": 0}}, "asked at least once"),
        ({"judge": {"field": "a", "criteria": ["c"], "calibration": __file__}}, "no calibration of a judge"),
        ({"pairwise": {"field": "a", "aspects": []}}, "no aspects"),
        ({"consistency": {"question": "a", "answer": "b", "samples": 1}}, "agrees with itself"),
        ({"consistency": {"question": "a", "answer": "b", "pattern": "("}}, "is no expression"),
    ],
)
def test_options_of_judges_that_make_no_sense_are_told(entry, message):
    with pytest.raises(RecipeError, match=message):
        make_checks([entry])


PAIR = {"pairwise": {"field": "prompt", "aspects": ["true"]}}
ANSWERS = {"prompt": "Why?", "chosen": "LONG answer", "rejected": "no"}
LIKES_LONG = {"rules": [{"when": "A: LONG", "say": FIRST}, {"say": FIRST.replace('"A"', '"B"')}]}


def test_a_pair_is_judged_in_both_orders():
    row = dict(ANSWERS)
    assert look(PAIR, row, Echo(LIKES_LONG)) is None
    assert row["_comparison"]["margin"] == 1.0
    turned = {**ANSWERS, "chosen": "no", "rejected": "LONG answer"}
    assert look(PAIR, turned, Echo(LIKES_LONG)) == "the rejected answer is the better one"


def test_a_judge_that_always_takes_the_first_decides_nothing():
    row = dict(ANSWERS)
    assert look(PAIR, row, Echo(FIRST)) == "no answer is clearly better"
    assert row["_comparison"]["swayed"] == 1


def test_self_consistency():
    entry = {"consistency": {"question": "q", "answer": "a", "samples": 4}}
    mostly = Echo({"rules": [{"say": ["It is 12.", "12", "so: 12 apples"]}]})
    assert look(entry, {"q": "How many?", "a": "There are 12."}, mostly) is None
    assert look(entry, {"q": "How many?", "a": "There are 13."}, mostly) == "0 of 4 fresh answers say the same"
    named = {"consistency": {"question": "q", "answer": "a", "samples": 2, "pattern": r"is (\w+)"}}
    assert look(named, {"q": "?", "a": "It is Rome, 3 times"}, Echo("the city is rome")) is None


@pytest.fixture
def code(monkeypatch) -> Code:
    monkeypatch.setenv(ALLOW, "1")
    return Code("code", tests="tests", seconds=1, memory=300)


@pytest.mark.parametrize(
    ("text", "tests", "told"),
    [
        ("def f(x):\n    return x + 1", "assert f(1) == 2", None),
        ("Here:\n```python\ndef f(x):\n    return x\n```\nDone.", "assert f(1) == 2, 'off by one'", "off by one"),
        ("def f(:", "", "SyntaxError"),
        ("while True: pass", "", "too long"),
        ("x = bytearray(10**9)", "", "MemoryError"),
        ("import os; assert 'SECRET_OF_THE_TEST' not in os.environ", "", None),
        ("import os; assert os.listdir('.') == ['made.py']", "", None),
        ("open('big', 'wb').write(bytes(5_000_000))", "", "File too large"),
        ("import sys; sys.exit(3)", "", "code 3"),
        ("  ", "", "there is no code"),
    ],
)
def test_code_is_run_with_limits(code, monkeypatch, text, tests, told):
    monkeypatch.setenv("SECRET_OF_THE_TEST", "1")
    reason = asyncio.run(code({"code": text, "tests": tests}, None))
    assert reason is None if told is None else told in (reason or "")


def test_code_is_not_run_unless_it_is_allowed(monkeypatch):
    monkeypatch.delenv(ALLOW, raising=False)
    with pytest.raises(RecipeError, match="code that a model wrote would be run"):
        make_checks([{"code": {"field": "code"}}])


def test_the_flag_allows_code(monkeypatch, tmp_path):
    monkeypatch.setenv(ALLOW, "0")
    recipe = tmp_path / "r.yaml"
    recipe.write_text(
        "method: instruct\ninstruction: x\nmodels: {w: echo}\nfields: {code: {}}\nchecks: [{code: {field: code}}]"
    )
    assert run_command(["run", str(recipe), "--preview", "1"]) == 2
    run_command(["run", str(recipe), "--dry-run", "--allow-code"])
    assert os.environ[ALLOW] == "1"


def test_blocks_of_code():
    assert extract_code("a = 1") == "a = 1"
    assert extract_code("x\n```py\na\n```\ny\n```\nb\n```") == "a\n\n\nb\n"


def test_agreement_is_told_with_what_chance_gives():
    found = agreement_of([True] * 90 + [False] * 10, [True] * 90 + [False] * 5 + [True] * 5)
    assert (found.value, found.caught) == (0.95, 1.0)
    assert found.low < 0.95 < found.high
    assert agreement_of([True] * 10, [True] * 9 + [False]).kappa == 0.0
    with pytest.raises(ValueError, match="1 verdicts of the judge and 0"):
        agreement_of([True], [])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.2, 0.8), st.floats(0.6, 1.0))
def test_a_corrected_mean_is_never_much_wider_than_people_alone(seed, share, skill):
    rng = np.random.default_rng(seed)
    truth = rng.random(400) < share
    judge = np.where(rng.random(400) < skill, truth, ~truth).astype(float)
    found = corrected_mean(judge[60:], judge[:60], truth[:60].astype(float))
    assert found.high - found.low <= 1.1 * (found.people_high - found.people_low)
    assert 0 <= found.power <= 1


def test_a_corrected_mean_covers_the_truth_where_the_judge_is_biased():
    rng = np.random.default_rng(0)
    covered, widths = 0, []
    for _ in range(300):
        truth = rng.random(1000) < 0.4
        judge = (truth | (rng.random(1000) < 0.3)).astype(float)  # says good of a third of the bad ones
        found = corrected_mean(judge[100:], judge[:100], truth[:100].astype(float))
        covered += found.low <= 0.4 <= found.high
        widths.append((found.high - found.low) / (found.people_high - found.people_low))
        assert found.judged > 0.5
    assert covered >= 0.91 * 300
    assert np.mean(widths) < 0.85  # half the rows that people would have to judge


def test_a_corrected_mean_needs_people():
    with pytest.raises(ValueError, match="at least two rows"):
        corrected_mean([1.0], [1.0], [1.0])
    with pytest.raises(ValueError, match="2 verdicts of the judge and 1"):
        corrected_mean([1.0], [1.0, 1.0], [1.0])


def test_the_public_names_are_there():
    assert api.judge_rows is judge_rows
    assert api.calibrate_judge is calibrate_judge
