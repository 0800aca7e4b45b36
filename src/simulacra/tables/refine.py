"""Refinement: what a discriminator still sees in the chain's rows becomes the chance that a row is kept.

A stage draws a pool, learns how real rows differ from it, and turns the odds, raked to the real margins, into weights.
A further stage does the same to the weighted pool, if rows not learned from say that there is something left.

Source: rejection sampling by a discriminator (Azadi et al. 2019, "Discriminator Rejection Sampling"); raking to known
margins (Deming & Stephan 1940).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelFileError
from ..seeds import Seeds
from .accept import choose_cap
from .odds import Discriminating, Samples, fit_odds, log_odds
from .repeats import find_repeats
from .trees import Ensemble

__all__ = ["Refinement", "Refining", "rake_bins", "refine"]

MOST_LOG_WEIGHT = 6.0


@dataclass(frozen=True, slots=True)
class Refining:
    """How a refinement is learned.

    folds : discriminators a stage, each stopped by the rows that it alone does not learn from. pool : candidates for
    each real row. most_real : most real rows used. worth : least mean gain, nats a row, for a stage to be kept.
    lost, least_kept : bounds of the acceptance cap. passes : of raking.
    """

    stages: int = 2
    folds: int = 4
    pool: float = 2.0
    most_real: int = 35_000
    worth: float = 5e-5
    lost: float = 0.02
    least_kept: float = 1 / 6
    passes: int = 10
    trees: Discriminating = field(default_factory=Discriminating)

    def smoothed(self, factor: float) -> Refining:
        """Return how to refine with discriminators whose leaves hold `factor` times the rows and count as much less."""
        told = self.trees
        return replace(self, trees=replace(told, min_leaf=told.min_leaf * factor, penalty=told.penalty * factor))


@dataclass(frozen=True, slots=True)
class Refinement:
    """The weight of a row: exp of what the discriminators say plus one raking factor a column.

    stages : the discriminators of each stage; a stage says the mean of its own. factors : per column (size,) float32,
    logs. cap : the weight from which a row is always kept.
    """

    stages: tuple[tuple[Ensemble, ...], ...]
    factors: tuple[NDArray[np.float32], ...]
    cap: float

    def log_odds(self, codes: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return (n_rows,) what the discriminators say."""
        total = np.zeros(len(codes))
        for stage in self.stages:
            total += np.mean([log_odds(model, codes) for model in stage], axis=0)
        return total

    def weights(self, codes: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return (n_rows,) weights; the chance of being kept is min(1, weight / cap)."""
        total = self.log_odds(codes)
        for column, factor in enumerate(self.factors):
            total += factor[codes[:, column]]
        return _weights(total)

    def to_state(self) -> dict[str, Any]:
        """Return numbers and arrays."""
        return {
            "stages": [[model.to_state() for model in stage] for stage in self.stages],
            "factors": list(self.factors),
            "cap": self.cap,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any], sizes: NDArray[np.int32]) -> Refinement:
        """Return what `to_state` gave; ModelFileError if it is not that."""
        if not isinstance(state, Mapping) or not isinstance(state.get("stages"), list):
            raise _damaged("no stages")
        factors, cap = state.get("factors"), state.get("cap")
        if not isinstance(factors, list) or len(factors) != len(sizes):
            raise _damaged("no factors of its margins")
        for factor, size in zip(factors, sizes, strict=True):
            fits = isinstance(factor, np.ndarray) and factor.dtype == np.float32 and factor.shape == (size,)
            if not fits or not np.isfinite(factor).all():
                raise _damaged("factors that do not fit its columns")
        if not isinstance(cap, float) or not np.exp(-MOST_LOG_WEIGHT) / 1e6 <= cap <= np.exp(MOST_LOG_WEIGHT):
            raise _damaged("no cap in its range")
        stages = []
        for stage in state["stages"]:
            if not isinstance(stage, list) or not stage:
                raise _damaged("a stage without discriminators")
            load = [
                Ensemble.from_state(part, n_columns=len(sizes), n_outputs=1, where="the model's refinement")
                for part in stage
            ]
            stages.append(tuple(load))
        return cls(tuple(stages), tuple(factors), cap)


def _weights(logs: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.exp(np.clip(logs, -MOST_LOG_WEIGHT, MOST_LOG_WEIGHT))


def _damaged(fault: str) -> ModelFileError:
    return ModelFileError(f"the model's refinement has {fault}", hint="the file is damaged; fit the model again")


@dataclass(frozen=True, slots=True)
class _Margins:
    """The real margins on coarse bins: per column (size,) the bin of each code, and the bins' shares of real rows."""

    bins: list[NDArray[np.int64]]
    shares: list[NDArray[np.float64]]


def refine(
    codes: NDArray[np.uint8],
    draw: Callable[[int, Seeds], NDArray[np.uint8]],
    sizes: NDArray[np.int32],
    ordered: NDArray[np.bool_],
    *,
    seeds: Seeds,
    how: Refining | None = None,
) -> Refinement:
    """Learn which of the rows that `draw(n, seeds)` makes to keep, from all real `codes`."""
    how = how or Refining()
    rng = seeds.rng()
    real = codes
    if len(codes) > how.most_real:
        real = codes[np.sort(rng.choice(len(codes), how.most_real, replace=False))]
    repeats = find_repeats(real, sizes)
    columns = np.flatnonzero(sizes > 1).astype(np.int32)
    bins = [rake_bins(codes[:, j], int(size), bool(ordered[j])) for j, size in enumerate(sizes)]
    margins = _Margins(bins, [np.bincount(b[codes[:, j]]) / len(codes) for j, b in enumerate(bins)])
    pool = draw(int(how.pool * len(real)), seeds.child("pool", 0))
    best = _rake(Refinement((), tuple(np.zeros(size, np.float32) for size in sizes), 1.0), pool, margins, how)
    for number in range(how.stages):
        samples = Samples.of(real, pool, np.minimum(best.weights(pool), best.cap))
        fold = rng.integers(how.folds, size=len(samples.labels))
        if repeats is not None:
            fold[: len(real)] = rng.integers(how.folds, size=len(repeats))[repeats]
        found = [
            fit_odds(samples, fold != k, columns, sizes=sizes, ordered=ordered, how=how.trees, rng=rng)
            for k in range(how.folds)
        ]
        if np.mean([gain for _, gain in found]) < how.worth:
            break
        # a fresh pool: on rows that were learned from, the odds would be too good
        pool = draw(len(pool), seeds.child("pool", number + 1))
        best = _rake(replace(best, stages=(*best.stages, tuple(model for model, _ in found))), pool, margins, how)
    return best


def rake_bins(codes: NDArray[np.uint8], size: int, ordered: bool) -> NDArray[np.int64]:
    """Return (size,) the bin of each code: neighbours (categories: by frequency) joined until a bin holds 30 rows, of
    ordered codes also a sixtieth of all.
    """
    counts = np.bincount(codes, minlength=size)
    least = max(30.0, len(codes) / 60) if ordered else 30.0
    bins, here, held = np.zeros(size, np.int64), 0, 0
    for code in np.arange(size) if ordered else np.argsort(-counts, kind="stable"):
        bins[code] = here
        held += counts[code]
        if held >= least:
            here, held = here + 1, 0
    if held < least and here > 0:
        bins[bins == here] = here - 1
    return bins


def _rake(refinement: Refinement, pool: NDArray[np.uint8], margins: _Margins, how: Refining) -> Refinement:
    """Set factors and cap so that the kept rows of the pool have the real margins."""
    binned = [bins[pool[:, column]] for column, bins in enumerate(margins.bins)]
    known = [np.bincount(b, minlength=len(share)) >= 20 for b, share in zip(binned, margins.shares, strict=True)]
    logs = refinement.log_odds(pool)
    factors = [np.zeros(len(share)) for share in margins.shares]
    for _ in range(how.passes):
        cap = choose_cap(_weights(logs), lost=how.lost, least_kept=how.least_kept)
        for column, (b, share) in enumerate(zip(binned, margins.shares, strict=True)):
            kept = np.bincount(b, np.minimum(_weights(logs), cap), len(share))
            move = np.log(np.maximum(share, 1e-9) * kept.sum() / np.maximum(kept, 1e-9))
            move = np.where(known[column], np.clip(move, -0.5, 0.5), 0.0)
            move = np.clip(factors[column] + move, -3, 3) - factors[column]
            factors[column] += move
            logs += move[b]
    return replace(
        refinement,
        factors=tuple(f[b].astype(np.float32) for f, b in zip(factors, margins.bins, strict=True)),
        cap=choose_cap(_weights(logs), lost=how.lost, least_kept=how.least_kept),
    )
