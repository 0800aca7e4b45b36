"""Flaws: rows of other people, spoilt in one way that a judge has to see and to place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ...data.schema import Column, Schema
from ._case import Plan, Planted, Samples, Suite, each, largest, power_of
from .leaks import as_held

__all__ = ["FLAWS", "flaw_cases"]


def mode_dropped(samples: Samples, share: float) -> Planted | None:
    """A share of the rows of a level that 5 to 30 % of the real rows hold is exchanged for other rows."""
    return _thin(samples, share, (0.05, 0.3))


def minority_thinned(samples: Samples, share: float) -> Planted | None:
    """A share of the rows of a small group (2 to 20 % of the rows) is exchanged for other rows."""
    return _thin(samples, share, (0.02, 0.2))


def _thin(samples: Samples, share: float, size: tuple[float, float]) -> Planted | None:
    found = [
        (name, level)
        for name in samples.levels
        for level, often in samples.real[name].drop_nulls().value_counts().sort(name).iter_rows()
        if size[0] <= often / samples.real.height <= size[1]
    ]
    if not found:
        return None
    name, level = found[samples.rng.integers(len(found))]
    own = (samples.synthetic[name] == level).fill_null(False).to_numpy()
    lost = own & (samples.rng.random(len(own)) < share)
    others = samples.spare.filter((pl.col(name) != level).fill_null(True))
    before, n = float((samples.real[name] == level).mean() or 0.0), samples.real.height
    power = power_of((n, before, before * (1 - share)), clean=1 + samples.holdout.height / n)
    return replace(_exchange(samples, lost, others), power=power), (name,)


def _exchange(samples: Samples, lost: NDArray[np.bool_], others: pl.DataFrame) -> Samples:
    """Return the samples with some synthetic rows exchanged for others (as far as there are such)."""
    kept = samples.synthetic.filter(pl.Series(~lost))
    return replace(samples, synthetic=pl.concat([kept, others.head(int(lost.sum()))]))


def tails_cut(samples: Samples, share: float) -> Planted | None:
    """Rows beyond a quantile of one column, at both ends, are exchanged for others: the extremes are missing."""
    wide = [name for name in samples.numbers if samples.real[name].n_unique() > 100]
    if not wide:
        return None
    name = str(samples.rng.choice(wide))
    rank = samples.synthetic[name].rank("average").to_numpy() / samples.synthetic.height
    lost = (rank < share) | (rank > 1 - share)
    inside = samples.synthetic[name].filter(pl.Series(~lost))
    low, high = pl.lit(inside.min()), pl.lit(inside.max())
    return _exchange(samples, lost, samples.spare.filter(pl.col(name).is_between(low, high))), (name,)


def shifted(samples: Samples, spreads: float) -> Planted | None:
    """All values of a column of numbers lie higher by a part of its standard deviation."""
    if not samples.spread_out:
        return None
    name = str(samples.rng.choice(samples.spread_out))
    values = samples.synthetic[name]
    plain = values.to_physical().cast(pl.Float64)
    moved = plain + spreads * float(plain.std() or 0.0)  # type: ignore[arg-type]
    return _put(samples, as_held(moved, values, samples).alias(name)), (name,)


def pair_broken(samples: Samples, share: float) -> Planted | None:
    """In a share of the rows one column of a strongly related pair is shuffled: its margin stays as it is."""
    columns = [name for name in samples.real.columns if samples.real[name].n_unique() > 1]
    if len(columns) < 2:
        return None
    codes = {name: samples.real[name].rank("dense").fill_null(0).to_numpy() for name in columns}
    ranked = sorted(
        ((abs(np.corrcoef(codes[a], codes[b])[0, 1]), a, b) for i, a in enumerate(columns) for b in columns[:i]),
        reverse=True,
    )
    _, first, second = ranked[samples.rng.integers(min(3, len(ranked)))]
    return _put(samples, _shuffled(samples, samples.synthetic[second], share)), (first, second)


def _shuffled(samples: Samples, values: pl.Series, share: float) -> pl.Series:
    rows = np.flatnonzero(samples.rng.random(len(values)) < share)
    places = np.arange(len(values))
    places[rows] = samples.rng.permutation(rows)
    return values[places]


def xor_broken(samples: Samples, share: float) -> Planted | None:
    """In all tables a column is the exclusive or of two others, each split near its middle (but for 5 %); in a share of
    the synthetic rows it is shuffled. No margin and hardly a pair shows it.
    """  # fmt: skip
    even = [name for name in samples.real.columns if 0.4 <= _half(samples, samples.real, name).mean() <= 0.6]
    if len(even) < 2:
        return None
    first, second = (str(name) for name in samples.rng.permutation(even)[:2])
    done = each(samples, lambda frame: frame.with_columns(_xor(samples, frame, first, second)))
    schema = Schema((*samples.schema.columns, Column("xor", "category")), target=samples.schema.target)
    done = replace(done, schema=schema)
    return _put(done, _shuffled(samples, done.synthetic["xor"], share)), (first, second, "xor")


def _xor(samples: Samples, frame: pl.DataFrame, first: str, second: str) -> pl.Series:
    halves = [_half(samples, frame, name) for name in (first, second)]
    bit = halves[0] ^ halves[1] ^ (samples.rng.random(frame.height) < 0.05)
    return pl.Series("xor", np.where(bit, "even", "odd"))


def _half(samples: Samples, frame: pl.DataFrame, name: str) -> NDArray[np.bool_]:
    """Return (rows,) whether a value lies above the real median (levels in their written order)."""
    known = samples.real[name].drop_nulls().sort()
    return np.asarray((frame[name] > known[(len(known) - 1) // 2]).fill_null(value=False).to_numpy())


def outcome_gap(samples: Samples, points: float) -> Planted | None:
    """The outcome's rate is moved apart between two groups of 15 % of the rows and more, by some points of the smaller
    each way; its total is kept.
    """  # fmt: skip
    chosen = _outcome(samples, 0.15)
    if chosen is None:
        return None
    target, group = chosen
    good = samples.real[target].drop_nulls().mode().sort()[0]
    bad = samples.real[target].drop_nulls().filter(samples.real[target].drop_nulls() != good).mode().sort()[0]
    sides = [str(level) for level in samples.real[group].drop_nulls().value_counts(sort=True)[group][:2]]
    labels, groups = samples.synthetic[target].to_list(), samples.synthetic[group].cast(pl.String).to_numpy()
    flips = round(points * samples.synthetic.height * min(np.mean(groups == side) for side in sides))
    changes = []
    for side, old, new, sign in ((sides[0], bad, good, 1), (sides[1], good, bad, -1)):
        own = [row for row, label in enumerate(labels) if label == old and groups[row] == side]
        for row in samples.rng.permutation(own)[:flips]:
            labels[row] = new
        rows = int((groups == side).sum())
        rate = 1 - len(own) / rows if old == bad else len(own) / rows
        changes.append((rows, rate, rate + sign * min(flips, len(own)) / rows))
    done = _put(samples, pl.Series(target, labels, dtype=samples.synthetic[target].dtype))
    clean = 1 + samples.holdout.height / samples.real.height
    return replace(done, power=power_of(*changes, clean=clean)), (target, group)


def _outcome(samples: Samples, least: float = 0.05) -> tuple[str, str] | None:
    """Return a column of two levels to serve as outcome (the target if it is one), and a column of groups, the second
    largest of which holds at least that share of the rows.
    """  # fmt: skip
    two = [name for name in samples.levels if samples.real[name].drop_nulls().n_unique() == 2]
    target = samples.schema.target if samples.schema.target in two else (two[-1] if two else None)
    groups = [name for name in samples.levels if name != target and largest(samples.real[name], 2) >= least]
    return None if target is None or not groups else (target, str(samples.rng.choice(groups)))


def groups_swapped(samples: Samples, share: float) -> Planted | None:
    """In a share of the rows the two largest levels of a column of groups change places, evenly so its margin stays."""
    groups = [name for name in samples.levels if largest(samples.real[name], 2) >= 0.05]
    if not groups:
        return None
    name = str(samples.rng.choice(groups))
    sides = samples.real[name].drop_nulls().value_counts(sort=True)[name][:2]
    values = samples.synthetic[name]
    rows = [np.flatnonzero((values == side).fill_null(False).to_numpy()) for side in sides]
    size = round(share * min(map(len, rows)))
    first, second = (samples.rng.permutation(part)[:size] for part in rows)
    places = np.arange(len(values))
    places[first], places[second] = second, first
    return _put(samples, values[places]), (name,)


def label_noise(samples: Samples, share: float) -> Planted | None:
    """In a share of the rows the outcome is that of another row."""
    chosen = _outcome(samples)
    if chosen is None:
        return None
    return _put(samples, _shuffled(samples, samples.synthetic[chosen[0]], share)), (chosen[0],)


def duplicate_flood(samples: Samples, share: float) -> Planted:
    """A share of the rows repeats a hundredth of them."""
    n = samples.synthetic.height
    rows = np.where(samples.rng.random(n) < share, samples.rng.integers(max(1, n // 100), size=n), np.arange(n))
    return replace(samples, synthetic=samples.synthetic[rows]), ()


def few_seeds(samples: Samples, share: float) -> Planted:
    """All rows are repeats of a share of them, with numbers slightly moved."""
    from .leaks import blur

    n = samples.synthetic.height
    rows = samples.synthetic[samples.rng.integers(max(1, round(share * n)), size=n)]
    return replace(samples, synthetic=blur(samples, rows)), ()


def rule_broken(samples: Samples, share: float) -> Planted | None:
    """In all tables a column is the sum of two others; in a share of the synthetic rows it is off by one unit."""
    whole = [name for name in samples.numbers if samples.real[name].dtype.is_integer()]
    if len(whole) < 2:
        return None
    first, second = (str(name) for name in samples.rng.permutation(whole)[:2])
    total = (pl.col(first).cast(pl.Int64) + pl.col(second).cast(pl.Int64)).alias("total")
    done = each(samples, lambda frame: frame.with_columns(total))
    schema = Schema((*samples.schema.columns, Column("total", "integer", dtype="Int64")), target=samples.schema.target)
    off = pl.Series(samples.rng.random(samples.synthetic.height) < share).cast(pl.Int64)
    done = replace(done, schema=schema)
    return _put(done, (done.synthetic["total"] + off).alias("total")), (first, second, "total")


def wrong_format(samples: Samples, share: float) -> Planted | None:
    """In a share of the rows a number has other decimals, or a level is written differently."""
    reals = [name for name in samples.numbers if samples.schema[name].decimals and samples.real[name].dtype.is_float()]
    texts = [name for name in samples.levels if samples.real[name].dtype == pl.String]
    if not reals and not texts:
        return None
    name = str(samples.rng.choice(reals or texts))
    values, hit = samples.synthetic[name], pl.Series(samples.rng.random(samples.synthetic.height) < share)
    step = 0.37 * 10.0 ** -float(samples.schema[name].decimals or 0)
    changed = values + step if reals else values + " "
    return _put(samples, changed.zip_with(hit, values).alias(name)), (name,)


def heaped(samples: Samples, share: float) -> Planted | None:
    """In a share of the rows a number is rounded, as people round: to the least of 1, 2, 5, 10, ... that is more than a
    fiftieth of its range and changes half of the values.
    """  # fmt: skip
    if not samples.spread_out:
        return None
    name = str(samples.rng.choice(samples.spread_out))
    values = samples.synthetic[name]
    plain = values.to_physical().cast(pl.Float64).to_numpy()
    reach = float(np.nanquantile(plain, 0.95) - np.nanquantile(plain, 0.05))
    for step in (unit * 10.0**power for power in range(-9, 16) for unit in (1, 2, 5)):
        rounded = np.round(plain / step) * step
        if step >= reach / 50 and np.mean(~np.isclose(rounded, plain, rtol=1e-9)) >= 0.5:
            break
    hit = pl.Series(samples.rng.random(len(values)) < share)
    return _put(samples, as_held(pl.Series(rounded), values, samples).alias(name).zip_with(hit, values)), (name,)


def missing_more(samples: Samples, share: float) -> Planted:
    """In all tables a tenth of a column is missing; in the synthetic one a share of the rows more."""
    name = str(samples.rng.choice(samples.real.columns))
    done = each(samples, lambda frame: frame.with_columns(_emptied(samples, frame[name], 0.1)))
    return _put(done, _emptied(samples, done.synthetic[name], share)), (name,)


def missing_elsewhere(samples: Samples, share: float) -> Planted | None:
    """In all tables a column is missing in a fifth of the rows where another is high; in a share of the synthetic ones
    it is missing anywhere, at the same rate.
    """  # fmt: skip
    if not samples.numbers or len(samples.real.columns) < 2:
        return None
    cause = str(samples.rng.choice(samples.numbers))
    name = str(samples.rng.choice([other for other in samples.real.columns if other != cause]))
    high = {id(frame): _half(samples, frame, cause) for frame in (samples.synthetic, samples.real, samples.holdout)}
    done = each(
        samples, lambda frame: frame.with_columns(_emptied(samples, frame[name], np.where(high[id(frame)], 0.2, 0.0)))
    )
    before, now = samples.synthetic[name], done.synthetic[name]
    anywhere = pl.Series(samples.rng.random(now.len()) < share)
    return _put(done, _emptied(samples, before, 0.1).zip_with(anywhere, now).alias(name)), (name, cause)


def _emptied(samples: Samples, values: pl.Series, share: float | NDArray[np.float64]) -> pl.Series:
    hit = pl.Series(samples.rng.random(len(values)) < share)
    return pl.select(pl.when(hit).then(None).otherwise(values).alias(values.name)).to_series()


def weekday_lost(samples: Samples, share: float) -> Planted | None:
    """In a share of the rows a date lies one to six days later: the weekdays even out."""
    dates = [name for name in samples.numbers if samples.real[name].dtype in (pl.Date, pl.Datetime)]
    dates = [name for name in dates if _uneven(samples.real[name])]
    if not dates:
        return None
    name = str(samples.rng.choice(dates))
    values = samples.synthetic[name]
    days = samples.rng.integers(1, 7, len(values)) * (samples.rng.random(len(values)) < share)
    later = values + pl.Series(days * 86_400_000_000).cast(pl.Duration("us"))
    return _put(samples, later.cast(values.dtype).alias(name)), (name,)


def _uneven(values: pl.Series) -> bool:
    counts = values.drop_nulls().dt.weekday().value_counts()["count"].to_numpy() / max(values.len(), 1)
    return len(counts) < 7 or float(np.ptp(counts)) > 0.05


def spike(samples: Samples, share: float) -> Planted | None:
    """A share of the rows holds the mean of a column of numbers, as filled-in values do."""
    if not samples.spread_out:
        return None
    name = str(samples.rng.choice(samples.spread_out))
    values = samples.synthetic[name]
    plain = values.to_physical().cast(pl.Float64)
    middle = as_held(pl.Series(np.full(len(values), plain.mean())), values, samples)
    hit = pl.Series(samples.rng.random(len(values)) < share)
    return _put(samples, middle.zip_with(hit, values).alias(name)), (name,)


def impossible(samples: Samples, share: float) -> Planted | None:
    """A share of the rows holds a number far beyond the range."""
    if not samples.numbers:
        return None
    name = str(samples.rng.choice(samples.numbers))
    values = samples.synthetic[name]
    plain = values.to_physical().cast(pl.Float64)
    far = float(plain.max()) + float(plain.max() - plain.min())  # type: ignore[operator,arg-type]
    wild = as_held(pl.Series(np.full(len(values), far)), values, samples)
    return _put(samples, wild.zip_with(pl.Series(samples.rng.random(len(values)) < share), values).alias(name)), (name,)


def _put(samples: Samples, column: pl.Series) -> Samples:
    return replace(samples, synthetic=samples.synthetic.with_columns(column))


FLAWS: dict[str, Plan] = {
    "mode_dropped": Plan(mode_dropped, (0.5, 1.0), 0.5),
    "minority_thinned": Plan(minority_thinned, (0.25, 0.5), 0.5),
    "tails_cut": Plan(tails_cut, (0.01, 0.02, 0.05), 0.02),
    "shifted": Plan(shifted, (0.05, 0.1, 0.2), 0.2),
    "pair_broken": Plan(pair_broken, (0.25, 0.5, 1.0), 0.5),
    "xor_broken": Plan(xor_broken, (0.25, 0.5, 1.0), 0.5),
    "outcome_gap": Plan(outcome_gap, (0.05, 0.1, 0.2), 0.1),
    "groups_swapped": Plan(groups_swapped, (0.2, 0.5, 1.0), 0.5),
    "label_noise": Plan(label_noise, (0.1, 0.2, 0.4), 0.2),
    "duplicate_flood": Plan(duplicate_flood, (0.05, 0.1, 0.3), 0.1),
    "few_seeds": Plan(few_seeds, (0.2, 0.05), 0.0),
    "rule_broken": Plan(rule_broken, (0.02, 0.1), 0.02),
    "wrong_format": Plan(wrong_format, (0.02, 0.1), 0.02),
    "heaped": Plan(heaped, (0.1, 0.2, 0.4), 0.2),
    "missing_more": Plan(missing_more, (0.02, 0.05, 0.1), 0.05),
    "missing_elsewhere": Plan(missing_elsewhere, (0.5, 1.0), 1.0),
    "weekday_lost": Plan(weekday_lost, (0.2, 0.5), 0.5),
    "spike": Plan(spike, (0.02, 0.05, 0.1), 0.05),
    "impossible": Plan(impossible, (0.005, 0.02), 0.02),
}
"""Kind of flaw -> its builder, strengths (shares of rows, but points and spreads where the builder says so), and the
strength from which on it is of medium size: a judge has to see it."""

flaw_cases = Suite(FLAWS)
"""Yields a case for each kind of flaw and strength."""
