"""privacy.leaked: real keys, personal values and texts found word for word in columns that should be made up."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ..contracts import Part, Score
from ..data.schema import Column
from ..registry import register
from ._tables import Tables

__all__ = ["Leaked"]

_FROM_LISTS = ("name", "first_name", "last_name", "address", "username")
_UNGUESSABLE = ("email", "iban", "card", "url", "mac", "passport", "ssn")
_LONG = 12  # characters: values of this length are not met by chance


@register("metric")
class Leaked:
    """The share of real values that a made-up column gives away, in its worst column; 0..1, lower is better.

    Looked at: identifiers, free text and personal values, but for names and addresses, which coincide by nature. A
    value counts if it stands in the rows learned from and not in the hold-out. Floor: the same share of the hold-out's
    own values, which only chance can meet. Without a hold-out only values that cannot be guessed count (e-mail, IBAN,
    card, 12 characters and more), and finding none of them is no pass. Parts: columns, the worst first. Does not see:
    values changed in a letter.
    Source: verbatim matching of unique strings, as in the canary tests of Carlini et al. 2019.
    """

    name = "privacy.leaked"
    family = "privacy"
    scores = ("privacy.leaked",)

    def __call__(self, tables: Tables) -> list[Score]:
        """Return the score; undefined if there is no such column, or too little to compare a guessable one with."""
        made_up = [column for column in tables.schema if _is_made_up(column)]
        if not made_up:
            return [self._undefined("no column holds keys, personal values or texts")]
        found = [leak for column in made_up if (leak := _look(tables, column)) is not None]
        if not found:
            return [self._undefined("without a hold-out, short keys cannot be told from chance")]
        worst = max(found, key=lambda leak: (leak.share - leak.floor, leak.share))
        parts = sorted(found, key=lambda leak: leak.floor - leak.share)
        seen = f"{round(worst.share * worst.values) or 'none'} of {worst.values:,} real values of {worst.column!r}"
        if not worst.share and tables.holdout is None:
            return [self._undefined(f"{seen} were found, but without a hold-out that is no proof")]
        return [
            Score(
                self.name, self.family,
                value=worst.share, floor=worst.floor, noise=worst.noise, better="lower", n=tables.synthetic.height,
                reason=f"{seen} stand word for word among the synthetic rows",
                parts=tuple(Part(leak.column, leak.share, leak.floor) for leak in parts),
            )
        ]  # fmt: skip

    def _undefined(self, why: str) -> Score:
        return Score(self.name, self.family, "undefined", better="lower", reason=why)


@dataclass(frozen=True, slots=True)
class _Leak:
    column: str
    values: int
    share: float
    floor: float
    noise: float


def _is_made_up(column: Column) -> bool:
    if column.personal:
        return column.personal not in _FROM_LISTS
    return column.kind in ("identifier", "text")


def _look(tables: Tables, column: Column) -> _Leak | None:
    """Return what one column gives away; None if there is nothing to look for, or nothing to compare it with."""
    synthetic, real = (_values(frame, column.name) for frame in (tables.synthetic, tables.real))
    holdout = None if tables.holdout is None else _values(tables.holdout, column.name)
    learned = real if holdout is None else real.filter(~real.is_in(holdout.implode()))
    if not len(learned):
        return None
    share = _met(learned, synthetic)
    unguessable = column.personal in _UNGUESSABLE or _length(learned) >= _LONG
    kept = real.clear() if holdout is None else holdout.filter(~holdout.is_in(real.implode()))
    if not len(kept):
        return _Leak(column.name, len(learned), share, 0.0, 0.0) if unguessable else None
    floor = _met(kept, synthetic)
    chance = (floor + 1 / len(kept)) / len(kept) + (floor + 1 / len(learned)) / len(learned)
    return _Leak(column.name, len(learned), share, floor, 0.0 if unguessable else chance**0.5)


def _values(frame: pl.DataFrame, name: str) -> pl.Series:
    return frame[name].drop_nulls().cast(pl.String).unique()


def _met(values: pl.Series, synthetic: pl.Series) -> float:
    """Return the share of the values that stand among the synthetic ones."""
    return int(values.is_in(synthetic.implode()).sum()) / len(values)


def _length(values: pl.Series) -> int:
    """Return how many characters the middle value has."""
    return int(values.str.len_chars().sort()[len(values) // 2])
