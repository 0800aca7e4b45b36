"""What goes wrong is told in a line on stderr, with the exit code that says whose turn it is."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import click
import pytest

from simulacra.cli import main, parts
from simulacra.cli.demo import INSTALL
from simulacra.cli.main import run_command
from simulacra.cli.verb import Count, Phrase, Verb, holdout_share, never_over, verb
from simulacra.errors import DataError, MissingError


@pytest.fixture
def broken(monkeypatch):
    """Give a function that puts a verb `fit` in place which does what it is told."""

    def put(work):
        monkeypatch.setattr(main.Root, "get_command", lambda *_: verb("fit")(lambda _terminal: work()))

    return put


def raising(error):
    def work():
        raise error

    return work


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["synthesise"], "There is no command 'synthesise'. Did you mean 'synthesize'?"),
        (["quux"], "There is no command 'quux'. There are: synthesize, fit,"),
        (["synthesize", "a.csv", "--rows", "0"], "0 is too small: give a whole number of at least 1."),
        (["synthesize", "a.csv", "--rows", "-1"], "-1 is too small: give a whole number of at least 1."),
        (["sample", "a.sim", "--rows", "ten", "-o", "b.csv"], "'ten' is not a whole number."),
        (["synthesize", "a.csv", "--seed", "-3"], "-3 is too small: give a whole number of at least 0."),
        (["synthesize", "a.csv", "--row", "5"], "No such option '--row'"),
        (["synthesize", "a.csv", "--quality", "good"], "'good' is not one of 'fast', 'best'"),
        (
            ["synthesize", "a.csv", "--holdout", "1.5"],
            "'1.5' is no share from 0 to 0.5: give 10%, 0.1, 0 for none, or a file",
        ),
        (["synthesize"], "Missing argument 'TABLE'"),
        (["validate", "a.csv"], "Missing option '--real'"),
        (["list", "metric"], "'metric' is not one of 'generators', 'checks', "),
    ],
)
def test_a_mistake_in_the_call_is_told_with_exit_2(words, told, capsys):
    assert run_command(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err
    assert err.startswith("error: ")
    assert "--help" in err
    assert len(err.splitlines()) == 1


def test_no_words_at_all_shows_the_help_with_exit_2(capsys):
    assert run_command([]) == 2
    assert "synthesize" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (
            DataError("the file is empty", where="a.csv", hint="give rows"),
            2,
            "error: a.csv: the file is empty. Give rows.\n",
        ),
        (MissingError("numba is not here", hint="install it"), 3, "error: Numba is not here. Install it.\n"),
        (KeyboardInterrupt(), 130, "interrupted: the same command goes on where it stopped\n"),
        (MemoryError(), 70, "error: The machine has not enough memory for this."),
        (click.FileError("a.csv", "gone"), 2, "error: Could not open file 'a.csv': gone"),
    ],
)
def test_each_error_has_its_exit_code_and_no_traceback(error, code, told, broken, capsys):
    broken(raising(error))
    assert run_command(["fit"]) == code
    err = capsys.readouterr().err
    assert told in err
    assert "Traceback" not in err


def test_a_fault_of_ours_is_told_apart_and_its_traceback_kept_private(broken, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    broken(raising(KeyError("age")))
    assert run_command(["fit"]) == 70
    err = capsys.readouterr().err
    assert "a fault inside simulacra, not in your call (KeyError: 'age')" in err
    assert "Traceback" not in err
    path = Path(re.search(r"The traceback is in (\S+);", err)[1])
    assert "Traceback" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600  # it may quote a value of a real row


@pytest.mark.parametrize("error", [KeyError("age"), DataError("the file is empty")])
def test_debug_shows_the_traceback(error, broken, capsys):
    broken(raising(error))
    assert run_command(["fit", "--debug"]) != 0
    assert "Traceback" in capsys.readouterr().err


def test_what_a_verb_returns_is_the_exit_code(broken):
    broken(lambda: 4)
    assert run_command(["fit"]) == 4


def test_an_option_reads_its_own_variable_before_the_common_one(monkeypatch):
    seen = {}
    command = Verb("fit", params=[click.Option(["--rows"], type=Count())], callback=lambda rows: seen.update(rows=rows))
    monkeypatch.setenv("SIMULACRA_ROWS", "5")
    command.main([], standalone_mode=False)
    assert seen == {"rows": 5}
    monkeypatch.setenv("SIMULACRA_FIT_ROWS", "50_000")
    command.main([], standalone_mode=False)
    assert seen == {"rows": 50_000}
    command.main(["--rows", "7"], standalone_mode=False)
    assert seen == {"rows": 7}


def test_several_gates_in_a_variable_are_parted_by_semicolons(monkeypatch):
    seen = {}
    option = click.Option(["--gate", "gates"], type=Phrase("GATE"), multiple=True)
    monkeypatch.setenv("SIMULACRA_GATE", "privacy.copies <= 0.1;fidelity.shape <= 2")
    Verb("fit", params=[option], callback=lambda gates: seen.update(gates=gates)).main([], standalone_mode=False)
    assert seen == {"gates": ("privacy.copies <= 0.1", "fidelity.shape <= 2")}


def test_a_wrong_value_in_a_variable_is_told(monkeypatch, capsys):
    monkeypatch.setenv("SIMULACRA_ROWS", "0")
    assert run_command(["synthesize", "a.csv"]) == 2
    assert "0 is too small" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "share"), [("10%", 0.1), ("0.25", 0.25), ("0", 0.0), ("0%", 0.0), ("auto", "auto")])
def test_a_holdout_is_a_share_or_a_file(text, share):
    assert holdout_share(text) == share


@pytest.mark.parametrize("text", ["-0.1", "1", "51%", "100%", "2000", "nan"])
def test_a_share_outside_its_range_is_refused(text):
    with pytest.raises(click.BadParameter, match="is no share"):
        holdout_share(text)


def test_an_output_is_never_written_over_an_input(tmp_path, capsys):
    table = tmp_path / "people.csv"
    table.write_text("age\n1\n")
    (tmp_path / "same.csv").symlink_to(table)
    with pytest.raises(click.BadParameter, match=r"would be overwritten"):
        never_over(tmp_path / "same.csv", table)
    never_over(tmp_path / "other.csv", table, None)
    never_over(None, table)
    assert run_command(["fit", str(table), "-o", str(table)]) == 2
    assert "would be overwritten" in capsys.readouterr().err
    assert table.read_text() == "age\n1\n"


def test_a_missing_demo_table_names_the_line_that_installs_it(monkeypatch, capsys):
    monkeypatch.setattr("simulacra.cli.demo.PACKAGE", "no-such-package-as-this")
    assert run_command(["demo"]) == 3
    assert INSTALL in capsys.readouterr().err


def test_a_damaged_demo_package_says_so(monkeypatch, capsys):
    monkeypatch.setattr("simulacra.cli.demo.TABLE", "datasets/no-such-table")
    assert run_command(["demo"]) == 3
    err = capsys.readouterr().err
    assert "the demo's table is not in the package" in err
    assert "--force-reinstall" in err


def test_doctor_exits_3_when_a_needed_part_is_missing_and_names_the_install_line(monkeypatch, capsys):
    wanted = [
        "click>=8",
        "no-such-part>=2; extra == 'tables'",
        "no-such-toy; extra == 'pandas'",
        "ruff; extra == 'dev'",
    ]
    monkeypatch.setattr(parts, "requires", lambda _: wanted)
    assert run_command(["doctor"]) == 3
    out = capsys.readouterr().out
    assert re.search(r"missing +tables: no-such-part +pip install 'simulacra\[tables\]'", out)
    assert re.search(r"absent +pandas: no-such-toy +pip install 'simulacra\[pandas\]'", out)
    assert "ruff" not in out


def test_a_reader_that_goes_away_is_not_a_failed_gate():
    script = (
        "import sys; from simulacra.cli.main import run_command; sys.stdin.read(); sys.exit(run_command(['--help']))"
    )
    reader, writer = os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=writer, stderr=subprocess.PIPE
    )
    os.close(writer)
    os.close(reader)
    _, err = child.communicate(b"", timeout=60)
    assert child.returncode == 141
    assert b"Traceback" not in err


def test_a_package_that_is_not_installed_is_named_with_its_install_line(broken, monkeypatch, capsys):
    monkeypatch.setattr(parts, "requires", lambda _: ["scikit-learn>=1; extra == 'tables'"])
    monkeypatch.setattr(parts, "_version", lambda _: None)
    broken(raising(ModuleNotFoundError("No module named 'sklearn'", name="sklearn.ensemble")))
    assert run_command(["fit"]) == 3
    assert "scikit-learn is not installed. Install it with: pip install 'simulacra[tables]'" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["simulacra.nowhere", "sklearn.nowhere"])
def test_a_broken_import_is_a_fault_and_not_a_missing_package(name, broken, capsys):
    broken(raising(ModuleNotFoundError(f"No module named {name!r}", name=name)))
    assert run_command(["fit", "--debug"]) == 70
    assert "a fault inside simulacra" in capsys.readouterr().err
