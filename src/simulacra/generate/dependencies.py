"""Which columns of a learned table each column was drawn from, or computed from by a rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..data.relations.joint import Joint
from ..data.relations.label import Label
from ..data.relations.lookup import Lookup
from ..data.relations.steps import Derived, Same

if TYPE_CHECKING:
    from .table import FittedTable

__all__ = ["Dependencies", "dependencies_of"]


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What a learned table says of its columns.

    shares : (n, n) entry [i, j] is the share of what was learned about column j that came from column i; a column of
    zeros was drawn by itself. computed : column -> the columns that a rule computes it from.
    """

    names: tuple[str, ...]
    shares: NDArray[np.float64]
    computed: dict[str, tuple[str, ...]]


def dependencies_of(table: FittedTable) -> Dependencies:
    """Return how the columns of the table depend on each other; shares of what is coded beside a column count to it."""
    names = tuple(table.schema.names)
    steps = table.kept.rewriting.steps
    beside = {step.token.name: step.column.name for step in steps if isinstance(step, Same)}
    owners = [beside.get(codes.column.name, codes.column.name) for codes in table.codec.columns for _ in codes.sizes]
    places = np.array([names.index(owner) for owner in owners], np.int64)
    shares = np.zeros((len(names), len(names)))
    if len(places):
        np.add.at(shares, (places[:, None], places[None, :]), table.chain.dependencies())
    np.fill_diagonal(shares, 0.0)
    total = shares.sum(axis=0)
    shares = np.divide(shares, total, out=np.zeros_like(shares), where=total > 0)
    computed: dict[str, tuple[str, ...]] = {}
    for step in steps:
        if isinstance(step, Derived):
            others = (column.name for column in step.columns if column.name != step.target.name)
            computed[step.target.name] = tuple(others)
        elif isinstance(step, Lookup):
            computed[step.label.name] = (step.code.name,)
        elif isinstance(step, Label):
            computed[step.label.name] = (step.source.name,)
        elif isinstance(step, Joint):
            computed[step.label.name] = (step.one.name, step.other.name)
    return Dependencies(names, shares, computed)
