"""A table with a level "(rare)" of its own: the word keeps its meaning, and rare levels are not called so."""

import numpy as np
import polars as pl

import simulacra
from simulacra.data.constraints import parse_constraint
from simulacra.data.infer import infer_schema
from simulacra.data.lists import list_allowed


def products(rows: int = 1_000) -> pl.DataFrame:
    rng = np.random.default_rng(0)
    code = rng.choice(["A-1", "B-2", "(rare)"], rows, p=[0.5, 0.4, 0.1]).astype(object)
    code[: rows // 5] = [f"seldom {k // 2}" for k in range(rows // 5)]
    steak = np.where(code == "(rare)", "steak", np.where(rng.random(rows) < 0.5, "soup", "fish"))
    return pl.DataFrame({"code": code.astype(str), "dish": steak, "price": np.round(rng.gamma(3, 5, rows), 2)})


def test_the_own_level_keeps_its_share_and_what_goes_with_it() -> None:
    real = products()
    model = simulacra.Synthesizer(quality="fast").fit(real)
    made = model.sample(2_000)
    share = (made["code"] == "(rare)").mean()
    assert abs(share - 0.1) < 0.04  # of the fifth that rare levels hold it takes its part
    assert (made.filter(pl.col("code") == "(rare)")["dish"] == "steak").mean() > 0.6
    assert made["code"].str.starts_with("seldom").sum() == 0
    assert any("are drawn from the other levels" in note for note in model._model().notes)  # type: ignore[attr-defined]
    assert set(model.sample(50, given={"code": "(rare)"})["code"]) == {"(rare)"}


def test_combinations_with_it_are_those_of_the_word_itself() -> None:
    real = products()
    rule = parse_constraint({"combinations": ["code", "dish"]})
    allowed = list_allowed(rule, real, infer_schema(real))
    assert allowed is not None
    assert allowed.filter(pl.col("code") == "(rare)")["dish"].to_list() == ["steak"]
