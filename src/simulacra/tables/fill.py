"""The rest of partly known rows, each row with its own known codes; and how likely a condition is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..seeds import Seeds
from .chain import PILOT, Chain, Given

__all__ = ["fill", "probability"]

ROWS = 256  # known rows that share one random generator
CANDIDATES = 32  # for each known row, where more than one column is open
MOST_CODES = 256  # a single open column is tried code by code
Known = NDArray[np.int16]
Allowed = Mapping[int, NDArray[np.bool_]]


def probability(chain: Chain, given: Given, seeds: Seeds) -> float:
    """Return about the share of the chain's rows that satisfy a condition, from 2,048 draws each.

    Source: importance sampling, the condition's columns drawn from what it allows.
    """
    uniforms = chain._uniforms(seeds.child("pilot"), range(PILOT))
    within = chain._draw(uniforms, given)[1].mean()
    return float(within / max(chain._draw(uniforms, {})[1].mean(), 1e-300))


def fill(
    chain: Chain,
    known: Known,
    allowed: Allowed,
    seeds: Seeds,
    *,
    places: NDArray[np.int64] | None = None,
) -> NDArray[np.uint8]:
    """Return (rows, n_columns) codes: the known ones, and draws from the chain given these where there is none.

    Parameters
    ----------
    known : (rows, n_columns) code, or -1 where it is open.
    allowed : column -> (rows, size) bool, what an open cell may become; a column that is not named is free.
    places : (rows,) which random numbers each row gets; its number in `known` by default.

    Exact where the open columns come last in the order and nothing is refined, or one column is open: its codes are
    all weighed. Otherwise one of `CANDIDATES` is chosen by how well it explains what is known; few candidates pull the
    result towards what would be drawn without the later columns. Row i depends on row i and its place alone.
    Source: sampling importance resampling (Rubin 1987).
    """
    if known.shape[1:] != (chain.n_columns,) or (known >= chain.sizes).any():
        raise ValueError("known takes a code of each coded column, or -1")
    known = np.where(chain.sizes == 1, 0, known).astype(np.int16)
    places = np.arange(len(known)) if places is None else places
    out = np.zeros(known.shape, np.uint8)
    for block in np.unique(places // ROWS):
        rows = np.flatnonzero(places // ROWS == block)
        uniforms = seeds.child("fill", int(block)).rng().random((ROWS, CANDIDATES, chain.n_columns + 1))
        mine = {column: mask[rows] for column, mask in allowed.items()}
        out[rows] = _fill_block(chain, known[rows], mine, uniforms[places[rows] % ROWS])
    return out


def _fill_block(chain: Chain, known: Known, allowed: Allowed, uniforms: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return the filled rows of one block; those with one open column are tried code by code."""
    out = np.maximum(known, 0).astype(np.uint8)
    n_open = (known < 0).sum(1)
    single = np.flatnonzero(n_open == 1)
    for column in np.unique(np.argmax(known[single] < 0, axis=1)) if len(single) else ():
        rows = single[known[single, column] < 0]
        size = int(chain.sizes[column])
        codes = np.repeat(out[rows], size, axis=0)
        codes[:, column] = np.tile(np.arange(size, dtype=np.uint8), len(rows))
        logs = _log_weights(chain, codes).reshape(len(rows), size)
        if column in allowed:
            logs = np.where(allowed[column][rows], logs, -np.inf)
        out[rows, column] = _choose(logs, uniforms[rows, 0, -1])
    several = np.flatnonzero(n_open > 1)
    if len(several):
        mine = {column: mask[several] for column, mask in allowed.items()}
        out[several] = _resample(chain, known[several], mine, uniforms[several])
    return out


def _log_weights(chain: Chain, codes: NDArray[np.uint8]) -> NDArray[np.float64]:
    logs = chain.score_rows(codes)
    return logs + np.log(chain.refinement.weights(codes)) if chain.refinement else logs


def _resample(chain: Chain, known: Known, allowed: Allowed, uniforms: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Draw candidates for each row, weigh each by how likely it makes the known codes, and keep one."""
    rows, tries = uniforms.shape[:2]
    codes = np.zeros((rows * tries, chain.n_columns), np.uint8)
    logs = np.zeros(len(codes))
    all_known = np.repeat(known, tries, axis=0)
    for column, model in zip(chain.order, chain.models, strict=True):
        if chain.sizes[column] == 1:
            continue
        chances = model.probabilities(codes).astype(np.float64)
        here = all_known[:, column]
        if column in allowed:
            chances *= np.repeat(allowed[column], tries, axis=0) | (here >= 0)[:, None]
        mass = chances.sum(1)
        reached = np.cumsum(chances, axis=1)
        drawn = (reached <= (uniforms[:, :, column].ravel() * mass)[:, None]).sum(1)
        last = chain.sizes[column] - 1 - np.argmax(chances[:, ::-1] > 0, axis=1)
        codes[:, column] = np.where(here < 0, np.minimum(drawn, last), here)
        likely = chances[np.arange(len(codes)), codes[:, column]]
        logs += np.log(np.maximum(np.where(here < 0, mass, likely), 1e-30))
    if chain.refinement:
        logs += np.log(chain.refinement.weights(codes))
    best = _choose(logs.reshape(rows, tries), uniforms[:, 0, -1])
    return codes.reshape(rows, tries, -1)[np.arange(rows), best]


def _choose(logs: NDArray[np.float64], uniforms: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return for each row one of the columns of `logs`, by its weight."""
    weights = np.exp(logs - logs.max(1, keepdims=True))
    reached = np.cumsum(weights, axis=1)
    below = (reached <= (uniforms * reached[:, -1])[:, None]).sum(axis=1)
    chosen: NDArray[np.intp] = np.minimum(below, logs.shape[1] - 1)
    return chosen
