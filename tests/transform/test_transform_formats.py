"""parse(render(x)) == x: all formats of a family carry the same values; codes come back; damage is told."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.contracts.rows import Record
from simulacra.errors import DataError
from simulacra.seeds import Seeds
from simulacra.transform.codecs import CODECS
from simulacra.transform.codecs.ciphers import vigenere
from simulacra.transform.format import Dates, Numerals, Reformat
from simulacra.transform.formats import FORMATS
from simulacra.transform.formats.annotated import evaluate, written, wrong_steps
from simulacra.transform.formats.families import FAMILIES, sample
from simulacra.transform.formats.quantities import convert
from simulacra.transform.formats.records import RECORD_FORMATS

NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
CELLS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | NAMES


@pytest.mark.parametrize("family", FAMILIES)
def test_every_pair_of_formats_carries_the_values(family):
    rng = np.random.default_rng(5)
    values = [sample(family, rng) for _ in range(60)]
    for first, second in itertools.permutations(FAMILIES[family], 2):
        one, two = FORMATS[family, first], FORMATS[family, second]
        for value in values:
            assert two.parse(two.render(one.parse(one.render(value)))) == value, (first, second)


@pytest.mark.parametrize("name", RECORD_FORMATS)
@given(st.dictionaries(NAMES, CELLS, min_size=1, max_size=4))
@settings(max_examples=60)
def test_any_record_comes_back(name, row):
    render, parse = RECORD_FORMATS[name]
    back = parse(render(row))
    assert back == row
    assert [type(value) for value in back.values()] == [type(value) for value in row.values()]


@pytest.mark.parametrize("name", CODECS)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
@settings(max_examples=40)
def test_codes_come_back(name, text):
    assert CODECS[name].decode(CODECS[name].encode(text)) == text


@pytest.mark.parametrize(
    ("name", "code"), [("base64", "%"), ("hex", "zz"), ("binary", "2"), ("spaced", "abc"), ("morse", "......."),
                       ("leetspeak", "a\\"), ("base32", "1")]
)  # fmt: skip
def test_what_is_no_code_is_told(name, code):
    with pytest.raises(DataError, match=f"not {name}"):
        CODECS[name].decode(code)


def test_a_key_without_letters_is_told():
    with pytest.raises(DataError, match="no Latin letter"):
        vigenere("123")


@pytest.mark.parametrize(
    ("family", "name", "text"),
    [
        ("record", "json", "[1"), ("record", "json", "[1]"), ("record", "yaml", "a: [1"), ("record", "csv", "a,b\n1\n"),
        ("record", "csv", "a\n"), ("record", "markdown", "a"), ("record", "lines", "no pair"),
        ("record", "sentences", "Hello there."), ("record", "lines", "a: {}\n"), ("record", "csv", 'a\n"x\n'),
        ("record", "lines", "a: ,,\n"),
        ("number", "plain", "x"), ("number", "plain", "NaN"), ("number", "de", "1,234.5"), ("number", "words", "many"),
        ("number", "words", "one point many"), ("number", "words", "minus"),
        ("date", "iso", "yesterday"), ("date", "iso", "2023-02-30"),
        ("money", "symbol", "5"), ("money", "european", "5"), ("money", "code", "XXX 5"), ("money", "words", "much"),
        ("unit", "short", "5 parsec"), ("identifier", "snake", "a1"), ("markup", "html", "<p><b>x</b></p>"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told(family, name, text):
    with pytest.raises(DataError):
        FORMATS[family, name].parse(text)


@pytest.mark.parametrize("row", [{}, {"a": float("inf")}, {"a": [1]}])
def test_a_record_no_format_can_carry_is_told(row):
    for render, _ in RECORD_FORMATS.values():
        with pytest.raises(DataError):
            render(row)


def test_numbers_without_a_name_and_units_of_two_kinds_are_told():
    with pytest.raises(DataError, match="no name"):
        FORMATS["number", "words"].render(10**18)
    with pytest.raises(DataError, match="measures"):
        convert(1, "km", "kg")
    assert convert(convert(7, "mi", "ft"), "ft", "mi") == 7


def test_a_record_in_a_text_changes_its_notation_and_nothing_else():
    row = {"name": "Ann Lee", "age": 34, "note": "a|b, c"}
    for name, (render, parse) in RECORD_FORMATS.items():
        seen = set()
        for seed in range(12):
            (variant,) = Reformat().apply([Record("a", render(row))], Seeds(seed))
            reads = [other for other, (_, read) in RECORD_FORMATS.items() if _reads(read, variant.text, row)]
            assert reads, variant.text
            seen |= set(reads)
        assert parse(render(row)) == row
        assert len(seen) > 2, name


def _reads(parse, text, row):
    try:
        return parse(text) == row
    except DataError:
        return False


def test_numbers_and_dates_are_written_another_way():
    record = Record("a", "We sold 1,250 cars and 12 boats on 2024-03-05, in 1999 too.")
    numbers = {Numerals().apply([record], Seeds(seed))[0].text for seed in range(20)}
    assert any("twelve boats" in text for text in numbers)
    assert any("1250 cars" in text for text in numbers)
    assert all("1999" in text and "2024-03-05" in text for text in numbers)
    dates = {Dates().apply([record], Seeds(seed))[0].text for seed in range(20)}
    assert any("the 5th of March 2024" in text for text in dates)


def test_steps_are_evaluated():
    assert wrong_steps("2+3=<<2+3=5>>5\n#### 5") == []
    assert "is 5, not 6" in wrong_steps("<<2+3=6>>6\n#### 6")[0]
    assert "not the last step" in wrong_steps("<<2+3=5>>5\n#### 6")[0]
    assert "no final answer" in wrong_steps("<<2+3=5>>5")[0]
    assert "no value" in wrong_steps("<<2/0=5>>5 #### 5")[0]
    for wrong in ("2+", "(2", "a", "2 3"):
        with pytest.raises(DataError):
            evaluate(wrong)
    with pytest.raises(DataError, match="does not end"):
        written(evaluate("1/3"))
