"""privacy.exposed: how many real people's rows are in there, at least?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..contracts import Part, Score
from ..registry import register
from ._rows import fingerprints, singled_out
from ._tables import Coded, Tables
from .copies import NO_HOLDOUT

__all__ = ["Exposed"]

SUBSETS = 120
MOST_CELLS = 12_000_000
ALPHA = 0.001
FEWEST = 20


@dataclass(frozen=True, slots=True)
class Match:
    """On one subset of columns: unique real rows found again, trained on and held out, and what they prove."""

    names: tuple[str, ...]
    found: int
    control: int
    people: int


@register("metric")
class Exposed:
    """A lower bound on the number of training rows that give themselves away; 0 is best, lower is better.

    Null: given the synthetic rows, training and hold-out rows are exchangeable. On single columns, pairs and random
    subsets of columns up to whole rows, combinations that are unique among all real rows are looked up in the synthetic
    rows. When more training rows are found than the hold-out's share allows, the excess is proof. Half of the level
    (0.1 %) goes to whole rows, half is divided among the other subsets. Sees: copied rows, parts of rows, rare
    values. Does not see: near misses in numbers (privacy.membership does); fewer people than the reason names. Parts:
    the columns that prove it.
    Source: Clopper-Pearson 1934 on the share of training rows among those found, Bonferroni; `docs/architecture.md`.
    """

    name = "privacy.exposed"
    family = "privacy"
    scores = ("privacy.exposed",)

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        n, m = tables.rows("real"), tables.rows("holdout")
        if m < FEWEST or not tables.columns:
            why = NO_HOLDOUT if tables.holdout is None else f"the hold-out has {m} rows ({FEWEST} needed)"
            return [Score(self.name, self.family, "undefined", better="lower", reason=why)]
        subsets = _subsets(tables)
        # Whole rows are the gravest leak and the likeliest: half of the level is theirs.
        levels = [ALPHA / 2] + [ALPHA / 2 / max(len(subsets) - 1, 1)] * (len(subsets) - 1)
        matches = [_match(tables, subset, level) for subset, level in zip(subsets, levels, strict=True)]
        matches.sort(key=lambda match: -match.people)
        worst = matches[0]
        visible = _power(n, m, ALPHA / 2)
        if worst.people:
            shown = worst.names if len(worst.names) < 5 else (*worst.names[:3], f"{len(worst.names) - 3} more columns")
            reason = (
                f"at least {worst.people:,} real rows can be found again by their {', '.join(shown)} "
                f"({worst.found:,} rows learned from are met, {worst.control:,} never seen, in {n:,} and {m:,})"
            )
        else:
            reason = f"no real row shows beyond chance; {visible:,} or more copied rows of {n:,} would have shown"
        parts = [Part(" × ".join(match.names), match.people, 0.0) for match in matches[:10] if match.people]
        return [Score(
            self.name, self.family, value=float(worst.people), floor=0.0, better="lower", n=n, reason=reason,
            parts=tuple(parts),
        )]  # fmt: skip


def _subsets(tables: Tables) -> list[tuple[Coded, ...]]:
    """Return the whole row, single columns with unique values, and random subsets; fewer when the tables are large."""
    columns = [column for column in tables.columns if column.width > 2] or list(tables.columns)
    rows = sum(tables.rows(side) for side in ("synthetic", "real", "holdout"))
    number = int(np.clip(MOST_CELLS // max(rows * 3, 1), 10, SUBSETS))
    rng = tables.rng("exposed")
    once = [column for column in columns if (column.counts("real") == 1).any()]
    chosen = {tuple(range(len(columns))): None}
    where = {column.name: place for place, column in enumerate(columns)}
    for column in once[: number // 4]:
        chosen[(where[column.name],)] = None
    for _ in range(number):
        size = min(len(columns), int(rng.integers(2, max(3, min(len(columns), 8)) + 1)))
        chosen[tuple(sorted(rng.choice(len(columns), size=size, replace=False).tolist()))] = None
    return [tuple(columns[place] for place in places) for places in list(chosen)[:number]]


def _match(tables: Tables, subset: tuple[Coded, ...], level: float) -> Match:
    real, holdout = singled_out(fingerprints(tables, subset))
    found, control = int(real.sum()), int(holdout.sum())
    people = _excess(found, control, (len(real), len(holdout)), level)
    return Match(tuple(column.name for column in subset), found, control, people)


def _excess(found: int, control: int, rows: tuple[int, int], level: float) -> int:
    """Return a lower bound on the rows found beyond chance, at confidence 1 - level.

    Of rows found by chance a share n / (n + m) was learned from. The smallest chance share of the training hits that
    `control` does not contradict bounds those that chance explains.
    """
    from scipy.stats import binom  # type: ignore[import-untyped]

    share = rows[0] / (rows[0] + rows[1])
    if found == 0 or binom.sf(found - 1, found + control, share) > level:
        return 0
    low, high = 0, found
    while low < high:  # the most training hits that may be chance: the largest x not rejected beside `control`
        middle = (low + high + 1) // 2
        if binom.sf(middle - 1, middle + control, share) > level:
            low = middle
        else:
            high = middle - 1
    return found - low


def _power(n: int, m: int, level: float) -> int:
    """Return how many training rows, with no hold-out row beside them, would have been proof."""
    return int(np.ceil(np.log(level) / np.log(n / (n + m))))
