"""The honest setting: learn one half of a table, be judged against the half never seen; mean over both ways round.

    python bench/halves.py FOLDER [quality ...]     FOLDER: */train.parquet with info.json beside it

Detection is the unclipped AUC of four families of judges (boosted trees, logistic regression, a small network, nearest
neighbours), against the rows learned from ("train") and against the rows never seen ("unseen"): .5 is a coin toss, and
a copier shows as a train column far below the unseen one. "real" is a quarter of real rows judged in the place of the
synthetic ones. At most 10,000 rows a side, 5,000 for distances; some 70 CPU seconds a table.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer
from threadpoolctl import threadpool_limits

import simulacra

MOST = 10_000
JUDGES = {
    "trees": HistGradientBoostingClassifier(random_state=0),
    "logistic": make_pipeline(QuantileTransformer(random_state=0), LogisticRegression(max_iter=300)),
    "network": make_pipeline(QuantileTransformer(random_state=0), MLPClassifier((64,), max_iter=15, random_state=0)),
    "neighbours": make_pipeline(QuantileTransformer(random_state=0), KNeighborsClassifier(25)),
}


def numbers(frames: list[pl.DataFrame], categories: set[str]) -> list[np.ndarray]:
    """Return the frames as (n, d) float matrices on one scale: one-hot levels of at most 30, others as numbers."""
    both = pl.concat(frames)
    columns = []
    for name in both.columns:
        if name in categories:
            levels = both[name].cast(pl.String).value_counts(sort=True)[name].head(30)
            columns += [(both[name].cast(pl.String) == level).fill_null(False).to_numpy() for level in levels]
        else:
            columns.append(both[name].cast(pl.Float64, strict=False).fill_null(-1e9).to_numpy())
    matrix = np.column_stack(columns).astype(np.float64)
    ends = np.cumsum([0, *(frame.height for frame in frames)])
    return [matrix[start:end] for start, end in pairwise(ends)]


def auc(name: str, real: np.ndarray, made: np.ndarray) -> float:
    """Return the cross-fitted AUC of a judge on equal numbers of real and made rows."""
    judge, rows = JUDGES[name], min(len(real), len(made), MOST)
    both, truth = np.concatenate([real[:rows], made[:rows]]), np.repeat([0, 1], rows)
    shuffled = np.random.default_rng(0).permutation(2 * rows)
    told = cross_val_predict(judge, both[shuffled], truth[shuffled], cv=3, method="predict_proba")[:, 1]
    return float(roc_auc_score(truth[shuffled], told))


def membership(train: np.ndarray, unseen: np.ndarray, made: np.ndarray) -> tuple[float, float]:
    """Return the share of made rows nearer to train than to unseen rows, and the distance-based membership AUC."""
    scale = QuantileTransformer(random_state=0).fit(np.concatenate([train, unseen]))
    rows = min(len(train), len(unseen), 5_000)
    a, b, m = (scale.transform(part[:rows]) for part in (train, unseen, made))
    to_train, to_unseen = (NearestNeighbors(n_neighbors=1, p=1).fit(part).kneighbors(m)[0][:, 0] for part in (a, b))
    nearest = NearestNeighbors(n_neighbors=1, p=1).fit(scale.transform(made))
    near = [-nearest.kneighbors(part)[0][:, 0] for part in (a, b)]
    share = np.mean((to_train < to_unseen) + 0.5 * (to_train == to_unseen))
    return float(share), float(roc_auc_score(np.repeat([1, 0], [len(a), len(b)]), np.concatenate(near)))


def judged(train: pl.DataFrame, unseen: pl.DataFrame, made: pl.DataFrame, categories: set[str]) -> list[float]:
    """Return all figures of one direction."""
    a, b, m = numbers([train, unseen, made], categories)
    figures = [auc(name, side, m) for name in JUDGES for side in (a, b)]
    return [*figures, *membership(a, b, m)]


def main() -> None:
    if len(sys.argv) < 2:
        print("nothing measured: give a folder of tables, each with train.parquet and info.json")
        return
    heads = [f"{name[:8]} {side}" for name in JUDGES for side in ("train", "unseen")]
    print(f"{'':<16}{'CPU s':>7}" + "".join(f"{head:>18}" for head in [*heads, "DCR share", "member AUC"]))
    for info in sorted(Path(sys.argv[1]).glob("*/info.json")):
        if not (info.parent / "test.parquet").exists():
            continue
        told = json.loads(info.read_text())["columns"]
        frame = pl.read_parquet(info.parent / "train.parquet").sample(fraction=1, shuffle=True, seed=0)
        categories = {name for name, entry in told.items() if entry["type"] == "categorical"}
        halves = [frame[: frame.height // 2], frame[frame.height // 2 :]]
        quarter = halves[0].height // 2
        real = judged(halves[0][:quarter], halves[1], halves[0][quarter:], categories)
        print(f"{info.parent.name + ' real':<16}{'':>7}" + "".join(f"{x:18.3f}" for x in real), flush=True)
        for quality in sys.argv[2:] or ["fast", "best"]:
            rows, cpu = [], 0.0
            for train, unseen in (halves, halves[::-1]):
                start = time.process_time()
                made = simulacra.synthesize(train, quality=quality)
                cpu += (time.process_time() - start) / 2
                rows.append(judged(train, unseen, made, categories))
            mean = np.mean(rows, axis=0)
            print(f"{info.parent.name + ' ' + quality:<16}{cpu:7.1f}" + "".join(f"{x:18.3f}" for x in mean), flush=True)


if __name__ == "__main__":
    warnings.filterwarnings("ignore", message="Stochastic Optimizer")  # a judge of few rounds is what is wanted
    with threadpool_limits(1):
        main()
