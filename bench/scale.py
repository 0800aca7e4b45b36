"""What size costs: CPU seconds and peak memory of `simulacra fit` and `simulacra sample` on long and on wide tables.

    python bench/scale.py [FOLDER] [--long ROWSxCOLUMNS ...] [--wide ROWSxCOLUMNS ...] [--rows N] [--promised]

Each row is two commands in processes of their own, import included. Long tables mix heaps, money with cents, skewed
reals, categories, dates, a flag and missing values; wide ones are noisy readings of 20 hidden factors. Of a FOLDER with
adult/train.parquet, Adult is drawn with replacement, N rows. The defaults take two minutes; the sizes that the project
promises are --promised: 1,000,000 x 15 and 10,000,000 x 15 long, 5,000 x 1,000 wide, a million rows drawn from Adult.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from _cost import Cost, adult, run

CHUNK = 500_000  # rows written at a time: the benchmark's own memory is not what is measured, but it must fit too
Maker = Callable[[int, int, np.random.Generator], pl.DataFrame]
KINDS = 8


def long_table(rows: int, columns: int, rng: np.random.Generator) -> pl.DataFrame:
    """Return a table of `KINDS` kinds of columns that hang together by two hidden numbers."""
    a, b = rng.standard_normal((2, rows))
    made: dict[str, np.ndarray] = {}
    for j in range(columns):
        f = np.cos(j) * a + np.sin(j) * b + 0.5 * rng.standard_normal(rows)
        match j % KINDS:
            case 0:
                made[f"age_{j}"] = np.clip(38 + 13 * f, 17, 90).astype(np.int64)
            case 1:
                made[f"city_{j}"] = np.char.add("city ", np.minimum(np.exp(f + 2), 60).astype(np.int64).astype(str))
            case 2:
                made[f"hours_{j}"] = np.where(rng.random(rows) < 0.45, 40, np.clip(40 + 10 * f, 1, 99)).astype(np.int64)
            case 3:
                made[f"paid_{j}"] = np.where(rng.random(rows) < 0.3, 0.0, np.round(np.exp(4 + f), 2))
            case 4:
                made[f"rate_{j}"] = f**3 + rng.standard_normal(rows)
            case 5:
                made[f"member_{j}"] = f > 0.7
            case 6:
                made[f"day_{j}"] = np.datetime64("2020-01-01") + (np.abs(400 * f) + 7 * rng.integers(9)).astype(int)
            case _:
                made[f"score_{j}"] = np.where(rng.random(rows) < 0.1, np.nan, np.round(50 + 9 * f, 1))
    frame = pl.DataFrame(made)
    return frame.with_columns(pl.col(name).fill_nan(None) for name in made if name.startswith("score_"))


def wide_table(rows: int, columns: int, rng: np.random.Generator) -> pl.DataFrame:
    """Return columns of four kinds, each a few of 20 hidden factors and noise."""
    factors, made = rng.standard_normal((rows, 20)), {}
    for j in range(columns):
        f = factors @ (rng.standard_normal(20) * (rng.random(20) < 0.15)) + rng.standard_normal(rows)
        levels = np.array(list("abcdefgh"))[np.clip(f * 2 + 4, 0, 7).astype(int)]
        made[f"column_{j}"] = (np.rint(f * 10).astype(int), levels, f > 0.5, f)[j % 4]
    return pl.DataFrame(made)


def write(path: Path, rows: int, columns: int, make: Maker) -> None:
    """Write a table in chunks, each from a generator of its own."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        for first in range(0, rows, CHUNK):
            part = make(min(CHUNK, rows - first), columns, np.random.default_rng([0, first]))
            part.write_parquet(Path(folder) / f"{first:012}.parquet")
        pl.scan_parquet(Path(folder) / "*.parquet").sink_parquet(path)


def measure(label: str, table: Path, rows: int, quality: str) -> None:
    """Print what fit and sample of as many rows cost."""
    simulacra = [str(Path(sys.executable).with_name("simulacra"))]
    model, made = table.with_suffix(".sim"), table.with_name("made.parquet")
    fit = run([*simulacra, "fit", str(table), "-o", str(model), "--quality", quality])
    bare = run([*simulacra, "sample", str(model), "--rows", "1", "-o", str(made)])
    sample = run([*simulacra, "sample", str(model), "--rows", str(rows), "-o", str(made)])
    rate = rows / max(sample.cpu - bare.cpu, 0.01)
    size = model.stat().st_size / 1e6
    print(f"{label:<26}{quality:<6}{cells(fit)}{size:10.1f}{cells(sample)}{rate:14,.0f}", flush=True)


def cells(cost: Cost) -> str:
    return f"{cost.cpu:10.1f}{cost.memory:9.0f}"


def size(text: str) -> tuple[int, int]:
    rows, columns = text.split("x")
    return int(rows), int(columns)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--long", nargs="*", type=size, default=[(100_000, 15)])
    parser.add_argument("--wide", nargs="*", type=size, default=[(2_000, 200)])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--quality", nargs="*", default=["best"])
    parser.add_argument("--promised", action="store_true")
    asked = parser.parse_args()
    if asked.promised:
        asked.long, asked.wide, asked.rows = [(1_000_000, 15), (10_000_000, 15)], [(5_000, 1_000)], 1_000_000
    heads = ("fit CPU s", "MB", "model MB", "sample CPU", "MB", "rows a CPU s")
    print(" " * 32 + "".join(f"{head:>{width}}" for head, width in zip(heads, (10, 9, 10, 12, 7, 14), strict=True)))
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "table.parquet"
        for shapes, make in ((asked.long, long_table), (asked.wide, wide_table)):
            for rows, columns in shapes:
                write(table, rows, columns, make)
                for quality in asked.quality:
                    measure(f"{rows:,} x {columns:,}", table, rows, quality)
        if asked.folder:
            drawn = pl.read_parquet(adult([str(asked.folder)])).sample(asked.rows, with_replacement=True, seed=0)
            drawn.write_parquet(table)
            for quality in asked.quality:
                measure(f"Adult, {asked.rows:,} drawn", table, asked.rows, quality)


if __name__ == "__main__":
    main()
