"""Static embeddings: the mean of a learned vector per word piece. Fast, small, no language-model runtime.

The two files come from inside the wheel of the package wordllama (MIT), fetched without its dependencies or found where
that package is installed; they are read directly (a table of halves, a vocabulary), nothing of the package is imported.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import ModelFileError
from ...registry import register
from ..weights import locate
from ._pieces import Pieces

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Static"]

_WEIGHTS = "wordllama-256"
_BATCH = 512
_SIGNS = 20_000  # of one text; what follows is not read


@register("embedder")
class Static:
    """WordLlama's table of 32,000 word pieces x 256: means of vectors, so it knows words and not their order.

    Source: github.com/dleemiller/WordLlama, l2_supercat_256.
    Not handled: negation and order of words; languages other than English poorly; texts after 20,000 signs.
    """

    name = "static"
    identity = "static:wordllama-l2-supercat-256"
    width = 256

    def __init__(self) -> None:
        table, vocabulary = locate(_WEIGHTS)
        self._table = _read(table, self.width)
        self._pieces = Pieces(vocabulary)

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return vectors : (n_texts, 256), rows of length 1; a text without a piece gives a row of zeros.

        A row depends on its own text alone, to the last bit.
        """
        import numpy as np

        vectors = np.zeros((len(texts), self.width), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            codes = [self._pieces.codes(text[:_SIGNS]) for text in texts[start : start + _BATCH]]
            filled = [row for row, found in enumerate(codes) if found]
            if not filled:
                continue
            flat = np.fromiter((code for found in codes for code in found), dtype=np.int64)
            ends = np.cumsum([len(codes[row]) for row in filled])
            sums = np.add.reduceat(self._table[flat].astype(np.float32), np.concatenate([[0], ends[:-1]]), axis=0)
            lengths = np.sqrt(np.square(sums).sum(axis=1, keepdims=True))
            vectors[np.array(filled) + start] = sums / np.where(lengths > 0, lengths, 1)
        return vectors


def _read(path: Path, width: int) -> npt.NDArray[np.float16]:
    """Return the table of a safetensors file with one tensor of halves; it stays on disk until it is used."""
    import numpy as np

    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        (about,) = (entry for name, entry in json.loads(file.read(length)).items() if name != "__metadata__")
    if about["dtype"] != "F16" or about["shape"][1:] != [width]:
        hint = "install the weights again: simulacra models install --again wordllama-256"
        raise ModelFileError("this is not the table that is known", where=str(path), hint=hint)
    table: npt.NDArray[np.float16] = np.memmap(
        path, dtype="<f2", mode="r", offset=8 + length + about["data_offsets"][0], shape=tuple(about["shape"])
    )
    return table
