"""Spans to keep: what is found, what is not, and that they never overlap."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.data.personal import is_iban
from simulacra.errors import RecipeError
from simulacra.text.personal import canonical, find_personal
from simulacra.text.spans import KINDS, find_spans, is_covered, span_texts


@settings(max_examples=80, deadline=None)
@given(st.text(st.sampled_from(list("aB1 .,-$%/@{}`<>_()0x:é'")), max_size=60))
def test_spans_are_apart_and_inside_the_text(text):
    found = find_spans(text, patterns=(r"a+",))
    assert all(0 <= span.start < span.end <= len(text) for span in found)
    assert all(one.end <= two.start for one, two in pairwise(found))
    assert all(is_covered(found, place, place + 1) for place, char in enumerate(text) if char.isdigit())


CASES = {
    "number": ("I saw 1,200.50 of them", ["1,200.50"]),
    "date": ("due 2024-02-29 or 3 May 2021", ["2024-02-29", "3 May 2021"]),
    "money": ("pay $5.50, 20 EUR or 3 dollars", ["$5.50", "20 EUR", "3 dollars"]),
    "unit": ("5 kg at 20%", ["5 kg", "20%"]),
    "url": ("see https://a.org/b?c=1.", ["https://a.org/b?c=1"]), "email": ("to ann.lee@b.org!", ["ann.lee@b.org"]),
    "placeholder": ("dear {name}, {{ x }}, [PERSON_1]", ["{name}", "{{ x }}", "[PERSON_1]"]),
    "code": ("run `ls -l` and foo_bar now", ["`ls -l`", "foo_bar"]),
    "negation": ("I don't, never, without nothing", ["don't", "never", "without", "nothing"]),
    "name": ("we met Ann Lee and then IBM there", ["Ann Lee", "IBM"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", CASES)
def test_each_kind_is_found(kind):
    text, wanted = CASES[kind]
    assert span_texts(text, find_spans(text, kinds=(kind,))) == wanted
    assert set(wanted) <= set(span_texts(text, find_spans(text)))


def test_every_kind_has_a_case():
    assert set(CASES) == set(KINDS)


def test_a_user_pattern_comes_first_whatever_groups_it_has():
    text = "ticket AB-12 cost 12 EUR"
    found = find_spans(text, patterns=(r"(?P<code>[A-Z]+)-(\d)\d",))
    assert [(span.name, text[span.start : span.end]) for span in found][:1] == [("pattern", "AB-12")]


def test_the_first_word_of_a_sentence_is_no_name_and_shouting_tells_nothing():
    assert find_spans("Where is it? Printers fail.", kinds=("name",)) == []
    assert find_spans("CALL ME NOW PLEASE", kinds=("name",)) == []


def test_a_kind_or_pattern_that_is_none_is_told():
    with pytest.raises(RecipeError, match="'colour' is no kind of span"):
        find_spans("x", kinds=("colour",))
    with pytest.raises(RecipeError, match="no regular expression"):
        find_spans("x", patterns=("(",))


def test_personal_values_by_shape_and_checksum():
    text = (
        "IBAN DE89 3704 0044 0532 0130 00 AND card 4111 1111 1111 1111, not 4111 1111 1111 1112; "
        "+49 30 901820, 078-05-1120, 10.0.0.1, not 999.1.1.1, ann@b.org, order 12345."
    )
    found = [(span.name, text[span.start : span.end]) for span in find_personal(text)]
    assert found == [
        ("iban", "DE89 3704 0044 0532 0130 00"), ("card", "4111 1111 1111 1111"), ("phone", "+49 30 901820"),
        ("ssn", "078-05-1120"), ("ip", "10.0.0.1"), ("email", "ann@b.org"),
    ]  # fmt: skip
    assert is_iban(found[0][1])
    assert canonical(found[0][1]) == canonical("de89-3704-0044-0532-0130-00")


@pytest.mark.parametrize("number", ["+33 6 12 34 56 78", "+33 1 42 68 53 00", "+49 30 1234567", "+1 (415) 555-2671"])
def test_numbers_with_a_country_are_telephones(number):
    text = f"call {number} now, not +5 or 3 4"
    assert [(span.name, text[span.start : span.end]) for span in find_personal(text)] == [("phone", number)]
