"""Re-encode the weights of a GGUF file from Q4_1 to Q8_0, for which processors have a fast kernel.

Four-bit weights with an offset (Q4_1) are unpacked block by block and packed as eight-bit weights with a scale (Q8_0).
Nothing is gained in quality, the file grows by half; prompts and parallel answers take less time (`bench/embedded.py`).
Everything that is not a Q4_1 tensor is copied as it is.

Source: the GGUF specification, version 3, and the block layouts of ggml.
Not handled: big-endian files, GGUF before version 2, quantised types other than Q4_1 as input (they are kept).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ..errors import ModelFileError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Tensor", "reencode"]

MAGIC = b"GGUF"
Q4_1, Q8_0 = 3, 8
BLOCK = 32
_SIZES = {0: 4, 1: 2, Q4_1: 20 / BLOCK, Q8_0: 34 / BLOCK}  # bytes a weight: F32, F16, Q4_1, Q8_0
_NUMBERS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}  # bytes of a value by its type
_STRING, _ARRAY = 8, 9
_FILE_TYPE, _MOSTLY_Q8_0 = "general.file_type", 7
_DAMAGED = "fetch the weights again: simulacra models install --again"


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor of the file. encoding : ggml's number of its type. offset : where its data begin, from the data's."""

    name: str
    shape: tuple[int, ...]
    encoding: int
    offset: int

    @property
    def size(self) -> int:
        """How many bytes its data take."""
        count = 1
        for side in self.shape:
            count *= side
        return int(count * _SIZES[self.encoding])


def reencode(source: Path, target: Path) -> None:
    """Write `source` to `target` with every Q4_1 tensor as Q8_0.

    Raises ModelFileError if `source` is no GGUF file of version 2 or 3, is cut off, or holds types not known here.
    """
    with source.open("rb") as file, target.open("wb") as out:
        try:
            head, tensors, align = _read(file)
        except (struct.error, KeyError, UnicodeDecodeError) as error:
            raise ModelFileError("this GGUF file is damaged", where=str(source), hint=_DAMAGED) from error
        start = _aligned(file.tell(), align)
        out.write(head)
        _write_table(out, tensors, align)
        for tensor in tensors:
            _pad(out, align)
            file.seek(start + tensor.offset)
            data = file.read(tensor.size)
            if len(data) != tensor.size:
                raise ModelFileError("this GGUF file is cut off", where=str(source), hint=_DAMAGED)
            out.write(q8_from_q4(data) if tensor.encoding == Q4_1 else data)
        _pad(out, align)


def q8_from_q4(data: bytes) -> bytes:
    """Return blocks of 32 weights packed as Q8_0 (half scale, 32 int8), from Q4_1 (half scale, half least, 16 bytes).

    Each weight moves by at most half a step of its block: the largest magnitude in the block / 254.
    """
    import numpy as np

    packed = np.frombuffer(data, dtype=np.dtype([("scale", "<f2"), ("least", "<f2"), ("nibbles", "u1", (16,))]))
    low, high = packed["nibbles"] & 15, packed["nibbles"] >> 4
    steps = np.concatenate([low, high], axis=1).astype(np.float32)
    weights = steps * packed["scale"].astype(np.float32)[:, None] + packed["least"].astype(np.float32)[:, None]
    return _pack(weights)


def _pack(weights: npt.NDArray[np.float32]) -> bytes:
    import numpy as np

    scale = np.abs(weights).max(axis=1) / np.float32(127)
    inverse = np.divide(np.float32(1), scale, out=np.zeros_like(scale), where=scale > 0)
    blocks = np.empty(len(weights), dtype=np.dtype([("scale", "<f2"), ("weights", "i1", (BLOCK,))]))
    blocks["scale"] = scale
    blocks["weights"] = np.rint(weights * inverse[:, None])
    return blocks.tobytes()


def _read(file: BinaryIO) -> tuple[bytes, list[Tensor], int]:
    """Return everything before the tensor table (its file type changed), the table, and the alignment of data."""
    magic, version, count, pairs = struct.unpack("<4sIQQ", file.read(24))
    if magic != MAGIC or version not in (2, 3):
        raise ModelFileError(
            "this is no GGUF file of version 2 or 3", where=str(file.name), hint="give a model in GGUF format"
        )
    head, align = bytearray(), 32
    for _ in range(pairs):
        start = file.tell()
        key, kind = _text(file), _number(file, "<I")
        value = file.tell()
        _skip(file, kind)
        end = file.tell()
        file.seek(start)
        pair = bytearray(file.read(end - start))
        if key == _FILE_TYPE:
            struct.pack_into("<I", pair, value - start, _MOSTLY_Q8_0)
        if key == "general.alignment":
            align = struct.unpack_from("<I", pair, value - start)[0]
        head += pair
    tensors = [_tensor(file) for _ in range(count)]
    return struct.pack("<4sIQQ", magic, version, count, pairs) + bytes(head), tensors, align


def _tensor(file: BinaryIO) -> Tensor:
    name = _text(file)
    shape = tuple(_number(file, "<Q") for _ in range(_number(file, "<I")))
    tensor = Tensor(name, shape, _number(file, "<I"), _number(file, "<Q"))
    _ = tensor.size  # a type that is not known is an error here, not half-way through the writing
    return tensor


def _write_table(out: BinaryIO, tensors: list[Tensor], align: int) -> None:
    offset = 0
    for tensor in tensors:
        encoding = Q8_0 if tensor.encoding == Q4_1 else tensor.encoding
        name = tensor.name.encode()
        sides = struct.pack(f"<I{len(tensor.shape)}Q", len(tensor.shape), *tensor.shape)
        out.write(struct.pack("<Q", len(name)) + name + sides + struct.pack("<IQ", encoding, offset))
        offset = _aligned(offset + Tensor(tensor.name, tensor.shape, encoding, offset).size, align)


def _number(file: BinaryIO, code: str) -> int:
    return int(struct.unpack(code, file.read(struct.calcsize(code)))[0])


def _text(file: BinaryIO) -> str:
    return file.read(_number(file, "<Q")).decode()


def _skip(file: BinaryIO, kind: int) -> None:
    if kind == _STRING:
        file.seek(_number(file, "<Q"), 1)
    elif kind == _ARRAY:
        inner, count = _number(file, "<I"), _number(file, "<Q")
        if inner in (_STRING, _ARRAY):
            for _ in range(count):
                _skip(file, inner)
        else:
            file.seek(count * _NUMBERS[inner], 1)
    else:
        file.seek(_NUMBERS[kind], 1)


def _aligned(offset: int, align: int) -> int:
    return -(-offset // align) * align


def _pad(out: BinaryIO, align: int) -> None:
    out.write(bytes(_aligned(out.tell(), align) - out.tell()))
