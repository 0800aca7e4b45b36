"""Post-training rows: judged pairs, revisions by principles, verified reasoning; from recipe to exports, with echo."""

import json
import re
from pathlib import Path

import polars as pl
import pytest
import yaml

from simulacra import api
from simulacra.cli.main import run_command
from simulacra.errors import DataError, OutputError, RecipeError
from simulacra.generate.preference.answers import final_answer, path_of
from simulacra.recipe import read_recipe
from simulacra.recipe.preference import Recipe

JUDGE = [
    {
        "when": "Which answer is better.*A: [^\n]*(because)[^\n]*\n\nB: [^\n]*(because)",
        "say": '{"reason": "-", "better": "A"}',
    },
    {"when": "Which answer is better.*A: [^\n]*because", "say": '{"reason": "it says why", "better": "A"}'},
    {"when": "Which answer is better.*B: [^\n]*because", "say": '{"reason": "it says why", "better": "B"}'},
    {"when": "Which answer is better", "say": '{"reason": "-", "better": "A"}'},
]
ASIDE = [
    {"when": "never.*In which way", "say": "NONE"},
    {"when": "In which way", "say": "it is rude"},
    {"when": "Write the answer again", "say": "Kindly: it is so."},
    {"when": "step by step", "say": ["2 + 3 = 5. 5 * 2 = 10. Answer: 10", "3 * 2 = 6. 6 + 4 = 10\nAnswer: 10.0",
                                     "2 + 3 = 6\nAnswer: 12", "2 + 3 = 5, so 5 * 2 = 10. Answer: 10"]},
    {"when": "same", "say": "It is."},
    {"say": ["It is {sample}, because of {seed}.", "It is {seed}."]},
]  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "script.yaml").write_text(yaml.safe_dump({"rules": JUDGE + ASIDE}))
    rows = [{"prompt": f"Why is thing {n} so?", "answer": "10"} for n in range(12)] + [
        {"prompt": "same", "answer": "10"}
    ]
    (tmp_path / "prompts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def run(home: Path, out: str = "out", **choices) -> list[dict]:
    told = {"answers": [f"echo:{home / 'script.yaml'}"], "temperatures": [0.2, 0.7, 1.2], **choices}
    api.prefer(home / "prompts.jsonl", home / out, **told)
    return [json.loads(line) for line in (home / out / "data.jsonl").read_text().splitlines()]


def test_the_better_answer_is_chosen_and_what_is_undecided_is_refused(home):
    rows = run(home)
    assert 3 <= len(rows) < 13
    assert all("because" in row["chosen"] and "because" not in row["rejected"] for row in rows)
    assert {row["margin"] for row in rows} == {1.0}
    assert {row["rationale"] for row in rows} == {"it says why"}
    rejects = pl.read_parquet(home / "out" / "private" / "rejects.parquet")
    assert rejects.height + len(rows) == 13
    assert "the answers are all the same" in rejects["reason"].to_list()
    assert run(home, "again", width=1) == rows
    made = api.export(home / "out", home / "dpo.jsonl", to="dpo")
    assert (made.records, made.left_out) == (len(rows), 0)
    assert api.export(home / "out", home / "kto.jsonl", to="kto").records == 2 * len(rows)


def test_an_answer_is_revised_by_principles(home):
    rows = run(home, by="principles", principles=["be kind", "never lie"])
    assert len(rows) == 13
    assert {row["chosen"] for row in rows} == {"Kindly: it is so."}
    assert all(row["rejected"].startswith("It is") and row["rationale"] == "it is rude\nNONE" for row in rows)
    assert run(home, "none", by="principles", principles=["never lie"]) == []
    with pytest.raises(DataError, match="no row in it"):
        api.export(home / "none", home / "o.jsonl", to="dpo")


def test_reasoning_is_kept_only_with_the_known_answer_and_by_different_paths(home):
    rows = run(home, by="verified", answer="answer", deliver="traces", temperatures=[0.1 * n for n in range(1, 9)])
    assert rows
    by_prompt: dict[str, list[str]] = {}
    for row in rows:
        assert final_answer(row["response"]) == "10"
        by_prompt.setdefault(row["prompt"], []).append(row["response"])
    assert max(len(traces) for traces in by_prompt.values()) == 2
    assert all(len({path_of(trace) for trace in traces}) == len(traces) for traces in by_prompt.values())
    assert api.export(home / "out", home / "sft.jsonl", to="sft").records == len(rows)
    pairs = run(home, "pairs", by="verified", answer="answer", temperatures=[0.1 * n for n in range(1, 9)])
    assert pairs
    assert all(final_answer(row["rejected"]) == "12" for row in pairs)


def test_a_revision_that_quotes_a_principle_is_refused(home):
    quoting = {"when": "Write the answer again", "say": "It meets 'Say nothing that is false', so it is."}
    (home / "script.yaml").write_text(yaml.safe_dump({"rules": [quoting, *ASIDE]}))
    assert run(home, by="principles", principles=["Say nothing that is false."]) == []
    reasons = pl.read_parquet(home / "out" / "private" / "rejects.parquet")["reason"].unique().to_list()
    assert reasons == ["the revision quotes a principle"]
    assert len(run(home, "short", by="principles", principles=["So it is."])) == 13


def test_the_page_says_what_was_checked_and_shows_what_is_there(home):
    run(home, by="verified", answer="answer", temperatures=EIGHT)
    page = (home / "out" / "report.html").read_text()
    assert "The final answer of what is chosen is the known one; what leads to it, nobody checked." in page
    assert "Pairs of a right and a wrong answer" in page
    assert "<dt>rationale</dt>" not in page
    assert "simulacra validate data.jsonl --text chosen" in page
    run(home, "judged")
    page = (home / "judged" / "report.html").read_text()
    assert "What is true in it, nobody checked." in page
    assert "<dt>rationale</dt>" in page


def test_fewer_rows_do_not_cut_what_is_there(home):
    assert len(run(home, by="principles", principles=["be kind"])) == 13
    with pytest.raises(OutputError, match="a finished run of 13 rows, and 5 were asked for"):
        run(home, by="principles", principles=["be kind"], rows=5)


EIGHT = [0.1 * n for n in range(1, 9)]


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ({}, ["14 prompts tried, 42 answers asked for: {rows} gave {rows} pairs, {none} gave none.",
              "1 row of the file"]),
        ({"rows": 3}, ["{tried} prompts tried, {answers} answers asked for: 3 gave 3 pairs, {none} gave none.",
                       "{left} prompts of 14 not needed."]),
        ({"by": "principles", "principles": ["be kind"]},
         ["14 prompts tried, 14 answers asked for: 14 gave 14 revisions.", "1 row of the file"]),
        ({"by": "verified", "answer": "answer", "deliver": "traces", "temperatures": EIGHT, "rows": 5},
         ["3 prompts tried, 24 answers asked for: 3 gave 6 traces.", "1 trace beyond the 5 rows asked for left out.",
          "10 prompts of 13 not needed.", "2 rows of the file"]),
    ],
)  # fmt: skip
def test_what_became_of_the_prompts_adds_up(home, choices, told):
    more = [{"prompt": " ", "answer": "10"}, {"prompt": "Why is nothing known?", "answer": None}]
    with (home / "prompts.jsonl").open("a") as file:
        file.write("".join(json.dumps(row) + "\n" for row in more))
    rows = run(home, **choices)
    document = json.loads((home / "out" / "report.json").read_text())
    page = (home / "out" / "report.html").read_text()
    tried, rejected = (int(document["cost"][name]) for name in ("attempts", "rows_rejected"))
    assert document["rows"]["synthetic"] == len(rows)
    assert rejected == sum(one["rows"] for one in document["rejects"])
    counts = {"rows": len(rows), "none": rejected, "tried": tried, "answers": 3 * tried, "left": 14 - tried}
    notes = " ".join(document["notes"])
    assert ("1 beyond those asked for are not delivered" in page) == ("1 trace beyond" in notes)
    assert [line for line in told if line.format(**counts) not in notes] == []


def test_traces_that_are_refused_are_not_prompts_that_gave_none(home):
    stuck = "2 + 3 = 5. 5 * 2 = 10. ten ten ten ten. Answer: 10"
    script = {"rules": [{"when": "step by step", "say": [stuck, "3 * 2 = 6. 6 + 4 = 10\nAnswer: 10.0"]}]}
    (home / "script.yaml").write_text(yaml.safe_dump(script))
    rows = run(home, by="verified", answer="answer", deliver="traces", temperatures=EIGHT)
    notes = " ".join(json.loads((home / "out" / "report.json").read_text())["notes"])
    rejects = pl.read_parquet(home / "out" / "private" / "rejects.parquet")
    assert len(rows) > 13 - rejects.height
    assert f"13 prompts tried, 104 answers asked for: 13 gave {len(rows)} traces." in notes
    assert f"{rejects.height} traces refused in all" in notes


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"by": "principles"}, "no principles"),
        ({"by": "verified"}, "verified needs"),
        ({"temperatures": [0.5]}, "cannot be compared"),
        ({"deliver": "traces"}, r"delivered by: verified"),
        ({"prompt": "nope"}, "no column 'nope'"),
    ],
)
def test_what_makes_no_sense_is_told(home, choices, message):
    with pytest.raises((RecipeError, DataError), match="(?i)" + message):
        run(home, **choices)


def test_a_file_without_prompts_is_told(home):
    (home / "prompts.jsonl").write_text('{"prompt": " "}\n')
    with pytest.raises(DataError, match=r"(?i)no row has a prompt"):
        run(home)


def test_the_recipe_runs_from_the_command_line(home, capsys):
    run(home)
    recipe = home / "out" / "recipe.yaml"
    assert read_recipe(recipe).by == "judged"
    code = run_command(["run", str(recipe), "-o", str(home / "by_recipe"), "-q"])
    assert code == 4
    assert (home / "by_recipe" / "data.jsonl").read_bytes() == (home / "out" / "data.jsonl").read_bytes()
    assert "Nothing failed. The verdict is unknown (exit code 4)" in capsys.readouterr().out
    assert run_command(["run", str(recipe), "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["prompts"] == 13


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ({}, "embedded is of no use as a judge"),
        ({"judges": ["openai:gpt-5-mini"]}, ""),
        ({"by": "principles", "principles": ["be kind"]}, "embedded is of no use to revise answers by principles"),
        ({"by": "verified", "answer": "answer"}, ""),
    ],
)
def test_what_the_embedded_model_is_of_no_use_for_is_in_the_plan(home, choices, told):
    recipe = Recipe(prompts=str(home / "prompts.jsonl"), **choices)
    notes = api.plan_preference(recipe)["notes"]
    assert [note.partition(":")[0] for note in notes] == [told] * bool(told)


def test_samples_on_the_page_are_taken_evenly(home):
    rows = [{"prompt": f"Why is {n} so?"} for n in range(40)]
    (home / "prompts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    made = api.prefer(home / "prompts.jsonl", home / "out", by="principles", principles=["be kind"],
                      answers=[f"echo:{home / 'script.yaml'}"])  # fmt: skip
    assert [row["prompt"] for row in made.samples] == [f"Why is {3 * n} so?" for n in range(12)]


def test_examples_can_be_read():
    examples = Path(__file__).parents[2] / "examples"
    assert api.plan_preference(read_recipe(examples / "preference.yaml"))["prompts"] == 10
    plan = api.plan_distill(read_recipe(examples / "distill.yaml"))
    assert (plan["seeds"], plan["rows"]) == (15, 24)
    assert plan["test_rows"] >= 20


def test_a_plan_says_what_it_would_cost(home, capsys):
    run(home)
    recipe = read_recipe(home / "out" / "recipe.yaml")
    dear = recipe.model_copy(update={"answers": ["openai:gpt-5-mini"], "judges": ["openai:gpt-5-nano"]})
    plan = api.plan_preference(dear, budget=2.0)
    answers, judgings = 13 * 3, 13 * 6  # of each prompt three answers, each pair judged in both orders
    assert answers < plan["model_calls"] <= answers + judgings
    assert plan["dollars"] > 0
    assert plan["budget"] == 2.0
    assert min(plan["tokens_read"], plan["tokens_written"], plan["seconds"]["from"]) > 0
    assert plan["seconds"]["to"] > plan["seconds"]["from"]
    assert run_command(["run", str(home / "out" / "recipe.yaml"), "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert all(word in told for word in ("model calls", "tokens read", "tokens written", "dollars", "seconds"))
    assert re.search(r"budget +no budget\n", told)
