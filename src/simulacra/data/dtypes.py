"""Names of polars types, as a schema holds them, and back."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

import polars as pl

from ..errors import SchemaError

__all__ = ["limits", "parse_dtype"]

_PLAIN: dict[str, type[pl.DataType]] = {
    kind.__name__: kind
    for kind in (
        pl.Boolean, pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64,
        pl.Float32, pl.Float64, pl.String, pl.Categorical, pl.Date, pl.Time, pl.Null,
    )
}  # fmt: skip


@lru_cache(maxsize=256)
def parse_dtype(name: str) -> pl.DataType:
    """Return the polars type of that name; SchemaError if there is none.

    >>> parse_dtype("Datetime(us, UTC)")
    Datetime(time_unit='us', time_zone='UTC')
    """
    words = re.findall(r"[A-Za-z0-9_/+:-]+", re.sub(r"\b(time_unit|time_zone|precision|scale|categories)=", "", name))
    head, rest = (words[0], words[1:]) if words else ("", [])
    if head in _PLAIN and not (rest and head != "Categorical"):
        return _PLAIN[head]()
    unit = rest[0] if rest and rest[0] in ("ns", "us", "ms") else "us"
    if head == "Datetime":
        zone = rest[1] if len(rest) > 1 and rest[1] != "None" else None
        return pl.Datetime(unit, zone)  # type: ignore[arg-type]
    if head == "Duration":
        return pl.Duration(unit)  # type: ignore[arg-type]
    if head == "Decimal":
        figures = [int(word) for word in rest if word.isdigit()]
        return pl.Decimal(*figures[:2]) if len(figures) == 2 else pl.Decimal(38, figures[0] if figures else 0)
    if head == "Enum":
        return pl.Enum(_enum_levels(name))
    raise _unknown(name)


def _enum_levels(name: str) -> list[str]:
    try:
        levels = ast.literal_eval(name[name.index("[") : name.rindex("]") + 1])
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise _unknown(name) from None
    if not all(isinstance(level, str) for level in levels) or len(set(levels)) < len(levels):
        raise _unknown(name)
    return list(levels)


def _unknown(name: str) -> SchemaError:
    seen = f"the dtype {name[:60]!r} is not known"
    return SchemaError(seen, hint="use the name of a polars type, e.g. Int64 or String")


def limits(dtype: pl.DataType) -> tuple[int, int]:
    """Return the smallest and largest integer of an integer type (of Int64 for any other type).

    >>> limits(pl.UInt8())
    (0, 255)
    """
    match = re.fullmatch(r"(U?)Int(8|16|32|64)", str(dtype))
    unsigned, bits = (bool(match[1]), int(match[2])) if match else (False, 64)
    return (0, 2**bits - 1) if unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
