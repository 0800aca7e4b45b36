"""What a run leaves behind in memory; the report room turns it into a bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from ..contracts import Assessment
from ..data.dataset import Dataset

__all__ = ["RunRecord"]


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Everything known at the end of a run.

    Parameters
    ----------
    recipe : text of recipe.yaml, complete: running it again gives the same rows.
    synthetic : the accepted rows.
    real, holdout : real rows the generator learned from, and those it never saw; None if there were none.
    assessment : scores, gates and verdicts.
    rejects : rows (step: str, reason: str, batch: i64, then the columns of the table), one per rejected row.
    facts : what a reader wants to know first, name -> text: "source", "method", "quality", "seed", "version".
    cost : name -> amount: "cpu_seconds", "wall_seconds", "rows_made", "rows_rejected".
    notes : sentences the reader must not miss: what was pooled, replaced by made-up values, or left undone.
    given_up : found rules that the rows do not keep, as they are written.
    """

    recipe: str
    synthetic: Dataset
    assessment: Assessment
    real: pl.DataFrame | None = None
    holdout: pl.DataFrame | None = None
    rejects: pl.DataFrame = field(default_factory=pl.DataFrame)
    facts: Mapping[str, str] = field(default_factory=dict)
    cost: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    given_up: tuple[str, ...] = ()
