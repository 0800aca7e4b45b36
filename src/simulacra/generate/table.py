"""The learned table generator: columns to codes, a chain of boosted trees over them, codes back to values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..contracts import Progress
from ..data.archive import pack, unpack
from ..data.codes import Codec
from ..data.dataset import Dataset
from ..data.schema import Schema
from ..errors import MissingError, ModelFileError
from ..registry import register
from ..seeds import Seeds
from .complete import complete
from .conditions import ConditionedTable, Given, condition
from .kept import Kept
from .strain import ease

if TYPE_CHECKING:
    from ..tables.chain import Chain

__all__ = ["FittedTable", "TableGenerator"]

_KIND, _VERSION = "table", 3


@dataclass(frozen=True, slots=True)
class FittedTable:
    """A learned table: `codec` knows how values are written, `chain` how they depend on each other.

    kept : the table's schema, and how its rules are kept.
    rows : about how many rows it was learned from (two digits), 0 if that is not known.
    """

    codec: Codec
    chain: Chain
    kept: Kept
    rows: int = 0

    @property
    def schema(self) -> Schema:
        """The columns of the rows that `sample` gives."""
        return self.kept.schema

    @property
    def dropped(self) -> tuple[str, ...]:
        """Found rules that its rows do not keep, because that would change what the columns hold."""
        return self.kept.dropped

    @property
    def notes(self) -> tuple[str, ...]:
        """What was pooled, coarsened or made up, one sentence each."""
        return (*self.codec.notes, *self.kept.notes)

    def sample(self, rows: int, seeds: Seeds, *, first_row: int = 0) -> pl.DataFrame:
        """Return `rows` new rows; see `contracts.Fitted.sample` for the laws it keeps."""
        codes, uniforms = self.draw(rows, seeds)
        frame = self.decode(codes, uniforms, first_row=first_row)
        broken = np.flatnonzero(~self.kept.keeps(frame))
        if not len(broken):
            return frame
        again = partial(self.draw, seeds=seeds.child("again"))
        codes[broken], uniforms[broken] = self.kept.first_kept(len(broken), again, self.decode)
        return self.decode(codes, uniforms, first_row=first_row)

    def draw(self, rows: int, seeds: Seeds) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
        """Return codes and uniform numbers of candidates, whatever rules they break."""
        codes = self.chain.sample(rows, seeds.child("codes"))
        return codes, seeds.child("values").rng().random((rows, self.codec.uniforms))

    def decode(self, codes: Any, uniforms: Any, *, first_row: int) -> pl.DataFrame:
        """Return the rows that codes and uniform numbers stand for; see `Codec.decode`."""
        return self.kept.rewriting.backward(self.codec.decode(codes, uniforms, first_row=first_row))

    def condition(self, given: Given = (), *, balance: str | None = None) -> ConditionedTable:
        """Return the same table under conditions; see `conditions.condition` for its errors."""
        return condition(self, given, balance)

    def complete(self, frame: pl.DataFrame, seeds: Seeds, *, absent_missing: bool = True) -> pl.DataFrame:
        """Return partly known rows with the rest filled in; see `complete.complete` for rules and errors."""
        return complete(self, frame, seeds, absent_missing=absent_missing)

    def to_bytes(self) -> bytes:
        """Return the model as a versioned file without executable content."""
        return pack(
            _KIND,
            _VERSION,
            {
                "codec": self.codec.to_state(),
                "chain": self.chain.to_state(),
                "kept": self.kept.to_state(),
                "rows": self.rows,
            },
        )


@register("generator")
class TableGenerator:
    """Learns a table column by column with boosted trees on small-integer codes.

    Sees all columns of one table. Does not see order between rows or relations between tables.
    quality : "fast" (smoothed leaves) or "best" (boosting and refinement).
    smoothing : from 1; more of it remembers less and tells less.
    """

    name = "table"

    def __init__(self, quality: Literal["fast", "best"] = "best", smoothing: float = 1.0) -> None:
        self.quality: Literal["fast", "best"] = quality
        self.smoothing = smoothing

    def fit(self, data: Dataset, seeds: Seeds, progress: Progress) -> FittedTable:
        """Learn from the rows of `data`; at least 2 rows and one column."""
        engine = _engine()
        kept = Kept.fit(data)
        frame, schema = kept.rewriting.forward(data.frame), kept.rewriting.inner
        codec = Codec.fit(frame, schema, seeds.child("codec"))
        codes = codec.encode(frame)
        options = engine.ChainOptions(quality=self.quality, smoothing=self.smoothing)
        told = {"options": options, "progress": progress, "runs": codec.runs}
        chain = engine.Chain.fit(codes, codec.sizes, codec.ordered, seeds.child("chain"), **told)
        fitted = FittedTable(codec, chain, kept, int(float(f"{len(data):.1e}")))
        return replace(fitted, kept=ease(fitted, data.frame, seeds.child("trial")))

    def load(self, content: bytes) -> FittedTable:
        """Return the model that `FittedTable.to_bytes` wrote; ModelFileError if the bytes are anything else."""
        engine = _engine()
        state = unpack(content, _KIND, _VERSION)
        codec, chain, kept, rows = (state.get(part) for part in ("codec", "chain", "kept", "rows"))
        if not isinstance(codec, dict) or not isinstance(chain, dict) or not isinstance(kept, dict):
            raise ModelFileError("a part of the model is not there", hint="fit the model again")
        rows = rows if isinstance(rows, int) else 0
        table = FittedTable(Codec.from_state(codec), engine.Chain.from_state(chain), Kept.from_state(kept), rows)
        inner = table.kept.rewriting.inner.names
        if table.codec.schema.names != inner or not np.array_equal(table.codec.sizes, table.chain.sizes):
            raise ModelFileError("the parts of the model do not fit each other", hint="fit the model again")
        return table


def _engine() -> Any:
    """Import the engine, which takes numba; MissingError with the install line where that is not there."""
    try:
        from ..tables import chain
    except ModuleNotFoundError as error:
        raise MissingError(f"{error.name} is not installed", hint="pip install 'simulacra[tables]'") from error
    return chain
