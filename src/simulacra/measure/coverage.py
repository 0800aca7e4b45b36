"""diversity.coverage: is there a synthetic row near each kind of real row?"""

from __future__ import annotations

from ..contracts import Score
from ..data.shares import wilson
from ..registry import register
from ._chance import binomial_noise
from ._distance import encode, nearest
from ._tables import Tables

__all__ = ["Coverage"]

MOST_ROWS = 2000
FEWEST = 50
NEIGHBOURS = 5
SHARED = 1.6
"""Neighbouring rows share the row that reaches them: in clean samples the noise is up to this much above binomial."""


@register("metric")
class Coverage:
    """The share of real rows with a synthetic row as near as their fifth real neighbour; 0..1, higher is better.

    Asked about are hold-out rows (without a hold-out, one half of the real rows), against as many synthetic rows;
    floor: against as many training rows (the other half). Sees: groups of rows that are not reached, lost modes. Does
    not see: rows that are too many or impossible. Distance: Gower's. At most 2,000 rows of each: groups of fewer than
    about 1 % of the rows drown.
    Source: Naeem et al. 2020 (coverage), with a floor; interval by Wilson, of as many fewer rows as the noise is wider.
    """

    name = "diversity.coverage"
    family = "diversity"
    scores = ("diversity.coverage",)

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        half = tables.real.height // 2 if not tables.rows("holdout") else tables.real.height
        size = min(tables.rows("synthetic"), tables.rows("holdout") or half, half, MOST_ROWS)
        if size < FEWEST or not tables.columns:
            why = f"only {size} rows a side to compare ({FEWEST} needed)"
            return [Score(self.name, self.family, "undefined", reason=why)]
        synthetic = encode(tables, "synthetic", tables.sample("synthetic", size, "coverage"))
        if tables.rows("holdout"):
            asked = encode(tables, "holdout", tables.sample("holdout", size, "coverage"))
            real = encode(tables, "real", tables.sample("real", size, "coverage"))
        else:
            order = tables.rng("coverage").permutation(tables.real.height)
            asked, real = encode(tables, "real", order[:size]), encode(tables, "real", order[size : 2 * size])
        reach = nearest(asked, asked, skip=NEIGHBOURS)[0] + 1e-7
        reached, control = (int((nearest(asked, rows)[0] <= reach).sum()) for rows in (synthetic, real))
        effective = size / SHARED**2
        low, high = wilson(reached / size * effective, effective)
        reason = (
            f"{100 * reached / size:.1f} % of real rows have a synthetic row as near as their own kind; "
            f"of fresh real rows {100 * control / size:.1f} % would"
        )
        return [Score(
            self.name, self.family, value=reached / size, low=low, high=high, floor=control / size,
            noise=SHARED * binomial_noise(size - reached, size, size - control, size), n=size, reason=reason,
        )]  # fmt: skip
