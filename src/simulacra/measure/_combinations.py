"""Combinations of values on many subsets of columns, as numbers: equal numbers mean equal values (but for a collision
of 64-bit hashes: one in 10 million at 100,000 rows).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._tables import Coded, Side, Tables

__all__ = ["Combinations", "column_subsets", "combine", "counts_among", "holders", "once", "unique_hits"]

MOST_CELLS = 3_000_000
FINE = 20
_LAST = np.uint64(43)

Hashes = NDArray[np.uint64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Combinations:
    """Some rows of the synthetic table and of the pool: rows learned from, then rows held out.

    names : the columns. synthetic, pool : (columns, rows) hash of each value. coarse : the same with ordered columns in
    20 bins of equal real mass. learned : how many of the pool were learned from. rows : side -> rows drawn from it.
    """

    names: tuple[str, ...]
    synthetic: Hashes
    pool: Hashes
    coarse: tuple[Hashes, Hashes]
    learned: int
    rows: dict[Side, Rows]

    @property
    def held_out(self) -> int:
        """How many of the pool were held out."""
        return int(self.pool.shape[1]) - self.learned

    def on(self, places: Sequence[int], *, coarse: bool = False) -> tuple[Hashes, Hashes]:
        """Return one number per synthetic row and per row of the pool: its values on some columns."""
        synthetic, pool = self.coarse if coarse else (self.synthetic, self.pool)
        chosen = list(places)
        return _mixed(synthetic[chosen].sum(axis=0)), _mixed(pool[chosen].sum(axis=0))


def combine(tables: Tables, *, equal: bool = False) -> Combinations:
    """Return the rows to look up, at most 3 million cells a side: 200,000 rows of 15 columns.

    equal : as many rows learned from as held out. Everything is a function of the pool as a whole, never of which of
    its rows were learned from: so under the null they can change places.
    """
    columns = [column for column in tables.columns if column.width > 2] or list(tables.columns)
    most = max(1000, MOST_CELLS // len(columns))
    sizes: dict[Side, int] = {"synthetic": most, "real": most // 2, "holdout": most // 2}
    if equal:
        sizes["real"] = sizes["holdout"] = min(sizes["real"], tables.rows("real"), tables.rows("holdout"))
    rows = {side: tables.sample(side, size, "combinations") for side, size in sizes.items()}
    exact, coarse = [], []
    for place, column in enumerate(columns):
        lut = np.random.Generator(np.random.PCG64(place)).integers(2**63, size=column.width + FINE + 1, dtype=np.uint64)
        parts = {side: column.codes[side][places] for side, places in rows.items()}
        exact.append((lut[parts["synthetic"]], lut[np.concatenate([parts["real"], parts["holdout"]])]))
        bins = lut[_coarse(column)]
        coarse.append((bins[parts["synthetic"]], bins[np.concatenate([parts["real"], parts["holdout"]])]))
    made, pool = (np.stack([pair[side] for pair in exact]) for side in (0, 1))
    rough = (np.stack([pair[0] for pair in coarse]), np.stack([pair[1] for pair in coarse]))
    return Combinations(tuple(column.name for column in columns), made, pool, rough, len(rows["real"]), rows)


def _coarse(column: Coded) -> Rows:
    """Return (width,) code -> bin; bins of equal mass among all real rows, levels as they are."""
    if not column.ordered:
        return np.arange(column.width)
    real = (column.counts("real") + column.counts("holdout"))[1:]
    below = np.cumsum(real) - real
    return np.concatenate(([0], 1 + (below * FINE) // max(int(real.sum()), 1))).astype(np.int64)


def _mixed(sums: Hashes) -> Hashes:
    """Spread sums of hashes over all 64 bits."""
    sums = sums ^ (sums >> np.uint64(31))
    return np.asarray(sums * np.uint64(0x9E3779B97F4A7C15), dtype=np.uint64)


def once(values: Hashes) -> NDArray[np.bool_]:
    """Return (rows,) whether a row's value occurs once.

    >>> once(np.array([3, 1, 3], dtype=np.uint64)).tolist()
    [False, True, False]
    """
    order = np.sort(values)
    alone = np.ones(len(order), dtype=bool)
    same = order[1:] == order[:-1]
    alone[1:] &= ~same
    alone[:-1] &= ~same
    return _among(values, order[alone])


def counts_among(values: Hashes, others: Hashes) -> Rows:
    """Return (rows,) how often each value occurs among `others`.

    >>> counts_among(np.array([3, 1], dtype=np.uint64), np.array([1, 1, 2], dtype=np.uint64)).tolist()
    [0, 2]
    """
    counts = np.zeros(len(values), dtype=np.int64)
    rows = np.flatnonzero(_perhaps(values, others))
    asked = values[rows]
    order = np.sort(others[_perhaps(others, asked)])
    counts[rows] = np.searchsorted(order, asked, "right") - np.searchsorted(order, asked, "left")
    return counts


def holders(values: Hashes, others: Hashes) -> Rows:
    """Return for each value the row of `others` that holds it, or -1 if none or several do.

    >>> holders(np.array([3, 1, 2], dtype=np.uint64), np.array([1, 1, 2], dtype=np.uint64)).tolist()
    [-1, -1, 2]
    """
    rows = np.flatnonzero(_perhaps(others, values))
    rows = rows[np.argsort(others[rows], kind="stable")]
    order = others[rows]
    start, stop = np.searchsorted(order, values, "left"), np.searchsorted(order, values, "right")
    return np.asarray(np.where(stop - start == 1, np.append(rows, -1)[start], -1), dtype=np.int64)


def unique_hits(synthetic: Hashes, pool: Hashes) -> Rows:
    """Return the rows of the pool whose value occurs once in the pool and at all among the synthetic rows."""
    # Rows of one value are all kept or all left away, so what occurs once among the kept does so in the pool.
    rows = np.flatnonzero(_perhaps(pool, synthetic))
    kept = pool[rows]
    hit = once(kept)
    hit[hit] = _among(kept[hit], np.sort(synthetic[_perhaps(synthetic, kept)]))
    return rows[hit]


def _perhaps(values: Hashes, others: Hashes) -> NDArray[np.bool_]:
    """Return (rows,) False where a value surely does not occur among `others`: a look at its first 21 bits."""
    seen = np.zeros(1 << 21, dtype=bool)
    seen[others >> _LAST] = True
    return np.asarray(seen[values >> _LAST])


def _among(values: Hashes, order: Hashes) -> NDArray[np.bool_]:
    """Return whether each value occurs in a sorted array."""
    found = _perhaps(values, order)
    asked = values[found]
    if len(asked):
        found[found] = order[np.minimum(np.searchsorted(order, asked), len(order) - 1)] == asked
    return found


def column_subsets(columns: int, most: int, rng: np.random.Generator) -> list[tuple[int, ...]]:
    """Return distinct subsets of column places: the whole row first, then all single columns, the row without one
    column each, pairs, and random subsets of three to eight columns; at most `most`.
    """  # fmt: skip
    everything = tuple(range(columns))
    chosen = {everything: None}
    for place in rng.permutation(columns)[: most // 4].tolist():
        chosen[(place,)] = None
    for place in rng.permutation(columns)[: most // 8].tolist():
        if columns > 2:
            chosen[tuple(other for other in everything if other != place)] = None
    for _ in range(2 * most):
        if len(chosen) >= most or columns < 3:
            break
        size = int(rng.integers(2, min(columns, 8) + 1))
        chosen[tuple(sorted(rng.choice(columns, size=size, replace=False).tolist()))] = None
    return list(chosen)
