"""The demo's table: found in its package, readable, the one we name; the demo itself on a part of it."""

import hashlib
import sys

from simulacra.cli.demo import adult_table
from simulacra.cli.main import run_command


def test_the_table_is_the_one_we_name_and_its_package_is_not_imported(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = adult_table()
    assert path == tmp_path / "simulacra" / "adult.csv"
    content = path.read_bytes()
    assert content.startswith(b'"age","workclass","fnlwgt"')
    assert content.count(b"\n") == 32_562
    assert {"synthpop", "datasets"}.isdisjoint(sys.modules)


def test_a_damaged_copy_is_replaced(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = adult_table()
    whole = hashlib.sha256(path.read_bytes()).digest()
    path.write_bytes(b"half")
    assert hashlib.sha256(adult_table().read_bytes()).digest() == whole


def test_a_cache_folder_that_cannot_be_written_is_told(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert run_command(["demo"]) == 2
    assert "a file stands where a folder is needed" in capsys.readouterr().err


def test_the_demo_shows_rows_of_the_census(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert run_command(["demo", "--preview", "2"]) == 0
    out, err = capsys.readouterr()
    assert {"age", "income"} <= {line.split()[0] for line in out.splitlines()}
    assert "Adult (UCI, licence CC BY 4.0)" in err
