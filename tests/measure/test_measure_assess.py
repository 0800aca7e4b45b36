import pytest

from simulacra.measure.assess import assess, compare
from simulacra.seeds import Seeds
from simulacra.testing import example_table


@pytest.mark.parametrize(("depth", "verdict"), [(None, "unknown"), (1, "pass"), (3, "warn")])
def test_descent_from_made_rows_is_a_risk_of_collapse(depth: int | None, verdict: str) -> None:
    data = example_table()
    kept = example_table(seed=1).frame
    tables = compare(kept, data.frame, None, schema=data.schema, target=None, seeds=Seeds(0), depth=depth)
    assert assess(tables, metrics=["validity.schema"]).risks["collapse"].verdict == verdict
