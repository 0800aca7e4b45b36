"""The whole judgement: clean samples pass, broken ones fail where they are broken, and nothing passes unseen."""

from __future__ import annotations

import sys

import polars as pl
import pytest
from measure_tables import PEOPLE, judged, people, score

from simulacra.contracts import FAMILIES, RISKS, Gate
from simulacra.data.schema import Column, Schema
from simulacra.errors import DataError, MissingError, RecipeError, SchemaError
from simulacra.measure._learn import _pools
from simulacra.measure.assess import assess, compare, usual_metrics
from simulacra.measure.gates import parse_gate
from simulacra.registry import names
from simulacra.seeds import Seeds

REAL, HOLDOUT, CLEAN = people(800, 1), people(400, 2), people(800, 3)
LEARNERS = {"fidelity.detection", "utility.tstr"}
CHEAP = [name for name in names("metric") if name not in LEARNERS]


def verdict_of(family: str, synthetic: pl.DataFrame, *metrics: str) -> str:
    return judged(synthetic, REAL, HOLDOUT, metrics=list(metrics)).families[family].verdict


def test_a_clean_sample_passes_everywhere() -> None:
    assessment = judged(CLEAN, REAL, HOLDOUT)
    assert {family: finding.verdict for family, finding in assessment.families.items()} == dict.fromkeys(
        FAMILIES, "pass"
    )
    assert assessment.verdict == "pass"
    assert all(finding.why.endswith(".") for finding in assessment.families.values())
    assert set(assessment.risks) == set(RISKS)
    assert assessment.risks["unvalidated"].verdict == "pass"


def test_at_most_one_in_a_hundred_clean_samples_raises_an_alarm() -> None:
    alarms = 0
    for seed in range(100):
        assessment = judged(people(150, 3 * seed), people(200, 3 * seed + 1), people(80, 3 * seed + 2), metrics=CHEAP)
        alarms += any(gate.verdict in ("warn", "fail") for gate in assessment.gates)
    assert alarms <= 1


def test_learned_measures_raise_no_alarm_on_clean_samples() -> None:
    for seed in range(8):
        assessment = judged(
            people(150, 5 * seed), people(200, 5 * seed + 1), people(80, 5 * seed + 2), metrics=sorted(LEARNERS)
        )
        assert [gate for gate in assessment.gates if gate.verdict in ("warn", "fail")] == []


def test_columns_shuffled_apart_fail_fidelity() -> None:
    shuffled = pl.DataFrame([CLEAN[name].shuffle(place) for place, name in enumerate(CLEAN.columns)])
    assessment = judged(shuffled, REAL, HOLDOUT, metrics=["fidelity.shape", "fidelity.trend"])
    assert assessment.families["fidelity"].verdict == "fail"
    worst = score(assessment, "fidelity.worst_pair").parts[0].place
    assert worst in {"income × buys", "region × income", "region × buys"}


def test_a_fifth_of_copied_rows_fails_privacy_and_counts_the_people() -> None:
    copied = pl.concat([CLEAN[:640], REAL[:160]])
    assessment = judged(copied, REAL, HOLDOUT, metrics=CHEAP)
    assert assessment.families["privacy"].verdict == "fail"
    exposed = score(assessment, "privacy.exposed")
    assert exposed.value is not None
    assert 100 <= exposed.value <= 165
    assert "can be found again" in exposed.reason


def test_real_values_of_a_nearly_unique_column_fail_privacy() -> None:
    assessment = judged(CLEAN.with_columns(REAL["income"]), REAL, HOLDOUT, metrics=CHEAP)
    assert assessment.families["privacy"].verdict == "fail"
    reemission = score(assessment, "privacy.reemission")
    assert reemission.parts[0].place == "income"


def test_rows_copied_with_one_value_changed_fail_privacy() -> None:
    assert verdict_of("privacy", REAL.with_columns(pl.col("income") + 0.01), "privacy.membership") == "fail"


def test_a_lost_category_fails_diversity_and_is_named() -> None:
    assessment = judged(CLEAN.filter(pl.col("region") != "south"), REAL, HOLDOUT, metrics=CHEAP)
    assert assessment.families["diversity"].verdict == "fail"
    assert assessment.risks["diversity"].verdict == "fail"
    assert "region = south" in score(assessment, "diversity.categories").reason


def test_rows_repeated_over_and_over_fail_diversity() -> None:
    assert verdict_of("diversity", pl.concat([CLEAN[:100]] * 8), "diversity.duplicates") == "fail"


def test_a_flipped_label_fails_utility() -> None:
    flipped = CLEAN.with_columns(
        pl.when(pl.col("buys") == "yes").then(pl.lit("no")).otherwise(pl.lit("yes")).alias("buys")
    )
    assert verdict_of("utility", flipped, "utility.tstr") == "fail"


def test_impossible_values_fail_validity_and_name_the_column() -> None:
    wrong = CLEAN.with_columns(pl.when(pl.int_range(pl.len()) < 80).then(-5).otherwise("age").alias("age"))
    assessment = judged(wrong, REAL, HOLDOUT, metrics=CHEAP)
    assert assessment.families["validity"].verdict == "fail"
    assert "'age'" in score(assessment, "validity.schema").reason


def test_a_shifted_column_is_named_first() -> None:
    shifted = CLEAN.with_columns(pl.col("since").dt.offset_by("5y"))
    assert score(judged(shifted, REAL, HOLDOUT, metrics=CHEAP), "fidelity.worst_column").parts[0].place == "since"


def test_without_a_holdout_privacy_and_utility_are_unknown_and_so_is_the_run() -> None:
    assessment = judged(CLEAN, REAL, None)
    assert assessment.families["privacy"].verdict == "unknown"
    assert "no hold-out" in assessment.families["privacy"].why
    assert assessment.families["utility"].verdict == "unknown"
    assert assessment.families["fidelity"].verdict == "pass"
    assert assessment.verdict == "unknown"


def test_without_gates_nothing_is_validated() -> None:
    tables = compare(CLEAN, REAL, HOLDOUT, schema=PEOPLE, target=None, seeds=Seeds(1))
    assessment = assess(tables, gates=(), metrics=["fidelity.shape"])
    assert assessment.verdict == "unknown"
    assert assessment.risks["unvalidated"].verdict == "unknown"
    assert all(finding.why for finding in assessment.families.values())


def test_own_gates_are_the_only_ones() -> None:
    tables = compare(CLEAN, REAL, HOLDOUT, schema=PEOPLE, target=None, seeds=Seeds(1))
    gates = [parse_gate("fidelity.shape >= 0.999999"), Gate("fidelity.trend", "at_least", 0.0)]
    assessment = assess(tables, gates=gates, metrics=["fidelity.shape"])
    assert [result.verdict for result in assessment.gates] == ["fail", "unknown"]
    assert assessment.gates[1].why == "fidelity.trend was not measured"


def test_a_run_is_repeatable_and_reports_its_steps() -> None:
    class Steps:
        def __init__(self) -> None:
            self.total, self.done = 0, 0

        def start(self, stage: str, total: int) -> None:
            assert stage == "measuring"
            self.total = total

        def advance(self, steps: int = 1) -> None:
            self.done += steps

        def note(self, text: str) -> None: ...

    steps = Steps()
    tables = [
        compare(CLEAN[:200], REAL[:200], HOLDOUT[:100], schema=PEOPLE, target="buys", seeds=Seeds(5)) for _ in range(2)
    ]
    first, second = assess(tables[0], progress=steps), assess(tables[1])
    assert first.scores == second.scores
    assert steps.done == steps.total == len(usual_metrics()) < len(usual_metrics(deep=True)) == len(names("metric"))


def test_one_broken_measure_is_told_and_costs_no_other() -> None:
    from simulacra.measure.shape import Shape

    def broken(*_: object) -> list[object]:
        raise ZeroDivisionError("by hand")

    kept = Shape.__call__
    Shape.__call__ = broken  # type: ignore[method-assign,assignment]
    try:
        assessment = judged(CLEAN, REAL, HOLDOUT, metrics=["fidelity.shape", "fidelity.trend"])
    finally:
        Shape.__call__ = kept  # type: ignore[method-assign]
    assert score(assessment, "fidelity.shape").state == "failed"
    assert "ZeroDivisionError: by hand" in score(assessment, "fidelity.shape").reason
    assert score(assessment, "fidelity.trend").state == "ok"
    assert assessment.families["fidelity"].verdict == "unknown"


def test_without_scikit_learn_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    _pools.cache_clear()
    with pytest.raises(MissingError, match=r"Scikit-learn is not installed\. Pip install 'simulacra\[tables\]'"):
        judged(CLEAN, REAL, HOLDOUT)


def test_a_missing_column_is_an_error_that_names_it() -> None:
    with pytest.raises(DataError, match=r"The synthetic rows have no column 'age'\. Compare tables with the same"):
        compare(CLEAN.drop("age"), REAL, None, schema=PEOPLE, target=None, seeds=Seeds(1))


def test_an_unknown_target_or_metric_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(SchemaError, match="Did you mean 'buys'"):
        compare(CLEAN, REAL, None, schema=PEOPLE, target="buy", seeds=Seeds(1))
    tables = compare(CLEAN, REAL, None, schema=PEOPLE, target=None, seeds=Seeds(1))
    with pytest.raises(RecipeError, match=r"Did you mean 'fidelity\.shape'"):
        assess(tables, metrics=["fidelity.shap"])


@pytest.mark.parametrize("rows", [(0, 0, None), (1, 1, 1), (0, 12, 2), (12, 12, None), (12, 12, 2), (2, 60, 40)])
def test_tiny_tables_give_states_and_reasons_not_errors(rows: tuple[int, int, int | None]) -> None:
    holdout = None if rows[2] is None else people(rows[2], 9)
    assessment = judged(people(rows[0], 7), people(rows[1], 8), holdout)
    for found in assessment.scores:
        assert found.state != "failed", found
        assert found.state == "ok" or (found.reason and found.value is None)


@pytest.mark.parametrize("kind", ["real", "category", "identifier", "text", "constant", "date"])
def test_a_column_of_nothing_and_a_table_of_one_column_are_judged(kind: str) -> None:
    schema = Schema((Column("only", kind),))  # type: ignore[arg-type]
    nothing = pl.DataFrame({"only": [None] * 60}, schema={"only": pl.String})
    same = pl.DataFrame({"only": ["1"] * 60})
    for frame in (nothing, same):
        assessment = judged(frame, frame, frame, schema=schema)
        assert [found for found in assessment.scores if found.state == "failed"] == []


def test_three_hundred_columns_are_judged_in_part_and_say_so() -> None:
    wide = [people(60, seed).select("income", "region") for seed in range(150)]
    frame = pl.concat([part.rename(lambda name, i=i: f"{name}{i}") for i, part in enumerate(wide)], how="horizontal")
    schema = Schema(tuple(Column(name, "real" if "income" in name else "category") for name in frame.columns))
    assessment = judged(frame[:25], frame[25:45], frame[45:], schema=schema)
    assert [found for found in assessment.scores if found.state == "failed"] == []
    assert "500 pairs drawn from 44850" in score(assessment, "fidelity.trend").reason


def test_a_bound_that_was_asked_for_and_not_measured_is_not_kept() -> None:
    tables = compare(CLEAN, REAL, HOLDOUT, schema=PEOPLE, target=None, seeds=Seeds(0))
    bounds = [parse_gate("privacy.copies <= floor + 0.5"), parse_gate("privacy.linkability <= 0.02")]
    asked = assess(tables, metrics=["privacy.copies", "privacy.exposed"], gates=bounds)
    assert asked.families["privacy"].verdict == "unknown"
    assert "linkability was not measured" in asked.families["privacy"].why


def test_a_handful_of_made_rows_passes_no_privacy() -> None:
    tables = compare(CLEAN.head(3), REAL, HOLDOUT, schema=PEOPLE, target=None, seeds=Seeds(0))
    found = assess(tables, metrics=["privacy.exposed", "privacy.copies"]).families["privacy"]
    assert found.verdict == "unknown"
    assert "number 3 (20 needed)" in found.why
