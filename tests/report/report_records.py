"""A small fixed record, and one that is full of what must not get out."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from simulacra.contracts import Assessment, Finding, Gate, GateResult, Part, Score
from simulacra.data.dataset import Dataset, Lineage
from simulacra.data.schema import Column, Schema
from simulacra.run.record import RunRecord

SCHEMA = Schema(
    (
        Column("age", "integer", dtype="Int64"),
        Column("income", "real", dtype="Float64", decimals=2),
        Column("town", "category"),
        Column("member", "boolean", dtype="Boolean"),
        Column("joined", "date", dtype="Date"),
        Column("name", "text", personal="name"),
    ),
    target="member",
)


def make_table(rows: int, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    days = rng.integers(0, 900, rows).tolist()
    return pl.DataFrame(
        {
            "age": rng.integers(18, 80, rows),
            "income": np.round(rng.lognormal(10, 0.6, rows), 2),
            "town": rng.choice(["Aachen", "Bonn", "Celle"], rows, p=[0.6, 0.3, 0.1]),
            "member": rng.random(rows) < 0.4,
            "joined": [dt.date(2020, 1, 1) + dt.timedelta(days=day) for day in days],
            "name": [f"Person {seed}-{place}" for place in range(rows)],
        }
    )


def make_assessment() -> Assessment:
    scores = (
        Score(
            "fidelity.shape", "fidelity", value=0.986231, low=0.9841, high=0.9873, floor=0.9932, noise=0.001, n=300,
            reason="columns agree to 98.6 %", parts=(Part("town", 0.95, 0.99), Part("age", 0.98, 0.99)),
        ),
        Score("fidelity.detection", "fidelity", value=0.86, low=0.84, high=0.88, floor=1.0, n=300, reason="57 in 100"),
        Score("privacy.copies", "privacy", value=0.0, floor=0.0, better="lower", n=300, reason="no copies"),
        Score("utility.tstr", "utility", "undefined", reason="no target was named"),
    )  # fmt: skip
    gates = (
        GateResult(Gate("privacy.copies", "at_most", 0.002, of_floor=True), "pass", "0 where 0.002 was allowed"),
        GateResult(Gate("fidelity.shape", "at_least", 0.99), "fail", "0.986 where 0.99 was asked"),
    )
    families = {
        "fidelity": Finding("fail", "the column town differs from the real one"),
        "privacy": Finding("pass", "no more copies than chance makes"),
        "utility": Finding("unknown", "no target was named"),
    }
    return Assessment("fail", families, {"bias": Finding("unknown", "no group was named")}, scores, gates)


def make_record(rows: int = 300) -> RunRecord:
    rejects = pl.DataFrame({"step": ["fresh", "fresh", "domain"], "reason": ["a copy", "a copy", "age is negative"]})
    return RunRecord(
        recipe="simulacra: 1\nsource:\n  path: people.csv\n",
        synthetic=Dataset(make_table(rows, 2), SCHEMA, Lineage("table", "", 7, depth=1)),
        assessment=make_assessment(),
        real=make_table(rows, 1),
        holdout=make_table(40, 3),
        rejects=rejects.with_columns(batch=pl.Series([0, 1, 1], dtype=pl.Int64)),
        facts={"source": "people.csv", "method": "table", "quality": "best", "seed": "7", "version": "0.1.0"},
        cost={"cpu_seconds": 1.234567, "rows_made": 16303.0},
        notes=("names are made up",),
    )
