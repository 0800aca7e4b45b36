"""What a benchmark needs: CPU seconds of a whole command, and the table to measure with."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS", "NUMBA_NUM_THREADS")
ONE_THREAD = dict.fromkeys(_POOLS, "1")


@dataclass(frozen=True)
class Cost:
    """CPU seconds (user and system) of a command with its children, its peak memory in MB, both outputs."""

    cpu: float
    memory: float
    output: str
    error: str = ""


def run(command: list[str], *, codes: Sequence[int] = (0,), **environment: str) -> Cost:
    """Run a command on one thread and return what it cost; stop the benchmark if it ends with another exit code."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as error:
        child = subprocess.Popen(
            command, env=os.environ | ONE_THREAD | environment, stdout=out, stderr=error, text=True
        )
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in codes:
            error.seek(0)
            sys.exit(f"{' '.join(command)[:200]} failed:\n{error.read()[-2000:]}")
        out.seek(0)
        error.seek(0)
        return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, out.read(), error.read())


def cheapest(command: list[str], times: int = 3, *, codes: Sequence[int] = (0,), **environment: str) -> Cost:
    """Run a command several times and return its cheapest run: noise of a busy machine only adds."""
    return min((run(command, codes=codes, **environment) for _ in range(times)), key=lambda cost: cost.cpu)


def adult(arguments: list[str]) -> Path:
    """Return the Adult table: train.parquet in the folder given as first argument, else the demo's own."""
    if arguments:
        path = Path(arguments[0])
        path = path / "adult" if (path / "adult").is_dir() else path
        return path / "train.parquet"
    from simulacra.cli.demo import adult_table

    return adult_table()
