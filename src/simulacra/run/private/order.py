"""What a person asks for when texts are made private, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from ...data.personal import detect_personal
from ...errors import DataError, RecipeError
from ..record import RunRecord

__all__ = ["NAMES", "PrivateOrder", "Privatized", "names_of", "names_of_rows", "personal_columns", "read_columns"]

FEWEST = 2
NAMES = ("name", "first_name", "last_name")


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


def personal_columns(frame: pl.DataFrame, text: str) -> dict[str, str]:
    """Return the columns beside the texts that hold personal values, with their kind, also those not passed on."""
    found = {
        name: detect_personal(name, frame[name].drop_nulls().cast(pl.String).to_list())
        for name in frame.columns
        if name != text and frame[name].dtype in (pl.String, pl.Categorical, pl.Enum)
    }
    return {name: kind for name, kind in found.items() if kind}


def names_of(frame: pl.DataFrame, personal: Mapping[str, str]) -> Iterator[str]:
    """Yield the names that the columns `personal` hold."""
    for name, kind in personal.items():
        if kind in NAMES:
            yield from frame[name].drop_nulls().cast(pl.String).unique(maintain_order=True)


def names_of_rows(frame: pl.DataFrame, personal: Mapping[str, str]) -> list[list[str]]:
    """Return, for each row, the names that its columns `personal` hold."""
    columns = [name for name, kind in personal.items() if kind in NAMES]
    return [[value for value in row if value] for row in frame.select(columns).rows()] if columns else [[]] * len(frame)
