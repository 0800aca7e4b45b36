"""The whole codec: one matrix of codes, the prefix law, saved states, and hostile ones."""

from __future__ import annotations

import copy
import datetime as dt
import math
from typing import Any

import numpy as np
import polars as pl
import pytest

from simulacra.data.archive import pack, unpack
from simulacra.data.codes import Codec
from simulacra.data.infer import infer_schema
from simulacra.data.schema import Column, Schema
from simulacra.errors import DataError, ModelFileError, SchemaError
from simulacra.seeds import Seeds

ROWS = 1500


def table() -> tuple[pl.DataFrame, Schema]:
    """Return a table with a column of every kind."""
    rng = np.random.default_rng(9)
    start = dt.datetime(2021, 1, 1)
    seconds = rng.integers(0, 10**8, ROWS).tolist()
    frame = pl.DataFrame(
        {
            "id": np.arange(1, ROWS + 1),
            "age": rng.integers(18, 90, ROWS),
            "income": [None if k < 0.1 else round(math.exp(8 + k), 2) for k in rng.random(ROWS)],
            "job": rng.choice(["cook", "smith", "poet"], ROWS),
            "zip": [f"{k:05d}" for k in rng.integers(0, 290, ROWS)],
            "active": rng.random(ROWS) < 0.4,
            "born": [(start + dt.timedelta(days=int(k))).date() for k in rng.integers(-20_000, 0, ROWS)],
            "seen": [start + dt.timedelta(seconds=k) for k in seconds],
            "spent": [dt.timedelta(seconds=k % 5000) for k in seconds],
            "remark": [None if k % 4 else f"said {k} things." for k in range(ROWS)],
            "email": [f"user{k}@mail.de" for k in range(ROWS)],
            "country": ["DE"] * ROWS,
        }
    )
    kinds = ["identifier", "integer", "real", "category", "category", "boolean", "date", "datetime", "duration", "text"]
    columns = [
        Column(name, kind, dtype=str(frame[name].dtype), personal="email" if name == "email" else None)  # type: ignore[arg-type]
        for name, kind in zip(frame.columns, [*kinds, "text", "constant"], strict=True)
    ]
    return frame, Schema(tuple(columns), "active")


FRAME, SCHEMA = table()
CODEC = Codec.fit(FRAME, SCHEMA, Seeds(3))
CODES = CODEC.encode(FRAME)
UNIFORMS = np.random.default_rng(1).random((ROWS, CODEC.uniforms))
MADE = CODEC.decode(CODES, UNIFORMS, first_row=0)


def test_the_frame_that_comes_back_has_the_types_that_went_in() -> None:
    assert MADE.schema == FRAME.schema
    assert MADE.null_count().equals(FRAME.null_count())
    for name in ("age", "job", "active", "country"):
        assert MADE[name].equals(FRAME[name])


def test_codes_fit_their_sizes() -> None:
    assert CODES.shape == (ROWS, len(CODEC.names)) == (ROWS, len(CODEC.sizes)) == (ROWS, len(CODEC.ordered))
    assert CODES.dtype == np.uint8
    assert CODEC.sizes.dtype == np.int32
    assert ((CODEC.sizes >= 1) & (CODEC.sizes <= 256)).all()
    assert (CODES.max(axis=0) < CODEC.sizes).all()
    assert len(set(CODEC.names)) == len(CODEC.names)


def test_made_up_and_constant_columns_have_no_code_unless_they_can_be_missing() -> None:
    assert "remark" in CODEC.names
    assert not {"id", "email", "country"} & set(CODEC.names)


@pytest.mark.parametrize(("first", "last"), [(0, 1), (0, 700), (699, 703), (ROWS - 1, ROWS), (5, 5)])
def test_a_row_depends_on_its_own_codes_uniforms_and_number(first: int, last: int) -> None:
    part = CODEC.decode(CODES[first:last], UNIFORMS[first:last], first_row=first)
    assert part.equals(MADE[first:last])


def test_nothing_personal_and_no_key_is_copied() -> None:
    for name in ("id", "email", "remark"):
        assert not set(MADE[name].drop_nulls()) & set(FRAME[name].drop_nulls())
    assert MADE["id"].n_unique() == ROWS
    assert any("'email'" in note for note in CODEC.notes)


def test_the_order_of_rows_changes_nothing_that_is_learned() -> None:
    order = np.random.default_rng(4).permutation(ROWS)
    other = Codec.fit(FRAME[order], SCHEMA, Seeds(3))
    assert np.array_equal(other.encode(FRAME), CODES)
    kept = [name for name in FRAME.columns if name != "id"]  # whether keys are in sequence is a matter of order
    assert other.decode(CODES, UNIFORMS, first_row=0).select(kept).equals(MADE.select(kept))


def test_every_code_can_be_decoded() -> None:
    rng = np.random.default_rng(8)
    codes = np.stack([rng.integers(0, size, 4000) for size in CODEC.sizes], axis=1).astype(np.uint8)
    made = CODEC.decode(codes, rng.random((4000, CODEC.uniforms)), first_row=10**6)
    assert made.schema == FRAME.schema
    assert made.drop("income", "remark").null_count().sum_horizontal().item() == 0


def test_a_saved_codec_is_the_same_codec() -> None:
    state = unpack(pack("codec", 1, CODEC.to_state()), "codec", 1)
    again = Codec.from_state(state)
    assert again.schema == CODEC.schema
    assert again.notes == CODEC.notes
    assert np.array_equal(again.encode(FRAME), CODES)
    assert again.decode(CODES, UNIFORMS, first_row=0).equals(MADE)


def test_notes_say_what_is_drawn_and_what_is_made_up() -> None:
    drawn = "Columns 'income', 'zip', 'born', 'seen', 'spent': values that few rows share are drawn anew within ranges"
    assert any(note.startswith(drawn.replace(" 'zip',", "")) for note in CODEC.notes)
    assert sum("made up" in note for note in CODEC.notes) == 3


def test_the_saved_codec_holds_no_counts_and_no_rare_value() -> None:
    text = str(CODEC.to_state())
    assert "Seen" not in text
    assert "user7@" not in text
    assert "said 8 things" not in text


def _change(state: dict[str, Any], path: str, value: object) -> None:
    *way, last = path.split("/")
    part: Any = state
    for step in way:
        part = part[int(step)] if isinstance(part, list) else part[step]
    if value is ...:
        del part[last]
    else:
        part[int(last) if isinstance(part, list) else last] = value


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("columns", ..., "'columns' is missing"),
        ("columns", 3, "'columns' should be list and is int"),
        ("columns/0", 3, "'columns' is not a list of columns"),
        ("columns/0/family", "pickle", "'family' is 'pickle'"),
        ("columns/0/column/kind", "code", "the kind 'code' does not exist"),
        ("columns/0/column/dtype", "Object", "the dtype 'Object' is not known"),
        ("columns/1/column/name", "id", "has names that do not fit"),
        ("target", "nobody", "has names that do not fit"),
        ("columns/0/codes/maker/key", -1, "'key' is out of range"),
        ("columns/0/codes/maker/shape", "eval", "'shape' is 'eval'"),
        ("columns/0/codes/maker/fields/start", -4, "'start' is out of range"),
        ("columns/2/codes/missing", 1, "'missing' should be bool and is int"),
        ("columns/2/codes/scale", -1.0, "'scale' is -1.0"),
        ("columns/2/codes/offset", 2**70, "'offset' is out of range"),
        ("columns/2/codes/axis/knots", np.zeros((3, 3)), "'knots' has the shape (3, 3)"),
        ("columns/2/codes/axis/knots", np.zeros((300, 9)), "'knots' has 300 codes"),
        ("columns/2/codes/axis/knots", np.zeros((3, 9), np.float32), "'knots' should hold float64 and holds float32"),
        ("columns/2/codes/axis/knots", np.full((3, 9), np.nan), "'knots' holds a number that is not finite"),
        ("columns/2/codes/axis/uppers", np.zeros(2), "'uppers' has the shape (2,)"),
        ("columns/2/codes/axis/decimals", 99, "'decimals' is 99"),
        ("columns/2/codes/axis/step", 0, "'step' is 0"),
        ("columns/3/codes/levels", ["a", "a", "b"], "'levels' is not a list of different words"),
        ("columns/3/codes/counts", np.zeros(3, np.int64), "'pooled' does not fit the counts"),
        ("columns/3/codes/first", np.array([0, 1, -1]), "'first' does not number the levels"),
        ("columns/3/codes/first", np.array([0, 2, 1]), "'first' does not number the levels"),
        ("columns/3/codes/second", np.array([0, 0, 1]), "'first' does not number the levels"),
        ("columns/3/codes/levels", [str(k) for k in range(30_849)], "'levels' has 30,849 words, more than codes"),
        ("columns/11/column/dtype", "Date", "'value' is not of the type Date"),
        ("columns/11/column/dtype", "Int64", "'value' is not of the type Int64"),
        ("columns/7/column/dtype", "Datetime(us, Mars)", "'column' cannot be: times cannot be written"),
        ("columns/7/codes/plan", "moon", "'plan' is 'moon'"),
        ("columns/7/codes/phases", np.array([5, 4]), "'phases' are no hours of a week in order"),
        ("columns/7/codes/clock/weights", np.zeros(1), "'weights'"),
        ("columns/7/codes/axis/knots", np.full((1, 9), 1e300), "'uppers' has the shape"),
        ("columns/8/codes/grain", 10**14, "'plan' is 'line' with grain"),
        ("columns/9/codes/maker/fields/lengths", np.array([-1.0]), "'lengths' do not fit a text"),
        ("columns/9/codes/maker/fields/case", "camel", "'case' is 'camel'"),
        ("columns/10/codes/maker/fields/weights/0", 2.0, "'weights' are no shares"),
        ("columns/10/codes/maker/fields/shapes", [], "'shapes' do not fit their weights"),
        ("columns/10/codes/maker/fields/shapes/0", 7, "'shapes' are no shapes"),
    ],
)
def test_a_state_that_makes_no_sense_is_refused(path: str, value: object, message: str) -> None:
    state = copy.deepcopy(CODEC.to_state())
    _change(state, path, value)
    with pytest.raises(ModelFileError) as error:
        Codec.from_state(state)
    assert message in str(error.value)
    assert "fit and save again" in str(error.value)


def test_unordered_bounds_are_refused() -> None:
    state = copy.deepcopy(CODEC.to_state())
    axis = state["columns"][2]["codes"]["axis"]
    axis["uppers"] = axis["uppers"][::-1].copy()
    with pytest.raises(ModelFileError, match="'uppers' is not in order"):
        Codec.from_state(state)


def test_times_beyond_the_calendar_are_refused() -> None:
    state = copy.deepcopy(CODEC.to_state())
    state["columns"][8]["codes"]["axis"]["knots"] *= 1e300
    with pytest.raises(ModelFileError, match="'axis' reaches beyond the calendar"):
        Codec.from_state(state)


def test_no_rows() -> None:
    with pytest.raises(DataError, match="The table has no rows"):
        Codec.fit(FRAME[:0], SCHEMA, Seeds(0))


def test_a_missing_column() -> None:
    with pytest.raises(SchemaError, match="The table has no column 'age'"):
        Codec.fit(FRAME.drop("age"), SCHEMA, Seeds(0))


def test_a_dtype_nobody_knows() -> None:
    schema = Schema((Column("age", "integer", dtype="Int7"),))
    with pytest.raises(SchemaError, match="The dtype 'Int7' is not known"):
        Codec.fit(FRAME, schema, Seeds(0))


@pytest.mark.parametrize("rows", [1, 2, 5, 12, 40])
def test_tiny_tables(rows: int) -> None:
    small = FRAME[:rows]
    codec = Codec.fit(small, SCHEMA, Seeds(0))
    codes = codec.encode(small)
    made = codec.decode(codes, np.random.default_rng(0).random((rows, codec.uniforms)), first_row=0)
    assert made.schema == small.schema
    assert made.height == rows


@pytest.mark.parametrize(
    "series",
    [
        pl.Series("x", [None] * 5),
        pl.Series("x", ["a", None] * 5),
        pl.Series("x", [dt.date(2020, 5, 17)] * 5),
        pl.Series("x", [dt.datetime(2020, 5, 17, 3)] * 5).dt.replace_time_zone("Europe/Paris"),
        pl.Series("x", [dt.timedelta(seconds=5), None] * 5),
        pl.Series("x", [True] * 5),
        pl.Series("x", [2.5] * 5, dtype=pl.Float32),
        pl.Series("x", ["b"] * 5, dtype=pl.Enum(["a", "b"])),
    ],
    ids=lambda series: str(series.dtype),
)
def test_constants_come_back(series: pl.Series) -> None:
    codec = Codec.fit(series.to_frame(), Schema((Column("x", "constant", dtype=str(series.dtype)),)), Seeds(0))
    made = codec.decode(codec.encode(series.to_frame()), np.zeros((len(series), 0)), first_row=0)
    assert made["x"].equals(series)
    assert made["x"].dtype == series.dtype


@pytest.mark.parametrize(("rows", "floor"), [(12, 2), (60, 3), (2000, 5)])
@pytest.mark.parametrize("value", ["said in confidence", 48213.77, dt.date(1931, 7, 4), True])
def test_a_constant_of_fewer_rows_than_a_level_needs_is_withheld(rows: int, floor: int, value: object) -> None:
    def fitted(holders: int) -> tuple[Codec, pl.DataFrame]:
        frame = pl.DataFrame({"x": [None] * (rows - holders) + [value] * holders})
        codec = Codec.fit(frame, infer_schema(frame), Seeds(0))
        codec = Codec.from_state(copy.deepcopy(codec.to_state()))
        return codec, codec.decode(codec.encode(frame), np.zeros((rows, codec.uniforms)), first_row=0)

    rare, made = fitted(floor - 1)
    assert made["x"].null_count() == rows
    assert rare.schema["x"].why == f"one value, in fewer than {floor} rows: too few to be shown, given as missing"
    assert rare.notes == (
        f"Column 'x': fewer than {floor} rows hold a value, too few to learn from; given as missing.",
    )
    kept, made = fitted(floor)
    assert made["x"].drop_nulls().to_list() == [value] * floor
    assert kept.notes == ()
