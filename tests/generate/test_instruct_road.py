"""The whole road of an instruct recipe with the echo model: bundle, plan, lineage, kill and go on, budget, errors."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

import simulacra
from simulacra import api
from simulacra.cli.main import run_command
from simulacra.errors import OutputError, RecipeError
from simulacra.recipe import read_recipe

EXAMPLES = Path(__file__).parents[2] / "examples"
SCRIPT = """\
rules:
  - when: "topic: ([^\\n]+).*level: ([^\\n]+)"
    say:
      - '{"question": "In {1}, at {2}, case {seed}: why does it hang?", "answer": "Look at event {seed} of the pod."}'
      - '{"question": "What is {1} at {2} with quota {seed}?", "answer": "A limit of {seed} that somebody has set."}'
      - '{"question": "Why is the sky blue over our data centre?", "answer": "It scatters the light of the sun."}'
      - '{"question": "What of {1}?", "answer": "I am sorry, but I cannot help."}'
"""
RECIPE = """\
method: instruct
instruction: Questions about Kubernetes with answers
rows: 30
seed: 4
models: {{writer: "echo:{script}"}}
axes:
  topic: [dns, disks, probes]
  level: {{easy: 2, hard: 1}}
fields:
  question: {{}}
  answer: {{}}
  shout: {{template: "{{{{ question|upper }}}}", deliver: false}}
checks:
- refusal
- near_duplicate: {{field: question, threshold: 0.9}}
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    (tmp_path / "script.yaml").write_text(SCRIPT)
    path = tmp_path / "recipe.yaml"
    path.write_text(RECIPE.format(script=tmp_path / "script.yaml"))
    return path


def rows_of(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "data.jsonl").read_text().split("\n") if line]


def test_a_bundle_of_just_the_rows_asked_for_with_a_full_plan(recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    record = api.run_instruct(read_recipe(recipe), out)
    rows = rows_of(out)
    assert len(rows) == record.rows == 30
    assert list(rows[0]) == ["topic", "level", "question", "answer"]
    cells = Counter((row["topic"], row["level"]) for row in rows)
    assert all(abs(cells[topic, "easy"] - 20 / 3) <= 1 for topic in ("dns", "disks", "probes"))
    assert len({row["question"] for row in rows}) == 30
    assert sum("sky blue" in row["question"] for row in rows) == 1
    lineage = pl.read_parquet(out / "private" / "lineage.parquet")
    assert lineage.height == 30
    assert lineage["calls"].list.len().min() == 1
    assert set(lineage["depth"]) == {1}
    rejects = pl.read_parquet(out / "private" / "rejects.parquet")
    assert set(rejects["step"]) == {"refusal", "near_duplicate"}
    assert rejects.height == record.totals.rejected == record.totals.attempts - 30
    report = json.loads((out / "report.json").read_text())
    assert {one["step"] for one in report["rejects"]} == {"refusal", "near_duplicate"}
    assert report["families"]["validity"]["verdict"] == "pass"
    page = (out / "report.html").read_text()
    assert "The plan, as it was filled" in page
    assert "<script" not in page
    assert "annotations_creators" in (out / "README.md").read_text()


def test_the_report_satisfies_its_schema(recipe: Path, tmp_path: Path) -> None:
    import jsonschema

    api.run_instruct(read_recipe(recipe).model_copy(update={"rows": 5}), tmp_path / "out")
    schema = json.loads((tmp_path / "out" / "report.schema.json").read_text())
    jsonschema.validate(json.loads((tmp_path / "out" / "report.json").read_text()), schema)


def test_the_same_bytes_for_any_width_again_and_extended(recipe: Path, tmp_path: Path) -> None:
    made = read_recipe(recipe)
    api.run_instruct(made, tmp_path / "a", width=1)
    api.run_instruct(made, tmp_path / "b", width=40)
    first = (tmp_path / "a" / "data.jsonl").read_bytes()
    assert (tmp_path / "b" / "data.jsonl").read_bytes() == first
    again = read_recipe(tmp_path / "a" / "recipe.yaml")
    more = api.run_instruct(again.model_copy(update={"rows": 45}), tmp_path / "a")
    assert more.rows == 45
    assert (tmp_path / "a" / "data.jsonl").read_bytes().startswith(first)
    with pytest.raises(OutputError, match="a finished run of 45 rows"):
        api.run_instruct(again, tmp_path / "a")
    with pytest.raises(OutputError, match="holds another run"):
        api.run_instruct(again.model_copy(update={"seed": 5, "rows": 50}), tmp_path / "a")


def test_killed_at_any_moment_it_goes_on_to_the_same_bytes(recipe: Path, tmp_path: Path) -> None:
    text = recipe.read_text().replace("rows: 30", "rows: 120")
    (tmp_path / "script.yaml").write_text(SCRIPT + "      - \n".replace("      - \n", "    latency: 0.02\n"))
    recipe.write_text(text)
    api.run_instruct(read_recipe(recipe), tmp_path / "whole")
    command = [
        sys.executable,
        "-m",
        "simulacra.cli",
        "run",
        str(recipe),
        "-o",
        str(tmp_path / "out"),
        "--width",
        "4",
        "-q",
    ]
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "COV"))}
    kills = 0
    for least in (5, 40, 90):
        process = subprocess.Popen(command, env=clean, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        stream = tmp_path / "out" / "data.jsonl"
        while process.poll() is None:
            if stream.exists() and stream.read_bytes().count(b"\n") >= least:
                process.send_signal(signal.SIGKILL)
                kills += process.wait() == -signal.SIGKILL
                break
            time.sleep(0.01)
    assert kills >= 1
    record = api.run_instruct(read_recipe(recipe), tmp_path / "out")
    assert record.rows == 120
    assert (tmp_path / "out" / "data.jsonl").read_bytes() == (tmp_path / "whole" / "data.jsonl").read_bytes()


def test_a_run_that_gets_no_rows_ends_with_the_reason(recipe: Path, tmp_path: Path) -> None:
    (tmp_path / "script.yaml").write_text('rules:\n  - say: \'{"question": "Why?", "answer": "Because it is."}\'\n')
    record = api.run_instruct(read_recipe(recipe), tmp_path / "out")
    assert record.rows == 1
    assert record.reason.startswith("only 1 of 56 attempts gave a row; 'near_duplicate' refused 55 of 55 rows")
    assert record.assessment.families["validity"].verdict == "fail"
    assert record.assessment.verdict == "fail"


def test_records_branch_talk_take_sides_and_quote(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# Pods\n\nA pod is the smallest unit that is scheduled.\n")
    (tmp_path / "recipe.yaml").write_text(
        """
method: instruct
instruction: anything
rows: 6
models: {writer: echo}
many: 3
axes: {kind: [x, y]}
fields:
  passage: {draw: {passage_of: docs}}
  text: {about: something}
  talk: {conversation: {rounds: 2, user: "You want {{ text }}.", assistant: "Be brief."}}
  sides: {prompt: "Say {{ kind }}", models: ["echo:one {prompt}", "echo:two {prompt}"]}
  only_x: {template: "yes", when: "kind == 'x'"}
"""
    )
    out = tmp_path / "out"
    api.run_instruct(read_recipe(tmp_path / "recipe.yaml"), out)
    rows = rows_of(out)
    assert len(rows) == 6
    assert len({row["text"] for row in rows}) == 6
    assert [turn["role"] for turn in rows[0]["talk"]] == ["user", "assistant"] * 2
    assert rows[0]["sides"] == {
        "echo:one {prompt}": f"one Say {rows[0]['kind']}",
        "echo:two {prompt}": f"two Say {rows[0]['kind']}",
    }
    assert all((row["only_x"] == "yes") == (row["kind"] == "x") for row in rows)
    assert rows[0]["passage"]["title"] == "Pods"
    assert set(pl.read_parquet(out / "private" / "lineage.parquet")["parents"].explode()) == {"a.md#0"}


GOOD = "method: instruct\ninstruction: x\nmodels: {w: echo}\nfields:\n  a: {}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD + "  b: {template: '{{ c }}'}\n", "field 'b' reads 'c', which is no axis and no field before it"),
        (GOOD + "  b: {template: '{{ c'}\n", "field 'b': this is no template"),
        (GOOD + "  b: {template: x, prompt: y}\n", r"recipe.yaml:6: fields.b: a field is made in one way"),
        (GOOD + "  b: {draw: {category: [x], integer: [1, 2]}}\n", "give just one of category"),
        (GOOD + "  b: {draw: {integer: [3, 2]}}\n", "the bounds of integer are the wrong way round"),
        (GOOD + "  b: {draw: {category: {x: [y]}}}\n", "categories by level need `given`"),
        (GOOD + "  b: {prompt: x, models: [judge]}\n", "asks 'judge', which is no role"),
        (GOOD + "  b-c: {}\n", "'b-c' is no name"),
        (GOOD + "  b: {abuot: x}\n", "fields.b.abuot: a recipe has no such entry. Did you mean 'about'"),
        (GOOD + "axes: {a: [x]}\n", "'a' is an axis and a field"),
        (GOOD + "axes: {x: {given: y, levels: {z: [a]}}}\n", "axis 'x' depends on 'y', which is no axis before it"),
        (GOOD + "axes: {y: [p, q], x: {given: y, levels: {p: [a]}}}\n", "axis 'x' has no levels for 'q' of 'y'"),
        (GOOD + "  b: {draw: {category: {p: [a]}, given: y}}\naxes: {y: [p, q]}\n",
         "field 'b' has no categories for 'q' of 'y'"),
        (GOOD + "axes: {y: [p]}\nbalance: [z]\n", "'z' cannot be balanced"),
        (GOOD + "axes: {y: LIST, z: LIST}\nbalance: [y, z]\n".replace("LIST", str([*range(99)])),
         "the balanced axes have 9,801 combinations"),
        ("method: instrct\n", "there is no method 'instrct'. Did you mean 'instruct'"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_recipe_is_told(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(text)
    with pytest.raises(RecipeError, match=re.escape(told) if "recipe.yaml" not in told else told):
        read_recipe(path)


def test_a_recipe_without_a_model_or_with_odd_examples_is_told(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(GOOD.replace("models: {w: echo}\n", ""))
    with pytest.raises(RecipeError, match="no model is named"):
        api.run_instruct(read_recipe(path), tmp_path / "out")
    (tmp_path / "seeds.json").write_text("[1, 2]")
    path.write_text(GOOD + "examples: seeds.json\n")
    with pytest.raises(RecipeError, match="an example is a record"):
        api.run_instruct(read_recipe(path), tmp_path / "out2")
    path.write_text(GOOD + "  b: {draw: {row_of: none.jsonl}}\n")
    with pytest.raises(RecipeError, match=r"none.jsonl: no such file"):
        api.run_instruct(read_recipe(path), tmp_path / "out3")


def test_python_gives_rows_and_a_plan_asks_nothing(recipe: Path) -> None:
    made = simulacra.make_instruct_recipe("Write 3 questions about tides with their answers.", model="echo", seed=2)
    assert (made.rows, list(made.fields)) == (3, ["question", "answer"])
    rows = simulacra.instruct(read_recipe(recipe), rows=4)
    assert len(rows) == 4
    plan = api.plan_instruct(read_recipe(recipe))
    assert (plan["model_calls"], plan["dollars"], plan["axes"]) == (30, 0.0, {"topic": 3, "level": 2})
    dear = read_recipe(recipe).model_copy(update={"models": {"writer": "openai:gpt-5-mini"}})
    assert api.plan_instruct(dear)["dollars"] > 0


RECIPES = sorted(path for path in EXAMPLES.glob("*.yaml") if not path.name.startswith("policy"))


@pytest.mark.parametrize("example", RECIPES, ids=lambda path: path.name)
def test_every_example_can_be_planned(example: Path) -> None:
    made = read_recipe(example)
    if made.method == "instruct":
        assert api.plan_instruct(made)["model_calls"] >= made.rows


def test_the_command(recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sentence = (
        "Generate 50 questions about Kubernetes with their answers. Each should have a different difficulty level."
    )
    assert run_command(["instruct", sentence, "--model", "echo", "--dry-run", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["rows"] == plan["model_calls"] == 50
    assert "difficulty" in plan["recipe"]
    assert (
        run_command(["instruct", sentence, "--axis", "topic=dns,disks", "--recipe", str(tmp_path / "r.yaml"), "-q"])
        == 0
    )
    assert list(read_recipe(tmp_path / "r.yaml").axes["topic"]) == ["dns", "disks"]
    assert run_command(["run", str(recipe), "--preview", "2", "-q"]) == 0
    assert "question" in capsys.readouterr().out
    assert run_command(["run", str(recipe), "--rows", "4", "-o", str(tmp_path / "out"), "-q"]) in (0, 1, 4)
    assert "4 of 4 asked for" in capsys.readouterr().out
    assert run_command(["instruct", sentence, "--axis", "topic"]) == 2
    assert "is no axis: give NAME=A,B,C" in capsys.readouterr().err
    assert run_command(["instruct", sentence, "--model", "echo"]) == 2
    assert "Say where the result goes" in capsys.readouterr().err


def test_several_models_take_turns_stand_side_by_side_and_talk(tmp_path: Path):
    path = tmp_path / "recipe.yaml"
    path.write_text("""\
method: instruct
instruction: Questions on pods
rows: 4
models: {writer: ["echo:a {seed}", "echo:b {seed}"], second: "echo:c {seed}"}
fields:
  question: {prompt: "Ask"}
  answer: {prompt: "{{ question }}", models: [writer, second]}
  talk: {models: [second, writer], conversation: {rounds: 1, user: "You ask.", assistant: "You help."}}
""")
    api.run_instruct(read_recipe(path), tmp_path / "out")
    rows = rows_of(tmp_path / "out")
    assert sorted(row["question"][0] for row in rows) == ["a", "a", "b", "b"]
    for row in rows:
        assert row["answer"]["writer"][0] == row["question"][0]
        assert row["answer"]["second"][0] == "c"
        assert [turn["content"][0] for turn in row["talk"]] == ["c", row["question"][0]]


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ('template: "x", models: [writer]', "goes with `prompt`"),
        ('continues: "x", models: [writer, second]', "one model goes on"),
        ("conversation: {rounds: 1, user: a, assistant: b}, models: [writer, second, echo]", "has two sides"),
        ('prompt: "x", models: [writer, writer]', "names one twice"),
    ],
)
def test_models_where_a_field_has_no_use_for_them(tmp_path: Path, field: str, told: str):
    path = tmp_path / "recipe.yaml"
    path.write_text(
        f"method: instruct\ninstruction: x\nmodels: {{writer: echo, second: echo}}\nfields: {{a: {{{field}}}}}\n"
    )
    with pytest.raises(RecipeError, match=told):
        read_recipe(path)
