"""Bad weather on the whole road, by the command line: an exit code, a sentence that says what to do, and it goes on."""

import json
import resource
import sqlite3
from pathlib import Path

import pytest

from simulacra.cli.main import run_command
from simulacra.store import CallStore, _file
from simulacra.testing.server import FakeServer

FIELDS = {"note": {"about": "a note"}}
CHECKS = [{"repetition": {"field": "note"}}]
AGAIN = "run the same command again"


@pytest.fixture
def road(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Runs a recipe of notes; returns the exit code and what stood on stderr."""

    def run(model: str, *options: str, out: str = "out") -> tuple[int, str]:
        recipe = {"simulacra": 1, "method": "instruct", "instruction": "Write notes", "rows": 30, "attempts": 60,
                  "models": {"writer": model}, "fields": FIELDS, "checks": CHECKS}  # fmt: skip
        (tmp_path / "recipe.yaml").write_text(json.dumps(recipe))
        code = run_command(["run", str(tmp_path / "recipe.yaml"), "-o", str(tmp_path / out), "-q", *options])
        told = capsys.readouterr().err
        assert "Traceback" not in told
        return code, told

    return run


def script(folder: Path, *rules: dict) -> str:
    """Return the name of an echo model that writes notes, by these rules first."""
    (folder / "s.yaml").write_text(json.dumps({"rules": [*rules, {"say": '{"note": "the {seed} of it"}'}]}))
    return f"echo:{folder / 's.yaml'}"


@pytest.mark.parametrize(
    ("weather", "code", "words"),
    [
        ("always=401", 3, "the key is not accepted"),
        ("always=402", 3, "Top up the account"),
        ("always=quota", 3, "Top up the account"),
        ("always=404", 2, "no such model or address"),
        ("always=418", 2, "does not take the request"),
    ],
)
def test_what_ends_a_run_is_told(server: FakeServer, road, weather: str, code: int, words: str) -> None:
    found, told = road(f"{server.url(weather)}#m")
    assert found == code
    assert words in told


@pytest.mark.parametrize("weather", ["always=413", "always=length", "always=wrongdata", "always=refusal"])
def test_what_rejects_every_row_is_a_verdict(server: FakeServer, road, weather: str) -> None:
    assert road(f"{server.url(weather)}#m") == (1, "")


def test_where_nobody_listens(road) -> None:
    code, told = road("http://127.0.0.1:9/v1#m")
    assert code == 3
    assert "Is the server running" in told
    assert AGAIN in told


@pytest.mark.parametrize("how", ["401", "402"])
def test_a_key_or_an_account_that_ends_on_the_way_says_how_it_goes_on(tmp_path: Path, road, how: str) -> None:
    code, told = road(script(tmp_path, {"fail": how, "share": 0.1, "latency": 0.01}), "--width", "1")
    assert code == 3
    assert AGAIN in told


def test_a_store_of_a_newer_version_and_a_damaged_one(tmp_path: Path, road) -> None:
    model = script(tmp_path)
    assert road(model)[0] in (0, 1, 4)
    store = tmp_path / "out" / "private" / "run.sqlite"
    with sqlite3.connect(store) as db:
        db.execute("PRAGMA user_version=99")
    db.close()
    code, told = road(model)
    assert (code, "written by a newer version" in told, "another folder" in told) == (2, True, True)
    store.write_bytes(b"no database" * 500)
    code, told = road(model)
    assert (code, "file is not a database" in told, "Start again with --fresh." in told) == (2, True, True)
    assert road(model, "--fresh")[0] in (0, 1, 4)
    (tmp_path / "shared.sqlite").write_bytes(b"no database" * 500)
    code, told = road(model, "--store", str(tmp_path / "shared.sqlite"), out="other")
    assert (code, "name another --store" in told) == (2, True)


def test_a_store_that_another_process_holds(tmp_path: Path, road, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_file, "_PATIENCE", 0.05)
    shared = tmp_path / "shared.sqlite"
    CallStore(shared).close()
    holder = sqlite3.connect(shared, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    code, told = road(script(tmp_path), "--store", str(shared))
    holder.close()
    assert code == 2
    assert "in use by another process" in told
    assert AGAIN in told


def test_a_full_disk_ends_the_run_and_it_goes_on_to_the_same_bytes(tmp_path: Path, road) -> None:
    model = script(tmp_path, {"when": "never"})
    assert road(model, out="reference")[0] in (0, 1, 4)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for size in (30_000, 60_000, 90_000):  # of one file, in its place: the store, its log
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            code, told = road(model)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert code == 2
        assert "free some disk space" in told.lower() or "disk is full" in told or "cannot be written" in told
    assert road(model)[0] in (0, 1, 4)
    data = [(tmp_path / name / "data.jsonl").read_bytes() for name in ("reference", "out")]
    assert data[0] == data[1] != b""
