"""Integers that span more than a float keeps apart: their atoms and knots as 64-bit patterns, so that no digit is lost.

An axis counts floats, and beyond 2^53 several integers share one. Here rows are counted on the integers themselves.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from .axis import PIECES, Axis, Floats
from .cut import FLOOR

__all__ = ["EXACT", "Patterns", "centre", "draw_integers", "exact_knots"]

EXACT = 2**53
"""Integers up to here are exact as float64."""

Patterns = npt.NDArray[np.uint64]

_SHARE_BITS = 50
"""Bits that a place within a piece has left of its uniform number."""
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def centre(present: pl.Series) -> int:
    """Return 0 if all integers are exact as floats, else the mean of the five middle ones, near which floats are dense.

    present : integers, five at least.
    """
    low, high = int(present.min()), int(present.max())  # type: ignore[arg-type]
    if low >= -EXACT and high <= EXACT:
        return 0
    middle = len(present) // 2
    return sum(map(int, present.sort()[middle - 2 : middle + 3])) // 5


def exact_knots(axis: Axis, place: Floats, whole: npt.NDArray[Any], offset: int) -> tuple[Axis, Patterns]:
    """Return the axis without atoms that no single integer makes, and (size, PIECES + 1) the knots of each code.

    An atom stays if one integer has at least FLOOR rows and half of the atom's; it is then that integer. What was an
    atom else is a bin as wide as the integers that share its float. place : whole - offset as floats.
    """
    distinct, first, counts = np.unique(whole, return_index=True, return_counts=True)
    codes = axis.encode(place[first])
    order = np.argsort(counts, kind="stable")
    value, rows = np.zeros(axis.size, whole.dtype), np.zeros(axis.size, np.int64)
    value[codes[order]], rows[codes[order]] = distinct[order], counts[order]
    atom = axis.atom & (rows >= FLOOR) & (2 * rows >= np.bincount(codes, weights=counts, minlength=axis.size))
    half = np.where(axis.atom & ~atom, np.spacing(np.abs(axis.knots[:, 0])) / 2, 0.0)
    aside = half[:, None] * np.linspace(-1, 1, PIECES + 1)
    low, high = int(np.iinfo(whole.dtype).min), int(np.iinfo(whole.dtype).max)
    knots = [
        min(max(offset + round(knot) + round(more), low), high) % 2**64
        for knot, more in zip(axis.knots.ravel().tolist(), aside.ravel().tolist(), strict=True)
    ]
    bins = np.array(knots, np.uint64).reshape(axis.knots.shape)
    return replace(axis, atom=atom), np.where(atom[:, None], value.astype(np.uint64)[:, None], bins)


def draw_integers(knots: Patterns, codes: npt.NDArray[Any], uniforms: Floats) -> Patterns:
    """Return the integer at each uniform number of its code, as a pattern; it never falls as the number grows."""
    place = uniforms * PIECES
    piece = place.astype(np.intp)
    low = knots[codes, piece]
    gap = knots[codes, piece + 1] - low  # wraps to the right answer for any pair of 64-bit numbers
    reached = np.rint(gap.astype(np.float64) * (place - piece)).astype(np.uint64)
    # A wide gap has more integers than the uniform number has places: the digits between two places are mixed from it.
    mixed = (uniforms * float(EXACT)).astype(np.uint64) * _GOLDEN >> np.uint64(32)
    finer = mixed * (gap >> np.uint64(_SHARE_BITS)) >> np.uint64(32)
    drawn: Patterns = low + np.minimum(reached + finer, gap)
    return drawn
