"""Temporal codes: types and formats kept, patterns of week and day kept, nothing outside the calendar."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from simulacra.data.codes.temporal import TemporalCodes
from simulacra.data.schema import Column
from simulacra.errors import SchemaError

RNG = np.random.default_rng(3)
START = dt.datetime(2019, 1, 1)


def twin(series: pl.Series, kind: str, form: str | None = None, zone: str | None = None):
    """Return the codec, the codes, and decode(encode(series)) with fresh uniforms."""
    codec = TemporalCodes.fit(series, Column("t", kind, dtype=str(series.dtype), format=form, zone=zone))  # type: ignore[arg-type]
    codes = np.stack(codec.encode(series), axis=1)
    assert (codes.max(axis=0) < np.array(codec.sizes)).all()
    return codec, codes, codec.decode(codes, np.random.default_rng(0).random((len(series), codec.uniforms)), 0)


def days(number: int, span: int = 1500) -> list[dt.date]:
    return [(START + dt.timedelta(days=int(k))).date() for k in RNG.integers(0, span, number)]


def moments(number: int, seconds: int, grain: int = 1) -> list[dt.datetime]:
    return [START + dt.timedelta(seconds=int(k) * grain) for k in RNG.integers(0, seconds // grain, number)]


def test_weekdays_survive() -> None:
    dates = pl.Series([day for day in days(12_000) if day.weekday() < 5 or RNG.random() < 0.1])
    codec, _, made = twin(dates, "date")
    assert codec.sizes[1] == 7
    assert (made.dt.weekday() == dates.dt.weekday()).mean() > 0.99
    assert dates.min() <= made.min() <= made.max() <= dates.max()


def test_hours_of_the_week_survive() -> None:
    times = pl.Series(moments(20_000, 500 * 86_400, 60))
    busy = times.filter((times.dt.weekday() < 6) & times.dt.hour().is_between(8, 17))
    codec, _, made = twin(busy, "datetime")
    assert codec.sizes[1] == 50
    assert (made.dt.weekday() == busy.dt.weekday()).mean() > 0.99
    assert (made.dt.hour() == busy.dt.hour()).all()
    assert (made.dt.second() == 0).all()


def test_minutes_keep_what_all_hours_share() -> None:
    quarter = pl.Series(moments(8000, 900 * 86_400, 900))
    _, _, made = twin(quarter, "datetime")
    assert set(made.dt.minute()) == {0, 15, 30, 45}


def test_few_days_come_back_exactly() -> None:
    dates = pl.Series(days(4000, span=60))
    codec, _, made = twin(dates, "date")
    assert codec.sizes == (60,)
    assert made.equals(dates.rename("t"))


def test_firsts_of_months_stay_firsts() -> None:
    dates = pl.Series([dt.date(1980 + int(k) // 12, 1 + int(k) % 12, 1) for k in RNG.integers(0, 480, 6000)])
    codec, _, made = twin(dates, "date")
    assert len(codec.sizes) == 1
    assert set(made.dt.day()) == {1}
    assert dates.min() <= made.min() <= made.max() <= dates.max()


def test_times_within_an_hour_are_one_line() -> None:
    times = pl.Series(moments(3000, 3600))
    codec, _, made = twin(times, "datetime")
    assert len(codec.sizes) == 1
    assert times.min() <= made.min() <= made.max() <= times.max()


@pytest.mark.parametrize(
    ("series", "kind"),
    [
        (pl.Series(days(500)), "date"),
        (pl.Series(moments(500, 10**8)), "datetime"),
        (pl.Series(moments(500, 10**8)).dt.cast_time_unit("ms"), "datetime"),
        (pl.Series(moments(500, 10**8)).dt.cast_time_unit("ns"), "datetime"),
        (pl.Series(moments(500, 10**8)).dt.replace_time_zone("Asia/Kolkata"), "datetime"),
        (pl.Series([dt.timedelta(milliseconds=int(k)) for k in RNG.exponential(1e6, 500)]), "duration"),
        (pl.Series([dt.timedelta(days=int(k)) for k in RNG.integers(-9, 9, 500)], dtype=pl.Duration("ns")), "duration"),
        (pl.Series([dt.time(int(k), 30) for k in RNG.integers(0, 24, 500)]), "duration"),
        (pl.Series([dt.date.min, dt.date.max, None] * 100), "date"),
        (pl.Series([dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59)] * 100), "datetime"),
    ],
    ids=lambda value: str(getattr(value, "dtype", value)),
)
def test_types_nulls_and_range_are_kept(series: pl.Series, kind: str) -> None:
    _, _, made = twin(series, kind)
    assert made.dtype == series.dtype
    assert made.is_null().equals(series.is_null().rename("t"))
    if kind == "datetime":  # the very hour of the first and last row is somebody's own; the day is kept
        series, made = series.dt.date(), made.dt.date()
    assert series.min() <= made.min() <= made.max() <= series.max()


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("%d.%m.%Y", "date"),
        ("%-m/%-d/%Y", "date"),
        ("%Y-%m", "date"),
        ("%Y-%m-%d %H:%M", "datetime"),
        ("%Y-%m-%dT%H:%M:%SZ", "datetime"),
    ],
)
def test_dates_held_as_text_keep_their_format(form: str, kind: str) -> None:
    times = pl.Series(moments(600, 10**8, 60))
    texts = times.dt.strftime(form)
    _, _, made = twin(texts, kind, form, "UTC" if form.endswith("Z") else None)
    assert made.dtype == pl.String
    again = made.str.to_datetime(form, strict=True) if kind == "datetime" else None
    if again is not None:
        assert again.dt.strftime(form).equals(made)
    assert made.str.len_chars().is_in(texts.str.len_chars().unique().to_list()).all()
    assert made.null_count() == 0


@pytest.mark.parametrize(("form", "pattern"), [("%H:%M", r"^\d\d:\d\d$"), ("%H:%M:%S", r"^\d\d:\d\d:\d\d$")])
def test_durations_held_as_text(form: str, pattern: str) -> None:
    texts = pl.Series(
        [f"{k // 60:02d}:{k % 60:02d}" + (":00" if "S" in form else "") for k in RNG.integers(0, 999, 500)]
    )
    _, _, made = twin(texts, "duration", form)
    assert made.str.contains(pattern).all()


def test_text_without_the_format_counts_as_missing_and_is_noted() -> None:
    codec, _, made = twin(pl.Series(["2020-01-01", "soon", "2020-03-04"] * 50), "date", "%Y-%m-%d")
    assert codec.notes == ("Column 't': about 50 cells do not follow its format, count as missing.",)
    assert made.null_count() == 50


@pytest.mark.parametrize(
    ("kind", "value"),
    [("date", dt.date(1931, 7, 4)), ("datetime", dt.datetime(1931, 7, 4, 3)), ("duration", dt.timedelta(days=3))],
)
def test_fewer_than_five_times_are_withheld(kind: str, value: object) -> None:
    series = pl.Series([None] * 500 + [value] * 4)
    codec = TemporalCodes.fit(series, Column("t", kind, dtype=str(series.dtype)))  # type: ignore[arg-type]
    assert codec.sizes == ()
    assert codec.notes == ("Column 't': fewer than 5 rows hold a value, too few to learn from; given as missing.",)
    made = codec.decode(np.empty((9, 0), np.uint8), np.empty((9, 0)), 0)
    assert made.null_count() == 9
    assert made.dtype == series.dtype
    assert TemporalCodes.fit(pl.Series([value] * 5), Column("t", kind, dtype=str(series.dtype))).sizes == (1,)  # type: ignore[arg-type]


@pytest.mark.parametrize(("form", "zone"), [("%Q", None), (None, "Mars/Olympus")])
def test_a_format_or_zone_that_cannot_be_is_an_error(form: str | None, zone: str | None) -> None:
    with pytest.raises(SchemaError) as error:
        twin(pl.Series(["2020-01-01T00:00:00"] * 5), "datetime", form, zone)
    message = f"column 't': times cannot be written with the format {form!r} and the zone {zone!r}. A format looks like"
    assert message in str(error.value)


def test_rare_hours_move_and_are_noted() -> None:
    times = [START + dt.timedelta(days=int(k), hours=12) for k in RNG.integers(0, 1000, 3000)]
    lone = [START + dt.timedelta(days=7 * 77, hours=3)]
    codec, _, made = twin(pl.Series(times + lone), "datetime")
    assert codec.notes == ("Column 't': fewer than 10 rows at rare hours of the week moved to the nearest usual hour.",)
    assert set(made.dt.hour()) == {12}


def test_times_that_summer_time_skips_are_moved() -> None:
    times = (
        pl.Series(moments(4000, 4 * 366 * 86_400, 1800))
        .dt.replace_time_zone("UTC")
        .dt.convert_time_zone("Europe/Berlin")
    )
    _, _, made = twin(times, "datetime", zone="Europe/Berlin")
    assert made.null_count() == 0
    assert made.dtype == times.dtype
    assert ((made.dt.hour() == times.dt.hour()).mean()) > 0.999


def test_near_unique_times_are_not_emitted_again() -> None:
    times = pl.Series(moments(5000, 400 * 86_400))
    _, _, made = twin(times, "datetime")
    assert made.is_in(times.implode()).mean() < 0.01
