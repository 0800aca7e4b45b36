"""Generations of texts: rare words go first and the alarm comes; real texts raise none; the road goes on."""

import itertools
import json

import numpy as np
import polars as pl
import pytest

import simulacra
from simulacra.cli.main import run_command
from simulacra.errors import DataError, RecipeError, SchemaError
from simulacra.generate.text_ngram import learn_chain
from simulacra.measure._monitor import collapsing, warnings
from simulacra.measure._support_text import TextAnchor
from simulacra.run.generations import Experiment
from simulacra.run.generations_text import run_text_generations
from simulacra.seeds import Seeds


def texts_of(count, seed=0):
    """Texts of words with the long tail that words have."""
    rng = np.random.default_rng(seed)
    words = [f"w{k:x}q" for k in range(6000)]
    chances = 1 / np.arange(3, 6003)
    chances /= chances.sum()
    return [" ".join(words[k] for k in rng.choice(6000, size=rng.integers(4, 20), p=chances)) for _ in range(count)]


@pytest.fixture(scope="module")
def replaced():
    return run_text_generations(Experiment(generations=5, rows=400, method="ngram", text="t"), texts_of(900))


def test_rare_words_go_and_the_alarm_comes(replaced):
    assert replaced.verdict == "fail"
    assert replaced.alarm.number in (3, 4)
    for name in ("once", "words", "pairs"):
        values = [generation.values[name] for generation in replaced.generations]
        assert values[-1] < values[0] < replaced.floors[name].mean, name


def test_words_that_occur_once_fall_by_more_than_the_vocabulary(replaced):
    first, last = replaced.generations[0].values, replaced.generations[-1].values
    assert last["hapax"] / first["hapax"] < last["words"] / first["words"]


def test_real_texts_in_place_of_generations_raise_neither_warning_nor_alarm():
    texts = texts_of(2800, seed=4)
    anchor = TextAnchor(texts[:400], texts[400:800], Seeds(1), 400)
    history = [anchor.measure(texts[start : start + 400]) for start in range(800, 2800, 400)]
    assert [warnings(values, anchor.floors) for values in history] == [()] * 5
    assert [collapsing(history[:k], anchor.floors) for k in range(1, 6)] == [()] * 5


def test_an_anchor_against_itself_is_whole_and_nonsense_is_not():
    texts = texts_of(300)
    anchor = TextAnchor(texts, texts, Seeds(1), 300)
    same = anchor.measure(texts)
    assert (same["once"], same["words"], same["hapax"], same["pairs"], same["long"]) == (1, 1, 1, 1, 1)
    empty = anchor.measure([""] * 300)
    assert empty["words"] == 0
    assert empty["same"] > 0.99


def test_accumulated_texts_stay_bounded():
    record = run_text_generations(
        Experiment(generations=4, rows=400, method="ngram", text="t", regime="accumulate"), texts_of(900)
    )
    assert record.alarm is None
    assert record.generations[-1].real_share == 0.25


def test_a_model_writes_generations_after_texts_it_is_shown():
    record = run_text_generations(Experiment(generations=1, rows=120, method="echo", text="t"), texts_of(260))
    assert len(record.generations) == 1
    assert record.generations[0].values["same"] < 0.1  # it repeats the question, with the texts it was shown


def test_a_folder_is_gone_on_with_and_tells_the_same(tmp_path):
    frame = pl.DataFrame({"body": texts_of(500)})
    options = {"text": "body", "rows": 200, "out": tmp_path / "out"}
    simulacra.collapse(frame, generations=2, **options)
    record = simulacra.collapse(frame, generations=3, **options)
    again = simulacra.collapse(frame, generations=3, text="body", rows=200)
    assert [g.values for g in record.generations] == [g.values for g in again.generations]
    document = json.loads((tmp_path / "out" / "report.json").read_text())
    assert document["experiment"]["method"] == "ngram"
    assert set(document["generations"][0]["values"]) == {"once", "words", "hapax", "pairs", "long", "same"}
    assert "Rare words kept" in (tmp_path / "out" / "report.html").read_text()


def test_the_command_draws_the_table(tmp_path, capsys):
    pl.DataFrame({"body": texts_of(300)}).write_csv(tmp_path / "texts.csv")
    code = run_command(["collapse", str(tmp_path / "texts.csv"), "--text", "body", "--generations", "1", "-q"])
    told = capsys.readouterr().out
    assert code == 0
    assert "once" in told.split("\n")[0]


def test_what_cannot_be_is_told():
    frame = pl.DataFrame({"body": texts_of(300)})
    with pytest.raises(SchemaError, match="no column 'no'"):
        simulacra.collapse(frame, text="no")
    with pytest.raises(RecipeError, match="for tables"):
        simulacra.collapse(frame, text="body", target="body")
    with pytest.raises(DataError, match="There are 50 texts"):
        simulacra.collapse(frame.head(50), text="body")
    with pytest.raises(DataError, match="None of the texts"):
        learn_chain(["", " "])
    with pytest.raises(RecipeError, match="order 9"):
        learn_chain(["a b"], order=9)


def test_a_model_that_declines_is_told(tmp_path):
    script = tmp_path / "refuses.yaml"
    script.write_text('rules: [{say: "", fail: refusal}]')
    with pytest.raises(DataError, match="the model wrote 0 of 100 texts"):
        simulacra.collapse(
            pl.DataFrame({"body": texts_of(300)}), text="body", rows=100, generations=1, method=f"echo:{script}"
        )


def test_a_chain_writes_only_what_followed():
    chain = learn_chain(["the red house", "the blue house fell", "a red door"], order=2)
    follows = {("", "the"), ("", "a"), ("the", "red"), ("the", "blue"), ("red", "house"), ("blue", "house"),
               ("house", ""),
               ("house", "fell"), ("fell", ""), ("a", "red"), ("red", "door"), ("door", "")}  # fmt: skip
    for text in chain.sample(200, np.random.default_rng(1)):
        words = ["", *text.split(), ""]
        assert set(itertools.pairwise(words)) <= follows
