"""The whole road from the command line, on a small table: what is written, printed, refused, and gone on with."""

import csv
import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulacra.cli.main import run_command

COMMAND = [sys.executable, "-m", "simulacra.cli"]
VERDICT_CODES = {"pass": 0, "warn": 0, "fail": 1, "unknown": 4}


def write_people(path, rows, seed=7):
    draw = random.Random(seed)
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["age", "job", "hours", "joined", "member"])
        for _ in range(rows):
            age = min(90, max(17, int(draw.gauss(40, 13))))
            job = draw.choice(["cook", "clerk", "nurse"] if age > 25 else ["student", "clerk"])
            joined = f"20{draw.randint(10, 23)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
            hours = "" if draw.random() < 0.05 else f"{draw.uniform(10, 45):.1f}"
            out.writerow([age, job, hours, joined, "yes" if age > 35 and draw.random() < 0.7 else "no"])
    return path


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    return write_people(tmp_path_factory.mktemp("source") / "people.csv", 600)


@pytest.fixture(scope="module")
def bundle(people, tmp_path_factory):
    """A finished run: its folder, exit code, and what it printed."""
    out = tmp_path_factory.mktemp("run") / "out"
    words = ["synthesize", str(people), "--rows", "700", "--quality", "fast", "--target", "member", "-o", str(out)]
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=False)
    return out, done


def test_a_run_prints_the_verdict_first_and_where_things_lie(bundle):
    out, done = bundle
    report = json.loads((out / "report.json").read_text())
    lines = done.stdout.splitlines()
    assert lines[0] == f"verdict: {report['verdict']}"
    assert done.returncode == VERDICT_CODES[report["verdict"]]
    assert all(any(line.split()[:1] == [family] for line in lines) for family in report["families"])
    assert lines[-3:] == [
        f"data     {out / 'data.parquet'} (700 rows)",
        f"report   {out / 'report.html'}",
        f"private  {out / 'private'} (holds real rows: it stays with their owner)",
    ]


def test_progress_goes_to_stderr_in_plain_lines(bundle):
    _, done = bundle
    assert any(line.endswith("700/700") for line in done.stderr.splitlines())
    assert "\x1b" not in done.stdout + done.stderr


def test_the_same_command_finds_its_work_done_and_prints_the_report_as_json(bundle, people, capsys):
    out, _ = bundle
    before = (out / "data.parquet").read_bytes()
    words = ["synthesize", str(people), "--rows", "700", "--quality", "fast", "--target", "member", "-o", str(out)]
    code = run_command([*words, "--json", "--quiet"])
    printed, err = capsys.readouterr()
    assert json.loads(printed) == json.loads((out / "report.json").read_text())
    assert code == VERDICT_CODES[json.loads(printed)["verdict"]]
    assert err == ""
    assert (out / "data.parquet").read_bytes() == before


def test_the_recipe_gives_the_same_bytes_with_two_workers_as_with_one(bundle, tmp_path):
    out, _ = bundle
    run_command(["run", str(out / "recipe.yaml"), "-o", str(tmp_path / "again"), "--workers", "2", "-q"])
    assert (tmp_path / "again" / "data.parquet").read_bytes() == (out / "data.parquet").read_bytes()


def test_another_recipe_into_the_same_folder_is_refused_and_fresh_replaces_it(people, tmp_path, capsys):
    words = [
        "synthesize",
        str(people),
        "--rows",
        "50",
        "--quality",
        "fast",
        "--format",
        "csv",
        "-q",
        "-o",
        str(tmp_path),
    ]
    run_command(words)
    before = (tmp_path / "data.csv").read_bytes()
    capsys.readouterr()
    assert run_command([*words, "--seed", "1"]) == 2
    assert (
        "the folder holds another run. Choose another folder, or replace that run with --fresh."
        in capsys.readouterr().err
    )
    assert (tmp_path / "data.csv").read_bytes() == before
    run_command([*words, "--seed", "1", "--fresh"])
    assert (tmp_path / "data.csv").read_bytes() != before


def test_fewer_rows_into_a_finished_run_are_refused_and_another_target_is_not(people, tmp_path, capsys):
    words = ["synthesize", str(people), "--quality", "fast", "--format", "csv", "-q", "-o", str(tmp_path)]
    run_command([*words, "--rows", "300"])
    before = (tmp_path / "data.csv").read_bytes()
    capsys.readouterr()
    assert run_command([*words, "--rows", "100"]) == 2
    assert "holds a finished run of 300 rows, and 100 were asked for. Choose another" in capsys.readouterr().err
    assert (tmp_path / "data.csv").read_bytes() == before
    run_command([*words, "--rows", "300", "--target", "member"])
    assert (tmp_path / "data.csv").read_bytes() == before
    run_command([*words, "--rows", "100", "--fresh"])
    assert len((tmp_path / "data.csv").read_text().splitlines()) == 101


def test_dry_run_and_preview_write_nothing(people, tmp_path, capsys):
    words = ["synthesize", str(people), "--rows", "70000", "-o", str(tmp_path / "out")]
    assert run_command([*words, "--dry-run"]) == 0
    plan = dict(line.split("  ", 1) for line in capsys.readouterr().out.splitlines())
    assert plan["rows"].strip() == "70,000"
    assert plan["real rows"].strip() == "600"
    assert plan["kept out"].strip() == "60 rows, to judge by"
    assert plan["batches"].strip() == "9"
    assert plan["time"].strip() == "about 8 s of CPU"
    assert plan["memory"].strip() == "about 500 MB"
    assert not {"model calls", "money", "cpu seconds"} & set(plan)
    assert run_command([*words, "--dry-run", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [found[key] for key in ("rows", "model_calls", "money", "cpu_seconds")] == [70000, 0, 0, 8.0]
    assert run_command([*words[:2], "--rows", "900000000", "--holdout", "0", "--dry-run"]) == 0
    plan = dict(line.split("  ", 1) for line in capsys.readouterr().out.splitlines())
    assert plan["time"].strip() == "about 9 h of CPU"
    assert plan["memory"].strip() == "about 300 GB"
    assert plan["kept out"].strip() == "no rows: privacy and utility stay unknown"
    assert run_command([*words, "--preview", "3"]) == 0
    assert [len(capsys.readouterr().out.splitlines())] == [4]
    assert run_command([*words, "--preview", "3", "--json"]) == 0
    assert [list(row) for row in json.loads(capsys.readouterr().out)] == [
        ["age", "job", "hours", "joined", "member"]
    ] * 3
    assert list(tmp_path.iterdir()) == []


def test_a_gate_that_fails_is_exit_1_and_no_holdout_is_exit_4(people, tmp_path, capsys):
    words = ["synthesize", str(people), "--rows", "200", "--quality", "fast", "-q"]
    assert run_command([*words, "--gate", "fidelity.shape >= 2", "-o", str(tmp_path / "a")]) == 1
    assert capsys.readouterr().out.startswith("verdict: fail\n")
    assert run_command([*words, "--holdout", "0", "-o", str(tmp_path / "b")]) == 4
    assert capsys.readouterr().out.startswith("verdict: unknown\n")


@pytest.mark.parametrize("words", [["synthesize", "{people}"], ["run", "{recipe}"]])
def test_a_run_without_a_folder_is_told_to_name_one(words, people, bundle, capsys):
    places = {"people": people, "recipe": bundle[0] / "recipe.yaml"}
    assert run_command([word.format(**places) for word in words]) == 2
    assert "Say where the result goes: -o FOLDER." in capsys.readouterr().err


@pytest.mark.parametrize("words", [["inspect"], ["synthesize", "-o", "out"], ["fit", "-o", "m.sim"]])
def test_a_table_that_is_not_there_is_exit_2(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run_command([words[0], "nobody.csv", *words[1:]]) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert "nobody.csv: the file does not exist." in err
    assert list(tmp_path.iterdir()) == []


def test_inspect_says_what_each_column_is_and_why(people, capsys):
    assert run_command(["inspect", str(people)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "600 rows, 5 columns"
    assert lines[2].split() == ["column", "kind", "range", "missing", "why"]
    cells = {line.split()[0]: line for line in lines[3:]}
    assert cells["age"].split()[1:3] == ["integer", "17"]
    assert "%" in cells["hours"]
    assert cells["joined"].split()[1] == "date"
    assert run_command(["inspect", str(people), "--json"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert [column["kind"] for column in schema["columns"]][:2] == ["integer", "category"]
    assert all(column["why"] for column in schema["columns"])


def test_a_schema_is_written_given_back_and_never_written_over(people, tmp_path, capsys):
    schema = tmp_path / "schema.yaml"
    assert run_command(["inspect", str(people), "-o", str(schema)]) == 0
    assert run_command(["inspect", str(people), "-o", str(schema)]) == 0  # the same content: nothing is lost
    schema.write_text(schema.read_text() + "# edited\n")
    assert run_command(["inspect", str(people), "-o", str(schema)]) == 2
    assert "the file is already there. --fresh writes over it, or name another." in capsys.readouterr().err
    assert run_command(["synthesize", str(people), "--schema", str(schema), "--preview", "2"]) == 0
    assert schema.read_text().endswith("# edited\n")
    assert run_command(["inspect", str(people), "-o", str(schema), "--fresh"]) == 0
    assert "# edited" not in schema.read_text()


def test_fit_sample_validate(people, tmp_path, capsys):
    model, rows, page = tmp_path / "people.sim", tmp_path / "rows.csv", tmp_path / "report.html"
    assert run_command(["fit", str(people), "-o", str(model), "--quality", "fast"]) == 0
    assert capsys.readouterr().out.startswith(f"{model}: a model of 5 columns, 0.")
    assert run_command(["sample", str(model), "--rows", "300", "-o", str(rows), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"data": str(rows), "rows": 300, "seed": 0}
    assert len(rows.read_text().splitlines()) == 301
    unseen = write_people(tmp_path / "unseen.csv", 300, seed=8)
    words = ["validate", str(rows), "--real", str(people), "--holdout", str(unseen), "-o", str(page)]
    code = run_command(words)
    out = capsys.readouterr().out
    assert "No gate judges" not in out  # without --gate the defaults hold
    assert code == VERDICT_CODES[out.split()[1]]
    assert out.splitlines()[-1] == f"report  {page}"
    assert page.read_text().lstrip().lower().startswith("<!doctype html>")
    assert run_command([*words, "--json"]) == code
    assert json.loads(capsys.readouterr().out)["verdict"] == out.split()[1]


def start(words):
    # A session of its own: the signal reaches the command and its workers, as Ctrl-C in a terminal does, and not us.
    # A shell's background jobs ignore Ctrl-C and their children inherit that; a command in the foreground does not.
    return subprocess.Popen(
        [*COMMAND, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def interrupt_at(words, stage, how=signal.SIGINT):
    """Start a command, press Ctrl-C (or worse) when a line tells `stage`; return exit code, stdout, stderr."""
    child = start(words)
    told = []
    for line in child.stderr:
        told.append(line)
        if stage in line:
            os.killpg(child.pid, how)
            break
    out, rest = child.communicate(timeout=120)
    return child.returncode, out, "".join(told) + rest


LONG = ["--rows", "30000", "--quality", "fast"]


@pytest.fixture(scope="module")
def whole(people, tmp_path_factory):
    """The data of a run that nobody interrupted."""
    out = tmp_path_factory.mktemp("whole") / "out"
    run_command(["synthesize", str(people), *LONG, "-q", "-o", str(out)])
    return (out / "data.parquet").read_bytes()


@pytest.mark.parametrize(("workers", "stage"), [("1", "learning"), ("1", "making rows"), ("2", "making rows")])
def test_ctrl_c_leaves_nothing_finished_and_the_same_command_goes_on(workers, stage, people, whole, tmp_path):
    out = tmp_path / "out"
    words = ["synthesize", str(people), *LONG, "--workers", workers, "-o", str(out)]
    code, printed, told = interrupt_at(words, stage)
    assert code == 130, told
    assert printed == ""
    assert told.splitlines()[-1] == "interrupted: the same command goes on where it stopped"
    assert "Traceback" not in told
    assert not any((out / name).exists() for name in ("report.json", "report.html", "data.parquet", "README.md"))
    assert subprocess.run([*COMMAND, *words], capture_output=True, check=False).returncode in (0, 1, 4)
    assert (out / "data.parquet").read_bytes() == whole


def test_every_option_reads_the_environment(people, tmp_path):
    variables = {"SIMULACRA_ROWS": "33", "SIMULACRA_OUT": str(tmp_path / "o"), "SIMULACRA_SYNTHESIZE_QUALITY": "fast"}
    variables |= {"SIMULACRA_QUIET": "1", "SIMULACRA_JSON": "1"}
    words = [*COMMAND, "synthesize", str(people)]
    done = subprocess.run(words, env={**os.environ, **variables}, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert json.loads(done.stdout)["rows"]["synthetic"] == 33
    assert Path(tmp_path / "o" / "recipe.yaml").exists()


def test_a_killed_run_leaves_nothing_that_looks_finished_and_is_gone_on_with(people, whole, tmp_path):
    out = tmp_path / "out"
    words = ["synthesize", str(people), *LONG, "-o", str(out)]
    code, printed, _ = interrupt_at(words, "measuring", signal.SIGKILL)
    assert (code, printed) == (-signal.SIGKILL, "")
    assert not any((out / name).exists() for name in ("report.json", "report.html", "data.parquet", "README.md"))
    assert subprocess.run([*COMMAND, *words], capture_output=True, check=False).returncode in (0, 1, 4)
    assert (out / "data.parquet").read_bytes() == whole
