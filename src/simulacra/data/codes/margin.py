"""The distribution of one number by itself: an axis and the share of the rows in each of its codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..saved import array_of, damaged, value_of
from .axis import Axis, Floats
from .cut import cut

__all__ = ["Margin"]


@dataclass(frozen=True, slots=True)
class Margin:
    """axis : codes of the number. weights : (axis.size,) positive, sum 1."""

    axis: Axis
    weights: Floats

    @classmethod
    def fit(cls, values: Floats, decimals: int | None) -> Margin:
        """Learn from values (finite, at least five)."""
        axis = cut(values, decimals)
        rows = np.bincount(axis.encode(values), minlength=axis.size) + 0.01
        return cls(axis, rows / rows.sum())

    def draw(self, uniforms: Floats) -> Floats:
        """Return the quantile at each uniform number: its code by the weights, the rest of it within the code.

        >>> Margin.fit(np.repeat([2.0, 3.0], [30, 10]), 0).draw(np.array([0.1, 0.7, 0.8]))
        array([2., 2., 3.])
        """
        ends = np.cumsum(self.weights)
        place = uniforms * ends[-1]
        code = np.minimum(np.searchsorted(ends, place, side="right"), len(ends) - 1)
        within = (place - (ends - self.weights)[code]) / self.weights[code]
        return self.axis.decode(code, np.clip(within, 0.0, np.nextafter(1.0, 0.0)))

    def to_state(self) -> dict[str, Any]:
        """Return the parts."""
        return {"axis": self.axis.to_state(), "weights": self.weights}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Margin:
        """Return what `to_state` wrote; ModelFileError if it does not make sense."""
        axis = Axis.from_state(value_of(state, "axis", dict))
        weights = array_of(state, "weights", np.float64, (axis.size,))
        if weights.min() <= 0 or not np.isfinite(weights.sum()):
            raise damaged("weights", "are not positive")
        return cls(axis, weights)
