"""What a person writes under `constraints:`, what it means for rows, and the errors it can meet."""

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.data.constraints import NOTHING, constraint_to_plain, parse_constraint, quote
from simulacra.data.infer import infer_schema
from simulacra.data.rules import Rules, check_constraints, refuse_broken
from simulacra.data.schema import Column, Schema
from simulacra.data.schema_file import schema_from_dict, schema_from_yaml, schema_to_dict, schema_to_yaml
from simulacra.errors import ModelFileError, SchemaError

FRAME = pl.DataFrame(
    {
        "low": [1, 2, 3, None],
        "mid": [1, 3, 2, 5],
        "high": [2.5, 3.0, 9.0, 9.0],
        "net": [10.0, 20.0, 30.0, 1.0],
        "gross": [12.35, 24.69, 37.04, 5.0],
        "unit price": [1.0, 2.0, 3.0, 4.0],
        "code": ["A001", "A002", "B1", None],
        "town": ["Bonn", "Celle", "Bonn", "Bonn"],
        "start": pl.Series(["2024-01-01", "2024-01-02", "2024-01-03", "2024-02-01"]).str.to_date(),
        "end": pl.Series(["2024-01-04", "2024-01-02", "2024-01-09", "2024-01-31"]).str.to_datetime("%Y-%m-%d"),
        "took": pl.Series([3, 0, 6, 1], dtype=pl.Int64).cast(pl.Duration("us")) * 86_400_000_000,
        "month": [1, 1, 1, 2],
    }
)
SCHEMA = Schema(
    (
        *(Column(name, "integer", dtype="Int64") for name in ("low", "mid")),
        Column("high", "real", dtype="Float64", decimals=1),
        Column("net", "real", dtype="Float64", decimals=2),
        Column("gross", "real", dtype="Float64", decimals=2),
        Column("unit price", "real", dtype="Float64", decimals=0),
        Column("code", "category"),
        Column("town", "category"),
        Column("start", "date", dtype="Date"),
        Column("end", "datetime", dtype="Datetime(us)"),
        Column("took", "duration", dtype="Duration(us)"),
        Column("month", "integer", dtype="Int64"),
    )
)


def kept(written: object) -> list[bool]:
    rule = parse_constraint(written)
    check_constraints(SCHEMA, [rule])
    return Rules.fit(replace(SCHEMA, constraints=(rule,)), FRAME).all_kept(FRAME).to_list()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("low <= mid", [True, True, False, True]),
        ("low < mid", [False, True, False, True]),
        ("mid >= low", [True, True, False, True]),
        ("low < mid <= high", [False, True, False, True]),
        ("mid != 3", [True, False, True, True]),
        ("2*(low + 1) - mid = 3", [True, True, False, True]),
        ("high <= 3", [True, True, False, False]),
        ("gross = net / 0.81", [True, True, True, False]),
        ("`unit price` <= low", [True, True, True, True]),
        ("town = 'Bonn'", [True, False, True, True]),
        ("code != town", [True, True, True, True]),
        ("start <= end", [True, True, True, False]),
        ("end = start + took", [True, True, True, False]),
        ("end - start <= 3 days", [True, True, False, True]),
        ("start < '2024-01-03'", [True, True, False, False]),
        ("month = month(start)", [True, True, True, True]),
        ("took >= 12 hours", [True, False, True, True]),
        ({"matches": {"column": "code", "pattern": r"A\d{3}"}}, [True, True, False, True]),
    ],
)
def test_a_rule_means_what_it_says(written, expected):
    assert kept(written) == expected


@given(
    st.lists(st.tuples(*[st.none() | st.integers(-5, 5)] * 3), min_size=1, max_size=20), st.sampled_from(["<=", "<"])
)
@settings(max_examples=25, deadline=None)
def test_a_sum_is_compared_as_python_compares_it(rows, sign):
    frame = pl.DataFrame(rows, schema=dict.fromkeys("abc", pl.Int64), orient="row")
    schema = Schema(tuple(Column(name, "integer", dtype="Int64") for name in "abc"))
    rules = Rules.fit(replace(schema, constraints=(parse_constraint(f"a + 2*b {sign} c - 1"),)), frame)
    for row, holds in zip(rows, rules.all_kept(frame), strict=True):
        a, b, c = row
        expected = None in row or (a + 2 * b <= c - 1 if sign == "<=" else a + 2 * b < c - 1)
        assert holds == expected


@pytest.mark.parametrize(
    "written",
    [
        "a <= b",
        {"unique": ["a"]},
        {"combinations": ["a", "b"]},
        {"matches": {"column": "a", "pattern": "x"}},
        {"found": "a = b"},
        {"found": {"combinations": ["a", "b"]}},
        {"found": "none"},
    ],
)
def test_what_is_read_is_written_the_same(written):
    rule = parse_constraint(written)
    assert constraint_to_plain(rule) == written
    assert parse_constraint(constraint_to_plain(rule)) == rule


def test_only_combinations_of_enough_real_rows_are_allowed():
    real = pl.DataFrame({"a": ["x"] * 100 + ["y"] * 100 + ["z"], "b": ["1"] * 100 + ["2"] * 100 + ["1"]})
    schema = Schema(
        (Column("a", "category"), Column("b", "category")), None, (parse_constraint({"combinations": ["a", "b"]}),)
    )
    rows = pl.DataFrame({"a": ["x", "x", "z", "y", None], "b": ["1", "2", "1", "2", "2"]})
    assert Rules.fit(schema, real).all_kept(rows).to_list() == [True, False, False, True, True]


def test_the_saved_lists_come_back_and_damage_is_noticed():
    rules = tuple(map(parse_constraint, ["low <= high", {"combinations": ["town", "month"]}]))
    schema = replace(SCHEMA, constraints=rules)
    fitted = Rules.fit(schema, pl.concat([FRAME] * 5))
    again = Rules.from_state(schema, fitted.to_state())
    assert again.reasons(FRAME).to_list() == fitted.reasons(FRAME).to_list()
    for state in ({"allowed": []}, {"allowed": [None, None]}, {"allowed": [None, {"town": ["a"]}]}, {}):
        with pytest.raises(ModelFileError):
            Rules.from_state(schema, state)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("low <= hgih", "(?i)did you mean 'high'"),
        ({"unique": ["lwo"]}, "(?i)did you mean 'low'"),
        ("low <=", "cannot be read"),
        ("low", "cannot be read"),
        ("low * mid <= 3", "cannot be read"),
        ("low <= $", "cannot be read at '\\$'"),
        ("__import__('os') <= low", "cannot be read"),
        ("year(3) <= low", "cannot be read"),
        ("(low <= 3", "cannot be read"),
        ("3 <= 4", "names no column"),
        ("low <= town", "'town' holds category values"),
        ("start <= low", "dates and numbers are mixed"),
        ("low <= 3 days", "numbers and times are mixed"),
        ("start + end <= took", "a date compares with a date"),
        ("start <= 'someday'", "is no date like"),
        ("hour(low) <= 3", "'low' has no hour"),
        ({"unique": "low"}, "unique needs a list"),
        ({"combinations": ["low"]}, "combinations needs a list of 2"),
        ({"matches": {"column": "code"}}, "matches needs a column and a pattern"),
        ({"matches": {"column": "code", "pattern": "("}}, "is no regular expression"),
        ({"found": {"withheld": "low"}}, "withheld needs a list of columns"),
        ({"sorted": ["low"]}, "there is no constraint 'sorted'"),
        (["low"], "is not a constraint"),
    ],
)
def test_a_wrong_rule_is_refused(written, message):
    with pytest.raises(SchemaError, match=message):
        check_constraints(SCHEMA, [parse_constraint(written, where="s.yaml, line 3")], "s.yaml, line 3")


@pytest.mark.parametrize(
    "rules",
    [
        ["low < mid", "mid < low"],
        ["low <= 3", "low >= 5"],
        ["low < mid", "mid <= high", "high <= low"],
        ["low = mid", "mid = low + 1"],
        ["start < '2024-01-01'", "start >= '2024-02-01'"],
    ],
)
def test_rules_against_each_other_are_named(rules):
    with pytest.raises(SchemaError, match="cannot hold together") as error:
        check_constraints(SCHEMA, map(parse_constraint, rules))
    assert all(repr(rule) in str(error.value) for rule in rules)


def test_a_rule_against_itself_is_named():
    with pytest.raises(SchemaError, match=r"(?i)no row can keep the constraint 'low < mid < low'"):
        check_constraints(SCHEMA, [parse_constraint("low < mid < low")])


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), max_size=8))
@settings(max_examples=40, deadline=None)
def test_strict_orders_contradict_exactly_when_they_go_in_a_circle(pairs):
    schema = Schema(tuple(Column(name, "integer", dtype="Int64") for name in "abcd"))
    rules = [parse_constraint(f"{a} < {b} + 0") for a, b in pairs if a != b]
    reach = {(a, b) for a, b in pairs if a != b}
    for _ in range(4):
        reach |= {(a, d) for a, b in reach for c, d in reach if b == c}
    if any(a == b for a, b in reach):
        with pytest.raises(SchemaError):
            check_constraints(schema, rules)
    else:
        check_constraints(schema, rules)


def test_a_rule_that_the_real_rows_break_is_refused_with_a_rounded_count():
    with pytest.raises(SchemaError, match=r"breaks the constraint 'low <= mid' in fewer than 10 of 4 rows"):
        refuse_broken(replace(SCHEMA, constraints=(parse_constraint("low <= mid"),)), FRAME)
    with pytest.raises(SchemaError, match="breaks the constraint 'unique: town'"):
        refuse_broken(replace(SCHEMA, constraints=(parse_constraint({"unique": ["town"]}),)), FRAME)


def test_schema_yaml_holds_rules_and_names_the_line_of_a_wrong_one():
    base = infer_schema(FRAME)
    rules = (parse_constraint("start <= end + 1 day"), parse_constraint({"found": {"combinations": ["town", "month"]}}))
    text = schema_to_yaml(replace(base, constraints=(*rules, NOTHING)))
    assert schema_from_yaml(text, where="s", base=base, frame=FRAME).constraints == (*rules, NOTHING)
    for rule, message in (
        ("- low < hihg", "hihg"),
        ("- low <= mid", "real table breaks"),
        ("- low <=", "cannot be read"),
    ):
        with pytest.raises(SchemaError, match=f"s.yaml, line 3: .*{message}"):
            schema_from_yaml(f"constraints:\n- mid <= 9\n{rule}\n", where="s.yaml", base=base, frame=FRAME)
    with pytest.raises(SchemaError, match="line 1: constraints must be a list"):
        schema_from_yaml("constraints: low <= mid\n", where="s.yaml", base=base)


def test_the_recipe_form_holds_rules():
    schema = replace(infer_schema(FRAME), constraints=(parse_constraint("mid <= 9"), NOTHING))
    described = schema_to_dict(schema)
    assert described["constraints"] == ["mid <= 9", {"found": "none"}]
    assert schema_from_dict(described, base=infer_schema(FRAME)).constraints == schema.constraints


def test_a_schema_knows_the_columns_of_its_rules():
    with pytest.raises(SchemaError, match=r"(?i)there is no column 'x'"):
        Schema((Column("a", "integer"),), None, (parse_constraint("a <= x"),))


def test_odd_names_are_quoted():
    assert parse_constraint(f"{quote('capital gain')} <= {quote('a.b')}").columns == ("capital gain", "a.b")
