"""Linear relations among many columns, coarse ones, and numbers that hardly fit a float."""

import numpy as np
import polars as pl
import pytest

from simulacra.data.infer import infer_schema
from simulacra.data.relations import dependent
from simulacra.data.relations.find import find_rules
from simulacra.data.relations.linear import linear_candidates
from simulacra.data.relations.sketch import Sketch


def rules(frame: pl.DataFrame) -> list[str]:
    return [str(relation.constraint) for relation in find_rules(frame, infer_schema(frame)) if relation.constraint]


def coarse(rows: int, columns: int) -> pl.DataFrame:
    """Whole numbers that three hidden factors explain but for less than rounding does: every triple looks dependent."""
    rng = np.random.default_rng(0)
    factors = rng.standard_normal((rows, 3))
    made = {f"c{k}": np.rint(300 * factors[:, 0] + 0.2 * factors[:, 1:].sum(axis=1) + k) for k in range(columns)}
    return (
        pl.DataFrame(made)
        .cast(pl.Int64)
        .with_columns((pl.col(name) + pl.Series(rng.integers(-1, 2, rows))).alias(name) for name in made)
    )


def test_of_the_triples_that_rounding_leaves_possible_a_bounded_number_is_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dependent, "MOST_TRIED", 50)
    frame = coarse(300, 30)
    sketch = Sketch.of(frame, infer_schema(frame).columns, times=False)
    rows = sketch.values
    deviation = rows.std(axis=0)
    scaled = (rows - rows.mean(axis=0)) / deviation
    unit = np.ones(30)
    spread = dependent.Spread(scaled.T @ scaled / len(rows), deviation, 3 * unit, unit)
    tried = [group for group in dependent.groups(spread, set(), exact=False, pivots=set) if len(group) == 3]
    assert 0 < len(tried) <= 50
    assert list(linear_candidates(sketch, times=False)) == []


def test_rounded_relations_are_found_among_coarse_columns() -> None:
    rng = np.random.default_rng(1)
    net, rate = rng.integers(100, 9_000, 600) / 100, rng.integers(100, 9_000, 600) / 100
    frame = coarse(600, 12).with_columns(
        net=net, rate=rate, mixed=np.round(0.37 * net + 1.4 * rate, 2), shown=np.rint(2.54 * net).astype(np.int64)
    )
    found = rules(frame)
    assert "shown = 2.54 * net" in found
    assert "mixed = 1.4 * rate + 0.37 * net" in found


def test_fractions_may_miss_their_sum_by_the_rounding_of_all() -> None:
    parts = np.random.default_rng(2).dirichlet([2, 3, 4], 500)
    frame = pl.DataFrame({name: np.round(100 * parts[:, k], 1) for k, name in enumerate("abc")})
    assert rules(frame) == ["a + b + c = 100"]


def test_numbers_whose_squares_no_float_holds_are_left_out() -> None:
    rng = np.random.default_rng(3)
    huge = rng.standard_normal(300) * 1e300
    net = rng.integers(1, 10_000, 300)
    frame = pl.DataFrame({"huge": huge, "tiny": huge * 1e-320 * 1e-250, "net": net, "gross": 2 * net + 5})
    assert rules(frame) == ["gross = 2 * net + 5"]
