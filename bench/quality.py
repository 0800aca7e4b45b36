"""How close the twin comes on public tables, by the definitions that papers use; floors and published figures beside.

    python bench/quality.py FOLDER [fast] [best]    FOLDER: */train.parquet and */test.parquet, info.json beside them

Published protocol: learned from train, as many rows as train. Shape and trend are errors in %, against train; "common"
is trend with both sides cut by the real range, since one outlier ruins the papers' own. C2ST is 2 (1 - AUC) of a
default XGBoost against train, at most 1: what papers print, and what a copier wins; so both AUCs stand beside it,
unclipped, against train and against the test rows, which copying cannot win. TSTR is XGBoost learned from made rows,
tested on test rows: AUC, or the RMSE of the log target where that is a number. DCR share: rows nearer to train than to
unseen rows. Copies: rows that stand in train.

"codes" are the train rows with each value drawn anew within its code: what no model on these codes can beat.
"real" is the floor: the test rows in the place of made ones (for what needs unseen rows, one half of them against the
other), and XGBoost learned from train. Rows with a star are the papers'. The XGBoost columns need `make peers`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import polars as pl

import simulacra
from _published import FIGURES, shape_error, trend_error
from simulacra.data.codes import Codec
from simulacra.data.infer import infer_schema
from simulacra.measure.assess import assess, compare
from simulacra.seeds import Seeds

PEER = Path(".venv-peers/bin/python")
PRIVACY = ("privacy.nearest", "privacy.membership", "privacy.copies")
COLUMNS = (
    "CPU s",
    "shape",
    "trend",
    "common",
    "C2ST",
    "v train",
    "v unseen",
    "TSTR",
    "DCR share",
    "member",
    "copies %",
)
NOTHING = float("nan")


@dataclass(frozen=True)
class Table:
    """A real table in its two parts; info : the path of what its columns are."""

    name: str
    train: pl.DataFrame
    test: pl.DataFrame
    info: Path

    @property
    def categories(self) -> set[str]:
        told = json.loads(self.info.read_text())["columns"]
        return {name for name, entry in told.items() if entry["type"] == "categorical"}


def privacy(train: pl.DataFrame, unseen: pl.DataFrame, made: pl.DataFrame) -> list[float]:
    """Return the project's own DCR share, membership AUC and copies in %."""
    tables = compare(made, train, unseen, schema=infer_schema(train), target=None, seeds=Seeds(0))
    found = {score.name: score.value for score in assess(tables, metrics=PRIVACY).scores}
    share, member, copies = (found.get(name) for name in PRIVACY)
    return [NOTHING if share is None else share, NOTHING if member is None else member, 100 * (copies or 0)]


def xgboost(table: Table, unseen: pl.DataFrame, made: pl.DataFrame, *asked: str) -> dict[str, float]:
    """Return what `_xgboost.py` prints, nothing without the peers."""
    if not PEER.exists():
        return {}
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder) / f"{name}.parquet") for name in ("train", "test", "made")]
        for path, frame in zip(paths, (table.train, unseen, made), strict=True):
            frame.write_parquet(path)
        command = [str(PEER), str(Path(__file__).parent / "_xgboost.py"), *paths, str(table.info), *asked]
        found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {name: NOTHING if value is None else value for name, value in json.loads(found).items()}


def fidelity(table: Table, made: pl.DataFrame) -> list[float]:
    real, categories = table.train, table.categories
    common = trend_error(real, made, categories, common=True)
    return [shape_error(real, made, categories), trend_error(real, made, categories), common]


def show(label: str, numbers: list[float]) -> None:
    digits = (1, 2, 2, 2, 3, 3, 3, 3, 3, 3, 2)
    cells = ["" if number != number else f"{number:.{d}f}" for number, d in zip(numbers, digits, strict=True)]
    print(f"{label:<18}" + "".join(f"{cell:>10}" for cell in cells), flush=True)


def judged(found: dict[str, float]) -> list[float]:
    """Return C2ST, both AUCs and the utility."""
    told = [found.get(name, NOTHING) for name in ("train", "unseen", "utility")]
    return [2 * (1 - max(told[0], 0.5)) if told[0] == told[0] else NOTHING, *told]


def show_floor(table: Table) -> None:
    half = table.test.height // 2
    made, unseen = table.test.head(half), table.test.tail(half)
    whole, halves = xgboost(table, table.test, table.test, "real"), xgboost(table, unseen, made)
    found = judged({**whole, "unseen": halves.get("unseen", NOTHING)})
    show(f"{table.name} real", [NOTHING, *fidelity(table, table.test), *found, *privacy(table.train, unseen, made)])


def show_codes(table: Table) -> None:
    codec = Codec.fit(table.train, infer_schema(table.train), Seeds(0))
    uniforms = Seeds(1).rng().random((table.train.height, codec.uniforms))
    made = codec.decode(codec.encode(table.train), uniforms, first_row=0)
    show(f"{table.name} codes", [NOTHING, *fidelity(table, made), *[NOTHING] * 7])


def show_made(table: Table, quality: str) -> None:
    start = time.process_time()
    made = simulacra.synthesize(table.train, quality=quality)
    cpu = time.process_time() - start
    found = judged(xgboost(table, table.test, made))
    numbers = [cpu, *fidelity(table, made), *found, *privacy(table.train, table.test, made)]
    show(f"{table.name} {quality}", numbers)


def show_published(table: Table) -> None:
    for model, (c2st, shape, trend, utility, share) in FIGURES.get(table.name, {}).items():
        rest = [NOTHING, NOTHING, utility, share, NOTHING, NOTHING]
        show(f"{table.name} {model}*", [NOTHING, shape, trend, NOTHING, c2st, *rest])


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if folder is None:
        print("nothing measured: give a folder of tables with train.parquet, test.parquet and info.json")
        return
    print(" " * 18 + "".join(f"{name:>10}" for name in COLUMNS))
    for info in sorted(folder.glob("*/info.json")):
        if not (info.parent / "test.parquet").exists():
            continue
        train, test = (pl.read_parquet(info.parent / f"{part}.parquet") for part in ("train", "test"))
        table = Table(info.parent.name, train, test, info)
        show_floor(table)
        show_codes(table)
        for quality in sys.argv[2:] or ["fast", "best"]:
            show_made(table, quality)
        show_published(table)


if __name__ == "__main__":
    main()
