"""What always holds between columns is found, and nothing else; the rewriting keeps it and gives the table back."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from simulacra.data.constraints import NOTHING, parse_constraint
from simulacra.data.infer import infer_schema
from simulacra.data.relations import Rewriting, find_relations, settle
from simulacra.data.rules import Rules
from simulacra.data.schema import Column, Schema
from simulacra.errors import ModelFileError


def planted(rows: int = 400, *, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    net = np.round(rng.lognormal(4, 1, rows), 2)
    tax = np.round(net * rng.uniform(0.05, 0.2, rows), 2)
    code = rng.integers(0, 12, rows)
    sold = pl.Series(rng.integers(18_000, 19_000, rows)).cast(pl.Int32).cast(pl.Date)
    share = rng.dirichlet([2, 3, 4], rows).round(3)
    begin = pl.Series(rng.integers(1_500_000_000, 1_520_000_000, rows) * 1_000_000).cast(pl.Datetime("us"))
    took = pl.Series(rng.exponential(3600, rows).astype(np.int64) * 1_000_000).cast(pl.Duration("us"))
    low = rng.normal(10, 5, rows).round(1)
    mid = (low + rng.exponential(2, rows).round(1)).round(1)
    pay = np.round(rng.lognormal(5, 1, rows), 2)
    size = rng.normal(0, 1, rows).round(2)
    return pl.DataFrame(
        {
            "net": net,
            "tax": tax,
            "total": np.round(net + tax, 2),
            "code": code,
            "label": np.array([f"item {letter}" for letter in "ABCDEFGHIJKL"])[code],
            "sold": sold,
            "month": sold.dt.month(),
            "a": share[:, 0],
            "b": share[:, 1],
            "c": (1 - share[:, 0] - share[:, 1]).round(3),
            "begin": begin,
            "end": begin + took,
            "low": low,
            "mid": mid,
            "high": (mid + rng.exponential(2, rows).round(1)).round(1),
            "pay": pay,
            "bill": np.where(rng.random(rows) < 0.15, pay, np.round(rng.lognormal(5, 1, rows), 2)),
            "feet": rng.integers(100, 900, rows),
            "size": size,
            "larger": (size + np.abs(rng.normal(0, 1, rows).round(2))).round(2),
            "twin": np.array(["red", "green", "blue"])[code % 3],
        }
    ).with_columns(metres=(pl.col("feet") * 0.3048).round(2), again=pl.col("twin"))


FOUND = {
    "copy": ["again = twin"],
    "part": ["month = month(sold)"],
    "linear": ["metres = 0.3048 * feet", "total = net + tax", "a + b + c = 1"],
    "function": ["combinations: code, label", "combinations: code, twin"],
    "order": ["low <= mid <= high", "size <= larger", "begin <= end"],
    "sometimes": ["bill equals pay in about 17 % of the rows"],
}


def test_each_kind_of_relation_is_found_with_its_reason_and_nothing_else():
    frame = planted()
    found: dict[str, list[str]] = {}
    for relation in find_relations(frame, infer_schema(frame)):
        text = relation.why if relation.constraint is None else str(relation.constraint)
        found.setdefault(relation.kind, []).append(text)
        assert relation.why
        assert relation.constraint is None or (relation.constraint.found and relation.constraint.why == relation.why)
    assert {kind: set(texts) for kind, texts in found.items()} == {kind: set(texts) for kind, texts in FOUND.items()}


def test_other_sums_are_written_as_a_person_would():
    rng = np.random.default_rng(1)
    parts = rng.integers(0, 900, (500, 4))
    hour, minute = rng.integers(0, 24, 500), rng.integers(0, 60, 500)
    frame = pl.DataFrame({name: parts[:, k] for k, name in enumerate("wxyz")}).with_columns(
        all=pl.sum_horizontal("w", "x", "y", "z"),
        net=pl.col("w") - pl.col("x"),
        clock=pl.Series(100 * hour + minute),
        hour=pl.Series(hour),
        minute=pl.Series(minute),
    )
    found = [str(relation.constraint) for relation in find_relations(frame, infer_schema(frame))]
    assert set(found) == {"w = x + net", "clock = 100 * hour + minute", "all = w + x + y + z"}


@pytest.mark.parametrize("order", [("net", "tax", "gross"), ("gross", "net", "tax"), ("tax", "gross", "net")])
@pytest.mark.parametrize("most", [900, 90_000, 90_000_000])
def test_an_exact_sum_is_found_before_a_rounded_share_of_it(order, most):
    rng = np.random.default_rng(5)
    net = rng.integers(100, most, 3000)
    tax = np.round(net * 0.19).astype(np.int64)
    whole = pl.DataFrame({"net": net, "tax": tax, "gross": net + tax, "fee": rng.integers(0, 900, 3000)})
    frame = whole.select(*order, "fee")
    schema = settle(frame, infer_schema(frame))
    found = [str(rule) for rule in schema.constraints]
    assert found[0] in ("gross = net + tax", "gross = tax + net")
    assert not any("gross" in rule for rule in found[1:])
    # Whatever net is drawn, the sum holds to the cent.
    rewriting = Rewriting.fit(frame, schema)
    inner = rewriting.forward(frame)
    other = inner.with_columns(pl.col("net") + 1) if "net" in inner.columns else inner
    made = rewriting.backward(other)
    assert (made["gross"] == made["net"] + made["tax"]).all()
    assert_frame_equal(rewriting.backward(inner), frame)


def test_an_exact_sum_with_a_free_part_is_found_before_a_rounded_one():
    rng = np.random.default_rng(6)
    net, freight = rng.integers(100, 90_000, 2000), rng.integers(0, 5_000, 2000)
    frame = pl.DataFrame({"net": net, "tax": np.round(net * 0.19).astype(np.int64), "freight": freight})
    frame = frame.with_columns(gross=pl.sum_horizontal("net", "tax", "freight"))
    found = [str(rule) for rule in settle(frame, infer_schema(frame)).constraints]
    assert found[0] == "gross = net + tax + freight"
    assert not any("gross" in rule for rule in found[1:])


def test_unrelated_columns_show_nothing():
    found = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        rows = int(rng.integers(50, 400))
        frame = pl.DataFrame(
            {
                "flag": rng.random(rows) < 0.02,
                "rare": rng.integers(0, 50, rows) // 49,
                "five": rng.integers(0, 5, rows),
                "word": rng.choice(["a", "b", "c"], rows),
                "many": rng.choice([f"k{i}" for i in range(rows // 2)], rows),
                "count": rng.poisson(3, rows),
                "money": rng.lognormal(3, 1, rows).round(2),
                "more": rng.lognormal(3.5, 1, rows).round(2),
                "normal": rng.normal(0, 1, rows),
                "day": pl.Series(rng.integers(18_000, 19_000, rows)).cast(pl.Int32).cast(pl.Date),
            }
        )
        found += [(seed, relation.why) for relation in find_relations(frame, infer_schema(frame))]
    assert found == []


def test_one_broken_row_is_enough_not_to_believe():
    frame = planted(3_000)
    broken = frame.with_columns(
        total=pl.when(pl.int_range(pl.len()) == 1_234).then(pl.lit(0.5)).otherwise("total"),
        label=pl.when(pl.int_range(pl.len()) == 1_234).then(pl.lit("other")).otherwise("label"),
    )
    found = {str(relation.constraint) for relation in find_relations(broken, infer_schema(broken))}
    assert not found & {"total = net + tax", "combinations: code, label"}


def test_few_rows_show_nothing():
    frame = planted(19)
    assert find_relations(frame, infer_schema(frame)) == ()


@pytest.mark.parametrize("missing", [False, True])
def test_the_rewriting_gives_the_table_back(missing):
    frame = planted(600)
    if missing:
        gone = pl.Series(np.random.default_rng(3).random(600) < 0.1)
        frame = frame.with_columns(
            pl.when(gone).then(None).otherwise(pl.col(name)).alias(name) for name in ("total", "end", "high", "tax")
        )
    schema = settle(frame, infer_schema(frame))
    rewriting = Rewriting.fit(frame, schema)
    inner = rewriting.forward(frame)
    assert inner.columns == rewriting.inner.names
    assert {"again", "month", "metres", "label", "twin"}.isdisjoint(inner.columns)
    assert_frame_equal(rewriting.backward(inner), frame)
    assert_frame_equal(rewriting.backward(inner.head(7)), frame.head(7))


def shuffled(inner: pl.DataFrame) -> pl.DataFrame:
    """Columns drawn apart from each other: the worst that a generator could do."""
    rng = np.random.default_rng(5)
    return inner.select(inner[name].gather(rng.permutation(inner.height)) for name in inner.columns)


def test_whatever_is_drawn_the_rewritten_rules_hold():
    frame = planted(600)
    schema = settle(frame, infer_schema(frame))
    rewriting = Rewriting.fit(frame, schema)
    rows = rewriting.backward(shuffled(rewriting.forward(frame)))
    rules = Rules.fit(schema, frame)
    assert {str(rule): int((~kept).sum()) for rule, kept in zip(rules.constraints, rules.kept(rows), strict=True)} == {
        str(rule): 0 for rule in rules.constraints
    }
    assert rows.schema == frame.schema


@given(st.integers(0, 10_000), st.sampled_from([pl.Int8, pl.Int64, pl.UInt16, pl.Float32]))
@settings(max_examples=15, deadline=None)
def test_a_told_sum_is_given_back_in_its_dtype(seed, dtype):
    rng = np.random.default_rng(seed)
    frame = pl.DataFrame({"a": rng.integers(0, 9, 60), "b": rng.integers(0, 9, 60)}).with_columns(
        t=pl.col("a") + pl.col("b")
    )
    frame = frame.cast(dtype)
    schema = replace(infer_schema(frame), constraints=(parse_constraint("t = a + b"), NOTHING))
    rewriting = Rewriting.fit(frame, schema)
    assert rewriting.inner.names == ["a", "b"]
    assert_frame_equal(rewriting.backward(rewriting.forward(frame)), frame)


def test_times_with_zones_and_text_dates_come_back():
    begin = pl.datetime_range(pl.datetime(2024, 1, 1), pl.datetime(2024, 3, 1), "3h", eager=True)
    frame = pl.DataFrame(
        {
            "begin": begin.dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Berlin"),
            "end": (begin + pl.duration(minutes=7)).dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Berlin")
            if False
            else begin.dt.offset_by("7m").dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Berlin"),
            "day": begin.dt.strftime("%d.%m.%Y"),
            "later": begin.dt.offset_by("2d").dt.strftime("%d.%m.%Y"),
        }
    )
    schema = infer_schema(frame)
    rules = tuple(map(parse_constraint, ["begin <= end", "day <= later"]))
    rewriting = Rewriting.fit(frame, replace(schema, constraints=(*rules, NOTHING)))
    assert len(rewriting.steps) == 2
    assert_frame_equal(rewriting.backward(rewriting.forward(frame)), frame)


def test_rare_codes_do_not_come_back_with_their_labels():
    rng = np.random.default_rng(2)
    code = np.append(rng.integers(0, 6, 500), [77, 78])
    frame = pl.DataFrame({"code": code, "label": [f"name {c}" for c in code]})
    rewriting = Rewriting.fit(frame, settle(frame, infer_schema(frame)))
    text = str(rewriting.to_state())
    assert rewriting.inner.names == ["code"]
    assert "name 5" in text
    assert "name 77" not in text
    rows = rewriting.backward(pl.DataFrame({"code": [77, 3, 1000, -5]}))
    assert rows.rows() == [(5, "name 5"), (3, "name 3"), (5, "name 5"), (0, "name 0")]


def test_pooled_codes_keep_a_label_of_their_own():
    rng = np.random.default_rng(2)
    town = [f"town {i}" for i in np.append(rng.integers(0, 8, 400), np.arange(100, 180))]
    frame = pl.DataFrame({"town": town, "land": [f"land {int(t[5:]) % 3}" for t in town]})
    schema = replace(infer_schema(frame), constraints=(parse_constraint({"combinations": ["town", "land"]}), NOTHING))
    schema = Schema(tuple(replace(column, kind="category") for column in schema), None, schema.constraints)
    rewriting = Rewriting.fit(frame, schema)
    assert rewriting.inner.names == ["town", "land"]
    rows = rewriting.backward(pl.DataFrame({"town": ["(rare)", "town 4"], "land": ["land 2", "land 2"]}))
    assert rows.rows() == [("(rare)", "land 2"), ("town 4", "land 1")]


def test_the_saved_rewriting_comes_back_and_damage_is_noticed():
    frame = planted(600)
    rewriting = Rewriting.fit(frame, settle(frame, infer_schema(frame)))
    state = rewriting.to_state()
    again = Rewriting.from_state(rewriting.schema, state)
    assert again.to_state() == state
    assert_frame_equal(again.backward(again.forward(frame)), frame)
    for number, step in enumerate(state["steps"]):
        for part in step:
            for wrong in (None, "nothing", 7, [], ["x"]):
                if type(wrong) is type(step[part]) and part in ("style", "why"):
                    continue
                steps = [*state["steps"]]
                steps[number] = {**step, part: wrong}
                with pytest.raises(ModelFileError):
                    Rewriting.from_state(rewriting.schema, {**state, "steps": steps})
    with pytest.raises(ModelFileError, match="uses a column that is gone"):
        Rewriting.from_state(rewriting.schema, {**state, "steps": [state["steps"][0]] * 2})


def test_settling_twice_adds_nothing_and_what_a_person_wrote_stands():
    frame = planted()
    schema = replace(infer_schema(frame), constraints=(parse_constraint("low <= high"),))
    once = settle(frame, schema)
    assert str(once.constraints[0]) == "low <= high"
    assert settle(frame, once) is once
    assert len(once.constraints) > 8
    unrelated = frame.select("net", "size")
    assert settle(unrelated, infer_schema(unrelated)).constraints == (NOTHING,)


def test_of_shares_of_a_whole_no_narrow_one_is_computed() -> None:
    """It would be made of the errors of the others."""
    rng = np.random.default_rng(0)
    rare = rng.integers(0, 5, 200)
    some = rng.integers(10, 30, 200)
    frame = pl.DataFrame({"most": 100 - rare - some, "some": some, "rare": rare})
    columns = tuple(Column(name, "integer", dtype="Int64") for name in frame.columns)
    rule = parse_constraint("most + some + rare = 100")
    rewriting = Rewriting.fit(frame, Schema(columns, constraints=(rule,)))
    assert "rare" in rewriting.inner.names
    assert len(rewriting.inner.names) == 2
    assert rewriting.backward(rewriting.forward(frame)).equals(frame)


def test_exact_sums_and_cuts_of_forty_rows_are_found_and_shuffled_ones_are_not():
    rng = np.random.default_rng(7)
    net = rng.integers(100, 20_000, 40)
    tax = net // 5
    age = rng.integers(18, 90, 40)
    group = np.array(["18-29", "30-49", "50-64", "65+"])[np.searchsorted([30, 50, 65], age, side="right")]
    frame = pl.DataFrame({"net": net / 100, "tax": tax / 100, "gross": (net + tax) / 100, "age": age, "group": group})
    found = {str(relation.constraint) for relation in find_relations(frame, infer_schema(frame))}
    assert {"gross = net + tax", "cut: age, group"} <= found
    apart = frame.select(pl.col(name).shuffle(seed=seed) for seed, name in enumerate(frame.columns))
    assert find_relations(apart, infer_schema(apart)) == ()
