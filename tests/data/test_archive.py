"""Model files: round trip, and a clear refusal of everything that is none, damaged, foreign or hostile."""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from simulacra.data.archive import FORMAT, pack, unpack
from simulacra.errors import ModelFileError

STATE = {"trees": [{"left": np.arange(5, dtype=np.int32), "depth": 3}], "name": "é", "flags": np.array([True, False])}
GOOD = pack("table", 2, STATE)


def same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


def forge(header: object, raw: bytes = b"", *, size: int | None = None, form: int = FORMAT, spoil: int = 0) -> bytes:
    """Return a file with right lengths and checksum around any header and arrays, or with wrong ones if asked."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    body = struct.pack("<Q", len(text) + spoil) + text + raw
    packed = zlib.compress(body)
    checksum = hashlib.blake2b(packed, digest_size=32).digest()
    return (
        struct.pack("<8sIQQ32s", b"SIMULACR", form, len(packed), len(body) if size is None else size, checksum) + packed
    )


def header(arrays: object = (), tree: object = None, kind: object = "table", version: object = 2) -> dict[str, object]:
    return {"kind": kind, "version": version, "tree": {} if tree is None else tree, "arrays": list(arrays)}  # type: ignore[call-overload]


ARRAYS = hnp.arrays(
    st.sampled_from(
        [np.bool_, np.int8, np.uint8, np.int16, np.int32, np.uint32, np.int64, np.uint64, np.float32, np.float64]
    ),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text() | ARRAYS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text("xyz", min_size=1), VALUES, max_size=4))
@settings(max_examples=80, deadline=None)
def test_any_state_comes_back(state: dict[str, Any]) -> None:
    content = pack("any", 1, state)
    assert same(state, unpack(content, "any", 1))
    assert content == pack("any", 1, state)


def test_arrays_that_come_back_can_be_written_to_and_are_native() -> None:
    arrays = unpack(pack("k", 1, {"a": np.arange(3, dtype=">i4"), "b": np.arange(6).reshape(2, 3).T}), "k", 1)
    arrays["a"][0] = 7
    assert arrays["a"].tolist() == [7, 1, 2]
    assert arrays["a"].dtype == np.int32
    assert arrays["b"].tolist() == [[0, 3], [1, 4], [2, 5]]


def test_numpy_scalars_become_json_values() -> None:
    assert unpack(pack("k", 1, {"a": np.int64(3), "b": np.bool_(True), "c": (1, 2)}), "k", 1) == {
        "a": 3,
        "b": True,
        "c": [1, 2],
    }


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"a": np.array([object()])}, "An array of object has no place in a model file"),
        ({"a": np.array(["x"])}, "An array of <U1 has no place in a model file"),
        ({"a": object()}, "A object has no place in a model file"),
        ({"a": float("nan")}, "The number nan has no place in a model file outside an array"),
        ({3: 1}, "A state's names must be text and not begin with $"),
        ({"$array": 0}, "A state's names must be text and not begin with $"),
    ],
)
def test_what_cannot_be_written_is_refused(state: dict[Any, Any], message: str) -> None:
    with pytest.raises(ModelFileError) as error:
        pack("k", 1, state)
    assert str(error.value) == message + "."


def test_bottomless_states_are_refused() -> None:
    state: dict[str, Any] = {}
    for _ in range(60):
        state = {"a": state}
    with pytest.raises(ModelFileError, match="The state is nested too deeply for a model file"):
        pack("k", 1, state)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "This is not a model file. Give a file that `simulacra fit` wrote."),
        (b"PK\x03\x04 something", "This is not a model file"),
        (b"\x80\x04\x95 a pickle", "This is not a model file"),
        (GOOD[:5], "The model file is cut short. Copy it again"),
        (GOOD[:30], "The model file is cut short. Copy it again"),
        (GOOD[:-1], "The model file is cut short. Copy it again"),
        (GOOD + b"x", "The model file is damaged or forged: something follows its end"),
        (
            forge(header(), form=FORMAT + 1),
            f"The model file has format {FORMAT + 1}, this",
        ),
        (pack("text", 2, STATE), "The file holds a 'text', not a 'table'. Give the file of the right model."),
        (pack("table", 1, STATE), "The model has version 1, this program reads version 2. Fit the model again"),
        (forge(header(version=True)), "The model has version True"),
        (forge(header(), size=2**62), "damaged or forged: it claims to unpack to 4,611,686,018,427,387,904 bytes"),
        (forge(header(), size=10**6), "damaged or forged: it claims to unpack to 1,000,000 bytes"),
        (forge(header(), size=20), "damaged or forged: its content has another length than it says"),
        (forge(header(), spoil=10**6), "damaged or forged: its header is longer than the file"),
        (forge(b"{"), "damaged or forged: its header cannot be read"),
        (forge(b"[1]"), "damaged or forged: its header cannot be read"),
        (forge(b'{"kind": NaN}'), "damaged or forged: its header cannot be read"),
        (forge(b"[" * 100_000), "damaged or forged: its header cannot be read"),
        (forge({"kind": "table", "version": 2}), "damaged or forged: it lists no arrays or too many"),
        (forge(header([{"dtype": "O", "shape": [1]}])), "damaged or forged: an array has the type 'O'"),
        (forge(header([{"dtype": "|O8", "shape": [1]}])), "damaged or forged: an array has the type '|O8'"),
        (forge(header([7])), "damaged or forged: an array has the type 'None'"),
        (forge(header([{"dtype": "f8", "shape": [-1]}])), "damaged or forged: an array has the shape [-1]"),
        (forge(header([{"dtype": "f8", "shape": [True]}])), "damaged or forged: an array has the shape [True]"),
        (
            forge(header([{"dtype": "f8", "shape": [10**9, 10**9]}])),
            "forged: an array is larger than the file",
        ),
        (forge(header([{"dtype": "u1", "shape": [3]}]), b"ab"), "forged: an array is larger than the file"),
        (forge(header(), b"ab"), "damaged or forged: something is left after its arrays"),
        (forge(header([{"dtype": "b1", "shape": [1]}]), b"\x07"), "an array of truth values holds something else"),
        (forge(header(tree=[])), "damaged or forged: its parts do not fit its header"),
        (forge(header([{"dtype": "u1", "shape": [1]}]), b"a"), "damaged or forged: its parts do not fit its header"),
        (forge(header(tree={"a": {"$array": 0}})), "it refers to an array that is not there, or twice to one"),
        (forge(header(tree={"a": {"$array": 0, "b": 1}})), "it refers to an array that is not there, or twice to one"),
        (
            forge(header([{"dtype": "u1", "shape": [1]}], {"a": {"$array": 0}, "b": {"$array": 0}}), b"a"),
            "it refers to an array that is not there, or twice to one",
        ),
        (
            forge(b'{"kind":"table","version":2,"arrays":[],"tree":' + b'{"a":' * 60 + b"1" + b"}" * 61),
            "nested too deeply",
        ),
    ],
)
def test_files_that_are_refused(content: bytes, message: str) -> None:
    with pytest.raises(ModelFileError) as error:
        unpack(content, "table", 2)
    assert message in str(error.value)


def test_a_decompression_bomb_is_refused_before_it_unpacks() -> None:
    packed = zlib.compress(b"\0" * 30_000_000)
    head = struct.pack(
        "<8sIQQ32s", b"SIMULACR", FORMAT, len(packed), 1000, hashlib.blake2b(packed, digest_size=32).digest()
    )
    with pytest.raises(ModelFileError, match="its content has another length than it says"):
        unpack(head + packed, "table", 2)


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
@settings(max_examples=150, deadline=None)
def test_any_changed_byte_is_noticed(place: int, change: int) -> None:
    spoilt = bytearray(GOOD)
    spoilt[place] ^= change
    with pytest.raises(ModelFileError):
        unpack(bytes(spoilt), "table", 2)
