"""Edits on offsets, protected parts, invariants, draws."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.contracts.rows import Record, Span
from simulacra.errors import RecipeError, UserError
from simulacra.seeds import Seeds
from simulacra.text.spans import find_spans
from simulacra.transform.editing import Draws, Edit, apply_edits, broken_invariant, words_of
from simulacra.transform.editing.whole import edits_between
from simulacra.transform.noise import Keyboard
from simulacra.transform.synonyms import Synonyms

TEXT = st.text("abc XY.,é🙂0", max_size=30)


@st.composite
def edited(draw):
    text = draw(TEXT)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    edits = [Edit(*pair, draw(TEXT)) for pair in zip(cuts[::2], cuts[1::2], strict=False)]
    start = draw(st.integers(0, len(text)))
    return text, edits, Span(start, draw(st.integers(start, len(text))), "x")


def slowly(text, edits, span):
    """Each character with where it came from; a span holds what came of its characters, and replacements it shares."""
    cells = []
    for place in range(len(text) + 1):
        for start, end, new in edits:
            if start == place:
                inside = any(span.start <= at < span.end for at in range(start, end)) or span.start < start < span.end
                cells += [(letter, inside) for letter in new]
        if place < len(text) and not any(start <= place < end for start, end, _ in edits):
            cells.append((text[place], span.start <= place < span.end))
    return "".join(letter for letter, _ in cells), [letter for letter, inside in cells if inside]


@given(edited())
@settings(max_examples=200)
def test_edits_and_spans_agree_with_a_slow_reading(case):
    text, edits, span = case
    new, (moved,) = apply_edits(text, edits, [span])
    wanted, held = slowly(text, edits, span)
    assert new == wanted
    if span.end > span.start:
        assert list(new[moved.start : moved.end]) == held


@pytest.mark.parametrize(
    "edits", [[Edit(0, 3, "x"), Edit(2, 4, "y")], [Edit(3, 9, "")], [Edit(-1, 2, "")], [Edit(3, 2, "")]]
)
def test_edits_that_do_not_fit_are_refused(edits):
    with pytest.raises(UserError, match="does not fit"):
        apply_edits("abcde", edits)


@given(TEXT, TEXT)
@settings(max_examples=100)
def test_edits_between_two_texts_lead_from_one_to_the_other(old, new):
    assert apply_edits(old, edits_between(old, new))[0] == new


PROTECTED = [
    "See https://example.org/a?b=1 or mail bob.lee@example.com today",
    "It costs $5.50 or 1,234.50 euros, not 20 %, by 3 May 2024 at 5 pm",
    "I can't and won't, nobody did, without {{name}} or {x} or `code()`",
    "Call 0049-228-1 before 2024-03-05, ring Ann Lee in New York, run do_it()",
]


@pytest.mark.parametrize("text", PROTECTED)
def test_what_spans_finds_is_never_free(text):
    words = words_of(text)
    free = [text[start:end] for start, end in words.free]
    for span in find_spans(text):
        clash = [text[start:end] for start, end in words.free if start < span.end and span.start < end]
        assert clash == [], (span.name, free)


def test_a_pattern_that_cannot_be_read_is_told():
    with pytest.raises(RecipeError, match="no regular expression"):
        words_of("text", patterns=("(",))


@pytest.mark.parametrize("rate", [0, -1, 1.5])
def test_a_rate_outside_its_range_is_told(rate):
    for transform in (Keyboard, Synonyms):
        with pytest.raises(UserError, match="no share of the words"):
            transform(rate)


@pytest.mark.parametrize(
    ("old", "new", "keeps", "word"),
    [
        ("pay 50 now", "pay 5 now", "numbers", "numbers"),
        ("do not pay", "do pay", "negation", "negations"),
        ("I don't pay", "I do not pay", "negation", None),
        ("go to www.a.org", "go to www.b.org", "urls", "urls"),
        ("use `x`", "use `y`", "code", "code"),
        ("ask Ann Lee about it", "ask Bob Lee about it", "entities", "entities"),
        ("a text that is long enough to count", "a", "length", "length"),
    ],
)
def test_invariants_see_what_changed(old, new, keeps, word):
    found = broken_invariant(Record("a", old), Record("b", new), {keeps})
    assert (found is None) if word is None else (word in found)


def test_an_answer_that_changed_is_seen():
    old, new = (Record("a", text, spans=(Span(0, 4, "answer"),)) for text in ("Bonn is it", "Köln is it"))
    assert "answer" in broken_invariant(old, new, {"answer"})


def test_draws_are_even_and_named_by_their_seed():
    draws = Draws(Seeds(3).child("x"))
    counts = [0] * 7
    for _ in range(7000):
        counts[draws.below(7)] += 1
    assert min(counts) > 850
    assert max(counts) < 1150
    assert 0 <= draws.unit() < 1
    assert draws.some(list("abcd"), 9) == list("abcd")
