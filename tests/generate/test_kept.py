"""Every delivered row keeps the rules: the found ones, and those a person wrote, also after saving."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import simulacra
from simulacra.check.constraints import Constraints
from simulacra.data.constraints import parse_constraint
from simulacra.data.dataset import Dataset
from simulacra.data.infer import infer_schema
from simulacra.data.relations import settle
from simulacra.data.rules import Rules
from simulacra.errors import DataError, SchemaError
from simulacra.generate.kept import Kept
from simulacra.measure.assess import assess, compare
from simulacra.seeds import Seeds


def orders(rows: int = 400) -> pl.DataFrame:
    rng = np.random.default_rng(4)
    net = np.round(rng.lognormal(3, 1, rows), 2)
    tax = np.round(net * rng.uniform(0.05, 0.2, rows), 2)
    low = rng.normal(0, 3, rows).round(1)
    begin = pl.Series(rng.integers(18_000, 18_400, rows)).cast(pl.Int32).cast(pl.Date)
    return pl.DataFrame(
        {
            "net": net,
            "tax": tax,
            "total": np.round(net + tax, 2),
            "low": low,
            "high": (low + rng.exponential(3, rows).round(1)).round(1),
            "begin": begin,
            "end": begin + pl.Series(rng.integers(0, 30, rows) * 86_400_000).cast(pl.Duration("ms")),
            "shop": rng.integers(0, 40, rows),
            "code": [f"{'AB'[k % 2]}{k % 30:03d}" for k in range(rows)],
        }
    )


TOLD = ("tax <= 0.3 * net", "net >= 2.5 * low - 40", "end <= begin + 40 days")


def test_found_and_told_rules_hold_in_every_row_also_after_saving(tmp_path):
    frame = orders()
    schema = replace(infer_schema(frame), constraints=tuple(map(parse_constraint, TOLD)))
    fitted = simulacra.Synthesizer(quality="fast", schema=schema).fit(frame)
    fitted.save(tmp_path / "m.sim")
    rows = fitted.sample(1_500)
    assert rows.equals(simulacra.Synthesizer.load(tmp_path / "m.sim").sample(1_500))
    assert rows.head(200).equals(fitted.sample(200))
    rules = Rules.fit(settle(frame, schema), frame)
    told = [str(rule) for rule in rules.constraints]
    assert {"total = net + tax", "low <= high", "begin <= end", *TOLD} <= set(told)
    assert rules.all_kept(rows).all()
    assert rows.schema == frame.schema


def test_unique_holds_over_all_rows_and_too_many_are_refused():
    frame = pl.DataFrame({"shop": [k % 40 for k in range(400)], "day": [k // 40 for k in range(400)]})
    rule = parse_constraint({"unique": ["shop", "day"]})
    fitted = simulacra.Synthesizer(quality="fast", schema=replace(infer_schema(frame), constraints=(rule,))).fit(frame)
    rows = fitted.sample(300)
    assert rows.height == 300
    assert not rows.is_duplicated().any()
    with pytest.raises(DataError, match="too many repeat what must be unique"):
        fitted.sample(401)


def test_rules_that_leave_no_rows_are_told():
    frame = orders()
    kept = Kept.fit(Dataset(frame, infer_schema(frame)))

    def draw(rows: int) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros((rows, 1), np.uint8), np.zeros((rows, 1))

    def decode(codes: np.ndarray, uniforms: np.ndarray, *, first_row: int) -> pl.DataFrame:
        return frame[np.zeros(len(codes) + first_row, np.int64)].with_columns(total=uniforms[:, 0])

    with pytest.raises(DataError, match=r"Of .* rows made, 0 keep the constraints \(total = net \+ tax"):
        kept.first_kept(5, draw, decode)


def test_a_rule_that_the_rows_break_stops_the_fit():
    frame = orders()
    wrong = replace(infer_schema(frame), constraints=(parse_constraint("low = 100"),))
    with pytest.raises(SchemaError, match="The real table breaks the constraint 'low = 100'"):
        Kept.fit(Dataset(frame, wrong))


def test_the_check_names_the_rule():
    frame = orders()
    check = Constraints(settle(frame, infer_schema(frame)), frame)
    wrong = frame.head(3).with_columns(total=pl.Series([frame["total"][0], 0.0, frame["total"][2]]))
    assert check(wrong).to_list() == [None, "total = net + tax is not kept", None]
    assert check(frame).null_count() == frame.height


def test_the_measure_counts_rows_that_break_what_holds_in_the_real_table():
    frame = orders()
    broken = frame.with_columns(high=pl.when(pl.int_range(pl.len()) < 40).then(pl.col("low") - 1).otherwise("high"))
    tables = compare(broken, frame, None, schema=infer_schema(frame), target=None, seeds=Seeds(0))
    (score,) = assess(tables, metrics=["validity.constraints"]).scores
    assert score.value == pytest.approx(0.9)
    assert score.floor == 1.0
    assert "low <= high (10.00 % of rows)" in score.reason
    alone = frame.select("net", "low")
    tables = compare(alone, alone, None, schema=infer_schema(alone), target=None, seeds=Seeds(0))
    (score,) = assess(tables, metrics=["validity.constraints"]).scores
    assert score.value == 1.0
    assert score.reason.startswith("no rule between columns holds")
