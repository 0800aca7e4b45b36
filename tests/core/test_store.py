import sqlite3
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from simulacra.errors import OutputError
from simulacra.store import Batch, Store

ROWS = pl.DataFrame({"day": [None, "2020-01-31"], "x": [1.5, None]}).with_columns(pl.col("day").str.to_date())


def test_a_batch_comes_back_as_it_was_put(tmp_path: Path) -> None:
    store = Store(tmp_path / "run.sqlite")
    store.put_batch(Batch(3, 10, ROWS, ROWS.head(0)))
    store.close()
    again = Store(tmp_path / "run.sqlite")
    found = again.batch(3, 10)
    assert found is not None
    assert_frame_equal(found.accepted, ROWS)
    assert again.batch(3, 11) is None, "fewer rows were made for it than are wanted now"
    assert again.has_batch(3, 5)
    assert not again.has_batch(2, 1)
    again.close()


def test_facts_and_model_come_back() -> None:
    store = Store(":memory:")
    assert store.fact("a") is None
    assert store.model() is None
    store.put_fact("a", "1")
    store.put_fact("a", "2")
    store.put_model(b"\x00\xff")
    assert (store.fact("a"), store.model()) == ("2", b"\x00\xff")


def test_a_file_that_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "run.sqlite").write_bytes(b"something else " * 100)
    with pytest.raises(OutputError, match=r"the run.s store cannot be used"):
        Store(tmp_path / "run.sqlite")


def test_a_store_that_cannot_be_written(tmp_path: Path) -> None:
    store = Store(tmp_path / "run.sqlite")
    other = sqlite3.connect(tmp_path / "run.sqlite", isolation_level=None)
    other.execute("DROP TABLE facts")
    with pytest.raises(OutputError, match=r"the run.s store cannot be written"):
        store.put_fact("a", "1")
    other.close()
    store.close()
