"""The exchangeability test: exact where scipy is, uniform where nothing leaks, small where something does."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measure_tables import PEOPLE, judged, people, score
from scipy import stats

from simulacra.measure._battery import battery
from simulacra.measure._combinations import column_subsets, counts_among, once, unique_hits
from simulacra.measure._exchange import Pool, Suspects, joint_p_value, single_p_values, visible
from simulacra.measure.assess import compare
from simulacra.seeds import Seeds


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_single_p_values_are_scipys_hypergeometric(learned: int, held_out: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, learned + held_out + 1))
    rows = rng.choice(learned + held_out, size=size, replace=False)
    pool = Pool(learned, np.zeros(learned + held_out, dtype=bool))
    found = int((rows < learned).sum())
    expected = stats.hypergeom.sf(found - 1, learned + held_out, learned, size)
    assert single_p_values([Suspects("x", rows, 1.0)], pool)[0] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("learned", [200, 360])
def test_the_joint_p_value_is_uniform_when_labels_say_nothing(learned: int) -> None:
    rng = np.random.default_rng(learned)
    pool = Pool(learned, np.arange(400) % 3 == 0)
    inner = np.flatnonzero(pool.inner)
    found = []
    for _ in range(150):
        core = rng.permutation(400)
        tests = [Suspects(str(k), core[: 20 + 5 * k], 0.1) for k in range(8)]
        tests.append(Suspects("inner", rng.permutation(inner)[:30], 0.2, inner=True))
        found.append(joint_p_value(tests, pool, rng))
    # Counts are whole numbers: small p-values may be rarer than uniform, never more frequent.
    for level in (0.05, 0.1, 0.25, 0.5):
        assert stats.binomtest(sum(p <= level for p in found), len(found), level, alternative="greater").pvalue > 0.005
    assert np.mean(found) < 0.7


def test_the_joint_p_value_is_small_for_suspects_all_learned_from_and_one_for_none() -> None:
    pool = Pool(100, np.zeros(200, dtype=bool))
    assert joint_p_value([Suspects("x", np.arange(30), 0.5)], pool, np.random.default_rng(0)) < 1e-6
    assert joint_p_value([Suspects("x", np.arange(0), 0.5)], pool, np.random.default_rng(0)) == 1.0
    assert 0 < joint_p_value([Suspects("x", np.arange(9), 0.5)], pool, np.random.default_rng(0)) < 0.01


def test_visible_is_the_least_number_that_proves() -> None:
    k = visible(900, 100, 0.001)
    assert 0.9**k <= 0.001 < 0.9 ** (k - 1)


def test_p_values_of_clean_tables_are_spread_over_the_whole_range() -> None:
    found = []
    for seed in range(60):
        tables = compare(
            people(150, 9 * seed), people(150, 9 * seed + 1), people(80, 9 * seed + 2), schema=PEOPLE, target=None,
            seeds=Seeds(seed),
        )  # fmt: skip
        found.append(joint_p_value(*battery(tables), tables.rng("p")))
    assert stats.kstest(found, "uniform").pvalue > 0.005


@given(st.lists(st.integers(0, 6), min_size=1, max_size=25), st.lists(st.integers(0, 6), max_size=25))
@settings(max_examples=60, deadline=None)
def test_lookups_find_what_counting_finds(pool: list[int], synthetic: list[int]) -> None:
    values, others = np.array(pool, dtype=np.uint64), np.array(synthetic, dtype=np.uint64)
    assert once(values).tolist() == [pool.count(value) == 1 for value in pool]
    assert counts_among(values, others).tolist() == [synthetic.count(value) for value in pool]
    expected = [place for place, value in enumerate(pool) if pool.count(value) == 1 and value in synthetic]
    assert unique_hits(others, values).tolist() == expected


def test_subsets_are_distinct_and_begin_with_the_whole_row() -> None:
    found = column_subsets(9, 60, np.random.default_rng(0))
    assert found[0] == tuple(range(9))
    assert len(set(found)) == len(found) == 60
    assert {(place,) for place in range(9)} <= set(found)
    assert column_subsets(1, 60, np.random.default_rng(0)) == [(0,)]


def test_one_person_many_times_and_ten_whole_rows_are_evidence_by_themselves() -> None:
    real, holdout, clean = people(900, 1), people(100, 2), people(900, 3)
    many = judged(pl.concat([clean[:880], real[:1], *[real[:1]] * 19]), real, holdout, metrics=["privacy.verbatim"])
    assert score(many, "privacy.repeated").value == 20
    assert {g.gate.metric: g.verdict for g in many.gates}["privacy.repeated"] == "fail"
    ten = judged(pl.concat([clean[:885], real[:15]]), real, holdout, metrics=["privacy.verbatim"])
    assert score(ten, "privacy.verbatim").value == 15
    assert {g.gate.metric: g.verdict for g in ten.gates}["privacy.verbatim"] == "fail"


def test_risks_of_the_working_party_rise_for_copies_and_not_for_others() -> None:
    real, holdout, clean = people(400, 1), people(400, 2), people(400, 3)
    names = ["privacy.singling_out", "privacy.linkability", "privacy.inference"]
    for synthetic, verdict in ((clean, {"pass"}), (real, {"fail"})):
        assert {gate.verdict for gate in judged(synthetic, real, holdout, metrics=names).gates} == verdict


def test_accusations_find_copied_people_and_need_a_hundred_others() -> None:
    real, holdout, clean = people(600, 1), people(600, 2), people(600, 3)
    half = judged(pl.concat([clean[:400], real[:200]]), real, holdout, metrics=["privacy.membership"])
    found = score(half, "privacy.accusations")
    assert found.value is not None
    assert found.value > 0.2
    few = score(judged(clean, real, holdout[:60], metrics=["privacy.membership"]), "privacy.accusations")
    assert "only 60 rows held out" in few.reason
