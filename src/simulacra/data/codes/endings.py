"""How numbers tend to end: whole seconds, prices of .99, incomes in hundreds, beside values of any other ending.

A line of numbers is seen as periods (1, 100, 60 ...) in which some places hold more rows than their width: the heaps.
The position of a value counts the mass below it in periods, heaps included; positions within a bin are drawn evenly
and turned back into values, so each heap comes out as often as it is due there, and values never fall as positions
grow.

Source: digit preference as a mixture of heaps and an even rest (Heitjan & Rubin 1990); the weights by iterative
proportional fitting (Deming & Stephan 1940).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..saved import array_of, damaged, value_of

__all__ = ["Endings", "find_endings"]

Floats = npt.NDArray[np.float64]

MOST_HEAPS = 40
LEAST_ROWS = 20
LEAST_SHARE = 0.005
CLEAR = 1.5
"""The odds of a heap are so many times what they would be evenly."""

WORTH = 0.02
"""Nats a row that endings must explain; less is not seen by anybody."""

PERIODS = 4.0
"""The middle four fifths of the values span at least so many periods."""

NEARLY = 0.92
"""Of powers of ten the longest is taken that says so much of what the best period says, ..."""

STRETCHES = 4.0
"""... but for those longer than so many of the stretches that values are drawn from: few of these would meet a heap."""

DECIMAL = tuple(10.0**power for power in range(9, -7, -1))
HOURLY = (3600.0, 900.0, 60.0)

_SAME = 1e-9
"""Share of a period by which places differ that are one."""
_NEAR = 1e-6
"""Values so near to each other end alike (.3333333 and .33333333)."""
_PASSES = 10


@dataclass(frozen=True, slots=True)
class Endings:
    """period : > 0. places : (n,) ascending in [0, 1), the heaps as shares of the period. weights : (n + 1,) mass of
    each heap, then of the rest; positive, sum 1. rest : how that ends, in a whole part of the period; None: evenly.
    """

    period: float
    places: Floats
    weights: Floats
    rest: Endings | None = None

    def positions(self, values: Floats, side: Floats | float) -> Floats:
        """Return the mass below each value, in periods; of a heap at the value itself the share `side` counts.

        >>> Endings(1.0, np.array([0.5]), np.array([0.6, 0.4])).positions(np.array([1.0, 1.5, 2.0]), 0.5)
        array([1. , 1.5, 2. ])
        """
        place = np.abs(values) / self.period
        whole = np.floor(place + _SAME)
        part = np.maximum(place - whole, 0.0)
        beyond = np.where(values < 0, 1.0 - np.asarray(side), side)  # a mirror image below zero
        gap = part[..., None] - self.places
        at = np.abs(gap) <= _SAME
        counted = np.where(at, beyond[..., None], gap > 0)
        mass = whole + self._rest_below(part, beyond) * self.weights[-1] + counted @ self.weights[:-1]
        return np.asarray(np.copysign(mass, values + 0.0))  # zero is not negative

    def values(self, positions: Floats) -> Floats:
        """Return the value at each position."""
        place = np.abs(positions)
        whole = np.floor(place)
        part = place - whole
        heaps, below = self.weights[:-1], np.append(self._rest_below(self.places, 0.5), 1.0)
        ends = below[:-1] * self.weights[-1] + np.cumsum(heaps)
        which = np.searchsorted(ends, part, side="left")
        between = (part - np.concatenate(([0.0], np.cumsum(heaps)))[which]) / self.weights[-1]
        between = np.clip(between, 0.0, 1.0)
        share = between
        if self.rest is not None:
            share = self.rest.values(between * (self.period / self.rest.period)) * (1 / self.period)
        share = np.where(between >= below[which], np.append(self.places, 1.0)[which], share)  # in a heap all is one
        return np.asarray(np.copysign((whole + share) * self.period, positions))

    def _rest_below(self, parts: Floats, side: Floats | float) -> Floats:
        """Return the share of a period's rest that lies below each part of it."""
        if self.rest is None:
            return parts
        return self.rest.positions(parts * self.period, side) * (self.rest.period / self.period)

    def to_state(self) -> dict[str, Any]:
        """Return the parts."""
        rest = None if self.rest is None else self.rest.to_state()
        return {"period": self.period, "places": self.places, "weights": self.weights, "rest": rest}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Endings:
        """Return what `to_state` wrote; ModelFileError if it does not make sense."""
        period, places = value_of(state, "period", float), array_of(state, "places", np.float64, (None,))
        weights = array_of(state, "weights", np.float64, (len(places) + 1,))
        if not (np.isfinite(period) and period > 0) or len(places) > MOST_HEAPS:
            raise damaged("period", f"is {period}")
        if not ((places >= 0) & (places < 1)).all() or (np.diff(places) <= 0).any():
            raise damaged("places", "are not in order")
        if not (weights > 0).all() or abs(weights.sum() - 1) > 1e-6:
            raise damaged("weights", "do not sum to 1")
        rest = None if state.get("rest") is None else cls.from_state(value_of(state, "rest", dict))
        if rest is not None and not _divides(rest.period, period):
            raise damaged("rest", f"has the period {rest.period}")
        return cls(period, places, weights, rest)


def find_endings(
    distinct: Floats,
    counts: npt.NDArray[np.int64],
    grid: float,
    pieces: tuple[Floats, Floats, Floats],
    within: float | None = None,
) -> Endings | None:
    """Return the endings of these values, the most telling period first, then how the rest ends; None if evenly.

    distinct, counts : values and their rows. grid : of which all values are multiples, 0 for none. pieces : lower ends,
    upper ends and rows of the stretches that values are drawn from. within : a period that must hold whole ones.
    """
    total = int(counts.sum())
    chosen = _most_telling(distinct, counts, grid, STRETCHES * _typical(pieces), within)
    if chosen is None:
        return None
    period, places, heaped = chosen
    left = heaped < 0
    rows = np.asarray(np.bincount(heaped[~left], counts[~left], len(places)), np.float64)
    found, share = _weigh(period, places, rows, total, pieces)
    return replace(found, rest=find_endings(distinct[left], counts[left], grid, (*pieces[:2], share), period))


def _typical(pieces: tuple[Floats, Floats, Floats]) -> float:
    """Return the width of the stretch in which the middle row lies."""
    width = pieces[1] - pieces[0]
    order = np.argsort(width, kind="stable")
    reached = np.cumsum(pieces[2][order])
    return float(width[order][np.searchsorted(reached, reached[-1] / 2)]) if len(order) else 0.0


def _most_telling(
    distinct: Floats, counts: npt.NDArray[np.int64], grid: float, longest: float, within: float | None
) -> _Found | None:
    """Return the period, the places of its heaps, and the heap of each value (-1: none) of which to learn first.

    longest : a longer period is taken only if no other says nearly as much.
    """
    least = WORTH * int(counts.sum())
    tried = _tried(distinct, counts, grid, within)
    most = max((one[-1] for one in tried), default=0.0)
    if most <= least:
        return None
    tens = max((one[-1] for one in tried if one[0] in DECIMAL), default=0.0)
    enough = (NEARLY if tens >= most else 1.0) * most
    near = [one for one in tried if one[-1] >= (enough if one[0] in DECIMAL else most)]
    best = next((one for one in near if one[0] <= longest), near[-1])

    def with_rest(one: _Tried) -> float:
        left = one[2] < 0
        rest = _tried(distinct[left], counts[left], grid, one[0])
        return one[-1] + max((more[-1] for more in rest), default=0.0)

    # A rest is seen in parts of the period alone: a longer one comes first where both together say more.
    reached = with_rest(best)
    for one in tried:
        if one[0] > best[0] and one[-1] > least and with_rest(one) > reached + least:
            return one[:3]
    return best[:3]


_Found = tuple[float, Floats, npt.NDArray[np.int64]]
_Tried = tuple[float, Floats, npt.NDArray[np.int64], float]


def _tried(distinct: Floats, counts: npt.NDArray[np.int64], grid: float, within: float | None) -> list[_Tried]:
    """Return each period with its heaps and what they say."""
    return [
        (period, *_heaps(distinct, counts, grid, period))
        for period in _periods(distinct, counts, grid)
        if within is None or _divides(period, within)
    ]


def _divides(period: float, longer: float) -> bool:
    times = longer / period
    return times > 1.5 and abs(times - round(times)) < 1e-6


def _periods(distinct: Floats, counts: npt.NDArray[np.int64], grid: float) -> Iterator[float]:
    """Yield what a period may be: powers of ten and parts of an hour, longer than the grid, short beside the spread."""
    if len(distinct) < LEAST_ROWS:
        return
    reached = np.cumsum(counts) / counts.sum()
    spread = distinct[np.searchsorted(reached, 0.9)] - distinct[np.searchsorted(reached, 0.1)]
    largest = float(np.abs(distinct).max())
    for period in (*DECIMAL, *HOURLY):
        exact = largest / 1e15 < _tolerance(period, grid) * period  # floats tell the places apart
        if exact and 1.5 * grid < period <= spread / PERIODS:
            yield period


def _tolerance(period: float, grid: float) -> float:
    """Return the share of a period within which values end alike: less than a step of the grid."""
    return max(_NEAR * min(period, 1.0), grid / 100) / period


def _heaps(
    distinct: Floats, counts: npt.NDArray[np.int64], grid: float, period: float
) -> tuple[Floats, npt.NDArray[np.int64], float]:
    """Return the heaps' places, the heap of each value (-1: none), and the nats that they say beyond evenness, less
    what each of them must say.
    """
    place = np.abs(distinct) / period
    fraction = place - np.floor(place)
    number_of = round(1 / _tolerance(period, grid))
    total = int(counts.sum())
    least = max(LEAST_ROWS, LEAST_SHARE * total)
    key = np.rint(fraction * number_of).astype(np.int64) % number_of
    crowded = _crowded(key, counts, least)
    cells, cell = np.unique(key[crowded], return_inverse=True)
    place, fraction, held = place[crowded], fraction[crowded], counts[crowded]
    rows = np.bincount(cell, weights=held)
    due = total * max(grid / period, 1 / number_of)
    clear = (rows * (total - due) > CLEAR * due * (total - rows)) & (rows > due + 5 * np.sqrt(due * (1 - due / total)))
    heap = clear & (rows >= least)
    chosen = np.array([k for k in np.flatnonzero(heap) if _spread_out(place[cell == k], held[cell == k])], np.intp)
    chosen = np.sort(chosen[np.argsort(-rows[chosen], kind="stable")[:MOST_HEAPS]])
    own = rows[chosen]
    rest, evenly = total - own.sum(), max(total - due * len(own), 1e-9)
    alone = total * max(grid, float(np.abs(distinct).max()) / 1e12) / period  # rows due on one value of the grid
    gain = float((own * np.log(own / alone)).sum() + rest * np.log(max(rest, 1e-9) / evenly))
    exact = [_common(fraction[cell == k], held[cell == k]) for k in chosen]
    number = np.full(len(cells), -1)
    number[chosen] = np.arange(len(chosen))
    heaped = np.full(len(distinct), -1)
    heaped[crowded] = number[cell]
    return np.array(exact, np.float64), heaped, gain - len(own) * float(np.log(total))


def _crowded(keys: npt.NDArray[np.int64], counts: npt.NDArray[np.int64], least: float) -> npt.NDArray[np.intp]:
    """Return where keys stand that may hold `least` rows, judged by remainders: smooth numbers leave none to sort."""
    remainders = keys % 2**16
    return np.flatnonzero((np.bincount(remainders, counts) >= least)[remainders])


def _spread_out(places: Floats, counts: npt.NDArray[np.int64]) -> bool:
    """Return whether no single period holds half of a heap's rows: a spike at one value is no ending."""
    _, period = np.unique(np.rint(places), return_inverse=True)
    return bool(2 * np.bincount(period, counts).max() <= counts.sum())


def _common(fractions: Floats, counts: npt.NDArray[np.int64]) -> float:
    """Return the middle one of nearly equal fractions of a period; 0.9999999 is 0."""
    order = np.argsort(fractions, kind="stable")
    middle = float(fractions[order][np.searchsorted(np.cumsum(counts[order]), counts.sum() / 2)])
    return 0.0 if min(middle, 1 - middle) < _NEAR else middle


def _weigh(
    period: float, places: Floats, rows: Floats, total: int, pieces: tuple[Floats, Floats, Floats]
) -> tuple[Endings, Floats]:
    """Return the endings under which values drawn from the pieces meet each heap as often as `rows` say, and the rows
    of each piece that meet none.
    """
    low, high, held = pieces
    weights = np.append(rows, max(total - rows.sum(), 1)) / total
    inside = _met(high, places, period) - _met(low, places, period)
    width = (high - low) / period
    for _ in range(_PASSES):
        mass = inside * weights[:-1]
        due = (held[:, None] * mass / np.maximum(mass.sum(1) + width * weights[-1], 1e-12)[:, None]).sum(0)
        weights[:-1] *= np.where(due > 0, rows / np.maximum(due, 1e-9), 1.0)
        weights = np.clip(weights / weights.sum(), 1e-9, None)
    weights /= weights.sum()
    rest = width * weights[-1]
    return Endings(period, places, weights), held * rest / np.maximum((inside * weights[:-1]).sum(1) + rest, 1e-12)


def _met(values: Floats, places: Floats, period: float) -> Floats:
    """Return (values, places) how many heaps of each place lie below each value, half of one at it; odd around 0."""
    gap = (np.abs(values) / period)[:, None] - places
    nearest = np.rint(gap)
    at = np.abs(gap - nearest) <= _SAME
    met = np.where(at, nearest + 0.5, np.floor(gap) + 1)
    return np.asarray(np.copysign(np.maximum(met, 0.0), values[:, None]))
