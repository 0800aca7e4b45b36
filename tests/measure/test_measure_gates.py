from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.contracts import Gate, Score
from simulacra.errors import RecipeError
from simulacra.measure.gates import default_gates, gate_to_text, judge, merge_gates, parse_gate, score_names
from simulacra.registry import find, names

GATES = st.builds(
    Gate,
    metric=st.sampled_from(["fidelity.shape", "privacy.copies"]),
    side=st.sampled_from(["at_least", "at_most"]),
    bound=st.floats(-1e6, 1e6, allow_nan=False).map(lambda bound: bound + 0.0),
    of_floor=st.booleans(),
)


@given(GATES)
@settings(deadline=None)  # the first gate reads the registry
def test_what_is_written_is_read_back(gate: Gate) -> None:
    assert parse_gate(gate_to_text(gate)) == gate


@pytest.mark.parametrize(
    ("text", "gate"),
    [
        ("privacy.copies <= 0.01", Gate("privacy.copies", "at_most", 0.01)),
        ("fidelity.shape >= floor - 0.02", Gate("fidelity.shape", "at_least", -0.02, of_floor=True)),
        ("privacy.copies<=floor+.002", Gate("privacy.copies", "at_most", 0.002, of_floor=True)),
        (" fidelity.shape >= floor ", Gate("fidelity.shape", "at_least", 0.0, of_floor=True)),
        ("fidelity.worst_column <= 1e1", Gate("fidelity.worst_column", "at_most", 10.0)),
    ],
)
def test_gates_as_people_write_them(text: str, gate: Gate) -> None:
    assert parse_gate(text) == gate


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fidelity.shpe >= 0.9", "There is no measure|there is no measure 'fidelity.shpe'"),
        ("fidelity.shpe >= 0.9", "Did you mean 'fidelity.shape'"),
        ("xyzzy >= 0.9", "`simulacra list metrics` names them all"),
        ("fidelity.shape > 0.9", "is not a gate. Write NAME <= NUMBER"),
        ("fidelity.shape >= much", "'much' is not a number. Write NAME <= NUMBER"),
        ("fidelity.shape >= floor - nan", "'nan' is not a number"),
        ("fidelity.shape <= inf", "'inf' is not a number"),
        ("", "'' is not a gate"),
    ],
)
def test_what_is_no_gate_says_what_was_seen(text: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message.replace(".", r"\.")):
        parse_gate(text)


def test_default_gates_judge_scores_that_exist_and_leave_out_none_but_those_that_inform() -> None:
    gates = default_gates()
    informing = {"fidelity.detection_rest", "fidelity.distance", "utility.importance"}
    tables = {score for name in names("metric") for score in getattr(find("metric", name), "scores", (name,))}
    assert {gate.metric for gate in gates} == tables - informing
    assert tables < set(score_names())
    for gate in gates:
        assert gate.warn is None or (gate.warn > gate.bound) == (gate.side == "at_least")


def shape(value: float, floor: float | None = 0.9, noise: float | None = 0.01) -> Score:
    return Score("fidelity.shape", "fidelity", value=value, floor=floor, noise=noise, reason="as seen")


@pytest.mark.parametrize(
    ("value", "verdict"), [(0.95, "pass"), (0.9, "pass"), (0.82, "pass"), (0.81, "warn"), (0.7, "warn"), (0.6, "fail")]
)
def test_a_gate_of_the_floor_allows_for_chance_and_warns_first(value: float, verdict: str) -> None:
    gate = Gate("fidelity.shape", "at_least", -0.2, of_floor=True, warn=-0.05)
    assert judge(gate, shape(value)).verdict == verdict


@pytest.mark.parametrize(("value", "verdict"), [(0.5, "pass"), (0.505, "warn"), (0.52, "fail")])
def test_a_plain_gate_allows_nothing(value: float, verdict: str) -> None:
    assert judge(Gate("fidelity.shape", "at_most", 0.51, warn=0.5), shape(value, noise=1.0)).verdict == verdict


def test_without_a_number_or_a_floor_the_gate_does_not_know() -> None:
    gate = Gate("fidelity.shape", "at_least", 0.0, of_floor=True)
    undefined = Score("fidelity.shape", "fidelity", "undefined", reason="too few rows")
    assert judge(gate, None).verdict == "unknown"
    assert judge(gate, undefined) == judge(gate, undefined)
    assert judge(gate, undefined).why == "too few rows"
    assert judge(gate, shape(0.9, floor=None)).why.startswith("fidelity.shape has no floor to be measured from")


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.1))
def test_a_better_value_never_gets_a_worse_verdict(first: float, second: float, noise: float) -> None:
    gate = Gate("fidelity.shape", "at_least", -0.1, of_floor=True, warn=-0.02)
    order = ["fail", "warn", "pass"]
    low, high = (order.index(judge(gate, shape(value, noise=noise)).verdict) for value in sorted((first, second)))
    assert low <= high


def test_default_gates_come_back_from_their_text() -> None:
    assert tuple(parse_gate(gate_to_text(gate)) for gate in default_gates()) == default_gates()


def test_a_written_gate_takes_the_place_of_the_default_on_the_same_score() -> None:
    gates = merge_gates(["privacy.copies <= 0.5"])
    assert len(gates) == len(default_gates())
    assert [gate for gate in gates if gate.metric == "privacy.copies"] == [parse_gate("privacy.copies <= 0.5")]


def test_one_gate_does_not_count_from_two_places() -> None:
    with pytest.raises(RecipeError, match="one bound counts from the floor and the other does not"):
        parse_gate("privacy.copies <= floor + 0.1 warn 0.05")
