from __future__ import annotations

import json
import math
from dataclasses import replace

import jsonschema
import polars as pl
import pytest

from simulacra.contracts import Assessment, Score
from simulacra.report.document import document_schema, to_bytes, to_document
from simulacra.run.record import RunRecord


def check_schema(document: dict[str, object]) -> None:
    schema = json.loads(document_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(document)


def test_golden(record: RunRecord) -> None:
    document = to_document(record)
    check_schema(document)
    assert document["verdict"] == "fail"
    assert document["rows"] == {"synthetic": 300, "real": 300, "holdout": 40}
    assert document["columns"][0] == {"name": "age", "kind": "integer"}
    assert document["scores"][0] == {
        "name": "fidelity.shape", "family": "fidelity", "state": "ok", "value": 0.986, "low": 0.984, "high": 0.987,
        "floor": 0.993, "noise": 0.001, "better": "higher", "n": 300, "reason": "columns agree to 98.6 %",
        "parts": [{"place": "town", "value": 0.95, "floor": 0.99}, {"place": "age", "value": 0.98, "floor": 0.99}],
    }  # fmt: skip
    assert document["scores"][3]["value"] is None
    assert document["scores"][3]["state"] == "undefined"
    assert document["gates"][1] == {
        "metric": "fidelity.shape", "side": "at_least", "bound": 0.99, "of_floor": False, "warn": None,
        "verdict": "fail", "why": "0.986 where 0.99 was asked",
    }  # fmt: skip
    assert document["rejects"] == [
        {"step": "fresh", "reason": "a copy", "rows": 2},
        {"step": "domain", "reason": "age is negative", "rows": 1},
    ]
    assert document["families"]["privacy"] == {"verdict": "pass", "why": "no more copies than chance makes"}
    assert document["cost"] == {"cpu_seconds": 1.23, "rows_made": 16303.0}
    assert document["notes"] == ["names are made up"]
    assert document["facts"]["seed"] == "7"


def test_a_number_that_is_none_becomes_a_failed_score(record: RunRecord) -> None:
    scores = (Score("fidelity.x", "fidelity", value=math.nan, low=-math.inf, n=3), Score("fidelity.y", "fidelity"))
    broken = replace(record, assessment=Assessment("fail", {}, {}, scores, ()), cost={"cpu_seconds": math.inf})
    document = to_document(broken)
    check_schema(document)
    assert [(score["state"], score["value"], score["low"]) for score in document["scores"]] == [
        ("failed", None, None)
    ] * 2
    assert document["scores"][0]["reason"] == "The measure gave no number."
    assert b"NaN" not in to_bytes(document)
    assert b"Infinity" not in to_bytes(document)


def test_nan_is_never_written() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_bytes({"value": math.nan})


def test_a_judged_table_has_no_recipe_and_no_rejects(record: RunRecord) -> None:
    judged = replace(record, recipe="", rejects=pl.DataFrame(), real=None, holdout=None, cost={}, facts={}, notes=())
    document = to_document(judged)
    check_schema(document)
    assert document["rejects"] == []
    assert document["rows"]["real"] is None


def test_the_schema_refuses_what_is_not_promised(record: RunRecord) -> None:
    for key, value in (("verdict", "safe"), ("version", 2), ("surprise", 1)):
        with pytest.raises(jsonschema.ValidationError):
            check_schema({**to_document(record), key: value})
