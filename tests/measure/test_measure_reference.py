"""The numbers against scipy, scikit-learn and slow exact versions."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measure_tables import PEOPLE, judged, people, score
from scipy import stats
from sklearn.metrics import roc_auc_score

from simulacra.data.schema import Column, Schema
from simulacra.data.shares import wilson
from simulacra.measure._chance import auc, null_distances, share_interval
from simulacra.measure._distance import encode, nearest
from simulacra.measure._exchange import excess
from simulacra.measure._rows import fingerprints
from simulacra.measure.assess import compare
from simulacra.measure.association import association_matrix, correlations
from simulacra.seeds import Seeds

SYNTHETIC, REAL, HOLDOUT = people(300, 11), people(500, 12), people(200, 13)
TABLES = compare(SYNTHETIC, REAL, HOLDOUT, schema=PEOPLE, target="buys", seeds=Seeds(1))


def test_shape_is_one_minus_ks_and_one_minus_total_variation() -> None:
    parts = {
        part.place: part.value
        for part in score(judged(SYNTHETIC, REAL, HOLDOUT, metrics=["fidelity.shape"]), "fidelity.shape").parts
    }
    ks = stats.ks_2samp(SYNTHETIC["income"], REAL["income"]).statistic
    assert parts["income"] == pytest.approx(1 - ks)
    below = [frame["age"].fill_null(-1) for frame in (SYNTHETIC, REAL)]  # missing lies below all
    assert parts["age"] == pytest.approx(1 - stats.ks_2samp(*below).statistic)
    shares = [frame["region"].value_counts(normalize=True).sort("region")["proportion"] for frame in (SYNTHETIC, REAL)]
    assert parts["region"] == pytest.approx(1 - (shares[0] - shares[1]).abs().sum() / 2)


def test_the_null_of_ks_is_kolmogorovs() -> None:
    pool = np.ones(256, dtype=np.int64) * 8
    null = null_distances(pool, (2000, 3000), 3000, Seeds(3).rng(), ordered=True)
    scale = (1 / 2000 + 1 / 3000) ** 0.5
    assert null.mean() == pytest.approx(stats.kstwobign.mean() * scale, rel=0.05)
    assert null.std() == pytest.approx(stats.kstwobign.std() * scale, rel=0.08)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.lists(st.integers(0, 5), min_size=1, max_size=30))
@settings(max_examples=50)
def test_auc_equals_scikit_learns(high: list[int], low: list[int]) -> None:
    value, error = auc(np.array(high, float), np.array(low, float))
    assert value == pytest.approx(roc_auc_score([1] * len(high) + [0] * len(low), high + low))
    assert error > 0


@pytest.mark.parametrize("share", [0.0002, 0.002, 0.01, 0.5, 0.995, 0.9998])
def test_intervals_of_rare_shares_hold_them_as_often_as_they_say(share: float) -> None:
    held = [low <= share <= high for low, high in (share_interval(k, 500) for k in range(501))]
    assert stats.binom.pmf(np.arange(501), 500, share)[held].sum() >= 0.94


def test_the_error_of_auc_is_its_spread() -> None:
    rng = Seeds(4).rng()
    draws = [auc(rng.normal(0.5, 1, 80), rng.normal(0, 1, 60)) for _ in range(800)]
    assert np.mean([error for _, error in draws]) == pytest.approx(np.std([value for value, _ in draws]), rel=0.1)


@pytest.mark.parametrize(("hits", "trials"), [(0, 10), (3, 10), (10, 10), (50, 1000)])
def test_wilson_equals_scipys(hits: int, trials: int) -> None:
    low, high = stats.binomtest(hits, trials).proportion_ci(method="wilson")
    assert wilson(hits, trials) == pytest.approx((low, high), abs=1e-9)


def test_correlations_equal_numpys_on_the_rows_known_in_both() -> None:
    rng = Seeds(5).rng()
    values = rng.normal(size=(200, 4)) @ rng.normal(size=(4, 4)) * [1, 1e6, 1e-3, 1] + [0, 1e9, 0, 5]
    values[rng.random(values.shape) < 0.2] = np.nan
    values[:, 3] = 7.0
    found = correlations(values)
    for a, b in product(range(3), repeat=2):
        known = ~np.isnan(values[:, [a, b]]).any(axis=1)
        assert found[a, b] == pytest.approx(np.corrcoef(values[known][:, [a, b]].T)[0, 1], abs=1e-6)
    assert np.isnan(found[3, :3]).all()


def test_association_leaves_out_what_cannot_be_paired() -> None:
    frame = pl.DataFrame(
        {"n": [1, 2, 3, 4] * 50, "c": ["a", "a", "b", "b"] * 50, "d": ["x", "x", "y", "y"] * 50, "id": range(200)}
    ).with_columns(one=pl.lit("same"))
    kinds = {"n": "integer", "c": "category", "d": "category", "id": "identifier", "one": "constant"}
    names, matrix = association_matrix(frame, Schema(tuple(Column(name, kinds[name]) for name in frame.columns)))  # type: ignore[arg-type]
    assert names == ["n", "c", "d"]
    assert np.allclose(matrix, matrix.T)
    assert matrix[1, 2] == pytest.approx(1.0)
    assert matrix[0, 1] == pytest.approx(np.sqrt(0.8))  # eta: between-group variance 1 of total 1.25


def test_the_nearest_row_is_the_one_a_loop_finds() -> None:
    points, among = (encode(TABLES, side, np.arange(60)) for side in ("synthetic", "real"))
    distance, index = nearest(points, among)
    spread = pl.concat([REAL, HOLDOUT])

    def gower(a: dict[str, object], b: dict[str, object]) -> float:
        total = 0.0
        for name in ("region", "buys"):
            total += a[name] != b[name]
        for name in ("income", "since", "age"):
            numbers = spread[name].cast(pl.Float64)
            known = [None if row[name] is None else float(pl.Series([row[name]]).cast(pl.Float64)[0]) for row in (a, b)]
            low, width = float(numbers.min()), float(numbers.max()) - float(numbers.min())  # type: ignore[arg-type]
            x, y = (0.5 if value is None else (value - low) / width for value in known)
            total += abs(x - y)
        return (total + ((a["age"] is None) != (b["age"] is None))) / 6

    rows = list(REAL[:60].iter_rows(named=True))
    for place, point in enumerate(SYNTHETIC[:8].iter_rows(named=True)):
        distances = [gower(point, row) for row in rows]
        assert distance[place] == pytest.approx(min(distances), abs=1e-5)
        assert distances[index[place]] == pytest.approx(min(distances), abs=1e-5)


def test_fingerprints_are_equal_exactly_where_rows_are() -> None:
    columns = [TABLES.by_name[name] for name in ("region", "buys", "age")]
    found = fingerprints(TABLES, columns)
    joined = pl.concat([SYNTHETIC, REAL, HOLDOUT]).select("region", "buys", "age")
    prints = np.concatenate([found["synthetic"], found["real"], found["holdout"]])
    pairs = joined.with_columns(print=prints).unique()
    assert pairs.height == len(np.unique(prints)) == joined.unique().height


def test_copies_and_reemission_count_what_a_set_counts() -> None:
    synthetic = pl.concat([SYNTHETIC, REAL[:30], HOLDOUT[:10]])
    assessment = judged(synthetic, REAL, HOLDOUT)
    copies, again = score(assessment, "privacy.copies"), score(assessment, "privacy.reemission")
    rows, real, seen = set(REAL.iter_rows()), list(synthetic.iter_rows()), set(synthetic["income"])
    assert copies.value == sum(row in rows for row in real) / len(real)
    assert again.parts[0].place in {"income", "since"}
    pool = pl.concat([REAL["income"], HOLDOUT["income"]])
    once = set(pool.filter(pool.is_unique()))
    found = [value for value in REAL["income"] if value in once]
    part = next(part for part in again.parts if part.place == "income")
    assert part.value == sum(value in seen for value in found) / len(found)


def test_the_bound_on_exposed_people_holds_and_is_near() -> None:
    rng = Seeds(6).rng()
    wrong = close = 0
    for _ in range(300):  # 40 leaked of 900 + 100; chance finds 5 % of all
        found = 40 + rng.binomial(860, 0.05)
        bound = excess(int(found), int(rng.binomial(100, 0.05)), (900, 100), 0.05)
        wrong += bound > 40
        close += bound > 0
    assert wrong <= 0.05 * 300
    assert close > 0
    assert excess(100, 0, (500, 500), 0.001) >= 85
    assert excess(9, 1, (900, 100), 0.05) == 0


def test_codes_do_not_depend_on_row_order_and_ranges_on_synthetic_rows() -> None:
    turned = compare(SYNTHETIC.reverse(), REAL, HOLDOUT, schema=PEOPLE, target=None, seeds=Seeds(1))
    for one, other in zip(TABLES.columns, turned.columns, strict=True):
        assert (one.codes["synthetic"] == other.codes["synthetic"][::-1]).all()
        assert one.bins()[1] == other.bins()[1]
    wild = SYNTHETIC.with_columns(income=pl.lit(1e12))
    far = compare(wild, REAL, HOLDOUT, schema=PEOPLE, target=None, seeds=Seeds(1))
    here = encode(TABLES, "real", np.arange(50)).numbers
    assert np.array_equal(here, encode(far, "real", np.arange(50)).numbers)


@pytest.mark.parametrize(
    ("column", "values", "numbers"),
    [
        (Column("x", "date", format="%d.%m.%Y"), ["02.01.1970", "never", None], [86_400e6, np.nan, np.nan]),
        (Column("x", "date"), ["1970-01-02", "never", None], [86_400e6, np.nan, np.nan]),
        (Column("x", "datetime"), ["1970-01-01 00:00:01", "1970-01-01T00:00:02", "x"], [1e6, 2e6, np.nan]),
        (Column("x", "real"), ["1,5", " 2.5 ", "much"], [1.5, 2.5, np.nan]),
        (Column("x", "real"), [1.0, float("inf"), float("nan")], [1.0, np.nan, np.nan]),
    ],
)
def test_text_is_read_as_what_its_column_is(column: Column, values: list[object], numbers: list[float]) -> None:
    frame = pl.DataFrame({"x": values})
    coded = compare(frame, frame, None, schema=Schema((column,)), target=None, seeds=Seeds(0)).columns[0]
    assert np.array_equal(coded.numbers("real"), numbers, equal_nan=True)


def test_utility_of_real_rows_is_that_of_real_rows() -> None:
    found = score(judged(REAL, REAL, HOLDOUT, metrics=["utility.tstr"]), "utility.tstr")
    assert found.value == pytest.approx(found.floor, abs=1e-9)
    assert {part.place for part in found.parts} == {"buys · boosted trees", "buys · linear model"}


def test_the_linear_model_scores_as_scikit_learns_ridge_does() -> None:
    from sklearn.linear_model import Ridge

    from simulacra.measure._learn import one_hot

    found = score(judged(SYNTHETIC, REAL, HOLDOUT, metrics=["utility.tstr"]), "utility.tstr")
    columns = [column for column in TABLES.columns if column.name != "buys"]
    inputs = one_hot(TABLES, columns, "synthetic", np.arange(300))
    tests = one_hot(TABLES, columns, "holdout", np.arange(200))
    model = Ridge(alpha=1.0, fit_intercept=False).fit(inputs, SYNTHETIC["buys"] == "yes")
    area = roc_auc_score(HOLDOUT["buys"] == "yes", model.predict(tests))
    part = next(part for part in found.parts if "linear" in part.place)
    assert part.value == pytest.approx(area, abs=1e-9)


def test_without_a_target_the_related_columns_are_predicted() -> None:
    schema = Schema(PEOPLE.columns)
    found = score(judged(SYNTHETIC, REAL, HOLDOUT, schema=schema, metrics=["utility.tstr"]), "utility.tstr")
    targets = {part.place.split(" · ")[0] for part in found.parts}
    assert {"income", "region", "buys"} >= targets
    assert len(targets) == 3


def test_a_cut_tail_is_seen_and_named() -> None:
    real, fresh = people(3000, 21), people(3000, 22)
    cut = fresh.filter(pl.col("income") < fresh["income"].quantile(0.975))
    for synthetic, verdict in ((fresh, "pass"), (cut, "fail")):
        assessment = judged(synthetic, real, people(300, 23), metrics=["diversity.range"])
        assert assessment.families["diversity"].verdict == verdict
    assert score(assessment, "diversity.tails").parts[0].place == "income (high end)"


def test_coverage_sees_a_group_that_is_not_reached_with_or_without_a_holdout() -> None:
    lost = SYNTHETIC.filter(pl.col("region") != "north")
    for holdout in (HOLDOUT, None):
        here = score(judged(SYNTHETIC, REAL, holdout, metrics=["diversity.coverage"]), "diversity.coverage")
        gone = score(judged(lost, REAL, holdout, metrics=["diversity.coverage"]), "diversity.coverage")
        assert here.value is not None
        assert gone.value is not None
        assert here.value == pytest.approx(here.floor, abs=0.12)
        assert gone.value < here.value - 0.25


@pytest.mark.parametrize(
    ("column", "real", "synthetic", "valid"),
    [
        (Column("x", "integer"), [1, 5, 11], [1.0, 2.5, 12.0, 12.1, -0.5], 2 / 5),
        (Column("x", "real", decimals=1), [0.5, -10.0], [0.1, 0.12, -10.9, -11.2], 2 / 4),
        (Column("x", "real", decimals=None), [0.5, 1.5], [0.623456, None], 1 / 2),
        (Column("x", "real"), [0.5, 0.7, None], [0.6, None], 1.0),
        (Column("x", "category"), ["a", "b"] * 20, ["a", "c", None, "b"], 2 / 4),
        (Column("x", "date", format="%Y-%m-%d"), ["2020-01-01", "2020-12-31"], ["2020-02-30", "2020-03-01"], 1 / 2),
        (Column("x", "identifier"), ["k1", "k2"], ["k7", "k7", None, "k8"], 1 / 4),
        (Column("x", "text"), ["hello"], ["anything", "at all"], 1.0),
        (Column("x", "category"), [f"level {i}" for i in range(30)], ["level 99"], 1.0),
    ],
)
def test_validity_counts_rows_whose_values_their_column_can_hold(
    column: Column, real: list[object], synthetic: list[object], valid: float
) -> None:
    frames = [pl.DataFrame({"x": values}) for values in (synthetic, real)]
    found = score(judged(*frames, None, schema=Schema((column,)), metrics=["validity.schema"]), "validity.schema")
    assert found.value == pytest.approx(valid)


def test_duplicates_are_counted_at_equal_size() -> None:
    synthetic = pl.concat([SYNTHETIC[:100]] * 3)
    found = score(judged(synthetic, REAL, None, metrics=["diversity.duplicates"]), "diversity.duplicates")
    assert found.value == pytest.approx(200 / 300)
    assert found.floor == 0.0


def test_privacy_numbers_of_clean_rows_scatter_as_their_noise_says() -> None:
    excess: dict[str, list[float]] = {"privacy.nearest": [], "privacy.membership": []}
    for seed in range(60):
        tables = [people(120, 7 * seed + place) for place in range(3)]
        for name, found in excess.items():
            one = score(judged(*tables, metrics=[name]), name)
            assert one.value is not None
            assert one.floor is not None
            found.append((one.value - one.floor) / (one.noise or 1.0))
    for found in excess.values():
        assert abs(np.mean(found)) < 0.45
        assert 0.5 < np.std(found) < 1.35


def test_an_interaction_is_the_third_central_moment_and_chance_explains_what_it_says() -> None:
    def frame(xor: float, seed: int) -> pl.DataFrame:
        rows = np.random.default_rng(seed)
        signs = rows.integers(0, 2, (4000, 3))
        made = rows.random(4000) < xor
        signs[made, 2] = (signs[made, 0] + signs[made, 1]) % 2
        return pl.DataFrame({name: np.array(["no", "yes"])[signs[:, place]] for place, name in enumerate("abc")})

    schema = Schema(tuple(Column(name, "category") for name in "abc"))
    found = {}
    for xor in (0.0, 0.3):
        synthetic, real = frame(xor, 1), frame(0.0, 2)
        assessment = judged(synthetic, real, schema=schema, metrics=["fidelity.interaction", "fidelity.trend"])
        found[xor] = score(assessment, "fidelity.interaction")
        signs = [np.stack([1.0 - 2 * (f[n] == "no").to_numpy() for n in "abc"], axis=1) for f in (synthetic, real)]
        moments = [(side - side.mean(axis=0)).prod(axis=1).mean() / 2 for side in signs]
        assert found[xor].value == pytest.approx(abs(moments[0] - moments[1]), abs=1e-6)
        assert abs(score(assessment, "fidelity.worst_pair").value or 0.0) < 4
    assert found[0.0].value < found[0.0].floor
    assert found[0.3].value > found[0.3].floor
    assert found[0.3].parts[0].place == "a × b × c"


def test_the_floor_of_tails_is_passed_by_one_clean_table_in_a_thousand_at_most() -> None:
    rng = np.random.default_rng(9)
    frames = [pl.DataFrame({f"x{k}": rng.normal(size=2000) for k in range(4)}) for _ in range(60)]
    schema = Schema(tuple(Column(f"x{k}", "real", dtype="Float64") for k in range(4)))
    found = [
        score(judged(a, b, schema=schema, metrics=["diversity.range"]), "diversity.tails")
        for a, b in zip(frames[::2], frames[1::2], strict=True)
    ]
    assert [one for one in found if one.value < one.floor] == []
    cut = frames[0].filter(pl.col("x1").is_between(*np.quantile(frames[0]["x1"], [0.02, 0.98])))
    short = score(judged(cut, frames[1], schema=schema, metrics=["diversity.range"]), "diversity.tails")
    assert short.value < short.floor - 0.1
    assert short.parts[0].place.startswith("x1 (")


def test_a_gap_between_the_two_largest_groups_shows_before_a_rate_does() -> None:
    rng = np.random.default_rng(10)
    frames = []
    for shift in (0.06, 0.0):
        group = rng.integers(0, 2, 4000)
        won = rng.random(4000) < 0.5 + shift * (2 * group - 1)
        frames.append(pl.DataFrame({
            "sex": np.array(["f", "m"])[group], "won": np.array(["no", "yes"])[won.astype(int)],
            **{f"c{k}": rng.choice(list("abcdefghij"), 4000) for k in range(9)},
        }))  # fmt: skip
    schema = Schema(tuple(Column(name, "category") for name in frames[0].columns), target="won")
    assessment = judged(*frames, schema=schema, metrics=["fidelity.outcome"])
    gap = score(assessment, "fidelity.gap")
    assert gap.value > gap.floor
    assert "where sex = " in gap.parts[0].place
    assert " against sex = " in gap.parts[0].place


def test_rows_of_a_full_grid_are_no_copies_unless_those_learned_from_are_met_more_often() -> None:
    """Who says town and month alone meets real rows, learned from or not."""
    grid = pl.DataFrame({"town": [f"t{k}" for k in range(40)]}).join(pl.DataFrame({"month": range(100)}), how="cross")
    drawn = grid.sample(fraction=1, shuffle=True, seed=0)
    real, held = drawn[:3600], drawn[3600:]
    schema = Schema((Column("town", "category"), Column("month", "integer", dtype="Int64")))
    fresh = grid.sample(3600, with_replacement=True, seed=1)
    leaked = pl.concat([real.sample(1800, seed=2), fresh[1800:]])
    for made, verdict in ((fresh, "pass"), (leaked, "fail")):
        found = judged(made, real, held, schema=schema, metrics=["privacy.copies"])
        assert [gate.verdict for gate in found.gates] == [verdict], found.gates
