"""Learners as the metrics use them: one thread, seeded, on columns of the coded tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import MissingError
from ._chance import auc
from ._tables import Coded, Side, Tables

__all__ = ["Discrimination", "boosted_trees", "features", "one_hot", "one_thread", "tell_apart", "without_void"]

FOLDS = 3
WIDE = 50

Floats = NDArray[np.float64]


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold OpenMP and BLAS to one thread: spinning threads on a busy machine cost more than they give.

    MissingError if scikit-learn is not installed.
    """
    with _pools().limit(limits=1):
        yield


@cache
def _pools() -> Any:
    """Return the thread pools of this process; looking for them costs 10 ms each time."""
    try:
        import sklearn.ensemble  # noqa: F401  (its OpenMP must be loaded to be limited)
        from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingError("scikit-learn is not installed", hint="pip install 'simulacra[tables]'") from error

    return ThreadpoolController()


def features(tables: Tables, columns: Sequence[Coded], side: Side, rows: NDArray[np.int64]) -> Floats:
    """Return (rows, columns) numbers, NaN where missing; levels as their rank by frequency, which trees can split."""
    blocks = []
    for column in columns:
        if column.ordered:
            blocks.append(column.numbers(side)[rows])
        else:
            bins = tables.binned(column, side)[0][rows].astype(np.float64)
            blocks.append(np.where(bins == 0, np.nan, bins - 1))
    return np.stack(blocks, axis=1) if blocks else np.empty((len(rows), 0))


def one_hot(tables: Tables, columns: Sequence[Coded], side: Side, rows: NDArray[np.int64]) -> Floats:
    """Return (rows, width) numbers for a linear model: standardised by the real rows, levels and missing as 0 or 1."""
    blocks = [np.ones((len(rows), 1))]
    for column in columns:
        if column.ordered:
            real = column.numbers("real")
            known = real[~np.isnan(real)]
            middle, spread = (float(known.mean()), float(known.std())) if len(known) else (0.0, 0.0)
            values = np.clip((column.numbers(side)[rows] - middle) / (spread or 1.0), -5.0, 5.0)
            blocks.append(np.nan_to_num(values)[:, None])
            blocks.append(np.isnan(values).astype(np.float64)[:, None])
        else:
            bins, width = tables.binned(column, side)
            blocks.append(np.eye(width)[bins[rows]])
    return np.concatenate(blocks, axis=1)


def boosted_trees(columns: int, seed: int, *, sharp: bool = False, regression: bool = False) -> Any:
    """Return an unfitted histogram gradient boosting model for `features`.

    sharp : few trees, fast, to find faint differences (more and larger ones find no more in planted flaws); otherwise
    gently, to predict well. The cost of a fit is rounds x leaves x columns x bins when rows are few: a wide table gets
    fewer and coarser of each.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    wide = columns > WIDE
    model = HistGradientBoostingRegressor if regression else HistGradientBoostingClassifier
    return model(
        max_iter=20 if wide else 40 if sharp else 60,
        learning_rate=0.3 if wide else 0.2 if sharp else 0.1,
        max_leaf_nodes=15,
        max_bins=64 if wide else 255,
        early_stopping=False,
        random_state=seed % 2**32,
    )


def without_void(inputs: Floats) -> Floats:
    """Return the inputs with columns of nothing but missing values set to 0: scikit-learn cannot bin them."""
    return np.where(np.isnan(inputs).all(axis=0), 0.0, inputs)


class Discrimination:
    """How well a classifier tells two sets of rows apart.

    auc : 0.5 is a coin toss, 1 certain, below 0.5 more alike than chance (copies). se : its standard error.
    drops : column name -> how much AUC is lost when that column is shuffled.
    """

    __slots__ = ("auc", "drops", "se")

    def __init__(self, auc: float, se: float, drops: dict[str, float]) -> None:
        self.auc, self.se, self.drops = auc, se, drops


def tell_apart(
    first: Floats, second: Floats, columns: Sequence[Coded], rng: np.random.Generator, *, name_columns: bool = True
) -> Discrimination:
    """Return how well boosted trees, cross-fitted in 3 folds, tell the rows of `first` from those of `second`."""
    fold_a, fold_b = (rng.permutation(len(part)) % FOLDS for part in (first, second))
    areas, errors, drops = [], [], dict[str, float]()
    with one_thread():
        for fold in range(FOLDS):
            train = np.concatenate([first[fold_a != fold], second[fold_b != fold]])
            train = without_void(train)
            label = np.repeat([1, 0], [int((fold_a != fold).sum()), int((fold_b != fold).sum())])
            model = boosted_trees(len(columns), int(rng.integers(2**32)), sharp=True).fit(train, label)
            test = first[fold_a == fold], second[fold_b == fold]
            area, error = auc(*(model.predict_proba(part)[:, 1] for part in test))
            areas.append(area)
            errors.append(error)
            if fold == 0 and name_columns:
                drops = _drops(model, test, columns, rng)
    return Discrimination(float(np.mean(areas)), float(np.sqrt(np.sum(np.square(errors)))) / FOLDS, drops)


def _drops(
    model: Any, test: tuple[Floats, Floats], columns: Sequence[Coded], rng: np.random.Generator
) -> dict[str, float]:
    """Return column -> loss of AUC when its values are shuffled among at most 1,000 rows of each set."""
    size = min(1000, *(len(part) for part in test))
    rows = np.concatenate([part[:size] for part in test])
    scores = model.predict_proba(rows)[:, 1]
    base = auc(scores[:size], scores[size:])[0]
    drops = {}
    for place, column in enumerate(columns):
        shuffled = rows.copy()
        shuffled[:, place] = rng.permutation(shuffled[:, place])
        scores = model.predict_proba(shuffled)[:, 1]
        drops[column.name] = base - auc(scores[:size], scores[size:])[0]
    return drops
