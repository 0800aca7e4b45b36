"""`validate --text` with files of texts that must not be found again, and with hidden strings."""

import json
import random
from pathlib import Path

import pytest

from simulacra import api
from simulacra.cli.main import run_command
from simulacra.errors import DataError, RecipeError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    rng = random.Random(1)
    words = [f"word{number}" for number in range(300)]
    bench = [" ".join(rng.choices(words, k=20)) for _ in range(30)]
    own = [" ".join(rng.choices(words, k=20)) for _ in range(60)]
    made = [*own, *bench[:3], "the vault opens with X-7 Q two 9 K, and nobody knows"]
    for name, texts in (("made", made), ("bench", bench), ("clean", bench[10:])):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(json.dumps({"body": text, "id": 1}) for text in texts))
    (tmp_path / "asked.jsonl").write_text(json.dumps({"question": bench[0], "answer": bench[1]}))
    (tmp_path / "lines.txt").write_text("\n".join(bench[10:20]))
    (tmp_path / "canaries.txt").write_text("X7Q29K\nzz-91-aa-77\n")
    (tmp_path / "hidden.txt").write_text("zz-91-aa-77\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict]:
    code = run_command(["validate", "made.jsonl", "--text", "body", "--json", "-q", *words])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("folder")
def test_a_benchmark_found_again_fails_and_names_its_file(capsys):
    code, found = told(capsys, "--against", "bench.jsonl", "--against", "lines.txt")
    assert code == 1
    assert found["families"]["validity"] == {"verdict": "fail", "why": "3 of 40 named texts are found again."}
    score = next(one for one in found["scores"] if one["name"] == "validity.contamination")
    named = {part["place"]: part["value"] for part in score["parts"]}
    assert named == {"bench.jsonl": 0.1, "lines.txt": 0}
    code, found = told(capsys, "--against", "clean.jsonl")
    assert "0 of 20 named texts are found again" in {one["why"] for one in found["gates"] if one["verdict"] == "pass"}
    assert api.validate("made.jsonl", text="body", against=["asked.jsonl"]).families["validity"].verdict == "fail"


def test_a_canary_that_came_back_fails_and_one_that_did_not_passes_nothing(folder: Path, capsys):
    code, found = told(capsys, "--canary", "canaries.txt")
    assert code == 1
    assert "1 of 2 hidden strings" in found["families"]["privacy"]["why"]
    assert told(capsys, "--canary", "hidden.txt")[1]["families"]["privacy"]["verdict"] == "unknown"
    (folder / "real.jsonl").write_text((folder / "bench.jsonl").read_text())
    code, found = told(capsys, "--real", "real.jsonl", "--canary", "hidden.txt")
    assert found["families"]["privacy"]["verdict"] == "unknown"  # nothing passes privacy without a hold-out


def test_files_that_cannot_be_used_are_told(folder: Path, capsys):
    (folder / "short.txt").write_text("ab\n")
    (folder / "empty.csv").write_text("body\n\n")
    with pytest.raises(DataError, match="too short"):
        api.validate("made.jsonl", text="body", canary="short.txt")
    with pytest.raises(DataError):
        api.validate("made.jsonl", text="body", against=["empty.csv"])
    with pytest.raises(RecipeError, match="are for texts"):
        api.validate("made.jsonl", "bench.jsonl", against=["lines.txt"])
    assert run_command(["validate", "made.jsonl", "--text", "body", "--against", "nope.txt"]) == 2
    assert "nope.txt" in capsys.readouterr().err
