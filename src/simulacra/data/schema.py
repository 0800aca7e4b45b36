"""What a column is: its kind, its role, how it is written, and why we think so.

A `Schema` travels with the data from the source to the report. It says nothing about the values themselves: what was
counted in the real rows (range, levels, missing share) is `Seen`, belongs to the owner of the data and is not part of
what may be passed on.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from ..errors import SchemaError
from .constraints import Constraint

__all__ = ["BY_HAND", "KINDS", "Column", "Kind", "Schema", "Seen"]

BY_HAND = "set by hand"
"""Reason of a column that a person described."""

Kind = Literal[
    "integer", "real", "category", "boolean", "date", "datetime", "duration", "text", "identifier", "constant"
]
"""The kinds of column. `text` is free text; `identifier` is a key: unique, without meaning of its own."""

KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Seen:
    """What inference counted in the real rows; private to their owner.

    rows, missing and distinct are counts; low and high are the smallest and largest value as text.
    """

    rows: int = 0
    missing: int = 0
    distinct: int = 0
    low: str | None = None
    high: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it is and how its values are written.

    Parameters
    ----------
    name : as in the table.
    kind : one of `KINDS`.
    why : the reason for the choice, one sentence, without a value of a real row in it.
    dtype : polars type that came in and goes out again, e.g. "Int64", "String", "Datetime(us, UTC)".
    decimals : digits after the point of a real column (None: as many as a float has).
    format : strptime format of a date or datetime that is held as text; the shape of an identifier ("A-####"); one #
        per digit of whole numbers that are padded with zeros ("#####").
    zone : IANA name of the zone of a datetime, None if it has none.
    personal : e-mail, phone, name, iban, card ...: values are replaced by made-up ones; None if not personal.
    seen : counts of the real rows (never written into what may be passed on).
    """

    name: str
    kind: Kind
    why: str = ""
    dtype: str = "String"
    decimals: int | None = None
    format: str | None = None
    zone: str | None = None
    personal: str | None = None
    seen: Seen = field(default_factory=Seen)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            near = difflib.get_close_matches(str(self.kind), KINDS, n=1)
            hint = f"did you mean {near[0]!r}" if near else f"a kind is one of: {', '.join(KINDS)}"
            raise SchemaError(f"the kind {self.kind!r} does not exist", where=f"column {self.name!r}", hint=hint)


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of a table, in order, the column to predict if there is one, and the rules that every row keeps.

    >>> schema = Schema((Column("age", "integer"), Column("income", "category")), target="income")
    >>> schema["age"].kind, schema.names
    ('integer', ['age', 'income'])
    """

    columns: tuple[Column, ...]
    target: str | None = None
    constraints: tuple[Constraint, ...] = ()

    def __post_init__(self) -> None:
        if self.target is not None:
            self[self.target]
        for constraint in self.constraints:
            for name in constraint.columns:
                self[name]

    @property
    def names(self) -> list[str]:
        """Column names in table order."""
        return [column.name for column in self.columns]

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def __getitem__(self, name: str) -> Column:
        """Return the column of that name; SchemaError with the nearest name if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        near = difflib.get_close_matches(name, self.names, n=1)
        hint = f"did you mean {near[0]!r}" if near else f"columns are: {', '.join(self.names[:20])}"
        raise SchemaError(f"there is no column {name!r}", hint=hint)

    def without_counts(self) -> Schema:
        """Return the same schema without what was counted in real rows: the part that may be passed on."""
        return replace(self, columns=tuple(replace(column, seen=Seen()) for column in self.columns))
