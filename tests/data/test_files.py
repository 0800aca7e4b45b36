import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from simulacra.data.files import ensure_writable_folder, make_private_folder, write_atomic
from simulacra.errors import OutputError


def test_the_whole_new_file_replaces_the_old(tmp_path):
    path = tmp_path / "a.bin"
    write_atomic(path, b"old")
    write_atomic(path, lambda file: file.write(b"new"))
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a.bin"]


def test_the_mode_follows_the_umask(tmp_path):
    old = os.umask(0o027)
    try:
        write_atomic(tmp_path / "a", b"x")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


def test_a_full_disk_leaves_the_old_file_and_no_rubbish(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")

    def fill(file):
        file.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OutputError, match=r"a\.bin: the disk is full\. Make room"):
        write_atomic(path, fill)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.bin"]


def test_a_real_limit_of_the_system_is_met(tmp_path):
    code = (
        "import resource, signal, sys\n"
        "from simulacra.data.files import write_atomic\n"
        "from simulacra.errors import OutputError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n    write_atomic(sys.argv[1], b'x' * 100_000)\n"
        "except OutputError as error:\n    print(error)\n"
    )
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    run = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert "the disk is full" in run.stdout
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.bin"]


def test_an_error_of_the_writer_passes_through(tmp_path):
    def fail(_file):
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        write_atomic(tmp_path / "a", fail)
    assert os.listdir(tmp_path) == []


def test_places_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="the folder does not exist"):
        write_atomic(tmp_path / "none" / "a", b"")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="a folder stands where a file is to be written"):
        write_atomic(tmp_path / "folder", b"")
    with pytest.raises(OutputError, match="a file stands where a folder is needed"):
        ensure_writable_folder(tmp_path / "file")
    with pytest.raises(OutputError, match="a file stands where a folder is needed"):
        ensure_writable_folder(tmp_path / "file" / "below")
    with pytest.raises(OutputError, match="cannot be written"):
        ensure_writable_folder(tmp_path / ("n" * 300))
    for number, words in ((errno.EACCES, "no permission"), (errno.EROFS, "no permission")):

        def refuse(_file, number=number):
            raise OSError(number, os.strerror(number))

        with pytest.raises(OutputError, match=words):
            write_atomic(tmp_path / "a", refuse)


def test_folders_are_made_with_their_parents(tmp_path):
    assert ensure_writable_folder(tmp_path / "a" / "b") == Path(tmp_path / "a" / "b")
    assert os.listdir(tmp_path / "a" / "b") == []


def test_a_private_folder_is_for_its_owner_alone(tmp_path):
    folder = tmp_path / "private"
    folder.mkdir(mode=0o755)
    make_private_folder(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
