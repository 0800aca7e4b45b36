"""The battery of tests on the one null: who among the real rows looks too well known to the synthetic ones.

Each test names suspects among rows learned from and held out, by a rule that treats both alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ._combinations import Combinations, column_subsets, combine, unique_hits
from ._distance import encode, nearest
from ._exchange import Pool, Suspects
from ._tables import Side, Tables

__all__ = ["Isolation", "battery", "isolation"]

SUBSETS = 200
MOST_LOOKUPS = 24_000_000
MOST_NEAR = 8000
MOST_ASKED = 4000
NEIGHBOURS = 3
DENSITY_ROWS = 2000
UNUSUAL = (0.02, 0.05)
TOP = (10, 20, 50, 100, 200, 500, 1000)

# Shares of the level: set before anything was measured, half to what leaks gravest, the rest to the finer signs.
WHOLE, SINGLE, SUBSET, COARSE, PERSON, NEAR, APART = 0.25, 0.1, 0.2, 0.1, 0.1, 0.15, 0.1

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Isolation:
    """Rows of a pool (learned from, then held out): distance to the nearest synthetic row, and to their own kind.

    rows : places in the pool. near : (rows,). apart : (rows,) distance to the third neighbour in the pool or an even
    part of it. learned : how many of them were learned from.
    """

    rows: Rows
    near: Floats
    apart: Floats
    learned: int

    @property
    def closeness(self) -> Floats:
        """Distance to the synthetic rows in units of the local density; small is suspicious."""
        return self.near / (self.apart + 1e-3 * float(np.median(self.apart)) + 1e-9)


def battery(tables: Tables) -> tuple[list[Suspects], Pool]:
    """Return the tests on combinations of values and on nearness, and the pool of real rows they are taken from."""
    if "battery" in tables.cache:
        return cast(tuple[list[Suspects], Pool], tables.cache["battery"])
    combinations = combine(tables)
    found = isolation(tables, combinations.rows)
    inner = np.zeros(combinations.pool.shape[1], dtype=bool)
    inner[found.rows] = True
    whole = [*_lookups(tables, combinations), *_near(found, tables)], Pool(combinations.learned, inner)
    tables.cache["battery"] = whole
    return whole


def _lookups(tables: Tables, combinations: Combinations) -> list[Suspects]:
    """Return tests on unique combinations that are met again, and on the people met in most ways."""
    rows = combinations.synthetic.shape[1] + combinations.pool.shape[1]
    columns = len(combinations.names)
    most = int(np.clip(MOST_LOOKUPS // max(rows, 1), 20, SUBSETS))
    subsets = column_subsets(columns, most, tables.rng("battery", "subsets"))
    whole = Suspects(_place(combinations, subsets[0]), unique_hits(*combinations.on(subsets[0])), WHOLE)
    singles = [places for places in subsets[1:] if len(places) == 1]
    wider = [places for places in subsets[1:] if len(places) > 1]
    tests = [whole]
    for group, weight in ((singles, SINGLE), (wider, SUBSET)):
        hits = [(places, unique_hits(*combinations.on(places))) for places in group]
        useful = [(places, found) for places, found in hits if len(found)]
        tests += [Suspects(_place(combinations, places), found, weight / len(useful)) for places, found in useful]
    large = [places for places in subsets if len(places) >= min(5, columns)][: most // 4]
    coarse = [(places, unique_hits(*combinations.on(places, coarse=True))) for places in large]
    met = [(places, found) for places, found in coarse if len(found)]
    tests += [Suspects(f"{_place(combinations, places)}, roughly", found, COARSE / len(met)) for places, found in met]
    people = _people(tests, combinations.pool.shape[1], tables)
    return tests + people


def _place(combinations: Combinations, places: Sequence[int]) -> str:
    names, everything = combinations.names, len(combinations.names)
    if len(places) == everything and everything > 1:
        return f"all {everything} columns"
    if everything - len(places) == 1 and everything > 3:
        left = next(name for place, name in enumerate(names) if place not in places)
        return f"all columns but {left}"
    return " × ".join(names[place] for place in places)


def _people(tests: Sequence[Suspects], pool: int, tables: Tables) -> list[Suspects]:
    """Return tests on the rows met in the most, and the most telling, combinations."""
    told = np.zeros(pool)
    for test in tests:
        told[test.rows] -= np.log((len(test.rows) + 1) / (pool + 1))
    met = int((told > 0).sum())
    return _smallest(-told, "many combinations", PERSON, met, tables)


def _smallest(scores: Floats, place: str, weight: float, most: int, tables: Tables) -> list[Suspects]:
    """Return nested tests on the rows with the smallest scores; equal scores stand in random order."""
    order = np.lexsort((tables.rng("battery", place).random(len(scores)), scores))
    sizes = [size for size in TOP if size <= most] or ([most] if most else [])
    return [Suspects(place, order[:size], weight / len(sizes)) for size in sizes]


def _near(found: Isolation, tables: Tables) -> list[Suspects]:
    """Return tests on the rows nearest to a synthetic one for their surroundings, of all rows and of the unusual."""
    closeness, rows = found.closeness, len(found.near)
    tests = _smallest(closeness, "nearness", NEAR, rows // 4, tables)
    order = np.lexsort((tables.rng("battery", "unusual").random(rows), -found.apart))
    for share in UNUSUAL:
        unusual = order[: int(share * rows)]
        masked = np.full(rows, np.inf)
        masked[unusual] = closeness[unusual]
        place = f"nearness of the most unusual {share:.0%}"
        tests += _smallest(masked, place, APART / len(UNUSUAL), len(unusual) // 2, tables)
    return [Suspects(test.place, found.rows[test.rows], test.weight, inner=True) for test in tests]


def isolation(tables: Tables, rows: dict[Side, Rows] | None = None) -> Isolation:
    """Return how near the synthetic rows lie to at most 4,000 rows learned from and 4,000 held out.

    rows : those of the pool to choose from; all real rows if None.
    """
    if "isolation" in tables.cache:
        return cast(Isolation, tables.cache["isolation"])
    synthetic = encode(tables, "synthetic", tables.sample("synthetic", MOST_NEAR, "isolation"))
    rows = rows or combine(tables).rows
    places, points = [], []
    for side in _REAL:
        drawn = tables.rng("isolation", side).permutation(len(rows[side]))[:MOST_ASKED]
        places.append(np.sort(drawn))
        points.append(encode(tables, side, rows[side][places[-1]]))
    pool = points[0] + points[1]
    near = nearest(pool, synthetic)[0].astype(np.float64)
    among = pool.every(max(1, len(pool) // DENSITY_ROWS))
    apart = nearest(pool, among, skip=min(NEIGHBOURS, len(among) - 1))[0].astype(np.float64)
    at = np.concatenate([places[0], len(rows["real"]) + places[1]])
    tables.cache["isolation"] = found = Isolation(at, near, apart, len(points[0]))
    return found


_REAL: tuple[Side, Side] = ("real", "holdout")
