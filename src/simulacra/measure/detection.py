"""fidelity.detection: can a classifier tell synthetic rows from real ones?"""

from __future__ import annotations

import numpy as np

from ..contracts import Part, Score
from ..registry import register
from ._chance import chance_error
from ._learn import Discrimination, features, tell_apart
from ._tables import Coded, Side, Tables

__all__ = ["Detection"]

MOST_ROWS = 10_000
MOST_CELLS = 150_000
MOST_REST = 5000
FEWEST = 30


@register("metric")
class Detection:
    """The classifier two-sample test: boosted trees, cross-fitted, on whole rows.

    Sees: anything in which rows differ, also relations of many columns, roundings and impossible combinations. Does not
    see: copies (they look most real of all), rare flaws, made-up columns (left out by design).
    At most 10,000 rows of each table, fewer when there are more than 15 columns (150,000 cells, 1,000 rows at least).

    fidelity.detection : 2 * (1 - max(0.5, AUC)) against the rows learned from; 1 cannot be told apart, 0 always.
    fidelity.detection_holdout : the same against rows never seen, at equal sizes: it cannot be gained by copying.
    fidelity.detection_rest : the same against the rows learned from, without the columns that give it away most (those
        that lose more than a tenth of what is above chance when shuffled, at most half of all): what remains when a
        single tell, as decimals or a format, is set aside. No default gate. At most 5,000 rows.
    Floor: chance, unless hold-out rows can be told from the rows learned from beyond three standard errors (at most
    5,000 rows). Parts: the columns that give it away, by the AUC lost when a column is shuffled.
    Source: Lopez-Paz and Oquab 2017 (C2ST); interval by DeLong 1988.
    """

    name = "fidelity.detection"
    family = "fidelity"
    scores = ("fidelity.detection", "fidelity.detection_holdout", "fidelity.detection_rest")

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        columns = [column for column in tables.columns if column.width > 2]
        if not columns:
            why = "no column holds more than one value to compare"
            return [Score(name, self.family, "undefined", reason=why) for name in self.scores]
        drift = self._drift(tables, columns)
        against_real = _score(tables, columns, self.scores[0], "real", drift)
        against_unseen = _score(tables, columns, self.scores[1], "holdout", drift)
        return [against_real, against_unseen, _rest(tables, columns, against_real)]

    def _drift(self, tables: Tables, columns: list[Coded]) -> float:
        """Return the AUC of hold-out rows against rows learned from that chance does not explain."""
        size = min(MOST_REST, _size(tables, ("real", "holdout"), len(columns)))
        if size < FEWEST:
            return 0.5
        found = _compare(tables, columns, "holdout", "real", size)
        return max(0.5, found.auc - 3 * found.se)


def _size(tables: Tables, sides: tuple[Side, ...], columns: int) -> int:
    most = min(MOST_ROWS, max(1000, MOST_CELLS // columns))
    return min(most, *(tables.rows(side) for side in sides))


def _compare(tables: Tables, columns: list[Coded], first: Side, second: Side, size: int) -> Discrimination:
    purpose = f"detection {first} {second}"
    rows = [features(tables, columns, side, tables.sample(side, size, purpose)) for side in (first, second)]
    return tell_apart(rows[0], rows[1], columns, tables.rng(purpose), name_columns=first == "synthetic")


def _score(tables: Tables, columns: list[Coded], name: str, against: Side, drift: float) -> Score:
    kind = "real rows learned from" if against == "real" else "real rows never seen"
    size = _size(tables, ("synthetic", against), len(columns))
    if size < FEWEST:
        seen = "there is no hold-out" if against == "holdout" and tables.holdout is None else f"only {size} rows a side"
        return Score(name, "fidelity", "undefined", reason=f"{seen}: too few to train a classifier ({FEWEST} needed)")
    found = _compare(tables, columns, "synthetic", against, size)
    reason = (
        f"shown one synthetic row and one of the {kind}, a classifier picked the synthetic one "
        f"{100 * found.auc:.0f} % of the time (50 % is a coin toss)"
    )
    noise = 2 * max(found.se, chance_error(size, size))
    low, high = found.auc - 1.96 * found.se, found.auc + 1.96 * found.se
    ranked = sorted(found.drops.items(), key=lambda item: -item[1])
    return Score(
        name, "fidelity", value=_indistinct(found.auc), low=_indistinct(high), high=_indistinct(low),
        # Of a fair coin's AUC only what lies above 0.5 counts: on average 0.4 standard errors.
        floor=_indistinct(drift) - 0.8 * found.se, noise=noise, n=2 * size, reason=reason,
        parts=tuple(Part(column, float(drop), 0.0) for column, drop in ranked),
    )  # fmt: skip


def _indistinct(auc: float) -> float:
    return float(2 * (1 - np.clip(auc, 0.5, 1.0)))


def _rest(tables: Tables, columns: list[Coded], whole: Score) -> Score:
    """Return the detection that remains without the columns that give the rows away."""
    name = "fidelity.detection_rest"
    if whole.value is None:
        return Score(name, "fidelity", "undefined", reason=whole.reason)
    telling = _telling(whole, len(columns))
    if not telling:
        return Score(name, "fidelity", "undefined", reason="no column gives the synthetic rows away by itself")
    rest = [column for column in columns if column.name not in telling]
    size = min(MOST_REST, _size(tables, ("synthetic", "real"), len(columns)))
    found = _compare(tables, rest, "synthetic", "real", size)
    low, high = found.auc - 1.96 * found.se, found.auc + 1.96 * found.se
    reason = (
        f"without {', '.join(telling)} the classifier picks the synthetic row {100 * found.auc:.0f} % of the time "
        f"(50 % is a coin toss)"
    )
    return Score(
        name, "fidelity", value=_indistinct(found.auc), low=_indistinct(high), high=_indistinct(low),
        floor=1.0 - 0.8 * found.se, noise=2 * max(found.se, chance_error(size, size)), n=2 * size, reason=reason,
        parts=tuple(Part(column, 0.0) for column in telling),
    )  # fmt: skip


def _telling(whole: Score, columns: int) -> list[str]:
    """Return the columns that lose a tenth of what lies above chance, beyond the noise, when shuffled."""
    above = (1.0 - (whole.value or 0.0)) / 2
    least = max(above / 10, whole.noise or 0.0)
    return [part.place for part in whole.parts if part.value > least][: columns // 2]
