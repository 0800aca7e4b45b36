"""Columns that have no value wherever another one has none, or only where another one has certain values.

A rule is told if unrelated columns would show it with a probability below exp(-SURPRISE), given how often each is
missing, and if at least as many rows speak for it as a level needs to be named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import log

import numpy as np
import numpy.typing as npt
import polars as pl

from ..codes.family import rare_below
from ..constraints import quote
from ..presence import write_levels
from ..schema import Column
from .relation import SURPRISE, Relation, Search, told
from .sketch import take_rows

__all__ = ["find_absences"]

GLANCE = 20_000
MOST_COLUMNS = 300
"""Of columns that are missing in different rows; those that are missing most often."""
MOST_LEVELS = 30
LEVEL_SURPRISE = 15.0
"""Of each level by which a column is missing always or never."""
Flags = npt.NDArray[np.bool_]
Pair = tuple[str, str]


def find_absences(search: Search) -> Iterator[Relation]:
    """Yield what decides, in every row, whether a column has a value.

    Columns that are missing together are told with the first of them; what follows from two others is left out.
    """
    frame = search.frame
    counts = dict(zip(frame.columns, frame.null_count().row(0), strict=True)) if frame.width else {}
    columns = [c for c in search.schema if "`" not in c.name and 0 < counts[c.name] < frame.height]
    groups = _together(frame, columns)
    for first, *others in groups:
        for other in others:
            if _rate(counts[first.name], frame.height) > SURPRISE:
                yield _relation(other.name, "missing exactly where", first.name)
    leaders = [group[0] for group in groups]
    often = set(sorted(range(len(leaders)), key=lambda k: -counts[leaders[k].name])[:MOST_COLUMNS])
    leaders = [leader for place, leader in enumerate(leaders) if place in often]
    gaps = _Gaps(frame, leaders, counts)
    leader = {column.name: group[0].name for group in groups for column in group}
    implied, direct = gaps.implied()
    decided = [one for column in leaders for one in _by_level(search, column, counts[column.name])]
    merged = {pair: _with_missing(rule) for rule in decided if (pair := _pair(rule, leader)) in implied}
    for pair in direct:
        if pair not in merged:
            yield _relation(pair[1], "missing where", pair[0])
    yield from gaps.apart()
    for rule in decided:
        yield merged.get(_pair(rule, leader), rule)


def _together(frame: pl.DataFrame, columns: list[Column]) -> list[list[Column]]:
    """Return the columns in groups that are missing in the same rows."""
    groups: dict[int, list[Column]] = {}
    for column in columns:
        digest = hash(np.packbits(frame[column.name].is_null().to_numpy()).tobytes())
        groups.setdefault(digest, []).append(column)
    return list(groups.values())


def _rate(rows: float, height: int) -> float:
    """Return the surprise that a column which is missing in `rows` of all rows is missing in `rows` given ones."""
    return -rows * log(max(rows, 0.5) / height)


@dataclass(frozen=True, slots=True)
class _Gaps:
    """Columns that are missing in different rows, and in how many."""

    frame: pl.DataFrame
    columns: list[Column]
    counts: dict[str, int]

    def implied(self) -> tuple[set[Pair], list[Pair]]:
        """Return each (b, a) of which `a missing where b missing`, and those that follow from no others."""
        masks = self._sample()
        broken = masks.T.astype(np.float32) @ (~masks).astype(np.float32)
        height, floor = self.frame.height, rare_below(self.frame.height)
        true = np.zeros(broken.shape, bool)
        for b, a in np.argwhere(broken == 0):
            rows = self._count(b)
            if a != b and rows >= floor and -rows * log(self._count(a) / height) > SURPRISE:
                true[b, a] = not (self._null(b) & ~self._null(a)).any()
        follows = (true.astype(np.float32) @ true.astype(np.float32)) > 0
        every, direct = (
            [(self.columns[b].name, self.columns[a].name) for b, a in np.argwhere(some)]
            for some in (true, true & ~follows)
        )
        return set(every), direct

    def apart(self) -> Iterator[Relation]:
        """Yield `a missing where b present`: never both there; `exactly` where always one of them is."""
        there = (~self._sample()).astype(np.float32)
        height, floor = self.frame.height, rare_below(self.frame.height)
        for b, a in np.argwhere(np.triu(there.T @ there == 0, 1)):
            rows = height - self._count(b)
            if rows < floor or -rows * log(self._count(a) / height) <= SURPRISE:
                continue
            if (~self._null(b) & ~self._null(a)).any():
                continue
            link = "where" if (self._null(b) & self._null(a)).any() else "exactly where"
            yield _relation(self.columns[a].name, f"missing {link}", self.columns[b].name, "present")

    def _count(self, place: int) -> int:
        return self.counts[self.columns[place].name]

    def _null(self, place: int) -> pl.Series:
        return self.frame[self.columns[place].name].is_null()

    def _sample(self) -> Flags:
        rows = take_rows(self.frame.select(column.name for column in self.columns), GLANCE)
        masks = [rows[column.name].is_null().to_numpy() for column in self.columns]
        return np.column_stack(masks) if masks else np.zeros((0, 0), bool)


def _by_level(search: Search, column: Column, missing: int) -> Iterator[Relation]:
    """Yield the rule of the other column whose levels say most about where the column is missing."""
    best: tuple[float, list[Relation]] = (0.0, [])
    for other in search.left("copy", "part", "function", "cut"):
        if other.name != column.name and _has_levels(other, search.frame):
            found = _levels_that_decide(search.frame, column.name, other, missing)
            best = max(best, found, key=lambda one: one[0])
    yield from best[1]


def _has_levels(column: Column, frame: pl.DataFrame) -> bool:
    if column.personal or column.kind not in ("category", "boolean", "integer"):
        return False
    few = 1 < take_rows(frame)[column.name].n_unique() <= MOST_LEVELS
    return few and frame[column.name].n_unique() <= MOST_LEVELS


def _levels_that_decide(frame: pl.DataFrame, name: str, other: Column, missing: int) -> tuple[float, list[Relation]]:
    """Return how surprising it is that levels of `other` always or never come with a value, and the rules on it."""
    table = pl.DataFrame([frame[other.name].cast(pl.String).rename("level"), frame[name].is_null().rename("gone")])
    groups = table.drop_nulls("level").group_by("level").agg(pl.len().alias("rows"), pl.col("gone").sum()).sort("level")
    rows, gone = groups["rows"].to_numpy().astype(float), groups["gone"].to_numpy()
    share = missing / frame.height
    enough = rows >= rare_below(frame.height)
    always, sure_always = _sure(gone == rows, -rows * log(share), enough)
    never, sure_never = _sure(gone == 0, -rows * np.log1p(-share), enough)
    surprise = sure_always + sure_never * (always | never).all()
    if not sure_always or surprise <= SURPRISE:
        return 0.0, []
    told_of = _named(groups["level"].to_list(), always, never, enough)
    if told_of is None:
        return 0.0, []
    state, levels = told_of
    among = f"every row that has a {other.name}" if table["level"].null_count() else "every row"
    return surprise, [_relation(name, state, other.name, f"= {write_levels(levels)}", among)]


def _sure(levels: Flags, surprises: npt.NDArray[np.float64], enough: Flags) -> tuple[Flags, float]:
    """Return the levels, and the surprise of those that are surprising each; none if they are few of them."""
    sure = levels & enough & (surprises > LEVEL_SURPRISE)
    if surprises[sure].sum() < 0.8 * surprises[levels].sum():
        levels = sure
    return levels, float(surprises[sure].sum())


def _named(levels: list[str], always: Flags, never: Flags, enough: Flags) -> tuple[str, list[str]] | None:
    """Return how the rule begins and the levels it names, as few as can be; levels of few rows are not named."""
    exactly = bool((always | never).all())
    forms = [(always, f"missing {'exactly ' if exactly else ''}where")]
    forms.append((~always, f"present {'exactly' if exactly else 'only'} where"))
    forms = [form for form in forms if enough[form[0]].all() and form[0].any()]
    if not forms:
        forms = [(always & enough, "missing where")]
    mask, start = min(forms, key=lambda form: int(form[0].sum()))
    return (start, [level for level, named in zip(levels, mask, strict=True) if named]) if mask.any() else None


def _pair(relation: Relation, leader: Mapping[str, str]) -> Pair:
    """Return (other, column) of a rule on where a column is missing, the other as the first that is missing with it.

    Of a rule on where it is present, or on a column that is never missing, names that no column has.
    """
    assert relation.constraint is not None
    rule = relation.constraint.presence
    return (leader.get(rule.other, ""), rule.column) if rule.missing else ("", "")


def _with_missing(relation: Relation) -> Relation:
    """Return the rule of a column that is missing also where the other one is: "exactly" alone would be untrue."""
    assert relation.constraint is not None
    rule = relation.constraint.presence
    state = "missing exactly where" if rule.link else "missing where"
    return _relation(rule.column, state, rule.other, f"= missing|{rule.values}")


def _relation(column: str, state: str, other: str, there: str = "missing", rows: str = "every row") -> Relation:
    text = f"{quote(column)} {state} {quote(other)} {there}"
    verb, rest = state.split(" ", 1)
    where = there.replace("= missing|", "is missing or = ") if there[0] == "=" else f"is {there}"
    why = f"{column} is {verb} {rest} {other} {where}, in {rows}"
    return told("absence", (other, column), text, why)
