"""Small tables for the tests of the judge: one population, drawn as often as asked."""

from __future__ import annotations

import numpy as np
import polars as pl

from simulacra.contracts import Assessment, Score
from simulacra.data.schema import Column, Schema
from simulacra.measure.assess import assess, compare
from simulacra.seeds import Seeds

PEOPLE = Schema(
    (
        Column("region", "category"),
        Column("age", "integer", dtype="Int64"),
        Column("income", "real", decimals=2, dtype="Float64"),
        Column("since", "date", dtype="Date"),
        Column("buys", "category"),
    ),
    target="buys",
)


def people(rows: int, seed: int) -> pl.DataFrame:
    """Return rows of one population in which income depends on region and age, and the decision on income."""
    rng = np.random.default_rng(seed)
    region = rng.choice(4, rows, p=[0.5, 0.3, 0.15, 0.05])
    age = rng.integers(18, 80, rows)
    income = np.round(np.exp(rng.normal(9 + 0.4 * region + 0.01 * age, 0.5)), 2)
    buys = rng.random(rows) < 1 / (1 + np.exp(-2 * (np.log(income) - 9.7)))
    return pl.DataFrame(
        {
            "region": np.array(["north", "east", "south", "west"])[region],
            "age": age,
            "income": income,
            "since": pl.Series(rng.integers(10_000, 19_000, rows)).cast(pl.Int32).cast(pl.Date),
            "buys": np.where(buys, "yes", "no"),
        }
    ).with_columns(pl.when(pl.Series(rng.random(rows) < 0.1)).then(None).otherwise("age").alias("age"))


def judged(
    synthetic: pl.DataFrame,
    real: pl.DataFrame,
    holdout: pl.DataFrame | None = None,
    *,
    schema: Schema = PEOPLE,
    metrics: list[str] | None = None,
) -> Assessment:
    """Return the assessment with seed 1."""
    tables = compare(synthetic, real, holdout, schema=schema, target=schema.target, seeds=Seeds(1))
    return assess(tables, metrics=metrics)


def score(assessment: Assessment, name: str) -> Score:
    """Return the score of that name."""
    return next(score for score in assessment.scores if score.name == name)
