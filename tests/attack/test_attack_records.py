"""Edge cases of record functions: what is allowed, what is tried, what is found, and nothing where nothing is."""

import importlib.util
import json
import math
import subprocess
import sys
import threading

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.api import edgecases
from simulacra.attack.records.cases import base_records, make_case
from simulacra.attack.records.dictionary import constants_of
from simulacra.attack.records.domain import Field, domain_from_dict, domain_to_dict, read_domain
from simulacra.attack.records.journal import Journal
from simulacra.attack.records.outcome import Outcome
from simulacra.attack.records.rules import broken, refusals
from simulacra.attack.records.search import search
from simulacra.attack.records.target import RecordTarget
from simulacra.attack.records.values import MISSING, invalid_probes, valid_probes
from simulacra.cli.main import run_command
from simulacra.errors import DataError, OutputError, RecipeError, SchemaError
from simulacra.report.edgecases import explain_edgecases
from simulacra.run.edgecases import Hunt, run_edgecases
from simulacra.seeds import Seeds
from simulacra.testing.targets import loans, quotes

fields = st.builds(
    lambda kind, low, width, nullable, required: Field(
        "x", kind, low, low + width, nullable=nullable, required=required
    ),
    st.sampled_from(["integer", "number"]),
    st.integers(-1000, 1000),
    st.integers(1, 10_000),
    st.booleans(),
    st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(fields, st.lists(st.integers(-2000, 12_000), max_size=5))
def test_valid_probes_are_allowed_and_invalid_ones_are_not(field, dictionary):
    valid, invalid = valid_probes(field, dictionary), invalid_probes(field)
    assert {field.low, field.high} <= {probe.value for probe in valid}
    for probe in valid:
        assert probe.refused is None
        assert field.refuses(probe.value) is None if probe.value is not MISSING else not field.required
    for probe in invalid:
        assert probe.refused == ("missing" if probe.value is MISSING else field.refuses(probe.value)) is not None


@pytest.mark.parametrize("schema", [loans.SCHEMA, quotes.SCHEMA])
def test_a_domain_is_read_back_as_it_was_written(schema):
    domain = domain_from_dict(schema)
    assert domain_from_dict(domain_to_dict(domain)) == domain


def test_base_records_are_allowed():
    domain = domain_from_dict(loans.SCHEMA)
    bases = base_records(domain, Seeds(1).rng(), 12)
    assert len(bases) == 12
    assert all(refusals(domain, base) == {} for base in bases)


def test_totals_are_computed_and_orders_kept():
    number = {"type": "integer", "minimum": 0, "maximum": 100}
    domain = domain_from_dict(
        {
            "properties": dict.fromkeys(["a", "b"], number) | {"total": {"type": "integer"}, "late": number},
            "constraints": ["total = a + b", "a <= late"],
        }
    )
    bases = base_records(domain, Seeds(0).rng(), 8)
    assert len(bases) == 8
    assert all(base["total"] == base["a"] + base["b"] and base["a"] <= base["late"] for base in bases)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "null"), (True, "wrong type"), ("5", "wrong type"), (5.0, "wrong type"),
        (17, "below the range"), (100, "above the range"), (18, None), (99, None),
    ],
)  # fmt: skip
def test_why_a_number_is_refused(value, reason):
    assert Field("age", "integer", 18, 99).refuses(value) == reason


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        (Field("x", "number"), math.nan, "not a number"),
        (Field("x", "number"), math.inf, "infinite"),
        (Field("x", "number", 0, 1, step=0.1), 0.35, "between the steps"),
        (Field("x", "string", levels=("a",)), "A", "no level"),
        (Field("x", "string", pattern=r"^\d{3}$"), "12", "wrong format"),
        (Field("x", "string", longest=2), "abc", "too long"),
        (Field("x", "string", shortest=1), "", "too short"),
        (Field("x", "string"), "\ud800", "not Unicode"),
        (Field("x", "date"), "2023-02-29", "wrong format"),
        (Field("x", "date"), "20240101", "wrong format"),
        (Field("x", "date", "2024-01-01"), "2023-12-31", "below the range"),
        (Field("x", "datetime"), "2024-01-01T00:00:00", None),
    ],
)
def test_why_a_value_is_refused(field, value, reason):
    assert field.refuses(value) == reason


def test_rules_between_dates_and_numbers():
    domain = domain_from_dict(
        {
            "properties": {"a": {"type": "string", "format": "date"}, "b": {"type": "string", "format": "date"}},
            "constraints": ["a < b"],
        }
    )
    assert broken(domain.constraints, {"a": "2024-01-02", "b": "2024-01-02"}) == ["a < b"]
    assert broken(domain.constraints, {"a": "2024-01-01", "b": "2024-01-02"}) == []


def test_constants_of_the_targets_code_are_found():
    path = loans.__file__
    assert {777, 4_999, 99_998} <= {
        value for value in constants_of(loans.LoanDecision._decide) if isinstance(value, int)
    }
    assert constants_of(len) == []
    assert path.endswith("loans.py")


@pytest.mark.parametrize("seed", [0, 1])
def test_the_planted_weaknesses_of_a_function_are_found(seed):
    target = loans.LoanDecision(seed=seed)
    campaign = search(target.domain, RecordTarget(target, target.domain.names), Seeds(seed))
    crashes = {one.told.rsplit(": ", 1)[-1] for one in campaign.findings if one.oracle == "crash"}
    assert {"oldest", "leap day", "empty note", "long note", "no until", "student owner", "amount edge"} <= crashes
    assert {"memory", "input", "monotone", "ignores", "same number", "output"} <= {x.oracle for x in campaign.findings}
    places = {place for one in campaign.findings if one.oracle == "accepted" for place in one.refused}
    assert {"income", "debt", "age", "country", "amount", "since <= until"} <= places
    assert campaign.calls <= 10_000
    assert len(campaign.tried) <= 2_000


def test_a_hardened_twin_has_no_finding():
    twin = loans.LoanDecision(plants=())
    campaign = search(twin.domain, RecordTarget(twin, twin.domain.names), Seeds(0))
    assert campaign.findings == ()
    model = quotes.QuoteModel(plants=())
    target = RecordTarget(model.predict, model.domain.names, style="polars", budget=3_000)
    assert search(model.domain, target, Seeds(0), records=600).findings == ()


def test_weaknesses_of_batches_are_found():
    model = quotes.QuoteModel()
    target = RecordTarget(model.predict, model.domain.names, style="polars", budget=2_000)
    kinds = {one.oracle for one in search(model.domain, target, Seeds(0), records=300).findings}
    assert {"empty batch", "single against batch", "order of rows", "duplicates in a batch"} <= kinds


def test_findings_are_minimal_and_fail_again():
    target = loans.LoanDecision(plants=["student owner", "zero income"])
    campaign = search(target.domain, RecordTarget(target, target.domain.names), Seeds(0), records=600)
    found = {one.told.rsplit(": ", 1)[-1]: one for one in campaign.findings}
    assert set(found) == {"student owner", "zero income"}
    assert set(found["student owner"].changed) <= {"job", "owner"}
    assert found["zero income"].changed == ("income",)
    for one in found.values():
        assert one.reproduced.hits == one.reproduced.trials == 5
        with pytest.raises((LookupError, ZeroDivisionError)):
            target(dict(one.record))
        target(dict(one.baseline))


def test_the_same_seed_finds_the_same():
    def run():
        target = loans.LoanDecision(seed=3)
        found = search(target.domain, RecordTarget(target, target.domain.names), Seeds(3), records=400)
        return [(one.identity, one.told, dict(one.record)) for one in found.findings]

    assert repr(run()) == repr(run())


def test_the_limits_are_hard():
    calls = []

    def count(record):
        calls.append(record)
        return 1

    schema = {"properties": {"a": {"type": "integer", "minimum": 0, "maximum": 9}}, "expect": {"monotone": {"a": "up"}}}
    record = edgecases(count, schema=schema, records=50, calls=120)
    assert len(calls) == record.campaign.calls <= 120
    assert len(record.campaign.tried) <= 50


@pytest.mark.parametrize("calls", [1, 13, 60, 400])
def test_no_limit_on_calls_is_exceeded_whatever_is_found(calls):
    target = loans.LoanDecision()
    asked = RecordTarget(target, target.domain.names, budget=calls)
    campaign = search(target.domain, asked, Seeds(0), records=300)
    assert campaign.calls == asked.calls <= calls


def test_a_finding_is_said_to_repeat_only_if_it_was_tried_again():
    model = quotes.QuoteModel(plants=["order"])
    target = RecordTarget(model.predict, model.domain.names, style="polars", budget=2_000)
    (found,) = [one for one in search(model.domain, target, Seeds(0), records=200).findings if "order" in one.oracle]
    assert (found.reproduced.hits, found.reproduced.trials) == (5, 5)
    memory = loans.LoanDecision(plants=["remembers"])
    campaign = search(memory.domain, RecordTarget(memory, memory.domain.names), Seeds(0))
    (found,) = [one for one in campaign.findings if one.oracle == "memory"]
    assert found.reproduced.trials == 0


def test_a_bundle_with_tests_that_fail_until_the_finding_is_mended(tmp_path, monkeypatch):
    (tmp_path / "pricing.py").write_text("def price(r):\n    return 10 / r['n']\n")
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps({"properties": {"n": {"type": "integer", "minimum": 0, "maximum": 5}}}))
    monkeypatch.chdir(tmp_path)
    assert run_command(["edgecases", "pricing:price", "--schema", str(schema), "-o", "out", "--records", "100"]) == 1
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert report["verdict"] == "fail"
    assert report["findings"][0]["record"] == {"n": 0}
    lines = [json.loads(line) for line in (tmp_path / "out/data.jsonl").read_text().splitlines()]
    assert len(lines) == report["tried"]["records"]
    assert "ZeroDivisionError" in (tmp_path / "out/report.html").read_text()
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "out/test_edgecases.py"]
    assert subprocess.run(run, cwd=tmp_path, capture_output=True).returncode == 1
    careful = "    if type(n) is not int or not 0 <= n <= 5:\n        raise ValueError(n)\n    return 10 / (n + 1)\n"
    (tmp_path / "pricing.py").write_text("def price(r):\n    n = r.get('n')\n" + careful)
    mended = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True)
    assert mended.returncode == 0, mended.stdout
    assert importlib.util.find_spec("pricing") is not None


def test_a_text_that_no_file_can_hold_is_reported(tmp_path):
    def greet(record):
        record["name"].encode()  # breaks on half of a surrogate pair, which the schema forbids
        return record["name"]

    schema = {"properties": {"name": {"type": "string", "maxLength": 9}}, "expect": {"rejects": ["TypeError"]}}
    record = edgecases(greet, schema=schema, out=tmp_path / "out", records=150)
    assert any("surrogates not allowed" in one.told for one in record.campaign.findings)
    assert "\\ud800" in json.loads((tmp_path / "out/report.json").read_text())["findings"][-1]["record"]["name"]


def test_a_hunt_that_goes_on_does_not_ask_again(tmp_path):
    def told(journal):
        asked = []

        def target(record):
            asked.append(record)
            if len(asked) == 60 and journal == "first":
                raise KeyboardInterrupt
            return record["a"]

        target.__qualname__ = "target"
        return target, asked

    schema = {"properties": {"a": {"type": "integer", "minimum": 0, "maximum": 900}}}
    first, asked_first = told("first")
    with pytest.raises(KeyboardInterrupt):
        edgecases(first, schema=schema, out=tmp_path / "out", records=120, calls=400)
    again, asked = told("again")
    record = edgecases(again, schema=schema, out=tmp_path / "out", records=120, calls=400)
    assert record.campaign.calls - len(asked) >= len(asked_first) - 25  # what was answered before is not asked again
    whole, _ = told("whole")
    other = edgecases(whole, schema=schema, out=tmp_path / "other", records=120, calls=400)
    assert [one.told for one in record.campaign.findings] == [one.told for one in other.campaign.findings]
    with pytest.raises(OutputError, match="another run"):
        edgecases(again, schema=schema, out=tmp_path / "out", records=121, calls=400)


def test_a_domain_guessed_from_data_does_not_judge_what_is_only_unusual():
    frame = pl.DataFrame({"n": list(range(50)), "city": ["a", "b"] * 25, "x": [i / 7 for i in range(50)]})
    record = edgecases(lambda row: float(row["n"]) + row["x"], data=frame, records=200, calls=800)
    reasons = {reason for one in record.campaign.findings for reason in one.refused.values()}
    assert "above the range" not in reasons
    assert "No schema was given" in record.notes[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "does not describe a record"),
        ({"properties": {"a": 5}}, "describes no field"),
        ({"properties": {"a": {"type": "object"}}}, "is not known here"),
        ({"properties": {"a": {"type": "integer", "minimum": 3, "maximum": 2}}}, "the range is empty"),
        ({"properties": {"a": {"type": "integer"}}, "constraints": ["a <= b"]}, "no field 'b'"),
        ({"properties": {"a": {"type": "integer"}}, "expect": {"monotone": {"a": "sideways"}}}, "no direction"),
        ({"properties": {"a": {"type": "integer"}}, "expect": {"outputs": 1}}, "no expectation"),
        ({"properties": {"a": {"type": "integer"}}, "expect": {"output": 5}}, "5 is no mapping"),
        ({"properties": {"a": {"type": "integer"}}, "expect": {"monotone": ["a"]}}, "is no mapping"),
        ({"properties": {"a": {"type": "integer"}}, "expect": {"ignores": ["z"]}}, "no field 'z'"),
        ({"properties": {"a": {"type": "integer", "minimun": 3}}}, "Did you mean 'minimum'"),
        ({"properties": {"a": {"type": "integer", "unless": 3}}}, "Understood are type"),
        ({"properties": {"a": {"type": "integer"}}, "constraint": []}, "Did you mean 'constraints'"),
        ({"properties": {"a": {"type": "integer"}}, "required": ["b"]}, "no field 'b'"),
        ({"properties": {"a": {"type": "integer"}}, "expect": {"output": {"enums": [1]}}}, "Did you mean 'enum'"),
    ],
)
def test_a_schema_that_makes_no_sense(content, message):
    with pytest.raises(SchemaError, match=message):
        domain_from_dict(content)


def test_a_schema_file_that_cannot_be_read(tmp_path):
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(SchemaError, match="cannot be read"):
        read_domain(tmp_path / "bad.json")
    with pytest.raises(SchemaError, match="cannot be read"):
        read_domain(tmp_path / "none.yaml")


def test_nothing_says_what_the_target_takes():
    with pytest.raises(RecipeError, match="Nothing says"):
        edgecases(lambda record: record)


def test_rules_that_leave_no_room():
    number = {"type": "integer", "minimum": 0, "maximum": 5}
    schema = {"properties": {"a": number, "b": number}, "constraints": ["a < b", "b < a"]}
    with pytest.raises(DataError, match="No record could be made"):
        edgecases(lambda record: record["a"], schema=schema)


def test_a_style_that_does_not_exist():
    with pytest.raises(RecipeError, match="no style"):
        RecordTarget(len, ["a"], style="rows")  # type: ignore[arg-type]


def test_a_plant_that_does_not_exist():
    with pytest.raises(ValueError, match="no plant"):
        loans.LoanDecision(plants=["weeds"])


def test_arguments_and_frames_are_told_apart_by_signature():
    def named(age, income):
        return age + income

    def framed(frame: pl.DataFrame):
        return frame["a"]

    assert RecordTarget(named, ["age", "income"]).style == "arguments"
    assert RecordTarget(framed, ["a"]).style == "polars"
    assert RecordTarget(lambda record: record["a"], ["a"]).style == "record"
    case = make_case(domain_from_dict({"properties": {"age": {"type": "integer"}, "income": {"type": "integer"}}}),
                     {"age": 1, "income": 2})  # fmt: skip
    assert RecordTarget(named, ["age", "income"]).call(case.record).value == 3


AGES = {"properties": {"age": {"type": "integer", "minimum": 0, "maximum": 99}}}
ROWS = {
    "properties": {
        "age": {"type": "integer", "minimum": 0, "maximum": 99},
        "club": {"type": "string", "enum": ["a", "b"]},
    },
    "expect": {"monotone": {"age": "up"}, "ignores": ["club"]},
}


def test_rows_of_probabilities_are_compared_as_numbers_are():
    def predict_proba(frame: pl.DataFrame):
        shares = frame["age"].cast(pl.Float64).to_numpy() / 100
        noise = 1e-16 * frame.height  # as sums in another order differ
        return np.column_stack([1 - shares - noise, shares + noise])

    assert not [
        one for one in edgecases(predict_proba, schema=ROWS, calls=1_500).campaign.findings if one.input == "valid"
    ]


@pytest.mark.parametrize(
    ("decide", "output", "wrong"),
    [
        (lambda record: np.array([math.nan if record["age"] == 99 else 0.5, 0.5]), {}, "not a finite number"),
        (lambda record: np.array(["a", "b"][: 2 if record["age"] > 50 else 1]), {"enum": ["a"]}, "not one of the"),
        (lambda record: np.float64(record["age"] / 2), {"type": "integer"}, "of type float, not integer"),
    ],
)
def test_an_array_of_numbers_is_looked_into(decide, output, wrong):
    schema = {**AGES, "expect": {"output": output}}
    found = edgecases(decide, schema=schema, calls=500, only_allowed=True).campaign.findings
    assert any(wrong in one.told for one in found)


def test_what_is_wrong_in_rows_of_probabilities_is_found_and_tested(tmp_path, monkeypatch):
    (tmp_path / "scores_of_rows.py").write_text(
        "import numpy as np\nimport polars as pl\n\n"
        "def predict_proba(frame: pl.DataFrame):\n"
        "    age = frame['age'].cast(pl.Float64).to_numpy()\n"
        "    share = np.where(age == 99, np.nan, (100 - age) / 200 + 0.1 * (frame['club'].to_numpy() == 'b'))\n"
        "    return np.column_stack([1 - share, share])\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    record = edgecases("scores_of_rows:predict_proba", schema=ROWS, calls=2_500, out=tmp_path / "out")
    findings = [one for one in record.campaign.findings if one.input == "valid"]
    assert {one.oracle for one in findings} >= {"output", "monotone", "ignores"}
    tests = _load(tmp_path / "out" / "test_edgecases.py")
    for finding in tests.FINDINGS:
        if finding["valid"]:
            with pytest.raises(AssertionError):
                tests.test_finding(finding)


def _load(path):
    spec = importlib.util.spec_from_file_location("tests_of_record_findings", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


COUNTING = """
seen = []

def decide(record):
    if record["amount"] == 7:
        raise KeyError("seven")
    answer = "no" if seen or record["amount"] < 3 else "yes"
    if record["amount"] > 90:
        seen.append(1)
    return answer
"""
AMOUNTS = {
    "properties": {
        "amount": {"type": "integer", "minimum": 0, "maximum": 100},
        "note": {"type": "string", "maxLength": 20},
    },
    "expect": {"output": {"enum": ["no", "yes"]}, "monotone": {"amount": "up"}},
}


def test_what_a_target_remembers_is_told_and_hides_nothing_else(tmp_path, monkeypatch):
    (tmp_path / "remembers_calls.py").write_text(COUNTING)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    record = edgecases("remembers_calls:decide", schema=AMOUNTS, out=tmp_path / "out")
    valid = {one.oracle: one for one in record.campaign.findings if one.input == "valid"}
    assert set(valid) == {"memory", "crash"}
    assert "after a record with amount = " in valid["memory"].told
    assert valid["memory"].after["amount"] > 90
    assert len(record.campaign.tried) <= 2_000
    again = edgecases("remembers_calls:decide", schema=AMOUNTS, out=tmp_path / "again")
    assert again.campaign.findings == record.campaign.findings, "the first hunt left nothing in the module"
    tests = _load(tmp_path / "out" / "test_edgecases.py")
    [finding] = [one for one in tests.FINDINGS if one["oracle"] == "memory"]
    with pytest.raises(AssertionError, match="it remembers"):
        tests.test_finding(finding)


def test_what_cannot_be_made_anew_is_still_told_to_remember():
    calls = []

    def decide(record):
        calls.append(record)
        return "no" if len(calls) > 150 else "yes"

    found = edgecases(decide, schema={**AMOUNTS, "expect": {"output": {"enum": ["no", "yes"]}}}).campaign.findings
    assert [one.oracle for one in found if one.severity == "high"] == ["memory"]
    assert found[0].after is None
    assert "(it is no function of a module that can be run again)" in found[0].told


def test_a_module_that_runs_but_once_is_told_to_remember(tmp_path, monkeypatch):
    once = "from pathlib import Path\nPath(__file__).with_suffix('.lock').touch(exist_ok=False)\n"
    (tmp_path / "runs_but_once.py").write_text(once + COUNTING)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    found = edgecases("runs_but_once:decide", schema=AMOUNTS, calls=1_000).campaign.findings
    [memory] = [one for one in found if one.oracle == "memory"]
    assert memory.after is None
    assert "It was not made anew (its module cannot be run again: FileExistsError" in memory.told


def test_an_object_that_cannot_be_copied_is_told_to_remember_with_the_reason():
    class Counts:
        def __init__(self):
            self.calls, self.lock = 0, threading.Lock()

        def __call__(self, _record):
            self.calls += 1
            return "no" if self.calls > 150 else "yes"

    schema = {**AMOUNTS, "expect": {"output": {"enum": ["no", "yes"]}}}
    [memory] = [one for one in edgecases(Counts(), schema=schema).campaign.findings if one.oracle == "memory"]
    assert "(it cannot be copied: TypeError: cannot pickle '_thread.lock' object): other findings may be" in memory.told


def test_a_target_of_chance_is_not_taken_for_one_that_remembers():
    rng = np.random.default_rng(0)

    def decide(record):
        return float(rng.random()) + len(record)

    found = edgecases(decide, schema={"properties": AMOUNTS["properties"]}, calls=1_000).campaign.findings
    assert "repeat" in {one.oracle for one in found}


def test_a_target_that_need_not_refuse_is_asked_about_allowed_records_alone():
    asked = []

    def decide(record):
        asked.append(record["amount"])
        return 1 / record["amount"]

    schema = {"properties": AMOUNTS["properties"]}
    found = edgecases(decide, schema=schema, only_allowed=True, calls=800).campaign.findings
    assert [one.oracle for one in found] == ["crash"]
    assert all(type(amount) is int and 0 <= amount <= 100 for amount in asked)
    assert any(one.input == "invalid" for one in edgecases(decide, schema=schema, calls=800).campaign.findings)


def branching(record):
    """Runs other lines for other records."""
    share = record["income"] / max(record["amount"], 1)
    if share > 900:
        raise OverflowError("too much")
    if share > 90:
        return "yes, gladly"
    if record["amount"] == 7:
        return "seven"
    return "yes" if share > 2 else "no"


def test_a_hunt_cut_short_anywhere_goes_on_with_the_same_records(tmp_path):
    told = {"income": {"type": "number", "minimum": 0, "maximum": 5_000},
            "amount": {"type": "integer", "minimum": 1, "maximum": 900}}  # fmt: skip
    domain, path = domain_from_dict({"properties": told}), tmp_path / "answers.jsonl"

    def hunt():
        target = RecordTarget(branching, domain.names, budget=800)
        target.journal = Journal(path, "code")
        campaign = search(domain, target, Seeds(0), records=300)
        target.journal.close()
        return campaign

    whole = hunt()
    written = path.read_text()
    for share in (0.2, 0.5, 0.9):
        path.write_text(written[: int(share * len(written))])
        again = hunt()
        assert (again.calls, again.lines) == (whole.calls, whole.lines)
        assert [case.record for case, _ in again.tried] == [case.record for case, _ in whole.tried]
        assert again.findings == whole.findings


def test_answers_are_kept_at_once_and_those_of_other_code_are_thrown_away(tmp_path):
    path, record = tmp_path / "answers.jsonl", {"a": 1}
    first = Journal(path, "old")
    first.note(0, record, Outcome("yes"), [3])
    assert '"yes"' in path.read_text(), "before it is closed: a kill loses nothing"
    with path.open("a") as file:
        file.write('{"number": 1, "rec')
    first.close()

    def recalled(code, number):
        journal = Journal(path, code)
        told = journal.recall(number, record)
        journal.close()
        return told

    again = Journal(path, "old")
    assert again.recall(0, record) == (Outcome("yes"), [3])
    again.note(1, record, Outcome("no"))
    again.close()
    assert recalled("old", 1) == (Outcome("no"), [])
    assert recalled("new", 0) is None
    assert recalled("old", 0) is None
    with pytest.raises(OutputError, match="cannot be written down"):
        Journal(tmp_path)


def test_a_mended_target_is_asked_anew(tmp_path):
    schema = {"properties": {"amount": {"type": "integer", "minimum": 0, "maximum": 9}}}

    def found(function):
        return {one.oracle for one in edgecases(function, schema=schema, out=tmp_path / "out").campaign.findings}

    divisors = [0]

    def decide(record):
        return 1 / (record["amount"] + divisors[0])

    assert "crash" in found(decide)
    divisors[0] = 1
    assert "crash" not in found(decide)


WHOLE = {"properties": {"n": {"type": "integer", "minimum": 0, "maximum": 9}}}


def _fails(_):
    raise RuntimeError("db down")


def _needs(_):
    import no_such_module_anywhere  # noqa: F401


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (_fails, r"test_attack_records.py:\d+: .*RuntimeError: db down, for .*Mend that first"),
        (_needs, "No module named .*Install what it imports"),
        (lambda _: None, "returns None.*Return a number"),
        (lambda _: object(), "returns a object, which cannot be compared"),
        (lambda _: math.nan, "not a finite number"),
    ],
)
def test_a_target_that_answers_nothing_has_no_findings(target, message, tmp_path):
    with pytest.raises(RecipeError, match=message):
        edgecases(target, schema=WHOLE, out=tmp_path / "out", records=50)
    assert not (tmp_path / "out/report.json").exists()
    assert not (tmp_path / "out/private/answers.jsonl").exists()


def test_a_refusal_of_an_allowed_record_comes_before_forbidden_ones():
    def decide(record):
        return len(record["name"]) if record.get("name", "") != "" else 0

    schema = {"properties": {"name": {"type": ["string", "null"], "maxLength": 9}}}
    first = edgecases(decide, schema=schema, records=200, calls=800).campaign.findings[0]
    assert (first.oracle, first.input, first.severity) == ("crash", "valid", "medium")


def test_levels_that_the_data_do_not_have_are_not_judged():
    known = {"Rome": 1, "Oslo": 2}

    def decide(record):
        if record["city"] not in known:
            raise ValueError("unknown city")
        return known[record["city"]]

    found = edgecases(decide, data=pl.DataFrame({"city": ["Rome", "Oslo"] * 20}), records=200, calls=800)
    assert [one for one in found.campaign.findings if one.input == "valid"] == []


def test_the_page_shows_the_record_that_the_finding_is_about(tmp_path):
    def decide(record):
        return "no" if record["income"] >= 60 else "yes"

    schema = {"properties": {"income": {"type": "integer", "minimum": 0, "maximum": 99}},
              "expect": {"output": {"enum": ["no", "yes"]}, "monotone": {"income": "up"}}}  # fmt: skip
    found = edgecases(decide, schema=schema, out=tmp_path / "out", only_allowed=True, calls=900).campaign.findings[0]
    assert found.changed == ("income",)
    assert found.baseline["income"] < 60 <= found.record["income"]
    assert "Any record, for instance" not in (tmp_path / "out/report.html").read_text()


def test_an_empty_batch_blames_no_record(tmp_path):
    def predict(frame: pl.DataFrame):
        if not frame.height:
            raise KeyError("no rows")
        return frame["n"]

    found = edgecases(predict, schema=WHOLE, out=tmp_path / "out", only_allowed=True, calls=600).campaign.findings
    assert [(one.oracle, one.record) for one in found] == [("empty batch", {})]
    assert "no rows" in found[0].told
    assert "a frame with these columns and no rows" in (tmp_path / "out/report.html").read_text()


def test_the_tests_find_the_module_from_any_folder(tmp_path, monkeypatch):
    (tmp_path / "found_from_afar.py").write_text("def half(record):\n    return 1 / (record['n'] - 4)\n")
    monkeypatch.chdir(tmp_path)
    edgecases("found_from_afar:half", schema=WHOLE, out=tmp_path / "deep/out", records=60, calls=400)
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_edgecases.py"]
    seen = subprocess.run(run, cwd=tmp_path / "deep/out", capture_output=True, text=True).stdout
    assert "ZeroDivisionError" in seen
    assert "ModuleNotFoundError" not in seen
    (tmp_path / "found_from_afar.py").unlink()
    assert "No module named" in subprocess.run(run, cwd=tmp_path / "deep/out", capture_output=True, text=True).stdout


class Told:
    """A `Progress` that keeps what it is told."""

    def __init__(self):
        self.stages, self.steps = [], 0

    def start(self, stage, total):
        self.stages.append((stage, total))

    def advance(self, steps=1):
        self.steps += steps


def test_each_call_is_told_of_also_those_of_an_earlier_run(tmp_path):
    told, again = Told(), Told()
    numbers = {"properties": {"income": {"type": "number"}, "amount": {"type": "integer"}}}
    hunt = Hunt(branching, domain_from_dict(numbers), calls=400)
    first = run_edgecases(hunt, tmp_path / "answers.jsonl", progress=told)
    run_edgecases(hunt, tmp_path / "answers.jsonl", progress=again)
    assert told.stages == [("calls", 400)]
    assert told.steps == again.steps == first.campaign.calls


def test_a_function_that_always_says_the_same_is_told():
    wholes = {"properties": AMOUNTS["properties"]}
    same = edgecases(lambda _record: 1, schema=wholes, calls=300, only_allowed=True)
    assert "It gave the same answer to every record: one that never reads them would, too." in explain_edgecases(same)
    other = edgecases(lambda record: record["amount"], schema=wholes, calls=300, only_allowed=True)
    assert len(explain_edgecases(other)) == 2


def test_a_target_that_ends_the_program_is_found_and_one_that_is_interrupted_says_where(tmp_path, monkeypatch, capsys):
    (tmp_path / "ends_the_program.py").write_text(
        "def leave(record):\n    if record['amount'] == 7:\n        raise SystemExit(3)\n    return 1\n\n"
        "def wait(record):\n    if record['amount'] == 7:\n        raise KeyboardInterrupt\n    return 1\n"
    )
    (tmp_path / "amounts.json").write_text(json.dumps({"properties": AMOUNTS["properties"]}))
    monkeypatch.chdir(tmp_path)
    command = ["edgecases", "--schema", "amounts.json", "--only-allowed", "--calls", "900"]
    assert run_command([*command, "ends_the_program:leave"]) == 1
    assert "an allowed record was answered with SystemExit: 3" in capsys.readouterr().out
    assert run_command([*command, "ends_the_program:wait"]) == 130
    assert "the target was asked about {'note': 'abcde', 'amount': 7}" in capsys.readouterr().err
