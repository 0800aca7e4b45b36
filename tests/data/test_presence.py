"""Rules on where a column has a value: read, judged, found, kept, contradicted."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.data.constraints import constraint_to_plain, parse_constraint
from simulacra.data.infer import infer_schema
from simulacra.data.relations import Rewriting, find_rules
from simulacra.data.rules import Rules, check_constraints, refuse_broken
from simulacra.data.schema import Column, Schema
from simulacra.errors import ModelFileError, SchemaError

COLUMNS = (
    Column("a", "integer", dtype="Int64"),
    Column("b", "integer", dtype="Int64"),
    Column("kind", "category"),
    Column("odd name", "boolean", dtype="Boolean"),
)
ROWS = pl.DataFrame(
    {
        "a": [1, None, None, 4, None],
        "b": [None, None, 3, 40, 50],
        "kind": ["x", "y|z", "x", None, "w"],
        "odd name": [True, False, None, True, False],
    }
)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("a missing where b missing", [False, True, True, True, True]),
        ("a missing only where b missing", [True, True, False, True, False]),
        ("a missing exactly where b missing", [False, True, False, True, False]),
        ("a present where b present", [True, True, False, True, False]),
        ("a present only where b missing", [True, True, True, False, True]),
        ("a present exactly where b present", [False, True, False, True, False]),
        ("a missing where kind = x", [False, True, True, True, True]),
        ("a missing where kind = x|w", [False, True, True, True, True]),
        ("a missing where kind = w|missing", [True, True, True, False, True]),
        ("a missing exactly where kind = missing|x", [False, False, True, False, False]),
        ("a missing exactly where b = missing|..3", [False, True, True, True, False]),
        ("a present only where kind = missing|x", [True, True, True, True, True]),
        ("a missing where kind = 'missing'|x", [False, True, True, True, True]),
        ("a present where kind = 'y|z'|w", [True, False, True, True, False]),
        ("a missing where b = ..40", [True, True, True, False, True]),
        ("a present only where b = 40..", [True, True, True, True, True]),
        ("a missing where `odd name` = true", [False, True, True, False, True]),
    ],
)
def test_a_rule_means_what_it_says(written, expected):
    rule = parse_constraint(written)
    schema = Schema(COLUMNS)
    check_constraints(schema, [rule])
    assert rule.presence.kept(ROWS, schema).to_list() == expected
    assert parse_constraint(constraint_to_plain(rule)) == rule
    # What must be missing is what breaks the rule by being there.
    must = rule.presence.must_miss(ROWS, schema)
    without = ROWS.with_columns(pl.when(must).then(None).otherwise(pl.col("a")).alias("a"))
    broken = ~rule.presence.kept(ROWS, schema) & ROWS["a"].is_not_null()
    assert (must & ROWS["a"].is_not_null()).to_list() == broken.to_list()
    assert not (~rule.presence.kept(without, schema) & without["a"].is_not_null()).any()


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (["a missing where a missing"], "names one column twice"),
        (["a missing where c missing"], "here is no column 'c'"),
        (["a missing where b = many"], "cannot be read"),
        (["a missing where b missing", "a present where b missing"], "cannot hold together"),
        (["a missing exactly where b missing", "a missing where b present"], "cannot hold together"),
        (["a missing exactly where b = missing|..3", "a present where b missing"], "cannot hold together"),
        (["a present only where kind = x", "a missing where kind = x", "a present where kind = x"], "cannot hold"),
    ],
)
def test_wrong_rules_are_refused(rules, message):
    with pytest.raises(SchemaError, match=message):
        check_constraints(Schema(COLUMNS), [parse_constraint(rule) for rule in rules])


def test_a_rule_on_values_that_no_row_has_is_refused():
    schema = Schema(COLUMNS, constraints=(parse_constraint("a missing where kind = zzz"),))
    with pytest.raises(SchemaError, match="no row of the real table has"):
        refuse_broken(schema, ROWS)


def shop(rows: int = 600, *, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    status = rng.choice(["sold", "returned", "open", "lost"], rows, p=[0.6, 0.2, 0.15, 0.05])
    began = rng.random(rows) > 0.1
    ended = began & (rng.random(rows) > 0.1)
    plain = lambda mask, values: pl.Series([v if m else None for m, v in zip(mask, values, strict=True)])  # noqa: E731
    return pl.DataFrame(
        {
            "status": status,
            "refund": plain(status == "returned", rng.integers(1, 900, rows).tolist()),
            "reason": plain((status == "lost") | (rng.random(rows) < 0.3), rng.choice(["x", "y"], rows).tolist()),
            "begin": plain(began, rng.integers(0, 999, rows).tolist()),
            "begin_by": plain(began, rng.choice(["ann", "bob", "cy"], rows).tolist()),
            "end": plain(ended, rng.integers(0, 999, rows).tolist()),
            "note": plain(rng.random(rows) > 0.5, rng.integers(0, 99, rows).tolist()),
        }
    )


def test_what_decides_missing_cells_is_found_and_nothing_else():
    frame = shop()
    schema = infer_schema(frame)
    found = {str(one.constraint): one.why for one in find_rules(frame, schema) if one.kind == "absence"}
    assert found == {
        "begin_by missing exactly where begin missing": (
            "begin_by is missing exactly where begin is missing, in every row"
        ),
        "end missing where begin missing": "end is missing where begin is missing, in every row",
        "refund present exactly where status = returned": (
            "refund is present exactly where status = returned, in every row"
        ),
    }


def test_apart_columns_are_found():
    rng = np.random.default_rng(1)
    first = rng.random(300) < 0.5
    frame = pl.DataFrame(
        {
            "card": [int(v) if m else None for m, v in zip(first, rng.integers(0, 99, 300), strict=True)],
            "cash": [int(v) if not m else None for m, v in zip(first, rng.integers(0, 99, 300), strict=True)],
        }
    )
    rules = [str(one.constraint) for one in find_rules(frame, infer_schema(frame))]
    assert rules == ["cash missing exactly where card present"]


@pytest.mark.parametrize("seed", range(5))
def test_unrelated_gaps_show_nothing(seed):
    rng = np.random.default_rng(seed)
    frame = pl.DataFrame(
        {
            f"c{k}": [
                int(v) if m else None for m, v in zip(rng.random(400) > 0.02 * k, rng.integers(0, 9, 400), strict=True)
            ]
            for k in range(1, 8)
        }
    )
    assert not [one for one in find_rules(frame, infer_schema(frame)) if one.kind == "absence"]


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_whatever_is_drawn_what_must_be_missing_is(data):
    frame = shop(200)
    schema = infer_schema(frame)
    rules = tuple(
        map(
            parse_constraint,
            [
                "end missing where begin missing",
                "refund present only where status = returned",
                "note missing where end missing",
            ],
        )
    )
    schema = Schema(
        schema.columns, constraints=tuple(rule for rule in rules if str(rule) != "note missing where end missing")
    )
    rewriting = Rewriting.fit(frame, schema)
    assert rewriting.backward(rewriting.forward(frame)).equals(frame)
    order = data.draw(st.permutations(range(200)))
    drawn = pl.DataFrame([frame[name][list(np.roll(order, place * 7))] for place, name in enumerate(frame.columns)])
    made = rewriting.backward(drawn)
    assert Rules.fit(schema, frame).all_kept(made).all()
    # Row by row: another order of the rows changes no row.
    assert rewriting.backward(drawn.reverse()).equals(made.reverse())


def test_the_saved_step_comes_back_and_damage_is_noticed():
    frame = shop(200)
    schema = infer_schema(frame)
    schema = Schema(schema.columns, constraints=(parse_constraint("end missing where begin missing"),))
    rewriting = Rewriting.fit(frame, schema)
    state = rewriting.to_state()
    again = Rewriting.from_state(rewriting.schema, state)
    drawn = frame.with_columns(pl.col("end").reverse())
    assert again.backward(drawn).equals(rewriting.backward(drawn))
    for rules, message in ((["end <= begin"], "do not fit"), (["end missing where nobody missing"], "do not fit")):
        with pytest.raises(ModelFileError, match=message):
            Rewriting.from_state(rewriting.schema, {**state, "steps": [{"kind": "absent", "rules": rules}]})


def test_missing_there_and_at_a_level_is_one_rule_and_true():
    rng = np.random.default_rng(3)
    work = [[None, "never", "office", "shop"][k] for k in rng.choice(4, 900, p=[0.1, 0.1, 0.4, 0.4])]
    both = pl.DataFrame(
        {"work": work, "job": [None if w in (None, "never") else "abc"[i % 3] for i, w in enumerate(work)]}
    )
    (rule,) = (one for one in find_rules(both, infer_schema(both)) if one.kind == "absence")
    assert str(rule.constraint) == "job missing exactly where work = missing|never"
    assert rule.why == "job is missing exactly where work is missing or = never, in every row"
    job = pl.Series(
        "job", [None if w == "never" or (w is None and i % 2) else "abc"[i % 3] for i, w in enumerate(work)]
    )
    some = both.with_columns(job)
    (rule,) = (one for one in find_rules(some, infer_schema(some)) if one.kind == "absence")
    assert str(rule.constraint) == "job missing exactly where work = never"
    assert rule.why == "job is missing exactly where work = never, in every row that has a work"
