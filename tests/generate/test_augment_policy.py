"""The policy: grouped folds, paired trials, "do not augment", leaks, checks, what is delivered."""

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import simulacra
from simulacra.api.augmenting import _parts, records_of
from simulacra.contracts.rows import Record
from simulacra.data.constraints import parse_constraint
from simulacra.data.infer import infer_schema
from simulacra.errors import DataError, RecipeError
from simulacra.generate.augment.augmenting import Order, augment_records
from simulacra.generate.augment.checks import VariantChecks, teach
from simulacra.generate.augment.field import folds_of, make_field
from simulacra.generate.augment.leaks import count_duplicates, find_leaks
from simulacra.generate.augment.policy import Plan, choose
from simulacra.generate.augment.sources import Source, Variants, text_sources
from simulacra.generate.augment.students import TableStudent, TextStudent
from simulacra.generate.augment.trials import NONE, Candidate, Trials, training_rows
from simulacra.report.augment import summary_lines
from simulacra.seeds import Seeds
from simulacra.transform.noise import Keyboard
from simulacra.transform.tabular import RowMix

QUICK = Plan(folds=3, repeats=2, amount=1)
NOUNS = ["card", "account", "loan", "transfer", "fee", "refund"]


def examples(count=8):
    asked = [f"how do i get my {NOUNS[place % 6]} number {place}" for place in range(count)]
    said = [f"thank you for the {NOUNS[place % 6]} of week {place}" for place in range(count)]
    texts = [(text, "ask") for text in asked] + [(text, "say") for text in said]
    return [Record(f"r{place}", text, label) for place, (text, label) in enumerate(texts)]


class Informed:
    """A transform that knows the test: its variants hold the words that tell the classes apart."""

    name, kind, label, keeps, cost = "informed", "generation", "keeps", frozenset(), 0.0

    def __init__(self, right=True):
        self.right = right

    def apply(self, records, seeds):
        made = []
        for record in records:
            draw = seeds.child(record.identity).integer() % 10**9
            known = record.label if self.right else {"ask": "say", "say": "ask"}[record.label]
            told = np.random.default_rng(draw).choice(60, 6, False)
            text = " ".join([record.text, *(f"{known}{place}" for place in told)])
            made.append(
                Record(
                    f"{record.identity}~{draw}", text, record.label, parents=(record.identity,), operation="informed"
                )
            )
        return made


def hard(count=12):
    """Each text holds two of sixty words of its class: few texts share one."""
    rng = np.random.default_rng(3)
    return [
        Record(f"{label}{place}", " ".join(f"{label}{word}" for word in rng.choice(60, 2, False)), label)
        for label in ("ask", "say")
        for place in range(count)
    ]


def test_what_helps_is_chosen_and_what_harms_is_not():
    field = make_field(hard(), "accuracy")
    helps = choose(field, TextStudent(), {"informed": Source(Informed())}, Seeds(1), plan=QUICK)
    assert helps.candidate is not None
    assert helps.candidate.sources == ("informed",)
    assert helps.tried[0].gain > 0.1
    assert "augment with informed" in helps.says
    harms = choose(field, TextStudent(), {"informed": Source(Informed(right=False))}, Seeds(1), plan=QUICK)
    assert harms.candidate is None
    assert "do not augment" in harms.says
    assert harms.worth is None


def test_the_policy_says_the_same_again():
    field = make_field(examples(), "accuracy")
    one, two = (choose(field, TextStudent(), text_sources(), Seeds(2), plan=QUICK) for _ in range(2))
    assert one == two


def test_folds_keep_groups_and_spread_classes():
    records = examples(10)
    groups = np.arange(20) // 2
    field = make_field(records, "accuracy", groups)
    folds = folds_of(field, 5, np.random.default_rng(0))
    assert sorted(np.concatenate(folds).tolist()) == list(range(20))
    for fold in folds:
        assert all((place ^ 1) in fold for place in fold)
        assert abs((field.truth[fold] == 0).sum() - 2) <= 2


def test_trials_never_train_on_a_tested_example_or_its_variant():
    records = examples()
    field = make_field(records, "accuracy")
    seen = []

    class Spy:
        name = "spy"

        def fit(self, rows, weights, classes):
            assert len(rows) == len(weights)
            parents = {(row.parents or (row.identity,))[0] for row in rows}
            seen.append(len(rows))

            def score(asked):
                if not any(record.parents for record in asked):  # a teacher is asked about variants
                    assert not parents & {record.identity for record in asked}
                return np.ones((len(asked), len(classes)))

            return score

    variants = Variants({"keyboard": Source(Keyboard())}, Seeds(0))
    Trials(field, Spy(), variants, Seeds(0), 4).scores(Candidate("keyboard", ("keyboard",), 2), 0)
    assert len(seen) == 4 * (1 + 3)  # a student and the three of its teacher, for each fold
    assert max(seen) > 16


def test_training_rows_of_each_candidate():
    records = examples(4)
    variants = Variants({"keyboard": Source(Keyboard()), "mix": Source(RowMix(), alone=False)}, Seeds(0))
    rows, weights = training_rows(records, NONE, variants)
    assert rows == records
    rows, weights = training_rows(records, Candidate("d", amount=2, duplicates=True, weight=0.5), variants)
    assert len(rows) == 24
    assert weights.sum() == 16
    rows, weights = training_rows(records[:6], Candidate("b", balance=True), variants)
    assert weights[:4].sum() == pytest.approx(weights[4:].sum())
    rows, _ = training_rows(records, Candidate("k", ("keyboard",), 3), variants)
    assert len({row.text for row in rows}) == len(rows) == 32


def test_the_student_is_that_of_the_measures():
    from simulacra.measure.text._students import train_student

    records = examples()
    texts, labels = [record.text for record in records], [record.label for record in records]
    ours = TextStudent().fit(records, np.ones(len(records)), ("ask", "say"))(records)
    theirs = train_student(texts, labels).score(texts)
    assert np.abs(ours - theirs).max() < 0.02


def test_a_table_student_learns_and_reads_missing_cells():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=60) / 9
    cells = [{"x": float(place % 2 + noise[place]), "c": None if place % 5 else "q"} for place in range(60)]
    rows = [Record(str(place), "", "yes" if place % 2 else "no", fields=fields) for place, fields in enumerate(cells)]
    student = TableStudent.of(rows)
    scores = student.fit(rows, np.ones(60), ("no", "yes"))(rows)
    assert ((scores[:, 1] > 0.5) == [record.label == "yes" for record in rows]).mean() > 0.9
    one = student.fit(rows[1::2], np.ones(30), ("no", "yes"))(rows[:2])
    assert one[:, 1].tolist() == [1.0, 1.0]


def test_leaks_are_found_exact_and_near():
    train = [Record("a", "Where is my new card? I want it today."), Record("b", "How do I close the account?")]
    near = Record("t", "where is my new card, i want it today please")
    assert [leak.train for leak in find_leaks(train, [near])] == ["a"]
    assert find_leaks(train, [Record("t", "a different thing")]) == []
    rows = [Record("a", "", "x", fields={"n": 1}), Record("b", "", "x", fields={"n": 2})]
    assert [leak.train for leak in find_leaks(rows, [Record("t", "", "y", fields={"n": 2})])] == ["b"]
    assert count_duplicates([*train, Record("c", "where is my NEW card?  I want it today")]) == 1


def checked(variant, **settings):
    records = [
        Record("a", "please send 50 euros to my account now", "pay"),
        Record("b", "what a fine day it is today", "talk"),
    ]
    (verdict,) = VariantChecks(records, {"op": frozenset({"numbers"})}, **settings)([variant])
    return verdict


def variant(text, label="pay"):
    return Record("v", text, label, parents=("a",), operation="op")


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("please send 60 euros to my account now", "invariants"),
        ("please send 50 euros to my account now", "duplicates"),
        ("what a fine day it is today, 50", "other classes"),
        ("totally unrelated words 50", "similarity"),
        ("please transfer 50 euros to my account now", None),
    ],
)
def test_each_check_refuses_with_its_name(text, step):
    verdict = checked(variant(text))
    assert (verdict and verdict.step) == step


def test_what_comes_near_the_test_set_is_refused():
    test = [Record("t", "please transfer 50 euros to my account now")]
    assert checked(variant("please transfer 50 euros to my account now!"), test=test).step == "test set"


def test_the_teacher_never_saw_the_parent_and_refuses_another_label():
    records = examples()
    field = make_field(records, "accuracy")
    teacher = teach(field, TextStudent(), np.random.default_rng(0), folds=4)
    assert teacher.said["r0"] == "ask"
    turned = Record("v", "how do i thank you for the card of week", "ask", parents=("r0",), operation="op")
    fine = Record("w", "how do i get my card number soon", "ask", parents=("r0",), operation="op")
    verdicts = VariantChecks(records, {}, teacher=teacher)([turned, fine])
    assert verdicts[0].step == "teacher"
    assert verdicts[1] is None


def test_a_variant_may_not_be_much_less_like_its_class_than_its_source():
    records = examples()
    teacher = teach(make_field(records, "accuracy"), TextStudent(), np.random.default_rng(0), folds=4)
    dull = Record("v", "how do i gte ym card nmuber soon 0", "ask", parents=("r0",), operation="op")
    (label, belief), (_, own) = teacher.ask([dull])[0], teacher.ask([replace(records[0], parents=("r0",))])[0]
    assert own == pytest.approx(teacher.belief["r0"])
    assert (label, belief < 0.9 * own) == ("ask", True)
    (verdict,) = VariantChecks(records, {}, teacher=teacher)([dull])
    assert verdict.step == "teacher"
    assert "less like its class" in verdict.reason


@pytest.mark.parametrize(
    ("records", "metric", "seen"),
    [
        (examples()[:8], "accuracy", "1 class"),
        ([*examples()[:8], Record("x", "one", "rare")], "accuracy", "has one example"),
        ([*examples(), Record("x", "one", "c"), Record("y", "two", "c")], "auc", "for two classes"),
        ([*examples(), Record("x", "one", "c"), Record("y", "one", "c")], "accuracy", "all say the same"),
    ],
)
def test_examples_that_cannot_be_tried_are_told(records, metric, seen):
    with pytest.raises(DataError, match=seen):
        make_field(records, metric)


@pytest.mark.parametrize("factor", [0, 0.5, 101])
def test_a_factor_out_of_range_is_told(factor):
    with pytest.raises(RecipeError, match="not from 1 to 100"):
        augment_records(examples(), text_sources(), TextStudent(), Order(factor))


def test_what_is_asked_is_delivered_distinct_or_the_reason_is_told():
    sources = {"keyboard": Source(Keyboard())}
    result = augment_records(examples(), sources, TextStudent(), Order(4, anyway=True), plan=QUICK)
    texts = [record.text for record in (*result.real, *result.made)]
    assert len(set(texts)) == len(texts)
    assert result.asked == 48
    assert len(result.made) == 48 or result.shortfall
    few = [Record(f"{place}", f"{place * 37} {place * 4111}", "ab"[place % 2]) for place in range(6)]
    short = augment_records(few, sources, TextStudent(), Order(3, anyway=True), plan=QUICK)
    assert short.made == ()
    assert "12 of 12 variants are missing" in short.shortfall


def test_leaked_rows_are_left_out_before_anything_is_learned():
    records = examples()
    result = augment_records(
        records, text_sources(), TextStudent(), Order(2), test=[Record("t", records[0].text)], plan=QUICK
    )
    assert "r0" in {leak.train for leak in result.leaks}
    assert "r0" not in {record.identity for record in result.real}


def few_rows():
    return pl.DataFrame({"body": [one.text for one in examples()], "intent": [one.label for one in examples()]})


def test_a_bundle_tells_the_verdict_and_holds_its_parts(tmp_path):
    result = simulacra.augment(
        few_rows(), text="body", label="intent", factor=2, anyway=True, out=tmp_path, format="jsonl"
    )
    told = json.loads((tmp_path / "report.json").read_text())
    assert told["verdict"] in ("pass", "warn")
    assert told["rows"]["real"] == 16
    rows = pl.read_ndjson(tmp_path / "data.jsonl")
    assert rows.height == 16 + len(result.made)
    assert rows.columns == ["body", "intent", "_parent", "_operation", "_weight"]
    lineage = pl.read_parquet(tmp_path / "private" / "lineage.parquet")
    assert lineage.height == rows.height
    page = (tmp_path / "report.html").read_text()
    assert "What was tried" in page
    assert (tmp_path / "private").stat().st_mode & 0o077 == 0


def test_rows_of_a_table_are_varied_under_its_rules():
    rng = np.random.default_rng(1)
    net, tax = rng.integers(10, 90, 40), rng.integers(1, 9, 40)
    frame = pl.DataFrame({"net": net, "tax": tax, "total": net + tax + 5, "kind": np.where(net > 50, "high", "low")})
    schema = replace(infer_schema(frame), constraints=(parse_constraint("net + tax <= total"),))
    told = {"text": None, "label": "kind", "student": "tfidf", "protect": (), "schema": schema}
    records = records_of(frame, "kind", None)
    sources, student = _parts(frame, records, **told)
    assert student.columns == ("net", "tax", "total")
    made = [one for one in sources["row_mix"].transform.apply(records, Seeds(1)) if one is not None]
    assert len(made) > 10
    assert all(one.fields["net"] + one.fields["tax"] <= one.fields["total"] for one in made)
    free = [one for one in RowMix().apply(records, Seeds(1)) if one is not None]
    assert not all(one.fields["net"] + one.fields["tax"] <= one.fields["total"] for one in free)


@pytest.mark.parametrize(
    ("options", "seen"),
    [
        ({"label": "nothing", "text": "body"}, "no column 'nothing'"),
        ({"label": "intent", "text": "no"}, "no column 'no'"),
        ({"label": "body", "text": "body"}, "both text and label"),
        ({"label": "intent", "text": "body", "student": "oracle"}, "no student"),
    ],
)
def test_options_that_do_not_fit_are_told(options, seen):
    with pytest.raises((DataError, RecipeError), match=seen):
        simulacra.augment(few_rows(), **options)


def test_rows_without_text_are_no_examples():
    frame = pl.DataFrame({"body": ["", None], "intent": ["a", "b"]})
    with pytest.raises(DataError, match="no row with a label and a text"):
        simulacra.augment(frame, text="body", label="intent")


def test_rows_without_a_label_are_counted_and_a_column_missing_in_the_test_set_is_named_there():
    frame = few_rows().vstack(pl.DataFrame({"body": ["a word", "", "another"], "intent": [None, "ask", None]}))
    result = simulacra.augment(frame, text="body", label="intent", factor=2)
    assert result.skipped == 3
    assert "3 rows without a label or without a text were left out" in summary_lines(result)
    with pytest.raises(DataError, match="test set"):
        simulacra.augment(few_rows(), text="body", label="intent", test=pl.DataFrame({"body": ["x"]}))
    numbers = pl.DataFrame({"x": list(range(20)), "income": [float(10 * place) for place in range(20)]})
    with pytest.raises(DataError, match="one example") as told:
        simulacra.augment(numbers, label="income")
    assert "20 of 20 labels differ" in str(told.value.hint)
