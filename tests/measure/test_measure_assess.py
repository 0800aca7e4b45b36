import numpy as np
import polars as pl
import pytest
from measure_tables import judged, people

from simulacra.data.infer import infer_schema
from simulacra.data.schema import Column, Schema
from simulacra.measure.assess import assess, compare
from simulacra.seeds import Seeds
from simulacra.testing import example_table


@pytest.mark.parametrize(("depth", "verdict"), [(None, "unknown"), (1, "pass"), (3, "warn")])
def test_descent_from_made_rows_is_a_risk_of_collapse(depth: int | None, verdict: str) -> None:
    data = example_table()
    kept = example_table(seed=1).frame
    tables = compare(kept, data.frame, None, schema=data.schema, target=None, seeds=Seeds(0), depth=depth)
    assert assess(tables, metrics=["validity.schema"]).risks["collapse"].verdict == verdict


def test_many_like_levels_raise_no_alarm() -> None:
    """Of 300 levels alike, those most frequent in one table are so by luck, and rarer in every other."""
    rng = np.random.default_rng(0)
    made, real = (
        pl.DataFrame({"code": [f"c{v}" for v in rng.integers(0, 300, 3000)], "kind": rng.choice(["a", "b"], 3000)})
        for _ in range(2)
    )
    schema = Schema((Column("code", "category"), Column("kind", "category")))
    assessment = judged(made, real, schema=schema, metrics=["fidelity.trend", "fidelity.shape", "fidelity.levels"])
    assert {result.verdict for result in assessment.gates} == {"pass"}


def pooled(seed: int, *, share: float = 0.3) -> tuple[pl.DataFrame, Schema]:
    """Return rows of which three in ten hold a town of their own."""
    rng = np.random.default_rng(seed)
    alone = [f"town {seed} {k}" for k in range(1000)]
    common = rng.choice(["Ulm", "Hof", "Celle"], 1000)
    frame = pl.DataFrame(
        {"town": np.where(rng.random(1000) < share, alone, common), "kind": rng.choice(["a", "b"], 1000)}
    )
    return frame, Schema((Column("town", "category"), Column("kind", "category")))


def test_levels_that_were_pooled_are_pooled_in_the_real_rows_too() -> None:
    (real, schema), (held, _) = pooled(1), pooled(2)
    hide = pl.when(pl.col("town").str.starts_with("town")).then(pl.lit("(rare)")).otherwise("town").alias("town")
    made = pooled(3)[0].with_columns(hide)
    names = ["fidelity.levels", "fidelity.shape", "fidelity.trend", "validity.schema", "diversity.categories"]
    assert {one.verdict for one in judged(made, real, held, schema=schema, metrics=names).gates} == {"pass"}
    too_many = pooled(3, share=0.5)[0].with_columns(hide)
    told = judged(too_many, real, held, schema=schema, metrics=["fidelity.levels"]).gates
    assert any(one.verdict == "fail" and "'town = (rare)'" in one.why for one in told)


def test_a_rare_level_that_stands_in_the_synthetic_rows_is_not_pooled() -> None:
    real, schema = pooled(1)
    made = real.with_columns(town=pl.Series(["(rare)", *real["town"][1:]]))
    tables = compare(made, real, None, schema=schema, target=None, seeds=Seeds(0))
    column = tables.by_name["town"]
    assert column.counts("real")[1 + column.labels.index("(rare)")] == int(real["town"][0].startswith("town"))
    assert set(made["town"]) <= set(column.labels)


def test_the_real_rows_themselves_fail_in_plain_words_without_a_hold_out() -> None:
    real = people(300, 2).with_columns(pay=pl.Series(np.arange(300)))
    found = assess(compare(
        real.sample(300, shuffle=True, seed=1), real, None, schema=infer_schema(real), target=None, seeds=Seeds(1)
    ))  # fmt: skip
    assert found.families["privacy"].verdict == "fail"
    assert found.families["privacy"].why.startswith("These are the real rows: 300 of 300 synthetic rows (100.00 %)")
    assert found.families["fidelity"].verdict == "pass"
    half = assess(compare(real.head(150), real, None, schema=infer_schema(real), target=None, seeds=Seeds(1)))
    assert "150 of 150 synthetic rows (100.00 %) equal a real row" in half.families["privacy"].why
