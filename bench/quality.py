"""How close the twin comes on public tables: detection, shape, trend, privacy, utility, CPU seconds; floors beside.

    python bench/quality.py FOLDER [quality]    FOLDER: */train.parquet and */test.parquet with info.json beside them

Published protocol: fit on train, as many rows as train. "v train" is detection against the rows learned from, the
number that papers print, which a copier wins; "v unseen" is against the test rows, which copying cannot win. The floor
is one half of the real test table in the place of the synthetic one, with the other half as the unseen rows. The
XGBoost columns need `make peers`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

import simulacra
from simulacra.contracts import Score
from simulacra.data.infer import infer_schema
from simulacra.measure.assess import assess, compare
from simulacra.seeds import Seeds

PEER = Path(".venv-peers/bin/python")
METRICS = ("fidelity.shape", "fidelity.trend", "fidelity.detection", "privacy.copies", "privacy.nearest")
COLUMNS = ("shape err %", "trend err %", "XGB v train", "XGB v unseen", "copies %", "DCR share", "member AUC", "TSTR")


def judge(train: pl.DataFrame, test: pl.DataFrame, made: pl.DataFrame, target: str) -> dict[str, Score]:
    """Return the project's own scores by name."""
    tables = compare(made, train, test, schema=infer_schema(train), target=target, seeds=Seeds(0))
    names = [*METRICS, "privacy.membership", "utility.tstr"]
    return {score.name: score for score in assess(tables, metrics=names).scores}


def xgboost_auc(train: pl.DataFrame, test: pl.DataFrame, made: pl.DataFrame, info: Path) -> tuple[str, str]:
    """Return the unclipped AUC of a default XGBoost against train and against test, "-" without the peers."""
    if not PEER.exists():
        return "-", "-"
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder) / f"{name}.parquet") for name in ("train", "test", "made")]
        for path, frame in zip(paths, (train, test, made), strict=True):
            frame.write_parquet(path)
        command = [str(PEER), str(Path(__file__).parent / "_xgboost.py"), *paths, str(info)]
        first, second = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return first, second


def line(label: str, cpu: str, train: pl.DataFrame, test: pl.DataFrame, made: pl.DataFrame, info: Path) -> str:
    """Return one row of the table."""
    scores = judge(train, test, made, json.loads(info.read_text())["target"])
    value = {name: score.value for name, score in scores.items()}
    aucs = xgboost_auc(train, test, made, info)
    shown = [f"{100 * (1 - (value[name] or 0)):.2f}" for name in METRICS[:2]]
    copies = f"{100 * (value['privacy.copies'] or 0):.2f}"
    rest = [value[name] for name in ("privacy.nearest", "privacy.membership", "utility.tstr")]
    told = ["-" if number is None else f"{number:.3f}" for number in rest]
    return f"{label:<22}{cpu:>7}" + "".join(f"{cell:>13}" for cell in (*shown, *aucs, copies, *told))


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if folder is None:
        print(
            "bench/quality.py needs a folder of tables with train.parquet, test.parquet and info.json: nothing measured"
        )
        return
    print(f"{'':<22}{'CPU s':>7}" + "".join(f"{name:>13}" for name in COLUMNS))
    for info in sorted(folder.glob("*/info.json")):
        if not (info.parent / "test.parquet").exists():
            continue
        train, test = (pl.read_parquet(info.parent / f"{part}.parquet") for part in ("train", "test"))
        half = test.height // 2
        floor = line(f"{info.parent.name} real", "", train, test.head(half), test.tail(half), info)
        print(floor, flush=True)
        for quality in sys.argv[2:] or ["fast", "best"]:
            start = time.process_time()
            made = simulacra.synthesize(train, quality=quality)
            cpu = f"{time.process_time() - start:.1f}"
            print(line(f"{info.parent.name} {quality}", cpu, train, test, made, info), flush=True)


if __name__ == "__main__":
    main()
