"""The chain: laws of sampling, likelihood, conditions, sizes of tables, stored state."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import numpy as np
import pytest

from simulacra.errors import DataError, ModelFileError
from simulacra.seeds import Seeds
from simulacra.tables.chain import Chain, ChainOptions
from simulacra.tables.trees import Ensemble

BEST, FAST = ChainOptions(), ChainOptions(quality="fast")


@pytest.fixture(scope="module", params=["fast", "best"])
def fitted(request):
    from conftest import Quiet, draw_related

    codes, sizes, ordered = draw_related(3000)
    chain = Chain.fit(codes, sizes, ordered, Seeds(1), options=ChainOptions(quality=request.param), progress=Quiet())
    return chain, codes


def test_progress_counts_each_column(related, progress) -> None:
    Chain.fit(*related(300), Seeds(1), options=FAST, progress=progress)
    assert progress.stages == {"learning columns": [4, 4]}


def test_the_first_rows_of_a_long_sample_are_a_short_sample(fitted) -> None:
    chain, _ = fitted
    long = chain.sample(2500, Seeds(3))
    assert long.shape == (2500, 4)
    for rows in (0, 5, 512, 1300):
        np.testing.assert_array_equal(chain.sample(rows, Seeds(3)), long[:rows])
    assert (chain.sample(2500, Seeds(4)) != long).any()


def test_the_same_seeds_give_the_same_model(related, progress) -> None:
    first, second = (Chain.fit(*related(700), Seeds(1), options=BEST, progress=progress) for _ in range(2))
    np.testing.assert_array_equal(first.sample(600, Seeds(2)), second.sample(600, Seeds(2)))


def test_samples_have_the_margins_and_relations_of_the_table(fitted) -> None:
    chain, codes = fitted
    made = chain.sample(3000, Seeds(5))
    for column, size in enumerate(chain.sizes):
        shares = [np.bincount(table[:, column], minlength=size) / 3000 for table in (codes, made)]
        assert np.abs(shares[0] - shares[1]).sum() / 2 < 0.05
    function = np.array([3, 0, 2, 2, 1, 0])
    assert (function[made[:, 0]] == made[:, 1]).mean() > 0.97
    correlation = [np.corrcoef(table[:, 0], table[:, 2])[0, 1] for table in (codes, made)]
    assert correlation[1] == pytest.approx(correlation[0], abs=0.05)
    assert abs(np.corrcoef(made[:, 3], made[:, 2])[0, 1]) < 0.08


def test_likelihood_sums_to_one_over_all_rows(progress) -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 3, (400, 3)).astype(np.uint8)
    codes[:, 2] = (codes[:, 0] + (rng.random(400) < 0.2)) % 3
    chain = Chain.fit(codes, np.full(3, 3, np.int32), np.zeros(3, bool), Seeds(0), options=BEST, progress=progress)
    all_rows = np.array(list(itertools.product(range(3), repeat=3)), np.uint8)
    assert np.exp(chain.score_rows(all_rows)).sum() == pytest.approx(1, abs=1e-4)


def test_likelihood_of_new_rows_is_near_that_of_learned_rows(fitted, related) -> None:
    chain, codes = fitted
    unseen, *_ = related(3000, 99)
    assert chain.score_rows(codes).mean() - chain.score_rows(unseen).mean() < 0.15
    strange = codes.copy()
    strange[:, 1] = (strange[:, 1] + 1) % 4
    assert chain.score_rows(strange).mean() < chain.score_rows(codes).mean() - 2


def test_dependencies_find_the_relations(fitted) -> None:
    shares = fitted[0].dependencies()
    assert shares.shape == (4, 4)
    assert all(total == pytest.approx(0) or total == pytest.approx(1) for total in shares.sum(0))
    assert max(shares[0, 1], shares[1, 0]) > 0.8


def test_names_of_categories_matter_little(related, progress) -> None:
    codes, sizes, ordered = related(2000)
    renamed = codes.copy()
    renamed[:, 0] = np.array([4, 2, 5, 0, 3, 1])[codes[:, 0]]
    scores = [
        Chain.fit(table, sizes, ordered, Seeds(1), options=FAST, progress=progress).score_rows(table).mean()
        for table in (codes, renamed)
    ]
    assert scores[0] == pytest.approx(scores[1], abs=0.1)


@pytest.mark.parametrize("column", [0, 1, 2, 3])
def test_a_condition_is_kept_and_moves_the_other_columns(fitted, column: int) -> None:
    chain, codes = fitted
    allowed = np.zeros(chain.sizes[column], bool)
    allowed[:3] = True
    made = chain.sample(1500, Seeds(8), given={column: allowed})
    real = codes[allowed[codes[:, column]]]
    assert made[:, column].max() < 3
    assert made[:, 0].mean() == pytest.approx(real[:, 0].mean(), abs=0.3)
    np.testing.assert_array_equal(chain.sample(40, Seeds(8), given={column: allowed}), made[:40])


def test_a_condition_on_all_columns_fixes_the_row(fitted) -> None:
    chain, codes = fitted
    given = {j: np.arange(size) == codes[0, j] for j, size in enumerate(chain.sizes)}
    assert (chain.sample(20, Seeds(1), given=given) == codes[0]).all()


def test_a_condition_without_support_is_refused(fitted) -> None:
    with pytest.raises(DataError, match="allows no value"):
        fitted[0].sample(5, Seeds(1), given={0: np.zeros(6, bool)})
    with pytest.raises(ValueError, match="takes a mask"):
        fitted[0].sample(5, Seeds(1), given={0: np.ones(7, bool)})


def test_conditions_beyond_counting_are_refused() -> None:
    start = np.log(np.array([1 - 1e-7, 1e-7])).astype(np.float32)
    nothing = np.zeros(0, np.int32)
    model = Ensemble.join([], start, unit=1.0, columns=nothing, ranks=np.zeros((0, 256), np.uint8))
    chain = Chain(np.full(60, 2, np.int32), np.arange(60, dtype=np.int32), [model] * 60)
    rare = np.array([False, True])
    with pytest.raises(DataError, match="less likely than the model can count"):
        chain.sample(5, Seeds(1), given=dict.fromkeys(range(60), rare))
    assert (chain.sample(5, Seeds(1), given=dict.fromkeys(range(30), rare))[:, :30] == 1).all()


@pytest.mark.parametrize("options", [FAST, BEST], ids=["fast", "best"])
@pytest.mark.parametrize("rows", [1, 2, 12, 50])
def test_tiny_tables(related, progress, rows: int, options: ChainOptions) -> None:
    chain = Chain.fit(*related(rows), Seeds(1), options=options, progress=progress)
    made = chain.sample(200, Seeds(2))
    assert (made < chain.sizes).all()


def test_constants_single_columns_and_no_columns(progress) -> None:
    codes = np.array([[0, 1], [0, 0], [0, 1]], np.uint8)
    chain = Chain.fit(codes, np.array([1, 2]), np.array([False, True]), Seeds(1), options=BEST, progress=progress)
    made = chain.sample(100, Seeds(1))
    assert (made[:, 0] == 0).all()
    assert set(made[:, 1]) == {0, 1}
    none = Chain.fit(codes[:, :0], np.zeros(0), np.zeros(0), Seeds(1), options=BEST, progress=progress)
    assert none.sample(7, Seeds(1)).shape == (7, 0)
    assert none.score_rows(codes[:, :0]).tolist() == [0, 0, 0]


def test_no_rows_is_an_error(progress) -> None:
    with pytest.raises(DataError, match="no rows to learn from"):
        Chain.fit(np.zeros((0, 1), np.uint8), np.ones(1), np.ones(1), Seeds(1), options=BEST, progress=progress)


def test_smoothing_narrows_what_learned_rows_gain_beyond_others(progress) -> None:
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(3000, 1))
    codes = np.clip(np.rint(12 * np.sin(hidden * np.arange(1, 5)) + rng.normal(size=(3000, 4)) + 20), 0, 39)
    seen, unseen = np.split(codes.astype(np.uint8), 2)
    gaps = []
    for smoothing in (1.0, 4.0):
        told = {"options": ChainOptions(smoothing=smoothing, refine_from=10**9), "progress": progress}
        chain = Chain.fit(seen, np.full(4, 40), np.ones(4), Seeds(1), **told)
        gaps.append(chain.score_rows(seen).mean() - chain.score_rows(unseen).mean())
    assert gaps[1] < 0.8 * gaps[0]


def test_smoothing_below_one_is_refused(related, progress) -> None:
    with pytest.raises(ValueError, match="it is 1 or more"):
        Chain.fit(*related(50), Seeds(1), options=ChainOptions(smoothing=0.5), progress=progress)


def test_a_wide_table_looks_at_few_columns(progress) -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 3, (200, 70)).astype(np.uint8)
    codes[:, 69] = codes[:, 3]
    options = ChainOptions(quality="fast", narrow=60, predictors=4)
    chain = Chain.fit(codes, np.full(70, 3), np.zeros(70), Seeds(1), options=options, progress=progress)
    assert max(len(model.columns) for model in chain.models) <= 4
    made = chain.sample(300, Seeds(1))
    assert (made[:, 69] == made[:, 3]).mean() > 0.8


def test_state_round_trip_gives_the_same_bytes(fitted) -> None:
    chain, codes = fitted
    again = Chain.from_state(chain.to_state())
    np.testing.assert_array_equal(again.sample(900, Seeds(2)), chain.sample(900, Seeds(2)))
    np.testing.assert_array_equal(again.score_rows(codes), chain.score_rows(codes))


def spoil(state: dict[str, Any], name: str, change: Any) -> None:
    part = next(p for p in state["models"] if len(p["trees"]))
    part[name] = change(part[name].copy())


def set_first(value: Any) -> Any:
    def change(array: np.ndarray) -> np.ndarray:
        array.flat[0] = value
        return array

    return change


HOSTILE = {
    "columns": (set_first(9), "a column that is not there"),
    "ranks": (lambda a: a[:, :9].copy(), "parts of different lengths"),
    "left": (set_first(10_000), "branches lead nowhere"),
    "feature": (set_first(77), "looks at no feature"),
    "threshold": (lambda a: a * 0, "looks at no feature"),
    "leaf": (set_first(-1), "a leaf without values"),
    "trees": (set_first(1 << 20), "a tree without a root"),
    "start": (lambda a: a[:-1].copy(), "another number of codes"),
    "values": (lambda a: a.astype(np.float16), "no values of the right kind"),
    "unit": (set_first(np.nan), "not a small number"),
    "gains": (lambda a: a.astype(np.float64), "no gains of the right kind"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_trees_are_refused(fitted, name: str) -> None:
    state = copy.deepcopy(fitted[0].to_state())
    change, message = HOSTILE[name]
    spoil(state, name, change)
    with pytest.raises(ModelFileError, match=message):
        Chain.from_state(state)


def test_nodes_of_different_lengths_are_refused(fitted) -> None:
    state = copy.deepcopy(fitted[0].to_state())
    spoil(state, "leaf", lambda a: a[:-1].copy())
    with pytest.raises(ModelFileError, match="parts of different lengths"):
        Chain.from_state(state)


def test_more_trees_than_the_sums_hold_are_refused(fitted) -> None:
    state = copy.deepcopy(fitted[0].to_state())
    spoil(state, "trees", lambda trees: np.repeat(trees[:1], 300, axis=0))
    with pytest.raises(ModelFileError, match="more trees than any model needs"):
        Chain.from_state(state)


def test_a_backward_branch_is_refused(fitted) -> None:
    """A walk would never end."""
    state = copy.deepcopy(fitted[0].to_state())
    part = next(p for p in state["models"] if len(p["trees"]) > 1)
    part["left"] = part["left"].copy()
    part["left"][part["trees"][1, 0]] = 0
    with pytest.raises(ModelFileError, match="branches lead nowhere"):
        Chain.from_state(state)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sizes": None}, "no sizes"),
        ({"order": np.array([0.5])}, "no order"),
        ({"order": np.array([0, 0, 1, 2], np.int32)}, "not in any order"),
        ({"sizes": np.array([6, 4, 40, 999], np.int32)}, "not in any order"),
        ({"models": []}, "one part for each column"),
        ({"refinement": {"stages": 3}}, "no stages"),
        ({"refinement": {"stages": [], "factors": []}}, "no factors"),
        ({"refinement": {"stages": [], "factors": [np.zeros(1, np.float32)] * 4}}, "do not fit"),
    ],
)
def test_hostile_chains_are_refused(fitted, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelFileError, match=message):
        Chain.from_state(fitted[0].to_state() | change)
