"""Made-up codes that need not be unique: single tokens in the learned shapes ("K12-3X"), never words of a language."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import polars as pl

from .draws import Draws, Rows
from .keys import alphabet_of, spell
from .saved import damaged, value_of
from .schema import Column

__all__ = ["TokenShape", "is_prose"]

MOST_SHAPES = 8
FEWEST_ROWS = 5
"""Rows that must share a shape; so many times four must have different values for a letter of them to be kept."""
ROOMY = 10
"""A shape gets longer unless it spells so many times more codes than there are real ones: what is new would be rare,
and the codes left out would be the real ones."""
_LONGEST = 64
_USUAL = {"#": "0123456789", "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "a": "abcdefghijklmnopqrstuvwxyz"}


def is_prose(text: pl.Series) -> bool:
    """Return whether most values of a column of text are natural text: words, not codes.

    >>> is_prose(pl.Series(["52993", "0106", "9"])), is_prose(pl.Series(["late again", "Ask Ann!"]))
    (False, True)
    >>> is_prose(pl.Series(["XKW", "QPD", "TRE"])), is_prose(pl.Series(["Celle", "Ulm", "Hof"]))
    (False, True)
    """
    text = text.drop_nulls().unique().head(5000)
    if text.is_empty():
        return True
    letters = text.str.count_matches(r"[\p{L}\s.,;:!?'’\"()-]") / text.str.len_chars().clip(1)
    spaced = text.str.contains(r"\S\s+\S")
    coded = text.str.contains(r"\d") | (text.str.contains(r"^\P{Ll}+$") & (text.str.len_chars() <= 6))
    natural = text.str.contains(r"\p{L}{2}") & (letters >= 0.7) & (spaced | ~coded)
    if (natural.mean() or 0) <= 0.5:  # type: ignore[operator]
        return False
    # Words differ in length; codes of letters alone do not.
    alike = _forms(text).rename("form").value_counts(sort=True).row(0)[1]
    return bool(spaced.any() or len(text) < 20 or alike < 0.9 * len(text))


@dataclass(frozen=True, slots=True)
class TokenShape:
    """alphabets : per shape the letters of each place. weights : how frequent each shape is."""

    alphabets: tuple[tuple[str, ...], ...]
    weights: tuple[float, ...]
    shape: ClassVar[str] = "token"

    @classmethod
    def learn(cls, series: pl.Series) -> tuple[TokenShape, tuple[str, ...]]:
        """Learn the shapes that at least five rows share, or else the lengths; in none of them a real value is left.

        Return what was learned, and notes.
        """
        text = series.drop_nulls().cast(pl.String).str.slice(0, _LONGEST)
        text = text.filter(text.str.len_chars() > 0)
        if text.is_empty():
            return cls((tuple(_USUAL[sign] for sign in "aaaaa"),), (1.0,)), ()
        groups = _shared(_forms(text))
        if sum(rows for _, rows in groups) < 0.5 * len(text):
            forms = text.str.len_chars().cast(pl.String)
            groups = _shared(forms) or [(str(int(text.str.len_chars().median() or 1)), len(text))]  # type: ignore[arg-type]
            alphabets = [_by_length(text, int(form)) for form, _ in groups]
        else:
            forms = _forms(text)
            alphabets = [_by_form(text.filter(forms == form).unique(), form) for form, _ in groups]
        total = sum(rows for _, rows in groups)
        taken = [text.filter(forms == form).n_unique() for form, _ in groups]
        roomy = tuple(map(_with_room, alphabets, taken))
        name, longer = series.name, sum(map(len, roomy)) > sum(map(len, alphabets))
        note = f"Column {name!r}: some made-up codes are longer than real ones, whose shapes leave too few new ones."
        return cls(roomy, tuple(round(rows / total, 3) for _, rows in groups)), (note,) if longer else ()

    def make(self, rows: Rows, draws: Draws, column: Column, key: int) -> pl.Series:  # noqa: ARG002
        """Return one code per row; every shape is spelled for all rows so that no row depends on another."""
        which = np.searchsorted(np.cumsum(self.weights)[:-1] / sum(self.weights), draws.uniform(), side="right")
        made = spell(self.alphabets[0], draws)
        for number, alphabets in enumerate(self.alphabets[1:], start=1):
            made = spell(alphabets, draws).zip_with(pl.Series(which == number), made)
        return made.rename(column.name)

    def to_state(self) -> dict[str, Any]:
        """Return the fields."""
        return {"alphabets": [list(one) for one in self.alphabets], "weights": list(self.weights)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> TokenShape:
        """Return what `to_state` wrote."""
        shapes, weights = value_of(state, "alphabets", list), value_of(state, "weights", list)
        if not (1 <= len(shapes) <= MOST_SHAPES and len(weights) == len(shapes)):
            raise damaged("alphabets", "do not fit their weights")
        for one in shapes:
            sound = isinstance(one, list) and all(isinstance(part, str) and 1 <= len(part) <= 256 for part in one)
            if not sound or not 1 <= len(one) <= _LONGEST:
                raise damaged("alphabets", "are no alphabets")
        if not all(isinstance(weight, int | float) and 0 <= weight <= 1 for weight in weights) or sum(weights) <= 0:
            raise damaged("weights", "are no shares")
        return cls(tuple(tuple(one) for one in shapes), tuple(map(float, weights)))


def _forms(text: pl.Series) -> pl.Series:
    """Return each text with digits as #, capitals as A, other letters as a."""
    return text.str.replace_all(r"\p{Nd}", "#").str.replace_all(r"\p{Lu}", "A").str.replace_all(r"[\p{L}--A]", "a")


def _shared(forms: pl.Series) -> list[tuple[str, int]]:
    """Return the most frequent forms with their rows, those that few rows share left out."""
    table = forms.rename("form").value_counts(sort=True).sort(["count", "form"], descending=[True, False])
    return [(form, rows) for form, rows in table.head(MOST_SHAPES).rows() if rows >= FEWEST_ROWS]


def _by_form(levels: pl.Series, form: str) -> tuple[str, ...]:
    """Return the alphabets of a form: as seen where many different values say so, else all digits or letters."""
    if len(levels) < 4 * FEWEST_ROWS:
        return tuple(_USUAL.get(sign, sign) for sign in form)
    return tuple(alphabet_of(levels.str.slice(place, 1).unique().to_list()) for place in range(len(form)))


def _by_length(text: pl.Series, length: int) -> tuple[str, ...]:
    """Return the same alphabet for each place: the smallest usual class that holds all letters of the column."""
    letters = text.head(20_000).str.split("").explode().unique().drop_nulls().to_list()
    alphabet = alphabet_of([letter for letter in letters if letter])
    return (_USUAL.get(_forms(pl.Series([alphabet]))[0], alphabet),) * length


def _with_room(alphabets: tuple[str, ...], taken: int) -> tuple[str, ...]:
    """Return the alphabets with more places, like the widest one, until the codes taken are few among all."""
    widest = max((*alphabets, _USUAL["#"] if max(map(len, alphabets)) == 1 else ""), key=len)
    while math.prod(map(len, alphabets)) < ROOMY * taken and len(alphabets) < _LONGEST:
        alphabets = (*alphabets, widest)
    return alphabets
