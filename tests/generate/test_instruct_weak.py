"""What makes a small model useful, and the ways of growing instructions, all with scripts of the echo model."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import yaml

import simulacra
from simulacra import api
from simulacra.cli.main import run_command
from simulacra.errors import RecipeError, SimulacraError
from simulacra.generate.instruct.evolve import WAYS, evolve, failed
from simulacra.generate.instruct.grow import grow_topics, read_topics
from simulacra.generate.instruct.lines import cut_text
from simulacra.generate.instruct.pool import Pool
from simulacra.generate.instruct.spec import Evolution, Spec
from simulacra.generate.instruct.write import _parameters
from simulacra.models import profile
from simulacra.models.asking import Asker
from simulacra.models.backends.echo import Echo
from simulacra.models.engine import Engine
from simulacra.models.errors import BudgetSpent
from simulacra.models.naming import open_model
from simulacra.models.profile import Profile
from simulacra.recipe import read_recipe
from simulacra.recipe.instruct import Recipe
from simulacra.report.text import headline
from simulacra.run.flow.ending import _weak_notes
from simulacra.run.flow.order import Order
from simulacra.run.flow.runner import End
from simulacra.seeds import Seeds

SENTENCE = "Generate 8 questions about Kubernetes with their answers. Each has a different difficulty level."
GERMAN = "Erzeuge 20 Fragen zu Kubernetes mit Antworten"
LINES = """\
rules:
  - when: "Kubernetes, [^\\n]*: (How|Why|What|When|Where|Which)"
    say: [" the pod {seed} on Kubernetes stop at night? And", " a node {seed} lose its Kubernetes volume? So", " it"]
  - say: ["Look at event {seed} of the Kubernetes pod first. Then", "Ask the team {seed} who owns Kubernetes. And"]
"""


def write(folder: Path, text: str, name: str = "recipe.yaml") -> Path:
    (folder / name).write_text(text)
    return folder / name


def rows_of(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "data.jsonl").read_text().split("\n") if line]


def run_lines(folder: Path, script: str = LINES, **changes) -> tuple[object, Path]:
    made = api.make_instruct_recipe(SENTENCE, model="embedded")
    path = write(folder, script, "script.yaml")
    made = made.model_copy(update={"models": {"writer": f"echo:{path}"}, **changes})
    out = folder / "out"
    return api.run_instruct(made, out), out


def test_the_embedded_model_gets_lines_to_continue_and_a_call_for_the_answer():
    made = api.make_instruct_recipe(SENTENCE, model="embedded")
    assert list(made.fields) == ["opener", "question", "answer"]
    assert made.fields["question"].continues.endswith("Kubernetes, {{ topic }}:")
    assert made.fields["answer"].prompt == "{{ question }}"
    assert set(made.fields["opener"].draw.category) == set(made.axes["difficulty"])
    again = yaml.safe_load(made.to_yaml())
    assert again["fields"]["opener"]["draw"]["category"]["beginner"][0] == "What is"
    first = api.plan_instruct(made)["first_prompt"].splitlines()
    assert first[0].startswith("Questions from the work of engineers")
    assert first[-1].startswith("Kubernetes, ")
    assert len([line for line in first if line.endswith("?")]) == 5
    capable = api.make_instruct_recipe(SENTENCE, model="echo")
    assert capable.fields["question"].continues is None


@pytest.mark.parametrize(
    ("sentence", "field", "kind"),
    [
        ("Write 20 reviews of headphones labelled positive or negative", "review", "Reviews by customers"),
        ("Write 9 support tickets of a bank", "subject", "Messages that people write"),
        ("Write 9 instructions for an assistant with responses", "instruction", "Tasks that people give"),
        ("Write 9 news headlines", "news_headline", "Short texts"),
        ("Write 9 questions about the tides", "question", "Questions that people ask"),
    ],
)
def test_every_kind_of_text_has_examples_of_its_own(sentence, field, kind):
    made = api.make_instruct_recipe(sentence, model="embedded")
    entry = next(one for one in made.fields.values() if one.continues)
    assert entry.continues.startswith(kind)
    assert all(field in one for one in made.examples)
    assert api.plan_instruct(made)["model_calls"] >= made.rows


def test_a_refused_question_is_not_answered_and_the_rows_are_whole(tmp_path):
    record, out = run_lines(tmp_path)
    rows = rows_of(out)
    assert record.rows == len(rows) == 8
    assert all(row["question"].endswith("?") and row["answer"].endswith(".") for row in rows)
    assert all("opener" not in row for row in rows)
    rejects = pl.read_parquet(out / "private" / "rejects.parquet")
    unanswered = [row for row in rejects.iter_rows(named=True) if row["step"] in ("question", "length")]
    assert unanswered
    assert all("answer" not in json.loads(row["row"]) for row in unanswered)
    assert record.totals.calls == 2 * record.totals.attempts - len(unanswered)


def test_the_recipe_is_there_from_the_first_moment_and_reasons_are_told(tmp_path, capsys):
    script = write(tmp_path, 'rules:\n  - say: \'{"question": "What?", "answer": "So {seed}."}\'\n', "s.yaml")
    made = api.make_instruct_recipe(SENTENCE, model=f"echo:{script}", rows=3)
    path = write(tmp_path, made.model_copy(update={"attempts": 9}).to_yaml())
    seen = []

    class Told:
        def start(self, *_):
            seen.append((tmp_path / "out" / "recipe.yaml").exists())

        def advance(self, *_):
            pass

        status = advance
        finish = advance

    api.run_instruct(read_recipe(path), tmp_path / "out", progress=Told())
    assert seen[0]
    assert run_command(["run", str(path), "-o", str(tmp_path / "again"), "-q"]) == 1
    told = capsys.readouterr().out
    assert "for these reasons above all" in told
    assert "9  length: question is too short: fewer than 5 words" in told


def test_a_run_in_the_wrong_language_ends_early_and_says_what_may_help(tmp_path, capsys):
    made = api.make_instruct_recipe(GERMAN, model="embedded")
    script = write(tmp_path, LINES, "script.yaml")
    path = write(tmp_path, made.model_copy(update={"models": {"writer": f"echo:{script}"}}).to_yaml())
    out = tmp_path / "out"
    assert run_command(["run", str(path), "-o", str(out), "-q"]) == 1
    told = " ".join(capsys.readouterr().out.split())
    assert "0 of 20 rows were delivered: none of the first 38 attempts gave a row; 'language' refused" in told
    assert "(question is in 'en', not 'de')" in told
    report = json.loads((out / "report.json").read_text())
    helps = next(note for note in report["notes"] if note.startswith("What may help: another model"))
    assert "loosen what refuses most ('language')" in helps
    assert report["cost"]["calls"] <= 38  # a question that is refused is never answered
    assert run_command(["instruct", GERMAN, "--plan", "rules", "--model", f"echo:{script}", "--preview", "3"]) == 1
    assert "none of the first 38 attempts gave a row" in " ".join(capsys.readouterr().err.split())
    page = (out / "report.html").read_text()
    assert "Erzeuge Fragen zu Kubernetes" in page
    empty = ("Some of the rows", "The plan, as it was filled", "Accepted rows over attempts", "Written by")
    assert not any(title in page for title in empty)


def test_what_is_said_of_weak_rows_is_what_was_checked(tmp_path):
    def told(sentence, **choices):
        recipe = api.make_instruct_recipe(sentence, model="embedded", **choices)
        return " ".join(_weak_notes(recipe, End(8, 8), 8)), recipe

    note, recipe = told(SENTENCE)
    assert [one["on_topic"]["field"] for one in recipe.checks if "on_topic" in one] == ["question"]
    assert "Each question has a word of 'Kubernetes' or words near it (check on_topic)" in note
    assert "wrong more often than right" in note
    assert "Difficulty and persona show" in note
    plain, _ = told("Write 8 limericks")
    assert "on_topic" not in plain
    assert "Difficulty" not in plain
    (tmp_path / "docs").mkdir()
    write(tmp_path / "docs", "# Tea\n\nGreen tea is brewed at 75 degrees for two minutes.\n", "a.md")
    quoted, reading = told("Write 8 questions about tea with answers", documents=tmp_path / "docs")
    assert "It wrote the question alone; the rest is a passage of the documents" in quoted
    assert "more often than right" not in quoted
    script = write(tmp_path, "rules:\n  - say: [' warm is green tea {seed}? And']\n", "script.yaml")
    api.run_instruct(reading.model_copy(update={"models": {"writer": f"echo:{script}"}, "rows": 1}), tmp_path / "out")
    assert "degrees for two minutes.\n(a.md)</dd>" in (tmp_path / "out" / "report.html").read_text()
    assert _weak_notes(recipe, End(0, 38), 0) == []


def test_the_headline_names_the_rows_that_are_there(tmp_path):
    record, out = run_lines(tmp_path, rows=3)
    assert record.notes[0] == "The instruction says 8; 3 rows were asked for."
    card, page = (out / "README.md").read_text(), (out / "report.html").read_text()
    assert "\n# 3 written rows: Generate questions about Kubernetes" in card
    assert '<h1 id="headline">3 written rows: Generate questions about Kubernetes' in page
    again = replace(record, facts={**record.facts, "instruction": "Write twelve questions about tea"})
    assert headline(again) == "3 written rows"
    assert headline(replace(again, rows=12)) == "12 written rows: Write twelve questions about tea"


def test_a_plan_tells_a_range_of_time_and_knows_its_models(tmp_path, capsys):
    plan = api.plan_instruct(api.make_instruct_recipe(SENTENCE, model="embedded", rows=50))
    tokens = plan["tokens_read"] / 500 + plan["tokens_written"] / 80
    assert plan["seconds"] == {"from": round(tokens), "to": round(4 * tokens)}
    assert run_command(["instruct", SENTENCE, "--dry-run"]) == 0
    assert re.search(r"budget +no budget\nseconds +\d+ to \d+\n", capsys.readouterr().out)
    assert run_command(["instruct", SENTENCE, "--model", "NAME", "--dry-run"]) == 2
    assert "There is no model called 'NAME'" in capsys.readouterr().err
    weights = tmp_path / "big.gguf"
    with weights.open("wb") as file:
        file.truncate(1_450_000_000)  # a file of that length, with nothing in it
    slow = api.plan_instruct(api.make_instruct_recipe(SENTENCE, model=f"gguf:{weights}", rows=50))
    tokens = slow["tokens_read"] / 50 + slow["tokens_written"] / 8
    assert slow["seconds"]["from"] == round(tokens)


def test_without_real_texts_the_verdict_says_what_would_make_it_known(tmp_path, capsys):
    script = write(tmp_path, LINES, "script.yaml")
    made = api.make_instruct_recipe(SENTENCE, model="embedded")
    path = write(tmp_path, made.model_copy(update={"models": {"writer": f"echo:{script}"}}).to_yaml())
    code = run_command(["run", str(path), "-o", str(tmp_path / "out"), "-q"])
    told = " ".join(capsys.readouterr().out.split())
    families = json.loads((tmp_path / "out" / "report.json").read_text())["families"]
    assert families["fidelity"]["verdict"] == families["privacy"]["verdict"] == "unknown"
    assert (
        "simulacra validate data.jsonl --text question --real REAL.csv --holdout OTHERS.csv"
        in families["privacy"]["why"]
    )
    assert code in (1, 4)
    assert ("Nothing failed. The verdict is unknown (exit code 4)" in told) == (code == 4)


def test_a_continued_text_needs_a_model_that_continues(tmp_path):
    text = "method: instruct\ninstruction: x\nrows: 2\nmodels: {w: 'echo:{prompt}'}\nfields:\n"
    text += "  a: {continues: 'one, two,'}\n"
    record = api.run_instruct(read_recipe(write(tmp_path, text)), tmp_path / "out")
    assert record.rows == 2
    for wrong, told in (
        ("  a: {prompt: x, begins: y}", "`begins` goes with `continues`"),
        ("  a: {cut: line}", "`cut` go with `prompt`"),
        ("  a: {evolve: {of: b}}", "field 'a' reads 'b'"),
    ):
        with pytest.raises(RecipeError, match=told):
            read_recipe(write(tmp_path, text[: text.index("  a:")] + wrong + "\n"))


def test_cut_texts():
    assert cut_text("It runs, e.g. at night. And the", "sentence", was_cut=True) == "It runs, e.g. at night."
    assert cut_text("no end", "sentence") == cut_text("no mark", "question") == ""
    assert cut_text("half a li", "line", was_cut=True) == ""
    assert cut_text(" whole\n lines ", "") == "whole\n lines"


# ---- reaction to the yield ------------------------------------------------------------------------------------------


def test_repeats_warm_the_calls_and_rubbish_cools_them():
    spec = Spec("x", (), parameters={"temperature": 0.8})

    def at(**row):
        return _parameters(spec, {"_retry": 0, **row})["temperature"]

    assert at(_recent=1.0) == 0.8
    assert at(_recent=0.2, _repeats=0.8) > at(_recent=0.8, _repeats=0.2) > 0.8
    assert at(_recent=0.1, _repeats=0.0) < 0.8
    assert at(_recent=0.1, _repeats=0.0, _retry=3) > at(_recent=0.1, _repeats=0.0)


def test_attempts_know_how_many_rows_and_repeats_there_were():
    order = Order(lag=1)
    order.open(4)
    for accepted, repeated in ((True, False), (False, True), (True, False)):
        attempt = order.draw()
        order.decide(accepted, repeated=repeated)
    assert (attempt.known, attempt.repeats) == (1, 0.5)
    assert order.draw().known == 2


# ---- Self-Instruct --------------------------------------------------------------------------------------------------

POOL = """\
method: instruct
instruction: Questions about tides
rows: 60
pool: 2
models: {{writer: "echo:{script}"}}
examples: [{{question: "Why is the sea salty?"}}]
fields:
  question: {{prompt: "{{% for one in examples %}}{{{{ one.question }}}} {{% endfor %}}Another:"}}
checks: [{{near_duplicate: {{field: question, threshold: 0.95}}}}]
"""


def test_accepted_rows_join_the_examples_and_the_lineage(tmp_path):
    script = write(tmp_path, "rules:\n  - say: ['Why {seed}?', 'Why is the sea salty?']\n", "s.yaml")
    made = read_recipe(write(tmp_path, POOL.format(script=script)))
    api.run_instruct(made, tmp_path / "a", width=1)
    api.run_instruct(made, tmp_path / "b", width=30)
    assert (tmp_path / "a" / "data.jsonl").read_bytes() == (tmp_path / "b" / "data.jsonl").read_bytes()
    assert "Why is the sea salty?" not in (tmp_path / "a" / "data.jsonl").read_text()
    lineage = pl.read_parquet(tmp_path / "a" / "private" / "lineage.parquet")
    shown = [row for row in lineage.iter_rows(named=True) if row["parents"]]
    assert shown
    for row in shown:
        numbers = [int(parent.partition(":")[2]) for parent in row["parents"]]
        assert max(numbers) < row["row"]
        assert row["depth"] == 1 + max(lineage["depth"][number] for number in numbers)


def test_a_pool_shows_only_what_was_known():
    pool = Pool(["a"])
    for number in range(9):
        pool.accept({"a": number, "b": 1})
    rows, parents, depth = pool.pick(3, 4, Seeds(1).rng())
    assert len(rows) == 3
    assert all(row["a"] < 4 and "b" not in row for row in rows)
    assert parents == [f"row:{row['a']}" for row in rows]
    assert depth == 1
    assert pool.pick(3, 0, Seeds(1).rng()) == ([], [], 0)


def test_seeds_that_were_made_make_rows_a_generation_deeper(tmp_path):
    record, out = run_lines(tmp_path)
    assert record.facts["generation"] == "1"
    text = (
        "method: instruct\ninstruction: x\nrows: 3\nmodels: {w: echo}\nfields:\n"
        f"  seed: {{draw: {{row_of: {out / 'data.jsonl'}}}, deliver: false}}\n"
        "  a: {prompt: 'Again: {{ seed.question }}'}\n"
    )
    deeper = api.run_instruct(read_recipe(write(tmp_path, text, "deeper.yaml")), tmp_path / "deeper")
    assert deeper.facts["generation"] == "2"
    assert set(pl.read_parquet(tmp_path / "deeper" / "private" / "lineage.parquet")["depth"]) == {2}


# ---- Evol-Instruct, Magpie, topics -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "why"),
    [
        ("What is a pod?", "it says the same again"),
        ("Sure, here is a harder one: what is a pod?", "it speaks of the task"),
        ("I'm sorry, but I cannot rewrite that.", "the model declined"),
        ("...", "there is no text"),
        ("What is a pod " + "that waits for another one on the same node " * 9, "it grew beyond measure"),
        ("What is a pod that has lost its volume on a node under pressure?", ""),
    ],
)
def test_elimination(after, why):
    assert failed("What is a pod?", after) == why


def ask_with(script, work):
    async def run():
        async with Engine() as engine:
            model = engine.add(Echo(script))
            return await work(Asker(engine, Seeds(1), {"w": model}))

    return asyncio.run(run())


def test_an_instruction_evolves_or_is_rejected(tmp_path):
    row = {"question": "What is a pod?", "_writer": None}
    done = ask_with(
        "How do {seed} pods share one volume?", lambda ask: evolve("q", Evolution("question", 1), row, ask, {})
    )
    assert done.startswith("How do")
    assert len(row["_evolved"]) == 1
    assert set(row["_evolved"]) <= set(WAYS)
    lost = ask_with(
        "What is a pod?", lambda ask: evolve("q", Evolution("question", 1, ("deepen",)), dict(row), ask, {})
    )
    assert lost.reason == "no way of evolving it gave a new text in round 1"
    text = (
        "method: instruct\ninstruction: x\nrows: 3\nmodels: {w: 'echo:How do {seed} pods and {seed} nodes talk?'}\n"
        "fields:\n"
        "  seed: {draw: {category: [A pod stops at night]}, deliver: false}\n  hard: {evolve: {of: seed, rounds: 1}}\n"
    )
    api.run_instruct(read_recipe(write(tmp_path, text)), tmp_path / "out")
    steps = pl.read_parquet(tmp_path / "out" / "private" / "lineage.parquet")["evolved"]
    assert all(len(one) == 1 for one in steps)


def test_magpie_ends_its_prompt_where_the_user_begins(tmp_path):
    text = (
        "method: instruct\ninstruction: x\nrows: 2\nmodels: {w: 'echo:How do I mend it {seed}? Yes'}\n"
        "axes: {topic: [bikes]}\n"
        "fields:\n  question: {magpie: 'You know {{ topic }}.', cut: question}\n"
    )
    made = read_recipe(write(tmp_path, text))
    prompt = api.plan_instruct(made)["first_prompt"]
    assert prompt == "<|im_start|>system\nYou know bikes.<|im_end|>\n<|im_start|>user\n"
    api.run_instruct(made, tmp_path / "out")
    assert all(row["question"].endswith("?") for row in rows_of(tmp_path / "out"))


def test_topics_grow_by_votes_pruned_and_balanced():
    lists = (
        "volumes, services, rolling updates, rolling update, a topic that is much longer than it may be, Kubernetes, -"
    )
    tree = ask_with(lists, lambda ask: grow_topics("Kubernetes", ask, count=4, continues=True))
    assert tree.topics == ("rolling updates", "services", "volumes") or set(tree.topics) == {
        "services",
        "volumes",
        "rolling update",
    }
    assert tree.axes() == {"topic": list(tree.topics)}
    rules = {"rules": [{"when": "topics within volumes", "say": '{"topics": ["snapshots", "claims", "classes"]}'},
                       {"when": "topics within services", "say": '{"topics": ["DNS", "load balancers"]}'},
                       {"say": '{"topics": ["volumes", "services"]}'}]}  # fmt: skip
    tree = ask_with(rules, lambda ask: grow_topics("Kubernetes", ask, count=5, below=3))
    assert {len(below) for below in tree.below.values()} == {2}
    assert tree.axes()["subtopic"]["given"] == "topic"
    assert read_topics([["1. pods", "pods.", "pod pod"], ["pods"]]) == Counter({"pods": 2})


class Told:
    """A progress that keeps its notes, and the stages between them."""

    def __init__(self):
        self.lines = []

    def start(self, stage, total):
        del total
        self.lines.append(stage)

    def advance(self, steps=1):
        pass

    def note(self, text):
        self.lines.append(text)


def test_what_a_model_is_of_no_use_for_is_said_before_it_is_asked(tmp_path, monkeypatch):
    script = write(tmp_path, "rules:\n  - {when: 'Rewrite|Write a new', say: 'Why, and how, {seed} times?'}\n"
                             "  - {say: 'Why is {seed} so?'}\n", "s.yaml")  # fmt: skip
    text = "method: instruct\ninstruction: x\nrows: 3\nmodels: {w: MODEL}\nfields:\n"
    text += "  a: {prompt: 'Ask, {{ instruction }}'}\n  b: {evolve: {of: a, rounds: 1}}\n"
    path = write(tmp_path, text.replace("MODEL", f"'echo:{script}'"))
    assert not any("of no use" in note for note in api.run_instruct(read_recipe(path), tmp_path / "able").notes)
    monkeypatch.setitem(profile._PROFILES, f"echo:{script}", Profile(unfit={"evolve": "to make texts harder: sleeps"}))
    told, said = Told(), f"echo:{script} is of no use to make texts harder: sleeps."
    record = api.run_instruct(read_recipe(path), tmp_path / "weak", progress=told)
    assert record.rows == 3
    assert told.lines.index(said) < told.lines.index("writing rows")
    assert said in record.notes
    assert said[1:] in (tmp_path / "weak" / "report.html").read_text()


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ("  b: {evolve: {of: a}}\n", "to make texts harder"),
        ("  b: {about: x}\nchecks: [{judge: {field: a, criteria: [clear]}}]\n", "as a judge"),
        ("  b: {about: x}\nchecks: [{pairwise: {field: a, aspects: [clear], models: [j]}}]\n", "as a judge"),
        ("  b: {about: x}\nchecks: [{language: {code: de}}]\n", "in other languages"),
        ("  b: {about: x}\nchecks: [{language: {code: en}}, refusal]\n", ""),
    ],
)
def test_a_plan_says_what_the_embedded_model_is_of_no_use_for(tmp_path, capsys, entries, told):
    text = "method: instruct\ninstruction: x\nrows: 3\nmodels: {w: MODEL, j: MODEL}\nfields:\n  a: {about: y}\n"
    text += entries
    path = write(tmp_path, text.replace("MODEL", "embedded"))
    assert run_command(["run", str(path), "--dry-run", "-q"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert (f"note: embedded is of no use {told}" in shown) == bool(told)
    assert shown.count("of no use") == bool(told)
    able = write(tmp_path, text.replace("MODEL", "'openai:gpt-5-mini'"))
    assert run_command(["run", str(able), "--dry-run", "-q"]) == 0
    assert "of no use" not in capsys.readouterr().out


def test_grown_sub_topics_are_spoken_of_before_they_are_grown(tmp_path, capsys, monkeypatch):
    missing = f"echo:{tmp_path / 'missing.yaml'}"
    grown = ["--grow", "5", "--below", "2"]
    assert run_command(["instruct", SENTENCE, "--model", missing, *grown, "--dry-run"]) == 0  # nobody is asked
    assert f"topics are the usual ones; in a run {missing} names them" in capsys.readouterr().err
    assert run_command(["instruct", SENTENCE, *grown, "--dry-run"]) == 0
    assert "embedded is of no use for topics below topics" in capsys.readouterr().err
    assert run_command(["instruct", SENTENCE, "--grow", "5", "--dry-run"]) == 0
    assert "of no use" not in capsys.readouterr().err
    monkeypatch.setitem(profile._PROFILES, missing, Profile(unfit={"subtopics": "for topics: invents them"}))
    told = Told()
    with pytest.raises(SimulacraError, match="missing"):
        simulacra.make_instruct_recipe(SENTENCE, model=missing, plan="rules", grow=(5, 2), progress=told)
    assert told.lines == [f"{missing} is of no use for topics: invents them."]


def test_the_command_grows_topics_and_a_model_plans(tmp_path, capsys):
    lists = write(tmp_path, 'rules:\n  - say: \'{"topics": ["volumes", "probes", "quotas"]}\'\n', "t.yaml")
    target = tmp_path / "r.yaml"
    assert (
        run_command(["instruct", SENTENCE, "--model", f"echo:{lists}", "--grow", "5", "--recipe", str(target), "-q"])
        == 0
    )
    assert sorted(read_recipe(target).axes["topic"]) == ["probes", "quotas", "volumes"]
    assert run_command(["instruct", SENTENCE, "--below", "2"]) == 2
    assert "--below goes with --grow" in capsys.readouterr().err
    plan = {"fields": [{"name": "question", "about": "what the one on call asks"}],
            "axes": [{"name": "Part", "levels": ["scheduler", "kubelet"]}]}  # fmt: skip
    script = write(tmp_path, yaml.safe_dump({"rules": [{"say": json.dumps(plan)}]}), "p.yaml")
    made = simulacra.make_instruct_recipe(SENTENCE, model=f"echo:{script}", plan="model")
    assert list(made.axes["part"]) == ["scheduler", "kubelet"]
    assert made.fields["question"].about == "what the one on call asks"
    assert "answer" in made.fields


# ---- ends and outputs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_other_formats_hold_the_same_rows(tmp_path, format):
    _, out = run_lines(tmp_path, format=format)
    made = pl.read_parquet(out / "data.parquet") if format == "parquet" else pl.read_csv(out / "data.csv")
    assert made.height == 8
    assert made.columns == ["topic", "difficulty", "question", "answer"]
    assert not (out / "data.jsonl").exists()


def test_a_shared_store_pays_once(tmp_path):
    script = write(tmp_path, LINES, "script.yaml")
    made = api.make_instruct_recipe(SENTENCE, model="embedded").model_copy(update={"models": {"w": f"echo:{script}"}})
    path = write(tmp_path, made.to_yaml())
    for name in ("a", "b"):
        assert run_command(
            ["run", str(path), "-o", str(tmp_path / name), "--store", str(tmp_path / "s.sqlite"), "-q"]
        ) in (1, 4)
    assert (tmp_path / "a" / "data.jsonl").read_bytes() == (tmp_path / "b" / "data.jsonl").read_bytes()
    assert (tmp_path / "s.sqlite").exists()
    script.write_text("rules:\n  - say: never asked again\n")
    assert rows_of(tmp_path / "a")


def test_an_interrupted_command_says_so_and_goes_on(tmp_path):
    script = write(tmp_path, LINES.replace('    say: [" the', '    latency: 0.05\n    say: [" the'), "script.yaml")
    made = api.make_instruct_recipe(SENTENCE, model="embedded", rows=40)
    made = made.model_copy(update={"models": {"w": f"echo:{script}"}})
    path = write(tmp_path, made.to_yaml())
    api.run_instruct(made, tmp_path / "whole")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "COV"))}
    command = [
        sys.executable,
        "-m",
        "simulacra.cli",
        "run",
        str(path),
        "-o",
        str(tmp_path / "out"),
        "--width",
        "2",
        "-q",
    ]
    process = subprocess.Popen(command, env=clean, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    stream = tmp_path / "out" / "data.jsonl"
    while process.poll() is None and not (stream.exists() and stream.read_bytes().count(b"\n") >= 4):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in told
    assert (tmp_path / "out" / "recipe.yaml").exists()
    assert api.run_instruct(made, tmp_path / "out").rows == 40
    assert stream.read_bytes() == (tmp_path / "whole" / "data.jsonl").read_bytes()


def test_levels_of_ones_own_and_documents_suit_a_small_model_too(tmp_path):
    levels = {"difficulty": ["low", "high"], "team": ["ops", "dev"]}
    made = api.make_instruct_recipe(SENTENCE, model="embedded", axes=levels)
    assert "given" not in made.fields["opener"].model_dump(exclude_none=True)["draw"]
    assert "{{ team }}" in made.fields["question"].continues
    reviews = api.make_instruct_recipe("Write 4 reviews of lamps labelled positive or negative", model="embedded")
    assert reviews.fields["review"].begins == "{{ opener }} lamps"
    assert reviews.fields["opener"].draw.category["negative"]["Do not buy the"] == 1
    (tmp_path / "a.md").write_text("# Pods\n\nA pod is the smallest unit that is scheduled.\n")
    read = api.make_instruct_recipe("Questions about our handbook with answers", model="embedded", documents=tmp_path)
    assert list(read.fields) == ["passage", "question", "answer", "quote"]
    assert "smallest unit" in api.plan_instruct(read)["first_prompt"]


def test_a_run_stops_before_the_budget_and_goes_on_with_more(tmp_path):
    script = write(tmp_path, LINES, "script.yaml")
    name = f"echo:{script}"
    made = api.make_instruct_recipe(SENTENCE, model="embedded").model_copy(update={"models": {"w": name}})
    prices = {open_model(name).identity: {"read": 0, "written": 1000}}
    with pytest.raises(BudgetSpent, match="would be exceeded"):
        api.run_instruct(made, tmp_path / "out", budget=0.06, prices=prices)
    assert (tmp_path / "out" / "recipe.yaml").exists()
    record = api.run_instruct(made, tmp_path / "out", budget=50.0, prices=prices)
    assert record.rows == 8
    assert record.totals.dollars > 0.06
    api.run_instruct(made, tmp_path / "whole")
    assert (tmp_path / "out" / "data.jsonl").read_bytes() == (tmp_path / "whole" / "data.jsonl").read_bytes()


def test_a_script_is_gone_on_with_line_by_line(tmp_path: Path):
    script = tmp_path / "script.yaml"
    script.write_text(
        "rules:\n"
        "- {when: 'Clerk: Yes, case \\d+.\\nGuest:$', say: 'Then I take the number {seed} one.'}\n"
        "- {when: 'Guest:[^\\n]*[.?]\\nClerk:$', say: 'Yes, case {seed}. And then'}\n"
        "- {when: 'Guest: I want a room$', say: 'with a view of number {seed}.'}\n"
    )
    entry = {
        "conversation": {"rounds": 2, "user": "Guest", "assistant": "Clerk", "continues": "[hotel, {{ mood }}]"},
        "begins": "I want {{ what }}",
    }
    content = {
        "instruction": "Talks in a hotel", "rows": 2, "models": {"writer": f"echo:{script}"},
        "axes": {"mood": ["calm", "angry"]},
        "fields": {"what": {"draw": {"category": ["a room"]}, "deliver": False}, "talk": entry},
    }  # fmt: skip
    rows = simulacra.instruct(Recipe.model_validate(content))
    for row in rows:
        said = [turn["content"] for turn in row["talk"]]
        assert [turn["role"] for turn in row["talk"]] == ["user", "assistant", "user", "assistant"]
        assert said[0].startswith("I want a room with a view")
        assert said[1].startswith("Yes, case")
        assert said[1].endswith(".")


@pytest.mark.parametrize(("says", "told"), [("and so on and", "no whole sentence"), ("It is so.", "says again")])
def test_a_script_that_goes_nowhere_is_refused(says: str, told: str, tmp_path: Path):
    script = tmp_path / "script.yaml"
    script.write_text(f"rules: [{{say: '{says}'}}]\n")
    talk = {"rounds": 1, "user": "Guest", "assistant": "Clerk", "continues": "[hotel]"}
    content = {"instruction": "x", "rows": 1, "tries": 1, "attempts": 2, "models": {"writer": f"echo:{script}"}}
    recipe = Recipe.model_validate({**content, "fields": {"talk": {"conversation": talk}}})
    api.run_instruct(recipe, tmp_path / "out")
    rejects = pl.read_parquet(tmp_path / "out" / "private" / "rejects.parquet")
    assert told in rejects["reason"][0]
