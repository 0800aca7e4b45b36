"""Twins: what the model is told, what is refused, the bundle, going on after an interruption."""

import asyncio
import json

import polars as pl
import pytest

import simulacra
from simulacra.cli.main import run_command
from simulacra.errors import DataError, RecipeError
from simulacra.generate.twin_text.attributes import Attributes, describe_texts
from simulacra.generate.twin_text.write import NoSource
from simulacra.testing.suites._tickets import example_texts

SECRET = "Ovelia Quux"


@pytest.fixture(scope="module")
def tickets():
    texts = [f"{text} Regards,\n{SECRET}{place:04}@firm.net" for place, text in enumerate(example_texts(100, seed=5))]
    return pl.DataFrame({"body": texts, "queue": ["printer" if "printer" in text else "other" for text in texts]})


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "twins.yaml"
    lines = [f"Made up number {word} about nothing at all, {word} times" for word in "abcdefghijklmnopqrstuvwxyz"]
    path.write_text(json.dumps({"rules": [{"when": "About", "say": [{"text": line} for line in lines]}]}))
    return f"echo:{path}"


def test_attributes_are_what_many_texts_share(tickets):
    texts = tickets["body"].to_list()
    found = describe_texts(texts, tickets["queue"].to_list())
    counts = {word: sum(word in text.casefold() for text in texts) for one in found for word in one.topics}
    assert counts
    assert min(counts.values()) >= 5
    told = " ".join(one.told() for one in found).casefold()
    assert [name for name in ("ovelia", "quux", "firm") if name in told] == []
    assert {one.words for one in found} <= {5, 10, 20, 40, 80, 160, 320}


def test_tone_is_told_by_words():
    tones = [one.tone for one in describe_texts(["Do it at once!!", "Please do it", "Is it done?", "It is done"])]
    assert tones == ["urgent", "polite", "a question", "plain"]
    assert Attributes("", (), 5, "plain").told() == "anything (plain)"


def test_what_stands_in_a_real_text_is_refused():
    check = NoSource("t", ["one two three four five six seven eight", "my case AB-123456 is open"])

    def refused(text):
        return asyncio.run(check({"t": text}, None))

    assert "7 words" in refused("He said: One two three, four five six seven!")
    assert "identifier" in refused("about ab 123456")
    assert refused("one two three four five six and seven eight") is None


def test_the_model_never_sees_a_real_text_and_no_private_value_leaves(tickets, script, tmp_path):
    out = tmp_path / "out"
    result = simulacra.privatize(tickets, text="body", label="queue", twin=script, rows=12, out=out)
    made = pl.read_csv(out / "data.csv")
    assert made.shape == (12, 2)
    assert made["body"].n_unique() == 12
    everything = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file() and path.name != "lock")
    assert b"Quux" not in everything
    assert b"firm.net" not in everything
    assert "saw no real text" in " ".join(result.record.notes)
    assert result.record.assessment.families["privacy"].verdict != "fail"
    assert pl.read_parquet(out / "private" / "lineage.parquet").height == 12
    before = (out / "data.csv").read_bytes()
    simulacra.privatize(tickets, text="body", label="queue", twin=script, rows=14, out=out)
    after = (out / "data.csv").read_bytes()
    assert after.startswith(before)


def test_a_model_that_repeats_or_says_nothing_is_told(tickets):
    with pytest.raises(DataError, match="that pass"):
        simulacra.privatize(tickets, text="body", twin="echo:fixed words only", rows=5)


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [({"twin": "echo", "keep": ["queue"]}, RecipeError, "no other columns"), ({"rows": 5}, RecipeError, "for twins")],
)
def test_what_cannot_be_is_told(tickets, options, error, told):
    with pytest.raises(error, match=told):
        simulacra.privatize(tickets, text="body", **options)
    with pytest.raises(DataError, match="There are 9 texts"):
        simulacra.privatize(tickets.head(9), text="body", twin="echo")


def test_the_command_writes_twins(tickets, script, tmp_path, capsys):
    tickets.write_csv(tmp_path / "tickets.csv")
    arguments = ["--text", "body", "--twin", script, "--rows", "8", "-o", str(tmp_path / "out"), "-q"]
    run_command(["privatize", str(tmp_path / "tickets.csv"), *arguments])
    told = capsys.readouterr().out
    assert "(8 texts)" in told
    assert "verdict: " in told
