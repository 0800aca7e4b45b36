"""What a person asks for when texts are made private, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from ...data.personal import detect_personal
from ...errors import DataError, RecipeError
from ..record import RunRecord

__all__ = ["PrivateOrder", "Privatized", "read_columns"]

FEWEST = 2


@dataclass(frozen=True, slots=True)
class PrivateOrder:
    """text : the column of texts. label : of classes, passed on. keep : other columns that are passed on.

    protect, replace : regular expressions of what stays, and of what is an identifier too. kinds : of values, () for
    all. together : False keeps texts apart: nobody can be followed from one to the next. gates : bounds in the place of
    the defaults. A column that is not named is not passed on.
    """

    text: str
    label: str | None = None
    keep: tuple[str, ...] = ()
    protect: tuple[str, ...] = ()
    replace: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    together: bool = True
    gates: tuple[str, ...] = ()
    seed: int = 0

    @property
    def columns(self) -> list[str]:
        """The columns that are passed on, in order, each once."""
        return list(dict.fromkeys([self.text, *([self.label] if self.label else []), *self.keep]))


@dataclass(frozen=True, slots=True)
class Privatized:
    """record : what may be shown, with the rows. lineage : a row for each row of it, for the owner alone: what was put
    where. review : what may be a name and was left in place, for a person to look at.
    replaced : values replaced, by kind.
    """  # fmt: skip

    record: RunRecord
    lineage: pl.DataFrame
    review: pl.DataFrame = field(default_factory=pl.DataFrame)
    replaced: dict[str, int] = field(default_factory=dict)


def read_columns(frame: pl.DataFrame, order: PrivateOrder) -> pl.DataFrame:
    """Return the columns that are passed on, texts as text; DataError for one that is missing, or no texts at all."""
    for name in order.columns:
        if name not in frame.columns:
            raise DataError(f"there is no column {name!r}", hint=f"there are: {', '.join(frame.columns[:20])}")
    if order.label == order.text:
        raise RecipeError(f"{order.text!r} cannot be both text and label", hint="name two columns")
    kept = frame.select(order.columns).with_columns(pl.col(order.text).cast(pl.String).fill_null(""))
    if sum(1 for text in kept[order.text] if text.strip()) < FEWEST:
        raise DataError(f"the column {order.text!r} holds fewer than {FEWEST} texts", hint="give texts to make private")
    return kept


def names_of(frame: pl.DataFrame, text: str) -> Iterator[str]:
    """Yield the names that other columns of the table hold, also of columns that are not passed on."""
    for name, kind in personal_columns(frame, [one for one in frame.columns if one != text]):
        if kind in ("name", "first_name", "last_name"):
            yield from (str(value) for value in frame[name].drop_nulls().unique(maintain_order=True))


def names_of_rows(frame: pl.DataFrame, text: str) -> list[list[str]]:
    """Return, for each row, the names that its other columns hold, also columns that are not passed on."""
    columns = personal_columns(frame, [one for one in frame.columns if one != text])
    names = [name for name, kind in columns if kind in ("name", "first_name", "last_name")]
    return (
        [[str(value) for value in row if value] for row in frame.select(names).rows()] if names else [[]] * len(frame)
    )


def personal_columns(frame: pl.DataFrame, names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the columns that hold personal values, with their kind."""
    found: list[tuple[str, Any]] = [
        (name, detect_personal(name, frame[name].drop_nulls().cast(pl.String).to_list()))
        for name in names
        if frame[name].dtype == pl.String
    ]
    return [(name, kind) for name, kind in found if kind]
