"""`simulacra validate` on tables that break a judge: a clear verdict, or a clear error, and never a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from simulacra.cli.main import run_command


def plain(rows: int, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return pl.DataFrame({
        "age": rng.integers(18, 90, rows), "Größe × b": rng.choice(["x", "y"], rows),
        "paid": np.round(rng.normal(size=rows), 2), "won": rng.integers(0, 2, rows).astype(bool),
    })  # fmt: skip


def zoned(seed: int, zone: str | None) -> pl.DataFrame:
    start = pl.Series("at", np.random.default_rng([seed, 1]).integers(1_600_000_000, 1_700_000_000, 60))
    at = pl.from_epoch(start, time_unit="s").dt.replace_time_zone("UTC")
    return plain(60, seed).with_columns(at=at.dt.convert_time_zone(zone) if zone else at.dt.replace_time_zone(None))


def void(rows: int) -> pl.DataFrame:
    return pl.DataFrame({"a": pl.Series([None] * rows, dtype=pl.Int64), "b": pl.Series([None] * rows, dtype=pl.String)})


def validate(folder: Path, tables: tuple[pl.DataFrame, ...], *more: str, kind: str = "parquet") -> int:
    """Write made, real (and held-out) rows and judge them by the command."""
    paths = [folder / f"{name}.{kind}" for name in ("made", "real", "kept")]
    for table, path in zip(tables, paths, strict=False):
        (table.write_csv if kind == "csv" else table.write_parquet)(path)
    holdout = ["--holdout", str(paths[2])] if len(tables) > 2 else []
    page = ["-o", str(folder / "page.html")]
    return run_command(["validate", str(paths[0]), "--real", str(paths[1]), *holdout, *page, "-q", *more])


def plains(rows: int) -> tuple[pl.DataFrame, ...]:
    return tuple(plain(rows, seed) for seed in (1, 2, 3))


JUDGED: dict[str, tuple[tuple[pl.DataFrame, ...], tuple[str, ...], int]] = {
    "12 rows": (plains(12), (), 4),
    "12 rows and a target": (plains(12), ("--target", "won"), 4),
    "one row": (plains(1), (), 4),
    "one column": (tuple(table.select("paid") for table in plains(60)), (), 4),
    "one column, the target": (tuple(table.select("won") for table in plains(60)), ("--target", "won"), 4),
    "all missing": ((void(60), void(60), void(60)), (), 4),
    "another order and a column more": (
        (plain(300, 1).select("won", "paid", "Größe × b", "age", pl.lit(1).alias("more")), *plains(300)[1:]), (), 0),
    "zones": ((zoned(1, "Asia/Tokyo"), zoned(2, "Europe/Berlin"), zoned(3, "UTC")), (), 0),
}  # fmt: skip


@pytest.mark.parametrize("kind", list(JUDGED))
def test_a_strange_table_gets_a_verdict(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tables, more, code = JUDGED[kind]
    found = validate(tmp_path, tables, *more, "--json")
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert [score["reason"] for score in document["scores"] if score["state"] == "failed"] == []
    assert (found, document["verdict"]) == (code, {0: "pass", 4: "unknown"}[code])
    assert "</html>" in (tmp_path / "page.html").read_text(encoding="utf-8")


REFUSED: dict[str, tuple[tuple[pl.DataFrame, ...], tuple[str, ...], str]] = {
    "a column is missing": ((plain(20, 1).drop("age"), plain(20, 2)), (), "made.parquet: there is no column 'age'"),
    "the hold-out lacks one": (
        (plain(20, 1), plain(20, 2), plain(20, 3).drop("age")), (), "kept.parquet: there is no column 'age'"),
    "no real rows": ((plain(20, 1), plain(0, 2), plain(20, 3)), (), "real.parquet: there are columns and not one row"),
    "no made rows": ((plain(0, 1), plain(20, 2)), (), "made.parquet: there are columns and not one row"),
    "words for numbers": (
        (plain(20, 1).with_columns(age=pl.lit("old")), plain(20, 2)), (),
        "20 values of column 'age' are no Int64, as the real ones are: the first is 'old'"),
    "the hold-out was seen": (
        (plain(20, 1), plain(20, 2), plain(20, 2)), (), "20 of the 20 rows of the hold-out stand in the source"),
    "an epsilon of 0": (plains(20), ("--epsilon", "0"), "An epsilon of 0 is no privacy budget. Give a number above 0"),
    "an epsilon of a text": (plains(20)[:1] * 2, ("--text", "age", "--epsilon", "1"), "`epsilon` is for tables"),
}  # fmt: skip


@pytest.mark.parametrize("kind", list(REFUSED))
def test_tables_that_do_not_fit_are_refused(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tables, more, told = REFUSED[kind]
    assert validate(tmp_path, tables, *more) == 2
    assert told in capsys.readouterr().err.replace("\n", " ")


def test_a_stated_epsilon_that_copies_contradict_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copied = (plain(300, 2), plain(300, 2), plain(300, 3))
    assert validate(tmp_path, copied, "--epsilon", "0.5", "--json") == 1
    document = json.loads(capsys.readouterr().out)
    found = next(score for score in document["scores"] if score["name"] == "privacy.epsilon")
    assert found["floor"] == 0.5
    assert found["value"] > 1
    assert "a privacy budget of epsilon 0.5 is stated" in found["reason"]
    assert [one["verdict"] for one in document["gates"] if one["metric"] == "privacy.epsilon"] == ["fail"]


def test_csv_with_zones_reads_like_parquet(tmp_path: Path) -> None:
    tables = tuple(zoned(seed, "Europe/Berlin") for seed in (1, 2, 3))
    assert validate(tmp_path, tables, kind="csv") in (0, 4)


def test_columns_that_the_real_table_lacks_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made, real = plain(60, 1).with_columns(ssn=pl.int_range(60)), plain(60, 2)
    made.write_parquet(tmp_path / "made.parquet")
    real.write_parquet(tmp_path / "real.parquet")
    run_command(["validate", str(tmp_path / "made.parquet"), "--real", str(tmp_path / "real.parquet")])
    told = " ".join(capsys.readouterr().out.split())
    assert "Not judged, since the real table has no such column: 'ssn'." in told
