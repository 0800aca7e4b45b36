"""Orderings that always hold: a <= b <= c.

An ordering is told only if it says something: were the columns unrelated, at least one row in ten would break it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ..constraints import Term, quote
from ..schema import Column
from .relation import SURPRISE, Relation, Search, told
from .sketch import Sketch, holding

__all__ = ["find_orders"]

EASY = 0.9
"""A pair of columns that would be in order by chance in more of the rows says too little."""
FEWEST_ROWS = 20
Flags = npt.NDArray[np.bool_]


def find_orders(search: Search) -> Iterator[Relation]:
    """Yield chains of columns in order, longest first, without what follows from them or from a sum."""
    linear = [
        relation.constraint.comparisons[0]
        for relation in search.found
        if relation.kind == "linear" and relation.constraint
    ]
    units = {one.defined for one in linear if len(one.terms) == 2}
    sums = {one.defined: one.terms for one in linear if len(one.terms) > 2}
    for times in (False, True):
        whole = Sketch.of(search.sample, search.left("copy", "part", "function", "cut"), times=times)
        lows = {name: float(np.nanmin(whole.values[:, k])) for k, name in enumerate(whole.names)}
        sketch = whole.without(units)
        below = _below(sketch)
        pairs = [(int(a), int(b)) for a, b in np.argwhere(below)]
        named = {(a, b): (sketch.names[a], sketch.names[b]) for a, b in pairs}
        pairs = [pair for pair in pairs if not _is_part(*named[pair], sums.get(named[pair][1], ()), lows)]
        true = _true_pairs(search, sketch, pairs)
        for chain in _chains(true, len(sketch.columns)):
            yield _relation(tuple(sketch.names[k] for k in chain))


def _below(sketch: Sketch) -> Flags:
    """Return (columns, columns) where the first is never above the second on the sample, and by chance would be."""
    count = len(sketch.columns)
    below = np.zeros((count, count), bool)
    values, missing = sketch.values, np.isnan(sketch.values)
    glance = slice(None, None, max(1, len(values) // 200))
    for low in range(count):
        with np.errstate(invalid="ignore"):
            near = ~(values[glance, low, None] > values[glance]).any(axis=0)
        for high in np.flatnonzero(near):
            both = ~(missing[:, low] | missing[:, high])
            if high == low or both.sum() < FEWEST_ROWS or not _alike(sketch.columns[low], sketch.columns[high]):
                continue
            first, second = values[both, low], values[both, high]
            if (first <= second).all() and (first != second).any():
                easy = _by_chance(first, second)
                below[low, high] = easy <= EASY and -len(first) * np.log(max(easy, 1e-9)) > SURPRISE
    return below


def _is_part(low: str, high: str, terms: Sequence[Term], lows: Mapping[str, float]) -> bool:
    """Whether `high` is a sum of `low` and others that are never negative: then the order says nothing new."""
    names = [term.name for term in terms]
    if low not in names:
        return False
    signs = {term.factor > 0 for term in terms if term.name != high}
    return len(signs) == 1 and all(lows.get(name, 0.0) >= 0 for name in names if name not in (low, high))


def _alike(low: Column, high: Column) -> bool:
    return (low.kind == "duration") == (high.kind == "duration")


def _by_chance(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> float:
    """Return the share of all pairs of a first and a second value, whatever their rows, that are in order."""
    return float(np.searchsorted(np.sort(first), second, side="right").mean() / len(first))


def _true_pairs(search: Search, sketch: Sketch, pairs: list[tuple[int, int]]) -> Flags:
    rules = {pair: _relation(tuple(sketch.names[k] for k in pair)).constraint for pair in pairs}
    kept = set(map(str, holding([rule for rule in rules.values() if rule is not None], search.frame, search.schema)))
    true = np.zeros((len(sketch.columns),) * 2, bool)
    for pair, rule in rules.items():
        true[pair] = str(rule) in kept
    return true


def _chains(below: Flags, count: int) -> Iterator[list[int]]:
    """Yield paths that cover the orderings which do not follow from others (the transitive reduction)."""
    follows = (below.astype(np.int64) @ below.astype(np.int64)) > 0
    direct = below & ~follows
    left = {(int(a), int(b)) for a, b in np.argwhere(direct)}
    while left:
        best: dict[int, list[int]] = {}
        # Columns by how many stand below them: an order in which each edge goes forward.
        for node in np.argsort(below.sum(axis=0), kind="stable"):
            paths = [[*best[a], int(node)] for a, b in left if b == node and a in best]
            best[int(node)] = max(paths, key=len, default=[int(node)])
        chain = max(best.values(), key=len)
        if len(chain) < 2 or count == 0:
            return
        left -= set(pairwise(chain))
        yield chain


def _relation(names: tuple[str, ...]) -> Relation:
    why = f"{names[0]} is never above " + ", nor that above ".join(names[1:]) + " in any row"
    return told("order", names, " <= ".join(quote(name) for name in names), why)
