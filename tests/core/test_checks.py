import polars as pl

from simulacra.check.domain import Domain
from simulacra.check.fresh import Fresh
from simulacra.data.schema import Column, Schema

SCHEMA = Schema((Column("key", "identifier"), Column("mail", "text", personal="email"), Column("x", "real")))
REAL = pl.DataFrame({"key": ["A1", "A2"], "mail": ["ann@home.org", None], "x": [1.0, 2.0]})


def test_fresh_rejects_a_real_value_in_a_made_up_column() -> None:
    rows = pl.DataFrame({"key": ["B7", "A2", "B8"], "mail": [None, "x@y.z", "ann@home.org"], "x": [1.0, 1.0, 1.0]})
    assert Fresh(SCHEMA, REAL)(rows).to_list() == [
        None,
        "the made-up value of 'key' is a real one",
        "the made-up value of 'mail' is a real one",
    ]


def test_domain_rejects_what_a_column_cannot_hold() -> None:
    rows = pl.DataFrame({"key": ["B1", None, "B3"], "mail": [None, None, None], "x": [1.0, 2.0, float("inf")]})
    assert Domain(SCHEMA, REAL)(rows).to_list() == [
        None,
        "'key' is missing, and never is in the real table",
        "'x' is not finite",
    ]


def test_a_name_may_coincide_with_a_real_one() -> None:
    """Names that never occurred among many made-up rows would tell which names are real."""
    schema = Schema((Column("who", "text", personal="first_name"), Column("card", "text", personal="card")))
    real = pl.DataFrame({"who": ["Ann"], "card": ["4111111111111111"]})
    rows = pl.DataFrame({"who": ["Ann", "Bob"], "card": ["4000000000000002", "4111111111111111"]})
    assert Fresh(schema, real)(rows).to_list() == [None, "the made-up value of 'card' is a real one"]
