import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.data.infer import infer_schema
from simulacra.data.schema import Column, Schema
from simulacra.data.schema_file import schema_from_dict, schema_from_yaml, schema_to_dict, schema_to_yaml
from simulacra.errors import SchemaError

FRAME = pl.DataFrame({
    "age": [17, 40, 90] * 40,
    "price": [1.5, 2.25, None] * 40,
    "town": ["Bern", "Rome", "Oslo"] * 40,
    "born": ["31.12.1980", "01.02.1991", "05.06.1972"] * 40,
    "mail": [f"p{i}@example.org" for i in range(120)],
    "sku": [f"AB-{i * 37:05d}" for i in range(120)],
    "day": [dt.date(2020, 1, 1), dt.date(2020, 1, 2), None] * 40,
    "when": pl.Series([dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 2), None] * 40).dt.replace_time_zone("UTC"),
    "span": [dt.timedelta(1), dt.timedelta(2), None] * 40,
    "ok": [True, False, None] * 40,
    "mixed": ["12", "13", "x1"] * 40,
    "clock": ["01:30", "02:40", None] * 40,
    "whole": [1.0, 5.0, None] * 40,
    "none": pl.Series([None] * 120),
    "yes": ["A", "B", "C"] * 40,
    'od"d: #name\n': [1, 2, 3] * 40,
})  # fmt: skip
BASE = infer_schema(FRAME, target="town")


def read(text, frame=FRAME):
    return schema_from_yaml(text, where="s.yaml", base=BASE, frame=frame)


def test_what_is_written_is_read_back():
    assert read(schema_to_yaml(BASE)) == BASE
    assert schema_from_yaml(schema_to_yaml(BASE), where="s", base=replace(BASE, target=None)).target == "town"
    assert read(schema_to_yaml(BASE), frame=None) == BASE
    assert list(yaml.safe_load(schema_to_yaml(BASE))["columns"]) == FRAME.columns


def test_the_page_says_why_and_how_much():
    text = schema_to_yaml(BASE)
    assert "  price:  # 2 different numbers, with at most 2 decimals\n" in text
    assert "    # 1.5 to 2.25; 2 different; 33.3% missing\n    kind: real\n    decimals: 2\n" in text
    assert "# kind: integer | real" in text
    without = schema_to_yaml(BASE.without_counts())
    assert "% missing" not in without
    assert "17 to 90" in text
    assert "17 to 90" not in without
    assert read(without) == BASE


def test_edits_are_laid_over():
    edited = read(
        "target: age\ncolumns:\n  age: category\n  price: {decimals: 1}\n  town: {personal: address, kind: text}\n"
    )
    assert edited.target == "age"
    assert edited.names == BASE.names
    assert (edited["age"].kind, edited["age"].why, edited["age"].dtype) == ("category", "set by hand", "Int64")
    assert edited["age"].decimals is None
    assert (edited["price"].kind, edited["price"].decimals) == ("real", 1)
    assert (edited["town"].kind, edited["town"].personal) == ("text", "address")
    assert edited["born"] == BASE["born"]
    assert edited["age"].seen == BASE["age"].seen
    assert read("columns:\n  mail:\n    personal: null\n")["mail"].personal is None
    assert read("columns:\n  mail:\n    personal: no\n")["mail"].personal is None
    assert read("columns:\n  yes: text")["yes"].kind == "text"
    assert read("target: null").target is None
    assert read("columns:\n  age:\n").columns == BASE.columns
    assert read("columns:") == BASE


POSSIBLE = [
    ("age", "real"), ("age", "category"), ("age", "identifier"), ("price", "category"), ("town", "text"),
    ("town", "identifier"), ("born", "category"), ("born", "text"), ("sku", "category"), ("day", "category"),
    ("ok", "category"), ("mixed", "text"), ("whole", "real"), ("whole", "identifier"), ("none", "constant"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kind"), POSSIBLE)
@pytest.mark.parametrize("frame", [FRAME, None], ids=["tried", "untried"])
def test_kinds_that_a_column_can_be(name, kind, frame):
    assert read(f"columns: {{{name}: {kind}}}", frame)[name].kind == kind


def test_dates_and_times_need_a_format_that_fits():
    text = "columns:\n  born:\n    kind: date\n    format: '%d.%m.%Y'\n"
    assert read(text) == BASE
    as_text = Schema(tuple(replace(c, kind="text", format=None) if c.name == "born" else c for c in BASE))
    assert schema_from_yaml(text, where="s", base=as_text, frame=FRAME)["born"].format == "%d.%m.%Y"
    clock = "columns: {clock: {kind: duration, format: '%H:%M'}}"
    assert read(clock)["clock"].format == "%H:%M"


BAD = [
    ("columns:\n  agee: {kind: integer}", "s.yaml, line 2: there is no column 'agee'. Did you mean 'age'?"),
    ("columns:\n  zzz: {kind: integer}", "line 2: there is no column 'zzz'. Known are: age, price"),
    ("columns:\n  age:\n    kid: real", "s.yaml, line 3: there is no property 'kid'. Did you mean 'kind'?"),
    ("columns:\n  age:\n    kind: intger", "s.yaml, line 3: the kind 'intger' does not exist. Did you mean 'integer'?"),
    ("colums:\n  age: real", "s.yaml, line 1: there is no key 'colums'. Did you mean 'columns'?"),
    ("columns:\n  mail: {personal: emial}", "line 2: the personal value 'emial' is not known. Did you mean 'email'?"),
    ("columns:\n  price: {decimals: two}", "line 2: decimals is 'two'. Give a whole number from 0 to 15, or null."),
    ("columns:\n  price: {decimals: 99}", "line 2: decimals is '99'"),
    ("target: twon", "s.yaml, line 1: there is no column 'twon'. Did you mean 'town'?"),
    ("columns:\n  age: real\n  age: real", "s.yaml, line 3: the column 'age' stands twice. Keep one of them."),
    ("columns:\n  - age", "s.yaml, line 2: a mapping (name: value) is needed here"),
    ("columns:\n  age: [real]", "s.yaml, line 2: a mapping (name: value) is needed here"),
    ("- age", "s.yaml: the file does not begin with `target:` and `columns:`"),
    ("", "s.yaml: the file is empty. `simulacra inspect TABLE -o FILE` writes a fresh one."),
    ("columns:\n  age: {kind: [", "s.yaml, line 2: not YAML ("),
    ("columns:\n  age: \x07", "s.yaml: not YAML ("),
    ("columns:\n  town: integer", "line 2: column 'town' cannot be integer: 120 of 120 values do not fit"),
    ("columns:\n  mixed: integer", "column 'mixed' cannot be integer: 40 of 120 values do not fit"),
    ("columns:\n  sku: real", "column 'sku' cannot be real: 120 of 120 values do not fit, most of them like AB-#####."),
    ("columns:\n  price: integer", "column 'price' cannot be integer: 80 of 80 values are not whole numbers"),
    ("columns:\n  price: text", "cannot be text: its values are of type Float64. It can be: integer, real, category"),
    ("columns:\n  day: integer", "cannot be integer: its values are of type Date. It can be: date, category"),
    ("columns:\n  when: date", "its values are of type Datetime(us, UTC). It can be: datetime, category"),
    ("columns:\n  span: real", "its values are of type Duration(us). It can be: duration, category"),
    ("columns:\n  ok: real", "its values are of type Boolean. It can be: boolean, category"),
    ("columns:\n  none: real", "its values are of type Null"),
    ("columns:\n  age: constant", "column 'age' cannot be constant: its values differ"),
    ("columns:\n  age: boolean", "column 'age' cannot be boolean: it has 3 levels"),
    ("columns:\n  town: date", "column 'town' cannot be date: a date held as text needs a format. Add one"),
    ("columns:\n  town: {kind: date, format: '%Y'}", "column 'town' cannot be date: 120 of 120 values do not fit"),
    ("columns:\n  born: {format: '%m.%d.%Y'}", "column 'born' cannot be date: 40 of 120 values do not fit"),
    ("columns:\n  born: {format: '%Q'}", "column 'born' cannot be date: 120 of 120 values do not fit"),
    ("columns:\n  town: duration", "column 'town' cannot be duration: times held as text need a format"),
    ("columns:\n  clock: {format: '%H:%M:%S'}", "column 'clock' cannot be duration: 80 of 80 values do not fit"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), BAD, ids=[repr(text) for text, _ in BAD])
def test_mistakes_are_found_with_their_line(text, message):
    with pytest.raises(SchemaError) as caught:
        read(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("columns:\n  town: integer", "column 'town' cannot be integer: not all its values are such numbers"),
        ("columns:\n  price: integer", "column 'price' cannot be integer: not all its values are whole numbers"),
    ],
)
def test_without_the_table_the_inference_decides(text, message):
    with pytest.raises(SchemaError) as caught:
        read(text, frame=None)
    assert message in str(caught.value)


def test_dictionaries_hold_no_counts_and_go_both_ways():
    described = schema_to_dict(BASE)
    assert described["columns"]["price"] == {"kind": "real", "dtype": "Float64", "decimals": 2}
    assert described["target"] == "town"
    assert "why" not in str(described)
    assert schema_from_dict(described, base=BASE) == BASE
    assert schema_to_dict(schema_from_dict(described)) == described
    edited = read("columns: {age: category, mail: {personal: null}}")
    again = schema_from_dict(schema_to_dict(edited), base=BASE)
    assert again == edited


@pytest.mark.parametrize(
    ("described", "message"),
    [
        ({"columns": {"agee": {"kind": "real"}}}, "There is no column 'agee'. Did you mean 'age'?"),
        ({"columns": {"age": {"kid": "real"}}}, "Column 'age' has no property 'kid'. Did you mean 'kind'?"),
        ({"columns": {"age": {"kind": "rael"}}}, "column 'age': the kind 'rael' does not exist. Did you mean 'real'?"),
        ({"columns": {"age": {"kind": "text"}}}, "column 'age' cannot be text: its values are of type Int64"),
        ({"columns": ["age"]}, "Columns must be a mapping of names to their properties"),
        ({"columns": {"age": "real"}}, "Columns must be a mapping of names to their properties"),
        ({"columns": {}, "target": "twon"}, "There is no column 'twon'. Did you mean 'town'?"),
    ],
)
def test_mistakes_in_dictionaries(described, message):
    with pytest.raises(SchemaError) as caught:
        schema_from_dict(described, base=BASE)
    assert message in str(caught.value)


names = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=12)


@given(st.lists(names, min_size=1, max_size=5, unique=True), names)
@settings(max_examples=80, deadline=None)
def test_any_column_name_survives(columns, form):
    schema = Schema(tuple(Column(name, "identifier", format=form, why="a\nkey # of") for name in columns), columns[0])
    assert schema_from_yaml(schema_to_yaml(schema), where="s", base=schema) == schema
