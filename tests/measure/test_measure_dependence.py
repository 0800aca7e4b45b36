"""What a column owes to the others: against regressions one by one, and what it sees that rates and pairs miss."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from measure_tables import PEOPLE, judged, people, score

from simulacra.contracts import Assessment
from simulacra.data.infer import infer_schema
from simulacra.measure import _additive
from simulacra.measure._additive import RIDGE, expect_from_others
from simulacra.measure.assess import compare
from simulacra.seeds import Seeds

BOTH = ("fidelity.dependence", "fidelity.adjusted_gap")


def assessed(synthetic: pl.DataFrame, rows: int = 2000) -> Assessment:
    return judged(synthetic, people(rows, 2), people(rows, 3), metrics=["fidelity.dependence"])


def verdicts(assessment: Assessment) -> dict[str, str]:
    return {result.gate.metric: result.verdict for result in assessment.gates}


def test_all_answers_of_one_inverse_equal_ridge_regressions_one_by_one() -> None:
    tables = compare(people(100, 1), people(300, 2), None, schema=PEOPLE, target="buys", seeds=Seeds(1))
    rows = {"synthetic": np.arange(100), "real": np.arange(300)}
    blocks = [_additive._block(tables, column, rows, 4) for column in tables.columns]
    wide = _additive._one_hot(blocks, "real")
    weights = _additive._fit(wide, blocks)
    centred = (wide - wide.mean(axis=0)).astype(np.float64)
    start = place = 0
    for block in blocks:
        own = np.zeros(wide.shape[1], dtype=bool)
        own[start : start + len(block.answers)] = True
        others, wanted = centred[:, ~own], centred[:, own] @ block.answers
        slow = np.linalg.solve(others.T @ others + RIDGE * np.eye(others.shape[1]), others.T @ wanted)
        found = weights[:, place : place + wanted.shape[1]]
        np.testing.assert_allclose(found[~own], slow, atol=1e-4)
        assert not found[own].any()
        start, place = start + len(block.answers), place + wanted.shape[1]
    assert start == wide.shape[1]
    assert place == weights.shape[1]


def test_fresh_rows_pass_and_a_fifth_of_the_labels_exchanged_does_not() -> None:
    fresh = people(2000, 1)
    assert verdicts(assessed(fresh)) == dict.fromkeys(BOTH, "pass")
    hit = np.random.default_rng(0).random(2000) < 0.3
    places = np.arange(2000)
    places[hit] = np.random.default_rng(1).permutation(places[hit])
    noisy = assessed(fresh.with_columns(fresh["buys"][places]))
    assert verdicts(noisy)["fidelity.dependence"] in ("warn", "fail")
    worst = score(noisy, "fidelity.dependence").parts[0].place
    assert worst in ("buys = yes", "buys = no", "income")
    assert "agrees with what the other columns say of it" in score(noisy, "fidelity.dependence").reason


def test_copies_are_expected_no_better_than_the_rows_they_equal() -> None:
    real = people(300, 2).with_columns(noise=pl.Series(np.random.default_rng(3).integers(0, 30, 300).astype(str)))
    tables = compare(
        real.sample(300, shuffle=True, seed=1), real, None, schema=infer_schema(real), target=None, seeds=Seeds(1)
    )
    found = expect_from_others(tables)
    assert found is not None
    errors = {side: ((found.truth[side] - found.guess[side]) ** 2).mean(axis=0) for side in ("synthetic", "real")}
    np.testing.assert_allclose(errors["synthetic"], errors["real"], rtol=1e-6)


def test_a_gap_widened_between_people_alike_in_all_else_is_named() -> None:
    fresh = people(4000, 1)
    rng = np.random.default_rng(0)
    against = (pl.col("region") == "north") & pl.Series(rng.random(4000) < 0.3)
    unfair = fresh.with_columns(pl.when(against).then(pl.lit("no")).otherwise("buys").alias("buys"))
    found = score(assessed(unfair, 4000), "fidelity.adjusted_gap")
    assert "region = north" in found.parts[0].place
    assert (found.value or 0) > (found.floor or 0) > 0
    assert "among people alike in all else the gap is" in found.reason


@pytest.mark.parametrize("rows", [1, 150])
def test_few_rows_are_no_answer(rows: int) -> None:
    for name in BOTH:
        found = score(assessed(people(rows, 1)), name)
        assert found.state == "undefined"
        assert found.reason.endswith("fewer than two columns to compare, or fewer than 200 rows")


def test_one_column_or_columns_without_an_answer_are_no_answer() -> None:
    one = PEOPLE.__class__((PEOPLE["age"],))
    frames = [people(300, seed).select("age") for seed in (1, 2)]
    tables = compare(*frames, None, schema=one, target=None, seeds=Seeds(1))
    assert expect_from_others(tables) is None
    spikes = pl.DataFrame({"age": [1] * 299 + [2], "income": [1.0] * 299 + [2.0]})
    two = PEOPLE.__class__((PEOPLE["age"], PEOPLE["income"]))
    assert expect_from_others(compare(spikes, spikes, None, schema=two, target=None, seeds=Seeds(1))) is None
