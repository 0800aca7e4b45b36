"""What a person sees: tables, verdicts, progress, lists, and the same as JSON."""

import contextlib
import io
import json
import os
import pty
import subprocess
import sys

import polars as pl
import pytest

from simulacra import registry
from simulacra.cli.main import VERBS, root, run_command
from simulacra.cli.making import show_rows
from simulacra.cli.progress import Bar, Lines
from simulacra.cli.terminal import Terminal, align
from simulacra.cli.verdict import exit_code, tell_verdict
from simulacra.contracts import Assessment, Finding


def assessment(verdict, **families):
    found = {name: Finding(word, why) for name, (word, why) in families.items()}
    return Assessment(
        verdict, found, {"bias": Finding("warn", "groups shrink"), "collapse": Finding("pass", "")}, (), ()
    )


def test_the_verdict_comes_first_and_each_family_says_why(capsys):
    judged = assessment("fail", fidelity=("pass", "close to real"), privacy=("fail", "12 rows are copies"))
    tell_verdict(Terminal(), judged, ["free text was replaced"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "verdict: fail"
    assert lines[2].split(maxsplit=2) == ["privacy", "fail", "12 rows are copies"]  # a leak stands first
    assert lines[3].split(maxsplit=2) == ["fidelity", "pass", "close to real"]
    assert lines[4].split(maxsplit=3) == ["bias", "risk", "warn", "groups shrink"]
    assert lines[-1] == "note: free text was replaced"
    assert not any("collapse" in line for line in lines)  # a risk that passed is in the report


@pytest.mark.parametrize(("verdict", "code"), [("pass", 0), ("warn", 0), ("fail", 1), ("unknown", 4)])
def test_the_verdict_decides_the_exit_code(verdict, code):
    assert exit_code(verdict) == code


def test_columns_are_aligned_and_long_cells_cut_but_the_last():
    lines = align([["a" * 30, "1", "w" * 80], ["b", "22", "x\ny"]], ["name", "n", "why"], limit=10).splitlines()
    assert lines[0] == "name        n   why"
    assert lines[1] == "a" * 9 + "…  1   " + "w" * 80
    assert lines[2:] == ["b           22  x", "y"]


def test_no_rows_are_no_lines():
    assert align([]) == ""


def test_few_columns_are_shown_a_line_a_row_many_a_line_a_column(capsys):
    show_rows(Terminal(), pl.DataFrame({"age": [31, None], "job": ["cook", "clerk"]}))
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["age", "job"],
        ["31", "cook"],
        ["clerk"],
    ]
    show_rows(Terminal(), pl.DataFrame({f"c{i}": [i, -i] for i in range(9)}))
    assert capsys.readouterr().out.splitlines()[3].split() == ["c3", "3", "-3"]


def test_rows_as_json_keep_their_types(capsys):
    show_rows(Terminal(as_json=True), pl.DataFrame({"age": [31, None], "job": ["cook", "clerk"]}))
    assert json.loads(capsys.readouterr().out) == [{"age": 31, "job": "cook"}, {"age": None, "job": "clerk"}]


def test_plain_progress_tells_the_end_of_a_stage_and_not_each_step(capsys):
    lines = Lines(every=3600)
    lines.start("learning columns", 1500)
    for _ in range(1500):
        lines.advance()
    lines.note("two columns are constant")
    lines.start("making rows", 10)
    lines.advance(4)
    lines.close()
    lines.start("more rows", 10)
    lines.advance(12)
    lines.close()
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "learning columns 1,500/1,500",
        "two columns are constant",
        "making rows 4/10",
        "more rows 10/10",
    ]


def test_plain_progress_tells_now_and_then(capsys):
    lines = Lines(every=0)
    lines.start("learning columns", 3)
    lines.advance()
    lines.advance()
    lines.close()
    assert capsys.readouterr().err.splitlines() == [f"learning columns {i}/3" for i in (1, 2)]


def test_quiet_leaves_the_notes_out(capsys):
    tell_verdict(Terminal(quiet=True), assessment("pass", fidelity=("pass", "close")), ["free text was replaced"])
    out = capsys.readouterr().out
    assert out.startswith("verdict: pass")
    assert "fidelity" in out
    assert "note" not in out


def test_quiet_shows_no_progress_and_no_remark(capsys):
    terminal = Terminal(quiet=True)
    with terminal.progress() as progress:
        progress.start("learning columns", 2)
        progress.advance()
        progress.note("remark")
    terminal.say("remark")
    assert capsys.readouterr() == ("", "")


def test_a_bar_is_shown_on_a_terminal():
    script = """
import time
from simulacra.cli.terminal import Terminal
with Terminal().progress() as progress:
    progress.start("learning columns", 2)
    progress.note("a [remark]")
    progress.advance(2)
    progress.status("7 [of] 50 rows")
    time.sleep(0.7)  # it is drawn four times a second
    progress.start("making rows", 5)
"""
    outer, inner = pty.openpty()
    # fmt: off
    child = subprocess.Popen([sys.executable, "-c", script], stderr=inner, stdout=subprocess.PIPE,
                             env={**os.environ, "TERM": "xterm", "COLUMNS": "100"})
    # fmt: on
    os.close(inner)
    seen = b""
    with contextlib.suppress(OSError):  # Linux ends a pseudo-terminal with EIO
        while part := os.read(outer, 65536):
            seen += part
    assert child.communicate(timeout=60)[0] == b""
    assert child.returncode == 0
    text = seen.decode()
    assert "learning columns" in text
    assert "2/2" in text
    assert "a [remark]" in text
    assert "7 [of] 50 rows" in text
    assert "\x1b[?25h" in text  # the cursor is given back


def test_a_bar_that_never_began_needs_no_end():
    bar = Bar()
    bar.advance()
    bar.close()


def test_every_verb_has_help_with_an_example_and_knows_the_common_options(capsys):
    assert root.list_commands(None) == list(VERBS)
    for name in VERBS:
        assert run_command([name, "--help"]) == 0
        text = capsys.readouterr().out
        assert f"Usage: simulacra {name}" in text
        assert all(flag in text for flag in ("--json", "--quiet", "--debug"))


def test_list_names_the_plug_ins_with_what_each_does():
    # In a process of its own: other tests put plug-ins of theirs into the registry of this one.
    def printed(*words):
        command = [sys.executable, "-m", "simulacra.cli", "list", *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    found = json.loads(printed("--json"))
    assert sorted(found) == sorted(f"{kind}s" for kind in registry.KINDS)
    assert all(entry["about"] for entries in found.values() for entry in entries)
    one = printed("generators")
    assert one.startswith("generators\n  table ")
    assert "metrics" not in one


def test_doctor_is_content_here_and_says_so_as_json(capsys):
    assert run_command(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is True
    assert {"python", "disk", "kernel cache", "tables: numba", "core: polars"} <= {
        line["what"] for line in found["lines"]
    }


def test_doctor_says_which_models_can_be_asked_and_never_a_key(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-to-be-shown")
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    monkeypatch.setenv("SIMULACRA_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert run_command(["doctor", "--json"]) == 0
    out = capsys.readouterr().out
    found = {line["what"]: (line["state"], line["seen"]) for line in json.loads(out)["lines"]}
    assert found["model: openai"] == ("ok", "key found in OPENAI_API_KEY")
    assert found["model: anthropic"] == ("absent", "no key: set ANTHROPIC_API_KEY in the environment or in .env")
    assert found["model: ollama"][0] == "ok"
    assert found["model: smollm2-135m"] == ("absent", "not installed: simulacra models install smollm2-135m")
    assert "not-to-be-shown" not in out


def test_doctor_sees_a_kernel_cache_that_cannot_be_written(monkeypatch, capsys):
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/dev/null/no-such-folder")
    assert run_command(["doctor"]) == 0
    assert "set NUMBA_CACHE_DIR to a folder that can be written" in capsys.readouterr().out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_the_script_of_the_shell(shell, capsys):
    assert run_command(["completion", shell]) == 0
    assert "_SIMULACRA_COMPLETE" in capsys.readouterr().out


def test_completion_reads_the_shell_from_its_variable(monkeypatch, capsys):
    monkeypatch.setenv("SHELL", "/usr/bin/fish")
    assert run_command(["completion"]) == 0
    assert "complete --no-files --command simulacra" in capsys.readouterr().out
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    assert run_command(["completion"]) == 2
    assert "Say which shell: bash, zsh, fish." in capsys.readouterr().err


def test_the_shell_completes_verbs_and_options():
    def complete(words):
        variables = {"_SIMULACRA_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        script = "import sys; sys.argv = ['simulacra']; from simulacra.cli.main import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, **variables}, capture_output=True, text=True, check=True
        )
        return done.stdout

    assert "plain,synthesize" in complete("simulacra syn")
    assert "plain,--holdout" in complete("simulacra synthesize --ho")


def test_colours_only_where_a_terminal_reads_them():
    stream = io.StringIO()
    with contextlib.redirect_stdout(stream):
        tell_verdict(Terminal(), assessment("pass", fidelity=("pass", "close")))
    assert "\x1b" not in stream.getvalue()
