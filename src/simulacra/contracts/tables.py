"""The contracts of the table road: generators, checks and metrics over frames, executors, progress."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Protocol, TypeVar, runtime_checkable

from ..seeds import Seeds
from .judgement import Score

if TYPE_CHECKING:  # the text road runs without a frame library
    import polars as pl

    from ..data.dataset import Dataset
    from ..data.schema import Schema

__all__ = ["Check", "Comparison", "Executor", "Fitted", "Generator", "Metric", "Progress", "Silent"]


class Progress(Protocol):
    """Tells a person how far long work has come."""

    def start(self, stage: str, total: int) -> None:
        """Begin a stage of `total` steps (rows, columns, batches)."""

    def advance(self, steps: int = 1) -> None:
        """Some steps of the current stage are done."""

    def note(self, text: str) -> None:
        """Say something worth knowing, once."""


class Silent:
    """A `Progress` that says nothing."""

    def start(self, stage: str, total: int) -> None:
        """Say nothing."""

    def advance(self, steps: int = 1) -> None:
        """Say nothing."""

    def note(self, text: str) -> None:
        """Say nothing."""


@runtime_checkable
class Fitted(Protocol):
    """A generator that has learned."""

    @property
    def schema(self) -> Schema:
        """The columns of the rows that `sample` gives."""

    def sample(self, rows: int, seeds: Seeds, *, first_row: int = 0) -> pl.DataFrame:
        """Return `rows` new rows, columns in schema order.

        The same seeds give the same rows, and a prefix law holds: sample(5, s) equals the first 5 rows of sample(9, s).
        `first_row` is the number of rows made before in this run; what must be unique across batches is keyed by it.
        """

    def to_bytes(self) -> bytes:
        """Return the model as a versioned file without executable content."""


class Generator(Protocol):
    """Learns from a data set (or from nothing but its options) and gives a `Fitted`."""

    name: str

    def fit(self, data: Dataset, seeds: Seeds, progress: Progress) -> Fitted:
        """Learn from `data`. The result depends on data, options and seeds alone."""

    def load(self, content: bytes) -> Fitted:
        """Return what `Fitted.to_bytes` wrote; ModelFileError if it is not that."""


class Check(Protocol):
    """Is this row fit to be delivered?"""

    name: str

    def __call__(self, frame: pl.DataFrame) -> pl.Series:
        """Return one string per row: the reason to reject it, null to keep it."""


class Comparison(Protocol):
    """What a metric sees: three tables with the same columns, and a generator of its own.

    synthetic : the judged rows. real : the rows the generator learned from. holdout : real rows it never saw, or None.
    depth : generations between the synthetic rows and real ones (1: learned from real rows), None if unknown.
    """

    synthetic: pl.DataFrame
    real: pl.DataFrame
    holdout: pl.DataFrame | None
    schema: Schema
    target: str | None
    seeds: Seeds
    depth: int | None


class Metric(Protocol):
    """Measures one thing. Its class docstring says what it sees, what it does not, range, direction and source."""

    name: str
    family: str

    def __call__(self, tables: Comparison) -> list[Score]:
        """Return the scores; what cannot be measured is a Score with a state and a reason."""


T = TypeVar("T")
R = TypeVar("R")


class Executor(Protocol):
    """Where work runs: in this process, in a pool, elsewhere."""

    def map(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield work(item) in the order of the items, whatever order they finish in."""

    def close(self) -> None:
        """Release workers; safe to call twice."""
