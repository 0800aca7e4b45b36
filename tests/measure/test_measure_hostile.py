"""Tables of the kind that break a judge: each measure gives a number, or says why not; none breaks."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from simulacra.data.infer import infer_schema
from simulacra.errors import DataError
from simulacra.measure.assess import assess, compare, usual_metrics
from simulacra.seeds import Seeds

CHEAP = [name for name in usual_metrics(deep=True) if name not in ("fidelity.detection", "utility.tstr")]


def plain(rows: int, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return pl.DataFrame({
        "age": rng.integers(18, 90, rows), "Größe × b": rng.choice(["x", "y"], rows),
        "paid": np.round(rng.normal(size=rows), 2), "won": rng.integers(0, 2, rows).astype(bool),
    })  # fmt: skip


def zoned(rows: int, seed: int) -> pl.DataFrame:
    start = pl.Series("at", np.random.default_rng(seed).integers(1_600_000_000, 1_700_000_000, rows))
    at = pl.from_epoch(start, time_unit="s").dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Berlin")
    return plain(rows, seed).with_columns(at=at)


TABLES = {
    "12 rows": (lambda seed: plain(12, seed), None),
    "12 rows and a target": (lambda seed: plain(12, seed), "won"),
    "one column of numbers": (lambda seed: plain(150, seed).select("paid"), None),
    "one column of levels": (lambda seed: plain(150, seed).select("Größe × b"), None),
    "one constant": (lambda seed: plain(150, seed).select(pl.lit("same").alias("k")), None),
    "all null": (lambda seed: plain(150, seed).select(pl.lit(None, dtype=pl.Int64).alias("a")), None),
    "a column of nulls": (lambda seed: plain(150, seed).with_columns(none=pl.lit(None, dtype=pl.Float64)), None),
    "zones": (lambda seed: zoned(150, seed), None),
    "decimals, times, durations": (
        lambda seed: plain(150, seed).with_columns(pl.col("paid").cast(pl.Decimal(10, 2)), t=pl.lit(dt.time(3, 4)),
                                                   d=pl.duration(days=pl.col("age"))), None),
    "a constant target": (lambda seed: plain(150, seed).with_columns(k=pl.lit("x")), "k"),
}  # fmt: skip


@pytest.mark.parametrize("kind", list(TABLES))
def test_no_measure_breaks_on(kind: str) -> None:
    draw, target = TABLES[kind]
    synthetic, real, holdout = (draw(seed) for seed in (1, 2, 3))
    metrics = usual_metrics(deep=True) if real.height < 20 else CHEAP
    schema = infer_schema(real, target=target)
    tables = compare(synthetic, real, holdout, schema=schema, target=target, seeds=Seeds(1))
    scores = assess(tables, metrics=metrics).scores
    assert [score.reason for score in scores if score.state == "failed"] == []
    assert [score.name for score in scores if (score.value is None) != (score.state == "undefined")] == []
    assert [score.name for score in scores if not score.reason] == []


def test_a_column_that_is_all_missing_in_the_synthetic_rows_is_found() -> None:
    real = plain(300, 2)
    gone = plain(300, 1).with_columns(age=pl.lit(None, dtype=pl.Int64))
    tables = compare(gone, real, plain(300, 3), schema=infer_schema(real), target=None, seeds=Seeds(1))
    assessment = assess(tables, metrics=CHEAP)
    assert [score.reason for score in assessment.scores if score.state == "failed"] == []
    assert assessment.families["validity"].verdict == "fail"


def test_a_missing_column_is_named_and_an_extra_one_is_left_aside() -> None:
    real = plain(60, 2)
    schema = infer_schema(real)
    with pytest.raises(DataError, match="The synthetic rows have no column 'paid'"):
        compare(plain(60, 1).drop("paid"), real, None, schema=schema, target=None, seeds=Seeds(1))
    more = plain(60, 1).select(*reversed(real.columns)).with_columns(extra=pl.lit(1))
    tables = compare(more, real, None, schema=schema, target=None, seeds=Seeds(1))
    assert [column.name for column in tables.columns] == real.columns


def test_deep_measures_run_only_when_they_are_asked_for() -> None:
    assert set(usual_metrics(deep=True)) - set(usual_metrics()) == {"privacy.linkability"}
