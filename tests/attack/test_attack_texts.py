"""Robustness of text classifiers: what is tried, what is found, how small it gets, and nothing where nothing is."""

import importlib
import importlib.util
import json
import random
import re
from contextlib import suppress

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.api import edgecases_text
from simulacra.attack.records.journal import Journal
from simulacra.attack.texts.answers import Said, differs, read_answer
from simulacra.attack.texts.changes import adding, negating, replacing, usual_changes
from simulacra.attack.texts.search import search_texts
from simulacra.attack.texts.suite import make_suite
from simulacra.attack.texts.target import TextTarget
from simulacra.cli.main import run_command
from simulacra.errors import DataError, RecipeError
from simulacra.report.edgecases_text import explain_texts
from simulacra.seeds import Seeds
from simulacra.testing.targets import intents
from simulacra.transform.editing.edits import apply_edits

MESSAGES = [text for text, _ in intents.make_messages(60)]


def keyword(texts):
    return ["refund" if "refund" in text else "other" for text in texts]


def hunt(function, texts=tuple(MESSAGES), *, tests=None, skip=(), **options):
    target = TextTarget(function, **options)
    return search_texts(target, make_suite(tests or {}, Seeds(0), skip=skip), texts, Seeds(0)), target


def found(campaign):
    return {one.test for one in campaign.findings}


@pytest.mark.parametrize(
    ("value", "label", "score"),
    [
        ("spam", "spam", 1.0), (1, "1", 1.0), (True, "True", 1.0), ({"ham": 0.2, "spam": 0.8}, "spam", 0.8),
        ({"label": "spam", "score": 0.9}, "spam", 0.9), (("spam", 0.7), "spam", 0.7), ([0.1, 0.9], "spam", 0.9),
        ([{"label": "ham", "score": 0.3}, {"label": "spam", "score": 0.7}], "spam", 0.7),
        ({"label": "spam"}, "spam", 1.0),
    ],
)  # fmt: skip
def test_an_answer_is_read_in_every_form(value, label, score):
    said = read_answer(value, ("ham", "spam"))
    assert said.label == label
    assert said.place(label) == score


def test_a_bare_number_is_a_score_without_a_label():
    first, second = read_answer(0.5), read_answer(0.58)
    assert first.label is None
    assert differs(first, second, 0.05)
    assert not differs(first, second, 0.1)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "a NoneType is no answer"), ([], "a list is no answer"), (float("nan"), "a score is nan"),
        ([0.1, float("inf")], "a score is inf"), ({}, "an empty mapping is no answer"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused(value, said):
    with pytest.raises(ValueError, match=said):
        read_answer(value)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=80) | st.sampled_from(MESSAGES), st.integers(0, 99))
def test_every_usual_change_is_a_list_of_edits_and_the_same_again(text, seed):
    for change in usual_changes():
        edits = list(change.make(text, Seeds(seed)))
        assert edits == list(change.make(text, Seeds(seed)))
        if edits:
            changed, _ = apply_edits(text, edits)
            assert changed != text


def test_changes_do_what_they_say():
    text = "My card 445512 isn't here, Katarina told me in Krefeld."
    made = {one.name: apply_edits(text, one.make(text, Seeds(3)))[0] for one in usual_changes()}
    assert made["all capitals"] == text.upper()
    assert made["no mark at the end"] == text[:-1]
    assert "Katarina" not in made["names swapped"]
    assert "Krefeld" not in made["places swapped"]
    assert "Katarina" in made["places swapped"]
    assert "445512" not in made["long numbers swapped"]
    assert "isn’t" in made["curly quotes"]
    assert "is not here" in made["contractions"]
    assert "https://" in made["a link added"]
    assert made["line break at the end"] == text + "\n"


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("It is good.", "It is not good."),
        ("It is not good.", "It is good."),
        ("Is it good?", "Is it good?"),
        ("Ok", "Ok"),
    ],
)
def test_a_negation_is_put_in_or_taken_out(text, negated):
    change = negating("n", "negation")
    assert apply_edits(text, change.make(text, Seeds(0)))[0] == negated


def test_phrases_are_added_and_words_replaced():
    assert apply_edits("Fine", adding("a", "b", ["Bye."]).make("Fine", Seeds(0)))[0] == "Fine. Bye."
    assert apply_edits("Fine", adding("a", "b", ["Well,"], before=True).make("Fine", Seeds(0)))[0] == "Well, Fine"
    assert apply_edits("Bonn, not Bonner", replacing("a", "b", {"Bonn": ["Kiel"]}).make("Bonn, not Bonner", Seeds(0)))[
        0
    ] == ("Kiel, not Bonner")


def touched(seed, finding):
    """Return the plants that a finding's own texts run into."""
    batches = {"empty batch": "empty batch", "order of rows": "order", "single against batch": "order"}
    if finding.test in batches:
        return {batches[finding.test]}
    hits = set()
    for text in filter(lambda one: one is not None, (finding.text, finding.before)):
        model = intents.IntentModel(seed=seed)
        with suppress(ArithmeticError, LookupError, MemoryError):
            model.predict([text])
        hits |= model.touched
    return hits


def test_planted_weaknesses_are_found_and_every_finding_is_about_one():
    rows = intents.make_messages(200, 2)
    model = intents.IntentModel(seed=2)
    suite = make_suite(intents.TESTS, Seeds(2))
    texts, labels = [text for text, _ in rows], [label for _, label in rows]
    campaign = search_texts(TextTarget(model.predict), suite, texts, Seeds(2), labels=labels)
    hits = [touched(2, one) for one in campaign.findings]
    assert all(hits)
    assert len(set().union(*hits)) >= 0.9 * len(intents.PLANTS)
    assert campaign.calls <= 10_000


def test_nothing_is_found_on_the_hardened_twin():
    rows = intents.make_messages(200, 5)
    model = intents.IntentModel((), seed=5)
    texts, labels = [text for text, _ in rows], [label for _, label in rows]
    target = TextTarget(model.predict, budget=5_000)
    campaign = search_texts(target, make_suite(intents.TESTS, Seeds(5)), texts, Seeds(5), labels=labels)
    assert campaign.findings == ()
    assert campaign.accuracy.value == 1.0
    assert all(one.rate.hits == 0 and one.rate.high > 0 for one in campaign.rates)


def test_a_finding_is_one_edit_of_few_words():
    campaign, _ = hunt(keyword, ["I was charged twice on my invoice and want to have a refund of all of it."])
    finding = next(one for one in campaign.findings if one.test == "all capitals")
    assert finding.edits == (("refund", "REFUND"),)
    assert finding.shortest is not None
    assert [side.strip() for side in finding.shortest] == ["refund", "REFUND"]
    assert finding.reproduced.hits == finding.reproduced.trials == 5
    assert finding.before.replace("refund", "REFUND") == finding.text


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 400))
def test_texts_asked_about_never_pass_the_limit(budget):
    asked = []

    def counted(texts):
        asked.extend(texts)
        return keyword(texts)

    _, target = hunt(counted, budget=budget)
    assert len(asked) <= budget
    assert target.calls - 1 <= len(asked) <= target.calls  # an empty batch is a call, too


def test_the_order_of_a_batch_is_not_taken_for_other_weaknesses():
    def first(texts):
        return ["first" if place == 0 and len(texts) > 1 else "other" for place in range(len(texts))]

    campaign, _ = hunt(first)
    assert found(campaign) <= {"single against batch", "order of rows", "duplicates in a batch", "repeat"}
    assert campaign.findings


def test_rare_flips_near_another_answer_are_one_finding():
    def near(texts):
        shares = [0.5 + 0.01 * (sum(map(ord, text)) % 7 != 0) for text in texts]
        return [{"yes": share, "no": 1.0 - share - 0.005} for share in shares]

    campaign, _ = hunt(near, skip=("punctuation",))
    assert campaign.findings == ()

    def edge(texts):
        return [{"yes": 0.5, "no": 0.49} if len(text) % 40 else {"yes": 0.49, "no": 0.5} for text in texts]

    campaign, _ = hunt(edge, [text for text in MESSAGES if len(text) % 40][:200])
    assert sum(one.severity == "low" for one in campaign.findings) <= 1


@pytest.mark.parametrize("style", ["texts", "text", "polars", "pandas"])
def test_a_target_may_be_called_in_each_way(style):
    def target(given):
        if style == "text":
            return keyword([given])[0]
        return keyword(list(given if style == "texts" else given["body"]))

    campaign, _ = hunt(target, MESSAGES[:6], style=style, field="body", budget=600)
    assert "all capitals" in found(campaign)


def test_the_way_of_calling_is_read_off_the_signature():
    def one(text: str):
        return text

    def many(texts: list[str]):
        return texts

    def frame(rows: pl.DataFrame):
        return rows

    assert [TextTarget(function).style for function in (one, many, frame)] == ["text", "texts", "polars"]
    with pytest.raises(RecipeError, match="There is no style 'letter'"):
        TextTarget(one, style="letter")


def test_too_few_answers_and_answers_that_are_none_are_told():
    campaign, _ = hunt(lambda texts: ["x"] * min(len(texts), 3), MESSAGES[:8], budget=500)
    assert "batch" in found(campaign)
    campaign, _ = hunt(lambda texts: [None if "!" in text else "x" for text in texts], MESSAGES[:8], budget=500)
    assert any("wrong answer: a NoneType is no answer" in one.told for one in campaign.findings)


def _fails(_):
    raise RuntimeError("no weights")


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize(
    ("target", "said"),
    [
        (lambda texts: [None for _ in texts], "does not answer any of 2 .*texts: wrong answer: a NoneType"),
        (lambda _: [], "0 answers to one text"),
        (lambda _: "refund", "a batch was given and a str came back.*--style .it was called as 'texts'"),
        (lambda texts: [float("nan")] * len(texts), "a score is nan"),
        (_fails, r"test_attack_texts.py:\d+: .*RuntimeError: no weights, for .*Mend that first"),
    ],
)
def test_a_classifier_that_answers_nothing_has_no_findings(target, said, own, tmp_path):
    told = [{"name": name, "template": f"I like {name}s.", "label": "x"} for name in ("cat", "dog")]
    asked = {"tests": {"tests": told}} if own else {"data": {"text": MESSAGES[:2]}}
    with pytest.raises(RecipeError, match=said):
        edgecases_text(target, **asked, out=tmp_path / "out")
    assert not (tmp_path / "out/private/answers.jsonl").exists()


def test_a_killed_hunt_goes_on_without_asking_again(tmp_path):
    asked = []

    def counted(texts):
        asked.extend(texts)
        return [
            {"refund": 0.9, "other": 0.1} if one == "refund" else {"refund": 0.2, "other": 0.8}
            for one in keyword(texts)
        ]

    def run(function):
        target = TextTarget(function, budget=1_500)
        target.journal = Journal(tmp_path / "answers.jsonl")
        campaign = search_texts(target, make_suite({}, Seeds(0)), MESSAGES, Seeds(0))
        target.journal.close()
        return campaign

    whole = run(counted)
    before, asked[:] = len(asked), []
    lines = (tmp_path / "answers.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "answers.jsonl").write_text("".join(lines[: len(lines) // 2]) + lines[-1][:9])
    again = run(counted)
    assert [one.told for one in again.findings] == [one.told for one in whole.findings]
    assert again.calls == whole.calls
    assert 0 < len(asked) < before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"test": []}, "'test' is no entry"),
        ({"skip": ["typo"]}, "no usual test 'typo' to skip"),
        ({"tests": [{"label": "x"}]}, "a test is a mapping with a name"),
        ({"tests": [{"name": "a", "templates": ["b"]}]}, "'templates' is no entry of a test"),
        ({"tests": [{"name": "a", "label": "x"}]}, "'a' has neither a template nor a change"),
        ({"tests": [{"name": "a", "template": "b"}]}, "'a' does not say the label of its texts"),
        ({"tests": [{"name": "a", "template": "{b}", "label": "x"}]}, "needs words for 'b'"),
        ({"tests": [{"name": "a", "template": "{", "label": "x"}]}, "is no template"),
        ({"tests": [{"name": "a", "add": "b", "negate": True}]}, "'a' has two changes, add and negate"),
        ({"tests": [{"name": "a", "add": "b", "moves": "left"}]}, "'a' moves 'left'"),
        ({"tests": [{"name": "a", "add": "b", "moves": "up"}]}, "'a' does not say which score moves up"),
        ({"tests": [{"name": "a", "replace": "b"}]}, "'a' replaces 'b'"),
        ({"tests": [{"name": "typos", "add": "b"}]}, "there are two tests 'typos'"),
    ],
)
def test_what_is_no_test_is_refused(content, said):
    with pytest.raises(RecipeError, match=f"(?i){re.escape(said)}"):
        make_suite(content, Seeds(0))


def test_tests_of_ones_own():
    tests = {
        "words": {"thing": ["film", "hotel"]},
        "tests": [
            {"name": "praise", "template": "A great {thing}.", "label": "good"},
            {"name": "no praise", "template": "A {thing}.", "label": {"not": "good"}},
            {"name": "negated", "template": "The {thing} is great.", "negate": True, "moves": "changes"},
            {"name": "more praise", "template": "A {thing}.", "add": ["So great!"], "score": "good", "moves": "up"},
            {"name": "less praise", "template": "A {thing}.", "add": ["So great!"], "score": "good", "moves": "down"},
            {"name": "another thing", "template": "A great {thing}.", "replace": {"hotel": ["inn"]}},
            {"name": "misspelled", "template": "A great {thing}.", "transform": "keyboard"},
        ],
        "skip": ["typos", "a link added"],
    }

    def model(texts):
        return ["good" if "great" in text else "bad" for text in texts]

    suite = make_suite(tests, Seeds(0))
    assert suite.own == 7
    assert not {"keyboard slips", "a link added"} & {test.name for test in suite.tests}
    campaign = search_texts(TextTarget(model), suite, (), Seeds(0))
    assert {"negated", "less praise"} <= found(campaign) <= {"negated", "less praise", "misspelled"}
    kinds = {one.test: one.kind for one in campaign.findings}
    assert kinds["negated"] == "DIR"


def test_without_texts_there_is_nothing_to_start_from():
    with pytest.raises(DataError, match="There is no text to start from"):
        search_texts(TextTarget(keyword), make_suite({}, Seeds(0)), (), Seeds(0))
    with pytest.raises(RecipeError, match="Nothing says which texts the target takes"):
        edgecases_text(keyword)
    with pytest.raises(DataError, match="There is no column 'body'"):
        edgecases_text(keyword, text="body", data=pl.DataFrame({"text": ["a"]}))
    with pytest.raises(DataError, match="No row has a text in 'text'"):
        edgecases_text(keyword, data=pl.DataFrame({"text": [None, " "]}))


def test_nothing_tried_is_not_known():
    record = edgecases_text(keyword, data={"text": MESSAGES}, calls=1)
    assert record.verdict == "unknown"
    assert Said("a").margin == 1.0


SOURCE = """
def classify(texts):
    return ["refund" if "refund" in {text} else "other" for text in texts]
"""


def test_the_command_writes_a_bundle_whose_tests_fail_until_it_is_mended(tmp_path, monkeypatch, capsys):
    (tmp_path / "classifier_of_mails.py").write_text(SOURCE.replace("{text}", "text"))
    rows = [{"body": "I want a refund now", "kind": "refund"}, {"body": "Where is it <b>?", "kind": "other"}] * 2
    (tmp_path / "mails.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    call = ["edgecases", "classifier_of_mails:classify", "--data", "mails.jsonl", "--text", "body", "--label", "kind",
            "--skip", "typos", "--skip", "characters", "-o", "out", "-q"]  # fmt: skip
    assert run_command(call) == 1
    assert "all capitals" in capsys.readouterr().out
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["verdict"] == "fail"
    assert {one["test"] for one in report["findings"]} == {"all capitals"}
    assert report["accuracy"]["value"] == 1.0
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<ins>REFUND</ins>" in page
    assert "<b>?" not in page
    tried = [json.loads(line) for line in (tmp_path / "out" / "data.jsonl").read_text().splitlines()]
    assert any(row["failed"] and row["answer"] == "other" and row["answer_before"] == "refund" for row in tried)
    assert run_command([*call, "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        **report,
        "cost": json.loads((tmp_path / "out/report.json").read_text())["cost"],
    }

    tests = _load(tmp_path / "out" / "test_edgecases.py")
    assert tmp_path == tests.HOME, "the tests find the classifier from any folder"
    [finding] = tests.FINDINGS
    with pytest.raises(AssertionError):
        tests.test_finding(finding)
    (tmp_path / "classifier_of_mails.py").write_text(SOURCE.replace("{text}", "text.lower()"))
    importlib.reload(importlib.import_module("classifier_of_mails"))
    tests.test_finding(finding)


def _load(path):
    spec = importlib.util.spec_from_file_location("tests_of_findings", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--label", "kind"], "--label is for classifiers of texts"),
        (["--skip", "typos"], "--skip is for classifiers of texts"),
        (["--text", "body", "--schema", "x.yaml"], "--schema is of records"),
        (["--text", "body", "--style", "record"], "there is no style 'record' for a classifier of texts"),
        (["--data", "x.csv", "--style", "texts"], "there is no style 'texts' for records"),
        (["--tests", "none.yaml"], "the tests cannot be read"),
        (["--tests", "list.yaml"], "a file of tests is a mapping"),
        (["--tests", "broken.yaml"], "this is no YAML"),
    ],
)
def test_the_command_says_what_does_not_go_together(tmp_path, monkeypatch, capsys, options, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.yaml").write_text("- a\n")
    (tmp_path / "broken.yaml").write_text("a: [\n")
    assert run_command(["edgecases", "json:dumps", *options]) == 2
    assert said.lower() in capsys.readouterr().err.lower()


@pytest.mark.parametrize("share", [0.01, 0.05])
def test_a_classifier_that_draws_is_not_said_to_break_on_a_change(share):
    draws = random.Random(0)

    def drawn(texts):
        return ["refund" if ("refund" in text.lower()) != (draws.random() < share) else "other" for text in texts]

    campaign, _ = hunt(drawn, skip=["characters", "typos", "paraphrase"], style="texts", budget=3_000)
    assert any(trial.told for trial in campaign.tried)
    assert not [one.test for one in campaign.findings if one.kind == "INV"]


def by_letter(texts):
    return ["x" if "a" in text else "y" for text in texts]


@pytest.mark.parametrize(("rows", "closed"), [(1, False), (2, False), (4, True)])
def test_labels_that_stand_once_are_not_all_that_may_be_answered(rows, closed):
    data = [("a nice one", "x"), ("a blue box", "z"), ("a grey fox", "x"), ("a red sky", "z")][:rows]
    frame = pl.DataFrame(data, schema=["text", "label"], orient="row")
    findings = edgecases_text(by_letter, data=frame, label="label", calls=300).campaign.findings
    assert any("not one of the expected answers" in one.told for one in findings) is closed


def test_a_classifier_that_always_says_the_same_is_no_robust_one():
    record = edgecases_text(lambda texts: ["x"] * len(texts), data={"text": MESSAGES}, calls=300)
    assert "It answered 'x' to every text: one that never reads them would, too." in explain_texts(record)
    other = edgecases_text(lambda texts: [{"x": 1.0, "y": 1 / (2 + len(text))} for text in texts],
                           data={"text": MESSAGES}, calls=300)  # fmt: skip
    assert not any("never reads" in told for told in explain_texts(other))
