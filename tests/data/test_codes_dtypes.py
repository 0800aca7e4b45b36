"""Names of polars types and back."""

from __future__ import annotations

import polars as pl
import pytest

from simulacra.data.dtypes import limits, parse_dtype
from simulacra.data.frames import dtype_name
from simulacra.errors import SchemaError

TYPES = [
    pl.Boolean(), pl.Int8(), pl.Int16(), pl.Int32(), pl.Int64(), pl.UInt8(), pl.UInt16(), pl.UInt32(), pl.UInt64(),
    pl.Float32(), pl.Float64(), pl.String(), pl.Date(), pl.Time(), pl.Null(), pl.Categorical(),
    pl.Datetime("ns"), pl.Datetime("us", "Europe/Berlin"), pl.Datetime("ms", "Etc/GMT+5"), pl.Duration("ms"),
    pl.Decimal(12, 3), pl.Enum(["a'b", 'c"d', "é", "x\\y", "n\nl", "]", "time_unit="]),
    pl.Enum([f"level {k}" for k in range(3000)]),
]  # fmt: skip


@pytest.mark.parametrize("dtype", TYPES, ids=lambda dtype: str(dtype)[:30])
def test_every_type_is_read_from_its_name(dtype: pl.DataType) -> None:
    assert parse_dtype(dtype_name(dtype)) == dtype
    assert parse_dtype(str(dtype)) == dtype


@pytest.mark.parametrize(
    "name", ["", "int", "Object", "List(Int64)", "Int64(3)", "Enum", "Enum([1])", "Enum(['a', 'a'])", "Enum(['a'"]
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(SchemaError) as error:
        parse_dtype(name)
    assert str(error.value) == f"The dtype {name!r} is not known. Use the name of a polars type, e.g. Int64 or String."


def test_limits_of_integers() -> None:
    assert limits(pl.Int16()) == (-32768, 32767)
    assert limits(pl.UInt64()) == (0, 2**64 - 1)
    assert limits(pl.String()) == limits(pl.Int64())
