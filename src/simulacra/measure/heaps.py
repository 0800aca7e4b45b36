"""fidelity.heaps: do numbers pile up where the real ones do, and are they rounded alike?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..contracts import Score
from ..registry import register
from ._changes import Change, change_of_shares, score_changes
from ._tables import Coded, Tables

__all__ = ["Heaps"]

COMMON = 0.01
MOST_VALUES = 30
MOST_COLUMNS = 200
CLOCK = (3_600_000_000, 60_000_000, 1_000_000, 1_000)


@register("metric")
class Heaps:
    """The largest change of the share of rows on one value, or on round values, of an ordered column; 0..1, lower is
    better.

    Looked at: values that more than 1 % of the real or of the synthetic rows hold (30 a column), multiples of 2, 5, 10,
    ... and of .5, .1, .01, ... (numbers) or of whole seconds, minutes and hours (times). Sees: a spike of filled-in
    means, lost zeros, ages rounded to tens or not rounded any more, invented decimals. Does not see: shifts that move
    no common value (fidelity.shape does). Floor: the largest change that chance explains (one in a thousand clean
    tables). Parts: places, the most telling first.
    Source: digit preference (Myers 1940), by multiples.
    """  # fmt: skip

    name = "fidelity.heaps"
    family = "fidelity"
    scores = ("fidelity.heaps",)

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        kinds = {column.name: column.kind for column in tables.schema}
        changes: list[Change | None] = []
        for column in [column for column in tables.columns if column.ordered and column.width > 3][:MOST_COLUMNS]:
            changes += _common(column, number=kinds[column.name] in ("integer", "real"))
            changes += _round(column, number=kinds[column.name] in ("integer", "real"))
        return [
            score_changes(
                self.name,
                [change for change in changes if change is not None],
                n=tables.synthetic.height,
                told="{place} holds {synthetic} of the synthetic rows and {real} of the real ones",
                nothing="no ordered column in which values repeat or could be rounded",
            )
        ]


def _common(column: Coded, *, number: bool) -> Iterator[Change | None]:
    """Yield the changes of the shares of frequent values."""
    made, real = (column.counts(side)[1:] for side in ("synthetic", "real"))
    n, m = int(made.sum()), int(real.sum())
    often = np.maximum(made / max(n, 1), real / max(m, 1))
    for place in np.argsort(-often, kind="stable")[:MOST_VALUES]:
        if often[place] > COMMON:
            told = f" = {column.values[place]:g}" if number else " at a common value"
            yield change_of_shares(column.name + told, (float(made[place]), float(real[place])), (n, m))


def _round(column: Coded, *, number: bool) -> Iterator[Change | None]:
    """Yield the changes of the shares of multiples of round steps, each among the multiples of the step before."""
    made, real = (column.counts(side)[1:] for side in ("synthetic", "real"))
    values = np.abs(column.values)
    largest = float(np.median(values[values > 0])) if (values > 0).any() else 0.0
    steps = [s * 10.0**k for k in range(-4, 12) for s in (1, 2, 5)] if number else list(reversed(CLOCK))
    inside = values > 0 if number else np.ones(len(values), dtype=bool)
    for step in steps:
        if number and step > largest:
            return
        hit = inside & (np.abs(values / step - np.rint(values / step)) < 1e-6)
        rows = (int(made[inside].sum()), int(real[inside].sum()))
        place = f"{column.name} in multiples of {step:g}" if number else f"{column.name} at round times"
        yield change_of_shares(place, (float(made[hit].sum()), float(real[hit].sum())), rows)
