"""Exports: what each format looks like, what is left out, and that a file that is wrong is not left behind."""

import json
from pathlib import Path

import polars as pl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra import api
from simulacra.cli.main import run_command
from simulacra.errors import DataError, OutputError, RecipeError
from simulacra.export._format import export_rows
from simulacra.export._turns import find_shape, talk_of
from simulacra.export.hub import export_folder
from simulacra.export.sft import Sft
from simulacra.registry import find, names

TALK = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "hi"},
    {"role": "assistant", "content": "hello\nyou"},
]
QA = {"question": "Why? \u2028 é", "answer": "Because."}
PAIR = {"prompt": "Why?", "chosen": "Because of it.", "rejected": "No.", "margin": 1.5}


def rows_file(tmp_path: Path, *rows: dict) -> Path:
    path = tmp_path / "data.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def exported(tmp_path: Path, to: str, *rows: dict, **named: str) -> list[dict]:
    out = tmp_path / "out.jsonl"
    api.export(rows_file(tmp_path, *rows), out, to=to, **named)
    return [json.loads(line) for line in out.read_text().split("\n")[:-1]]


def test_questions_and_answers_in_each_format(tmp_path):
    asked, said = QA["question"], QA["answer"]
    turns = [{"role": "user", "content": asked}, {"role": "assistant", "content": said}]
    assert exported(tmp_path, "sft", QA) == [{"messages": turns}]
    assert exported(tmp_path, "openai", QA) == [{"messages": turns}]
    assert exported(tmp_path, "alpaca", QA) == [{"instruction": asked, "input": "", "output": said}]
    told = [{"from": "human", "value": asked}, {"from": "gpt", "value": said}]
    assert exported(tmp_path, "sharegpt", QA) == [{"conversations": told}]


def test_conversations_keep_their_turns_and_get_a_system_prompt_once(tmp_path):
    assert exported(tmp_path, "sft", {"messages": TALK}, system="Other.") == [{"messages": TALK}]
    found = exported(tmp_path, "sft", {"conversation": TALK[1:]}, system="Other.")
    assert found[0]["messages"][0] == {"role": "system", "content": "Other."}
    back = [{"from": "human", "value": "hi"}, {"from": "gpt", "value": "hello\nyou"}]
    assert exported(tmp_path, "sft", {"conversations": back}) == [{"messages": TALK[1:]}]


def test_alpaca_keeps_what_stands_beside_an_instruction(tmp_path):
    row = {"instruction": "Sum up.", "input": "A long text.", "output": "Short."}
    assert exported(tmp_path, "alpaca", row) == [row]
    assert exported(tmp_path, "sft", row)[0]["messages"][0]["content"] == "Sum up.\n\nA long text."


def test_pairs(tmp_path):
    prompt = [{"role": "user", "content": "Why?"}]
    better, worse = ([{"role": "assistant", "content": PAIR[key]}] for key in ("chosen", "rejected"))
    found = exported(tmp_path, "dpo", PAIR, {**PAIR, "rejected": PAIR["chosen"]})
    assert found == [{"prompt": prompt, "chosen": better, "rejected": worse, "margin": 1.5}]
    assert exported(tmp_path, "kto", PAIR) == [
        {"prompt": prompt, "completion": better, "label": True},
        {"prompt": prompt, "completion": worse, "label": False},
    ]


def test_rows_without_an_answer_are_counted(tmp_path, capsys):
    path = rows_file(tmp_path, QA, {"question": "And?", "answer": None}, {"question": "And?", "answer": " "})
    assert run_command(["export", str(path), "--to", "sft", "-o", str(tmp_path / "o.jsonl")]) == 0
    assert "1 records in" in capsys.readouterr().out
    assert run_command(["export", str(path), "--to", "sft", "-o", str(tmp_path / "o.jsonl"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["left_out"] == 2


def test_openai_wants_turns_in_turn(tmp_path):
    twice = [TALK[1], TALK[1], TALK[2]]
    assert exported(tmp_path, "sft", {"messages": twice}) == [{"messages": twice}]
    with pytest.raises(DataError, match="none of 1 rows has what openai needs"):
        exported(tmp_path, "openai", {"messages": twice})


def test_the_hub_folder_is_loaded_by_its_card(tmp_path):
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    rows_file(bundle, QA, QA)
    (bundle / "README.md").write_text("---\npretty_name: Tides\ntags: [a]\n---\n\n# Tides\n\nText.\n")
    made = api.export(bundle, tmp_path / "hub", to="hub")
    front = yaml.safe_load((made.path / "README.md").read_text().split("---\n")[1])
    assert front["pretty_name"] == "Tides"
    assert front["dataset_info"]["splits"] == [{"name": "train", "num_examples": 2}]
    pattern = front["configs"][0]["data_files"][0]["path"]
    assert pl.read_parquet(made.path / pattern).to_dicts() == [QA, QA]
    assert not (made.path / "private").exists()


@pytest.mark.parametrize(
    ("rows", "choices", "message"),
    [
        ([{"a": 1}], {"to": "sft"}, "no columns of questions and answers are found"),
        ([QA], {"to": "sft", "ask": "nope"}, "no column 'nope'"),
        ([QA], {"to": "dpo"}, "no columns chosen and rejected"),
        ([QA], {"to": "odd"}, "no format 'odd'"),
    ],
)
def test_what_cannot_be_exported_is_told(tmp_path, rows, choices, message):
    with pytest.raises(RecipeError, match=message):
        exported(tmp_path, choices.pop("to"), *rows, **choices)


def test_other_mistakes_are_told(tmp_path):
    with pytest.raises(RecipeError, match=r"ends in \.jsonl"):
        api.export(rows_file(tmp_path, QA), tmp_path / "o.parquet", to="sft")
    with pytest.raises(DataError, match="no data file of a bundle"):
        api.export(tmp_path / "..", tmp_path / "o.jsonl", to="sft")
    for text, message in (("[1]", "a line is no object"), ("{", "this is not JSON")):
        (tmp_path / "bad.jsonl").write_text(text + "\n")
        with pytest.raises(DataError, match=message):
            api.export(tmp_path / "bad.jsonl", tmp_path / "o.jsonl", to="sft")
    with pytest.raises(DataError, match="no rows to export"):
        export_folder(pl.DataFrame({"a": []}), "", tmp_path / "hub")


class Broken(Sft):
    """Writes what it does not accept when it reads it back."""

    def records(self, row, shape):
        del row, shape
        return [{"messages": [{"role": "user", "content": "no answer"}]}]


def test_a_file_that_is_read_back_wrong_is_not_left_behind(tmp_path):
    path = tmp_path / "o.jsonl"
    with pytest.raises(OutputError, match="line 1: the last turn is not the assistant's"):
        export_rows([QA], Broken(), find_shape(["question", "answer"]), path)
    assert not path.exists()


WRONG = {
    "sft": [[], {"messages": []}, {"messages": [{"role": "king", "content": "x"}]}, {"messages": [{"role": "user"}]},
            {"messages": [TALK[1], {"role": "assistant", "content": " "}]}, {"messages": [TALK[1], TALK[0], TALK[2]]}],
    "openai": [{"messages": TALK, "more": 1}, {"messages": [TALK[2]]}],
    "alpaca": [{}, {"instruction": "", "input": "", "output": "x"}, {"instruction": 1, "input": "", "output": "x"}],
    "sharegpt": [{}, {"conversations": [{"from": "gpt"}]}, {"conversations": [{"from": "human", "value": "x"}]},
                 {"conversations": [{"from": "gpt", "value": ""}]}],
    "dpo": [{}, {"prompt": TALK, "chosen": TALK[2:], "rejected": TALK[2:]},
            {"prompt": TALK[1:2], "chosen": TALK[2:], "rejected": TALK[2:]}],
    "kto": [{}, {"prompt": TALK[1:2], "completion": TALK[2:], "label": 1}],
}  # fmt: skip


@pytest.mark.parametrize(("name", "record"), [(name, record) for name, many in WRONG.items() for record in many])
def test_wrong_records_are_seen(name, record):
    assert find("export", name)().wrong(record)


def test_every_format_is_tested():
    assert set(names("export")) == set(WRONG)


TEXT = st.text(min_size=1, max_size=20).filter(lambda text: text.strip())


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=4))
def test_whatever_the_texts_are_what_is_written_is_what_was_there(said):
    turns = [
        {"role": role, "content": text} for pair in said for role, text in zip(("user", "assistant"), pair, strict=True)
    ]
    shape = find_shape(["messages"])
    assert talk_of({"messages": turns}, shape) == turns
    for name in ("sft", "openai", "sharegpt"):
        format = find("export", name)()
        (record,) = format.records({"messages": turns}, shape)
        assert format.wrong(json.loads(json.dumps(record))) == ""
