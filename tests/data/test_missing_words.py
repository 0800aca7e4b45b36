"""One rule for what is spelled like missing, whatever file holds it."""

import polars as pl
import pytest

from simulacra.cli.main import run_command
from simulacra.data.read import read_table
from simulacra.data.schema_file import schema_from_yaml
from simulacra.run.source import load_frame

FRAME = pl.DataFrame(
    {
        "job": ["cook", "?", "smith", "N/A", None] * 4,
        "land": ["NA", "DE", "FR", "NA", "ES"] * 4,
        "band": ["None", "Queen", "None", "Abba", "-"] * 4,
        "paid": ["12", "-", "9.5", "?", "7"] * 4,
        "seen": ["31/12/2020", "?", "01/02/2021", "13/02/2021", "."] * 4,
        "age": [31, 40, 22, None, 58] * 4,
    }
)


def write(path, frame):
    if path.suffix == ".csv":
        frame.write_csv(path)
    elif path.suffix == ".jsonl":
        frame.write_ndjson(path)
    else:
        frame.write_parquet(path)
    return path


@pytest.mark.parametrize("name", ["t.parquet", "t.jsonl"])
def test_a_table_has_the_same_missing_cells_as_in_csv(tmp_path, name):
    csv, csv_notes = load_frame(write(tmp_path / "t.csv", FRAME))
    other, notes = load_frame(write(tmp_path / name, FRAME))
    assert other.null_count().row(0) == csv.null_count().row(0) == (12, 0, 4, 8, 8, 4)
    assert set(csv_notes) == set(notes)
    assert "'?' is read as missing in job, paid, seen" in notes  # and '-' in band, since it is missing in paid
    assert other.schema == FRAME.schema  # and nothing else is changed


def test_levels_of_a_categorical_type_follow_the_rule(tmp_path):
    frame = FRAME.select(pl.col("job").cast(pl.Categorical))
    read, _ = load_frame(write(tmp_path / "t.parquet", frame))
    assert read["job"].null_count() == 12
    assert read.schema == frame.schema


def test_texts_are_left_alone_where_texts_are_wanted(tmp_path):
    assert read_table(write(tmp_path / "t.jsonl", FRAME)).frame["job"].to_list()[:2] == ["cook", "?"]


def test_inspect_states_the_rule_and_the_schema_file_does(tmp_path, capsys):
    path, schema = write(tmp_path / "t.parquet", FRAME), tmp_path / "schema.yaml"
    assert run_command(["inspect", str(path), "-o", str(schema)]) == 0
    assert "note: '?' is read as missing in job, paid, seen" in capsys.readouterr().out
    assert "# '?' is read as missing in job, paid, seen" in schema.read_text().splitlines()
    frame, _ = load_frame(path)
    from simulacra.data.infer import infer_schema

    base = infer_schema(frame)
    assert schema_from_yaml(schema.read_text(), where="schema", base=base).names == base.names
