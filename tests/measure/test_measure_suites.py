"""A fast part of the ground truth: graded leaks and flaws are caught and placed, controls raise no alarm."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from measure_tables import people

from simulacra.errors import DataError
from simulacra.measure.assess import assess, compare
from simulacra.measure.gates import worst_places
from simulacra.seeds import Seeds
from simulacra.testing.suites import CONTROLS, FLAWS, LEAKS, Case, control_cases, flaw_cases, leak_cases

FRAME = people(4800, 77).with_columns(
    sex=pl.Series(np.random.default_rng(5).choice(["f", "m"], 4800)),
    visits=pl.Series(np.random.default_rng(6).poisson(30, 4800)),
    score=pl.Series(np.random.default_rng(7).integers(0, 1000, 4800)),
)
PRIVACY = ["privacy.exposed", "privacy.verbatim", "privacy.membership", "privacy.copies", "privacy.reemission"]
CHEAP = [
    "fidelity.shape", "fidelity.trend", "fidelity.levels", "fidelity.missing", "fidelity.heaps", "fidelity.calendar",
    "fidelity.worst_triple", "fidelity.outcome", "diversity.range", "diversity.duplicates", "diversity.coverage",
    "validity.schema", "validity.constraints",
]  # fmt: skip


def alarm(case: Case, metrics: list[str]) -> tuple[bool, list[str]]:
    tables = compare(
        case.synthetic, case.real, case.holdout, schema=case.schema, target=case.schema.target, seeds=Seeds(1)
    )
    assessment = assess(tables, metrics=metrics)
    assert [score for score in assessment.scores if score.state == "failed"] == []
    return any(gate.verdict in ("warn", "fail") for gate in assessment.gates), worst_places(assessment)[:3]


@pytest.mark.parametrize("kind", [kind for kind in LEAKS if kind not in ("partial", "attribute")])
def test_leaks_that_must_be_seen_are_seen(kind: str) -> None:
    cases = [case for case in leak_cases(FRAME, rows=1200, seed=1, kinds=[kind]) if case.level == "must"]
    assert cases
    assert [case.strength for case in cases[-1:] if not alarm(case, PRIVACY)[0]] == []


@pytest.mark.parametrize("kind", list(CONTROLS))
def test_controls_raise_no_alarm(kind: str) -> None:
    for case in control_cases(FRAME, rows=1200, seed=2, kinds=[kind]):
        assert case.level == "clean"
        assert alarm(case, PRIVACY) == (False, [])


# What 1,200 rows can show by the cheap measures; `bench/validation.py` publishes the power of all.
SHOWN = ["mode_dropped", "shifted", "pair_broken", "xor_broken", "outcome_gap", "duplicate_flood", "rule_broken",
         "heaped", "missing_more", "spike", "impossible"]  # fmt: skip


@pytest.mark.parametrize("kind", SHOWN)
def test_the_largest_flaw_of_each_kind_is_seen_and_placed(kind: str) -> None:
    cases = list(flaw_cases(FRAME, rows=1200, target="buys", seed=3, kinds=[kind]))
    assert cases
    assert kind in FLAWS
    seen, places = alarm(cases[-1], CHEAP)
    assert seen
    assert not cases[-1].places or any(true in place for true in cases[-1].places for place in places), places


def test_cases_are_the_same_again_and_their_tables_disjoint() -> None:
    first, again = (next(leak_cases(FRAME, rows=300, seed=4, kinds=["noisy"])) for _ in range(2))
    assert first.synthetic.equals(again.synthetic)
    assert first.real.join(first.holdout, on=first.real.columns, nulls_equal=True).is_empty()


def test_a_table_too_small_to_be_divided_is_refused() -> None:
    with pytest.raises(DataError, match=r"The table has 399 rows\. Give at least 400: four disjoint samples"):
        next(leak_cases(FRAME.head(399)))


def test_protected_columns_named_or_proposed_are_compared_and_the_risk_is_judged() -> None:
    case = next(control_cases(FRAME, rows=1200, target="buys", kinds=["fresh"]))
    fewer = case.synthetic.filter((pl.col("sex") == "m") | (pl.int_range(pl.len()) % 2 == 0))

    def risk(synthetic: pl.DataFrame, protected: list[str] | None) -> str:
        tables = compare(
            synthetic, case.real, case.holdout, schema=case.schema, target="buys", seeds=Seeds(1), protected=protected
        )
        return assess(tables, metrics=["fidelity.outcome"]).risks["bias"].verdict

    assert risk(case.synthetic, None) == risk(case.synthetic, ["sex", "region"]) == "pass"
    assert risk(fewer, None) in ("warn", "fail")
    assert risk(fewer, ["region"]) == "pass"
    assert risk(fewer, []) == "unknown"


def test_a_gap_that_is_in_the_real_data_is_not_amplified_and_a_wider_one_is() -> None:
    rng = np.random.default_rng(0)
    cases = []
    for gap in (0.2, 0.2, 0.5):
        sex = rng.integers(0, 2, 3000)
        won = rng.random(3000) < 0.4 + gap * (sex - 0.5)
        cases.append(pl.DataFrame({"sex": np.array(["f", "m"])[sex], "won": np.array(["no", "yes"])[won.astype(int)]}))
    from simulacra.data.infer import infer_schema

    schema = infer_schema(cases[0], target="won")
    for synthetic, verdict in ((cases[1], "pass"), (cases[2], "fail")):
        tables = compare(synthetic, cases[0], None, schema=schema, target="won", seeds=Seeds(1))
        assert assess(tables, metrics=["fidelity.outcome"]).risks["bias"].verdict == verdict


def test_label_noise_shows_in_calibration_and_the_order_of_columns_is_told() -> None:
    case = next(control_cases(FRAME, rows=1200, target="buys", kinds=["fresh"]))
    noisy = case.synthetic.with_columns(
        pl.when(pl.int_range(pl.len()) % 5 < 4).then(pl.col("buys").shuffle(seed=1)).otherwise("buys").alias("buys")
    )
    found = {}
    for name, synthetic in (("clean", case.synthetic), ("noisy", noisy)):
        tables = compare(synthetic, case.real, case.holdout, schema=case.schema, target="buys", seeds=Seeds(1))
        assessment = assess(tables, metrics=["utility.tstr"])
        verdicts = {gate.gate.metric: gate.verdict for gate in assessment.gates}
        importance = next(score for score in assessment.scores if score.name == "utility.importance")
        found[name] = verdicts["utility.calibration"]
        assert importance.value is not None
        assert importance.parts
    assert found["clean"] == "pass"
    assert found["noisy"] in ("warn", "fail")
