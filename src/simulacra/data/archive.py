"""A saved model in one file: a JSON header and raw arrays, checked before they are believed. Never pickle.

Layout: magic (8 bytes), format version (u32), length of the packed body (u64), length of the unpacked body (u64), its
BLAKE2b-256 (32 bytes), then the body by zlib. Body: length of the header (u64), header (JSON: kind, version, tree, list
of arrays), then the arrays one after the other, little-endian. A tree holds JSON values; an array is {"$array": n}.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ModelFileError

__all__ = ["FORMAT", "pack", "unpack"]

MAGIC = b"SIMULACR"
FORMAT = 1
_HEAD = struct.Struct("<8sIQQ32s")
_DTYPES = ("b1", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8")
MOST_BYTES = 2**31
"""Largest body that is written or read."""
MOST_ARRAYS = 200_000
DEEPEST = 40

Array = npt.NDArray[Any]


def pack(kind: str, version: int, state: Mapping[str, Any]) -> bytes:
    """Return a model file for a state of nested dicts and lists of JSON values and numpy arrays.

    kind, version : what the state is and the version of its own layout. Arrays may be bool, integers or floats.
    Raises ModelFileError for a value that has no place in a file. The same state gives the same bytes.

    >>> unpack(pack("demo", 1, {"a": np.arange(3), "b": [1, "x", None]}), "demo", 1)
    {'a': array([0, 1, 2]), 'b': [1, 'x', None]}
    """
    arrays: list[Array] = []
    tree = _outline(state, arrays, 0)
    listed = [{"dtype": array.dtype.str[1:], "shape": list(array.shape)} for array in arrays]
    header = json.dumps(
        {"kind": kind, "version": version, "tree": tree, "arrays": listed}, separators=(",", ":"), allow_nan=False
    ).encode()
    body = b"".join([struct.pack("<Q", len(header)), header, *(array.tobytes() for array in arrays)])
    if len(body) > MOST_BYTES:
        raise ModelFileError(f"the model needs {len(body):,} bytes, more than a model file holds")
    packed = zlib.compress(body, 6)
    return _HEAD.pack(MAGIC, FORMAT, len(packed), len(body), _checksum(packed)) + packed


def _checksum(packed: bytes) -> bytes:
    return hashlib.blake2b(packed, digest_size=32).digest()


def _outline(value: Any, arrays: list[Array], depth: int) -> Any:
    """Return the value with its arrays taken out into the list."""
    if depth > DEEPEST:
        raise ModelFileError("the state is nested too deeply for a model file")
    if isinstance(value, np.ndarray):
        if value.dtype.str[1:] not in _DTYPES:
            raise ModelFileError(f"an array of {value.dtype} has no place in a model file")
        arrays.append(value.astype(value.dtype.newbyteorder("<"), order="C"))
        return {"$array": len(arrays) - 1}
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) and not name.startswith("$") for name in value):
            raise ModelFileError("a state's names must be text and not begin with $")
        return {name: _outline(part, arrays, depth + 1) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_outline(part, arrays, depth + 1) for part in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        raise ModelFileError(f"the number {value} has no place in a model file outside an array")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise ModelFileError(f"a {type(value).__name__} has no place in a model file")


def unpack(content: bytes, kind: str, version: int) -> dict[str, Any]:
    """Return the state that `pack` wrote under this kind and version.

    Raises ModelFileError when the content is no model file, cut short, damaged, of another format, kind or version, or
    says things about itself that cannot be. No more memory is used than the file declares, at most `MOST_BYTES`.
    """
    header, rest = _header(_body(content))
    known, of = header.get("kind"), header.get("version")
    if known != kind:
        raise ModelFileError(
            f"the file holds a {str(known)[:40]!r}, not a {kind!r}", hint="give the file of the right model"
        )
    if of != version or isinstance(of, bool):
        hint = "fit the model again, or use the version of simulacra that wrote it"
        raise ModelFileError(f"the model has version {str(of)[:20]}, this program reads version {version}", hint=hint)
    arrays = _arrays(header.get("arrays"), rest)
    used = [False] * len(arrays)
    state = _fill(header.get("tree"), arrays, used, 0)
    if not isinstance(state, dict) or not all(used):
        raise _hostile("its parts do not fit its header")
    return state


def _hostile(why: str) -> ModelFileError:
    return ModelFileError(f"the model file is damaged or forged: {why}", hint="fit and save the model again")


def _body(content: bytes) -> memoryview:
    if content[: len(MAGIC)] != MAGIC[: len(content)] or not content:
        raise ModelFileError("this is not a model file", hint="give a file that `simulacra fit` wrote")
    if len(content) < _HEAD.size:
        raise ModelFileError("the model file is cut short", hint="copy it again, or fit and save the model again")
    _, form, packed, size, checksum = _HEAD.unpack_from(content)
    if form != FORMAT:
        hint = "fit the model again, or use the version of simulacra that wrote it"
        raise ModelFileError(f"the model file has format {form}, this program reads format {FORMAT}", hint=hint)
    if len(content) < _HEAD.size + packed:
        raise ModelFileError("the model file is cut short", hint="copy it again, or fit and save the model again")
    if len(content) > _HEAD.size + packed:
        raise _hostile("something follows its end")
    if _checksum(content[_HEAD.size :]) != checksum:
        raise _hostile("its checksum is wrong")
    # zlib packs a thousand to one at best: a larger claim is a bomb.
    if size > MOST_BYTES or size > 1100 * packed + 64:
        raise _hostile(f"it claims to unpack to {size:,} bytes")
    unpacker = zlib.decompressobj()
    try:
        body = unpacker.decompress(content[_HEAD.size :], size)
        more = unpacker.decompress(unpacker.unconsumed_tail, 1) if len(body) == size else b""
    except zlib.error:
        raise _hostile("its content cannot be unpacked") from None
    if len(body) != size or more or not unpacker.eof or unpacker.unused_data:
        raise _hostile("its content has another length than it says")
    return memoryview(body)


def _header(body: memoryview) -> tuple[dict[str, Any], memoryview]:
    if len(body) < 8:
        raise _hostile("it has no header")
    (length,) = struct.unpack_from("<Q", body)
    if length > len(body) - 8:
        raise _hostile("its header is longer than the file")
    try:
        header = json.loads(bytes(body[8 : 8 + length]), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise _hostile("its header cannot be read") from None
    if not isinstance(header, dict):
        raise _hostile("its header cannot be read")
    return header, body[8 + length :]


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _arrays(listed: Any, rest: memoryview) -> list[Array]:
    """Return the arrays the header lists; they fill the rest of the body exactly, so that none can overlap."""
    if not isinstance(listed, list) or len(listed) > MOST_ARRAYS:
        raise _hostile("it lists no arrays or too many")
    arrays, at = [], 0
    for entry in listed:
        dtype = entry.get("dtype") if isinstance(entry, dict) else None
        shape = entry.get("shape") if isinstance(entry, dict) else None
        if dtype not in _DTYPES:
            raise _hostile(f"an array has the type {str(dtype)[:20]!r}")
        if not isinstance(shape, list) or len(shape) > 8 or not all(type(n) is int and 0 <= n < 2**40 for n in shape):
            raise _hostile(f"an array has the shape {str(shape)[:40]}")
        size = math.prod(shape) * np.dtype(dtype).itemsize
        if size > len(rest) - at:
            raise _hostile("an array is larger than the file")
        raw = np.frombuffer(rest[at : at + size], np.dtype(dtype).newbyteorder("<")).reshape(shape)
        if dtype == "b1" and raw.view(np.uint8).max(initial=0) > 1:
            raise _hostile("an array of truth values holds something else")
        arrays.append(raw.astype(np.dtype(dtype), copy=True))
        at += size
    if at != len(rest):
        raise _hostile("something is left after its arrays")
    return arrays


def _fill(value: Any, arrays: list[Array], used: list[bool], depth: int) -> Any:
    if depth > DEEPEST + 1:
        raise _hostile("it is nested too deeply")
    if isinstance(value, list):
        return [_fill(part, arrays, used, depth + 1) for part in value]
    if not isinstance(value, dict):
        return value
    if "$array" in value:
        number = value["$array"]
        if len(value) != 1 or type(number) is not int or not 0 <= number < len(arrays) or used[number]:
            raise _hostile("it refers to an array that is not there, or twice to one")
        used[number] = True
        return arrays[number]
    return {name: _fill(part, arrays, used, depth + 1) for name, part in value.items()}
