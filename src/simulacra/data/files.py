"""Writing files so that a reader finds the old one or the whole new one, never a half."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from ..errors import OutputError, UserError

__all__ = [
    "ensure_writable_folder",
    "make_private_folder",
    "read_bytes",
    "read_text",
    "remove_leftovers",
    "write_atomic",
]


def write_atomic(path: str | Path, content: bytes | Callable[[BinaryIO], object]) -> None:
    """Write `content` to `path`, whole or not at all; an existing file is replaced in one step.

    `content` is the bytes, or a function that writes them to the open file it is given. Other errors of that function
    pass through; in every case the old file stays and no temporary file is left.

    Raises OutputError when the folder is missing or not writable, or the disk is full.
    """
    path = Path(path)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise _output_error(error, path) from error
    try:
        with os.fdopen(handle, "wb") as file:
            if isinstance(content, bytes):
                file.write(content)
            else:
                content(file)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes the file 0600; what is handed out follows the user's own umask.
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
        _sync_folder(path.parent)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(name)
        if isinstance(error, OSError):
            raise _output_error(error, path) from error
        raise


def read_bytes(path: Path, what: str, error: type[UserError]) -> bytes:
    """Return a file's bytes; the error, which calls the file `what`, if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as refused:
        why = (refused.strerror or str(refused)).lower()
        raise error(f"{what} cannot be read ({why})", where=str(path), hint="check the path") from refused


def read_text(path: Path, what: str, error: type[UserError]) -> str:
    """Return a file's text; the error, which calls the file `what`, if it cannot be read or is not UTF-8."""
    try:
        return read_bytes(path, what, error).decode("utf-8-sig")
    except UnicodeDecodeError as odd:
        raise error(f"{what} is not UTF-8 text", where=str(path), hint="save it as UTF-8") from odd


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files of writers that were killed; only for a folder that nobody else writes into."""
    for path in folder.glob(".*.part"):
        with contextlib.suppress(OSError):
            path.unlink()


def ensure_writable_folder(path: str | Path) -> Path:
    """Make the folder `path` (with its parents) if it is missing, try it with a file, and return it.

    Raises OutputError when it cannot be made, is a file, or cannot be written to.
    """
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise _output_error(error, path) from error
    return path


def make_private_folder(path: str | Path) -> Path:
    """Make the folder `path`, for its owner alone (mode 0700), also if it is there already with a wider mode."""
    path = ensure_writable_folder(path)
    try:
        path.chmod(0o700)
    except OSError as error:
        raise _output_error(error, path) from error
    return path


def _output_error(error: OSError, path: Path) -> OutputError:
    where = str(path)
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            seen, hint = "the disk is full", "make room or choose another folder; what was there before is untouched"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            seen, hint = "no permission to write here", "choose another folder or change its permissions"
        case errno.ENOENT:
            seen, hint = "the folder does not exist", "make it first, or choose another"
        case errno.EEXIST | errno.ENOTDIR:
            seen, hint = "a file stands where a folder is needed", "choose another folder"
        case errno.EISDIR:
            seen, hint = "a folder stands where a file is to be written", "choose another name"
        case _:
            seen, hint = f"cannot be written ({error.strerror or error})", "choose another place"
    return OutputError(seen, where=where, hint=hint)


def _umask() -> int:
    # There is no call that only reads the umask.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    # So that the new name survives a power cut; some file systems refuse, and the file itself is safe already.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
