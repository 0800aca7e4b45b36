"""Codes are made up in their own shape, words in words; a key's format that a person gave is kept."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest

from simulacra.data.infer import infer_column, infer_schema
from simulacra.data.keys import CodeKeys
from simulacra.data.madeup import Maker
from simulacra.data.schema import Column
from simulacra.data.schema_file import schema_from_yaml
from simulacra.data.tokens import TokenShape
from simulacra.data.words import pool
from simulacra.errors import DataError, ModelFileError
from simulacra.seeds import Seeds

RNG = np.random.default_rng(2)
ROWS = 1500
WORDS = re.compile("|".join(pool("word")), re.IGNORECASE)


def make(real: pl.Series, column: Column, rows: int = ROWS) -> tuple[pl.Series, Maker]:
    maker = Maker.learn(real, column, Seeds(5))
    again = Maker.from_state(column, maker.to_state())
    numbers = np.arange(rows, dtype=np.uint64)
    made = maker.make(numbers, np.random.default_rng(0).random(rows))
    assert again.make(numbers, np.random.default_rng(0).random(rows)).equals(made)
    return made, maker


def mostly_different(make_one: object) -> pl.Series:
    """Return values of which about a tenth stand twice."""
    values = [make_one(int(k)) for k in RNG.integers(0, 10**9, ROWS * 9 // 10)]  # type: ignore[operator]
    return pl.Series("c", [*values, *values[: ROWS // 10]])


CODES = {
    "digits of two widths": (lambda k: f"0{k % 10**4:04d}" if k % 3 else f"{k % 10**6:06d}", r"^(0\d{4}|\d{6})$"),
    "long digits": (lambda k: f"{k:09d}{k * 7 % 10**9:09d}", r"^\d{18}$"),
    "plates": (lambda k: f"K-{chr(65 + k % 26)}{chr(65 + k // 26 % 26)} {k // 700 % 10**3:03d}", r"^K-[A-Z]{2} \d{3}$"),
    "parts": (lambda k: f"{k % 100:02d}.{k // 100 % 1000:03d}/{k // 10**5 % 10}", r"^\d\d\.\d{3}/\d$"),
    "capitals": (lambda k: "".join(chr(65 + k // 26**n % 26) for n in range(5)), r"^[A-Z]{5}$"),
    "mixed": (lambda k: f"{k * 2654435761 % 2**32:08x}", r"^[0-9a-f]{8}$"),
    "ratios": (lambda k: f"{k % 97}:{k // 97 % 10_007}", r"^\d{1,2}:\d{1,5}$"),
}  # fmt: skip


@pytest.mark.parametrize("name", CODES)
def test_codes_that_are_mostly_different_come_in_their_shape_and_never_as_words(name: str) -> None:
    one, pattern = CODES[name]
    real = mostly_different(one)
    column = infer_column(real)
    assert column.kind == "text"
    assert column.why.startswith("codes that are different")
    made, maker = make(real, column)
    assert made.str.contains(pattern).all()
    lengths = real.str.len_chars()
    assert made.str.len_chars().is_between(lengths.min(), lengths.max()).all()
    assert made.n_unique() > 0.8 * ROWS
    assert "codes of the same shapes and lengths" in maker.notes[0]
    assert not made.str.contains(f"(?i)^({'|'.join(pool('word'))})$").any()


def test_few_rows_of_a_shape_leave_no_real_letter() -> None:
    real = pl.Series(["QX-17"] * 5 + ["RZ-20"] * 5 + ["ST-31"] * 5)
    made, _ = make(real, Column("c", "text"))
    assert made.str.contains(r"^[A-Z]{2}-\d\d$").all()
    assert made.n_unique() > 1000


def test_an_empty_column_of_text_and_texts_without_a_common_length_can_be_made_up() -> None:
    assert make(pl.Series([None] * 5, dtype=pl.String), Column("c", "text"))[0].null_count() == 0
    real = pl.Series(["7" * k for k in range(1, 30)])
    assert make(real, Column("c", "text"))[0].str.contains(r"^\d{15}$").all()


@pytest.mark.parametrize("low", [3, 9, 14])
def test_words_are_made_of_words_and_are_as_long_as_real_ones(low: int) -> None:
    letters = RNG.choice(list("aeinrst"), (ROWS, low + 4))
    real = pl.Series("c", ["".join(row[: low + k % 5]) for k, row in enumerate(letters)])
    made, maker = make(real, Column("c", "text"))
    assert made.str.len_chars().is_between(low, low + 4).all()
    assert made.str.contains("^[a-z ]+$").all()
    assert "text of similar lengths" in maker.notes[0]


def test_text_with_numbers_in_it_stays_text() -> None:
    real = pl.Series("c", [f"the parcel {k} came {k % 7} days too late." for k in range(300)])
    made, _ = make(real, infer_column(real))
    assert made.str.contains(WORDS.pattern).all()
    assert made.str.len_chars().max() <= real.str.len_chars().max()


@pytest.mark.parametrize("values", [
    [f"{k:05d}" for k in RNG.integers(90_000, 99_999, 500)],
    RNG.integers(90_000, 99_999, 500).tolist(),
])  # fmt: skip
def test_the_format_of_a_key_that_a_person_gave_is_kept(values: list[object]) -> None:
    frame = pl.DataFrame({"nr": values})
    text = "columns:\n  nr: {kind: identifier, format: '#####'}\n"
    column = schema_from_yaml(text, where="s.yaml", base=infer_schema(frame), frame=frame)["nr"]
    made, maker = make(frame["nr"], column)
    assert made.cast(pl.String).str.contains(r"^\d{5}$").all()
    assert made.n_unique() == ROWS
    assert made.dtype == frame["nr"].dtype
    assert maker.notes[1].startswith("Column 'nr': made-up keys follow the given format '#####'")


def test_a_format_with_letters_stands_for_letters_and_the_rest_for_itself() -> None:
    column = Column("c", "identifier", "set by hand", format="XA-a##")
    assert make(pl.Series(["q"] * 9), column)[0].str.contains(r"^X[A-Z]-[a-z]\d\d$").all()


def test_a_format_without_room_is_an_error() -> None:
    column = Column("nr", "identifier", "set by hand", format="##")
    with pytest.raises(DataError, match="column 'nr': the format '##' has room for 100 different keys, not for 200"):
        make(pl.Series([f"{k:03d}" for k in range(200)]), column)
    with pytest.raises(DataError, match="the format '##' has room for 100 different keys, not for 101"):
        make(pl.Series([f"{k:02d}" for k in range(90)]), column, rows=101)
    assert make(pl.Series([f"{k:02d}" for k in range(90)]), column, rows=100)[0].n_unique() == 100


def test_a_format_of_letters_for_a_column_of_numbers_is_an_error() -> None:
    column = Column("nr", "identifier", "set by hand", dtype="Int64", format="A##")
    with pytest.raises(DataError, match="column 'nr': keys of the type Int64 cannot have the format 'A##'"):
        make(pl.Series([1, 2, 3]), column)


@pytest.mark.parametrize(("change", "message"), [
    ({"weights": [0.5]}, "do not fit their weights"),
    ({"alphabets": [["a", ""], ["b"]]}, "are no alphabets"),
    ({"weights": [0, 0]}, "are no shares"),
])  # fmt: skip
def test_damaged_shapes_are_noticed(change: dict[str, object], message: str) -> None:
    state = TokenShape((("ab", "-"), ("ab",)), (0.5, 0.5)).to_state()
    assert TokenShape.from_state(state).to_state() == state
    with pytest.raises(ModelFileError, match=message):
        TokenShape.from_state({**state, **change})


def test_keys_saved_before_formats_could_be_given_still_grow() -> None:
    assert CodeKeys.from_state({"alphabets": ["ab"]}).grows


def test_crowded_shapes_get_longer_so_that_few_codes_are_real_ones() -> None:
    """Nearly all of the 260 codes of a letter and a digit are taken: new ones would be rare, and tell the others."""
    real = pl.Series("seat", [f"{chr(65 + k % 26)}{k // 26 % 9}" for k in range(700)])
    made, maker = make(real, infer_column(real))
    assert made.str.contains(r"^[A-Z]\d[A-Z]$").all()
    assert not made.is_in(real.implode()).any()
    assert "made-up codes are longer than real ones" in maker.notes[1]
    alike = pl.Series("x", ["---", "---"] * 5)
    assert make(alike, Column("x", "text"))[0].str.contains(r"^---\d$").all()
