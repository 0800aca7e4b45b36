"""What a family of columns must offer to the codec, and the little it is told when it is fitted."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from ..schema import Column

__all__ = ["Codes", "ColumnCodes", "Uniforms", "blank", "rare_below", "round_count"]

Codes = npt.NDArray[np.uint8]
Uniforms = npt.NDArray[np.float64]


class ColumnCodes(Protocol):
    """The codes of one schema column: 0, 1 or 2 coded columns.

    family : name under which the state is saved; `sizes` and `ordered` have one entry per coded column.
    """

    family: ClassVar[str]

    @property
    def column(self) -> Column:
        """The schema column."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of codes of each coded column."""

    @property
    def ordered(self) -> tuple[bool, ...]:
        """Whether the codes of each coded column follow the order of the values."""

    @property
    def uniforms(self) -> int:
        """Uniform numbers per row that `decode` uses."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What was pooled, coarsened or made up, one sentence each."""

    def encode(self, series: pl.Series) -> list[Codes]:
        """Return one array of codes per coded column."""

    def decode(self, codes: Codes, uniforms: Uniforms, first_row: int) -> pl.Series:
        """Return the column for codes (n_rows, coded columns) and uniforms (n_rows, self.uniforms)."""

    def to_state(self) -> dict[str, Any]:
        """Return JSON values and arrays that `from_state` understands."""


def blank(series: pl.Series, missing: npt.NDArray[np.bool_]) -> pl.Series:
    """Return the series with null where `missing` is true."""
    if not missing.any():
        return series
    nothing = pl.Series(series.name, [None], dtype=series.dtype)
    return nothing.zip_with(pl.Series(missing), series) if len(series) else series


def rare_below(rows: int) -> int:
    """Return the number of rows a level needs to be kept: 5, in small tables 3 (under 200 rows) or 2 (under 50).

    >>> rare_below(32_561), rare_below(100), rare_below(12)
    (5, 3, 2)
    """
    return 5 if rows >= 200 else 3 if rows >= 50 else 2


def round_count(count: int) -> str:
    """Return a count as a note may say it: rounded to one digit, small ones as "fewer than 10".

    >>> round_count(3), round_count(27), round_count(1234)
    ('fewer than 10', 'about 30', 'about 1,000')
    """
    if count < 10:
        return "fewer than 10"
    step = 10 ** (len(str(count)) - 1)
    return f"about {round(count / step) * step:,}"
