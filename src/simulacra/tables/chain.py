"""A table as a chain of columns, each learned from the ones before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError, ModelFileError
from ..seeds import Seeds
from .accept import choose_cap

if TYPE_CHECKING:
    from ..contracts import Progress
    from .refine import Refinement
    from .trees import Ensemble

__all__ = ["Chain", "ChainOptions"]

BLOCK = 512  # candidates that share one random generator
CHUNK = 16  # blocks drawn at a time
SCORE_ROWS = 16_384  # rows scored at a time: bounds memory
PILOT = 4  # blocks drawn to learn how rare a condition is
Given = Mapping[int, NDArray[np.bool_] | NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class ChainOptions:
    """How much work a fit does.

    quality : "fast" learns a few large steps a column, "best" boosts in small steps until held-out rows stop gaining.
    learn_rows : most rows a column is learned from; margins always come from all rows.
    narrow, predictors : in a table of more than `narrow` columns each column learns from its best `predictors`.
    refine_from, refine_columns : "best" refines tables of at least so many rows and at most so many columns.
    smoothing : from 1; above it a column stops when what it still learns is mostly about the rows it learns from, for a
        table whose rows are so alike that held-out rows cannot tell learning from remembering. 2 and 4 are meant.
    """

    quality: Literal["fast", "best"] = "best"
    learn_rows: int = 100_000
    narrow: int = 60
    predictors: int = 30
    refine_from: int = 500
    refine_columns: int = 200
    smoothing: float = 1.0


class Chain:
    """A fitted chain. Codes in, codes out; what they stand for is not known here.

    Source: sequential synthesis (Reiter 2005, "Using CART to generate partially synthetic public use microdata") with
    boosted conditionals in the place of trees.
    Not handled: relations between rows (time series, several tables).
    """

    __slots__ = ("models", "order", "refinement", "sizes")

    def __init__(
        self,
        sizes: NDArray[np.int32],
        order: NDArray[np.int32],
        models: list[Ensemble],
        refinement: Refinement | None = None,
    ) -> None:
        self.sizes, self.order, self.models, self.refinement = sizes, order, models, refinement

    @classmethod
    def fit(
        cls,
        codes: NDArray[np.uint8],
        sizes: NDArray[np.int32],
        ordered: NDArray[np.bool_],
        seeds: Seeds,
        *,
        options: ChainOptions,
        progress: Progress,
        runs: Sequence[NDArray[np.int64] | None] = (),
    ) -> Chain:
        """Learn a table of codes.

        Parameters
        ----------
        codes : (n_rows, n_columns) uint8, code j of column c in [0, sizes[c]).
        sizes : (n_columns,) number of codes of each column, 1..256.
        ordered : (n_columns,) whether neighbouring codes of a column mean neighbouring values.
        runs : per column (size,) the run of each code: a step is smoothed over codes of one run; None or nothing: all
            but code 0 are one, as it may stand for missing.
        progress : gets the stage "learning columns", one step a column.

        DataError if there are no rows, ValueError if the smoothing is below 1.
        """
        from .learn import learn_columns
        from .refine import Refining, refine

        if not len(codes):
            raise DataError("there are no rows to learn from", hint="give a table with at least one row")
        if not options.smoothing >= 1:
            raise ValueError(f"smoothing is {options.smoothing}; it is 1 or more")
        codes, sizes = np.ascontiguousarray(codes, np.uint8), np.asarray(sizes, np.int32)
        ordered = np.asarray(ordered, bool)
        told: dict[str, Any] = {"options": options, "progress": progress, "runs": runs}
        order, models = learn_columns(codes, sizes, ordered, seeds, **told)
        chain = cls(sizes, order, models)
        if (
            options.quality == "best"
            and len(codes) >= options.refine_from
            and (sizes > 1).sum() <= options.refine_columns
        ):
            progress.start("refining", 1)
            how = Refining().smoothed(options.smoothing)
            chain.refinement = refine(codes, chain.sample, sizes, ordered, seeds=seeds.child("refine"), how=how)
            progress.advance()
        return chain

    @property
    def n_columns(self) -> int:
        """The number of coded columns."""
        return len(self.sizes)

    def sample(self, rows: int, seeds: Seeds, *, given: Given | None = None) -> NDArray[np.uint8]:
        """Return (rows, n_columns) uint8 new codes; sample(5, s) equals the first 5 rows of sample(9, s).

        given : column -> (size,) bool, the codes allowed there, or float, the share of each that is. Exact when the
        given columns come first in the order; otherwise candidates are accepted by how well they explain the
        condition, and at most 1 % of the weight is cut off, or as much as it takes to keep one candidate in 64.

        DataError if a condition allows no code at all, or all together have a probability below 1e-300.
        """
        given = self._checked(given or {})
        if not self.n_columns or not rows:
            return np.zeros((rows, self.n_columns), np.uint8)
        cap = self._cap(seeds, given)
        kept, n_kept, block = [np.zeros((0, self.n_columns), np.uint8)], 0, 0
        while n_kept < rows:
            n_blocks = min(CHUNK, -(-(rows - n_kept) // BLOCK))
            uniforms = self._uniforms(seeds, range(block, block + n_blocks))
            codes, weights = self._draw(uniforms, given)
            if cap:
                codes = codes[uniforms[-1] * cap < weights]
            kept.append(codes)
            n_kept, block = n_kept + len(codes), block + n_blocks
        return np.concatenate(kept)[:rows]

    def _checked(self, given: Given) -> Given:
        for column, allowed in given.items():
            if not 0 <= column < self.n_columns or np.shape(allowed) != (self.sizes[column],):
                raise ValueError(f"given: column {column} takes a mask of its number of codes")
            if not np.any(allowed):
                raise DataError(
                    "the condition allows no value that the data has", hint="loosen the condition on that column"
                )
        return given

    def _cap(self, seeds: Seeds, given: Given) -> float:
        """Return the acceptance cap, 0 to keep every candidate."""
        if not given:
            return self.refinement.cap if self.refinement else 0.0
        _, weights = self._draw(self._uniforms(seeds.child("pilot"), range(PILOT)), given)
        if weights.max() == 0:
            raise DataError(
                "the conditions together are less likely than the model can count", hint="drop some of the conditions"
            )
        if weights.min() > weights.max() * (1 - 1e-6):
            return 0.0
        return choose_cap(weights, lost=0.01, least_kept=1 / 64)

    def _uniforms(self, seeds: Seeds, blocks: range) -> NDArray[np.float64]:
        """Return (n_columns + 1, rows): one uniform for each cell and one for the row's acceptance."""
        return np.concatenate(
            [_stratified(seeds.child("block", block).rng(), self.n_columns + 1) for block in blocks], 1
        )

    def _draw(self, uniforms: NDArray[np.float64], given: Given) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
        """Return candidates and their weights: the probability, column by column, of what was given, times the
        refinement's.
        """
        codes = np.zeros((uniforms.shape[1], self.n_columns), np.uint8)
        weights = np.ones(len(codes))
        for column, model in zip(self.order, self.models, strict=True):
            if self.sizes[column] == 1:
                continue
            if column in given:
                probabilities = model.probabilities(codes) * given[column]
                mass = probabilities.sum(1, dtype=np.float64)
                weights *= mass
                goal = (uniforms[column] * mass)[:, None]
                reached = np.cumsum(probabilities, axis=1, dtype=np.float64)
                last = self.sizes[column] - 1 - np.argmax(given[column][::-1] > 0)
                codes[:, column] = np.minimum((reached <= goal).sum(1), last)
            else:
                codes[:, column] = model.draw(codes, uniforms[column])
        return codes, weights * self.refinement.weights(codes) if self.refinement else weights

    def score_rows(self, codes: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return (n_rows,) the log-likelihood of each row in nats under the chain; lower is stranger.

        Not handled: the refinement, whose weights (`refinement.weights`) have no known sum over all rows.
        """
        scores = np.zeros(len(codes))
        for start in range(0, len(codes), SCORE_ROWS):
            part = np.ascontiguousarray(codes[start : start + SCORE_ROWS])
            for chosen in self._likelihoods(part):
                scores[start : start + SCORE_ROWS] += np.log(np.maximum(chosen, 1e-30))
        return scores

    def _likelihoods(self, codes: NDArray[np.uint8]) -> Iterator[NDArray[np.float32]]:
        """Yield, column by column, the probability of each row's code given the earlier ones."""
        rows = np.arange(len(codes))
        for column, model in zip(self.order, self.models, strict=True):
            yield model.probabilities(codes)[rows, codes[:, column]]

    def dependencies(self) -> NDArray[np.float64]:
        """Return (n_columns, n_columns): entry [i, j] is the share of column j's gain that came from column i.

        Column j's entries sum to 1, or are all 0 if it was found to depend on nothing before it.
        """
        shares = np.zeros((self.n_columns, self.n_columns))
        for column, model in zip(self.order, self.models, strict=True):
            if len(model.gains) and model.gains.sum() > 0:
                shares[model.columns, column] = model.gains / model.gains.sum()
        return shares

    def to_state(self) -> dict[str, Any]:
        """Return the model as numbers and arrays: no row of the table it learned from."""
        return {
            "sizes": self.sizes,
            "order": self.order,
            "models": [model.to_state() for model in self.models],
            "refinement": self.refinement.to_state() if self.refinement else None,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Chain:
        """Return what `to_state` gave; ModelFileError if it is damaged in a way that could lead astray."""
        from .refine import Refinement
        from .trees import Ensemble

        sizes, order, models = (state.get(name) for name in ("sizes", "order", "models"))
        for name, array in (("sizes", sizes), ("order", order)):
            if not isinstance(array, np.ndarray) or array.dtype != np.int32 or array.ndim != 1:
                raise ModelFileError(f"the model has no {name} of its columns", hint="the file is damaged")
        assert isinstance(sizes, np.ndarray)
        assert isinstance(order, np.ndarray)
        if not ((sizes >= 1) & (sizes <= 256)).all() or not np.array_equal(np.sort(order), np.arange(len(sizes))):
            raise ModelFileError("the model's columns are not in any order", hint="the file is damaged")
        if not isinstance(models, list) or len(models) != len(sizes):
            raise ModelFileError("the model does not hold one part for each column", hint="the file is damaged")
        parts = [
            Ensemble.from_state(
                part, n_columns=len(sizes), n_outputs=int(sizes[column]), where=f"model of coded column {column}"
            )
            for column, part in zip(order, models, strict=True)
        ]
        refinement = state.get("refinement")
        return cls(sizes, order, parts, Refinement.from_state(refinement, sizes) if refinement is not None else None)


def _stratified(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    """Return (n, BLOCK) uniforms, in each row one from every 1/BLOCK of [0, 1): margins come out steadier.

    Source: Latin hypercube sampling (McKay, Beckman & Conover 1979).
    """
    strata = rng.permuted(np.broadcast_to(np.arange(BLOCK, dtype=np.float64), (n, BLOCK)), axis=1)
    return (strata + rng.random((n, BLOCK))) / BLOCK
