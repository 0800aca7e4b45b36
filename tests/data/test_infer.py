import datetime as dt
import uuid

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.data._numbers import decimals_of
from simulacra.data.dates import find_date_format, parse_dates
from simulacra.data.infer import infer_column, infer_schema
from simulacra.errors import DataError, SchemaError

RNG = np.random.default_rng(1)
DAYS = pl.date_range(dt.date(2019, 1, 3), dt.date(2021, 9, 9), eager=True)
MOMENTS = pl.datetime_range(dt.datetime(2020, 1, 1, 0, 5), dt.datetime(2020, 3, 1), "97m", eager=True)
IDS = [f"{chr(65 + i % 26)}{chr(65 + i // 26 % 26)}-{RNG.integers(1000, 9999)}" for i in range(500)]
SENTENCES = [f"the parcel {i} came {i % 7} days too late and it was open" for i in range(100)]

CASES = [
    ("one value", pl.Series([5, 5, None]), "constant", {}),
    ("nothing", pl.Series([None, None]), "constant", {"dtype": "Null"}),
    ("no number", pl.Series([None, float("nan")], dtype=pl.Float64), "constant", {}),
    ("flag", pl.Series([True, False, None]), "boolean", {}),
    ("answer", pl.Series(["yes", "No", "no", "yes"]), "category", {}),
    ("answer", pl.Series(["Yes", "No", None] * 9), "boolean", {"dtype": "String"}),
    ("answer", pl.Series(["0", "1"] * 9), "boolean", {"dtype": "String"}),
    ("survived", pl.Series([0, 1, 1, 0]), "category", {"dtype": "Int64"}),
    ("survived", pl.Series([0.0, 1.0, None]), "category", {"dtype": "Float64"}),
    ("age", pl.Series(RNG.integers(17, 90, 500)), "integer", {"dtype": "Int64"}),
    ("fnlwgt", pl.Series(RNG.choice(10**6, 500, replace=False)), "integer", {}),
    ("salary", pl.Series(RNG.permutation(500) * 37 + 20_000), "integer", {}),
    ("count", pl.Series([1.0, None, 5.0, 7.0]), "integer", {"dtype": "Float64", "decimals": 0}),
    ("small", pl.Series([1, 2, 9], dtype=pl.UInt8), "integer", {"dtype": "UInt8"}),
    ("price", pl.Series([1.5, 2.25, None]), "real", {"decimals": 2}),
    ("price", pl.Series([1.5, 2.25], dtype=pl.Float32), "real", {"decimals": 2, "dtype": "Float32"}),
    ("price", pl.Series(["1.50", "2.25"]).cast(pl.Decimal(8, 2)), "real", {"decimals": 2, "dtype": "Decimal(8, 2)"}),
    ("normal", pl.Series(RNG.normal(size=300)), "real", {"decimals": None}),
    ("lat", pl.Series(RNG.uniform(40, 50, 300).round(6)), "real", {"decimals": 6}),
    ("text number", pl.Series(["1", "12", "-7"]), "integer", {"dtype": "String"}),
    ("text number", pl.Series(["1.5", "12", "-7e2"]), "real", {"dtype": "String", "decimals": 1}),
    ("day", DAYS, "date", {"dtype": "Date"}),
    ("moment", MOMENTS, "datetime", {"dtype": "Datetime(us)", "zone": None}),
    ("moment", MOMENTS.dt.replace_time_zone("Asia/Tokyo"), "datetime", {"zone": "Asia/Tokyo"}),
    ("span", pl.Series([dt.timedelta(1), dt.timedelta(2)]), "duration", {"dtype": "Duration(us)"}),
    ("clock", pl.Series([dt.time(1), dt.time(2)]), "duration", {"dtype": "Time"}),
    ("clock", pl.Series(["01:30:00", "26:05:59"]), "duration", {"format": "%H:%M:%S"}),
    ("clock", pl.Series(["11:30", "6:05"]), "duration", {"format": "%-H:%M"}),
    ("clock", pl.Series(["01:30", "16:05"]), "duration", {"format": "%H:%M"}),
    ("clock", pl.Series(["01:30", "6:05", "7:07"]), "duration", {"format": "%H:%M"}),
    ("typed", pl.Series(["1.2.2020", "03.12.2020", "14.11.2020"]), "date", {"format": "%d.%m.%Y"}),
    ("typed", pl.Series([*DAYS.dt.strftime("%d.%m.%Y"), "31.02.2020", "soon"]), "date", {"format": "%d.%m.%Y"}),
    ("clock", pl.Series(["01:30", "16:05:10", "17:10"]), "text", {}),
    ("ratio", pl.Series(["01:30", "16:9x", "a"]), "text", {}),
    ("customer_id", pl.Series(RNG.permutation(500) * 7 + 1000), "identifier", {"dtype": "Int64"}),
    ("orderId", pl.Series(RNG.permutation(500) * 7 + 1000), "identifier", {}),
    ("customer_id", pl.Series(RNG.integers(0, 50, 500)), "integer", {}),
    ("anything", pl.Series(range(1, 101)), "identifier", {}),
    ("passenger_id", pl.Series([*map(float, range(5, 50, 3)), None]), "identifier", {"dtype": "Float64"}),
    ("sku", pl.Series(IDS), "identifier", {"format": "AA-####"}),
    ("invoice", pl.Series([f"INV-{i:05d}" for i in range(3, 99)]), "identifier", {"format": "INV-#####"}),
    ("key", pl.Series([str(uuid.UUID(int=i**9)) for i in range(9, 50)]), "identifier", {"format": "uuid"}),
    ("sha", pl.Series([f"{i * 7**20:016x}" for i in range(1000, 1050)]), "identifier", {"format": "hex"}),
    ("code", pl.Series(["007", "012", "040"] * 20), "category", {}),
    ("member", pl.Series([f"{i * 37:06d}" for i in range(1000)]), "identifier", {"format": "######"}),
    ("iata", pl.Series([a + b + c for a in "ABCDE" for b in "XYZ" for c in "KLM"]), "identifier", {"format": "AAA"}),
    ("colour", pl.Series(["red", "green", "blue", None] * 20), "category", {}),
    ("town", pl.Series([f"town {chr(97 + i % 26)}{chr(97 + i // 26 % 26)}" for i in range(4000)]), "category", {}),
    ("wide", pl.Series([f"k{i % 8_000}" for i in range(40_000)]), "category", {}),
    ("level", pl.Series(["a", "b", "a"], dtype=pl.Categorical), "category", {"dtype": "Categorical"}),
    ("remark", pl.Series(SENTENCES), "text", {}),
    ("age", pl.Series([*map(str, range(20, 90)), "unknown", "none given"]), "category", {}),
    ("born", pl.Series(["31.12.1980", "01.02.1991"]), "date", {"format": "%d.%m.%Y", "dtype": "String"}),
    ("mail", pl.Series([f"p{i}@example.org" for i in range(9)]), "text", {"personal": "email"}),
    ("card", pl.Series(["4111111111111111", "5500005555555559"]), "identifier", {"personal": "card"}),
    ("card", pl.Series([4111111111111111, 5500005555555559]), "identifier", {"personal": "card", "dtype": "Int64"}),
    ("phone", pl.Series([2025550143, 2025550177]), "identifier", {"personal": "phone"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "series", "kind", "more"), CASES, ids=[f"{i}-{case[0]}" for i, case in enumerate(CASES)]
)
def test_what_a_column_is(name, series, kind, more):
    column = infer_column(series.alias(name))
    assert (column.kind, {key: getattr(column, key) for key in more}) == (kind, more)
    assert column.why
    assert not column.why.endswith(".")


def test_counts_and_range():
    seen = infer_column(pl.Series("x", [1.5, None, 9.25, 1.5])).seen
    assert (seen.rows, seen.missing, seen.distinct, seen.low, seen.high) == (4, 1, 3 - 1, "1.5", "9.25")
    seen = infer_column(pl.Series("x", ["31.12.2020", "01.01.2020"])).seen
    assert (seen.low, seen.high) == ("2020-01-01", "2020-12-31")
    assert infer_column(pl.Series("x", ["anna", "berta"])).seen.low is None


def test_reasons_are_sentences_for_people():
    def why(name, values):
        return infer_column(pl.Series(name, values)).why

    assert why("age", [*range(17, 90)] * 9) == "73 different whole numbers, many of them repeated"
    assert why("sku", IDS) == "unique in every row and follows the pattern AA-####: a key"
    assert why("n", range(1, 20)) == "unique in every row and running without a gap: a key"
    assert why("x", [1, 1]) == "the same value in every row"
    assert why("x", [None, 1, 1]) == "the same value or missing in every row"
    assert why("x", [None, 1]) == "one value, in fewer than 2 rows: too few to be shown, given as missing"
    assert why("x", [1.0, 2.5]) == "2 different numbers, with at most 1 decimal"
    assert "day and month could also be the other way round" in why("d", ["01/02/2020", "03/04/2020"])
    assert why("d", [*DAYS.dt.strftime("%d.%m.%Y"), "soon"]).endswith(
        "; 1 of 982 different values are none and count as missing"
    )
    assert "dates of birth, which are personal" in why("date_of_birth", ["31.12.1980", "01.02.1991"])


@pytest.mark.parametrize("values", [IDS, SENTENCES, [f"p{i}@example.org" for i in range(9)]])
def test_no_reason_quotes_a_value(values):
    why = infer_column(pl.Series("v", values)).why
    assert not any(value in why for value in values)


def test_schema_of_a_table():
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", "x"]})
    schema = infer_schema(frame, target="b")
    assert (schema.names, schema.target) == (["a", "b"], "b")
    with pytest.raises(SchemaError, match=r"There is no column 'bb'\. Did you mean 'b'"):
        infer_schema(frame, target="bb")
    with pytest.raises(DataError, match="The table has no columns"):
        infer_schema(pl.DataFrame())
    with pytest.raises(DataError, match="Column 'a' is nested"):
        infer_schema(pl.DataFrame({"a": [[1], [2]]}))
    with pytest.raises(DataError, match="different types: text and whole numbers"):
        infer_schema(pl.DataFrame({"a": pl.Series([1, "x"], dtype=pl.Object)}))


@given(st.lists(st.one_of(st.none(), st.integers(-(2**62), 2**62)), min_size=1, max_size=40))
@settings(max_examples=40, deadline=None)
def test_numbers_are_never_called_text(values):
    for series in (pl.Series("x", values, dtype=pl.Int64), pl.Series("x", values, dtype=pl.Int64).cast(pl.Float64)):
        assert infer_column(series).kind in ("integer", "real", "identifier", "constant", "category")
    if sum(abs(value) < 10**14 for value in values if value is not None) == len(values):
        assert infer_column(pl.Series("x", values, dtype=pl.Int64).cast(pl.String)).kind in (
            "integer",
            "constant",
            "boolean",
        )


@pytest.mark.parametrize("series", [case[1] for case in CASES], ids=[f"{i}-{case[0]}" for i, case in enumerate(CASES)])
def test_the_order_of_rows_does_not_matter(series):
    assert infer_column(series.gather(RNG.permutation(len(series)))) == infer_column(series)


@given(st.integers(0, 9), st.lists(st.integers(-(10**5), 10**5), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_decimals_are_those_of_the_texts(decimals, values):
    texts = [f"{value / 10**decimals:.{decimals}f}" for value in values]
    wanted = max(len(text.partition(".")[2].rstrip("0")) for text in texts)
    assert decimals_of(pl.Series([float(text) for text in texts])) == wanted


def test_decimals_are_an_absolute_question():
    assert decimals_of(pl.Series([123456789.01, 1.0])) == 2
    assert decimals_of(pl.Series([1e8 + 1e-5])) == 5
    assert decimals_of(pl.Series([0.1 + 0.2])) == 1
    assert decimals_of(pl.Series([1e-13])) is None
    assert decimals_of(pl.Series([2.0**60])) is None
    assert decimals_of(pl.Series([0.1], dtype=pl.Float32)) == 1
    assert decimals_of(pl.Series([1 / 3], dtype=pl.Float32)) is None
    assert decimals_of(pl.Series([None], dtype=pl.Float64)) is None


FORMATS = [
    "%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%-m/%-d/%Y", "%-d.%-m.%Y", "%d.%m.%y", "%Y%m%d", "%d %b %Y",
    "%d-%b-%Y", "%B %d, %Y", "%d. %B %Y", "%a, %d %b %Y", "%Y-%m", "%b %Y", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ", "%m/%d/%Y %I:%M %p", "%-m/%-d/%Y %-H:%M", "%-m/%-d/%Y %-I:%M:%S %p", "%m/%d/%Y %H:%M",
]  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
def test_formats_write_every_value_back(form):
    values = (MOMENTS if "M" in form else DAYS).dt.strftime(form).unique(maintain_order=True)
    found = find_date_format(values)
    assert found is not None
    assert not found.either_way
    assert parse_dates(values, found.format).dt.strftime(found.format).to_list() == values.to_list()
    assert found.format == form


@pytest.mark.parametrize(
    "values",
    [["31.12.2020", "31.02.2020"], ["2020-01-01", "soon"], ["1.5", "2.5"], ["A-1", "B-2"], ["12 May", "x"], []],
)
def test_what_is_no_date(values):
    assert find_date_format(pl.Series(values, dtype=pl.String)) is None


def test_one_personal_value_in_every_row_is_not_a_constant_to_copy() -> None:
    column = infer_column(pl.Series("iban", ["DE89370400440532013000"] * 20))
    assert (column.kind, column.personal) == ("text", "iban")


def test_words_of_which_hardly_any_could_be_shown_are_made_up():
    """As levels nearly all of them would come out as (rare)."""
    words = [
        a + b for a in ("wood", "rain", "snow", "fire", "hill", "lake", "moon", "star") for b in ("", "y", "er", "ing")
    ]
    names = [f"{a} {b}" for a in words for b in words][:400]
    column = infer_column(pl.Series("artist", names * 2))
    assert column.kind == "text"
    assert column.why == "most of its 400 levels are held by fewer than 5 rows: will be made up"
    known = infer_column(pl.Series("artist", ["Abba"] * 300 + names * 2))
    assert known.kind == "category"  # three of eleven rows hold a level to be shown
    codes = infer_column(pl.Series("seat", [f"{chr(65 + k % 26)}{k % 9}" for k in range(700)]))
    assert codes.kind == "text"  # made anew with more signs, lest they are real ones
