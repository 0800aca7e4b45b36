"""Conformance: what every plug-in must keep, runnable on your own.

Each function raises AssertionError with a sentence that names the broken law. They run over the whole registry in this
project's own tests; call them in yours: `check_generator(MyGenerator())`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from polars.testing import assert_frame_equal

from ..contracts import FAMILIES, Check, Generator, Metric, Silent
from ..data.dataset import Dataset
from ..data.infer import infer_schema
from ..errors import ModelFileError
from ..measure.assess import compare
from ..seeds import Seeds

__all__ = ["check_check", "check_generator", "check_metric", "example_table"]


def example_table(rows: int = 400, *, seed: int = 0) -> Dataset:
    """Return a small made-up table with the common kinds of columns, nulls among them, and relations between them."""
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 80, rows)
    city = rng.choice(["Aachen", "Bonn", "Celle"], rows, p=[0.5, 0.3, 0.2])
    income = np.round(np.exp(rng.normal(9 + age / 80, 0.5)), 2)
    frame = pl.DataFrame(
        {
            "id": np.arange(10_000, 10_000 + rows),
            "age": age,
            "city": city,
            "income": pl.Series(income).set(pl.Series(rng.random(rows) < 0.1), None),
            "member": rng.random(rows) < age / 100,
            "joined": pl.Series(rng.integers(15_000, 20_000, rows)).cast(pl.Int32).cast(pl.Date),
            "country": ["DE"] * rows,
        }
    )
    return Dataset(frame, infer_schema(frame))


def check_generator(generator: Generator, data: Dataset | None = None) -> None:
    """Check the laws of `Generator` and `Fitted`: columns and dtypes, seeds, prefixes, and the saved model."""
    data = data or example_table()
    fitted = generator.fit(data, Seeds(1), Silent())
    rows = fitted.sample(50, Seeds(2))
    _law(rows.schema == data.frame.schema, "the columns and dtypes of the table come back, in order")
    _law(rows.height == 50, "as many rows come as were asked for")
    assert_frame_equal(rows, fitted.sample(50, Seeds(2)))
    assert_frame_equal(rows.head(20), fitted.sample(20, Seeds(2)))
    _law(not rows.equals(fitted.sample(50, Seeds(3))), "other seeds give other rows")
    again = generator.load(fitted.to_bytes())
    assert_frame_equal(rows, again.sample(50, Seeds(2)))
    _law(again.to_bytes() == fitted.to_bytes(), "a loaded model is saved as the same bytes")
    for damaged in (b"", b"not a model", fitted.to_bytes()[:-20]):
        _refuses(generator, damaged)


def check_check(make: Callable[..., Check]) -> None:
    """Check the laws of `Check`: one reason or null per row, rows in order, the real table itself mostly passes."""
    data = example_table()
    check = make(data.schema, data.frame)
    found = check(data.frame)
    _law(found.len() == len(data) and found.dtype == pl.String, "one string or null per row")
    _law(check(data.frame.head(0)).len() == 0, "no rows give no reasons")
    turned = check(data.frame.reverse())
    _law(found.reverse().equals(turned, null_equal=True), "a row's reason does not depend on its place")


def check_metric(metric: Metric) -> None:
    """Check the laws of `Metric`: names, families, finite numbers, states with reasons, the same numbers again."""
    data, other, kept = (example_table(seed=seed).frame for seed in (0, 1, 2))
    schema = example_table().schema
    for holdout in (kept, None):
        tables = compare(other, data, holdout, schema=schema, target="member", seeds=Seeds(5))
        scores = metric(tables)
        _law(bool(scores), "a metric gives at least one score, with a state if it has no value")
        for score in scores:
            _check_score(score)
        again = metric(compare(other, data, holdout, schema=schema, target="member", seeds=Seeds(5)))
        _law(scores == again, "the same tables and seeds give the same scores")


def _check_score(score: Any) -> None:
    _law(score.family in FAMILIES and score.name.startswith(score.family + "."), f"{score.name}: named family.measure")
    if score.state == "ok":
        numbers = [score.value, *(x for x in (score.low, score.high, score.floor) if x is not None)]
        _law(all(x is not None and math.isfinite(x) for x in numbers), f"{score.name}: its numbers are finite")
        _law(bool(score.reason), f"{score.name}: says in a sentence what the number means")
    else:
        _law(score.value is None and bool(score.reason), f"{score.name}: a missing value has a reason")
    if score.low is not None and score.high is not None:
        _law(score.low <= score.value <= score.high, f"{score.name}: the value lies in its interval")


def _refuses(generator: Generator, content: bytes) -> None:
    try:
        generator.load(content)
    except ModelFileError:
        return
    raise AssertionError("a damaged model must be refused with ModelFileError")


def _law(holds: bool, law: str) -> None:
    if not holds:
        raise AssertionError(f"broken law: {law}")
