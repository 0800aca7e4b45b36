"""Delimited text as it comes from offices, exports and instruments."""

import datetime as dt
import gzip

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.data import _csv
from simulacra.data.read import read_table
from simulacra.errors import DataError

MORNING = dt.datetime(2020, 1, 1, 3, 4)


@pytest.fixture
def load(tmp_path):
    """Write text or bytes to a file and read it as a table."""

    def write_and_read(content, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_table(path)

    return write_and_read


def column(load, *cells, separator=","):
    """Read a column of these cells beside one of letters."""
    rows = "".join(f'"{cell}"{separator}k{i}\n' for i, cell in enumerate(cells))
    loaded = load(f"x{separator}y\n{rows}")
    return loaded.frame["x"], loaded.notes


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(load, separator, end):
    rows = [["a", "b"], ["1", '"x, y; z|\tv"'], ["2", "w"]]
    frame = load(end.join(separator.join(row) for row in rows) + end).frame
    assert frame.to_dict(as_series=False) == {"a": [1, 2], "b": ["x, y; z|\tv", "w"]}


def test_quotes(load):
    frame = load('a,b\n"say ""hi""","two\nlines"\n"",""\n').frame
    assert frame.rows() == [('say "hi"', "two\nlines"), (None, None)]
    assert load("a,b\n'x, y','2'\n'z','3'\n").frame.rows() == [("x, y", 2), ("z", 3)]
    assert load('a, b\n1, "x, y"\n2, z\n').frame.rows() == [(1, "x, y"), (2, "z")]
    assert load('a,b\n1,5" disk\n2,4" disk\n').frame["b"].to_list() == ['5" disk', '4" disk']


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("cp1252", "the file is not UTF-8: read as Windows-1252 (Latin-1)"),
        ("latin-1", "the file is not UTF-8: read as Windows-1252 (Latin-1)"),
        ("utf-16", "the file is UTF-16: read as such"),
        ("utf-16-le", "the file is UTF-16: read as such"),
        ("utf-16-be", "the file is UTF-16: read as such"),
    ],
)
def test_encodings(load, encoding, note):
    loaded = load("näme,stadt\nJürgen,Köln\nZoë,Bern\n".encode(encoding))
    assert loaded.frame.to_dict(as_series=False) == {"näme": ["Jürgen", "Zoë"], "stadt": ["Köln", "Bern"]}
    assert loaded.notes == ((note,) if note else ())


def test_gzip(load):
    assert load(gzip.compress(b"a,b\n1,2\n"), "t.csv.gz").frame.rows() == [(1, 2)]
    assert load(gzip.compress(b'{"a": 1}\n'), "t.jsonl.gz").frame.rows() == [(1,)]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1", "-2", "+3"], [1, -2, 3]),
        (["9223372036854775807", "1"], None),
        (["1", "2", "?"], [1, 2, None]),
        (["1.5", "NA", "2", "-", "n/a"], [1.5, None, 2.0, None, None]),
        (["1.0", "2.0"], [1.0, 2.0]),
        (["1e3", "2.5E-1"], [1000.0, 0.25]),
        (["1.234,56", "2,5", "7"], [1234.56, 2.5, 7.0]),
        (["1,234.5", "12,345,678", "3"], [1234.5, 12345678.0, 3.0]),
        (["1,234", "2,345", "7"], [1234, 2345, 7]),
        (["1.234.567", "1.000.000"], [1234567, 1000000]),
        (["1 234,50", "999,00"], [1234.5, 999.0]),
        (["1\u202f234", "12\u00a0345"], [1234, 12345]),
        (["1'234.50", "2.00"], [1234.5, 2.0]),
        (["12,5", "3,25", "?"], [12.5, 3.25, None]),
        (["007", "012"], ["007", "012"]),
        (["12345678901234567890", "1"], ["12345678901234567890", "1"]),
        (["192.168.0.1", "10.0.0.1"], ["192.168.0.1", "10.0.0.1"]),
        (["1-2", "3-4"], ["1-2", "3-4"]),
        (["true", "FALSE", "NA"], [True, False, None]),
        (["2020-02-29", "", "1999-12-31"], [dt.date(2020, 2, 29), None, dt.date(1999, 12, 31)]),
        (["2020-01-01T03:04", "2020-01-01 03:04:05.5"], [MORNING, MORNING.replace(second=5, microsecond=500000)]),
        (["31.12.2020", "01.01.2021"], ["31.12.2020", "01.01.2021"]),
        (["31.12.2020", "NA", "-"], ["31.12.2020", None, None]),
        (["12/31/2020 14:05", "?"], ["12/31/2020 14:05", None]),
        (["31 Dec 2020", "none"], ["31 Dec 2020", None]),
        (["a", "NA", "None"], ["a", "NA", "None"]),
        (["a", "?", "N/A", "null"], ["a", None, None, None]),
        ([" padded ", "x"], ["padded", "x"]),
        (["?", "?"], [None, None]),
    ],
)  # fmt: skip
def test_what_cells_become(load, cells, values):
    if values is None:
        values = [int(cell) for cell in cells]
    assert column(load, *cells)[0].to_list() == values


def test_semicolon_files_leave_the_comma_to_decimals(load):
    assert column(load, "1,234", "5,678", separator=";")[0].to_list() == [1.234, 5.678]
    assert column(load, "1,234", "5,678")[0].to_list() == [1234, 5678]
    assert column(load, "1.5", "2.25", separator=";")[0].to_list() == [1.5, 2.25]


def test_moments_with_an_offset_become_utc(load):
    series, _ = column(load, "2020-01-01T03:04Z", "2020-06-01T03:04:05+02:00", "2020-06-01 03:04:05.25-0130")
    assert series.dtype == pl.Datetime("us", "UTC")
    assert series.dt.strftime("%F %T%.f").to_list() == [
        "2020-01-01 03:04:00", "2020-06-01 01:04:05", "2020-06-01 04:34:05.250"]  # fmt: skip
    assert column(load, "2020-01-01T03:04Z", "2020-06-01T03:04")[0].dtype == pl.String


def test_notes_say_what_was_read_as_missing(load):
    notes = load("a,b,c\n1,?,x\n2,y,?\nNA,z,w\n").notes
    assert notes == ("'NA' is read as missing in a", "'?' is read as missing in b, c")


def test_na_is_a_word_unless_the_file_means_missing_by_it(load):
    assert load("a,b\nx,NA\ny,z\nw,v\n").frame["b"].to_list() == ["NA", "z", "v"]
    assert load("a,b\n1,NA\nNA,z\n3,v\n").frame["b"].to_list() == [None, "z", "v"]
    assert load("a,b\nx,NA\nNA,z\nw,v\n").frame.null_count().row(0) == (1, 1)
    countries = load("n,land\n1,NA\nNA,DE\n3,FR\n4,US\n").frame["land"]
    assert countries.to_list() == ["NA", "DE", "FR", "US"]


def test_a_few_stray_words_do_not_make_numbers_a_text(load):
    series, notes = column(load, *map(str, range(200)), "about 7", "n.a.")
    assert series.dtype == pl.Int64
    assert series.null_count() == 2
    assert "1 of 202 values of column 'x' are not numbers (first in row 201): read as missing" in notes
    series, notes = column(load, *["2020-01-01"] * 99, "2021-02-30")
    assert series.dtype == pl.Date
    assert "1 of 100 values of column 'x' are not dates (first in row 100): read as missing" in notes
    assert column(load, *map(str, range(10)), "seven")[0].dtype == pl.String


def test_a_common_sign_is_left_out_and_said(load):
    series, notes = column(load, "$1,234.50", "-$2.00", "NA")
    assert series.to_list() == [1234.5, -2.0, None]
    assert "the sign '$' is left out of column 'x': its values are numbers" in notes
    assert column(load, "12 %", "7 %")[0].to_list() == [12, 7]


def test_headers(load):
    assert load("\n\nsep=;\n".replace("\n\n", "") + "a;b\n1;2\n").frame.rows() == [(1, 2)]
    loaded = load('"","x"\n"r1",5\n')
    assert (loaded.frame.columns, loaded.notes) == (
        ["column_1", "x"],
        ("column 1 has no name: it is called 'column_1'",),
    )
    loaded = load("x\ty\nr1\t1\t5\nr2\t3\t4\n", "t.tsv")
    assert loaded.frame.columns == ["row", "x", "y"]
    assert loaded.notes[0].startswith("the header has one name less than the rows have fields")
    assert load("a,b,\n1,2,\n3,4,\n").frame.columns == ["a", "b"]
    assert load("1,2,c\n3,4,x\n").notes[0].startswith("2 of 3 column names are numbers")


def test_columns_parted_by_spaces(load):
    assert load("Chins Situps Jumps\n5 162 60\n2 110 60\n").frame.rows() == [(5, 162, 60), (2, 110, 60)]
    assert load("what was said\nyes he did\nno she did\n").frame.columns == ["what was said"]


def test_blank_lines(load):
    assert load("\n\na,b\n1,2\n\n3,4\n\n").frame.rows() == [(1, 2), (3, 4)]
    assert load("a\n1\n\n3\n").frame["a"].to_list() == [1, None, 3]


def test_one_row_and_one_column(load):
    assert load("a\n1").frame.rows() == [(1,)]
    assert load('remark\nyes, well\nno; never "x"\n').frame["remark"].to_list() == ["yes, well", 'no; never "x"']


BAD = [
    ("", "the file is empty. Give a table"),
    ("\n \n", "the file is empty"),
    ("a,b\n", "there is a header and not one row"),
    ("a,b", "there is a header and not one row"),
    ("a,b,a\n1,2,3\n", "line 1: column names stand twice: 'a' (columns 1 and 3)"),
    ("1,2,1\n1,2,3\n", "column names stand twice: '1' (columns 1 and 3). If the file has no header line, add one"),
    ("1,1,1,1,1\n1,2,3,4,5\n", "'1' (columns 1, 2, 3, ...)"),
    ("5,2,x,y\n" + "1,2\n" * 20, "line 2 has 2 fields, the header has 4"),
    ("a,b\n1,2\n3\n", "line 3 has 1 field, the header has 2. Mend that line"),
    ("\na,b\n1,2\n\n\n3,4,5\n", "line 6 has 3 fields, the header has 2"),
    ('a,b\n"x\ny",2\n3,4,5\n', "line 4 has 3 fields"),
    ('a,b\n1,2\n1,"x\n3,4\n', "a quote that opens in line 3 is never closed"),
    ('a,b,c\n1,"x\n3,4\n5,6,7\n', "line 2 has 2 fields, the header has 3. Look for a quote in line 2"),
    (b"a,b\n1,\x81\xff\n", "line 2 holds the byte 0x81, which is neither UTF-8 nor Windows-1252"),
    ("näme,stadt\nJürgen,Köln\nä".encode() + b"\xff,2\n", "the file is UTF-8, but line 3 holds the byte 0xff"),
    (b"a,b\n1,\0\n", "line 2 holds a zero byte: this is not a text file"),
    (b"\xff\xfea\x00,\x00b\x00\n\x00\x00\xd8", "it begins as UTF-16 but byte"),
    ("a,b\n1,2\ninf,3\n", "column 'a' holds 1 infinite value"),
]


@pytest.mark.parametrize(("content", "message"), BAD, ids=[message[:40] for _, message in BAD])
def test_what_cannot_be_read_says_where(load, content, message):
    with pytest.raises(DataError) as caught:
        load(content)
    assert message in str(caught.value)
    assert "table.csv" in str(caught.value)


def test_a_broken_gzip_file(load):
    with pytest.raises(DataError, match=r"t\.csv\.gz: the gzip file is broken .* It may be cut short"):
        load(gzip.compress(b"a,b\n1,2\n" * 100)[:-20], "t.csv.gz")


words = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=("Zs", "Cc", "Cs")), max_size=6
)


@given(st.lists(st.tuples(words, words, st.integers(-99, 99)), min_size=1, max_size=8), st.sampled_from(",;\t|"))
@settings(max_examples=60, deadline=None)
def test_what_polars_writes_is_read_as_it_was(tmp_path_factory, rows, separator):
    path = tmp_path_factory.mktemp("law") / "t.csv"
    wanted = pl.DataFrame({"a": [f"w{a}" for a, _, _ in rows], "b": [f"v{b}\n,;|\"'w" for _, b, _ in rows],
                           "c": [c for _, _, c in rows]})  # fmt: skip
    wanted.write_csv(path, separator=separator)
    assert read_table(path).frame.equals(wanted)


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 1000])
def test_fields_are_counted_across_chunks(monkeypatch, chunk):
    body = b'1,"a,\nb",2\n\n3,"""",4\r\n\r\n5,6\n'
    monkeypatch.setattr(_csv, "_CHUNK", chunk)
    assert _csv._count_fields(body, _csv.Dialect(",")).tolist() == [3, 0, 3, 0, 2]
