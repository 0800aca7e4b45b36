"""Bad input from the command line: each case makes its message appear; none leaves a traceback or a half result."""

import csv
import gzip
import io
import json
import os
import random
import signal
import subprocess
import sys
from datetime import date, datetime, time, timedelta

import polars as pl
import pytest

from simulacra.cli.main import run_command

JUDGED = (0, 1, 4)  # the run came to its end; what it is worth is another question
COMMAND = [sys.executable, "-m", "simulacra.cli"]
ROWS = 240


def table(rows=ROWS, seed=1):
    draw = random.Random(seed)
    return [[draw.randint(1, 50), draw.choice("xyz"), f"{draw.gauss(0, 1):.4f}"] for _ in range(rows)]


def as_csv(rows, header=("a", "b", "c")):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "good.csv"
    path.write_text(as_csv(table()))
    return path


def synthesize(source, out, *more):
    return run_command(
        ["synthesize", str(source), "--rows", "40", "--quality", "fast", "-q", "-o", str(out), *map(str, more)]
    )


def refused(capsys, words, code=2):
    """Run a command that must be refused, and return the one line it says."""
    assert run_command([str(word) for word in words]) == code
    printed, told = capsys.readouterr()
    assert printed == ""
    assert told.startswith("error: ")
    assert "Traceback" not in told
    assert "Errno" not in told
    assert len(told.splitlines()) == 1
    return told


# --- files that hold no table ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", b"", "a.csv: the file is empty. Give a table with a header and rows."),
        ("a.csv", b"\n\n", "the file is empty"),
        ("a.csv", b"a,b\n", "there is a header and not one row"),
        ("a.csv", b"a,b\n1,2\n", "the table has 1 row. At least 10 rows are needed"),
        ("a.csv", b"a,a\n1,2\n", "column names stand twice: 'a' (columns 1 and 2). Give every column its own name."),
        ("a.csv", b"a,b\n1,2\n1,2,3\n", "line 3 has 3 fields, the header has 2. Mend that line"),
        ("a.csv", b"a,b\n" + b"inf,1\n2,2\n" * 20, "column 'a' holds 20 infinite values. Replace them by missing"),
        ("a.csv", b"a,b\n\x81\x8d,2\n", "line 2 holds the byte 0x81, which is neither UTF-8 nor Windows-1252"),
        ("a.csv", b"a,b\nx\0y,2\n", "line 2 holds a zero byte: this is not a text file. Save it as UTF-8"),
        ("a.csv", b"*,b\n" + b"1,2\n" * 20, "the column name '*' would be read as a pattern over all columns"),
        ("a.csv.gz", gzip.compress(os.urandom(400))[:200], "the gzip file is broken"),
        ("a.parquet", b"", "the file is empty"),
        ("a.parquet", b"PAR1 and no more", "not a Parquet file, or a broken one"),
        ("a.jsonl", b'{"a": 1}\n{bad\n', "line 2, character 2: not JSON"),
        ("a.jsonl", b'{"a": {"b": 1}}\n' * 20, "column 'a' is nested (a struct). A table has one plain value a cell"),
        ("a.json", b"[]", "the file holds no rows"),
        ("a.xlsx", b"PK", "the suffix '.xlsx' is not known. Known are .csv"),
    ],
)
@pytest.mark.parametrize("verb", ["synthesize", "fit"])
def test_a_file_without_a_table(verb, name, content, told, tmp_path, capsys):
    (tmp_path / name).write_bytes(content)
    assert told in refused(capsys, [verb, tmp_path / name, "-o", tmp_path / "out"])
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_parquet_file_without_rows_or_columns(tmp_path, capsys):
    path = tmp_path / "a.parquet"
    pl.DataFrame({"a": pl.Series([], dtype=pl.Int64)}).write_parquet(path)
    assert "there are columns and not one row" in refused(capsys, ["inspect", path])
    pl.DataFrame().write_parquet(path)
    assert "the table has no columns" in refused(capsys, ["inspect", path])


def test_a_file_that_is_missing_or_may_not_be_read(tmp_path, capsys):
    told = refused(capsys, ["synthesize", tmp_path / "no.csv", "-o", tmp_path / "out"])
    assert f"{tmp_path / 'no.csv'}: the file does not exist. Check the path." in told
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    assert "the file cannot be read" in refused(capsys, ["inspect", tmp_path / "loop.csv"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["sample", "no.sim", "--rows", "5", "-o", "b.csv"], "no.sim: the model cannot be read (no such file or"),
        (["sample", ".", "--rows", "5", "-o", "b.csv"], "the model cannot be read (is a directory). Check the path."),
        (["sample", "good.csv", "--rows", "5", "-o", "b.csv"], "good.csv: this is not a model file."),
        (["sample", "good.csv", "--rows", "5", "-o", "b.xls"], "b.xls: the ending '.xls' is no format. Use .parquet"),
        (["run", "no.yaml", "-o", "out"], "no.yaml: the recipe cannot be read (no such file or directory)."),
        (["run", "good.csv", "-o", "out"], "good.csv: a recipe is a mapping of names to values. See docs/recipes.md."),
        (["fit", "good.csv", "--schema", "no.yaml", "-o", "m.sim"], "no.yaml: the schema cannot be read (no such"),
        (["validate", "no.csv", "--real", "good.csv"], "no.csv: the file does not exist"),
    ],
)
def test_other_files_that_cannot_be_read(words, told, good, monkeypatch, capsys):
    monkeypatch.chdir(good.parent)
    assert told in refused(capsys, words)
    assert [path.name for path in good.parent.iterdir()] == ["good.csv"]


# --- tables that are odd, and are made all the same -----------------------------------------------------------------


def random_times(draw):
    start = datetime(2020, 1, 1)
    stamps = [start + timedelta(seconds=draw.randrange(10**7)) for _ in range(ROWS)]
    return {
        "date": [stamp.date() for stamp in stamps],
        "stamp": stamps,
        "zoned": pl.Series(stamps).dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Berlin"),
        "clock": [time(draw.randrange(24), draw.randrange(60)) for _ in range(ROWS)],
        "length": [timedelta(seconds=draw.randrange(10**5)) for _ in range(ROWS)],
    }


OURS = ("step", "reason", "batch", "step_", "rows", "count", "value", "level", "len")  # columns of frames of our own


def odd_tables():
    draw = random.Random(2)
    pick = draw.choice
    reals = [draw.random() for _ in range(ROWS)]
    words = ["the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog"]
    return {
        "twelve rows": {"a": list(range(12)), "b": ["x", "y", "y"] * 4},
        "one column": {"a": [draw.randrange(50) for _ in range(ROWS)]},
        "all null": {"a": reals, "b": pl.Series([None] * ROWS, dtype=pl.String), "n": [None] * ROWS},
        "only nulls": {"a": pl.Series([None] * ROWS, dtype=pl.Float64), "b": pl.Series([None] * ROWS, dtype=pl.Date)},
        "constant": {"a": reals, "b": ["same"] * ROWS},
        "one row again and again": {"a": [1] * ROWS, "b": ["x"] * ROWS, "c": [1.5] * ROWS},
        "not a number": {"a": [pick([float("nan"), x]) for x in reals], "b": [float("nan")] * ROWS},
        "ends of the calendar": {"a": [pick([date(1, 1, 1), date(9999, 12, 31), date(2020, 2, 3)]) for _ in reals]},
        "only times": random_times(draw),
        "only identifiers": {"a": [f"A{i:05}" for i in range(ROWS)], "b": list(range(ROWS))},
        "only free text": {"a": [" ".join(pick(words) for _ in range(15)) + f" {i}" for i in range(ROWS)]},
        "very long text": {"a": ["lorem ipsum " * 8000 + str(i) for i in range(20)], "b": list(range(20))},
        "long integers": {
            "a": [draw.randrange(10**18, 9 * 10**18) for _ in reals],
            "b": pl.Series([draw.randrange(2**63, 2**64) for _ in reals], dtype=pl.UInt64),
            "c": [pick([-(2**63), 2**63 - 1, 0]) for _ in reals],
        },
        "unicode names": {"größe 🙂": reals, 'a b\n"c"': [pick("xy") for _ in reals], "<script>x</script>": reals},
        "names of ours": {name: [pick("xyz") for _ in reals] for name in OURS},
        "keys by names of ours": {name: [f"{i}k{name}" for i in range(ROWS)] for name in OURS},
    }


ODD = odd_tables()


@pytest.mark.parametrize("name", ODD)
def test_an_odd_table_comes_to_its_end_with_its_types(name, tmp_path, capsys):
    real = pl.DataFrame(ODD[name])
    real.write_parquet(tmp_path / "a.parquet")
    assert synthesize(tmp_path / "a.parquet", tmp_path / "out") in JUDGED
    made = pl.read_parquet(tmp_path / "out" / "data.parquet")
    assert made.height == 40
    assert dict(made.schema) == dict(real.schema)
    assert json.loads((tmp_path / "out" / "report.json").read_text())["rows"]["synthetic"] == 40
    assert "Traceback" not in capsys.readouterr().err


def test_no_warning_of_python_reaches_a_person(tmp_path):
    reals = [random.Random(i).random() for i in range(ROWS)]
    frame = pl.DataFrame({"tiny": [x * 1e-310 for x in reals], "huge": [x * 1.7e308 for x in reals]})
    frame.write_parquet(tmp_path / "a.parquet")
    words = ["synthesize", str(tmp_path / "a.parquet"), "--quality", "fast", "-q", "-o", str(tmp_path / "out")]
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=False)
    assert done.returncode in JUDGED
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("mixed", lambda i: ["12", "x", "1.5", "2020-01-01", "true"][i % 5]),
        ("dates that are none", lambda i: ["31.02.2020", "01.03.2021", "2.4.2022"][i % 3]),
        ("100,000 strings", None),
    ],
)
def test_odd_text_comes_to_its_end(header, cell, tmp_path):
    rows = 100_000 if cell is None else ROWS
    cells = [f"w{i * 7919 % 1_000_003}" if cell is None else cell(i) for i in range(rows)]
    (tmp_path / "a.csv").write_text(as_csv([[i % 7, text] for i, text in enumerate(cells)], ("n", header)))
    assert synthesize(tmp_path / "a.csv", tmp_path / "out") in JUDGED
    made = pl.read_parquet(tmp_path / "out" / "data.parquet")[header]
    if cell is None:
        assert made.n_unique() == 40
        assert not set(made) & set(cells)
    else:
        assert set(made) <= set(cells)


def test_many_columns_and_few_rows(tmp_path):
    draw = random.Random(4)
    names = [f"c{i}" for i in range(300)]
    (tmp_path / "a.csv").write_text(as_csv([[draw.randrange(9) for _ in names] for _ in range(12)], names))
    assert synthesize(tmp_path / "a.csv", tmp_path / "out") in JUDGED
    assert pl.read_parquet(tmp_path / "out" / "data.parquet").shape == (40, 300)


def test_gzip_windows_letters_and_odd_separators_are_read(tmp_path, capsys):
    text = "größe;wert\n" + "".join(f"Müller{i % 4};{i % 7},5\n" for i in range(60))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text.encode("cp1252")))
    assert synthesize(tmp_path / "a.csv.gz", tmp_path / "out", "--format", "jsonl") in JUDGED
    assert "read as Windows-1252" not in capsys.readouterr().out  # quiet; the report tells it
    assert "the file is not UTF-8: read as Windows-1252" in (tmp_path / "out" / "report.json").read_text()
    made = pl.read_ndjson(tmp_path / "out" / "data.jsonl")
    assert made.schema == {"größe": pl.String, "wert": pl.Float64}


# --- choices that do not fit the table ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("columns:\n  aa:\n    kind: integer\n", "s.yaml, line 2: there is no column 'aa'. Did you mean 'a'"),
        ("columns:\n  a:\n    kind: intger\n", "line 3: the kind 'intger' does not exist. Did you mean 'integer'"),
        ("columns:\n  b:\n    kind: integer\n", "column 'b' cannot be integer: 240 of 240 values do not fit"),
        ("columns: [", "not YAML"),
        ("", "the file is empty"),
        ("target: bb\n", "line 1: there is no column 'bb'"),
    ],
)
def test_a_schema_that_does_not_fit(text, told, good, tmp_path, capsys):
    (tmp_path / "s.yaml").write_text(text)
    words = ["synthesize", good, "--schema", tmp_path / "s.yaml", "-o", tmp_path / "out"]
    assert told in refused(capsys, words)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a,d\n1,x\n", "there is no column 'b'. It must have the real table's columns."),
        (
            "a,b,c\n" + "few,x,1\n" * 20,
            "20 values of column 'a' are no Int64, as the real ones are: the first is 'few'",
        ),
        ("a,b,c\n" + "1.5,x,1\n" * 20, "20 values of column 'a' are no Int64, as the real ones are: the first is 1.5"),
        (as_csv(table()), "240 of the 240 rows of the hold-out stand in the source. Give rows that the generator"),
        ("", "the file is empty"),
    ],
)
def test_a_holdout_that_does_not_fit(content, told, good, tmp_path, capsys):
    (tmp_path / "h.csv").write_text(content)
    words = ["synthesize", good, "--holdout", tmp_path / "h.csv", "-o", tmp_path / "out"]
    assert f"h.csv: {told}" in refused(capsys, words)


def test_a_holdout_in_another_order_of_columns_is_used(good, tmp_path):
    rows = [[c, a, b] for a, b, c in table(seed=9)]
    (tmp_path / "h.csv").write_text(as_csv(rows, ("c", "a", "b")))
    assert synthesize(good, tmp_path / "out", "--holdout", tmp_path / "h.csv") in JUDGED
    assert json.loads((tmp_path / "out" / "report.json").read_text())["rows"]["holdout"] == ROWS


def test_a_target_that_is_not_there_or_never_changes(good, tmp_path, capsys):
    told = refused(capsys, ["synthesize", good, "--target", "aa", "-o", tmp_path / "out"])
    assert "There is no column 'aa'. Did you mean 'a'" in told
    (tmp_path / "same.csv").write_text(as_csv([[*row, "same"] for row in table()], ("a", "b", "c", "d")))
    assert synthesize(tmp_path / "same.csv", tmp_path / "out", "--target", "d") == 4
    assert "constant" in capsys.readouterr().out or "d" in (tmp_path / "out" / "report.json").read_text()


@pytest.mark.parametrize(
    ("gate", "told"),
    [
        ("privacy.copyes <= 1", "there is no measure 'privacy.copyes'. Did you mean 'privacy.copies'"),
        ("fidelity", "'fidelity' is not a gate. Write NAME <= NUMBER"),
        ("privacy.copies <= many", "'many' is not a number"),
    ],
)
def test_a_gate_that_cannot_be(gate, told, good, tmp_path, capsys):
    assert told in refused(capsys, ["synthesize", good, "--gate", gate, "-o", tmp_path / "out"])
    assert not (tmp_path / "out").exists()


# --- the output -----------------------------------------------------------------------------------------------------


def test_an_output_that_cannot_be_written(good, tmp_path, capsys):
    (tmp_path / "file").write_text("x")
    assert "a file, a run needs a folder" in refused(capsys, ["synthesize", good, "-o", tmp_path / "file"])
    told = refused(capsys, ["synthesize", good, "-o", tmp_path / "file" / "out"])
    assert "a file stands where a folder is needed" in told
    told = refused(capsys, ["fit", good, "--quality", "fast", "-q", "-o", tmp_path / "no" / "m.sim"])
    assert "the folder does not exist. Make it first" in told
    assert (tmp_path / "file").read_text() == "x"


def test_a_folder_with_other_files_is_left_alone(good, tmp_path, capsys):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "thesis.tex").write_text("years")
    told = refused(capsys, ["synthesize", good, "--fresh", "-o", tmp_path / "work"])
    assert "the folder holds files that are not a run's. Choose an empty or a new folder." in told
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["thesis.tex"]


def test_another_format_leaves_no_data_of_the_one_before(good, tmp_path):
    for format in ("parquet", "csv", "jsonl"):
        assert synthesize(good, tmp_path / "out", "--format", format) in JUDGED
        assert [path.name for path in (tmp_path / "out").glob("data.*")] == [f"data.{format}"]


def test_a_damaged_store_is_told_and_fresh_starts_again(good, tmp_path, capsys):
    out = tmp_path / "out"
    synthesize(good, out)
    whole = (out / "data.parquet").read_bytes()
    for content in (b"something else " * 500, (out / "private" / "run.sqlite").read_bytes()[:9000]):
        (out / "private" / "run.sqlite").write_bytes(content)
        capsys.readouterr()
        told = refused(capsys, ["synthesize", good, "--rows", "40", "--quality", "fast", "-q", "-o", out])
        assert "the run's store cannot be used" in told
        assert "Start again with --fresh." in told
    assert synthesize(good, out, "--fresh") in JUDGED
    assert (out / "data.parquet").read_bytes() == whole


# --- stopped half-way -------------------------------------------------------------------------------------------------

LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
from simulacra.cli.main import run_command
sys.exit(run_command(sys.argv[2:]))
"""
KILLED = """
import os, signal, sys
left, replace = [int(sys.argv[1])], os.replace
def stop_at(*paths):
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    replace(*paths)
os.replace = stop_at
from simulacra.cli.main import run_command
sys.exit(run_command(sys.argv[2:]))
"""


def in_process(script, argument, words, **more):
    words = [sys.executable, "-c", script, str(argument), *map(str, words)]
    return subprocess.run(words, capture_output=True, text=True, check=False, **more)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A source, and the data of a run that nothing stopped."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "a.csv").write_text(as_csv(table(600)))
    words = ["synthesize", str(folder / "a.csv"), "--rows", "9000", "--quality", "fast", "-q"]
    run_command([*words, "-o", str(folder / "out")])
    return words, (folder / "out" / "data.parquet").read_bytes()


@pytest.mark.parametrize("limit", [1_000, 40_000])
def test_a_disk_that_gets_full_leaves_nothing_finished_and_the_run_goes_on(limit, whole, tmp_path):
    words, data = whole
    out = tmp_path / "out"
    done = in_process(LIMITED, limit, [*words, "-o", out])
    assert done.returncode == 2, done.stderr
    assert "cannot be written" in done.stderr or "the disk is full" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (out / "report.json").exists()
    assert run_command([*words, "-o", str(out)]) in JUDGED
    assert (out / "data.parquet").read_bytes() == data


@pytest.mark.parametrize("name", ["m.sim", "rows.csv", "rows.jsonl", "rows.parquet"])
def test_a_disk_that_gets_full_keeps_the_old_file(name, good, tmp_path):
    run_command(["fit", str(good), "--quality", "fast", "-q", "-o", str(tmp_path / "good.sim")])
    (tmp_path / name).write_text("old")
    model = ["sample", tmp_path / "good.sim", "--rows", "4000"]
    words = ["fit", good, "--quality", "fast"] if name == "m.sim" else model
    done = in_process(LIMITED, 900, [*words, "-q", "-o", tmp_path / name])
    assert done.returncode == 2, done.stderr
    assert f"{tmp_path / name}: the disk is full. Make room or choose another folder" in done.stderr
    assert (tmp_path / name).read_text() == "old"
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("file", [4, 9])
def test_a_run_killed_while_it_writes_is_not_finished_and_goes_on(file, whole, tmp_path):
    words, data = whole
    out = tmp_path / "out"
    assert in_process(KILLED, file, [*words, "-o", out]).returncode == -signal.SIGKILL
    assert not (out / "report.json").exists()
    assert run_command([*words, "-o", str(out)]) in JUDGED
    assert (out / "data.parquet").read_bytes() == data
    assert not list(out.rglob(".*"))


def test_a_finished_run_that_is_killed_while_it_grows_is_finished_no_more(whole, tmp_path):
    words, data = whole
    out = tmp_path / "out"
    shorter = [*words[:3], "500", *words[4:], "-o", str(out)]
    assert run_command(shorter) in JUDGED
    first = pl.read_parquet(out / "data.parquet")
    assert in_process(KILLED, 4, [*words, "-o", out]).returncode == -signal.SIGKILL
    assert not (out / "report.json").exists()
    assert run_command([*words, "-o", str(out)]) in JUDGED
    assert (out / "data.parquet").read_bytes() == data
    assert pl.read_parquet(out / "data.parquet").head(500).equals(first)


@pytest.mark.parametrize("seed", ["4242"])
def test_the_bytes_do_not_hang_on_how_python_hashes(seed, whole, tmp_path):
    words, data = whole
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    subprocess.run([*COMMAND, *words, "-o", str(tmp_path / "out")], env=environment, capture_output=True, check=False)
    assert (tmp_path / "out" / "data.parquet").read_bytes() == data


def test_two_commands_do_not_share_a_folder(whole, tmp_path):
    words, _ = whole
    slow = [*COMMAND, *[word for word in words if word not in ("-q", "fast", "--quality")], "-o", str(tmp_path / "out")]
    first = subprocess.Popen(slow, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        assert any("learning" in line for line in first.stderr)
        first.send_signal(signal.SIGSTOP)
        done = subprocess.run(
            [*COMMAND, *words, "-o", str(tmp_path / "out")], capture_output=True, text=True, check=False
        )
    finally:
        first.kill()
        first.communicate()
    assert done.returncode == 2
    assert "another process is making a run in this folder. Wait for it, or choose another." in done.stderr


# --- nobody of the real table in what may be passed on ----------------------------------------------------------------

PLANTED = {
    "name": "Zaphod Beeblebroxius",
    "mail": "zaphod.beeblebroxius@heartofgold.example",
    "phone": "+49 171 5550199",
    "income": 98765432.17,
    "joined": date(1911, 11, 11),
    "city": "Ouagadougou-Zzyzx",
    "note": "That night the unmistakable admiral confessed to stealing the sapphire walrus from a museum",
    "account": 123456789012,
}


def planted_table():
    draw = random.Random(11)
    words = [
        "patient",
        "reported",
        "mild",
        "strong",
        "pain",
        "after",
        "walking",
        "stairs",
        "and",
        "was",
        "sent",
        "home",
        "again",
    ]
    people = []
    for i in range(500):
        name = f"{draw.choice(['Anna', 'Bert', 'Carla', 'Dirk'])} {draw.choice(['Brack', 'Eisen', 'Grau'])}wasser{i}"
        person = {
            "name": name,
            "mail": f"{name.lower().replace(' ', '.')}@mail.example",
            "phone": f"+49 171 {draw.randrange(10**6, 10**7)}",
            "income": round(draw.lognormvariate(10, 0.7), 2),
            "joined": date(2019, 1, 1) + timedelta(days=draw.randrange(900)),
            "city": draw.choice(["Bonn", "Celle", "Kiel"]),
            "note": " ".join(draw.choice(words) for _ in range(20)) + f" {i}",
            "account": draw.randrange(10**11, 10**12),
        }
        people.append(PLANTED if i == 177 else person)
    return pl.DataFrame(people)


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_no_value_of_one_person_is_in_what_may_be_passed_on(format, tmp_path, capsys):
    real = planted_table()
    real.write_csv(tmp_path / "people.csv")
    out = tmp_path / "out"
    words = [
        "synthesize",
        tmp_path / "people.csv",
        "--rows",
        "1500",
        "--quality",
        "fast",
        "--format",
        format,
        "-o",
        out,
    ]
    assert run_command([str(word) for word in words]) in JUDGED
    texts = {"the terminal": "".join(capsys.readouterr())}
    for path in out.iterdir():
        if path.suffix == ".parquet":
            texts[path.name] = pl.read_parquet(path).write_csv()
        elif path.is_file():
            texts[path.name] = path.read_text()
    assert set(texts) >= {f"data.{format}", "report.html", "report.json", "README.md", "recipe.yaml"}
    needles = [str(value) for value in PLANTED.values()] + ["98,765,432", "98765432", "98.77M"]
    for column in ("name", "mail", "phone", "note", "account", "income"):
        needles += real[column].cast(pl.String).to_list()
    found = [(place, needle) for place, text in texts.items() for needle in set(needles) if needle in text]
    assert found == []
    private = (out / "private").stat()
    assert private.st_mode & 0o777 == 0o700
