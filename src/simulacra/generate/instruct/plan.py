"""The plan of a run: which cell of the axes of variation each slot fills, so that every cell gets its share.

The plan has no end and does not know how many rows are wanted: at every slot the count of each cell is within 1 of its
share, so a run may be cut short or extended.
Source: Tijdeman 1980, The chairman assignment problem, Discrete Mathematics 32.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ...seeds import Seeds

__all__ = ["MOST_CELLS", "Axis", "Plan", "Shares"]

MOST_CELLS = 4096
"""Cells of the axes that are balanced together."""
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Axis:
    """One way in which rows differ.

    levels : name -> weight above 0. parent : the axis on whose level the levels depend; then `below` has them by that
    level and `levels` is empty.
    """

    name: str
    levels: Mapping[str, float] = field(default_factory=dict)
    parent: str = ""
    below: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def all_levels(self) -> list[str]:
        """Return every level the axis can have."""
        return list(dict.fromkeys([*self.levels, *(name for inner in self.below.values() for name in inner)]))


class Shares:
    """A sequence over things with weights in which, after n steps, each thing was taken within 1 of n times its share.

    weights : (k,), above 0.

    >>> shares = Shares(np.array([2.0, 1.0, 1.0]))
    >>> [shares.take(np.zeros(3)) for _ in range(8)]
    [0, 1, 2, 0, 0, 1, 2, 0]
    """

    def __init__(self, weights: npt.NDArray[np.float64]) -> None:
        self._shares = weights / weights.sum()
        self._counts = np.zeros(len(weights))
        self._slack = 1 / (2 * len(weights) - 2) if len(weights) > 1 else 0.0
        self._steps = 0

    def take(self, liking: npt.NDArray[np.float64]) -> int:
        """Return the thing taken next; of those that are due at the same time the one with the highest liking."""
        self._steps += 1
        due = self._shares * self._steps - self._counts
        deadline = np.where(due >= self._slack - _SAME, (1 - self._slack - due) / self._shares, np.inf)
        first = deadline <= deadline.min() + _SAME * self._steps
        taken = int(np.argmax(np.where(first, liking, -np.inf)))
        self._counts[taken] += 1
        return taken


class Plan:
    """The cell of every slot.

    Parameters
    ----------
    axes : the axes of variation; those with a parent come after it.
    balance : names of axes whose combinations get equal shares; the others are balanced each for itself, and paired
        with the rest as evenly as that allows.
    seeds : break ties between cells that are due at the same time.

    >>> plan = Plan([Axis("topic", {"dns": 1, "disks": 1}), Axis("level", {"easy": 1, "hard": 1})], ["topic", "level"],
    ...             Seeds(0))
    >>> sorted(tuple(plan.cell(slot).values()) for slot in range(4))
    [('disks', 'easy'), ('disks', 'hard'), ('dns', 'easy'), ('dns', 'hard')]
    """

    def __init__(self, axes: Sequence[Axis], balance: Sequence[str], seeds: Seeds) -> None:
        self._axes = {axis.name: axis for axis in axes}
        self._rng = seeds.rng()
        self._joint = _Joint([self._axes[name] for name in balance], self._rng) if balance else None
        self._alone = [axis for axis in axes if axis.name not in set(balance)]
        self._sequences: dict[tuple[str, str], Shares] = {}
        self._pairs: dict[tuple[str, str], int] = {}
        self._cells: list[dict[str, str]] = []

    def cell(self, slot: int) -> dict[str, str]:
        """Return the level of each axis for a slot, in the order of the axes."""
        while len(self._cells) <= slot:
            self._cells.append(self._next())
        return dict(self._cells[slot])

    def _next(self) -> dict[str, str]:
        chosen = self._joint.next() if self._joint else {}
        for axis in self._alone:
            chosen[axis.name] = self._level(axis, chosen)
        return {name: chosen[name] for name in self._axes}

    def _level(self, axis: Axis, chosen: Mapping[str, str]) -> str:
        under = chosen[axis.parent] if axis.parent else ""
        levels = axis.below[under] if axis.parent else axis.levels
        names = list(levels)
        sequence = self._sequences.setdefault((axis.name, under), Shares(np.array([*levels.values()], dtype=float)))
        met = [
            sum(self._pairs.get((f"{axis.name}={name}", f"{a}={b}"), 0) for a, b in chosen.items()) for name in names
        ]
        taken = names[sequence.take(self._rng.random(len(names)) - np.array(met) / [*levels.values()])]
        for a, b in chosen.items():
            pair = (f"{axis.name}={taken}", f"{a}={b}")
            self._pairs[pair] = self._pairs.get(pair, 0) + 1
        return taken


class _Joint:
    """The sequence of combinations of several axes: each within 1 of its share, ties go to the margins that lag."""

    def __init__(self, axes: Sequence[Axis], rng: np.random.Generator) -> None:
        self._axes, self._rng = axes, rng
        self._cells = np.array(list(itertools.product(*(range(len(axis.levels)) for axis in axes))))
        shares = [np.array([*axis.levels.values()], dtype=float) for axis in axes]
        self._shares = [share / share.sum() for share in shares]
        each = [share[self._cells[:, place]] for place, share in enumerate(self._shares)]
        self._sequence = Shares(np.prod(each, axis=0))
        groups = [(place,) for place in range(len(axes))] + list(itertools.combinations(range(len(axes)), 2))
        self._margins = [_Margin(self._cells, self._shares, group) for group in groups if len(group) < len(axes)]

    def next(self) -> dict[str, str]:
        liking = self._rng.random(len(self._cells)) * 0.01
        for margin in self._margins:
            liking += margin.lag()
        taken = self._sequence.take(liking)
        for margin in self._margins:
            margin.count(taken)
        return {axis.name: list(axis.levels)[self._cells[taken, place]] for place, axis in enumerate(self._axes)}


class _Margin:
    """How far the counts of one axis, or of two together, lie behind their shares."""

    def __init__(
        self, cells: npt.NDArray[np.int64], shares: Sequence[npt.NDArray[np.float64]], group: Sequence[int]
    ) -> None:
        sizes = [len(shares[place]) for place in group]
        self._of = np.ravel_multi_index([cells[:, place] for place in group], sizes)
        self._share = np.ones(1)
        for place in group:
            self._share = np.outer(self._share, shares[place]).ravel()
        self._counts = np.zeros(len(self._share))
        # A level that is behind by one of its own weighs the same on an axis of two levels as on one of ten.
        self._steps = 0

    def lag(self) -> npt.NDArray[np.float64]:
        """Return (n_cells,): how many rows each cell's margin lacks."""
        return np.asarray((self._share * (self._steps + 1) - self._counts)[self._of])

    def count(self, cell: int) -> None:
        """Take note of a cell that was taken."""
        self._counts[self._of[cell]] += 1
        self._steps += 1
