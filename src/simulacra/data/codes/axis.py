"""A line of numbers cut into atoms and bins: the codes of one numeric quantity without missing values.

An atom is one value that five rows or more share; it is kept exactly. A bin is a stretch between atoms; inside it
values are drawn from a piecewise linear quantile function whose knots are averages over neighbouring rows. A drawn
value equals a row's own by chance alone, which is likely where values lie dense (years, cents). Codes follow the order
of the values. How the line is cut is in `cut.py`; integers beyond the floats are in `wide.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..saved import array_of, damaged, value_of
from .endings import Endings

__all__ = ["PIECES", "Axis", "Floats"]

Floats = npt.NDArray[np.float64]

PIECES = 8
"""Linear pieces of a bin's quantile function."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Codes of one numeric quantity.

    Parameters
    ----------
    uppers : (size - 1,) a value belongs to the first code whose upper bound it does not exceed.
    knots : (size, PIECES + 1) quantiles 0, 1/8 .. 1 of each code; an atom repeats its value.
    atom : (size,) bool.
    decimals : values are rounded to so many digits after the point; None: not rounded.
    step : with decimals, values are whole multiples of step / 10**decimals.
    endings : how often values within bins end alike (.99, whole minutes); None: evenly.
    """

    uppers: Floats
    knots: Floats
    atom: npt.NDArray[np.bool_]
    decimals: int | None
    step: int = 1
    endings: Endings | None = None

    @property
    def size(self) -> int:
        """Number of codes."""
        return len(self.knots)

    @property
    def has_bins(self) -> bool:
        """Whether some code stands for more than one value."""
        return not bool(self.atom.all())

    def runs(self) -> npt.NDArray[np.int64]:
        """Return (size,) the number of the run that each code is in: between two runs nothing lies, for a stretch
        clearly wider than the bins on both sides (for an atom: than the stretch on its other side).

        >>> Axis(np.arange(4.0), np.repeat([[0.0], [1.0], [2.0], [9.0], [10.0]], 9, 1), np.ones(5, bool), 0).runs()
        array([0, 0, 0, 1, 1])
        """
        low, high = self.knots[:, 0], self.knots[:, -1]
        gaps = np.concatenate(([0.0], low[1:] - high[:-1], [0.0]))
        least = 0.0 if self.decimals is None else self.step * 10.0**-self.decimals
        width = np.maximum(high - low, least)
        before, after = (np.where(self.atom, gap, width) for gap in (gaps[:-1], gaps[1:]))
        apart = gaps[1:-1] > 1.5 * (before[:-1] + after[1:])
        return np.concatenate(([0], np.cumsum(apart)))

    def encode(self, values: Floats) -> npt.NDArray[np.intp]:
        """Return the code of each value; values never seen go to the code whose stretch they fall into."""
        return np.searchsorted(self.uppers, values, side="left")

    def decode(self, codes: npt.NDArray[Any], uniforms: Floats) -> Floats:
        """Return a value for each code: the atom, or the bin's quantile at the uniform number."""
        if not self.has_bins:
            only: Floats = self.knots[:, 0][codes]
            return only
        place = uniforms * PIECES
        piece = place.astype(np.intp)
        place -= piece
        piece += codes.astype(np.intp) * (PIECES + 1)
        flat = self._positions().ravel()
        # Two products instead of low + (high - low) * place: the difference of huge numbers would overflow.
        values: Floats = flat[piece] * (1.0 - place)
        piece += 1
        values += flat[piece] * place
        if self.endings is not None:
            values = self.endings.values(values)
        if self.decimals is not None:
            power = 10.0**self.decimals
            values *= power / self.step
            np.rint(values, out=values)
            values += 0.0  # no negative zero
            if self.step > 1:
                values *= self.step
            values /= power
        exact = self.atom[codes]
        return np.where(exact, self.knots[:, 0][codes], values) if exact.any() else values

    def _positions(self) -> Floats:
        """Return the knots, or, with endings, the mass below each: a heap at the end of a bin belongs to it whole."""
        if self.endings is None:
            return self.knots
        places = self.endings.positions(self.knots, 0.5)
        places[:, 0] = self.endings.positions(self.knots[:, 0], 0.0)
        places[:, -1] = self.endings.positions(self.knots[:, -1], 1.0)
        first, last = self.stretches()
        knot, code = np.arange(PIECES), np.arange(self.size)[:, None]
        share = (knot - first) / (last - first)
        places[:, :-1] = places[code, first] * (1 - share) + places[code, last] * share
        return places

    def stretches(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return (size, PIECES) the first and the last knot of the straight stretch that each piece is a part of.

        Small bins have fewer stretches than pieces: where in one a row falls, its endings say.
        """
        first = np.tile(np.arange(PIECES), (self.size, 1))
        last = first + 1
        for span in (2, 4, 8):
            for start in range(0, PIECES, span):
                part = self.knots[:, start : start + span + 1]
                share = np.arange(span + 1) / span
                line = part[:, :1] * (1 - share) + part[:, -1:] * share
                straight = (np.abs(part - line) <= 1e-9 * np.abs(part).max(axis=1, keepdims=True)).all(axis=1)
                first[straight, start : start + span] = start
                last[straight, start : start + span] = start + span
        return first, last

    def to_state(self) -> dict[str, Any]:
        """Return the parts of this axis as arrays and JSON values."""
        return {
            "uppers": self.uppers,
            "knots": self.knots,
            "atom": self.atom,
            "decimals": self.decimals,
            "step": self.step,
            "endings": None if self.endings is None else self.endings.to_state(),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Axis:
        """Return the axis written by `to_state`; ModelFileError if it does not make sense."""
        knots = array_of(state, "knots", np.float64, (None, PIECES + 1))
        size = len(knots)
        if not 1 <= size <= 256:
            raise damaged("knots", f"has {size} codes")
        uppers = array_of(state, "uppers", np.float64, (size - 1,))
        if (np.diff(uppers) < 0).any() or (np.diff(knots, axis=1) < 0).any():
            raise damaged("uppers", "is not in order")
        decimals = None if state.get("decimals") is None else value_of(state, "decimals", int)
        if decimals is not None and not 0 <= decimals <= 15:
            raise damaged("decimals", f"is {decimals}")
        step = value_of(state, "step", int)
        if not 1 <= step <= 2**53:
            raise damaged("step", f"is {step}")
        endings = None if state.get("endings") is None else Endings.from_state(value_of(state, "endings", dict))
        return cls(uppers, knots, array_of(state, "atom", np.bool_, (size,)), decimals, step, endings)
