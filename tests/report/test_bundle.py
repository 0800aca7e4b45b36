from __future__ import annotations

import datetime as dt
import json
import stat
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from report_records import make_assessment, make_table

from simulacra.contracts import Finding, Part, Score
from simulacra.errors import OutputError
from simulacra.report.bundle import write_bundle
from simulacra.run.record import RunRecord

PUBLIC = ["README.md", "data.parquet", "recipe.yaml", "report.html", "report.json", "report.schema.json"]
NAME, TOWN, INCOME, DAY, AGE = "Zora Quillfeather", "Unikatshausen", 98_765_432.19, dt.date(1912, 4, 14), 117_733


def plant(record: RunRecord) -> RunRecord:
    """Return the record with one person in the real table whose every value is unique, quoted by careless rooms."""
    person = {"age": [AGE], "income": [INCOME], "town": [TOWN], "member": [True], "joined": [DAY], "name": [NAME]}
    assert record.real is not None
    real = pl.concat([record.real, pl.DataFrame(person, schema=record.real.schema)])
    gossip = f"{NAME} of {TOWN}, born {DAY}, earns {INCOME} or 98,765,432.19"
    assessment = make_assessment()
    score = Score("privacy.x", "privacy", value=0.1, reason=gossip, parts=(Part(f"town = {TOWN}", 0.1),))
    told = replace(
        assessment,
        families={"privacy": Finding("fail", gossip)},
        risks={"bias": Finding("warn", gossip)},
        scores=(*assessment.scores, score),
        gates=tuple(replace(result, why=gossip) for result in assessment.gates),
    )
    rejects = record.rejects.with_columns(reason=pl.lit(gossip))
    return replace(record, real=real, assessment=told, rejects=rejects, notes=(gossip,), facts={"about": gossip})


def contents(folder: Path) -> str:
    """Return all a reader finds in the public files: their bytes, and what the Parquet file says when it is read."""
    raw = b"\n".join(path.read_bytes() for path in folder.iterdir() if path.is_file()).decode("utf-8", "replace")
    return raw + pl.read_parquet(folder / "data.parquet").write_csv()


def test_nothing_real_gets_out(record: RunRecord, tmp_path: Path) -> None:
    write_bundle(plant(record), tmp_path)
    public = contents(tmp_path)
    income = ["98765432", "98,765,432", "98.8M", "9.88e", "98.77"]
    day = ["1912", str((DAY - dt.date(1970, 1, 1)).days)]
    leaks = [value for value in [NAME, "Quillfeather", TOWN, *income, *day, str(AGE)] if value in public]
    assert leaks == []
    assert "[withheld]" in public


def test_no_real_name_of_a_personal_column_gets_out(record: RunRecord, tmp_path: Path) -> None:
    write_bundle(record, tmp_path)
    assert "Person 1-" not in contents(tmp_path)


def test_files_and_modes(record: RunRecord, tmp_path: Path) -> None:
    write_bundle(record, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*PUBLIC, "private"])
    private = tmp_path / "private"
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert sorted(path.name for path in private.iterdir()) == ["lineage.parquet", "nearest.parquet", "rejects.parquet"]
    assert pl.read_parquet(tmp_path / "data.parquet").equals(record.synthetic.frame)
    lineage = pl.read_parquet(private / "lineage.parquet")
    assert lineage.row(299) == (299, "table", "", 7, 1)
    assert pl.read_parquet(private / "rejects.parquet").equals(record.rejects)
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["verdict"] == "fail"
    assert (tmp_path / "recipe.yaml").read_text("utf-8") == record.recipe


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_other_formats(record: RunRecord, tmp_path: Path, format: str) -> None:
    write_bundle(record, tmp_path, format=format)  # type: ignore[arg-type]
    reader = pl.read_csv if format == "csv" else pl.read_ndjson
    frame = reader(tmp_path / f"data.{format}")
    assert frame.height == 300
    assert frame.columns == record.synthetic.frame.columns
    assert f"data.{format}" in (tmp_path / "README.md").read_text("utf-8")


def test_the_same_record_gives_the_same_bytes(record: RunRecord, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
        write_bundle(record, folder)
    for name in [*PUBLIC, "private/lineage.parquet", "private/nearest.parquet"]:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name


def test_a_bundle_that_breaks_off_does_not_look_finished(record: RunRecord, tmp_path: Path) -> None:
    write_bundle(record, tmp_path)
    (tmp_path / "report.html").unlink()
    (tmp_path / "report.html").mkdir()
    with pytest.raises(OutputError, match=r"report\.html"):
        write_bundle(record, tmp_path)
    assert not (tmp_path / "report.json").exists()


def test_a_run_without_real_rows(record: RunRecord, tmp_path: Path) -> None:
    write_bundle(replace(record, real=None, holdout=None, rejects=pl.DataFrame(), recipe=""), tmp_path)
    assert [path.name for path in (tmp_path / "private").iterdir()] == ["lineage.parquet"]
    assert not (tmp_path / "recipe.yaml").exists()


def test_the_nearest_real_row_of_a_copy_is_its_original(record: RunRecord, tmp_path: Path) -> None:
    real = make_table(300, 1)
    copied = record.synthetic.frame.with_row_index().with_columns(
        pl.when(pl.col("index") == 0).then(pl.lit(real[column][17])).otherwise(pl.col(column)).alias(column)
        for column in real.columns
    )
    copied = copied.drop("index").cast(dict(real.schema))
    write_bundle(replace(record, synthetic=replace(record.synthetic, frame=copied)), tmp_path)
    nearest = pl.read_parquet(tmp_path / "private" / "nearest.parquet")
    assert nearest.height == 200
    assert nearest.row(0)[:3] == (0, 17, 0.0)
    assert nearest["distance"].is_sorted()
    assert nearest["real:income"][0] == nearest["synthetic:income"][0]
