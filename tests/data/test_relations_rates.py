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
        SchemaError, match=r"[Rr]ate needs a category, a number, and the number that is a multiple of it"
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
    for bad in (
        {"group": "gone"},
        {"held": "odd"},
        {"factors": [1.0]},
        {"factors": [float("nan")] * 4},
        {"base": "country"},
    ):
        with pytest.raises(ModelFileError):
            Rated.from_state(state | bad, columns)


TAXES = {"Bonn": ("DE", 0.19), "Celle": ("DE", 0.19), "Lyon": ("FR", 0.2), "Graz": ("AT", 0.2), "Basel": ("CH", 0.081)}


def orders(rows: int = 1500, *, gross_first: bool = False) -> pl.DataFrame:
    """Net, tax and gross of towns whose country decides the rate."""
    rng = np.random.default_rng(4)
    town = rng.choice(list(TAXES), rows, p=[0.3, 0.1, 0.3, 0.2, 0.1])
    net = np.round(np.exp(rng.normal(3.5, 0.8, rows)), 2)
    net = np.where(rng.random(rows) < 0.3, np.floor(net) + 0.99, net).round(2)
    tax = np.round(net * np.array([TAXES[name][1] for name in town]), 2)
    frame = pl.DataFrame({"country": [TAXES[name][0] for name in town], "town": town, "net": net, "tax": tax})
    frame = frame.with_columns(gross=(pl.col("net") + pl.col("tax")).round(2))
    return frame.select("gross", "net", "tax", "town", "country") if gross_first else frame


def cents(frame: pl.DataFrame, name: str) -> pl.Series:
    return (frame[name] * 100).round().cast(pl.Int64)


@pytest.mark.parametrize("gross_first", [False, True])
def test_what_a_rate_gives_is_computed_and_shifts_nothing(gross_first: bool) -> None:
    frame = orders(gross_first=gross_first)
    fitted = simulacra.Synthesizer(quality="fast").fit(frame)
    made = fitted.sample(3000)
    assert made["net"].mean() == pytest.approx(frame["net"].mean(), rel=0.1)
    assert (made["country"] == "DE").mean() == pytest.approx((frame["country"] == "DE").mean(), abs=0.04)  # type: ignore[operator]
    assert (cents(made, "net") % 100 == 99).mean() == pytest.approx(0.3, abs=0.06)
    assert (cents(made, "net") + cents(made, "tax") == cents(made, "gross")).all()
    rates = made["town"].replace_strict({name: rate for name, (_, rate) in TAXES.items()}, return_dtype=pl.Float64)
    assert (made["tax"] - made["net"] * rates).abs().max() <= 0.0051  # type: ignore[operator]


def test_sum_and_rate_are_solved_together_and_a_code_tells_the_level() -> None:
    fitted = simulacra.Synthesizer(quality="fast").fit(orders())
    known = pl.DataFrame(
        {
            "town": ["Basel", "Celle", None, None],
            "net": [200.0, None, 100.0, None],
            "tax": [None, None, 8.1, 20.0],
            "gross": [None, 119.0, None, 120.0],
        }
    )
    made = fitted.complete_told(known)
    assert made.left == {}
    assert made.rows["country"].to_list()[:3] == ["CH", "DE", "CH"]
    assert made.rows["country"][3] in ("FR", "AT")
    expected = [(200.0, 16.2, 216.2), (100.0, 19.0, 119.0), (100.0, 8.1, 108.1), (100.0, 20.0, 120.0)]
    assert made.rows.select("net", "tax", "gross").rows() == expected


def test_what_is_missing_beside_its_rate_stays_missing_as_often() -> None:
    frame = (
        orders()
        .drop("gross")
        .with_columns(
            tax=pl.when(pl.int_range(pl.len()) % 5 > 0).then(pl.col("tax")),
        )
    )
    made = simulacra.Synthesizer(quality="fast").fit(frame).sample(2000)
    assert made["tax"].null_count() / 2000 == pytest.approx(0.2, abs=0.05)
    assert made["net"].null_count() == 0
