"""Real values in made-up columns: found word for word, told from chance by the hold-out's own."""

import numpy as np
import polars as pl
import pytest

from simulacra.data.schema import Column, Schema
from simulacra.measure.assess import assess, compare
from simulacra.measure.leaked import Leaked
from simulacra.seeds import Seeds

SCHEMA = Schema(
    (
        Column("mail", "text", personal="email", dtype="String"),
        Column("key", "identifier", dtype="Int64"),
        Column("first", "text", personal="first_name", dtype="String"),
        Column("x", "integer", dtype="Int64"),
    )
)


def _people(seed: int, rows: int = 400) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "mail": [f"person{number}@home.org" for number in rng.integers(0, 2**40, rows)],
            "key": rng.choice(5_000, rows, replace=False),
            "first": rng.choice(["Ann", "Bob", "Cleo"], rows),
            "x": rng.integers(0, 9, rows),
        }
    )


REAL, KEPT, MADE = _people(0), _people(1), _people(2)


def _score(made: pl.DataFrame, kept: pl.DataFrame | None = KEPT):  # type: ignore[no-untyped-def]
    return Leaked()(compare(made, REAL, kept, schema=SCHEMA, target=None, seeds=Seeds(0)))[0]


def _verdict(made: pl.DataFrame, kept: pl.DataFrame | None = KEPT) -> str:
    tables = compare(made, REAL, kept, schema=SCHEMA, target=None, seeds=Seeds(0))
    return assess(tables, metrics=["privacy.leaked"]).families["privacy"].verdict


def _with(column: str, count: int) -> pl.DataFrame:
    return MADE.with_columns(pl.concat([REAL[column].head(count), MADE[column].tail(400 - count)]).alias(column))


def test_what_is_made_up_afresh_passes() -> None:
    assert _score(MADE).parts[0].value < 0.15, "short keys meet by chance"
    assert _verdict(MADE) == "pass"


@pytest.mark.parametrize("column", ["mail", "key"])
def test_real_values_are_found_and_the_column_named(column: str) -> None:
    made = _with(column, 120)
    score = _score(made)
    assert score.parts[0].place == column
    assert f"real values of {column!r} stand word for word" in score.reason
    assert _verdict(made) == "fail"


def test_a_single_unguessable_value_is_noticed() -> None:
    score = _score(_with("mail", 1))
    assert (score.value, score.floor, score.noise) == (1 / 400, 0.0, 0.0)
    assert _verdict(_with("mail", 1)) == "fail"


def test_without_a_hold_out_a_find_fails_and_no_find_is_no_pass() -> None:
    assert _verdict(_with("mail", 3), None) == "fail"
    assert _verdict(MADE, None) == "unknown"


def test_names_and_modelled_columns_are_not_looked_at() -> None:
    plain = Schema(SCHEMA.columns[2:])
    tables = compare(REAL, REAL, KEPT, schema=plain, target=None, seeds=Seeds(0))
    assert Leaked()(tables)[0].state == "undefined"
