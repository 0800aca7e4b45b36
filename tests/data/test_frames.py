import datetime as dt
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.data.dtypes import parse_dtype
from simulacra.data.frames import check_flat, dtype_name, to_polars
from simulacra.errors import DataError

PANDAS = {
    "int": pd.Series([1, 2, 3]),
    "int8": pd.Series([1, 2, 3], dtype="int8"),
    "uint64": pd.Series([1, 2, 2**64 - 1], dtype="uint64"),
    "float": pd.Series([1.5, np.nan, 3]),
    "float32": pd.Series([1.5, np.nan, 3], dtype="float32"),
    "bool": pd.Series([True, False, True]),
    "nullable": pd.Series([1, None, 3], dtype="Int64"),
    "big": pd.Series([2**60 + 1, None, 3], dtype="Int64"),
    "nullable_float": pd.Series([1.5, None, 3], dtype="Float64"),
    "nullable_bool": pd.Series([True, None, False], dtype="boolean"),
    "text": pd.Series(["a", None, "ü"], dtype="object"),
    "string": pd.Series(["a", None, "ü"], dtype="string"),
    "str": pd.Series(["a", "b", "ü"]),
    "level": pd.Series(["x", None, "y"], dtype="category"),
    "ordered": pd.Series(pd.Categorical(["lo", "hi", "lo"], categories=["lo", "mid", "hi"], ordered=True)),
    "number_level": pd.Series([3, 1, 3], dtype="category"),
    "ns": pd.to_datetime(pd.Series(["2020-01-01", None, "2021-06-01 12:30"], dtype="datetime64[ns]")),
    "seconds": pd.Series(["2020-01-01", None, "2021-06-01"], dtype="datetime64[s]"),
    "zoned": pd.Series(["2020-01-01", None, "2021-06-01T12:30"], dtype="datetime64[us]").dt.tz_localize(
        "Europe/Berlin"
    ),
    "span": pd.to_timedelta(pd.Series(["1h", None, "2 days"])),
    "dates": pd.Series([dt.date(2020, 1, 1), None, dt.date(2021, 1, 1)], dtype="object"),
    "whole_objects": pd.Series([1, 2, None], dtype="object"),
    "nothing": pd.Series([None, None, None], dtype="object"),
}


@pytest.mark.parametrize("name", PANDAS)
def test_a_pandas_column_comes_back_as_it_was(name):
    data = pd.DataFrame({name: PANDAS[name]})
    frame, restore = to_polars(data)
    assert frame[name].is_null().to_list() == data[name].isna().to_list()
    pd.testing.assert_frame_equal(restore(frame), data)


def test_what_pandas_columns_are_in_polars():
    frame, _ = to_polars(pd.DataFrame(PANDAS))
    assert frame.schema["nullable"] == pl.Int64
    assert frame["big"][0] == 2**60 + 1
    assert frame["uint64"][2] == 2**64 - 1
    assert frame.schema["text"] == frame.schema["string"] == frame.schema["str"] == pl.String
    assert frame.schema["bool"] == frame.schema["nullable_bool"] == pl.Boolean
    assert frame.schema["zoned"].time_zone == "Europe/Berlin"
    assert frame["zoned"][2] == pd.Timestamp("2021-06-01 12:30", tz="Europe/Berlin")
    assert frame["span"].to_list() == [dt.timedelta(hours=1), None, dt.timedelta(days=2)]
    assert frame["dates"].to_list() == [dt.date(2020, 1, 1), None, dt.date(2021, 1, 1)]
    assert frame.schema["whole_objects"] == pl.Int64
    assert frame["number_level"].to_list() == ["3", "1", "3"]


def test_column_order_comes_back_and_the_index_starts_anew():
    data = pd.DataFrame({"b": [1, 2], "a": ["x", "y"]}, index=[7, 9])
    frame, restore = to_polars(data)
    back = restore(frame.select("a", "b"))
    pd.testing.assert_frame_equal(back, data.reset_index(drop=True))


def test_more_rows_than_came_in_and_missing_where_none_was():
    _, restore = to_polars(pd.DataFrame({"a": [1, 2], "b": [True, False], "c": ["x", "y"]}))
    back = restore(pl.DataFrame({"a": [1, None, 3], "b": [True, None, False], "c": ["x", None, "z"]}))
    assert str(back["a"].dtype) == "float64"
    assert back["a"].isna().tolist() == back["b"].isna().tolist() == back["c"].isna().tolist() == [False, True, False]
    empty = pl.DataFrame(schema={"a": pl.Int64, "b": pl.Boolean, "c": pl.String})
    assert restore(empty).shape == (0, 3)


def test_categories_come_back_with_what_was_added():
    _, restore = to_polars(pd.DataFrame({"c": pd.Series(["x", "y"], dtype="category")}))
    back = restore(pl.DataFrame({"c": ["y", "z", None]}))["c"]
    assert back.tolist()[:2] == ["y", "z"]
    assert back.isna().tolist() == [False, False, True]
    assert list(back.cat.categories) == ["x", "y", "z"]


def test_no_pyarrow_is_needed():
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "import pandas as pd\n"
        "from simulacra.data.frames import to_polars\n"
        "data = pd.DataFrame({'a': [1, 2], 'b': ['x', None], 'c': pd.Series(['u', 'v'], dtype='category'),\n"
        "    'd': pd.to_datetime(['2020-01-01', '2021-01-01']).tz_localize('UTC')})\n"
        "frame, restore = to_polars(data)\n"
        "pd.testing.assert_frame_equal(restore(frame), data)\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)


def test_pandas_is_not_imported_for_others():
    code = "import sys\nfrom simulacra.data.frames import to_polars\nto_polars({'a': [1]})\n"
    code += "assert 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_polars_frames_pass_through():
    frame = pl.DataFrame({"a": [1], "b": ["x"], "c": pl.Series(["u"], dtype=pl.Categorical)})
    same, restore = to_polars(frame)
    assert same.equals(frame)
    assert restore(same).schema == frame.schema
    lazy, restore = to_polars(frame.lazy())
    assert isinstance(restore(lazy), pl.LazyFrame)
    assert restore(lazy).collect().equals(frame)


def test_rows_and_columns_of_plain_python():
    rows = [{"a": 1, "b": "x"}, {"a": None, "b": "y"}]
    frame, restore = to_polars(rows)
    assert restore(frame) == rows
    columns = {"a": [1.0, 2.5], "b": [None, "y"]}
    frame, restore = to_polars(columns)
    assert restore(frame) == columns
    frame, _ = to_polars([{"a": 1}, {"a": 2.5, "b": "x"}])
    assert frame.to_dict(as_series=False) == {"a": [1.0, 2.5], "b": [None, "x"]}
    frame, _ = to_polars({"a": np.array([1, 2]), "b": [np.float64(1.5), np.nan]})
    assert frame.to_dict(as_series=False) == {"a": [1, 2], "b": [1.5, None]}


def test_nan_is_missing():
    assert check_flat(pl.DataFrame({"a": [1.0, float("nan")]}))["a"].to_list() == [1.0, None]


BAD = [
    (3, "a table is needed, not a int. Give a polars"),
    ("text", "a table is needed, not a str"),
    ([1, 2], "a table is needed, not a list"),
    ({"a": [1], "b": [1, 2]}, "the columns are not equally long"),
    ({1: [1]}, "1 column names are not text (the first is 1)"),
    ({"a": [1, "x"]}, "column 'a' holds values of different types: text and whole numbers"),
    ({"a": [True, 2]}, "column 'a' holds values of different types: true/false and whole numbers"),
    ({"a": [object()]}, "column 'a' holds objects of type object"),
    ({"a": [2**70]}, "column 'a' holds whole numbers beyond 64 bits. Write them as text"),
    ({"a": [2**200]}, "column 'a' holds values that no number or date type can hold"),
    ({"a": [{"b": 1}]}, "column 'a' is nested (a struct)"),
    ({"a": [[1], [2]]}, "column 'a' is nested (a list)"),
    ({"a": [b"x"]}, "column 'a' holds raw bytes"),
    ({"a": [1.0, float("inf"), float("-inf")]}, "column 'a' holds 2 infinite values. Replace them by missing"),
    (pl.DataFrame({"a": pl.Series([1, "x"], dtype=pl.Object)}), "column 'a' holds values of different types"),
    (pd.DataFrame([[1, 2]]), "2 column names are not text (the first is 0)"),
    (pd.DataFrame([[1, 2]], columns=["a", "a"]), "column names stand twice: 'a'"),
    (pd.DataFrame({"a": [1, "x", None]}), "column 'a' holds values of different types: text and whole numbers"),
    (pd.DataFrame({"a": [1.0, np.inf]}), "column 'a' holds 1 infinite value."),
]


@pytest.mark.parametrize(("data", "message"), BAD, ids=[message[:30] for _, message in BAD])
def test_what_is_no_table_is_refused(data, message):
    with pytest.raises(DataError) as caught:
        to_polars(data)
    assert message.lower() in str(caught.value).lower()


@given(st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), max_size=20))
@settings(max_examples=30, deadline=None)
def test_nullable_integers_lose_nothing(values):
    data = pd.DataFrame({"a": pd.array(values, dtype="Int64")})
    frame, restore = to_polars(data)
    assert frame["a"].to_list() == values
    pd.testing.assert_frame_equal(restore(frame), data)


def test_names_of_types():
    assert dtype_name(pl.Decimal(10, 2)) == "Decimal(10, 2)"
    assert dtype_name(pl.Categorical()) == "Categorical"
    assert dtype_name(pl.Datetime("ms")) == "Datetime(ms)"
    assert dtype_name(pl.Enum(["a", "b"])) == "Enum(categories=['a', 'b'])"


DTYPES = [
    pl.Int8(), pl.UInt64(), pl.Float32(), pl.Boolean(), pl.String(), pl.Categorical(), pl.Date(), pl.Time(), pl.Null(),
    pl.Datetime("ms"), pl.Datetime("ns", "Europe/Berlin"), pl.Duration("ns"), pl.Decimal(10, 2), pl.Enum(["a", "b c"]),
]  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_names_of_types_lead_back_to_them(dtype):
    assert parse_dtype(dtype_name(dtype)) == dtype
