"""New rows labelled by an ensemble: as many of each class, the same for any order, by the rules, better than none."""

from collections import Counter
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import simulacra
from simulacra.api.augmenting import augmented_frame
from simulacra.contracts.rows import Record
from simulacra.generate.augment.augmenting import Augmentation, Order, augment_records
from simulacra.generate.augment.checks import VariantChecks, teach
from simulacra.generate.augment.evidence import UNKNOWN, weigh
from simulacra.generate.augment.field import make_field
from simulacra.generate.augment.policy import Choice, Plan, candidates_of
from simulacra.generate.augment.sources import Source, Variants, content_of, table_sources
from simulacra.generate.augment.students import TableStudent
from simulacra.generate.augment.taught import Taught, by_share
from simulacra.generate.augment.trials import Candidate, training_rows, variants_of
from simulacra.report.augment import summary_lines
from simulacra.seeds import Seeds


def sloped(count, seed=0):
    """Return rows whose class follows a sum of six numbers: trees need many of them, a linear model few."""
    rng = np.random.default_rng(seed)
    cells = rng.normal(size=(count, 6)).round(3)
    high = cells.sum(axis=1) + 0.3 * rng.normal(size=count) > 1.2
    fields = [{**{f"x{one}": float(row[one]) for one in range(6)}, "c": "uv"[one % 2]} for one, row in enumerate(cells)]
    return [
        Record(f"r{seed}-{place}", "", "high" if up else "low", fields=own)
        for place, (own, up) in enumerate(zip(fields, high, strict=True))
    ]


def test_a_new_row_takes_its_cells_from_two_and_tells_so():
    rows = sloped(60)
    known = {row.identity: row for row in rows}
    made = [one for one in Taught().apply(rows, Seeds(1)) if one is not None]
    assert len(made) == 60
    for one in made:
        own, other = (known[parent].fields for parent in one.parents)
        assert all(one.fields[name] in (own[name], other[name]) for name in own)
        assert dict(one.fields) != dict(own)
        assert one.operation == "taught"
        assert 0 < one.parameters["belief"] <= 1
    counts, had = (Counter(one.label for one in some) for some in (made, rows))
    assert abs(counts["high"] - had["high"]) <= 1
    assert any(one.label != known[one.parents[0]].label for one in made)


def test_it_is_the_same_for_any_order_of_the_batch_and_another_for_another_seed():
    rows = sloped(40)
    first = Taught().apply(rows, Seeds(1))
    again = Taught().apply(rows[::-1], Seeds(1))[::-1]
    assert first == again
    assert first != Taught().apply(rows, Seeds(2))


def test_one_class_and_one_row_have_no_variants():
    rows = sloped(40)
    low = [row for row in rows if row.label == "low"]
    assert Taught().apply(low, Seeds(1)) == [None] * len(low)
    assert Taught().apply(rows[:1], Seeds(1)) == [None]


def test_missing_cells_and_words_are_learned_from():
    rows = [
        replace(row, fields={**row.fields, "x0": None if place % 3 == 0 else row.fields["x0"], "c": None})
        for place, row in enumerate(sloped(40))
    ]
    assert sum(one is not None for one in Taught().apply(rows, Seeds(1))) == 40


def test_rows_that_break_a_rule_are_drawn_again():
    made = Taught(lambda rows: [row if row["x0"] < row["x1"] else None for row in rows]).apply(sloped(60), Seeds(1))
    kept = [one for one in made if one is not None]
    assert len(kept) > 20
    assert all(one.fields["x0"] < one.fields["x1"] for one in kept)


@pytest.mark.parametrize("shares", [[0.9, 0.1], [0.5, 0.3, 0.2], [0.25, 0.75]])
def test_classes_get_their_shares_and_the_likeliest_rows(shares):
    scores = np.random.default_rng(0).dirichlet(np.ones(len(shares)), 300)
    places = by_share(scores, shares)
    counts = np.bincount(places, minlength=len(shares))
    assert counts / 300 == pytest.approx(shares, abs=0.01)
    if len(shares) == 2:
        assert scores[places == 1, 1].min() >= scores[places == 0, 1].max()


def test_classes_get_their_shares_where_scores_hardly_differ_or_are_equal():
    near = np.random.default_rng(0).uniform(0.499, 0.501, 400)
    equal = np.full(400, 0.5)
    for high in (near, equal):
        places = by_share(np.column_stack([1 - high, high]), [0.7, 0.3])
        assert (places == 1).sum() == 120
    many = np.random.default_rng(0).dirichlet(np.ones(11), 500)
    assert np.bincount(by_share(many, [0.9, *[0.01] * 10])).tolist() == [450, *[5] * 10]


def test_the_trials_learn_from_no_copies_as_a_delivery_has_none():
    rng = np.random.default_rng(0)
    rows = [
        Record(f"r{place}", "", "ab"[place % 2], fields={f"c{one}": "uv"[rng.integers(2)] for one in range(4)})
        for place in range(12)
    ]
    variants = Variants({"taught": Source(Taught(), alone=False)}, Seeds(0))
    one = Candidate("taught", ("taught",), 4)
    checks = VariantChecks(rows, {}, relabelled=variants.relabelled)
    every, _ = training_rows(rows, one, variants)
    distinct, weights = training_rows(rows, one, variants, checks=checks)
    made = [content_of(row) for row in distinct[12:]]
    assert 0 < len(made) < len(every) - 12
    assert len(set(made)) == len(made) == len(weights) - 12
    assert not set(made) & {content_of(row) for row in rows}
    first = {content_of(row): row for row in reversed(every[12:])}
    assert distinct[12:] == [first[content] for content in made]


def test_where_no_row_keeps_the_rules_there_are_no_variants():
    assert Taught(lambda rows: [None] * len(rows)).apply(sloped(20), Seeds(1)) == [None] * 20


def test_variants_with_labels_of_their_own_come_up_to_what_is_wanted_of_each_label():
    rows = sloped(40)
    variants = Variants({"taught": Source(Taught(), alone=False)}, Seeds(0))
    wanted = [2 * (row.label == "high") for row in rows]
    made = variants_of(rows, Candidate("taught", ("taught",), 2), variants, wanted)
    assert {one.label for one in made} == {"high"}
    assert 0 < len(made) <= sum(wanted)


def test_the_word_of_the_student_is_not_held_against_the_ensemble():
    rows = sloped(60)
    teacher = teach(make_field(rows, "auc"), TableStudent.of(rows), np.random.default_rng(0))
    made = [one for one in Taught().apply(rows, Seeds(1)) if one is not None]
    held = VariantChecks(rows, {}, teacher=teacher).verdicts(made)
    free = VariantChecks(rows, {}, teacher=teacher, relabelled=frozenset({"taught"})).verdicts(made)
    assert any(held)
    assert not any(free)


def test_it_is_chosen_where_it_helps_and_helps_on_rows_never_seen():
    rows, asked = sloped(80, seed=2), sloped(1500, seed=9)
    field, student = make_field(rows, "auc"), TableStudent.of(rows + asked)
    sources = {"taught": table_sources(rows)["taught"]}
    result = augment_records(rows, sources, student, Order(10, metric="auc"))
    assert result.used is not None
    assert result.used.sources == ("taught",)
    assert len(result.made) == 9 * 80
    truth, high = np.array([row.label == "high" for row in asked]), field.classes.index("high")

    def area(training, weights):
        scores = student.fit(training, np.array(weights), field.classes)(asked)[:, high]
        return float((scores[truth][:, None] > scores[~truth][None]).mean())

    plain = area(rows, [1.0] * 80)
    assert area([*result.real, *result.made], [1.0] * 80 + [result.used.weight] * 720) > plain + 0.01


def test_for_balance_it_goes_with_the_threshold_alone():
    rows = sloped(60)
    names = {
        one.name: one for one in candidates_of(table_sources(rows), make_field(rows, "balanced"), Plan(goal="balance"))
    }
    assert "taught" not in names
    assert names["taught and threshold"].threshold
    hard = candidates_of(table_sources(rows), make_field(rows, "auc"), Plan(goal="hard"))
    assert "taught" not in {one.name for one in hard}


def test_a_table_is_augmented_with_its_columns_and_lineage(tmp_path):
    rows = sloped(60)
    frame = pl.DataFrame([{**row.fields, "kind": row.label} for row in rows])
    result = simulacra.augment(frame, label="kind", factor=3, out=tmp_path)
    assert result.choice.candidate is not None
    made = pl.read_parquet(tmp_path / "data.parquet")
    assert made.columns == [*frame.columns, "_parent", "_operation", "_weight"]
    assert made.height == 180
    page = (tmp_path / "report.html").read_text()
    assert "on other data" in page


def test_what_follows_from_other_cells_is_computed_anew():
    rng = np.random.default_rng(2)
    net, tax = rng.integers(10, 90, 60), rng.integers(1, 9, 60)
    kind = np.where(net + rng.normal(size=60) > 50, "high", "low")
    frame = pl.DataFrame({"net": net, "tax": tax, "total": net + tax, "kind": kind})
    result = simulacra.augment(frame, label="kind", factor=3, anyway=True)
    assert len(result.made) > 30
    assert all(one.fields["net"] + one.fields["tax"] == one.fields["total"] for one in result.made)


def test_class_weights_are_delivered_as_weights():
    rows = sloped(30)
    tried = weigh(Candidate("class weights", balance=True), 0.1, 0.01, UNKNOWN, folds=5)
    choice = Choice(tried.candidate, 0.5, "balanced", "a student", (tried,))
    result = Augmentation(choice, tried.candidate, tuple(rows), (), 0, {}, ())
    frame = pl.DataFrame([{**row.fields, "kind": row.label} for row in rows])
    made = augmented_frame(result, frame, "kind", None)
    sums = made.group_by("kind").agg(pl.col("_weight").sum())["_weight"]
    assert sums[0] == pytest.approx(sums[1]) == pytest.approx(15)
    assert any("class weights" in line for line in summary_lines(result))
