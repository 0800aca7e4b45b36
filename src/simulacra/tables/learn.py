"""Fitting: order, predictors, one boosted model a column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..seeds import Seeds
from .boost import Boosting, Column, fit_boosted, smoothed_margin
from .order import associations, choose_order, choose_predictors
from .repeats import find_repeats
from .trees import Ensemble

if TYPE_CHECKING:
    from ..contracts import Progress
    from .chain import ChainOptions

__all__ = ["BOOSTING", "learn_columns"]

WIDE_BINS = 32  # of each predictor in a wide table, where summing histograms costs more than filling them
BOOSTING = {
    "fast": Boosting(rounds=6, shapes=((7, 20),), rate=0.8, decay=0.7, patience=2),
    "best": Boosting(),
}


def learn_columns(
    codes: NDArray[np.uint8],
    sizes: NDArray[np.int32],
    ordered: NDArray[np.bool_],
    seeds: Seeds,
    *,
    options: ChainOptions,
    progress: Progress,
    runs: Sequence[NDArray[np.int64] | None] = (),
) -> tuple[NDArray[np.int32], list[Ensemble]]:
    """Return the order of the columns and, in that order, what was learned of each."""
    information = associations(codes, sizes, ordered, seeds.child("order").rng())
    order = choose_order(information)
    predictors = choose_predictors(information, order, all_up_to=options.narrow, most=options.predictors)
    repeats = find_repeats(codes, sizes)
    how = BOOSTING[options.quality].smoothed(options.smoothing)
    progress.start("learning columns", len(order))
    models = []
    for column, earlier in zip(order, predictors, strict=True):
        rng = seeds.child("column", int(column)).rng()
        rows = _some_rows(len(codes), options.learn_rows, rng)
        task = Column(
            codes if len(rows) == len(codes) else codes[rows],
            int(column),
            earlier[sizes[earlier] > 1],
            sizes,
            ordered,
            256 if len(order) <= options.narrow else WIDE_BINS,
            None if repeats is None else repeats[rows],
            runs[column] if runs else None,
        )
        margin = smoothed_margin(codes[:, column], int(sizes[column]))
        models.append(fit_boosted(task, margin, how, rng))
        progress.advance()
    return order, models


def _some_rows(n_rows: int, most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    if n_rows <= most:
        return np.arange(n_rows)
    return np.sort(rng.choice(n_rows, most, replace=False))
