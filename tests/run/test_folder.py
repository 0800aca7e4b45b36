import os
from pathlib import Path

import pytest

from simulacra.cli.main import run_command
from simulacra.errors import OutputError, RecipeError, UserError
from simulacra.run.folder import open_folder, remember_rows


def _open(out: Path, fingerprint: str = "a", *, fresh: bool = False) -> str | None:
    with open_folder(out, fingerprint, fresh=fresh) as store:
        found = store.fact("seen")
        store.put_fact("seen", "yes")
    return found


def test_the_same_run_goes_on(tmp_path: Path) -> None:
    assert _open(tmp_path / "out") is None
    assert _open(tmp_path / "out") == "yes"
    assert (tmp_path / "out" / "private").stat().st_mode & 0o777 == 0o700


def test_another_run_is_refused_and_replaced_only_when_told(tmp_path: Path) -> None:
    _open(tmp_path / "out")
    (tmp_path / "out" / "data.parquet").write_bytes(b"old")
    with pytest.raises(OutputError, match=r"the folder holds another run. Choose another folder, or .* --fresh"):
        _open(tmp_path / "out", "b")
    assert (tmp_path / "out" / "data.parquet").read_bytes() == b"old"
    assert _open(tmp_path / "out", "b", fresh=True) is None
    assert not (tmp_path / "out" / "data.parquet").exists()


def test_fewer_rows_do_not_take_the_place_of_a_finished_run(tmp_path: Path) -> None:
    out, told = tmp_path / "out", "holds a finished run of 9,000 rows, and 100 were asked for. Choose another folder"
    with open_folder(out, "a", fresh=False, rows=9_000) as store:
        remember_rows(store, 9_000)
    with pytest.raises(OutputError, match=told), open_folder(out, "a", fresh=False, rows=100):
        pass
    for rows in (9_000, 9_500):
        with open_folder(out, "a", fresh=False, rows=rows):
            pass
    with open_folder(out, "a", fresh=True, rows=100) as store:
        assert store.fact("rows delivered") is None


def test_foreign_files_are_never_touched(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    for fresh in (False, True):
        with pytest.raises(OutputError, match="files that are not a run"):
            _open(tmp_path, fresh=fresh)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(OutputError, match="this is a file"):
        _open(tmp_path / "out")


def test_two_processes_do_not_share_a_folder(tmp_path: Path) -> None:
    with (
        open_folder(tmp_path / "out", "a", fresh=False),
        pytest.raises(OutputError, match="another process is making a run"),
    ):
        _open(tmp_path / "out")


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(OutputError):
        _open(file / "out")
    assert os.listdir(tmp_path) == ["file"]


def test_a_run_that_was_refused_before_anything_was_made_leaves_the_folder_free(tmp_path):
    with pytest.raises(UserError, match="No such column"), open_folder(tmp_path / "out", "a", fresh=False):
        raise RecipeError("no such column")
    with open_folder(tmp_path / "out", "b", fresh=False) as store:
        store.put_model(b"learned")
    with pytest.raises(UserError, match="Wrong"), open_folder(tmp_path / "out", "b", fresh=False):
        raise RecipeError("wrong")
    with pytest.raises(OutputError, match="another run"), open_folder(tmp_path / "out", "c", fresh=False):
        pass


def test_written_rows_that_were_refused_before_the_first_leave_the_folder_free(tmp_path, capsys):
    (tmp_path / "none").mkdir()
    out = str(tmp_path / "out")
    asked = ["instruct", "Questions about tea", "--rows", "2", "--model", "echo", "-o", out]
    assert run_command([*asked, "--docs", str(tmp_path / "none")]) == 2
    assert "no text to take passages from" in capsys.readouterr().err
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "a.md").write_text("Tea is a leaf. " * 40)
    run_command([*asked, "--docs", str(tmp_path / "some")])
    assert "another run" not in capsys.readouterr().err
