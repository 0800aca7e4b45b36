"""fidelity.distance: how far would the numbers have to be moved to be the real ones?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..contracts import Part, Score
from ..registry import register
from ._tables import Coded, Side, Tables

__all__ = ["Wasserstein"]

GRID = 512
DRAWS = 50

Floats = NDArray[np.float64]


@register("metric")
class Wasserstein:
    """The mean over ordered columns of the Wasserstein-1 distance, in standard deviations of the real column; from 0,
    lower is better.

    .1 : on average a value lies a tenth of a standard deviation off. For the eye: it says how far, where KS (of
    fidelity.shape) says how many; one far outlier can move it, so no default gate stands on it. Sees: numbers shifted,
    squeezed, thrown far out. Does not see: missing values, levels, roundings. Floor: two samples of these sizes drawn
    from the real rows (512 quantiles of them). Parts: columns, the furthest first.
    Source: Villani 2009; on the line it is the area between the distribution functions (Vallender 1974).
    """  # fmt: skip

    name = "fidelity.distance"
    family = "fidelity"
    scores = ("fidelity.distance",)

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the score; undefined where no ordered column has two values and known values on both sides."""
        columns = [column for column in tables.columns if column.ordered and _spread(column) > 0]
        columns = [column for column in columns if column.counts("synthetic")[1:].any()]
        if not columns:
            return [Score(self.name, self.family, "undefined", better="lower", reason="there is no column of numbers")]
        found = np.array([_area(column, "synthetic", "real") / _spread(column) for column in columns])
        null = np.stack([_null(tables, column) for column in columns])
        floors, worst = null.mean(axis=1), int(np.argmax(found - null.mean(axis=1)))
        # Columns move together; their noise is averaged as if they all did.
        value, noise = float(found.mean()), float(null.std(axis=1).mean())
        reason = (
            f"numbers lie {value:.3f} standard deviations from where they would be in the real rows, fresh real rows "
            f"{float(floors.mean()):.3f}; furthest: {columns[worst].name!r} ({found[worst]:.3f})"
        )
        parts = [Part(c.name, float(v), float(f)) for c, v, f in zip(columns, found, floors, strict=True)]
        return [Score(
            self.name, self.family, value=value, low=max(0.0, value - 1.96 * noise), high=value + 1.96 * noise,
            floor=float(floors.mean()), noise=noise, better="lower", n=tables.synthetic.height, reason=reason,
            parts=tuple(sorted(parts, key=lambda part: (part.floor or 0.0) - part.value)),
        )]  # fmt: skip


def _spread(column: Coded) -> float:
    """Return the standard deviation of the real values."""
    counts = column.counts("real")[1:]
    if counts.sum() < 2:
        return 0.0
    mean = np.average(column.values, weights=counts)
    return float(np.average((column.values - mean) ** 2, weights=counts) ** 0.5)


def _area(column: Coded, first: Side, second: Side) -> float:
    """Return the area between two distribution functions."""
    shares = [column.counts(side)[1:] / max(int(column.counts(side)[1:].sum()), 1) for side in (first, second)]
    return float(np.abs(np.cumsum(shares[0] - shares[1]))[:-1] @ np.diff(column.values))


def _null(tables: Tables, column: Coded) -> Floats:
    """Return (DRAWS,) distances between two samples of real rows, on a grid of at most 512 of their quantiles."""
    real = (column.counts("real") + column.counts("holdout"))[1:]
    sizes = [int(column.counts(side)[1:].sum()) for side in ("synthetic", "real")]
    places = np.unique((np.cumsum(real) - real) * GRID // int(real.sum()), return_inverse=True)[1]
    pool = np.bincount(places, weights=real).astype(np.int64)
    values = np.bincount(places, weights=real * column.values) / np.maximum(pool, 1)
    rng = tables.rng("wasserstein", column.name)
    share = pool / pool.sum()
    first, second = (rng.multinomial(size, share, size=DRAWS) / size for size in sizes)
    return np.abs(np.cumsum(first - second, axis=1))[:, :-1] @ np.diff(values) / _spread(column)
