"""The Python face on frames: what comes back has the type, order and dtypes that went in; what goes wrong says so."""

import datetime as dt
import hashlib
import struct
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest

import simulacra
from simulacra.api import fit_file, sample_file, validate_files
from simulacra.data.archive import MAGIC, pack
from simulacra.data.constraints import parse_constraint
from simulacra.errors import DataError, ModelFileError, RecipeError, SchemaError, UserError

ROWS = 240


def people(rows: int = ROWS) -> pl.DataFrame:
    """A table with a column of every type a polars frame of plain values can have."""
    draw = np.random.default_rng(3)
    day = dt.date(2021, 3, 1)
    levels = ["low", "mid", "high"]
    days = draw.integers(0, 900, rows).tolist()
    return pl.DataFrame(
        {
            "small": pl.Series(draw.integers(0, 90, rows), dtype=pl.UInt8),
            "large": pl.Series(draw.integers(10**18, 9 * 10**18, rows), dtype=pl.Int64),
            "beyond": pl.Series(draw.integers(2**63, 2**64 - 1, rows, dtype=np.uint64), dtype=pl.UInt64),
            "single": pl.Series(draw.normal(size=rows), dtype=pl.Float32),
            "pay": pl.Series([Decimal(int(n)) / 100 for n in draw.integers(1, 10**6, rows)], dtype=pl.Decimal(12, 2)),
            "level": pl.Series(draw.choice(levels, rows), dtype=pl.Categorical),
            "fixed": pl.Series(draw.choice(levels, rows), dtype=pl.Enum([*levels, "never"])),
            "yes": draw.random(rows) < 0.3,
            "born": [day - dt.timedelta(days=days[i]) for i in range(rows)],
            "seen": pl.Series([dt.datetime(2022, 1, 1) + dt.timedelta(hours=h) for h in days], dtype=pl.Datetime("ms")),
            "clock": [dt.time(h % 24, h % 60) for h in days],
            "took": [dt.timedelta(minutes=h) for h in days],
            "key": [f"A{i:05}" for i in range(rows)],
            "some": [None if i % 5 == 0 else i % 7 for i in range(rows)],
            "none": pl.Series([None] * rows, dtype=pl.String),
            "same": ["x"] * rows,
        }
    )


@pytest.fixture(scope="module")
def fitted():
    return simulacra.Synthesizer(quality="fast", seed=4).fit(people())


@pytest.fixture(scope="module")
def model(fitted, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "people.sim"
    fitted.save(path)
    return path


def test_polars_comes_back_with_its_columns_and_types(fitted):
    twin = fitted.sample(500)
    assert isinstance(twin, pl.DataFrame)
    assert twin.height == 500
    assert dict(twin.schema) == dict(people().schema)
    assert twin.columns == people().columns
    assert twin["none"].null_count() == 500
    assert 0.1 < twin["some"].null_count() / 500 < 0.3
    assert all(twin[name].null_count() == 0 for name in twin.columns if name not in ("some", "none"))
    assert set(twin["fixed"].cast(pl.String)) <= {"low", "mid", "high"}
    assert twin["key"].n_unique() == 500
    assert not set(twin["key"]) & set(people()["key"])


def test_pandas_comes_back_with_its_columns_and_types():
    draw = np.random.default_rng(5)
    table = pd.DataFrame(
        {
            "z": draw.integers(0, 50, ROWS).astype("int16"),
            "a": draw.normal(size=ROWS).astype("float32"),
            "nullable": pd.array([None if i % 4 == 0 else i % 9 for i in range(ROWS)], dtype="Int32"),
            "flag": pd.array([None if i % 4 == 0 else i % 3 == 0 for i in range(ROWS)], dtype="boolean"),
            "level": pd.Categorical(draw.choice(["lo", "hi"], ROWS), categories=["lo", "mid", "hi"], ordered=True),
            "word": draw.choice(["x", "y"], ROWS).astype(object),
            "when": pd.Timestamp("2020-01-01", tz="Europe/Berlin") + pd.to_timedelta(draw.integers(0, 900, ROWS), "D"),
            "took": pd.to_timedelta(draw.integers(0, 900, ROWS), "min"),
        },
        index=range(1000, 1000 + ROWS),
    )
    twin = simulacra.synthesize(table, rows=77, quality="fast")
    assert isinstance(twin, pd.DataFrame)
    assert list(twin.columns) == list(table.columns)
    assert twin.dtypes.to_dict() == table.dtypes.to_dict()
    assert twin.index.tolist() == list(range(77))


def test_pandas_and_polars_hold_the_same_values():
    columns = ["small", "single", "yes", "key", "same"]
    frame = people().select(columns)
    other = pd.DataFrame({name: frame[name].to_numpy() for name in columns})
    twin, pandas_twin = (simulacra.synthesize(table, rows=60, quality="fast") for table in (frame, other))
    for name in columns:
        assert pandas_twin[name].tolist() == twin[name].to_list(), name


def test_without_rows_as_many_come_back_whatever_holds_them():
    frame = people(60).select("small", "yes")
    assert simulacra.synthesize(frame, quality="fast").height == 60
    assert simulacra.synthesize(frame.lazy(), quality="fast").collect().height == 60
    assert len(simulacra.synthesize(frame.to_dicts(), quality="fast")) == 60
    columns = simulacra.synthesize(frame.to_dict(as_series=False), quality="fast")
    assert {name: len(values) for name, values in columns.items()} == {"small": 60, "yes": 60}


def test_the_same_seed_gives_the_same_rows_and_the_first_rows_stay(fitted):
    rows = fitted.sample(300)
    assert fitted.sample(300).equals(rows)
    assert fitted.sample(40).equals(rows.head(40))
    assert not fitted.sample(300, seed=9).equals(rows)


def test_a_saved_model_gives_the_same_rows(fitted, model):
    assert simulacra.Synthesizer.load(model).sample(50, seed=4).equals(fitted.sample(50))


def test_a_model_of_another_version_is_refused_and_says_which(tmp_path):
    newer = tmp_path / "newer.sim"
    newer.write_bytes(pack("table", 99, {"codec": {}, "chain": {}}))
    with pytest.raises(ModelFileError, match=r"newer\.sim: the model has version 99, this program reads version \d"):
        simulacra.Synthesizer.load(newer)


def _sum(packed: bytes) -> bytes:
    return hashlib.blake2b(packed, digest_size=32).digest()


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda _: b"", "this is not a model file"),
        (lambda _: b"age,job\n1,cook\n", "this is not a model file"),
        (lambda whole: whole[:-100], "cut short"),
        (lambda whole: whole + b"x", "damaged or forged"),
        (lambda whole: whole[:-200] + bytes(100) + whole[-100:], "damaged or forged"),
        (lambda _: b"\x80\x04\x95\x1d\x00\x00\x00cposix\nsystem\n", "this is not a model file"),
        (lambda _: MAGIC + struct.pack("<IQQ32s", 1, 10, 2**60, _sum(bytes(10))) + bytes(10), "claims to unpack to"),
        (lambda _: pack("table", 1, {"codec": {}, "chain": {}}), "is missing|is not there|version"),
        (lambda _: pack("demo", 1, {}), "the file holds a 'demo', not a 'table'"),
    ],
)
def test_a_damaged_or_hostile_model_is_refused(make, told, model, tmp_path):
    broken = tmp_path / "broken.sim"
    broken.write_bytes(make(model.read_bytes()))
    with pytest.raises(ModelFileError, match=told):
        simulacra.Synthesizer.load(broken)


def test_every_flipped_byte_of_a_model_is_noticed(model, tmp_path):
    whole = model.read_bytes()
    broken = tmp_path / "broken.sim"
    for place in range(0, len(whole), max(1, len(whole) // 60)):
        broken.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        with pytest.raises(ModelFileError):
            simulacra.Synthesizer.load(broken)


def test_a_model_that_is_not_there_is_told_in_plain_words(tmp_path):
    with pytest.raises(
        ModelFileError, match=r"none\.sim: the model cannot be read \(no such file or directory\)\. Check"
    ):
        simulacra.Synthesizer.load(tmp_path / "none.sim")


def test_a_model_holds_no_real_key_and_no_real_extreme(model):
    import zlib

    body = zlib.decompress(model.read_bytes()[struct.calcsize("<8sIQQ32s") :])
    assert b"A00017" not in body


def test_nothing_learned_yet():
    for call in (lambda s: s.sample(5), lambda s: s.save("nowhere.sim")):
        with pytest.raises(RecipeError, match=r"Nothing has been learned yet\. Call fit\(data\) first\."):
            call(simulacra.Synthesizer())


@pytest.mark.parametrize("rows", [0, -1, 2.5, "5", True])
def test_less_than_one_row(rows, fitted, tmp_path):
    told = f"{rows} rows were asked for.*sk for a whole number, 1 or more"
    with pytest.raises(RecipeError, match=told):
        fitted.sample(rows)
    with pytest.raises(RecipeError, match=told):
        simulacra.synthesize(people(), rows=rows, quality="fast")
    with pytest.raises(RecipeError, match=told):
        simulacra.make_recipe(tmp_path / "a.csv", rows=rows)


@pytest.mark.parametrize("rows", [0, 1, 9])
def test_too_few_rows_to_learn_from(rows):
    with pytest.raises(DataError, match=rf"The table has {rows} rows?\. At least 10 rows are needed to learn anything"):
        simulacra.Synthesizer().fit(people().head(rows))


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (pl.DataFrame(), "The table has 0 rows"),
        (pl.DataFrame({"a": [[1, 2]] * 20}), r"Column 'a' is nested \(a list\)"),
        (pl.DataFrame({"a": [float("inf")] * 20}), "Column 'a' holds 20 infinite values"),
        (pl.DataFrame({"": [1] * 20}), "Column 1 has no name. Give every column a name"),
        (pl.DataFrame({"*": [1] * 20}), r"The column name '\*' would be read as a pattern"),
        (pl.DataFrame({"^a.*$": [1] * 20}), "would be read as a pattern over all columns"),
        (pd.DataFrame([[1, 2]] * 20, columns=["a", "a"]), "Column names stand twice: 'a'"),
        (pd.DataFrame([[1, 2]] * 20), "2 column names are not text"),
        (pd.DataFrame({"a": [1, "x"] * 20}), "Column 'a' holds values of different types: text and whole numbers"),
        ({"a": [1] * 20, "b": [1]}, "The columns are not equally long"),
        (42, "A table is needed, not a int"),
    ],
)
def test_a_table_that_cannot_be_learned_says_why(table, told):
    with pytest.raises(DataError, match=told):
        simulacra.synthesize(table, rows=5, quality="fast")


def test_inspect_takes_frames_and_files(tmp_path):
    table = people().select("small", "yes", "born", "key")
    table.write_parquet(tmp_path / "a.parquet")
    kinds = {column.name: column.kind for column in simulacra.inspect(table)}
    assert kinds == {"small": "integer", "yes": "boolean", "born": "date", "key": "identifier"}
    assert {c.name: c.kind for c in simulacra.inspect(tmp_path / "a.parquet")} == kinds
    assert all(column.why for column in simulacra.inspect(table))
    with pytest.raises(DataError, match=r"none\.csv: the file does not exist"):
        simulacra.inspect(tmp_path / "none.csv")


def numbers(seed: int, rows: int = 300) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    x = draw.normal(size=rows)
    return pl.DataFrame({"n": draw.integers(0, 90, rows), "x": x, "y": np.where(x > 0, "up", "down")})


def test_validate_tells_apart_what_it_could_judge_and_not():
    real, unseen, made = numbers(1), numbers(2), numbers(3)
    judged = simulacra.validate(made, real, holdout=unseen, target="y")
    assert judged.families["privacy"].verdict == "pass"
    assert simulacra.validate(made, real).families["privacy"].verdict == "unknown"
    assert simulacra.validate(real, real, holdout=unseen).families["privacy"].verdict == "fail"


def test_validate_takes_pandas_as_polars():
    real, made = numbers(1), numbers(3)
    pandas = [pd.DataFrame(t.to_dict(as_series=False)) for t in (made, real)]
    scores, others = (simulacra.validate(*tables).scores for tables in ((made, real), pandas))
    assert [(score.name, score.value) for score in scores] == [(score.name, score.value) for score in others]


def test_validate_refuses_a_holdout_that_was_seen():
    real = numbers(1)
    with pytest.raises(DataError, match="the hold-out: 300 of the 300 rows of the hold-out stand in the source"):
        simulacra.validate(numbers(3), real, holdout=real)
    with pytest.raises(DataError, match="the hold-out: 100 of the 100 rows"):
        simulacra.validate(numbers(3), real, holdout=real.sample(100, seed=1, shuffle=True))


def test_a_holdout_that_was_partly_seen_is_remarked(tmp_path):
    real = numbers(1)
    for name, table in (("r", real), ("s", numbers(3)), ("h", pl.concat([real.head(60), numbers(2, 60)]))):
        table.write_csv(tmp_path / f"{name}.csv")
    record = validate_files(tmp_path / "s.csv", tmp_path / "r.csv", holdout=tmp_path / "h.csv")
    assert any("60 of the 120 rows of the hold-out stand in the source" in note for note in record.notes)


def test_rows_that_repeat_by_chance_are_no_seen_holdout():
    draw = np.random.default_rng(1)
    real, unseen, made = (pl.DataFrame({"a": draw.integers(0, 5, 300), "b": draw.integers(0, 3, 300)}) for _ in "rhs")
    assert simulacra.validate(made, real, holdout=unseen).families["privacy"].verdict in ("pass", "warn", "unknown")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t.drop("n"), "the synthetic table: there is no column 'n'. It must have the real table's columns"),
        (lambda t: t.with_columns(n=pl.lit("many")), "300 values of column 'n' are no Int64.*the first is 'many'"),
        (lambda t: t.with_columns(n=pl.col("n") + 0.5), r"300 values of column 'n' are no Int64.*the first is \d+\.5"),
    ],
)
def test_validate_refuses_what_does_not_fit_the_real_table(change, told):
    with pytest.raises(DataError, match=told):
        simulacra.validate(change(numbers(3)), numbers(1))


def test_validate_takes_whole_reals_for_integers_and_any_order_of_columns():
    other = numbers(3).with_columns(pl.col("n").cast(pl.Float64)).select("y", "x", "n")
    scores, others = (simulacra.validate(made, numbers(1)).scores for made in (numbers(3), other))
    assert [score.value for score in scores] == [score.value for score in others]


def test_a_target_or_a_gate_that_is_not_there():
    real, made = numbers(1), numbers(3)
    with pytest.raises(UserError, match=r"There is no column 'yy'. Did you mean 'y'"):
        simulacra.validate(made, real, target="yy")
    with pytest.raises(RecipeError, match=r"there is no measure 'privacy.copyes'. Did you mean 'privacy.copies'"):
        simulacra.validate(made, real, gates=["privacy.copyes <= 1"])


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (numbers(1).rename({"n": "m"}), "The table has no column 'm'"),
        (numbers(1).select("n", "x"), "The schema has no column 'y'"),
        (numbers(1).with_columns(pl.col("n").cast(pl.String)), "Column 'n' is Int64, in the schema String"),
    ],
)
def test_a_schema_of_another_table(table, told):
    with pytest.raises(SchemaError, match=told):
        simulacra.Synthesizer(schema=simulacra.inspect(table), quality="fast").fit(numbers(1))


def test_a_choice_that_does_not_exist(tmp_path):
    with pytest.raises(RecipeError, match=r"There is no quality 'good'\. Ask for 'fast' or 'best'"):
        simulacra.synthesize(numbers(1), rows=5, quality="good")
    for choice in ({"format": "xml"}, {"quality": "good"}, {"seed": -1}):
        with pytest.raises(RecipeError, match=next(iter(choice)).title()):
            simulacra.make_recipe(tmp_path / "a.csv", **choice)


def test_fit_file_and_sample_file(tmp_path):
    numbers(1).write_csv(tmp_path / "a.csv")
    schema = fit_file(tmp_path / "a.csv", tmp_path / "a.sim", quality="fast")
    assert schema.names == ["n", "x", "y"]
    made = sample_file(tmp_path / "a.sim", 25, tmp_path / "b.jsonl")
    assert pl.read_ndjson(tmp_path / "b.jsonl").rows() == made.rows()
    with pytest.raises(SchemaError, match=r"none\.yaml: the schema cannot be read \(no such file or directory\)"):
        fit_file(tmp_path / "a.csv", tmp_path / "c.sim", schema=tmp_path / "none.yaml")
    (tmp_path / "odd.yaml").write_bytes(b"columns:\n  \xff: 1\n")
    with pytest.raises(SchemaError, match=r"odd\.yaml: the schema is not UTF-8 text. Save it as UTF-8"):
        fit_file(tmp_path / "a.csv", tmp_path / "c.sim", schema=tmp_path / "odd.yaml")
    assert not (tmp_path / "c.sim").exists()


def test_a_fit_that_fails_leaves_the_earlier_one_whole() -> None:
    frame = pl.DataFrame({"a": [i % 9 for i in range(60)], "b": ["x", "y", "z"] * 20})
    model = simulacra.Synthesizer(quality="fast").fit(frame)
    before = model.sample(5)
    with pytest.raises(simulacra.SimulacraError):
        model.fit(frame.head(3).to_pandas())
    after = model.sample(5)
    assert isinstance(after, pl.DataFrame)
    assert after.equals(before)


def test_only_public_names_are_listed():
    assert [name for name in dir(simulacra) if not name.startswith("__")] == sorted(simulacra.__all__)


def test_synthesize_takes_a_schema_with_rules():
    frame = pl.DataFrame({"low": [i % 7 for i in range(200)], "high": [7 + i % 5 for i in range(200)]})
    schema = replace(simulacra.inspect(frame), constraints=(parse_constraint({"found": "none"}),))
    schema = replace(schema, columns=(replace(schema["low"], kind="category"), schema["high"]))
    rows = simulacra.synthesize(frame, rows=50, quality="fast", schema=schema)
    assert set(rows["low"]) <= set(range(7))
    with pytest.raises(SchemaError, match="The table has no column 'low'"):
        simulacra.synthesize(frame.select("high"), schema=schema, rows=5)
