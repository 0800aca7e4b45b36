"""The one null of privacy: given the synthetic rows, rows learned from and rows held out are exchangeable.

A test names some rows of the pool (learned from, then held out) as suspects, by rules that do not know which is which.
If nothing leaked, the suspects are a random draw from the pool: the number learned from is hypergeometric. Many tests
are joined by their smallest weighted p-value, and that is judged by exchanging the labels themselves, so that tests
that share rows are not paid for twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Pool", "Suspects", "excess", "joint_p_value", "single_p_values", "visible"]

EXCEEDED = 20
MOST_DRAWS = 4999
BLOCK = 100
CERTAIN = 1e-4
EXACT = 3000

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Real rows whose labels may change places: the first `learned` were learned from, the others held out.

    inner : (rows,) the rows that were drawn for a closer look, so many of each kind; labels change places among them,
    and among the others.
    """

    learned: int
    inner: NDArray[np.bool_]

    def counts(self, *, inner: bool) -> tuple[int, int]:
        """Return how many rows were learned from and held out, in all or among the inner ones."""
        if inner:
            return int(self.inner[: self.learned].sum()), int(self.inner[self.learned :].sum())
        return self.learned, len(self.inner) - self.learned


@dataclass(frozen=True, slots=True, eq=False)
class Suspects:
    """One test: rows of the pool under suspicion, in what they were found, and the test's share of the level.

    inner : they were looked for among the inner rows only.
    """

    place: str
    rows: NDArray[np.int64]
    weight: float
    inner: bool = False

    def split(self, pool: Pool) -> tuple[int, int]:
        """Return how many of them were learned from, and how many held out."""
        found = int((self.rows < pool.learned).sum())
        return found, len(self.rows) - found


def single_p_values(tests: Sequence[Suspects], pool: Pool) -> Floats:
    """Return each test's own p-value: the chance of as many suspects learned from (hypergeometric, exact)."""
    found = []
    for test in tests:
        learned, counts = test.split(pool)[0], pool.counts(inner=test.inner)
        found.append(float(np.exp(_log_tail(len(test.rows), counts)[learned])))
    return np.asarray(np.clip(found, 0.0, 1.0))


def joint_p_value(tests: Sequence[Suspects], pool: Pool, rng: np.random.Generator) -> float:
    """Return the p-value of all tests together, uniform under the null (never below 1 in 5,000 unless certain).

    Labels are exchanged until 20 draws are as extreme as the data (Besag and Clifford 1991), at most 4,999 times. Where
    Bonferroni's bound alone is below 1 in 10,000, it is the answer: that adds no more than itself to the error.
    """
    tests = [test for test in tests if len(test.rows)]
    if not tests:
        return 1.0
    weights = np.array([test.weight for test in tests])
    bound = float((single_p_values(tests, pool) / weights).min())
    if bound < CERTAIN:
        return bound
    active, member = np.unique(np.concatenate([test.rows for test in tests]), return_inverse=True)
    sets = _matrix(tests, member, len(active))
    tables = [_log_tail(len(test.rows), pool.counts(inner=test.inner)) - np.log(test.weight) for test in tests]
    observed = _smallest((active < pool.learned).astype(np.float32)[None, :] @ sets, tables)[0]
    beyond = drawn = 0
    while drawn < MOST_DRAWS and beyond < EXCEEDED:
        extreme = _smallest(_exchanged(active, pool, rng) @ sets, tables) <= observed + 1e-9
        reached = np.flatnonzero(np.cumsum(extreme) + beyond >= EXCEEDED)
        used = int(reached[0]) + 1 if len(reached) else min(BLOCK, MOST_DRAWS - drawn)
        beyond, drawn = beyond + int(extreme[:used].sum()), drawn + used
    return beyond / drawn if beyond >= EXCEEDED else (beyond + 1) / (drawn + 1)


def _exchanged(active: NDArray[np.int64], pool: Pool, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return (BLOCK, active) draws of which of the active rows were learned from."""
    inner = pool.inner[active]
    near, everything = pool.counts(inner=True), pool.counts(inner=False)
    labels = np.empty((BLOCK, len(active)), dtype=np.float32)
    labels[:, inner] = _labels(int(inner.sum()), near, rng)
    labels[:, ~inner] = _labels(int((~inner).sum()), (everything[0] - near[0], everything[1] - near[1]), rng)
    return labels


def _matrix(tests: Sequence[Suspects], member: NDArray[np.int64], rows: int) -> Any:
    """Return the (rows, tests) incidence of suspects, sparse."""
    from scipy.sparse import csr_array  # type: ignore[import-untyped]

    sizes = [len(test.rows) for test in tests]
    ones = np.ones(sum(sizes), dtype=np.float32)
    return csr_array((ones, (member, np.repeat(np.arange(len(tests)), sizes))), shape=(rows, len(tests)))


def _labels(active: int, counts: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return (BLOCK, active) draws of labels of some rows of a pool with so many learned from and held out."""
    if not active:
        return np.empty((BLOCK, 0), dtype=np.float32)
    drawn = rng.hypergeometric(*counts, active, size=BLOCK)
    keys = rng.random((BLOCK, active), dtype=np.float32)
    # A row is labelled if its key is among the smallest; ties of 24-bit keys move a label once in a while.
    cut = [np.partition(line, k - 1)[k - 1] if k else np.float32(-1) for line, k in zip(keys, drawn, strict=True)]
    return (keys <= np.array(cut, dtype=np.float32)[:, None]).astype(np.float32)


def _smallest(counts: Floats, tables: Sequence[Floats]) -> Floats:
    """Return per row of counts the smallest weighted log p-value over the tests."""
    whole = np.rint(counts).astype(np.int64)
    return np.asarray(np.min([table[whole[:, place]] for place, table in enumerate(tables)], axis=0))


def _log_tail(size: int, counts: tuple[int, int]) -> Floats:
    """Return (size + 1,) log P(as many or more of `size` suspects learned from): hypergeometric, exact up to 3,000,
    by the normal tail beyond.
    """  # fmt: skip
    from scipy.special import gammaln, log_ndtr  # type: ignore[import-untyped]

    learned, total = counts[0], sum(counts)
    found = np.arange(size + 1)
    if size > EXACT:
        share = learned / total
        spread = (size * share * (1 - share) * (total - size) / max(total - 1, 1)) ** 0.5
        return np.asarray(log_ndtr((size * share + 0.5 - found) / max(spread, 1e-9)))

    def choose(n: int, k: NDArray[np.int64]) -> Floats:
        inside = (k >= 0) & (k <= n)
        k = np.clip(k, 0, n)
        return np.where(inside, gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1), -np.inf)

    log_pmf = choose(learned, found) + choose(counts[1], size - found) - choose(total, np.array([size]))
    return np.minimum(np.logaddexp.accumulate(log_pmf[::-1])[::-1], 0.0)


def excess(found: int, control: int, rows: tuple[int, int], level: float) -> int:
    """Return a lower bound on the suspects learned from that chance does not explain, at confidence 1 - level.

    Of suspects by chance a share n / (n + m) was learned from. The largest number of chance ones among `found` that
    `control` does not contradict bounds what chance explains. Source: Clopper and Pearson 1934.
    """
    from scipy.special import bdtrc  # P(more than k of n)

    share = rows[0] / (rows[0] + rows[1])
    if found == 0 or bdtrc(found - 1, found + control, share) > level:
        return 0
    low, high = 0, found
    while low < high:
        middle = (low + high + 1) // 2
        if bdtrc(middle - 1, middle + control, share) > level:
            low = middle
        else:
            high = middle - 1
    return found - low


def visible(learned: int, held_out: int, level: float) -> int:
    """Return how many suspects learned from, with none held out beside them, are proof at a level."""
    return int(np.ceil(np.log(level) / np.log(learned / (learned + held_out))))
