import numpy as np
import polars as pl
import pytest
from measure_tables import judged

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
