"""Digits of one width with leading zeros: numbers that keep their zeros, never words."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from simulacra.data.codes.codec import Codec
from simulacra.data.infer import infer_column, infer_schema
from simulacra.data.relations import find_relations
from simulacra.data.schema_file import schema_from_yaml, schema_to_yaml
from simulacra.errors import SchemaError
from simulacra.seeds import Seeds

RNG = np.random.default_rng(8)
ROWS = 2000
AREA = RNG.choice([1, 10, 52, 80, 99], ROWS, p=[0.1, 0.3, 0.3, 0.2, 0.1])
PLACES = AREA * 1000 + RNG.integers(0, 900, ROWS)
PLZ = pl.Series("plz", [f"{k:05d}" for k in PLACES])


def rebuilt(series: pl.Series) -> pl.Series:
    frame = pl.DataFrame([series])
    codec = Codec.fit(frame, infer_schema(frame), Seeds(0))
    codec = Codec.from_state(codec.to_state())
    codes = codec.encode(frame)
    draws = np.random.default_rng(0).random((frame.height, codec.uniforms))
    return codec.decode(codes, draws, first_row=0)[series.name]


def test_postcodes_are_numbers_of_one_width() -> None:
    column = infer_column(PLZ)
    assert (column.kind, column.dtype, column.format) == ("integer", "String", "#####")
    assert column.why.endswith("different numbers of 5 digits, leading zeros kept")
    assert column.seen.low == PLZ.min()


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("member", [f"{k * 37:06d}" for k in range(1000)], "identifier"),  # unique in every row
        ("plz", [f"{k * 37:05d}" for k in range(1000)], "integer"),  # unique, but the name says it is a place
        (
            "customer_id",
            [f"{k * 37:06d}" for k in [*range(999), 1]],
            "identifier",
        ),  # almost unique and named like a key
        ("x", [f"{k * 37:06d}" for k in [*range(999), 1]], "integer"),
        ("code", ["007", "012", "040"] * 20, "category"),
        ("branch", [f"{k:03d}" for k in range(90)] * 20, "category"),  # each stands in many rows
    ],
)
def test_keys_and_levels_stay_what_they_are(name: str, values: list[str], kind: str) -> None:
    assert infer_column(pl.Series(name, values)).kind == kind


def test_made_postcodes_keep_zeros_width_margin_and_neighbourhood() -> None:
    made = rebuilt(PLZ)
    assert made.dtype == pl.String
    assert made.str.contains(r"^\d{5}$").all()
    assert (made.str.slice(0, 2) == PLZ.str.slice(0, 2)).mean() > 0.98
    assert np.median(abs(made.cast(pl.Int64).to_numpy() - PLACES)) < 60
    assert made.min() >= PLZ.min()
    assert made.max() <= PLZ.max()


def test_no_order_or_sum_is_found_of_postcodes() -> None:
    frame = pl.DataFrame({"plz": PLZ, "pay": RNG.integers(100_000, 200_000, ROWS), "twin": PLACES * 2})
    assert not [one for one in find_relations(frame, infer_schema(frame)) if "plz" in one.columns]


def test_a_person_can_say_that_codes_are_numbers_and_keeps_their_zeros() -> None:
    frame = pl.DataFrame({"code": ["007", "012", "040"] * 20})
    base = infer_schema(frame)
    edited = schema_from_yaml("columns:\n  code: integer\n", where="s.yaml", base=base, frame=frame)
    assert (edited["code"].kind, edited["code"].format) == ("integer", "###")
    again = schema_from_yaml(schema_to_yaml(edited), where="s.yaml", base=base, frame=frame)
    assert again["code"].format == "###"


@pytest.mark.parametrize(("form", "seen"), [
    ("A##", "column 'code' cannot be integer: 'A##' is no format of whole numbers held as String"),
    ("##", "column 'code' cannot be integer: 60 of 60 values do not fit"),
])  # fmt: skip
def test_a_format_that_whole_numbers_cannot_have_is_an_error(form: str, seen: str) -> None:
    frame = pl.DataFrame({"code": ["007", "012", "040"] * 20})
    text = f"columns:\n  code: {{kind: integer, format: '{form}'}}\n"
    with pytest.raises(SchemaError) as error:
        schema_from_yaml(text, where="s.yaml", base=infer_schema(frame), frame=frame)
    assert seen in str(error.value)
