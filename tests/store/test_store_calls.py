import os
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.contracts.models import Answer, Call, Message, ToolCall, Usage
from simulacra.errors import OutputError
from simulacra.store import Batch, CallStore, Loss, Paid, Store
from simulacra.store._file import VERSION


def paid(text: str, *, prompt: str = "x", dollars: float = 0.5) -> Paid:
    call = Call("echo:m", prompt=prompt)
    return Paid(call, call.key(), Answer(text, usage=Usage(3, 4, dollars)), 1.0, 0.2, 1)


@settings(max_examples=30, deadline=None)
@given(
    text=st.text(st.characters(), max_size=1500),
    finish=st.sampled_from(["stop", "length", "tools", "refusal"]),
    arguments=st.text(max_size=20),
    chance=st.floats(-50, 0),
)
def test_what_goes_in_comes_out(text: str, finish: str, arguments: str, chance: float) -> None:
    store = CallStore(":memory:")
    call = Call("echo:m", (Message("user", text),), tools=({"name": "f"},))
    answer = Answer(
        text,
        finish=finish,
        tools=(ToolCall("f", arguments, "1"),),
        usage=Usage(1, 2, 0.25),
        logprobs=(("a", chance, {"b": -1.0}),),
    )
    store.put([Paid(call, call.key(), answer, 0.0, 0.0, 1)])
    found = store.get(call.key())
    assert found is not None
    assert found.stored
    assert (found.text, found.finish, found.tools, found.usage, found.logprobs) == (
        answer.text, answer.finish, answer.tools, answer.usage, answer.logprobs,
    )  # fmt: skip
    assert store.question(call.key()) == {
        "parameters": {}, "sample": 0, "seed": None, "messages": [{"role": "user", "content": text}],
        "tools": [{"name": "f"}],
    }  # fmt: skip
    store.close()


def test_the_first_answer_stays_and_money_is_counted_with_the_losses() -> None:
    store = CallStore(":memory:")
    store.put([paid("first")])
    store.put([paid("second")], [Loss("00" * 16, "echo:m", "cut off", 0.25, 2.0)])
    found = store.get(paid("").key)
    assert found is not None
    assert found.text == "first"
    assert store.spent() == {"echo:m": Usage(3, 4, 0.75)}
    assert list(store.keys()) == [paid("").key]
    assert store.question("ff" * 16) is None


def test_the_mode_of_a_model_is_remembered(tmp_path: Path) -> None:
    store = CallStore(tmp_path / "run.sqlite")
    assert store.mode("m") is None
    store.put_mode("m", "tools")
    store.close()
    assert CallStore(tmp_path / "run.sqlite").mode("m") == "tools"


def test_calls_and_batches_live_in_one_file(tmp_path: Path) -> None:
    import polars as pl

    calls, batches = CallStore(tmp_path / "run.sqlite"), Store(tmp_path / "run.sqlite")
    frame = pl.DataFrame({"a": [1]})
    for number in range(5):
        calls.put([paid("x", prompt=str(number))])
        batches.put_batch(Batch(number, 1, frame, frame.head(0)))
    assert len(calls) == 5
    assert batches.has_batch(4, 1)


def test_a_file_of_a_newer_version(tmp_path: Path) -> None:
    CallStore(tmp_path / "run.sqlite").close()
    db = sqlite3.connect(tmp_path / "run.sqlite")
    db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    for kind in (CallStore, Store):
        with pytest.raises(OutputError, match="written by a newer version of Simulacra"):
            kind(tmp_path / "run.sqlite")


def test_a_file_that_is_no_store_or_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "run.sqlite").write_bytes(b"something else " * 100)
    with pytest.raises(OutputError, match=r"the run.s store cannot be used"):
        CallStore(tmp_path / "run.sqlite")
    with pytest.raises(OutputError, match=r"cannot be written \(unable to open"):
        CallStore(tmp_path / "nowhere" / "run.sqlite")


def test_a_file_that_another_process_holds(tmp_path: Path) -> None:
    store = CallStore(tmp_path / "run.sqlite", patience=0.05)
    other = sqlite3.connect(tmp_path / "run.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OutputError, match="in use by another process"):
        store.put([paid("x")])
    other.execute("ROLLBACK")
    other.close()
    store.put([paid("x")])
    assert len(store) == 1


def test_a_stored_answer_that_is_damaged(tmp_path: Path) -> None:
    store = CallStore(tmp_path / "run.sqlite")
    store.put([paid("x")])
    store._db.execute("UPDATE calls SET answer = ?", (b"\x00\x01",))
    with pytest.raises(OutputError, match="a stored answer is damaged"):
        store.get(paid("").key)


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    store = CallStore(tmp_path / "run.sqlite")
    store.put([paid("x")])
    store._db.execute("PRAGMA max_page_count = 12")
    large = [paid(os.urandom(20_000).hex(), prompt=str(number)) for number in range(20)]
    with pytest.raises(OutputError, match="disk is full"):
        store.put(large)
    assert len(store) == 1, "all of a group is written, or nothing"
    store.close()
    again = CallStore(tmp_path / "run.sqlite")
    assert again.get(paid("").key) is not None


def test_a_name_that_the_package_does_not_have() -> None:
    import simulacra.store as room

    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = room.nonsense
