"""fidelity.worst_triple: do three columns go together as the real ones do?"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ..contracts import Part, Score
from ..data.shares import Z95
from ..registry import register
from ._tables import Coded, Side, Tables

__all__ = ["Triples"]

MOST_ROWS = 20_000
MOST_TRIPLES = 500
MOST_PARTS = 30
PARTS = 3
LEVELS = 3
FEWEST = 100
DRAWS = 40

Floats = NDArray[np.float64]
Triple = tuple[int, int, int]


@register("metric")
class Triples:
    """The total variation between synthetic and real rows on three columns at once, the worst of a sample of triples;
    0..1, lower is better.

    Each column has at most four values: three parts of equal real mass or its three most frequent levels, and the rest
    with what is missing. Value: the triple furthest above its floor. Floor: two samples of these sizes drawn from the
    real rows, the largest of as many triples. Sees: an exclusive or, an interaction that no pair shows. Does not see:
    relations within a third of a column, or of four columns. All triples of up to 16 columns, else 500 drawn at random,
    half of them with the target; 20,000 rows a table. Parts: triples.
    Source: three-way margins, as in general utility of synthetic data (Raab, Nowok, Dibben 2021).
    """  # fmt: skip

    name = "fidelity.worst_triple"
    family = "fidelity"
    scores = ("fidelity.worst_triple",)

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the scores; what cannot be measured has a state and a reason."""
        columns = [column for column in tables.columns if column.width > 2]
        size = min(tables.rows("synthetic"), tables.rows("real"))
        if len(columns) < 3 or size < FEWEST:
            why = f"there are fewer than three columns to compare, or fewer than {FEWEST} rows"
            return [Score(self.name, self.family, "undefined", better="lower", reason=why)]
        chosen = _choose(tables, columns)
        rows = {side: tables.sample(side, MOST_ROWS, "triples") for side in _SIDES}
        bins = {side: [_parts(tables, column, side, places) for column in columns] for side, places in rows.items()}
        counts = {side: _counts(bins[side], chosen) for side in _SIDES}
        return [_score(columns, chosen, counts, tables)]


_SIDES: tuple[Side, ...] = ("synthetic", "real", "holdout")
CELLS = (PARTS + 1) ** 3


def _choose(tables: Tables, columns: list[Coded]) -> list[Triple]:
    """Return the triples to look at."""
    everything = len(columns)
    rng = tables.rng("triples")
    if everything <= 16:
        return list(combinations(range(everything), 3))
    target = [place for place, column in enumerate(columns) if column.name == tables.target]
    rest = [place for place in range(everything) if place not in target]
    chosen: dict[Triple, None] = {}
    for step in range(2 * MOST_TRIPLES):
        first = target if step % 2 else []
        a, b, c = sorted([*first, *rng.choice(rest, 3 - len(first), replace=False).tolist()])
        chosen[(a, b, c)] = None
        if len(chosen) == MOST_TRIPLES:
            break
    return list(chosen)


def _parts(tables: Tables, column: Coded, side: Side, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (rows,) values 0..3 of a column: three parts or levels, and all else, missing included, as 0."""
    bins, _ = tables.binned(column, side, PARTS)
    found = bins[rows].astype(np.int64)
    return np.where(found <= LEVELS, found, 0)


def _counts(bins: list[NDArray[np.int64]], triples: list[Triple]) -> Floats:
    """Return (triples, CELLS) counts."""
    width = PARTS + 1
    return np.stack(
        [np.bincount((bins[a] * width + bins[b]) * width + bins[c], minlength=CELLS) for a, b, c in triples]
    ).astype(np.float64)


def _score(columns: list[Coded], triples: list[Triple], counts: dict[Side, Floats], tables: Tables) -> Score:
    n, m = int(counts["synthetic"][0].sum()), int(counts["real"][0].sum())
    distance = np.abs(counts["synthetic"] / n - counts["real"] / m).sum(axis=1) / 2
    pool = counts["real"] + counts["holdout"]
    rng = tables.rng("triples", "null")
    null = np.stack([_null(share / share.sum(), (n, m), rng) for share in pool])
    typical, spread = null.mean(axis=1), null.std(axis=1) + 0.5 / min(n, m)
    ranked = np.argsort(typical - distance)
    chance = (null - typical[:, None]).max(axis=0)
    worst = int(ranked[0])
    names = [" × ".join(columns[place].name for place in triple) for triple in triples]
    reason = (
        f"{names[worst]!r} is the triple furthest from real: {100 * distance[worst]:.1f} % of the rows would have to "
        f"change, of fresh real rows {100 * typical[worst]:.1f} % (of {len(triples)} triples)"
    )
    error = max(float(spread[worst]), _error(counts["synthetic"][worst] / n, counts["real"][worst] / m, (n, m)))
    low, high = (max(0.0, float(distance[worst] + side * Z95 * error)) for side in (-1, 1))
    return Score(
        "fidelity.worst_triple", "fidelity", value=float(distance[worst]), low=low, high=high,
        floor=float(typical[worst] + chance.mean()), noise=float(max(chance.std(), spread[worst])), better="lower",
        n=n, reason=reason,
        parts=tuple(Part(names[i], float(distance[i]), float(typical[i])) for i in ranked[:MOST_PARTS]),
    )  # fmt: skip


def _error(made: Floats, real: Floats, sizes: tuple[int, int]) -> float:
    """Return the standard error of a total variation that is not zero: of a sum of shares with their signs."""
    sign = np.sign(made - real)
    spread = [1 - float(sign @ share) ** 2 for share in (made, real)]
    return float((spread[0] / sizes[0] + spread[1] / sizes[1]) ** 0.5) / 2


def _null(share: Floats, sizes: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Return (DRAWS,) distances between two samples of real rows."""
    first, second = (rng.multinomial(size, share, size=DRAWS) / size for size in sizes)
    return np.asarray(np.abs(first - second).sum(axis=1) / 2)
