"""What a benchmark needs: CPU seconds of a whole command, and the table to measure with."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ONE_THREAD = {
    name: "1"
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS", "NUMBA_NUM_THREADS")
}


@dataclass(frozen=True)
class Cost:
    """CPU seconds (user and system) of a command with its children, its peak memory in MB, and what it printed."""

    cpu: float
    memory: float
    output: str


def run(command: list[str], **environment: str) -> Cost:
    """Run a command on one thread and return what it cost; stop the benchmark if it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, env=os.environ | ONE_THREAD | environment, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1, 4):
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, after.ru_maxrss / 1024, done.stdout)


def cheapest(command: list[str], times: int = 3, **environment: str) -> Cost:
    """Run a command several times and return its cheapest run: noise of a busy machine only adds."""
    return min((run(command, **environment) for _ in range(times)), key=lambda cost: cost.cpu)


def adult(arguments: list[str]) -> Path:
    """Return the Adult table: train.parquet in the folder given as first argument, else the demo's own."""
    if arguments:
        path = Path(arguments[0])
        path = path / "adult" if (path / "adult").is_dir() else path
        return path / "train.parquet"
    from simulacra.cli.demo import adult_table

    return adult_table()
