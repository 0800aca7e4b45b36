"""How numbers end: heaps come out as often as they are due, in the bin they belong to, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.data.codes.axis import Axis
from simulacra.data.codes.cut import cut
from simulacra.data.codes.endings import Endings
from simulacra.errors import ModelFileError

RNG = np.random.default_rng(3)
ROWS = 20_000


def mixed(spread: np.ndarray, steps: dict[float, float]) -> np.ndarray:
    """Round each number to a step drawn with the given shares."""
    step = RNG.choice(list(steps), len(spread), p=list(steps.values()))
    return np.rint(spread / step) * step


INCOME = mixed(RNG.lognormal(10.5, 0.6, ROWS), {1000.0: 0.3, 500.0: 0.2, 100.0: 0.25, 1.0: 0.25})
TILLS = np.floor(RNG.lognormal(3, 1, ROWS)) + RNG.choice(
    [0.99, 0.95, 0.5, 0.0, 0.49], ROWS, p=[0.5, 0.15, 0.1, 0.15, 0.1]
)
PRICES = np.round(np.where(RNG.random(ROWS) < 0.8, TILLS, RNG.lognormal(3, 1, ROWS)), 2)
SECONDS = mixed(RNG.exponential(4000, ROWS), {900.0: 0.2, 60.0: 0.3, 1.0: 0.5})
BALANCE = np.round(mixed(RNG.normal(0, 500, ROWS), {1.0: 0.5, 0.01: 0.5}), 2)
MEANS = np.round(RNG.poisson(60, ROWS) * RNG.integers(20, 90, ROWS) / RNG.integers(1, 7, ROWS), 9)
CASES = [
    (INCOME, 0, (1000.0, 500.0, 100.0)),
    (PRICES, 2, (1.0, 0.5)),
    (SECONDS, 0, (60.0, 900.0)),
    (BALANCE, 2, (1.0, 10.0)),
    (MEANS, 9, (1.0, 0.5, 0.25)),
]


def made(axis: Axis, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    codes = axis.encode(values)
    return codes, axis.decode(codes, np.random.default_rng(0).random(len(values)))


def multiples(values: np.ndarray, step: float) -> float:
    return float(np.mean(np.abs(values / step - np.rint(values / step)) < 1e-6))


@pytest.mark.parametrize(
    ("values", "decimals", "steps"), CASES, ids=["income", "prices", "seconds", "balance", "means"]
)
def test_numbers_end_as_the_real_ones_do(values: np.ndarray, decimals: int, steps: tuple[float, ...]) -> None:
    axis = cut(values, decimals)
    codes, fresh = made(axis, values)
    for step in steps:
        assert multiples(fresh, step) == pytest.approx(multiples(values, step), abs=0.02)
    assert np.array_equal(axis.encode(fresh), codes)
    assert len(np.setdiff1d(fresh, values)) > 0.1 * len(np.unique(fresh)) or decimals == 0


def test_prices_end_in_99() -> None:
    _, fresh = made(cut(PRICES, 2), PRICES)
    shares = [np.mean(np.abs(side % 1 - 0.99) < 1e-6) for side in (PRICES, fresh)]
    assert shares[1] == pytest.approx(shares[0], abs=0.02)


@pytest.mark.parametrize(
    "values",
    [
        RNG.normal(0, 5, ROWS),
        RNG.gamma(0.3, 10, ROWS),
        np.concatenate([RNG.normal(0, 1, ROWS), RNG.normal(1e6, 1, ROWS)]),
        np.rint(RNG.normal(0, 5000, ROWS)),
    ],
)
def test_smooth_numbers_have_no_endings(values: np.ndarray) -> None:
    assert cut(values, 0 if (values == np.rint(values)).all() else None).endings is None


INNER = Endings(10.0, np.array([0.0, 0.3]), np.array([0.2, 0.3, 0.5]))
NESTED = Endings(100.0, np.array([0.25, 0.5]), np.array([0.1, 0.3, 0.6]), INNER)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.floats(-1e4, 1e4), min_size=2, max_size=30), st.sampled_from([INNER, NESTED]))
def test_positions_follow_the_values_and_lead_back(numbers: list[float], endings: Endings) -> None:
    values = np.sort(np.round(numbers, 3))
    positions = endings.positions(values, 0.5)
    assert (np.diff(positions) >= 0).all()
    np.testing.assert_allclose(endings.values(positions), values, atol=1e-6)


def test_each_heap_holds_its_weight() -> None:
    drawn = NESTED.values(np.random.default_rng(0).random(100_000) * 10)
    assert np.mean(np.isclose(drawn % 100, 50)) == pytest.approx(0.3 + 0.6 * 0.2 / 10, abs=0.01)
    assert np.mean(np.isclose(drawn % 100, 25)) == pytest.approx(0.1, abs=0.01)
    assert np.mean(np.isclose(drawn % 10, 3)) == pytest.approx(0.6 * 0.3, abs=0.01)


def test_endings_are_saved_and_forged_ones_refused() -> None:
    axis = cut(INCOME, 0)
    again = Axis.from_state(axis.to_state())
    assert np.array_equal(made(again, INCOME)[1], made(axis, INCOME)[1])
    good = NESTED.to_state()
    for part, value, said in (
        ("period", -1.0, "'period' is -1"),
        ("places", np.array([0.5, 0.25]), "are not in order"),
        ("weights", np.array([0.1, 0.3, 0.9]), "do not sum to 1"),
        ("rest", INNER.to_state() | {"period": 33.0}, "has the period 33"),
    ):
        with pytest.raises(ModelFileError, match=said):
            Endings.from_state(good | {part: value})


def shares(values: np.ndarray, step: float) -> float:
    return float((np.abs(values / step - np.rint(values / step)) < 1e-6).mean())


def drawn_anew(values: np.ndarray) -> np.ndarray:
    axis = cut(values, 0)
    assert axis.endings is not None
    return axis.decode(axis.encode(values), np.random.default_rng(1).random(len(values)))


def test_what_the_heaps_leave_ends_as_often_as_it_did() -> None:
    """Sixty of a hundred are multiples of 100, of the others a third multiples of 10."""
    rng = np.random.default_rng(0)
    whole = rng.integers(1_000, 30_000, 3_000)
    ten = np.where(rng.random(3_000) < 1 / 3, whole // 10 * 10, whole)
    values = np.where(rng.random(3_000) < 0.6, whole // 100 * 100, ten).astype(np.float64)
    made = drawn_anew(values)
    for step in (10, 100):
        assert shares(made, step) == pytest.approx(shares(values, step), abs=0.03)


def test_heaps_of_a_long_period_are_not_lost_to_finer_ones_that_say_more() -> None:
    """A fifth are multiples of a half; most others end in one of five ways in a hundredth."""
    rng = np.random.default_rng(0)
    fine = rng.integers(0, 9_000, 1500) / 100 + rng.choice([0.00002, 0.00004, 0.00008, 0.00096, 0.00992], 1500)
    values = np.where(rng.random(1500) < 0.2, fine // 0.5 * 0.5, fine).round(7)
    axis = cut(values, 7)
    made = axis.decode(axis.encode(values), rng.random(1500))
    assert shares(made, 0.5) == pytest.approx(0.2, abs=0.04)
    assert shares(made - 0.00004, 0.01) == pytest.approx(0.16, abs=0.04)


def test_nearly_all_values_on_every_second_step_are_a_heap() -> None:
    values = np.random.default_rng(0).integers(0, 400, 200) * 10.0
    values[:4] += 5
    assert shares(drawn_anew(values), 10) > 0.9


def test_long_periods_of_large_numbers_are_seen() -> None:
    values = np.random.default_rng(0).integers(0, 500_000, 2000) * 5000.0
    values[::3] += 1234
    assert shares(drawn_anew(values), 5000) == pytest.approx(2 / 3, abs=0.05)
