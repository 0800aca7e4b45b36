"""privacy.copies: are real rows passed on as they are?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..contracts import Score
from ..registry import register
from ._chance import binomial_noise, share_interval
from ._rows import fingerprints
from ._tables import Tables

__all__ = ["Copies"]

FEWEST = 5
KINDS = 30
Prints = NDArray[np.int64]
NO_HOLDOUT = "there is no hold-out: without real rows that were never seen, chance and leak cannot be told apart"


@register("metric")
class Copies:
    """The share of synthetic rows that equal a training row in every compared column; 0..1, lower is better.

    Sees: verbatim copies. Does not see: copies with one value changed, copied parts of rows (privacy.exposed does).
    Floor: the hold-out rows' own share of such rows, raised when synthetic rows meet hold-out rows more often than real
    rows do (a generator that favours the common rows copies nobody), and by the training rows that would be met if
    those that stand once were met as often as such hold-out rows (a full grid of towns and months is met by anybody).
    Source: identical match share of the synthetic-data literature, with the hold-out as control; interval by Wilson,
        exact for up to three hits.
    """

    name = "privacy.copies"
    family = "privacy"
    scores = ("privacy.copies",)

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        if not tables.columns:
            why = "every column is made up by design: there is nothing to copy"
            return [Score(self.name, self.family, "undefined", better="lower", reason=why)]
        rows = fingerprints(tables, tables.columns)
        synthetic, real, holdout = rows["synthetic"], rows["real"], rows["holdout"]
        if not len(holdout):
            return [self._alone(synthetic, real)]
        hits, control = int(np.isin(synthetic, real).sum()), int(np.isin(holdout, real).sum())
        n, m = len(synthetic), len(holdout)
        raised = _commonness(int(np.isin(synthetic, holdout).sum()) / n, int(np.isin(real, holdout).sum()), len(real))
        single, spread = _singles(synthetic, real, holdout)
        floor = min(1.0, control / m * raised + single)
        low, high = share_interval(hits, n)
        reason = f"{_the_real(synthetic, real)}{_count(hits, n)}; of real rows never seen {100 * control / m:.2f} % do"
        noise = float(np.hypot(raised * binomial_noise(max(0.0, hits - single * n) / raised, n, control, m), spread))
        return [Score(
            self.name, self.family, value=hits / n, low=low, high=high, floor=floor, noise=noise,
            better="lower", n=n, reason=reason,
        )]  # fmt: skip

    def _alone(self, synthetic: Prints, real: Prints) -> Score:
        """Return what can be said without a hold-out: the real rows themselves are told, less is no proof."""
        n, told = len(synthetic), _the_real(synthetic, real)
        count = _count(int(np.isin(synthetic, real).sum()), n)
        if not told:
            return Score(self.name, self.family, "undefined", better="lower", reason=f"{count}; {NO_HOLDOUT}")
        return Score(
            self.name, self.family, value=1.0, floor=0.0, noise=0.0, better="lower", n=n, reason=told + count
        )  # fmt: skip


def _count(hits: int, n: int) -> str:
    return f"{hits:,} of {n:,} synthetic rows ({100 * hits / max(n, 1):.2f} %) equal a real row learned from"


def _the_real(synthetic: Prints, real: Prints) -> str:
    """Return words if both tables hold the same rows, each as often: no chance does that with a few dozen kinds."""
    same = len(synthetic) == len(real) and bool((np.sort(synthetic) == np.sort(real)).all())
    return "these are the real rows: " if same and len(np.unique(real)) >= KINDS else ""


def _commonness(met: float, real_met: int, real_rows: int) -> float:
    """Return how much more often synthetic rows meet hold-out rows than training rows do, at least 1; 1 if too few."""
    return max(1.0, met * real_rows / real_met) if real_met >= 20 else 1.0


def _singles(synthetic: Prints, real: Prints, holdout: Prints) -> tuple[float, float]:
    """Return the share of synthetic rows that should equal a training row that stands once, by how many equal such a
    hold-out row, and its standard deviation; nothing if too few do.
    """
    rows, times = np.unique(np.concatenate([real, holdout]), return_counts=True)
    alone = rows[times == 1]
    seen, unseen = (int(np.isin(alone, side).sum()) for side in (real, holdout))
    met = int(np.isin(synthetic, alone[np.isin(alone, holdout)]).sum())
    if met < FEWEST:
        return 0.0, 0.0
    return met * seen / unseen / len(synthetic), met**0.5 * seen / unseen / len(synthetic)
