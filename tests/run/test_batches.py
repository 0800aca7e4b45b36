"""The stream law: the rows of a run are the first N of one endless stream, however they are asked for."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from simulacra.contracts import Silent
from simulacra.data.schema import Column, Schema
from simulacra.errors import DataError
from simulacra.registry import register
from simulacra.run import batches
from simulacra.run.batches import Maker, make_rows
from simulacra.run.executors import InProcess, ProcessPool
from simulacra.seeds import Seeds
from simulacra.store import Store


class _Counting:
    """Gives row numbers: the stream is 0, 1, 2, ... so what is missing or doubled shows."""

    schema = Schema((Column("n", "integer", dtype="Int64"),))

    def sample(self, rows: int, _seeds: Seeds, *, first_row: int = 0) -> pl.DataFrame:
        return pl.DataFrame({"n": range(first_row, first_row + rows)}, schema={"n": pl.Int64})

    def to_bytes(self) -> bytes:
        return b"counting"


@register("generator")
class Counting:
    name = "counting"

    def load(self, content: bytes) -> _Counting:
        assert content == b"counting"
        return _Counting()


class Multiples:
    """Rejects the multiples of a number."""

    name = "multiples"

    def __init__(self, of: int) -> None:
        self.of = of

    def __call__(self, frame: pl.DataFrame) -> pl.Series:
        return frame.select(pl.when(pl.col("n") % self.of == 0).then(pl.lit("a multiple")).alias("reason"))["reason"]


MAKER = Maker("counting", b"counting", Seeds(0))


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_ROWS", 16)


def _make(rows: int, of: int, store: Store) -> tuple[pl.DataFrame, pl.DataFrame]:
    return make_rows(MAKER, [Multiples(of)], rows, store=store, executor=InProcess(), progress=Silent())


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200), st.integers(2, 40))
def test_rows_are_the_first_accepted_of_the_stream(rows: int, of: int) -> None:
    accepted, rejected = _make(rows, of, Store(":memory:"))
    expected = [n for n in range(4 * rows + 64) if n % of][:rows]
    assert accepted["n"].to_list() == expected
    assert set(rejected["step"]) <= {"multiples"}
    assert {n for n in range(expected[-1]) if n % of == 0} <= set(rejected["n"]), "no rejected row goes without a name"


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 120), st.integers(1, 120), st.integers(2, 20))
def test_an_extended_run_keeps_its_rows(first: int, more: int, of: int) -> None:
    store = Store(":memory:")
    short, _ = _make(first, of, store)
    long, _ = _make(first + more, of, store)
    assert_frame_equal(long.head(first), short)
    fresh, _ = _make(first + more, of, Store(":memory:"))
    assert_frame_equal(long, fresh)


def test_what_is_stored_is_not_made_again() -> None:
    store = Store(":memory:")
    _make(100, 7, store)
    made: list[tuple[int, int]] = []

    class Watching(InProcess):
        def map(self, work, items):  # type: ignore[no-untyped-def]
            return super().map(work, [made.append(item) or item for item in items])

    make_rows(MAKER, [Multiples(7)], 100, store=store, executor=Watching(), progress=Silent())
    assert made == []


def test_a_check_that_rejects_everything_ends_with_a_reason() -> None:
    with pytest.raises(DataError, match=r"rows made, .* were rejected, .* because a multiple"):
        _make(5, 1, Store(":memory:"))


def test_a_pool_gives_the_results_in_order() -> None:
    pool = ProcessPool(2)
    assert list(pool.map(abs, range(-20, 0))) == list(range(20, 0, -1))
    pool.close()
    pool.close()
