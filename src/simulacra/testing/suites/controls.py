"""Controls: nothing leaks and nothing is broken, though some of them look as if."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from ...data.schema import Schema
from ._case import Plan, Planted, Samples, Suite, each
from .leaks import as_held

__all__ = ["CONTROLS", "control_cases"]


def fresh(samples: Samples, _: float) -> Planted:
    """Rows of other people, as many as there are real ones."""
    return samples, ()


def small(samples: Samples, _: float) -> Planted:
    """An eighth of the rows in all three tables."""
    few = max(samples.real.height // 8, 30)
    return each(samples, lambda frame: frame.head(few)), ()


def unequal(samples: Samples, _: float) -> Planted:
    """A hold-out of a tenth, as a run has it."""
    return replace(samples, holdout=samples.holdout.head(samples.real.height // 10)), ()


def natural_duplicates(samples: Samples, _: float) -> Planted:
    """Few columns with few values: most rows of one table are in the others too, by nature."""
    names = sorted(samples.real.columns, key=lambda name: samples.real[name].n_unique())[:4]
    kept = Schema(tuple(column for column in samples.schema if column.name in names))
    return replace(each(samples, lambda frame: frame.select(kept.names)), schema=kept), ()


def bootstrap_of_others(samples: Samples, _: float) -> Planted:
    """Rows of other people drawn with replacement: repeats, but of nobody who was learned from."""
    rows = samples.rng.integers(samples.synthetic.height, size=samples.synthetic.height)
    return replace(samples, synthetic=samples.synthetic[rows]), ()


def common_rows(samples: Samples, _: float) -> Planted:
    """Of the rows of other people those with common levels, as a generator makes them that knows the common only."""
    if not samples.levels:
        return samples, ()
    shares = [pl.len().over(name).log() for name in samples.levels]
    kept = samples.synthetic.with_columns(pl.sum_horizontal(shares).alias("#common")).sort("#common", descending=True)
    return replace(samples, synthetic=kept.head(samples.synthetic.height // 2).drop("#common")), ()


def noisy_margins(samples: Samples, epsilon: float) -> Planted:
    """A differentially private model of the rows learned from: independent histograms with Laplace noise."""
    n, columns = samples.synthetic.height, []
    scale = len(samples.real.columns) / epsilon
    for name in samples.real.columns:
        values = samples.real[name]
        if name in samples.numbers:
            plain = values.to_physical().cast(pl.Float64).to_numpy()
            counts, edges = np.histogram(plain[~np.isnan(plain)], bins=20)
            bins = _draw(counts, scale, n, samples.rng)
            drawn = edges[bins] + samples.rng.random(n) * np.diff(edges)[bins]
            columns.append(as_held(pl.Series(drawn), values, samples).alias(name))
        else:
            table = values.value_counts().sort(name, nulls_last=True)
            columns.append(table[name][_draw(table["count"].to_numpy(), scale, n, samples.rng)].alias(name))
    return replace(samples, synthetic=pl.DataFrame(columns)), ()


def _draw(counts: np.ndarray, scale: float, n: int, rng: np.random.Generator) -> np.ndarray:
    noisy = np.maximum(counts + rng.laplace(0, scale, len(counts)), 1e-9)
    return rng.choice(len(counts), size=n, p=noisy / noisy.sum())


CONTROLS: dict[str, Plan] = {
    "fresh": Plan(fresh, (0,), None),
    "small": Plan(small, (0,), None),
    "unequal": Plan(unequal, (0,), None),
    "natural_duplicates": Plan(natural_duplicates, (0,), None),
    "bootstrap_of_others": Plan(bootstrap_of_others, (0,), None),
    "common_rows": Plan(common_rows, (0,), None),
    "noisy_margins": Plan(noisy_margins, (1.0,), None),
}
"""Kind of control -> its builder. The strength of "noisy_margins" is its epsilon (add or remove one row)."""

control_cases = Suite(CONTROLS)
"""Yields a clean case for each kind. In all of them nobody's privacy is touched; the rows of "fresh", "small",
"unequal" and "natural_duplicates" are as good as real in every other way too.
"""
