"""The contracts of the text road: rows that steps and transforms write one at a time, and checks that look at them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from ..seeds import Seeds
from .models import Answer, Message

__all__ = ["Context", "Record", "Reject", "Row", "RowCheck", "Span", "Step", "Transform"]

Row: TypeAlias = dict[str, Any]
"""A row under way: field -> JSON value."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Why a row is not delivered: the step or check that says so, and its reason in a few words."""

    step: str
    reason: str


class Context(Protocol):
    """What a step or a check gets beside the row."""

    @property
    def seeds(self) -> Seeds:
        """The row's own branch of the run's seed."""

    async def ask(
        self,
        prompt: str | Sequence[Message],
        *,
        model: str | None = None,
        schema: Mapping[str, Any] | None = None,
        complete: bool = False,
        sample: int = 0,
        **parameters: Any,
    ) -> Answer:
        """Return the model's answer, from the store if it was paid for before.

        model : a name, or the role of one of the run's models ("teacher", "judge"); None: the run's first.
        schema : the answer's `data` satisfies it. complete : `prompt` is raw text to be continued, not a chat turn.
        sample : which of several answers to the same question.

        Errors: models.errors.Declined if the model refuses, cannot satisfy the schema, or the text is too long: the row
        is rejected with that reason. Everything else that can go wrong is mended or ends the run.
        """


Step: TypeAlias = Callable[[Row, Context], Awaitable["Row | list[Row] | Reject"]]
"""One step of a chain: the row goes on, branches into several, or is rejected."""


class RowCheck(Protocol):
    """Is this row fit to be delivered?

    ordered : it looks at rows accepted before, and is called in row order, after all that are not.
    """

    name: str
    ordered: bool

    async def __call__(self, row: Row, context: Context) -> str | None:
        """Return the reason to reject the row, None to keep it. An ordered check remembers a row only in `accept`."""

    def accept(self, row: Row) -> None:
        """Take note of a row that passed all checks; called in row order. Does nothing unless `ordered`."""


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of a text, with a name: an entity's kind, "answer", "protected"."""

    start: int
    end: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One text (or table row) that transforms vary, with where it comes from.

    identity : unique in its data set. text : what is varied ("" for table rows, whose cells are in `fields`).
    label : its class, None if it has none. spans : parts that must be found again after a change.
    parents, operation, parameters, seed : how it was made; parents is () for real rows.
    fields : other values of the row.
    """

    identity: str
    text: str
    label: str | None = None
    spans: tuple[Span, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    parents: tuple[str, ...] = ()
    operation: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0


class Transform(Protocol):
    """Varies records: batch first, pure, seeded per record and operation.

    kind : of change. label : what it does to a record's label. keeps : invariants that every output satisfies, of
    "numbers", "entities", "negation", "urls", "code", "answer", "length". cost : CPU seconds for an output, about.
    """

    name: str
    kind: Literal["paraphrase", "translation", "format", "numeric", "noise", "recombination", "generation"]
    label: Literal["keeps", "flips", "recomputes", "unknown"]
    keeps: frozenset[str]
    cost: float

    def apply(self, records: Sequence[Record], seeds: Seeds) -> list[Record | None]:
        """Return one variant per record, None where there is none. A record's variant depends on the record and on
        `seeds.child(self.name, record.identity)` alone: the same for any batch size, order and number of workers
        (recombination also sees its batch as the pool to draw partners from).

        Characters that the transform did not mean to change are kept to the byte; spans move along.
        """
