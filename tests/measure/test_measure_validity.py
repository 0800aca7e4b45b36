"""validity.schema of a table against itself is 100 %, whatever inference makes of its columns."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from simulacra.data.infer import infer_schema
from simulacra.data.schema import KINDS
from simulacra.measure._tables import Tables
from simulacra.measure.validity import SchemaValidity
from simulacra.seeds import Seeds

RNG = np.random.default_rng(3)
ROWS = 200
MOMENTS = pl.datetime_range(dt.datetime(2020, 1, 1, 0, 5), interval="1517m", end=dt.datetime(2022, 1, 1), eager=True)
MOMENTS = MOMENTS.head(ROWS).alias("")
MONTHS = pl.date_range(dt.date(2005, 1, 1), dt.date(2021, 8, 1), "1mo", eager=True).head(ROWS)
HOUR, MINUTE, SECOND = RNG.integers(0, 24, ROWS), RNG.integers(0, 60, ROWS), RNG.integers(0, 60, ROWS)
CLOCK = list(zip(HOUR.tolist(), MINUTE.tolist(), SECOND.tolist(), strict=True))
DAYS = (
    "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%m/%d/%Y", "%d-%m-%y", "%Y%m%d", "%-d.%-m.%Y", "%d %b %Y", "%d. %B %Y",
    "%B %d, %Y", "%a, %d %b %Y", "%d/%b/%Y",
)  # fmt: skip
WITH_CLOCK = ("%d.%m.%Y %H:%M", "%Y/%m/%d %H:%M:%S", "%m/%d/%Y %I:%M %p", "%Y-%m-%dT%H:%M:%S%.3fZ", "%-d.%-m.%y %-H:%M")
NUMBERS = RNG.integers(-999, 9999, ROWS)

COLUMNS: dict[str, pl.Series] = {
    **{form: MOMENTS.dt.strftime(form) for form in (*DAYS, *WITH_CLOCK)},
    **{form: MONTHS.dt.strftime(form) for form in ("%Y-%m", "%m/%Y", "%b %Y")},
    "strays among dates": pl.Series([*MOMENTS.dt.strftime("%d.%m.%Y")[:-2], "31.02.2020", "soon"]),
    "HH:MM": pl.Series([f"{h:02d}:{m:02d}" for h, m, _ in CLOCK]),
    "H:MM": pl.Series([f"{h}:{m:02d}" for h, m, _ in CLOCK]),
    "HH:MM:SS": pl.Series([f"{h:02d}:{m:02d}:{s:02d}" for h, m, s in CLOCK]),
    "-HHH:MM": pl.Series([f"{'-' if s % 2 else ''}{100 + h}:{m:02d}" for h, m, s in CLOCK]),
    "time": pl.Series([dt.time(*parts) for parts in CLOCK]),
    "span": pl.Series([dt.timedelta(hours=h, minutes=m) for h, m, _ in CLOCK]),
    "span in ms": pl.Series([dt.timedelta(hours=h) for h in HOUR.tolist()], dtype=pl.Duration("ms")),
    "date": MOMENTS.dt.date(),
    "moment in ms": MOMENTS.cast(pl.Datetime("ms")),
    "moment in a zone": MOMENTS.dt.replace_time_zone("Asia/Tokyo"),
    "padded": pl.Series([f"{k:05d}" for k in RNG.integers(1000, 99999, ROWS // 2).repeat(2)]),
    "padded key": pl.Series([f"{k * 37:06d}" for k in range(ROWS)]),
    "few codes": pl.Series(["007", "012", "040", "041"] * 50),
    "shape": pl.Series([f"K{k}-{k % 7}X" for k in RNG.integers(100, 280, ROWS)]),
    "uuid": pl.Series([f"{k:08x}-0000-4000-8000-{k:012x}" for k in range(ROWS)]),
    "level": pl.Series(["north", "south", None, "east"] * 50),
    "categorical": pl.Series(["a", "b", "c", "c"] * 50, dtype=pl.Categorical),
    "enum": pl.Series(["low", "high"] * 100, dtype=pl.Enum(["low", "high"])),
    "flag": pl.Series([True, False, None, True] * 50),
    "yes and no": pl.Series(["Yes", "No"] * 100),
    "0 and 1": pl.Series([0, 1] * 100, dtype=pl.Int8),
    "constant": pl.Series(["x"] * ROWS),
    "constant or missing": pl.Series(["x", None] * (ROWS // 2)),
    "nothing": pl.Series([None] * ROWS),
    "big": pl.Series(2**63 - RNG.integers(1, 10**6, ROWS).astype(np.uint64), dtype=pl.UInt64),
    "whole": pl.Series(NUMBERS),
    "whole with gaps": pl.Series([None, *map(float, NUMBERS[1:])]),
    "real": pl.Series(RNG.normal(size=ROWS)),
    "single": pl.Series(RNG.normal(size=ROWS).round(2), dtype=pl.Float32),
    "decimal": pl.Series([f"{k}.{abs(k) % 100:02d}" for k in NUMBERS.tolist()]).cast(pl.Decimal(12, 2)),
    "whole as text": pl.Series([str(k) for k in NUMBERS]),
    "real as text": pl.Series([f"{k / 7:.3f}" for k in NUMBERS]),
    "exponents as text": pl.Series([f"{k / 7:.6e}" for k in NUMBERS]),
    "numbers and words": pl.Series([*map(str, range(ROWS - 20)), *["unknown"] * 20]),
    "mail": pl.Series([f"p{k}@example.org" for k in range(ROWS)]),
    "remark": pl.Series([f"the parcel {k} came {k % 7} days too late and open" for k in range(ROWS)]),
}  # fmt: skip


def validity(synthetic: pl.Series, real: pl.Series) -> float:
    frame = pl.DataFrame([real.rename("c")])
    schema = infer_schema(frame)
    tables = Tables(pl.DataFrame([synthetic.rename("c")]), frame, None, schema, None, Seeds(0))
    value = SchemaValidity()(tables)[0].value
    assert value is not None
    return value


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_against_itself_is_valid(name: str) -> None:
    assert validity(COLUMNS[name], COLUMNS[name]) == 1.0


def test_the_columns_above_are_of_every_kind_and_hold_many_formats() -> None:
    found = [infer_schema(pl.DataFrame([series.rename("c")]))["c"] for series in COLUMNS.values()]
    assert {column.kind for column in found} == set(KINDS)
    assert len({column.format for column in found}) > 20


def test_times_as_text_that_are_none_or_far_outside_are_invalid() -> None:
    morning = pl.Series(["08:00", "09:30", "11:59", "10:15"] * 10)
    assert validity(pl.Series(["08:30", "25 past", "23:00", "09:00"]), morning) == 0.5


def test_unreadable_text_is_valid_only_if_real_rows_hold_it() -> None:
    real = COLUMNS["strays among dates"]
    assert validity(pl.Series(["soon", "01.03.2020", "never", "late"]), real) == 0.5


def test_the_pooled_level_is_valid_where_real_levels_are_rare() -> None:
    made = pl.Series(["a", "b", "(rare)", "z"])
    assert validity(made, pl.Series(["a", "b"] * 200 + ["c"])) == 0.75
    assert validity(made, pl.Series(["a", "b"] * 200)) == 0.5


def test_padded_numbers_of_another_width_are_invalid() -> None:
    assert validity(pl.Series(["01067", "1067", "52993", "052993"]), COLUMNS["padded"]) == 0.5
