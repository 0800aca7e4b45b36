"""The learned table generator: columns to codes, a chain of boosted trees over them, codes back to values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from ..contracts import Progress
from ..data.archive import pack, unpack
from ..data.codes import Codec
from ..data.dataset import Dataset
from ..data.schema import Schema
from ..errors import MissingError, ModelFileError
from ..registry import register
from ..seeds import Seeds

if TYPE_CHECKING:
    from ..tables.chain import Chain

__all__ = ["FittedTable", "TableGenerator"]

_KIND, _VERSION = "table", 1


@dataclass(frozen=True, slots=True)
class FittedTable:
    """A learned table: `codec` knows how values are written, `chain` how they depend on each other."""

    codec: Codec
    chain: Chain

    @property
    def schema(self) -> Schema:
        """The columns of the rows that `sample` gives."""
        return self.codec.schema

    @property
    def notes(self) -> tuple[str, ...]:
        """What was pooled, coarsened or made up, one sentence each."""
        return self.codec.notes

    def sample(self, rows: int, seeds: Seeds, *, first_row: int = 0) -> pl.DataFrame:
        """Return `rows` new rows; see `contracts.Fitted.sample` for the laws it keeps."""
        codes = self.chain.sample(rows, seeds.child("codes"))
        uniforms = seeds.child("values").rng().random((rows, self.codec.uniforms))
        return self.codec.decode(codes, uniforms, first_row=first_row)

    def to_bytes(self) -> bytes:
        """Return the model as a versioned file without executable content."""
        return pack(_KIND, _VERSION, {"codec": self.codec.to_state(), "chain": self.chain.to_state()})


@register("generator")
class TableGenerator:
    """Learns a table column by column with boosted trees on small-integer codes.

    Sees all columns of one table. Does not see order between rows or relations between tables.
    quality : "fast" (smoothed leaves) or "best" (boosting and refinement).
    """

    name = "table"

    def __init__(self, quality: Literal["fast", "best"] = "best") -> None:
        self.quality: Literal["fast", "best"] = quality

    def fit(self, data: Dataset, seeds: Seeds, progress: Progress) -> FittedTable:
        """Learn from the rows of `data`; at least 2 rows and one column."""
        engine = _engine()
        codec = Codec.fit(data.frame, data.schema, seeds.child("codec"))
        codes = codec.encode(data.frame)
        options = engine.ChainOptions(quality=self.quality)
        told = {"options": options, "progress": progress}
        return FittedTable(codec, engine.Chain.fit(codes, codec.sizes, codec.ordered, seeds.child("chain"), **told))

    def load(self, content: bytes) -> FittedTable:
        """Return the model that `FittedTable.to_bytes` wrote; ModelFileError if the bytes are anything else."""
        state = unpack(content, _KIND, _VERSION)
        codec, chain = state.get("codec"), state.get("chain")
        if not isinstance(codec, dict) or not isinstance(chain, dict):
            raise ModelFileError("a part of the model is not there", hint="fit the model again")
        return FittedTable(Codec.from_state(codec), _engine().Chain.from_state(chain))


def _engine() -> Any:
    """Import the engine, which takes numba; MissingError with the install line where that is not there."""
    try:
        from ..tables import chain
    except ModuleNotFoundError as error:
        raise MissingError(f"{error.name} is not installed", hint="pip install 'simulacra[tables]'") from error
    return chain
