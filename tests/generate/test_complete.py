"""Partly known rows: what is known comes back unchanged, the rest is drawn given it, rules are kept."""

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import simulacra
from simulacra import Synthesizer
from simulacra.cli.main import run_command
from simulacra.data.constraints import parse_constraint
from simulacra.errors import DataError, SchemaError
from simulacra.seeds import Seeds
from simulacra.tables.chain import Chain
from simulacra.tables.fill import fill, probability


def shop(rows=2500, seed=1):
    rng = np.random.default_rng(seed)
    net = rng.integers(10, 400, rows)
    tax = rng.integers(1, 40, rows)
    code = rng.integers(0, 5, rows)
    start = rng.integers(18_000, 19_000, rows)
    return pl.DataFrame(
        {
            "net": net,
            "tax": tax,
            "total": net + tax,
            "code": [f"C{k}" for k in code],
            "label": [("apple", "pear", "plum", "fig", "kiwi")[k] for k in code],
            "size": np.where(rng.random(rows) < 0.9, np.where(net > 200, "big", "small"), "odd"),
            "weight": pl.Series(net / 10 + rng.normal(0, 1, rows))
            .round(1)
            .set(pl.Series(rng.random(rows) < 0.3), None),
            "sent": pl.Series(start).cast(pl.Int32).cast(pl.Date),
            "came": pl.Series(start + rng.integers(0, 20, rows)).cast(pl.Int32).cast(pl.Date),
        }
    )


@pytest.fixture(scope="module")
def learned():
    return Synthesizer(quality="fast").fit(shop())


def holed(frame, share=0.4, seed=3):
    rng = np.random.default_rng(seed)
    return frame.with_columns(
        pl.when(pl.Series(rng.random(frame.height) < share)).then(None).otherwise(pl.col(name)).alias(name)
        for name in frame.columns
    )


def keeps_the_rules(rows):
    names = dict(zip(["C0", "C1", "C2", "C3", "C4"], ["apple", "pear", "plum", "fig", "kiwi"], strict=True))
    assert (rows["net"] + rows["tax"] == rows["total"]).all()
    assert (rows["sent"] <= rows["came"]).all()
    assert rows["code"].replace_strict(names).equals(rows["label"])


def test_known_values_come_back_and_the_rest_is_filled(learned):
    partial = holed(shop(300, seed=5))
    full = learned.complete(partial)
    assert full.schema == partial.schema
    assert full.null_count().sum_horizontal()[0] == 0
    for name in partial.columns:
        there = partial[name].is_not_null()
        assert full[name].filter(there).equals(partial[name].filter(there))
    keeps_the_rules(full)


def test_columns_that_are_absent_are_made_with_their_missing_values_unless_imputed(learned):
    partial = shop(800, seed=5).select("net", "tax")
    full = learned.complete(partial)
    assert full.columns == shop(1).columns
    assert 0.2 < full["weight"].is_null().mean() < 0.4
    keeps_the_rules(full)
    assert learned.impute(partial)["weight"].null_count() == 0


def test_what_is_drawn_follows_what_is_known(learned):
    known = pl.DataFrame({"net": [350] * 300 + [50] * 300})
    full = learned.complete(known)
    assert full["size"].head(300).eq("big").mean() > 0.8
    assert full["size"].tail(300).eq("small").mean() > 0.8
    assert abs(full["weight"].head(300).mean() - 35) < 2
    back = learned.complete(pl.DataFrame({"size": ["big"] * 200 + ["small"] * 200}))
    assert back["net"].head(200).mean() > back["net"].tail(200).mean() + 120


def test_a_row_does_not_depend_on_the_others_and_a_seed_gives_the_same(learned):
    partial = holed(shop(700, seed=6))
    full = learned.complete(partial, seed=4)
    assert_frame_equal(full.head(100), learned.complete(partial.head(100), seed=4))
    assert not full.equals(learned.complete(partial, seed=5))


@pytest.mark.parametrize(
    ("partial", "kind", "message"),
    [
        ({"nett": [1]}, SchemaError, "rows to complete: there is no column 'nett'. Did you mean 'net'?"),
        ({"code": ["C9"]}, DataError, r"\(row 1: there is no level 'C9' that was learned in 'code'\)"),
        ({"net": ["many"]}, DataError, "rows to complete, column 'net': its values do not fit what was learned"),
        (
            {"net": [10], "tax": [5], "total": [99]},
            DataError,
            r"1 of 1 rows cannot be completed so that they keep the table's rules \(row 1: ",
        ),
        ({"code": ["C1"], "label": ["fig"]}, DataError, "cannot be completed"),
    ],
)
def test_rows_that_cannot_be_completed(learned, partial, kind, message):
    with pytest.raises(kind, match=message):
        learned.complete(pl.DataFrame(partial), strict=True)


def test_rows_that_cannot_be_completed_stand_as_they_came_and_cost_the_others_nothing(learned):
    partial = holed(shop(60, seed=9)).drop("size")
    odd = partial.with_columns(code=pl.when(pl.int_range(pl.len()) == 7).then(pl.lit("C9")).otherwise("code"))
    odd = odd.with_columns(net=pl.when(pl.int_range(pl.len()) == 3).then(10).otherwise("net"))
    odd = odd.with_columns(tax=pl.when(pl.int_range(pl.len()) == 3).then(5).otherwise("tax"))
    odd = odd.with_columns(total=pl.when(pl.int_range(pl.len()) == 3).then(99).otherwise("total"))
    with pytest.warns(
        UserWarning, match=r"2 of 60 rows cannot be .*\(row 4: .*; row 8: .*'C9'.*\): they stand as they"
    ):
        made = learned.complete(odd)
    usual = learned.complete(partial)
    others = ~pl.int_range(60, eager=True).is_in([3, 7])
    assert_frame_equal(made.filter(others), usual.filter(others))
    assert_frame_equal(
        made.filter(~others).select(odd.columns), odd.filter(~others).cast(dict(made.select(odd.columns).schema))
    )
    assert set(learned.complete_told(odd).left) == {3, 7}


def sales(rows=1500, seed=4, decimals=2):
    rng = np.random.default_rng(seed)
    net = np.round(rng.gamma(2, 400, rows), decimals)
    tax = np.round(net * 0.19 + 1e-9, 2)
    return pl.DataFrame(
        {
            "age": rng.integers(18, 80, rows),
            "sex": rng.choice(["m", "f"], rows),
            "Netto": net if decimals else net.astype(int),
            "MwSt": tax,
            "Brutto": np.round(net + tax, 2),
        }
    )


WRITTEN = ("MwSt = 0.19 * Netto", "Brutto = Netto + MwSt", {"found": "none"})


@pytest.fixture(scope="module", params=["found", "written"])
def vat(request):
    schema = simulacra.inspect(sales())
    if request.param == "written":
        schema = replace(schema, constraints=tuple(parse_constraint(rule) for rule in WRITTEN))
    return Synthesizer(quality="fast", schema=schema).fit(sales())


@pytest.mark.parametrize(
    "known",
    [
        {"Netto": 1000.5, "MwSt": None, "Brutto": None},
        {"Netto": 1000.5},
        {"Brutto": 1190.6},
        {"Brutto": 1190.6, "age": 30, "sex": "m"},
        {"MwSt": 190.1, "Brutto": 1190.6},
        {"Netto": 1000.5, "Brutto": 1190.6},
    ],
    ids=str,
)
def test_what_a_rule_determines_is_computed(vat, known):
    full = vat.complete(pl.DataFrame({name: [value] for name, value in known.items()})).row(0, named=True)
    assert (full["Netto"], full["MwSt"], full["Brutto"]) == (1000.5, 190.1, 1190.6)
    assert all(full[name] == value for name, value in known.items() if value is not None)


@pytest.mark.parametrize("name", ["Netto", "MwSt", "Brutto"])
def test_computed_values_are_within_half_a_unit_of_what_the_rule_says(vat, name):
    known = pl.DataFrame({name: np.random.default_rng(2).integers(1, 300_000, 400) / 100})
    full = vat.complete(known)
    share = {"Netto": 1.0, "MwSt": 0.19, "Brutto": 1.19}
    assert full[name].equals(known[name])
    net = known[name] / share[name]
    assert (full["Netto"] - net).abs().max() < 0.005 + 1e-6
    for other in ("MwSt", "Brutto"):
        # computed from the delivered net price, or from the known gross one: the rounding of one adds to the other's
        assert (full[other] - net * share[other]).abs().max() <= 0.005 + 0.00595 + 1e-6
    assert (full["Netto"] + full["MwSt"] - full["Brutto"]).abs().max() < 0.01 + 1e-6


def test_each_row_that_cannot_be_completed_is_named_with_its_rule(vat):
    partial = pl.DataFrame({"Netto": [100.0, 100.0, None] + [5.0] * 6, "Brutto": [119.0, 300.0, 50.0] + [9.0] * 6})
    with pytest.raises(DataError, match=r"7 of 9 rows cannot be .*\(row 2, 4, 5, 6, 7: .* is not kept; and 2 more\)"):
        vat.complete(partial, strict=True)


def test_a_fraction_is_not_cut_off_where_whole_numbers_were_learned():
    learned = Synthesizer(quality="fast").fit(sales(400, decimals=0))
    with pytest.raises(DataError, match=r"column 'Netto': 1000.5 in row 2 is not whole, and whole numbers were learn"):
        learned.complete(pl.DataFrame({"Netto": [3.0, 1000.5]}))


def test_no_rows_to_complete(learned):
    with pytest.raises(DataError, match=r"^There are no rows to complete\. Give a table with at least one row\.$"):
        learned.complete(pl.DataFrame({"net": pl.Series([], dtype=pl.Int64)}))


def test_one_open_column_is_drawn_from_its_exact_conditional(learned):
    """The slow way: the model's likelihood of every code beside the known ones."""
    chain: Chain = learned._fitted.chain
    codes = chain.sample(1, Seeds(3)).repeat(4000, axis=0)
    for column in np.flatnonzero(chain.sizes > 2)[:3]:
        known = codes.astype(np.int16)
        known[:, column] = -1
        drawn = fill(chain, known, {}, Seeds(1))[:, column]
        tried = codes[: chain.sizes[column]].copy()
        tried[:, column] = np.arange(chain.sizes[column])
        likely = np.exp(chain.score_rows(tried))
        share = np.bincount(drawn, minlength=chain.sizes[column]) / len(drawn)
        assert np.abs(share - likely / likely.sum()).max() < 0.03


def test_fill_refuses_codes_that_are_none(learned):
    chain: Chain = learned._fitted.chain
    with pytest.raises(ValueError, match="known takes a code of each coded column"):
        fill(chain, np.full((2, chain.n_columns), 300, np.int16), {}, Seeds(0))


def test_the_probability_of_a_condition_is_the_share_of_rows_that_satisfy_it(learned):
    chain: Chain = learned._fitted.chain
    column = int(np.argmax(chain.sizes))
    mask = np.arange(chain.sizes[column]) < chain.sizes[column] // 3
    share = mask[chain.sample(20_000, Seeds(5))[:, column]].mean()
    assert abs(probability(chain, {column: mask}, Seeds(1)) - share) < 0.02


def test_the_command_line_completes_a_file(tmp_path, capsys):
    real, partial, model, out = (tmp_path / name for name in ("real.csv", "partial.csv", "m.sim", "full.csv"))
    shop(600).write_csv(real)
    holed(shop(40, seed=8)).drop("size").write_csv(partial)
    assert run_command(["fit", str(real), "--quality", "fast", "-o", str(model), "-q"]) == 0
    capsys.readouterr()
    assert run_command(["sample", str(model), "--complete", str(partial), "-o", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 40
    full, before = pl.read_csv(out), pl.read_csv(partial)
    assert full.columns == shop(1).columns
    there = before["net"].is_not_null()
    assert full["net"].filter(there).equals(before["net"].filter(there))
    bad = before.with_columns(code=pl.lit("C9")).head(2)
    bad.write_csv(partial)
    assert run_command(["sample", str(model), "--complete", str(partial), "-o", str(out)]) == 1
    shown = capsys.readouterr().out
    assert "2 of 2 rows cannot be completed" in shown
    assert "They stand in the file as they came" in shown
    assert pl.read_csv(out)["code"].to_list() == ["C9", "C9"]
    assert run_command(["sample", str(model), "--complete", str(partial), "-o", str(out), "--json"]) == 1
    assert [one["row"] for one in json.loads(capsys.readouterr().out)["not_completed"]] == [1, 2]
    for words in (["--rows", "5", "--complete", str(partial)], [], ["--complete", str(partial), "--given", "net=50.."]):
        assert run_command(["sample", str(model), *words, "-o", str(out)]) == 2
        assert "Give --rows N (with --given or --balance), or --complete FILE." in capsys.readouterr().err
