"""Rates that a category decides: found with the reason, kept in every row, completed both ways."""

import numpy as np
import polars as pl
import pytest

import simulacra
from simulacra.data.constraints import parse_constraint
from simulacra.data.infer import infer_schema
from simulacra.data.relations.find import find_rules
from simulacra.data.relations.rated import Rated
from simulacra.data.rules import Rules, check_constraints
from simulacra.errors import ModelFileError, SchemaError

RATES = {"DE": 1.19, "FR": 1.2, "ES": 1.21, "CH": 1.077}


def sales(rows: int = 900) -> pl.DataFrame:
    rng = np.random.default_rng(0)
    country = rng.choice(list(RATES), rows)
    country[:3] = "XX"  # a level of too few rows
    factor = np.array([RATES.get(name, 3.7) for name in country])
    net = np.round(np.exp(rng.normal(4, 1, rows)), 2)
    frame = pl.DataFrame({"country": country, "tax": factor - 1, "net": net, "total": np.round(net * factor, 2)})
    return frame.with_columns(pl.col("tax").round(3), pl.Series("noise", np.round(rng.gamma(3, 9, rows), 2)))


def rules(frame: pl.DataFrame) -> list[str]:
    return [str(one.constraint) for one in find_rules(frame, infer_schema(frame))]


@pytest.fixture(scope="module")
def model() -> simulacra.Synthesizer:
    return simulacra.Synthesizer(quality="fast").fit(sales())


def test_the_rule_needs_every_row_and_two_rates() -> None:
    frame = sales()
    assert "rate: country, net, total" in rules(frame)
    assert "combinations: country, tax" in rules(frame)
    broken = frame.with_columns(total=pl.col("total") + (pl.int_range(pl.len()) == 500))
    assert "rate: country, net, total" not in rules(broken)
    one = frame.with_columns(total=(1.19 * pl.col("net")).round(2))
    assert not any(rule.startswith("rate") for rule in rules(one))
    mixed = frame.with_columns(total=pl.col("total").shuffle(seed=1))
    assert not any(rule.startswith("rate") for rule in rules(mixed))


def test_every_made_row_keeps_it_also_from_a_saved_model(model: simulacra.Synthesizer, tmp_path) -> None:
    made = model.sample(600)
    known = made.filter(pl.col("country").is_in(list(RATES)))
    factor = known["country"].replace_strict(RATES)
    assert known.height > 500
    assert (known["total"] - known["net"] * factor).abs().max() <= 0.005001  # type: ignore[operator]
    assert (known["tax"] - factor + 1).abs().max() < 1e-9  # type: ignore[operator]
    model.save(tmp_path / "m.sim")
    assert simulacra.Synthesizer.load(tmp_path / "m.sim").sample(600).equals(made)


def test_either_number_follows_from_the_other(model: simulacra.Synthesizer) -> None:
    known = pl.DataFrame({"country": ["DE", "CH"], "net": [100.0, None], "total": [None, 107.7]})
    made = model.complete_told(known)
    assert made.left == {}
    assert made.rows.select("net", "total", "tax").rows() == [(100.0, 119.0, 0.19), (100.0, 107.7, 0.077)]


def test_a_rule_by_hand_is_checked() -> None:
    frame = sales()
    schema = infer_schema(frame)
    with pytest.raises(
        SchemaError, match="[Rr]ate needs a category, a number, and the number that is a multiple of it"
    ):
        parse_constraint({"rate": ["country", "net"]})
    with pytest.raises(SchemaError, match="needs numbers in its second and third column"):
        check_constraints(schema, [parse_constraint({"rate": ["net", "country", "total"]})])
    wrong = simulacra.data.schema.Schema(
        schema.columns, constraints=(parse_constraint({"rate": ["country", "net", "noise"]}),)
    )
    with pytest.raises(SchemaError, match="'noise' is not 'net' times a rate that 'country' decides"):
        Rules.fit(wrong, frame)


def test_a_damaged_step_is_refused() -> None:
    frame = sales()
    columns = {column.name: column for column in infer_schema(frame)}
    step = Rated.fit(frame, (columns["country"], columns["net"], columns["total"]))
    assert step is not None
    state = step.to_state()
    assert Rated.from_state(state, columns) == step
    for bad in ({"group": "gone"}, {"factors": [1.0]}, {"factors": [float("nan")] * 4}, {"base": "country"}):
        with pytest.raises(ModelFileError):
            Rated.from_state(state | bad, columns)
