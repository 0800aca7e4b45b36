"""The leak guard: texts that were varied are found in the test set, texts of their own are not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra import registry
from simulacra.contracts.rows import Record
from simulacra.generate.augment.alignment import Aligned, plain_words, usual_likeness
from simulacra.generate.augment.leaks import find_leaks
from simulacra.seeds import Seeds

THINGS = [
    "parcel", "kettle", "jacket", "battery", "invoice", "password", "lamp", "backpack", "receipt", "voucher", "mirror",
    "ladder",
]  # fmt: skip
PLACES = [
    "Vienna", "Hamburg", "Boston", "Lisbon", "Dublin", "Madrid", "Prague", "Ottawa", "Zurich", "Oslo", "Warsaw",
    "Athens",
]  # fmt: skip
KINDS = [
    "keyboard", "spelling", "ocr", "synonyms", "rewrite", "contraction", "telegraphic", "homoglyph", "zero_width",
]  # fmt: skip
COLOURS = ["purple", "yellow", "silver", "orange", "crimson"]
FORMS = (
    "Where is the {} {} that I ordered for {} last week?", "How do I return a {} broken {} to the shop in {}?",
    "I do not know what is the price of a {} {} in {}.", "My {} {} never came to the address in {}, please help.",
)  # fmt: skip


def questions(side, odd):
    """Every pairing of a thing and a place, half of them on either side: no two say the same."""
    found = []
    for first, thing in enumerate(THINGS):
        for second, place in enumerate(PLACES):
            if (first + second) % 2 == odd:
                colour = COLOURS[(first + 2 * second) % 5]
                text = FORMS[(first * 7 + second * 3) // 2 % 4].format(colour, thing, place)
                found.append(Record(f"{side} {len(found)}", text, str(first % 2)))
    return found


TRAIN, TEST = questions("row", 0), questions("test", 1)


@pytest.mark.parametrize("name", KINDS)
def test_varied_copies_of_test_texts_are_found_and_others_are_not(name):
    made = [one for one in registry.find("transform", name)().apply(TEST, Seeds(2)) if one is not None][:20]
    assert made
    found = {leak.train for leak in find_leaks([*TRAIN, *made], TEST)}
    assert sum(one.identity in found for one in made) >= 0.95 * len(made)
    assert sum(one.identity in found for one in TRAIN) <= 0.01 * len(TRAIN)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What country was he the leader of?", "What nation was he the leader of"),
        ("Tell me the capital of Peru", "what's the capital of Peru?"),
        ("I can't find my card", "I cannot find my crad"),
        ("WHERE is my pаrcel", "where is my par\u200bcel?"),
        ("please send the invoice", "pIease send the inv0ice"),
    ],
)
def test_words_that_match(one, other):
    ((place, alike),) = Aligned([other, "something else entirely"]).nearest([one])
    assert place == 0
    assert alike > 0.95


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What does VCR stand for?", "What does CPR stand for?"),
        ("What is a tonne?", "What is an atom?"),
        ("Is the fee 12 euros?", "Is the fee 13 euros?"),
        ("What is the capital of Peru?", "What is the capital of Chad?"),
    ],
)
def test_words_that_do_not_match(one, other):
    more = ["What is a river?", "What is the fee?", "What does it stand for?", "Is the capital rich?"] * 5
    assert Aligned([other, *more], [one]).nearest([one], threshold=0.9) == [None]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(min_size=0, max_size=30), min_size=1, max_size=8))
def test_every_text_is_most_like_itself(texts):
    known = Aligned(texts)
    for text, found in zip(texts, known.nearest(texts, threshold=0.5), strict=True):
        if plain_words(text):
            assert found is not None
            assert found[1] == pytest.approx(1)
    assert ((known.between() >= 0) & (known.between() <= 1 + 1e-9)).all()


def test_a_set_that_repeats_itself_asks_for_more_likeness():
    plain = usual_likeness(Aligned([one.text for one in TEST]).between())
    near = [f"{one.text} {word}" for one in TEST for word in ("Thanks", "Bye")]
    assert 0.7 <= plain < usual_likeness(Aligned([*(one.text for one in TEST), *near]).between()) <= 0.97
    assert usual_likeness([]) == 0.97
    assert np.all(Aligned(["one text"]).between() == 0)


def test_only_the_same_words_are_alike_by_one():
    test = Record("t", "What country was he the leader of?")
    leaks = find_leaks(
        [Record("a", "what country was he the leader of"), Record("b", "What nation was he the leader of?")], [test]
    )
    assert [(leak.train, leak.similarity) for leak in leaks] == [("a", 1.0), ("b", 0.99)]
