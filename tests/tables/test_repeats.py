"""Rows that stand in a table several times are learned from or held out together."""

from __future__ import annotations

import numpy as np

from simulacra.seeds import Seeds
from simulacra.tables.chain import Chain, ChainOptions
from simulacra.tables.repeats import find_repeats, shuffle

SIZES = np.full(6, 200, np.int32)


def noise(rows: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 200, (rows, 6)).astype(np.uint8)


def test_equal_rows_get_one_number() -> None:
    codes = np.repeat(noise(300), 3, axis=0)[np.random.default_rng(1).permutation(900)]
    groups = find_repeats(codes, SIZES)
    assert groups is not None
    _, expected = np.unique(codes, axis=0, return_inverse=True)
    same = expected[:, None] == expected[None, :]
    np.testing.assert_array_equal(groups[:, None] == groups[None, :], same)


def test_few_repeats_common_rows_and_what_chance_makes_are_left_alone(related) -> None:
    few = noise(1000)
    few[:20] = few[20:40]
    common = noise(1000)
    common[:400] = common[0]
    by_chance = np.random.default_rng(0).integers(0, 2, (1000, 6)).astype(np.uint8)
    assert find_repeats(few, SIZES) is None
    assert find_repeats(common, SIZES) is None
    assert find_repeats(by_chance, np.full(6, 2, np.int32)) is None
    assert find_repeats(*related(3000)[:2]) is None


def test_rows_are_shuffled_with_equal_ones_beside_each_other() -> None:
    groups = np.array([0, 1, 2, 0, 1, 2, 3])
    rows = shuffle(7, groups, np.random.default_rng(0))
    assert sorted(rows) == list(range(7))
    assert np.count_nonzero(np.diff(groups[rows])) == 3
    np.testing.assert_array_equal(shuffle(7, None, np.random.default_rng(5)), np.random.default_rng(5).permutation(7))


def test_a_table_of_repeats_without_any_relation_is_not_learned_by_heart(progress) -> None:
    codes = np.repeat(noise(500), 6, axis=0)
    chain = Chain.fit(codes, SIZES, np.ones(6, bool), Seeds(0), options=ChainOptions(), progress=progress)
    real = {bytes(row) for row in codes}
    copies = np.mean([bytes(row) in real for row in chain.sample(3000, Seeds(1))])
    assert copies < 0.01  # .47 when twins of rows learned from may speak for going on
