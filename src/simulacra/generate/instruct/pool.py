"""The pool of Self-Instruct: rows accepted earlier in the run join the examples that the model is shown.

An attempt sees the rows that were accepted when it was drawn up and no later ones, so that the rows do not depend on
how many calls are made at once.
Source: Wang et al. 2023, Self-Instruct (arXiv 2212.10560).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...contracts.rows import Context, Row

__all__ = ["LAG", "Pool"]

LAG = 32
"""Attempts under way at once at most in a run with a pool: the smaller, the sooner its own rows are shown."""


class Pool:
    """Remembers accepted rows; stands among the ordered checks and refuses nothing."""

    name = "pool"
    ordered = True

    def __init__(self, fields: list[str]) -> None:
        self._fields = fields
        self._rows: list[dict[str, Any]] = []
        self._depths: list[int] = []

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return None: every row may be shown."""
        del row, context
        return None

    def accept(self, row: Row) -> None:
        """Remember a row's fields."""
        self._rows.append({name: row[name] for name in self._fields if row.get(name) is not None})
        self._depths.append(int(row.get("_depth", 1)))

    def pick(self, count: int, known: int, rng: np.random.Generator) -> tuple[list[dict[str, Any]], list[str], int]:
        """Return some of the first `known` rows, their names for the lineage, and the depth of the deepest."""
        known = min(known, len(self._rows))
        places = sorted(int(place) for place in rng.permutation(known)[:count])
        depth = max((self._depths[place] for place in places), default=0)
        return [self._rows[place] for place in places], [f"row:{place}" for place in places], depth
