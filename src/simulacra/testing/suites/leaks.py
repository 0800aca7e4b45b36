"""Leaks: something of the rows learned from stands among the synthetic ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ._case import Plan, Planted, Samples, Suite, is_number, replace_rows

__all__ = ["LEAKS", "leak_cases"]


def _with(samples: Samples, rows: pl.DataFrame) -> Planted:
    synthetic = replace_rows(samples.synthetic, rows, samples.rng)
    return replace(samples, synthetic=synthetic), ()


def _some(samples: Samples, share: float) -> pl.DataFrame:
    size = max(1, round(share * samples.synthetic.height))
    return samples.real[samples.rng.choice(samples.real.height, size=min(size, samples.real.height), replace=False)]


def verbatim(samples: Samples, share: float) -> Planted:
    """A share of the rows is copied as it is."""
    return _with(samples, _some(samples, share))


def noisy(samples: Samples, share: float) -> Planted:
    """A share of the rows is copied with small changes: numbers by 2 % of their spread, one level in ten redrawn."""
    return _with(samples, blur(samples, _some(samples, share)))


def blur(samples: Samples, rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows slightly changed; values that more than 1 % of the real rows share are kept as they are."""
    changed = []
    for name in rows.columns:
        values, real = rows[name], samples.real[name]
        if name in samples.numbers:
            common = real.drop_nulls().value_counts().filter(pl.col("count") > 0.01 * real.len())[name]
            plain = values.to_physical().cast(pl.Float64)
            spread = 0.02 * float(real.to_physical().cast(pl.Float64).std() or 0.0)  # type: ignore[arg-type]
            shifted = plain + pl.Series(samples.rng.normal(0, spread, len(values)))
            shifted = pl.Series(np.where(values.is_in(common.implode()).fill_null(True), plain, shifted))
            changed.append(as_held(shifted, values, samples).alias(name))
        else:
            other = real[samples.rng.integers(real.len(), size=len(values))]
            changed.append(other.zip_with(pl.Series(samples.rng.random(len(values)) < 0.1), values).alias(name))
    return pl.DataFrame(changed)


def as_held(numbers: pl.Series, like: pl.Series, samples: Samples) -> pl.Series:
    """Return numbers as a column holds them: whole, with its decimals, in its type."""
    decimals = samples.schema[like.name].decimals
    physical = like.to_physical().dtype
    if physical.is_integer():
        numbers = numbers.round(0)
    elif decimals is not None:
        numbers = numbers.round(decimals)
    numbers = numbers.fill_nan(None)
    return numbers.cast(physical).cast(like.dtype)


def partial(samples: Samples, share: float) -> Planted:
    """A share of the rows is one real person in half of the columns and another one in the rest."""
    first, second = _some(samples, share), samples.synthetic.sample(
        max(1, round(share * samples.synthetic.height)), seed=int(samples.rng.integers(2**32))
    )  # fmt: skip
    names = samples.rng.permutation(first.columns)[: len(first.columns) // 2]
    return _with(samples, second.head(first.height).with_columns(first[str(name)] for name in names))


def outliers(samples: Samples, number: float) -> Planted:
    """Some of the most unusual rows are copied: a sum over columns of how rare the value is."""
    weights = np.sum([_rarity(samples.real[name]) for name in samples.real.columns], axis=0)
    unusual = np.argsort(-weights)[: max(2 * int(number), samples.real.height // 50)]
    chosen = samples.rng.permutation(unusual)[: int(number)]
    return _with(samples, samples.real[chosen])


def _rarity(values: pl.Series) -> NDArray[np.float64]:
    """Return (rows,) surprise of a value: of its level, or of its place in the tails."""
    if is_number(values) and values.n_unique() > 20:
        below = values.rank("average").fill_null(values.len() / 2).to_numpy() / (values.len() + 1)
        return np.asarray(-np.log(2 * np.minimum(below, 1 - below)))
    often = values.to_frame("v").with_columns(n=pl.len().over("v"))["n"].to_numpy()
    return np.asarray(-np.log(often / len(values)))


def rare_values(samples: Samples, share: float) -> Planted | None:
    """Values of a nearly unique column that belong to one real person stand in a share of the rows."""
    wide = [name for name in samples.numbers if samples.real[name].n_unique() > 0.8 * samples.real.height]
    if not wide:
        return None
    name = str(samples.rng.choice(wide))
    own = samples.real[name].drop_nulls()
    size = round(share * samples.synthetic.height)
    rows = samples.synthetic[samples.rng.permutation(samples.synthetic.height)[:size]]
    taken = own[samples.rng.permutation(own.len())[:size]]
    planted = _with(samples, rows.head(taken.len()).with_columns(taken.alias(name)))
    return planted[0], (name,)


def repeated_person(samples: Samples, times: float) -> Planted:
    """One real person, not a common row, is there many times."""
    often = samples.real.with_row_index("#").with_columns(n=pl.len().over(samples.real.columns))
    alone = often.filter(pl.col("n") == 1)["#"].to_numpy()
    person = int(samples.rng.choice(alone if len(alone) else np.arange(samples.real.height)))
    return _with(samples, samples.real[[person] * int(times)])


def attribute(samples: Samples, share: float) -> Planted | None:
    """A share of the rows carries the levels, the age or place, and one secret of a real person; the rest is made."""
    if len(samples.real.columns) < 5:
        return None
    known = [str(name) for name in samples.rng.permutation(samples.real.columns)[:5]]
    people = _some(samples, share)
    rows = samples.synthetic[samples.rng.permutation(samples.synthetic.height)[: people.height]]
    return _with(samples, rows.with_columns(people[name] for name in known))


def interpolated(samples: Samples, _: float) -> Planted:
    """An overfitted model: each row lies between a real row and its nearest neighbour (SMOTE)."""
    points = coordinates(samples)
    at = samples.rng.integers(len(points), size=samples.synthetic.height)
    beside = _neighbours(points)[at]
    step = samples.rng.random(len(at))
    return _swap(samples, at, beside, step)


def _swap(samples: Samples, at: NDArray[np.int64], beside: NDArray[np.int64], step: NDArray[np.float64]) -> Planted:
    made = []
    for name in samples.real.columns:
        first, second = samples.real[name][at], samples.real[name][beside]
        if name in samples.numbers:
            a, b = (part.to_physical().cast(pl.Float64).to_numpy() for part in (first, second))
            made.append(as_held(pl.Series(a + step * (b - a)), first, samples).alias(name))
        else:
            made.append(first.zip_with(pl.Series(samples.rng.random(len(at)) >= step), second).alias(name))
    return _with(samples, pl.DataFrame(made))


def _neighbours(points: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return (rows,) the nearest other row of each row."""
    from sklearn.neighbors import NearestNeighbors

    found = NearestNeighbors(n_neighbors=2).fit(points).kneighbors(points, return_distance=False)
    rows = np.arange(len(points))
    return np.asarray(np.where(found[:, 0] == rows, found[:, 1], found[:, 0]))


def coordinates(samples: Samples) -> NDArray[np.float64]:
    """Return (rows, k) real rows as points: numbers standardised, levels as 0 or 1, missing as the mean."""
    blocks = []
    for name in samples.real.columns:
        values = samples.real[name]
        if name in samples.numbers:
            plain = values.to_physical().cast(pl.Float64).to_numpy()
            blocks.append(np.nan_to_num((plain - np.nanmean(plain)) / (np.nanstd(plain) or 1.0))[:, None])
        else:
            codes = values.cast(pl.String).fill_null("").rank("dense").to_numpy() - 1
            blocks.append(np.eye(int(codes.max()) + 1)[codes] if codes.max() < 100 else codes[:, None] / codes.max())
    return np.concatenate(blocks, axis=1)


def blurred_bootstrap(samples: Samples, _: float) -> Planted:
    """An overfitted model: every row is a real one with small changes."""
    rows = samples.rng.integers(samples.real.height, size=samples.synthetic.height)
    return _with(samples, blur(samples, samples.real[rows]))


def neighbour_mix(samples: Samples, _: float) -> Planted:
    """An overfitted model: a real row in which a third of the columns are those of its nearest neighbour."""
    points = coordinates(samples)
    at = samples.rng.integers(len(points), size=samples.synthetic.height)
    beside = _neighbours(points)[at]
    made = [
        samples.real[name][at].zip_with(pl.Series(samples.rng.random(len(at)) > 1 / 3), samples.real[name][beside])
        for name in samples.real.columns
    ]
    return _with(samples, pl.DataFrame(made))


def deep_trees(samples: Samples, leaf: float) -> Planted:
    """An overfitted model: column after column, a value of a real row in the same leaf of a tree with small leaves."""
    from sklearn.tree import DecisionTreeRegressor

    codes = np.stack([samples.real[name].rank("dense").fill_null(0).to_numpy() for name in samples.real.columns], 1)
    n = samples.synthetic.height
    made = np.empty((n, codes.shape[1]))
    donors = samples.rng.integers(len(codes), size=n)
    columns = []
    for place, name in enumerate(samples.real.columns):
        if place:
            tree = DecisionTreeRegressor(min_samples_leaf=int(leaf), random_state=0)
            tree.fit(codes[:, :place], codes[:, place])
            donors = _from_leaves(tree.apply(codes[:, :place]), tree.apply(made[:, :place]), samples.rng)
        made[:, place] = codes[donors, place]
        columns.append(samples.real[name][donors])
    return _with(samples, pl.DataFrame(columns))


def _from_leaves(held: NDArray[np.int64], asked: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return for each asked leaf a random row of those that it holds."""
    order = np.argsort(held, kind="stable")
    start, stop = np.searchsorted(held[order], asked, "left"), np.searchsorted(held[order], asked, "right")
    return np.asarray(order[start + (rng.random(len(asked)) * (stop - start)).astype(np.int64)])


LEAKS: dict[str, Plan] = {
    "verbatim": Plan(verbatim, (0.005, 0.01, 0.02, 0.05, 0.2), 0.01),
    "noisy": Plan(noisy, (0.02, 0.05, 0.1, 0.2), 0.05),
    "partial": Plan(partial, (0.02, 0.05, 0.1, 0.3), 2.0),
    "outliers": Plan(outliers, (10, 25, 50, 100), 50),
    "rare_values": Plan(rare_values, (0.02, 0.1, 0.3), 0.1),
    "repeated_person": Plan(repeated_person, (5, 20, 60), 20),
    "attribute": Plan(attribute, (0.05, 0.1, 0.3), 2.0),
    "interpolated": Plan(interpolated, (1,), 1),
    "blurred_bootstrap": Plan(blurred_bootstrap, (1,), 1),
    "neighbour_mix": Plan(neighbour_mix, (1,), 1),
    "deep_trees": Plan(deep_trees, (2, 10), 0),
}
"""Kind of leak -> its builder, strengths (shares of rows; numbers for outliers and repeats; rows a leaf for trees)."""

leak_cases = Suite(LEAKS)
"""Yields a case for each kind of leak and strength."""
