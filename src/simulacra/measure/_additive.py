"""What to expect of each column given all others: one ridge regression of the real rows on the bins of all columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._rows import fingerprints
from ._tables import Coded, Side, Tables

__all__ = ["Expected", "expect_from_others"]

MOST_ROWS = 12_000
MOST_WIDTH = 400
MOST_BINS = 10
MOST_LEVELS = 5
LEAST = 0.03
FOLDS = 3
RIDGE = 3.0
FEWEST = 30
FEWEST_HITS = 10

Floats = NDArray[np.float64]
Narrow = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The bins of one column, and the answers asked of it: (bins, answers) numbers and their names."""

    column: Coded
    bins: dict[Side, NDArray[np.int64]]
    answers: Narrow
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """Answers and what is expected of them, centred; names, owners: (answers,) what is asked, and of which column.

    truth, guess : side -> (rows, answers). rows : side -> the rows of the table that were asked about.
    """

    names: tuple[str, ...]
    owners: tuple[Coded, ...]
    truth: dict[Side, Floats]
    guess: dict[Side, Floats]
    rows: dict[Side, NDArray[np.int64]]


def expect_from_others(tables: Tables) -> Expected | None:
    """Return what a model of two thirds of the real rows expects of a third of each table, for all three thirds.

    None if there are fewer than two columns, or none with an answer to ask. The hold-out is left out if it has fewer
    than 30 rows. All columns are answered from one inverse per fold (the coefficients of a regression on the others
    are ratios of entries of the inverse): O(rows x width² + width³), width at most about 400.
    """
    columns = [column for column in tables.columns if column.width > 2][: MOST_WIDTH // 3]
    if len(columns) < 2:
        return None
    sides: list[Side] = ["synthetic", "real"]
    sides += ["holdout"] if tables.rows("holdout") >= FEWEST else []
    rows = {side: tables.sample(side, MOST_ROWS, "dependence") for side in sides}
    blocks = [_block(tables, column, rows, max(3, min(MOST_BINS, MOST_WIDTH // len(columns)))) for column in columns]
    if not any(block.names for block in blocks):
        return None
    wide = {side: _one_hot(blocks, side) for side in sides}
    folds = _folds(tables, columns, rows)
    truth = {side: np.empty((len(rows[side]), sum(len(block.names) for block in blocks))) for side in sides}
    guess = {side: np.empty_like(truth[side]) for side in sides}
    for fold in range(FOLDS):
        weights = _fit(wide["real"][folds["real"] != fold], blocks)
        for side in sides:
            own = folds[side] == fold
            asked = wide[side][own]
            truth[side][own] = _centred(_answers(asked, blocks))
            guess[side][own] = _centred(asked @ weights)
    names = tuple(name for block in blocks for name in block.names)
    owners = tuple(block.column for block in blocks for _ in block.names)
    return Expected(names, owners, truth, guess, rows)


def _folds(tables: Tables, columns: list[Coded], rows: dict[Side, NDArray[np.int64]]) -> dict[Side, NDArray[np.int64]]:
    """Return which third asks each row. A row that equals real ones is asked where one of those is: a copy would be
    answered by a model that learned from it, and look better explained than the real row it equals."""
    folds = {side: tables.rng("dependence", side).permutation(len(own)) % FOLDS for side, own in rows.items()}
    prints = {side: seen[rows[side]] for side, seen in fingerprints(tables, columns).items() if side in rows}
    order = np.argsort(prints["real"], kind="stable")
    real = prints["real"][order]
    for side in rows:
        if side != "real":
            start, stop = (np.searchsorted(real, prints[side], end) for end in ("left", "right"))
            drawn = start + (tables.rng("dependence", side, "twin").random(len(start)) * (stop - start)).astype(int)
            twin = folds["real"][order[np.minimum(drawn, len(real) - 1)]]
            folds[side] = np.where(stop > start, twin, folds[side])
    return folds


def _centred(values: Narrow) -> Floats:
    """Return the values less their mean: the folds differ in what they were learned from, and must not in level."""
    return np.asarray(values - values.mean(axis=0), dtype=np.float64)


def _block(tables: Tables, column: Coded, rows: dict[Side, NDArray[np.int64]], most: int) -> Block:
    found = {side: tables.binned(column, side, most)[0][places].astype(np.int64) for side, places in rows.items()}
    bins = {side: np.minimum(part, most + 1) for side, part in found.items()}
    width = 1 + max(int(part.max()) for part in bins.values())
    counts = np.bincount(bins["real"], minlength=width)
    if column.ordered:
        return Block(column, bins, *_ranks(column, counts))
    often = [place for place in np.argsort(-counts, kind="stable").tolist() if 0 < place <= most]
    share, least = counts / counts.sum(), max(LEAST, FEWEST_HITS / min(len(bins["synthetic"]), len(bins["real"])))
    lut, _ = column.bins(most)
    asked = [place for place in often[:MOST_LEVELS] if least <= share[place] <= 1 - least and (lut == place).sum() == 1]
    asked = asked[1:] if (counts[1:] > 0).sum() == 2 else asked  # of two levels the rarer says all
    labels = [column.labels[int((lut == place).argmax()) - 1] for place in asked]
    return Block(column, bins, np.eye(width, dtype=np.float32)[:, asked], tuple(f"{column.name} = {x}" for x in labels))


def _ranks(column: Coded, counts: NDArray[np.int64]) -> tuple[Narrow, tuple[str, ...]]:
    """Return mean ranks, 0 to 1, of the bins of an ordered column; a missing value has the mean of all, one half."""
    known = np.concatenate(([0], counts[1:]))
    share = known / max(int(known.sum()), 1)
    ranks = np.cumsum(share) - share / 2
    ranks[0] = 0.5
    asked = bool((share[1:] <= 1 - LEAST).all()) and (counts[1:] > 0).sum() > 1
    return ranks[:, None].astype(np.float32)[:, : int(asked)], (column.name,) * int(asked)


def _one_hot(blocks: list[Block], side: Side) -> Narrow:
    """Return (rows, width) zeros and ones."""
    widths = [len(block.answers) for block in blocks]
    wide = np.zeros((len(blocks[0].bins[side]), sum(widths)), dtype=np.float32)
    places = np.arange(len(wide))
    for start, block in zip(np.cumsum([0, *widths]), blocks, strict=False):
        wide[places, start + block.bins[side]] = 1
    return wide


def _answers(wide: Narrow, blocks: list[Block]) -> Narrow:
    starts = np.cumsum([0, *(len(block.answers) for block in blocks)])
    parts = [wide[:, start : start + len(b.answers)] @ b.answers for start, b in zip(starts, blocks, strict=False)]
    return np.concatenate(parts, axis=1)


def _fit(wide: Narrow, blocks: list[Block]) -> Narrow:
    """Return (width, answers) weights of each answer on the bins of the other columns."""
    mean = wide.mean(axis=0, dtype=np.float64)
    gram = (wide.T @ wide).astype(np.float64) - len(wide) * np.outer(mean, mean)
    inverse = np.linalg.inv(gram + RIDGE * np.eye(len(gram)))
    weights, start = [], 0
    for block in blocks:
        own = slice(start, start + len(block.answers))
        found = -inverse[:, own] @ np.linalg.solve(inverse[own, own], block.answers.astype(np.float64))
        found[own] = 0.0
        weights.append(found)
        start = own.stop
    return np.concatenate(weights, axis=1).astype(np.float32)
