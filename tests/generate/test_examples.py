"""Every recipe of `examples/` runs, offline and with few rows, by the command that stands in it."""

import json
from pathlib import Path

import polars as pl
import pytest
import yaml

from simulacra.api import load_recipe
from simulacra.cli.main import run_command
from simulacra.recipe import METHODS

EXAMPLES = Path(__file__).parents[2] / "examples"
POLICIES = {"policy_shop.yaml"}
"""What is read by `redteam`, and no recipe."""
SCRIPTS = {
    "kubernetes": """\
rules:
- when: "Questions from the work"
  say: ["the Kubernetes scheduler to place pods on nodes with free memory?", "a rollout that hangs at a failing probe?",
        "Helm releases whose values nobody wrote down in Kubernetes?", "an ingress whose certificate expires tonight?",
        "Kubernetes volumes that outlive the claim they had?", "secrets being read by every pod of a namespace?"]
- say: ["Kubernetes asks each node for its free memory first, and then places the pod.",
        "Look at the events of the pod, they tell which probe of Kubernetes failed and when."]
""",
    "docs_questions": """\
rules:
- {when: "Text: ((?:[^ ]+ ){8})[^\\n]*\\nQuestion:$", say: "Is it so: {1}?"}
""",
    "support_conversations": """\
rules:
- when: "Assistant:$"
  say: ["It leaves our warehouse tomorrow, number {seed}.", "Please send us a photo of it, then we replace it.",
        "You can hand it in at any post office until Friday.", "I have noted that under case {seed} for the workshop."]
- say: [", and nobody answers the phone about case {seed}.", "before my holiday starts on Monday.",
        "Will I get the money back on my card?", "The number on the label is {seed}, if that helps you."]
""",
    "distill": """\
rules:
- {when: "Which class is this text of.*(parcel|delivery|Where)", say: '{"reason": "r", "class": "where the parcel is"}'}
- {when: "Which class is this text of.*(money|refund)", say: '{"reason": "r", "class": "money back"}'}
- {when: "Which class is this text of", say: '{"reason": "r", "class": "which bicycle to buy"}'}
- when: "of the class 'where the parcel is'"
  say: ['{"text": "My parcel {seed} is late again and the driver does not ring."}',
        '{"text": "Where is the parcel that left the depot as number {seed}?"}',
        '{"text": "Tracking of parcel {seed} has not moved since Monday at noon."}']
- when: "of the class 'money back'"
  say: ['{"text": "I want the {seed} euros of money for the broken lamp on my card."}',
        '{"text": "When do I get my money for the returned coat, case {seed}?"}',
        '{"text": "Please refund order {seed}, nobody here needs two of it."}']
- say: ['{"text": "Which bike with {seed} gears climbs hills best?"}',
        '{"text": "Is frame size {seed} right for a tall rider like me?"}',
        '{"text": "What tyres do you advise for {seed} miles of gravel?"}']
""",
    "revisions": """\
rules:
- {when: "In which way", say: "it names things that nobody is sure of"}
- {when: "Write the answer again", say: "Run it again with one change, number {seed}, and compare the two logs."}
- {say: "It depends on many things that I am not sure of, for example {seed}."}
""",
    "preference": """\
rules:
- {when: "Which answer is better.*A: [^\\n]*because", say: '{"reason": "it says why", "better": "A"}'}
- {when: "Which answer is better", say: '{"reason": "it says why", "better": "B"}'}
- {when: "7 \\\\+ 6", say: ["Seven and six are 13. Answer: 13", "It may be {seed}. Answer: 12"]}
- {when: "12 / 4", say: ["A quarter of twelve is 3.", "It is {seed}, or so. Answer: 4"]}
- {when: "What is", say: "I do not know."}
- {say: ["Look at the log of {seed} first, because it tells most.", "I cannot say more than number {seed}."]}
""",
}


def run(name: str, tmp_path: Path, *words: str, recipe: Path | None = None) -> tuple[int, Path]:
    out = tmp_path / "out"
    more = list(words)
    if name in SCRIPTS:
        script = tmp_path / "script.yaml"
        script.write_text(SCRIPTS[name])
        more += ["--model", f"echo:{script}"]
    return run_command(["run", str(recipe or EXAMPLES / f"{name}.yaml"), "-o", str(out), "-q", *more]), out


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_is_a_recipe_whose_plan_is_told(path: Path, capsys):
    if path.name in POLICIES:
        return
    assert load_recipe(path).method in METHODS
    assert run_command(["run", str(path), "--dry-run", "-q"]) == 0
    assert capsys.readouterr().out
    assert f"simulacra run examples/{path.name}" in path.read_text()


@pytest.mark.parametrize("name", ["kubernetes", "docs_questions", "support_conversations"])
def test_rows_written_by_a_model(name: str, tmp_path: Path):
    code, out = run(name, tmp_path, "--rows", "4")
    assert code == 4  # nothing failed; no real texts to compare with
    rows = [json.loads(line) for line in (out / "data.jsonl").read_text().splitlines()]
    assert len(rows) == 4
    assert json.loads((out / "report.json").read_text())["families"]["diversity"]["verdict"] in ("pass", "warn")
    if name == "docs_questions":
        assert all(row["answer"].split()[0] in row["passage"]["text"] for row in rows)
    if name == "support_conversations":
        assert {tuple(turn["role"] for turn in row["conversation"]) for row in rows} == {("user", "assistant") * 2}


def test_a_classifier_from_a_few_messages(tmp_path: Path):
    code, out = run("distill", tmp_path, "--rows", "9")
    assert code in (0, 1, 4)
    assert len((out / "data.jsonl").read_text().splitlines()) == 9


def test_pairs_that_the_known_answer_decides(tmp_path: Path):
    code, out = run("preference", tmp_path)
    assert code in (0, 4)
    rows = [json.loads(line) for line in (out / "data.jsonl").read_text().splitlines()]
    assert {row["prompt"] for row in rows} <= {"What is 7 + 6?", "What is 12 / 4?"}
    assert rows
    assert all(row["chosen"].endswith(("13", "is 3.")) and row["rejected"][-1] in "24" for row in rows)


def test_pairs_that_a_judge_decides_by_the_lines_in_the_comment(tmp_path: Path):
    lines = (EXAMPLES / "preference.yaml").read_text().splitlines()
    judged = yaml.safe_load(
        "\n".join(line[1:] for line in lines if line.startswith("#   ") and "simulacra" not in line)
    )
    assert judged.pop("judges")
    written = yaml.safe_load("\n".join(lines)) | judged | {"prompts": str(EXAMPLES / judged["prompts"])}
    del written["answer"]
    (tmp_path / "judged.yaml").write_text(yaml.safe_dump(written))
    code, out = run("preference", tmp_path, "--rows", "2", recipe=tmp_path / "judged.yaml")
    assert code in (0, 4)
    rows = [json.loads(line) for line in (out / "data.jsonl").read_text().splitlines()]
    assert rows
    assert all("because" in row["chosen"] and "because" not in row["rejected"] for row in rows)


def test_pairs_by_principles(tmp_path: Path):
    code, out = run("revisions", tmp_path, "--rows", "3")
    assert code in (0, 4)
    assert len((out / "data.jsonl").read_text().splitlines()) == 3


def test_private_tickets_hold_nobody_of_the_real_ones(tmp_path: Path):
    code, out = run("private_tickets", tmp_path)
    assert code == 4  # 60 tickets are too few to say what they are of use for
    real, made = pl.read_csv(EXAMPLES / "tickets.csv"), pl.read_csv(out / "data.csv")
    assert made.columns == ["body", "queue", "customer"]
    assert made["queue"].to_list() == real["queue"].to_list()
    families = {name.split()[-1] for name in real["customer"]}
    left = [name for name, text in zip(real["customer"], made["body"], strict=True) if name in text]
    assert not left
    assert not set(made["customer"]) & set(real["customer"])
    assert sum(name.split()[-1] in families for name in made["customer"]) <= 3  # by chance
    assert "method: private" in (out / "recipe.yaml").read_text()
    assert (out / "private" / "lineage.parquet").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--rows", "5"], "--rows"),
        (["--model", "echo"], "--model"),
        (["--budget", "1"], "--budget"),
        ([], "-o FOLDER"),
    ],
)
def test_what_private_texts_cannot_take_is_told(words: list[str], told: str, tmp_path: Path, capsys):
    out = ["-o", str(tmp_path / "out")] if words else []
    assert run_command(["run", str(EXAMPLES / "private_tickets.yaml"), *out, *words]) == 2
    assert told in capsys.readouterr().err


def test_private_texts_are_planned_previewed_and_written_as_twins(tmp_path: Path, capsys):
    recipe = str(EXAMPLES / "private_tickets.yaml")
    assert run_command(["run", recipe, "--dry-run", "--json", "-q"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["passed_on"] == ["body", "queue", "customer"]
    assert plan["left_out"] == ["ticket", "opened"]
    assert (plan["texts"], plan["model_calls"]) == (60, 0)
    assert run_command(["run", recipe, "--preview", "2", "--json", "-q"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 2
    again = (EXAMPLES / "private_tickets.yaml").read_text().replace("keep: [customer]", "twin: echo\nrows: 3")
    (tmp_path / "twins.yaml").write_text(again.replace("tickets.csv", str(EXAMPLES / "tickets.csv")))
    assert run_command(["run", str(tmp_path / "twins.yaml"), "--dry-run", "--json", "-q"]) == 0
    assert json.loads(capsys.readouterr().out)["model_calls"] == 3


@pytest.mark.parametrize(
    ("entry", "told"), [("rows: 3", "are for twins"), ("twin: echo", "has no other columns"), ("texts: x", "'text'")]
)
def test_a_recipe_of_private_texts_that_cannot_be_is_told(entry: str, told: str, tmp_path: Path, capsys):
    (tmp_path / "r.yaml").write_text((EXAMPLES / "private_tickets.yaml").read_text() + entry + "\n")
    assert run_command(["run", str(tmp_path / "r.yaml"), "--dry-run"]) == 2
    assert told in capsys.readouterr().err


def test_a_missing_column_of_private_texts_is_told(tmp_path: Path, capsys):
    text = (EXAMPLES / "private_tickets.yaml").read_text().replace("label: queue", "label: shelf")
    (tmp_path / "r.yaml").write_text(text.replace("tickets.csv", str(EXAMPLES / "tickets.csv")))
    assert run_command(["run", str(tmp_path / "r.yaml"), "--dry-run"]) == 2
    assert "there is no column 'shelf'" in capsys.readouterr().err
