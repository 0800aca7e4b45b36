"""Distillation: material, writing, labelling, who may refuse, what a student says, and the whole road with echo."""

import json
import math
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulacra import api
from simulacra.cli.main import run_command
from simulacra.contracts.models import Answer
from simulacra.contracts.rows import Record
from simulacra.errors import DataError, OutputError, RecipeError
from simulacra.generate.distill.agreement import Held, SeedClassifier, choose_filter
from simulacra.generate.distill.copying import SeedPassage
from simulacra.generate.distill.labelling import TeacherLabels
from simulacra.generate.distill.lesson import bounds_of, make_lesson
from simulacra.generate.distill.worth import Exam, Point, _rows_at, weigh
from simulacra.models.profile import Profile, profile_of
from simulacra.recipe import read_recipe
from simulacra.run.flow.road import run_async
from simulacra.run.teaching.material import gather
from simulacra.run.teaching.verdict import copied
from simulacra.seeds import Seeds

THINGS = {
    "card": ["card", "pin", "plastic", "chip", "contactless"],
    "rate": ["rate", "euro", "dollar", "exchange", "currency"],
    "loan": ["loan", "mortgage", "credit", "interest", "instalment"],
}
FRAMES = ["where is my {} now", "please tell me about the {} of last week", "why did the {} change again, and when",
          "I do not understand this {} at all", "is the {} of my sister the same as mine"]  # fmt: skip


def texts(count: int, seed: int = 0) -> list[dict]:
    rng = np.random.default_rng(seed)
    rows = []
    for label, words in THINGS.items():
        for place in range(count):
            frame = FRAMES[int(rng.integers(len(FRAMES)))]
            word, other = (words[int(rng.integers(len(words)))] for _ in range(2))
            rows.append({"text": f"{frame.format(word)} {other} {seed}x{place}", "label": label})
    return [rows[place] for place in rng.permutation(len(rows))]


def records(count: int, seed: int = 0) -> list[Record]:
    return [Record(f"{seed} {n}", row["text"], row["label"]) for n, row in enumerate(texts(count, seed))]


def write(path: Path, rows: list[dict]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


SCRIPT = {
    "rules": [
        {"when": "Which class is this text of.*(card|pin|plastic|chip)", "say": '{"reason": "r", "class": "card"}'},
        {"when": "Which class is this text of.*(rate|euro|dollar|curr)", "say": '{"reason": "r", "class": "rate"}'},
        {"when": "Which class is this text of", "say": '{"reason": "r", "class": "loan"}'},
        *(
            {"when": f"of the class '{label}'",
             "say": [*(json.dumps({"text": f"{FRAMES[place].format(word)} written {{seed}} {word}"})
                       for place in range(5) for word in words[:3]),
                     json.dumps({"text": "Sure, here is a text: [insert text]"}),
                     json.dumps({"text": f"where is my {THINGS[wrong][0]} {{seed}} {THINGS[wrong][1]}"})]}
            for (label, words), wrong in zip(THINGS.items(), ["rate", "loan", "card"], strict=True)
        ),
    ]
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Path:
    import yaml

    (tmp_path / "script.yaml").write_text(yaml.safe_dump(SCRIPT))
    write(tmp_path / "seeds.jsonl", texts(4, 1))
    write(tmp_path / "test.jsonl", texts(20, 2))
    write(tmp_path / "real.jsonl", texts(25, 3))
    return tmp_path


def run(home: Path, out: str = "out", **choices):
    told = {"test": home / "test.jsonl", "teacher": f"echo:{home / 'script.yaml'}", "rows": 30, "teacher_rows": 12,
            "student": "tfidf", **choices}  # fmt: skip
    return api.distill(home / "seeds.jsonl", home / out, **told)


def test_the_whole_road(home):
    record = run(home, real=home / "real.jsonl")
    rows = [json.loads(line) for line in (home / "out" / "data.jsonl").read_text().splitlines()]
    assert Counter(row["label"] for row in rows) == dict.fromkeys(THINGS, 10)
    assert len({row["text"] for row in rows}) == 30
    assert all(any(word in row["text"] for word in THINGS[row["label"]]) for row in rows)
    steps = {step for step, _ in record.text.totals.refused}
    assert {"leftovers", "agreement"} <= steps
    worth = record.worths[0]
    assert worth.student == "tfidf"
    assert {arm.name for arm in worth.arms} == {"seeds", "written", "seeds and written", "real"}
    assert worth.gain.low <= worth.gain.value <= worth.gain.high
    assert record.teacher is not None
    assert record.teacher.rows == 12
    private = home / "out" / "private"
    lineage = pl.read_parquet(private / "lineage.parquet")
    assert lineage.height == 30
    assert lineage["parents"].list.len().min() >= 4
    said = [json.loads(line) for line in (private / "judgements.jsonl").read_text().splitlines()]
    assert {one["kept"] for one in said} == {True, False, None}
    page = (home / "out" / "report.html").read_text()
    assert "Student: tfidf" in page
    assert "<svg" in page
    document = json.loads((home / "out" / "distill.json").read_text())
    assert document["students"][0]["by_written"][-1][0] == 30


def test_a_class_that_gets_no_rows_is_told(home):
    wrong = {"when": "of the class 'loan'", "say": '{"text": "where is my pin number {seed} now"}'}
    script = {"rules": [*SCRIPT["rules"][:3], wrong, *SCRIPT["rules"][3:]]}
    (home / "script.yaml").write_text(json.dumps(script))
    record = run(home, rows=12, deadline=60)
    assert "Few or no texts were accepted of 'loan' (0): an even share is 4 rows a class." in " ".join(
        record.text.notes
    )
    assert {row["label"] for row in record.text.samples} == {"card", "rate"}
    assert not any("Few or no" in note for note in run(home, "fine", rows=12, teacher=other(home)).text.notes)


def other(home: Path) -> str:
    (home / "good.yaml").write_text(json.dumps(SCRIPT))
    return f"echo:{home / 'good.yaml'}"


def test_the_same_recipe_gives_the_same_bytes_and_more_rows_keep_those_that_are_there(home):
    run(home)
    first = (home / "out" / "data.jsonl").read_bytes()
    run(home, "again", width=3)
    assert (home / "again" / "data.jsonl").read_bytes() == first
    run(home, rows=36)
    assert (home / "out" / "data.jsonl").read_bytes().startswith(first)
    with pytest.raises(OutputError, match="another run"):
        run(home, about="Something else.")


def test_one_file_is_parted_into_seeds_real_rows_and_test(home):
    write(home / "seeds.jsonl", texts(40, 5))
    record = run(home, test=None, shots=3)
    assert record.seeds == 9
    assert 40 <= record.test <= 60
    assert record.real > 30
    material = gather(read_recipe(home / "out" / "recipe.yaml"))
    sides = [{one.text for one in side} for side in (material.lesson.records, material.real, material.test)]
    assert len(sides[0] | sides[1] | sides[2]) == sum(len(side) for side in sides)


def test_without_test_rows_the_verdict_is_unknown(home, capsys):
    argv = ["distill", str(home / "seeds.jsonl"), "--rows", "12", "--teacher", f"echo:{home / 'script.yaml'}"]
    assert run_command([*argv, "--student", "tfidf", "-o", str(home / "out"), "-q"]) == 4
    told = capsys.readouterr().out
    assert "Give --test" in told
    assert run_command([*argv, "--dry-run", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert (plan["rows"], plan["test_rows"]) == (12, 0)


def test_a_gate_of_ones_own_decides(home):
    record = run(home, rows=6, teacher_rows=0, filter="none", gates=["utility.gain >= 0.9"])
    assert record.text.assessment.families["utility"].verdict == "fail"
    assert [one.gate.metric for one in record.text.assessment.gates].count("utility.gain") == 1


def test_the_teacher_labels_a_pool(home):
    pool = write(home / "pool.jsonl", [{"text": row["text"]} for row in texts(10, 7)])
    record = run(home, unlabelled=pool, rows=100, filter="none")
    labelled = record.text.rows  # those of the pool that do not stand in the test rows
    assert record.labelling
    assert 20 <= labelled == record.text.asked <= 30
    assert f"100 rows were asked for; there are {labelled} texts to label." in record.text.notes
    truth = {row["text"]: row["label"] for row in texts(10, 7)}
    rows = [json.loads(line) for line in (home / "out" / "data.jsonl").read_text().splitlines()]
    assert np.mean([truth[row["text"]] == row["label"] for row in rows]) > 0.6
    said = [json.loads(line) for line in (home / "out" / "private" / "judgements.jsonl").read_text().splitlines()]
    assert len(said) == labelled + 12
    assert all(math.isclose(sum(one["scores"].values()), 1, abs_tol=1e-3) and one["rationale"] == "r" for one in said)
    assert pl.read_parquet(home / "out" / "private" / "lineage.parquet")["depth"].unique().to_list() == [0]


@pytest.mark.parametrize("rows", [1, 5, 8, 13, 22])
@pytest.mark.parametrize("way", ["writes", "best_of", "labels"])
def test_as_many_rows_as_were_asked_for_are_told_and_delivered(home, rows, way):
    more = {"best_of": 2} if way == "best_of" else {}
    if way == "labels":  # some texts of the pool are refused
        lines = [{"text": row["text"]} for row in texts(20, 7)]
        checks = [{"length": {"field": "text", "words": [8, 40]}}]
        more = {"unlabelled": write(home / "pool.jsonl", lines), "filter": "none", "checks": checks}
    record = run(home, rows=rows, teacher_rows=0, **more)
    out, text = home / "out", record.text
    document = json.loads((out / "report.json").read_text())
    counts = {
        text.rows, text.asked, text.totals.accepted, document["rows"]["synthetic"],
        len((out / "data.jsonl").read_text().splitlines()),
        pl.read_parquet(out / "private" / "lineage.parquet").height,
    }  # fmt: skip
    assert counts == {rows}
    assert text.totals.attempts == rows + text.totals.rejected


def test_rows_that_stand_in_the_test_are_left_out(home):
    write(home / "seeds.jsonl", [*texts(4, 1), *texts(20, 2)[:7]])
    record = run(home)
    assert record.seeds <= 12
    lost = 19 - record.seeds
    assert any(f"{lost} rows stand in the test rows too" in note for note in record.text.notes)
    write(home / "seeds.jsonl", texts(20, 2)[:7])
    with pytest.raises(DataError, match="every seed stands in the test file"):
        run(home, "other")


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"label": "nope"}, "no column 'nope'"),
        ({"classes": {"nope": "x"}}, "no class 'nope'"),
        ({"text": "label"}, "both text and label"),
        ({"text": "_x"}, "names that begin with _ are ours"),
        ({"unlabelled": "p.jsonl", "best_of": 2}, "(?i)best_of is for texts that are written"),
        ({"teacher": "nobody"}, "no model called 'nobody'"),
        ({"gates": ["nope >= 1"]}, "no measure 'nope'"),
    ],
)
def test_mistakes_are_told(home, choices, message):
    with pytest.raises((RecipeError, DataError), match=message):
        run(home, **choices)


def test_files_without_what_is_needed_are_told(home):
    write(home / "seeds.jsonl", [row for row in texts(4) if row["label"] == "card"])
    with pytest.raises(DataError, match=r"(?i)the seeds have 1 class"):
        run(home)
    write(home / "seeds.jsonl", [{"text": " ", "label": "a"}])
    with pytest.raises(DataError, match="no row has a text and a label"):
        run(home)


def test_a_class_in_words_and_a_wrong_one(home):
    recipe = home / "r.yaml"
    argv = ["distill", str(home / "seeds.jsonl"), "--recipe", str(recipe), "--class", "card=a lost card", "-q"]
    assert run_command(argv) == 0
    assert read_recipe(recipe).classes == {"card": "a lost card"}
    assert run_command([*argv[:-1], "--class", "card"]) == 2


def test_who_knows_no_better_than_chance_refuses_nothing():
    held = SeedClassifier(make_lesson(records(20)), None).held_out()
    assert held.n == 60
    assert held.knows
    rng = np.random.default_rng(0)
    shuffled = [Record(one.identity, one.text, list(THINGS)[int(rng.integers(3))]) for one in records(20)]
    lost = SeedClassifier(make_lesson(shuffled), None).held_out()
    assert choose_filter([lost]) is None
    assert "not enough to reject by it" in lost.sentence()
    assert choose_filter([held, Held("teacher", 60, 60, 1 / 3)]).way == "teacher"
    single = SeedClassifier(make_lesson(records(1)), None).held_out()
    assert not single.knows


class Leaning:
    """A model whose next word leans towards one class, whatever the text, and a little towards the right one."""

    def __init__(self, lean: float) -> None:
        self.lean = lean

    async def ask(self, prompt, **parameters):
        del parameters
        text = prompt.rsplit("\n\n", 1)[1].split("\nLabel:")[0]
        right = next((label for label, words in THINGS.items() if any(word in text for word in words)), "card")
        scores = {label: (2.0 if label == right else 0.0) + (self.lean if label == "rate" else 0.0) for label in THINGS}
        return Answer("", logprobs=((" x", 0.0, {f" {label[:2]}": score - 9 for label, score in scores.items()}),))


def test_a_teachers_liking_for_a_class_is_taken_out():
    weak = profile_of("embedded:smollm2-135m")
    found = {}
    for lean in (0.0, 5.0):
        teacher = TeacherLabels(make_lesson(records(4)), weak, Seeds(0))
        model = Leaning(lean)
        raw = run_async(teacher.label("where is my pin", model.ask))
        hits = run_async(teacher.calibrate(model.ask))
        found[lean] = raw.label, sum(hits), run_async(teacher.label("where is my pin", model.ask))
    assert found[5.0][0] == "rate"
    assert found[5.0][1] == found[0.0][1] == 12
    assert found[5.0][2].label == "card"
    assert found[5.0][2].scores["card"] == pytest.approx(found[0.0][2].scores["card"], abs=0.02)
    assert found[5.0][2].margin > 0


def test_a_lesson_shows_what_is_wanted_last():
    lesson = make_lesson(records(5))
    shown = lesson.draw("card", 3, 2, np.random.default_rng(0))
    assert [one.label for one in shown[-3:]] == ["card"] * 3
    assert len({one.label for one in shown[:-3]}) == 2
    assert bounds_of([Record("a", "one two three four"), Record("b", "one two")]) == (1, 8)
    assert Profile().style == "chat"


def test_what_rows_are_worth_to_a_student():
    seeds, good, exam = records(2), records(12, 4), Exam(records(40, 9))
    worth = weigh(seeds, good, exam, real=records(30, 5), branch=Seeds(0))
    assert worth.gain.low > 0
    assert worth.arm("written").value > worth.arm("seeds").value > worth.chance
    about, low, high = worth.replaces
    assert low is None or about is None or low <= about
    labels = [one.label for one in good]
    wrong = [Record(one.identity, one.text, labels[(n + 1) % len(labels)]) for n, one in enumerate(good)]
    assert weigh(seeds, wrong, exam, branch=Seeds(0)).gain.value < worth.gain.value
    assert weigh(seeds, good, exam, branch=Seeds(0)).replaces == (None, None, None)
    assert high is None or about is None or about <= high


def test_the_balanced_metric_is_the_mean_of_the_classes():
    exam = Exam([Record(str(n), "t", "a" if n < 9 else "b") for n in range(10)])
    assert exam.fares(["a"] * 10).mean() == pytest.approx(0.5)
    assert Exam([Record("x", "t", "a")] * 3, "accuracy").fares(["a", "b", "a"]).mean() == pytest.approx(2 / 3)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.1, 0.9), min_size=2, max_size=5), st.floats(0, 1))
@example([0.25, 0.5], 0.5)
def test_the_rows_a_curve_needs_rise_with_the_value(heights, value):
    curve = [Point(2**place * 4 if place else 0, height, 0.0) for place, height in enumerate(heights)]
    rows = _rows_at(value, curve)
    assert (rows is None) == (value > max(heights))
    if rows is not None:
        assert 0 <= rows <= curve[-1].rows
        less = _rows_at(value - 0.05, curve)
        assert less is not None
        assert less <= rows + 1e-9


def test_passages_of_seeds_are_found():
    seed = Record("s", "one two three four five six seven eight nine ten", "a")
    made = [Record("1", "so: two three four five six seven eight nine!", "a"), Record("2", "one two three four", "a")]
    assert copied(made, [seed]).value == 0.5
    check = SeedPassage("text", [seed.text])
    assert run_async(check({"text": made[0].text}, None)) == "shares 8 words in a row with a seed"
    assert run_async(check({"text": made[1].text}, None)) is None


def test_a_plan_says_what_it_would_cost(home):
    made = api.make_distill_recipe(home / "seeds.jsonl", test=home / "test.jsonl", teacher="openai:gpt-5-mini", rows=30,
                                   teacher_rows=12, best_of=2)  # fmt: skip
    plan = api.plan_distill(made)
    seeds = 12
    assert plan["model_calls"] == 2 * 30 + 3 * (seeds + 12)  # texts, and three votes on each seed and test row
    assert 0 < plan["dollars"] < 1
    assert min(plan["tokens_read"], plan["tokens_written"], plan["seconds"]["from"]) > 0
    texts_to_label = write(home / "pool.jsonl", texts(10, 9))
    pool = made.model_copy(update={"unlabelled": str(texts_to_label), "teacher": "http://127.0.0.1:9/v1#m"})
    plan = api.plan_distill(pool)
    assert plan["model_calls"] == 3 * (30 + seeds + 12)
    assert plan["dollars"] == "a price is not known"
