"""Transforms that a language model or an engine does: what they keep, what they give up, where spans go."""

import asyncio

import pytest

from simulacra.contracts.rows import Record, Span
from simulacra.errors import RecipeError
from simulacra.seeds import Seeds
from simulacra.testing import check_transform
from simulacra.transform.modelled import ModelParaphrase, ModelTranslator, ask_model
from simulacra.transform.recombine import Splice
from simulacra.transform.rewrite import Contraction
from simulacra.transform.translation import BackTranslation, Translation

SCRIPT = """
rules:
  - {when: "Where can I find (.*)", say: "Where might I see {1}"}
  - {when: "into German.*\\\\n\\\\n(?s:(.*))", say: "de {1}"}
  - {when: "into English.*\\\\n\\\\nde (?s:(.*))", say: "{1} so"}
  - {when: "How do I buy", say: "What does it take to own a large car for Ann Lee by 2024-03-06?"}
  - {when: "very happy", fail: refusal}
"""


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.yaml"
    path.write_text(SCRIPT)
    return f"echo:{path}"


def test_a_models_paraphrase_keeps_the_laws(model):
    check_transform(ModelParaphrase(model))


def test_what_a_model_loses_or_refuses_is_given_up(model):
    records = [
        Record("a", "Where can I find my card 12?", "ask", (Span(20, 24, "thing"),)),
        Record("b", "How do I buy a large car for Ann Lee by 2024-03-05?", "ask"),
        Record("c", "I am very happy with it", "say"),
        Record("d", " "),
    ]
    made = ModelParaphrase(model).apply(records, Seeds(0))
    assert made[0].text == "Where might I see my card 12?"
    span = made[0].spans[0]
    assert made[0].text[span.start : span.end] == "card"
    assert made[0].parameters["model"] == model
    assert made[1:] == [None, None, None]  # another number, a refusal, nothing to say


def test_a_model_translates_and_back(model):
    translator = ModelTranslator(model)
    assert translator.translate(["", "I see 5 birds"], "en", "de") == ["", "de I see 5 birds"]
    (back,) = BackTranslation(translator, pivot="de").apply([Record("a", "I see 5 birds here")], Seeds(0))
    assert back.text == "I see 5 birds here so"
    (there,) = Translation(translator, target="de").apply([Record("a", "I see 5 birds", "x")], Seeds(0))
    assert (there.text, there.label, there.parameters["language"]) == ("de I see 5 birds", "x", "de")


def test_a_model_is_asked_where_a_loop_runs_already(model):
    async def inside():
        return ask_model(model, ["Where can I find it"], [1], temperature=0.0)

    assert asyncio.run(inside()) == ["Where might I see it"]


def test_a_model_that_is_none_is_told():
    with pytest.raises(RecipeError, match="nothing_of_that_name"):
        ModelParaphrase("nothing_of_that_name").apply([Record("a", "a text")], Seeds(0))


def test_a_splice_begins_with_the_one_and_ends_with_another_of_its_label():
    records = [Record("a", "one two three", "x"), Record("b", "four five", "x"), Record("c", "six seven", "y")]
    for seed in range(20):
        first, _, alone = Splice().apply(records, Seeds(seed))
        words = first.text.split()
        assert words[0] == "one"
        assert words[-1] == "five"
        assert first.parents == ("a", "b")
        assert alone is None


def test_contraction_keeps_the_users_patterns():
    record = Record("a", "I am here and we are there")
    (free,) = Contraction().apply([record], Seeds(0))
    assert free.text == "I'm here and we're there"
    (kept,) = Contraction((r"we are",)).apply([record], Seeds(0))
    assert kept.text == "I'm here and we are there"
