"""Code that runs, and passes its tests: in a process of its own, only where the user allows it."""

from __future__ import annotations

import asyncio
import os
import re
import resource
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path

from ...contracts.rows import Context, Row
from ...errors import RecipeError
from ...registry import register
from ._row import Alone, as_text, value_at

__all__ = ["ALLOW", "Code"]

ALLOW = "SIMULACRA_ALLOW_CODE"
"""Set to 1 (by `--allow-code`) to let made code run."""
_MEGABYTE = 1 << 20


@register("row_check")
class Code(Alone):
    """Rejects Python code that does not run, or fails its tests; needs --allow-code.

    field : the code (of a text with fenced blocks, the blocks). tests : field of code that is run after it, or ""; an
    assertion that fails, or any exception, is a reject. seconds : of CPU; three times that of the clock. memory : MB.

    Isolated: a fresh process in an empty folder, without this process's environment, standard input or files kept open;
    limits on CPU, memory, size of files (1 MB) and no core dumps; killed with all it started. Where the
    system lets us (`unshare`), no network either. Not isolated: it runs as you, and may read what you may read, write
    where you may write, and, where `unshare` is not allowed, reach the network. Use a container for code of strangers.
    """

    name = "code"

    def __init__(self, field: str, *, tests: str = "", seconds: int = 5, memory: int = 512) -> None:
        self._field, self._tests, self._seconds, self._memory = field, tests, seconds, memory
        if os.environ.get(ALLOW) != "1":
            hint = "say --allow-code (or set SIMULACRA_ALLOW_CODE=1); docs/judges.md says what is isolated"
            raise RecipeError("code that a model wrote would be run", where="check code", hint=hint)

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return the last line of what went wrong."""
        del context
        code = extract_code(as_text(value_at(row, self._field) or ""))
        tests = extract_code(as_text(value_at(row, self._tests) or "")) if self._tests else ""
        if not code.strip():
            return "there is no code"
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "made.py").write_text(f"{code}\n\n{tests}\n", encoding="utf-8", errors="replace")
            return await self._run(folder)

    async def _run(self, folder: str) -> str | None:
        command = [*_without_network(), sys.executable, "-I", "-B", "made.py"]
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, env={"PATH": "/usr/bin:/bin", "HOME": folder, "TMPDIR": folder},
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
            start_new_session=True, preexec_fn=self._limit,
        )  # fmt: skip
        try:
            _, told = await asyncio.wait_for(process.communicate(), 3 * self._seconds + 2)
        except TimeoutError:
            return "it takes too long"
        finally:
            _kill(process.pid)
            await process.wait()
        if process.returncode == 0:
            return None
        if process.returncode in (-9, -24):  # SIGKILL, SIGXCPU: the limits
            return "it takes too long, or too much memory"
        lines = [line for line in told[-4000:].decode("utf-8", "replace").splitlines() if line.strip()]
        return f"it fails: {lines[-1].strip()[:120]}" if lines else f"it ends with code {process.returncode}"

    def _limit(self) -> None:
        size = self._memory * _MEGABYTE
        limits = (
            (resource.RLIMIT_CPU, self._seconds), (resource.RLIMIT_AS, size), (resource.RLIMIT_FSIZE, _MEGABYTE),
            (resource.RLIMIT_CORE, 0),
        )  # fmt: skip
        for what, most in limits:
            resource.setrlimit(what, (most, most))


def extract_code(text: str) -> str:
    """Return the code of a text: what stands in its fenced blocks, or the whole text if there are none."""
    blocks = re.findall(r"```[\w+-]*\n(.*?)```", text, re.DOTALL)
    return "\n\n".join(blocks) if blocks else text


@cache
def _without_network() -> tuple[str, ...]:
    """Return the words that start a process without a network, () where the system does not allow it."""
    import subprocess

    program = shutil.which("unshare")
    if program is None:
        return ()
    words = (program, "--user", "--net", "--map-root-user")
    tried = subprocess.run([*words, "true"], capture_output=True, timeout=20, check=False)
    return words if tried.returncode == 0 else ()


def _kill(group: int) -> None:
    import contextlib
    import signal

    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
