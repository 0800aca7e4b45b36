"""A planted case, and what all builders of cases use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Literal

import numpy as np
import polars as pl

from ...data.infer import infer_schema
from ...data.schema import Schema
from ...errors import DataError
from ...measure._tables import is_made_up

__all__ = [
    "Builder",
    "Case",
    "Plan",
    "Planted",
    "Samples",
    "Suite",
    "draw_samples",
    "each",
    "is_number",
    "largest",
    "power_of",
    "replace_rows",
]

Level = Literal["must", "weak", "clean"]
FEWEST = 100
ENOUGH = 0.98
ALARM = 0.001


@dataclass(frozen=True, slots=True)
class Samples:
    """Disjoint samples of one table, and the generator of what is planted; `spare` are rows to fill gaps with.

    power : the chance that the best test sees what was planted, None where it was not computed.
    """

    synthetic: pl.DataFrame
    real: pl.DataFrame
    holdout: pl.DataFrame
    schema: Schema
    rng: np.random.Generator
    spare: pl.DataFrame
    power: float | None = None

    @property
    def numbers(self) -> list[str]:
        """Columns of numbers or times held as such, with more than 20 different values."""
        return [name for name in self.real.columns if is_number(self.real[name]) and self.real[name].n_unique() > 20]

    @property
    def spread_out(self) -> list[str]:
        """Columns of `numbers` in which no value fills more than a third of the rows."""
        return [name for name in self.numbers if largest(self.real[name], 1) <= 1 / 3]

    @property
    def levels(self) -> list[str]:
        """Columns with 2 to 20 different values."""
        return [name for name in self.real.columns if 2 <= self.real[name].drop_nulls().n_unique() <= 20]


@dataclass(frozen=True, slots=True)
class Case:
    """One table to judge, with the truth about it.

    Parameters
    ----------
    kind : what was planted, a name of `LEAKS`, `FLAWS` or `CONTROLS`.
    strength : share of rows touched, or a number of rows or repeats, as the kind says; 0 for controls.
    level : "must": a judge has to see it; "weak": the power is to be measured; "clean": there is nothing to see.
    synthetic, real, holdout : the three tables.
    schema : of the real rows.
    places : columns that a judge should name.
    power : the chance that a test of this one place, which errs once in a thousand clean tables, sees it: no judge who
        has to look everywhere sees it more often. Below .98 the level is "weak"; None where it was not computed.
    """

    kind: str
    strength: float
    level: Level
    synthetic: pl.DataFrame
    real: pl.DataFrame
    holdout: pl.DataFrame
    schema: Schema
    places: tuple[str, ...] = ()
    power: float | None = None


Planted = tuple[Samples, tuple[str, ...]]
"""What was planted, and the columns that a judge should name."""

Builder = Callable[[Samples, float], Planted | None]
"""Plants a kind at a strength; None where the table has no column for it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A kind: how it is planted, at which strengths, and from which one on a judge has to see it (None: never)."""

    build: Builder
    strengths: tuple[float, ...]
    must_from: float | None

    def level(self, strength: float, power: float | None = None) -> Level:
        """Return whether a judge has to see that strength, or there is nothing to see."""
        if self.must_from is None:
            return "clean"
        return "must" if strength >= self.must_from and (power is None or power >= ENOUGH) else "weak"


@dataclass(frozen=True, slots=True)
class Suite:
    """Kinds of cases; called with a real table, it yields a case for each kind and strength."""

    plans: Mapping[str, Plan]

    def __call__(
        self,
        frame: pl.DataFrame,
        *,
        rows: int = 4000,
        target: str | None = None,
        seed: int = 0,
        kinds: Sequence[str] | None = None,
    ) -> Iterator[Case]:
        """Yield the cases that the table has columns for; each has samples and randomness of its own.

        rows : of each of the three tables; a quarter of `frame` if it is smaller. kinds : default all.
        DataError if the table has fewer than 400 rows.
        """
        for place, (kind, plan) in enumerate(self.plans.items()):
            for step, strength in enumerate(plan.strengths if kinds is None or kind in kinds else ()):
                samples = draw_samples(frame, rows, target, np.random.default_rng([seed, place, step]))
                planted = plan.build(samples, strength)
                if planted is not None:
                    done, places = planted
                    tables = done.synthetic, done.real, done.holdout, done.schema
                    yield Case(kind, strength, plan.level(strength, done.power), *tables, places, done.power)


def draw_samples(frame: pl.DataFrame, rows: int, target: str | None, rng: np.random.Generator) -> Samples:
    """Return disjoint samples of `rows` rows, or of a quarter of the table if it is smaller.

    Columns that are made up by design (identifiers, personal values, free text) are left out. DataError if the table
    has fewer than 400 rows.
    """
    rows = min(rows, frame.height // 4)
    if rows < FEWEST:
        raise DataError(
            f"the table has {frame.height} rows", hint=f"give at least {4 * FEWEST}: four disjoint samples are needed"
        )
    schema = infer_schema(frame, target=target)
    kept = [column for column in schema if not is_made_up(column)]
    order = rng.permutation(frame.height)[: 4 * rows]
    frame = frame.select(column.name for column in kept)
    real, holdout, synthetic, spare = (frame[order[place * rows : (place + 1) * rows]] for place in range(4))
    target = schema.target if schema.target in frame.columns else None
    return Samples(synthetic, real, holdout, Schema(tuple(kept), target=target), rng, spare)


def power_of(*changes: tuple[float, float, float], clean: float) -> float:
    """Return the chance that a two-sided test sees the difference of changed shares, one false alarm in a thousand.

    changes : of each group (rows, share in the real rows, share planted); of two groups their gap is tested.
    clean : how many real rows there are for each synthetic one.

    >>> round(power_of((4000, 0.02, 0.01), clean=2), 2), round(power_of((4000, 0.05, 0.025), clean=2), 2)
    (0.77, 1.0)
    """
    law, gap, variance = NormalDist(), 0.0, 0.0
    for sign, (rows, before, after) in zip((1, -1), changes, strict=False):
        gap += sign * (after - before)
        share = (clean * before + after) / (1 + clean)
        variance += share * (1 - share) / rows * (1 + 1 / clean)
    return law.cdf(abs(gap) / max(variance, 1e-12) ** 0.5 - law.inv_cdf(1 - ALARM / 2))


def replace_rows(frame: pl.DataFrame, rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Return the frame with as many of its rows, drawn at random, exchanged for the given ones, in a new order."""
    kept = frame[rng.permutation(frame.height)[: frame.height - rows.height]]
    joined = pl.concat([kept, rows.select(frame.columns).cast(frame.schema)])
    return joined[rng.permutation(joined.height)]


def each(samples: Samples, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Samples:
    """Return the samples with the three tables changed alike."""
    made = [change(frame) for frame in (samples.synthetic, samples.real, samples.holdout)]
    return replace(samples, synthetic=made[0], real=made[1], holdout=made[2])


def largest(values: pl.Series, place: int) -> float:
    """Return the share of the place-th most frequent value."""
    counts = values.drop_nulls().value_counts(sort=True)["count"]
    return float(counts[place - 1]) / values.len()


def is_number(series: pl.Series) -> bool:
    """Whether a series is held as numbers or times."""
    return series.dtype.is_numeric() or series.dtype.is_temporal()
