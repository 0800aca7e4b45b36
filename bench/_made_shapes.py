"""Generated tables of shapes that real ones have and that break generators."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import polars as pl

__all__ = ["MADE"]

Rng = np.random.Generator


def twelve(rng: Rng) -> pl.DataFrame:
    """Twelve rows."""
    return pl.DataFrame(
        {"age": rng.integers(20, 60, 12), "city": ["Bonn", "Celle", "Trier"] * 4, "pay": rng.random(12)}
    )


def columns_1000(rng: Rng) -> pl.DataFrame:
    """A thousand columns, each a few of 20 hidden factors and noise."""
    factors = rng.standard_normal((400, 20))
    numbers = factors @ rng.standard_normal((20, 1000)) + rng.standard_normal((400, 1000))
    made: dict[str, object] = {f"x{k}": numbers[:, k] for k in range(700)}
    made |= {f"x{k}": np.rint(numbers[:, k]).astype(int) for k in range(700, 850)}
    made |= {f"x{k}": np.where(numbers[:, k] > 0, "high", "low") for k in range(850, 1000)}
    return pl.DataFrame(made)


def nothing(rng: Rng) -> pl.DataFrame:
    """Columns without a value, constants, one value and gaps, one value in a single row."""
    n = 500
    return pl.DataFrame({
        "empty": pl.Series([None] * n, dtype=pl.String),
        "also_empty": pl.Series([None] * n, dtype=pl.Float64),
        "constant": [7] * n,
        "word": ["always"] * n,
        "seldom": [None] * (n - 1) + ["once"],
        "often": [None, "there"] * (n // 2),
        "number": rng.integers(0, 9, n),
    })  # fmt: skip


def one_category(rng: Rng) -> pl.DataFrame:
    """One category of 10,000 levels that decides a number."""
    level = np.minimum(rng.zipf(1.3, 60_000), 10_000)
    return pl.DataFrame({"product": np.char.add("P", level.astype(str)), "price": np.round(5 + level % 97 / 3, 2)})


def ties(rng: Rng) -> pl.DataFrame:
    """Heavy ties: zeros, one sentinel, multiples of five."""
    n = 4_000
    gain = np.where(rng.random(n) < 0.9, 0, np.round(np.exp(rng.normal(7, 1, n))))
    hours = np.where(rng.random(n) < 0.5, 40, 5 * rng.integers(1, 18, n))
    code = np.where(rng.random(n) < 0.1, 99999, rng.integers(1, 500, n))
    return pl.DataFrame({"gain": gain, "hours": hours, "code": code, "rich": (gain > 1500).astype(int)})


def copies(rng: Rng) -> pl.DataFrame:
    """An amount that equals another one in 15 % of the rows."""
    n = 4_000
    bill = np.round(np.exp(rng.normal(4, 1, n)), 2)
    paid = np.where(rng.random(n) < 0.15, bill, np.round(bill * rng.random(n), 2))
    return pl.DataFrame({"bill": bill, "paid": paid, "late": rng.random(n) < 0.2})


def ordered(rng: Rng) -> pl.DataFrame:
    """min <= mean <= max, start < end, total = a + b."""
    n = 4_000
    parts = np.sort(np.round(rng.gamma(2, 10, (n, 3)), 1), axis=1)
    start = np.datetime64("2021-01-01") + rng.integers(0, 700, n)
    net, tax = rng.integers(100, 99_999, n), rng.integers(0, 9_999, n)
    return pl.DataFrame({
        "min": parts[:, 0], "mean": parts[:, 1], "max": parts[:, 2], "start": start,
        "end": start + rng.integers(1, 40, n), "net": net, "tax": tax, "total": net + tax,
    })  # fmt: skip


def fractions(rng: Rng) -> pl.DataFrame:
    """Fractions that sum to one, and percentages that sum to 100 but for rounding."""
    parts, shares = rng.dirichlet([2, 3, 4, 1], 3_000), rng.dirichlet([2, 3, 4], 3_000)
    named = {f"part_{k}": parts[:, k] for k in range(4)}
    return pl.DataFrame(named | {f"percent_{k}": np.round(100 * shares[:, k], 1) for k in range(3)})


def times(rng: Rng) -> pl.DataFrame:
    """Times with a zone, days, months as text, durations."""
    n = 3_000
    first = datetime(2022, 1, 3)
    moments = [first + timedelta(minutes=int(m)) for m in np.sort(rng.integers(0, 525_600, n))]
    seconds = rng.integers(30, 8_000, n)
    clock = [f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}" for s in seconds]
    frame = pl.DataFrame(
        {"at": moments, "seconds": seconds, "took": clock, "wait": rng.integers(1, 10_000, n) * 1_000_000}
    )
    berlin = pl.col("at").dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Berlin")
    return frame.with_columns(
        berlin, pl.col("wait").cast(pl.Duration("us")), berlin.dt.hour().alias("hour"), berlin.dt.date().alias("day")
    )


def places(rng: Rng) -> pl.DataFrame:
    """Coordinates of towns with the town's name and a code."""
    towns = np.array([[52.5, 13.4], [48.1, 11.6], [50.1, 8.7], [53.6, 10.0], [51.0, 7.0], [49.5, 11.1]])
    town = rng.choice(6, 4_000, p=[0.3, 0.2, 0.2, 0.1, 0.1, 0.1])
    spot = np.round(towns[town] + rng.normal(0, 0.05, (4_000, 2)), 5)
    names = np.array(["Berlin", "Munich", "Frankfurt", "Hamburg", "Cologne", "Nuremberg"])
    return pl.DataFrame({"lat": spot[:, 0], "lon": spot[:, 1], "town": names[town], "code": town + 100})


def keys(rng: Rng) -> pl.DataFrame:
    """Identifiers of several shapes, mail, phone, and a key that customers share."""
    n = 2_000
    customer = rng.integers(1000, 1400, n)
    return pl.DataFrame({
        "id": np.arange(1, n + 1),
        "order": [f"ORD-{k:06}" for k in rng.permutation(n)],
        "uuid": [f"{a:08x}-0000-4000-8000-{a:012x}" for a in rng.integers(0, 2**31, n)],
        "customer": customer,
        "mail": [f"user{c}@example.org" for c in customer],
        "phone": [f"+49 30 {k}" for k in rng.integers(1_000_000, 9_999_999, n)],
        "spent": np.round(rng.gamma(2, 30, n), 2),
    })  # fmt: skip


def rates(rng: Rng) -> pl.DataFrame:
    """A rate that depends on a country: total = net * (1 + rate[country])."""
    n = 3_000
    country = rng.choice(5, n, p=[0.4, 0.3, 0.15, 0.1, 0.05])
    rate = np.array([0.19, 0.2, 0.21, 0.077, 0.25])[country]
    net = np.round(np.exp(rng.normal(4, 1, n)), 2)
    names = np.array(["DE", "FR", "ES", "CH", "SE"])[country]
    return pl.DataFrame({"country": names, "rate": rate, "net": net, "total": np.round(net * (1 + rate), 2)})


def extremes(rng: Rng) -> pl.DataFrame:
    """Numbers of 1e300 and 1e-300, beyond 2^53, negative zeros."""
    n = 800
    return pl.DataFrame({
        "huge": rng.standard_normal(n) * 1e300, "tiny": rng.standard_normal(n) * 1e-300,
        "long": rng.integers(2**60, 2**62, n), "zero": np.where(rng.random(n) < 0.5, -0.0, rng.standard_normal(n)),
    })  # fmt: skip


def words(rng: Rng) -> pl.DataFrame:
    """Levels that look like something else: (rare), ?, NA, None, empty text, accents, emoji; odd column names."""
    levels = np.array(["(rare)", "?x", "None", "Ünïcode", "🙂", "a b", "0", "-"])
    n = 1_500
    return pl.DataFrame(
        {
            "a=b": rng.choice(levels, n),
            "`tick`": rng.integers(0, 5, n),
            "": rng.random(n),
            "Σ x": rng.choice(levels[:3], n),
        }
    )


def repeats(rng: Rng) -> pl.DataFrame:
    """A bootstrap: most rows stand several times."""
    base = pl.DataFrame(
        {"x": rng.standard_normal(700), "y": rng.integers(0, 40, 700), "z": rng.choice(list("abc"), 700)}
    )
    return base[rng.integers(0, 700, 3_000)]


MADE: dict[str, Callable[[Rng], pl.DataFrame]] = {
    make.__name__: make
    for make in (
        twelve, columns_1000, nothing, one_category, ties, copies, ordered, fractions, times, places, keys, rates,
        extremes, words, repeats,
    )
}  # fmt: skip
