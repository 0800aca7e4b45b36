"""`simulacra collapse` from the command line, and what a bundle tells of its descent."""

import csv
import json
import random

import polars as pl
import pytest

import simulacra
from simulacra.cli.main import run_command
from simulacra.run.lineage import depth_of


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    path, draw = tmp_path_factory.mktemp("source") / "people.csv", random.Random(3)
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["town", "job", "age", "member"])
        for _ in range(500):
            job = draw.choice("abcdefgh")
            out.writerow([f"t{min(int(draw.expovariate(0.2)), 30)}", job, draw.gauss(ord(job), 2), job < "d"])
    return path


def collapse(people, out, *more):
    return run_command(["collapse", str(people), "--generations", "2", "-q", "-o", str(out), *more])


def test_a_table_and_a_report(people, tmp_path, capsys):
    code = collapse(people, tmp_path / "out")
    lines = capsys.readouterr().out.splitlines()
    assert code == 0, "two generations cannot fall twice"
    assert lines[0].split() == [
        "generation", "real", "share", "rare", "combinations", "distinct", "tails", "dependence", "repeats", "alarm",
    ]  # fmt: skip
    assert [line.split()[0] for line in lines[1:4]] == ["real", "1", "2"]
    assert lines[-1] == f"report  {tmp_path / 'out' / 'report.html'}"
    assert "No collapse in 2 generations" in "\n".join(lines)
    assert (tmp_path / "out" / "private").stat().st_mode & 0o777 == 0o700


def test_more_generations_go_on_and_give_the_same_document(people, tmp_path, capsys):
    collapse(people, tmp_path / "a", "--rows", "150")
    capsys.readouterr()
    assert collapse(people, tmp_path / "a", "--rows", "150", "--json", "--generations", "3") in (0, 1)
    first = json.loads(capsys.readouterr().out)
    collapse(people, tmp_path / "b", "--rows", "150", "--json", "--generations", "3")
    again = json.loads(capsys.readouterr().out)
    assert first["generations"] == again["generations"]
    assert first == json.loads((tmp_path / "a" / "report.json").read_text()) | {"cost": first["cost"]}


def test_another_experiment_into_the_folder_is_refused(people, tmp_path, capsys):
    collapse(people, tmp_path, "--rows", "100")
    assert collapse(people, tmp_path, "--rows", "100", "--regime", "mixed") == 2
    assert "the folder holds another run" in capsys.readouterr().err
    assert collapse(people, tmp_path, "--rows", "100", "--regime", "mixed", "--fresh") == 0


def test_no_folder_needed_and_wrong_words_told(people, capsys):
    assert run_command(["collapse", str(people), "--generations", "1", "--rows", "100", "-q"]) == 0
    assert "report" not in capsys.readouterr().out
    assert run_command(["collapse", str(people), "--real-share", "1"]) == 2
    assert run_command(["collapse", str(people), "--rows", "5"]) == 2
    assert "5 rows a generation were asked for." in capsys.readouterr().err
    assert run_command(["collapse", str(people), "--method", "tabel", "-q"]) == 2
    assert "did you mean 'table'" in capsys.readouterr().err.lower()


def test_a_collapse_alarm_is_exit_1(people, tmp_path, capsys, monkeypatch):
    from simulacra import registry

    class Forgets:
        """Keeps the first third of what it saw."""

        name = "forgets"

        def __init__(self, quality):
            self.quality = quality

        def fit(self, data, seeds, progress):
            del seeds, progress
            self.frame = data.frame.head(len(data) // 3)
            self.schema = data.schema
            return self

        def sample(self, rows, seeds, *, first_row=0):
            del first_row
            return self.frame[seeds.rng().integers(0, self.frame.height, rows)]

    monkeypatch.setitem(registry._found["generator"], "forgets", Forgets)
    assert collapse(people, tmp_path, "--method", "forgets", "--generations", "4") == 1
    assert "Collapse from generation 3" in capsys.readouterr().out


def test_in_python_with_a_frame_or_a_file(people, tmp_path):
    frame = pl.read_csv(people)
    record = simulacra.collapse(frame, generations=1, rows=150, out=tmp_path / "out")
    assert record.facts["source"] == "a table"
    other = simulacra.collapse(frame.to_pandas(), generations=1, rows=150)
    assert other.generations == record.generations


def test_descent_is_kept_read_and_warned_of(people, tmp_path, capsys):
    words = ["--quality", "fast", "--rows", "400", "-q", "--format", "csv"]
    run_command(["synthesize", str(people), "-o", str(tmp_path / "one"), *words])
    made = tmp_path / "one" / "data.csv"
    run_command(["synthesize", str(made), "-o", str(tmp_path / "two"), *words])
    two = json.loads((tmp_path / "two" / "report.json").read_text())
    assert two["facts"]["generation"] == "2"
    assert two["risks"]["collapse"]["verdict"] == "warn"
    assert any("The source was made, not observed" in note for note in two["notes"])
    assert pl.read_parquet(tmp_path / "two" / "private" / "lineage.parquet")["depth"].unique().to_list() == [2]

    capsys.readouterr()
    run_command(["validate", str(tmp_path / "two" / "data.csv"), "--real", str(people), "--json", "-q"])
    judged = json.loads(capsys.readouterr().out)
    assert judged["facts"]["generation"] == "2"
    assert "2 generations away" in judged["risks"]["collapse"]["why"]

    record = simulacra.collapse(made, generations=1, rows=100)
    assert record.generations[0].depth == 2
    assert "1 generation away" in record.notes[-1]


def test_depth_is_read_where_it_is_known(tmp_path):
    def bundle(name, report=None, depths=None):
        folder = tmp_path / name
        (folder / "private").mkdir(parents=True)
        (folder / "data.csv").write_text("a\n1\n")
        if report is not None:
            (folder / "report.json").write_text(report)
        if depths is not None:
            pl.DataFrame({"depth": depths}).write_parquet(folder / "private" / "lineage.parquet")
        return folder / "data.csv"

    def told(**facts):
        return json.dumps({"format": "simulacra.report", "facts": facts})

    assert depth_of(bundle("rows", told(generation="1"), [1, 3, 2])) == 3
    assert depth_of(tmp_path / "rows") == 3
    assert depth_of(bundle("passed on", told(generation="4"))) == 4
    assert depth_of(bundle("old", told(method="table"))) == 1
    assert depth_of(bundle("judged", told(source="x"))) is None
    assert depth_of(bundle("other", '{"format": "else"}')) is None
    assert depth_of(bundle("broken", "{")) is None
    assert depth_of(bundle("alone")) is None
    strange = bundle("strange")
    (tmp_path / "strange" / "private" / "lineage.parquet").write_text("no parquet")
    assert depth_of(strange) is None
    assert depth_of(tmp_path / "rows" / "people.csv") is None


def test_several_sets_are_judged_side_by_side(people, tmp_path, capsys):
    real = pl.read_csv(people)
    made = [tmp_path / name / "data.csv" for name in ("good", "bad")]
    for path, frame in zip(made, (real.head(250), real.with_columns(pl.col("age") * 3)), strict=True):
        path.parent.mkdir()
        frame.write_csv(path)
    words = ["validate", *map(str, made), "--real", str(people), "-q", "--gate", "fidelity.shape >= 0.9"]
    assert run_command([*words, "-o", str(tmp_path / "page.html")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["good/data.csv", "bad/data.csv"]
    assert lines[2].split() == ["fidelity", "pass", "fail"]
    assert lines[-1] == f"report  {tmp_path / 'page.html'}"
    assert "bad/data.csv" in (tmp_path / "page.html").read_text()

    assert run_command([*words, "--json"]) == 1
    documents = json.loads(capsys.readouterr().out)
    assert [document["families"]["fidelity"]["verdict"] for document in documents] == ["pass", "fail"]

    assert run_command([*words, "--markdown"]) == 1
    assert capsys.readouterr().out.startswith("| | `good/data.csv` | `bad/data.csv` |")
    assert run_command(["validate", str(made[0]), "--real", str(people), "-q", "--markdown"]) in (1, 4)
    assert capsys.readouterr().out.startswith("### Verdict:")


def test_deep_takes_more_measures(people, capsys):
    words = ["validate", str(people), "--real", str(people), "-q", "--json"]
    run_command(words)
    usual = {score["name"] for score in json.loads(capsys.readouterr().out)["scores"]}
    run_command([*words, "--deep"])
    assert usual < {score["name"] for score in json.loads(capsys.readouterr().out)["scores"]}


def test_protected_columns_are_named_on_the_command_line(people, capsys):
    words = ["validate", str(people), "--real", str(people), "-q", "--json"]
    run_command([*words, "--target", "member", "--protected", "job"])
    scores = {score["name"]: score for score in json.loads(capsys.readouterr().out)["scores"]}
    places = " ".join(part["place"] for part in scores["fidelity.representation"]["parts"])
    assert "job" in places
    assert "town" not in places
    assert run_command([*words, "--protected", "nobody"]) == 2
    assert "nobody" in capsys.readouterr().err
