"""The contracts between the rooms, and the small values they exchange.

Two words kept apart: a `Check` looks at rows inside the run and keeps them or says why not; a `Gate` looks at scores at
its end. A missing score is a state with a reason, never NaN or 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar, runtime_checkable

import polars as pl

from .data.dataset import Dataset
from .data.schema import Schema
from .seeds import Seeds

__all__ = [
    "FAMILIES",
    "RISKS",
    "Assessment",
    "Check",
    "Comparison",
    "Executor",
    "Finding",
    "Fitted",
    "Gate",
    "GateResult",
    "Generator",
    "Metric",
    "Part",
    "Progress",
    "Score",
    "Silent",
    "Verdict",
    "worst",
]

Verdict = Literal["pass", "warn", "fail", "unknown"]
FAMILIES = ("fidelity", "utility", "privacy", "diversity", "validity")
RISKS = ("collapse", "bias", "diversity", "unvalidated")
_SEVERITY = {"pass": 0, "warn": 1, "unknown": 2, "fail": 3}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the gravest verdict (pass < warn < unknown < fail); of none, "unknown": nothing was validated.

    >>> worst(["pass", "unknown", "warn"])
    'unknown'
    """
    return max(verdicts, key=_SEVERITY.__getitem__, default="unknown")


@dataclass(frozen=True, slots=True)
class Part:
    """One place of a score: a column, or a pair of columns ("age × income"), with its value and the floor there."""

    place: str
    value: float
    floor: float | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """One measured number with what is needed to read it.

    Parameters
    ----------
    name : "family.measure", e.g. "privacy.copies"; unique within an assessment.
    family : one of `FAMILIES`.
    state : "ok"; "undefined": the question has no answer here (`reason` says why); "failed": the measure broke.
    value : the number, None unless ok. In the unit and range that the metric's docstring states.
    low, high : 95 % interval of value, if one was computed.
    floor : the same measure between real rows and other real rows: what perfect data would show.
    noise : standard deviation of (value - floor) when the data are as good as fresh real rows.
    better : whether larger or smaller values are better.
    n : number of rows it was computed from.
    reason : one sentence for a person: what the number means here, or why there is none.
    parts : the places behind the number, worst first.
    """

    name: str
    family: str
    state: Literal["ok", "undefined", "failed"] = "ok"
    value: float | None = None
    low: float | None = None
    high: float | None = None
    floor: float | None = None
    noise: float | None = None
    better: Literal["higher", "lower"] = "higher"
    n: int = 0
    reason: str = ""
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """A bound on one score. `of_floor` counts it from the score's floor: value >= (or <=) floor + bound.
    Such a gate allows for chance: what the score's noise explains is not held against the data.

    A value past `warn` but within `bound` passes with a warning.
    """

    metric: str
    side: Literal["at_least", "at_most"]
    bound: float
    of_floor: bool = False
    warn: float | None = None


@dataclass(frozen=True, slots=True)
class GateResult:
    """What a gate said of a score, in a sentence."""

    gate: Gate
    verdict: Verdict
    why: str


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on a family or a risk and the reason for it, in a sentence a product owner understands."""

    verdict: Verdict
    why: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """All that was measured of a data set, and the verdict: the content of report.json."""

    verdict: Verdict
    families: Mapping[str, Finding]
    risks: Mapping[str, Finding]
    scores: tuple[Score, ...]
    gates: tuple[GateResult, ...]


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
