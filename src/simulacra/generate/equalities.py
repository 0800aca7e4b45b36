"""The equalities of a table's rules as one linear system: what the known cells of a row say about its open ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from ..data.constraints import LENGTHS, Comparison
from ..data.quantities import dimension, floats, last_digit
from ..data.relations.rated import Rated
from ..data.relations.restore import restore
from ..data.relations.steps import Derived
from ..data.schema import Column

if TYPE_CHECKING:
    from .table import FittedTable

__all__ = ["Equalities", "Floats"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_FLOAT = 1e-9
"""Share of the size of its terms by which a sum of floats may be off."""


@dataclass(frozen=True, slots=True)
class Equalities:
    """factors @ values + constants = 0 for every row, with half a unit for each value that is rounded.

    columns : what the equalities are about, those that are learned first. styles : how numbers held as text are
    written. factors : (equalities, columns).
    rules : (equalities,) the place of each one's constraint among the table's rules. rates : what rows of a level add:
    target = rate of the level times base, each with its rule's place.
    """

    columns: tuple[Column, ...]
    styles: tuple[str, ...]
    factors: Floats
    constants: Floats
    rules: tuple[int, ...]
    rates: tuple[tuple[Rated, int], ...] = ()

    @classmethod
    def of(cls, table: FittedTable) -> Equalities:
        """Return the equalities between numbers, or between times, that the table's rules hold."""
        found = [
            (place, comparison)
            for place, rule in enumerate(table.kept.rules.constraints)
            for comparison in rule.comparisons
            if _is_linear(comparison, table)
        ]
        steps = table.kept.rewriting.steps
        derived = {step.target.name: step.style for step in steps if isinstance(step, (Derived, Rated))}
        places = {rule.columns: place for place, rule in enumerate(table.kept.rules.constraints) if rule.kind == "rate"}
        rated = [step for step in steps if isinstance(step, Rated)]
        rates = tuple((step, places.get((step.group.name, step.base.name, step.target.name), -1)) for step in rated)
        named = dict.fromkeys(term.name for _, comparison in found for term in comparison.terms)
        named |= dict.fromkeys(column.name for step in rated for column in (step.base, step.target))
        names = sorted(named, key=lambda name: name in derived)
        factors = np.zeros((len(found), len(names)))
        for row, (_, comparison) in enumerate(found):
            for term in comparison.terms:
                factors[row, names.index(term.name)] += term.factor / LENGTHS.get(term.part, 1)
        return cls(
            tuple(table.schema[name] for name in names),
            tuple(derived.get(name, "plain") for name in names),
            factors,
            np.array([comparison.number + comparison.micros for _, comparison in found]),
            tuple(place for place, _ in found),
            rates,
        )

    def solve(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, Floats]:
        """Return the rows with every open cell computed that follows from the others, as its column writes numbers.

        The second is (rows, columns): by how much each computed cell may be off because it was rounded, or others were.
        """
        values, off = self._values(frame), np.zeros((frame.height, len(self.columns)))
        before = np.isnan(values)
        for rows, system in self._systems(frame):
            mine, doubt = values[rows], off[rows]
            while system._solve_single(mine, doubt) or system._solve_joint(mine, doubt):
                pass
            values[rows], off[rows] = mine, doubt
        for place, column in enumerate(self.columns):
            here = before[:, place] & ~np.isnan(values[:, place])
            if here.any():
                found = pl.Series(np.where(here, values[:, place], np.nan)).fill_nan(None)
                made = restore(found, column, self.styles[place])
                frame = frame.with_columns(frame[column.name].fill_null(made))
        return frame, off

    def kept(self, frame: pl.DataFrame, off: Floats) -> dict[int, Mask]:
        """Return per rule which rows keep it as far as the rounding of computed cells lets them."""
        values = self._values(frame)
        whole: dict[int, Mask] = {}
        for rows, system in self._systems(frame):
            for place, near in system._near(values[rows], off[rows]).items():
                whole.setdefault(place, np.zeros(frame.height, bool))[rows] = near
        return whole

    def _near(self, values: Floats, off: Floats) -> dict[int, Mask]:
        found: dict[int, Mask] = {}
        for place, factors, constant in zip(self.rules, self.factors, self.constants, strict=True):
            used = factors != 0
            parts = values[:, used] * factors[used]
            size = np.abs(parts).sum(axis=1) + abs(constant)
            may_be_off = off[:, used] @ np.abs(factors[used])
            near = np.abs(parts.sum(axis=1) + constant) <= may_be_off + _FLOAT * size
            found[place] = found.get(place, np.ones(len(values), bool)) & near & (may_be_off > 0)
        return found

    def _systems(self, frame: pl.DataFrame) -> Iterator[tuple[npt.NDArray[np.int64], Equalities]]:
        """Yield rows of the same rates, and the equalities of those rows."""
        if not self.rates:
            yield np.arange(frame.height), self
            return
        by_row = np.stack([step.factors(frame) for step, _ in self.rates], axis=1)
        names = [column.name for column in self.columns]
        patterns, place = np.unique(by_row, axis=0, return_inverse=True)
        for number, pattern in enumerate(patterns):
            known = np.flatnonzero(~np.isnan(pattern))
            more = np.zeros((len(known), len(names)))
            for row, which in enumerate(known):
                step = self.rates[which][0]
                more[row, [names.index(step.target.name), names.index(step.base.name)]] = 1.0, -pattern[which]
            system = replace(
                self,
                factors=np.concatenate([self.factors, more]),
                constants=np.concatenate([self.constants, np.zeros(len(known))]),
                rules=(*self.rules, *(self.rates[which][1] for which in known)),
                rates=(),
            )
            yield np.flatnonzero(place.ravel() == number), system

    def _values(self, frame: pl.DataFrame) -> Floats:
        values = [floats(frame[column.name], column) for column in self.columns]
        return np.stack(values, axis=1).copy() if values else np.zeros((frame.height, 0))

    def _solve_single(self, values: Floats, off: Floats) -> bool:
        """Compute the one open cell of an equality, of the first one that has any such rows."""
        is_open = np.isnan(values)
        for rule, place in self._by_sureness():
            factors = self.factors[rule]
            others = np.flatnonzero(factors)
            others = others[others != place]
            rows = np.flatnonzero(is_open[:, place] & ~is_open[:, others].any(axis=1))
            if len(rows):
                total = values[np.ix_(rows, others)] @ factors[others] + self.constants[rule]
                doubt = off[np.ix_(rows, others)] @ np.abs(factors[others]) / abs(factors[place])
                if self._put(values, off, rows, place, new=-total / factors[place], doubt=doubt):
                    return True
        return False

    def _by_sureness(self) -> list[tuple[int, int]]:
        """Return (equality, column) with those first in which rounding of the others changes the column least."""
        size = np.abs(self.factors)
        pairs = [(int(rule), int(place)) for rule, place in np.argwhere(size)]
        return sorted(pairs, key=lambda one: (len(set(size[one[0]]) - {0.0}) > 1, -size[one] / size[one[0]].max()))

    def _solve_joint(self, values: Floats, off: Floats) -> bool:
        """Compute a cell that several equalities determine only together, in all rows with the same open cells."""
        is_open = np.isnan(values)
        several = (is_open.astype(int) @ (self.factors != 0).T.astype(int) >= 2).sum(axis=1) >= 2
        changed = False
        for pattern in np.unique(is_open[several], axis=0):
            rows = np.flatnonzero((is_open == pattern).all(axis=1))
            inverse = np.linalg.pinv(self.factors[:, pattern])
            sure = np.isclose(np.diag(inverse @ self.factors[:, pattern]), 1.0, atol=1e-9)
            if sure.any():
                first = int(np.argmax(sure))
                known = np.where(pattern, 0.0, self.factors)
                total = np.nan_to_num(values[rows]) @ known.T + self.constants
                doubt = off[rows] @ np.abs(known).T @ np.abs(inverse[first])
                place = int(np.flatnonzero(pattern)[first])
                changed |= self._put(values, off, rows, place, new=-total @ inverse[first], doubt=doubt)
        return changed

    def _put(
        self, values: Floats, off: Floats, rows: npt.NDArray[np.int64], place: int, *, new: Floats, doubt: Floats
    ) -> bool:
        """Write numbers into open cells as their column rounds them; say whether any could be written."""
        column = self.columns[place]
        written = floats(restore(pl.Series(new), column, self.styles[place]), column)
        values[rows, place] = written + 0.0  # no minus zero
        off[rows, place] = doubt + last_digit(column) / 2
        return bool((~np.isnan(written)).all())


def _is_linear(comparison: Comparison, table: FittedTable) -> bool:
    terms = comparison.terms
    parts = any(term.quoted or (term.part and term.part not in LENGTHS) for term in terms)
    plain = comparison.sign == "=" and len(terms) > 1 and not parts
    return plain and all(dimension(table.schema[term.name]) != "text" for term in terms)
